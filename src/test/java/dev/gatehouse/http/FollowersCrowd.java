package dev.gatehouse.http;

import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.WebSocket;
import io.vertx.core.http.WebSocketClient;
import io.vertx.core.http.WebSocketClientOptions;
import io.vertx.core.http.WebSocketConnectOptions;
import io.vertx.core.json.JsonObject;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.HdrHistogram.ConcurrentHistogram;
import org.HdrHistogram.Histogram;

/** The readers of {@link FollowersBench}: each has a connection, and checks every byte's place. */
public final class FollowersCrowd {
  private static final int CREDIT = 256 << 10;
  private static final long SLOW_MILLIS = 500;

  private final Vertx vertx = Vertx.vertx();
  private final WebSocketClient client =
      vertx.createWebSocketClient(
          new WebSocketClientOptions().setMaxConnections(10_000).setMaxFrameSize(1 << 20));
  private final int port;
  private final String key;
  private final long bytes;
  private final Histogram quickMillis = new ConcurrentHistogram(600_000, 3);
  private final AtomicLong slowMillis = new AtomicLong();
  private final AtomicLong wrong = new AtomicLong();
  private volatile long beginNanos;

  private FollowersCrowd(int port, String key, long bytes) {
    this.port = port;
    this.key = key;
    this.bytes = bytes;
  }

  /** Prints {@code connected}, goes on at a byte of input, at last prints what the readers took. */
  public static void main(String[] args) throws Exception {
    new FollowersCrowd(Integer.parseInt(args[0]), args[1], Long.parseLong(args[5]))
        .run(List.of(args[2].split(",", -1)), Integer.parseInt(args[3]), Integer.parseInt(args[4]));
  }

  private void run(List<String> executions, int readers, int slow) throws Exception {
    List<Reader> all = new ArrayList<>();
    for (int next = 0; next < readers; next++) {
      Reader reader = new Reader(executions.get(next % executions.size()), next < slow);
      all.add(reader);
      reader.connect().await(1, TimeUnit.MINUTES);
    }
    System.out.println("connected");
    beginNanos = System.nanoTime();
    if (System.in.read() < 0) {
      return;
    }
    beginNanos = System.nanoTime();
    Future.all(all.stream().map(reader -> reader.over.future()).toList())
        .await(5, TimeUnit.MINUTES);
    System.out.println("quick p50_ms " + quickMillis.getValueAtPercentile(50));
    System.out.println("quick p99_ms " + quickMillis.getValueAtPercentile(99));
    System.out.println("quick max_ms " + quickMillis.getMaxValue());
    if (slow > 0) {
      System.out.println("slow ms " + slowMillis.get());
    }
    System.out.println("bytes lost_or_twice " + wrong.get());
    System.exit(0);
  }

  /** One connection that follows one execution. */
  private final class Reader {
    final io.vertx.core.Promise<Void> over = io.vertx.core.Promise.promise();
    private final io.vertx.core.Promise<Void> followed = io.vertx.core.Promise.promise();
    private final String execution;
    private final boolean slow;
    private long next;

    Reader(String execution, boolean slow) {
      this.execution = execution;
      this.slow = slow;
    }

    Future<Void> connect() {
      return client
          .connect(
              new WebSocketConnectOptions()
                  .setHost("127.0.0.1")
                  .setPort(port)
                  .setURI("/v1/ws")
                  .putHeader("Authorization", "Bearer " + key))
          .compose(socket -> {
            socket.textMessageHandler(text -> text(socket, new JsonObject(text)));
            socket.binaryMessageHandler(frame -> output(socket, frame));
            socket.closeHandler(closed -> over.tryFail("closed " + socket.closeStatusCode()));
            socket.writeTextMessage(
                new JsonObject()
                    .put("id", "f")
                    .put("type", "follow")
                    .put("execution", execution)
                    .put("credit", CREDIT)
                    .encode());
            return followed.future();
          });
    }

    private void text(WebSocket socket, JsonObject frame) {
      switch (frame.getString("type")) {
        case "reply" -> {
          if (frame.getInteger("status") != 200) {
            followed.tryFail(frame.encode());
            return;
          }
          followed.tryComplete();
          if (slow) {
            socket.pause();
            vertx.setPeriodic(SLOW_MILLIS, tick -> socket.fetch(1));
          }
        }
        case "end" -> end();
        default -> {}
      }
    }

    private void output(WebSocket socket, Buffer frame) {
      long offset = frame.getLong(8);
      int length = frame.length() - SocketFrames.OUTPUT_HEADER_BYTES;
      if (offset != next) {
        wrong.addAndGet(Math.abs(offset - next));
      }
      next = offset + length;
      JsonObject credit = new JsonObject().put("type", "credit").put("bytes", length);
      socket.writeTextMessage(credit.encode());
      socket.writeTextMessage(credit.put("stream", frame.getInt(0)).encode());
    }

    private void end() {
      wrong.addAndGet(Math.abs(bytes - next));
      long millis = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - beginNanos);
      if (slow) {
        slowMillis.set(millis);
      } else {
        quickMillis.recordValue(millis);
      }
      over.tryComplete();
    }
  }
}
