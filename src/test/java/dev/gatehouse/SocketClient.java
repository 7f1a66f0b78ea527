package dev.gatehouse;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.JsonObject;
import java.io.ByteArrayOutputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.WebSocket;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** A real WebSocket client of {@code /v1/ws}. */
final class SocketClient implements WebSocket.Listener, AutoCloseable {
  private static final Duration LIMIT = Duration.ofSeconds(60);
  private static final HttpClient CLIENT = HttpClient.newHttpClient();

  /** A piece of output, as its binary frame has it. */
  record Piece(int stream, int kind, long offset, Buffer bytes) {}

  private final ConcurrentLinkedQueue<JsonObject> frames = new ConcurrentLinkedQueue<>();
  private final ConcurrentLinkedQueue<Piece> pieces = new ConcurrentLinkedQueue<>();
  private final StringBuilder text = new StringBuilder();
  private final ByteArrayOutputStream binary = new ByteArrayOutputStream();
  private final AtomicInteger nextId = new AtomicInteger();
  private final AtomicInteger pings = new AtomicInteger();
  private volatile int closeCode;
  private @Nullable WebSocket socket;

  private SocketClient() {}

  /** Connects; with a role, by the header. */
  static SocketClient open(Api api, @Nullable String key) {
    SocketClient client = new SocketClient();
    WebSocket.Builder builder = CLIENT.newWebSocketBuilder();
    if (key != null) {
      builder.header("Authorization", "Bearer " + key);
    }
    client.socket =
        builder.buildAsync(URI.create("ws://127.0.0.1:" + api.port() + "/v1/ws"), client).join();
    return client;
  }

  /** Connects as somebody who has that role. */
  static SocketClient as(Api api, String role) {
    return open(api, api.key(role));
  }

  private WebSocket socket() {
    return java.util.Objects.requireNonNull(socket);
  }

  @Override
  public @Nullable CompletionStage<?> onText(WebSocket from, CharSequence data, boolean last) {
    text.append(data);
    if (last) {
      frames.add(new JsonObject(text.toString()));
      text.setLength(0);
    }
    from.request(1);
    return null;
  }

  @Override
  public @Nullable CompletionStage<?> onBinary(WebSocket from, ByteBuffer data, boolean last) {
    byte[] bytes = new byte[data.remaining()];
    data.get(bytes);
    binary.writeBytes(bytes);
    if (last) {
      ByteBuffer frame = ByteBuffer.wrap(binary.toByteArray());
      binary.reset();
      int stream = frame.getInt();
      int kind = frame.get();
      frame.position(8);
      long offset = frame.getLong();
      byte[] output = new byte[frame.remaining()];
      frame.get(output);
      pieces.add(new Piece(stream, kind, offset, Buffer.buffer(output)));
    }
    from.request(1);
    return null;
  }

  @Override
  public @Nullable CompletionStage<?> onPing(WebSocket from, ByteBuffer data) {
    pings.incrementAndGet();
    from.request(1);
    return null;
  }

  @Override
  public @Nullable CompletionStage<?> onClose(WebSocket from, int code, String reason) {
    closeCode = code;
    return null;
  }

  @Override
  public void onError(WebSocket from, Throwable failure) {
    closeCode = 1006;
  }

  /** What a close frame has of its code, as Latin-1. */
  static String closeFrame(int code) {
    return "" + (char) (code >> 8) + (char) (code & 0xFF);
  }

  SocketClient send(JsonObject frame) {
    return send(frame.encode());
  }

  SocketClient send(String frame) {
    socket().sendText(frame, true).join();
    return this;
  }

  void sendBinary(byte[] bytes) {
    socket().sendBinary(ByteBuffer.wrap(bytes), true).join();
  }

  /** Sends a request with an id of its own; gives the id. */
  String request(String type, JsonObject fields) {
    String id = "r" + nextId.incrementAndGet();
    send(new JsonObject().put("id", id).put("type", type).mergeIn(fields));
    return id;
  }

  /** Asks, and waits for the reply. */
  JsonObject ask(String type, JsonObject fields) {
    return reply(request(type, fields));
  }

  /** Asks, and waits for a reply of that status. */
  JsonObject ask(int status, String type, JsonObject fields) {
    JsonObject reply = ask(type, fields);
    assertEquals(status, reply.getInteger("status"), reply.encode());
    return reply;
  }

  JsonObject reply(String id) {
    return await(
        "a reply to " + id,
        frame -> id.equals(frame.getString("id")) && "reply".equals(frame.getString("type")));
  }

  /** The first frame for which that holds. */
  JsonObject await(String what, Predicate<JsonObject> wanted) {
    Eventually.eventually(
        what + " in " + frames.size() + " frames, close code " + closeCode,
        LIMIT,
        () -> frames.stream().anyMatch(wanted) || closeCode != 0);
    return frames.stream()
        .filter(wanted)
        .findFirst()
        .orElseThrow(() -> new AssertionError("closed by " + closeCode + " without " + what));
  }

  JsonObject awaitType(String type) {
    return await(type, frame -> type.equals(frame.getString("type")));
  }

  /** The end of a stream. */
  JsonObject awaitEnd(int stream) {
    return await(
        "the end of stream " + stream,
        frame ->
            "end".equals(frame.getString("type"))
                && Integer.valueOf(stream).equals(frame.getInteger("stream")));
  }

  int awaitClose() {
    Eventually.eventually("it is closed", LIMIT, () -> closeCode != 0);
    return closeCode;
  }

  boolean isClosed() {
    return closeCode != 0;
  }

  int pings() {
    return pings.get();
  }

  List<JsonObject> frames() {
    return List.copyOf(frames);
  }

  List<Piece> pieces() {
    return List.copyOf(pieces);
  }

  /** What came on a stream, 1 for standard output, 2 for errors; checks that nothing is missing. */
  String output(int stream, int kind) {
    return output(stream, kind, 0);
  }

  String output(int stream, int kind, long from) {
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    long next = from;
    for (Piece piece : pieces) {
      if (piece.stream() == stream && piece.kind() == kind) {
        assertEquals(next, piece.offset(), "nothing is lost or repeated");
        next += piece.bytes().length();
        all.writeBytes(piece.bytes().getBytes());
      }
    }
    return all.toString(StandardCharsets.UTF_8);
  }

  /** Waits until that was said on standard output. */
  void awaitOutput(int stream, String said) {
    Eventually.eventually("it says " + said, LIMIT, () -> output(stream, 1).contains(said));
  }

  void grant(@Nullable Integer stream, long bytes) {
    JsonObject frame = new JsonObject().put("type", "credit").put("bytes", bytes);
    send(stream == null ? frame : frame.put("stream", stream));
  }

  /** Breaks the connection without a word. */
  void abort() {
    socket().abort();
  }

  @Override
  public void close() {
    abort();
  }
}
