package dev.gatehouse.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.gatehouse.Eventually;
import dev.gatehouse.action.ApprovalTerms;
import dev.gatehouse.action.EventKind;
import dev.gatehouse.action.Risk;
import dev.gatehouse.approval.Approval;
import dev.gatehouse.approval.ApprovalEvent;
import dev.gatehouse.approval.EventCursor;
import dev.gatehouse.approval.Moved;
import dev.gatehouse.audit.Ahead;
import dev.gatehouse.audit.AuditEvent;
import dev.gatehouse.audit.AuditQuery;
import dev.gatehouse.audit.Cursor;
import dev.gatehouse.audit.EventFormat;
import dev.gatehouse.audit.Page;
import dev.gatehouse.audit.StoredEvent;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServer;
import io.vertx.ext.web.Router;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Clients on real sockets that do not read what they asked for, before a log without an end. A
 * second client that reads is the clock: while it takes many reads of the log, the slow one costs
 * no more of them than the sockets in between hold.
 */
class SlowReaderIT {
  private static final Duration LIMIT = Duration.ofSeconds(60);
  private static final int EVENTS = 500;
  private static final String DETAIL = "{\"text\":\"" + "x".repeat(2_000) + "\"}";

  /** Reads that the sockets in between may hold: 20 MB, where the reader takes 200 MB. */
  private static final int HELD = 20;

  private static final int TAKEN = 200;

  private final Map<String, AtomicInteger> reads = new ConcurrentHashMap<>();
  private final AtomicInteger ended = new AtomicInteger();
  private final AtomicInteger closed = new AtomicInteger();
  private final Vertx vertx = Vertx.vertx();
  private int port;

  @BeforeEach
  void aServer() throws Exception {
    Router router = Router.router(vertx);
    router
        .get("/export/:format/:who/:stall")
        .handler(context -> {
          context.response().closeHandler(gone -> closed.incrementAndGet());
          new AuditExport(
                  context,
                  query -> later(() -> new Page(events(context.pathParam("who")), true)),
                  EventFormat.of(context.pathParam("format")),
                  Long.parseLong(context.pathParam("stall")))
              .from(QUERY);
        });
    router.get("/sse/:who/:stall").handler(context -> follow(context, false));
    router.get("/websocket/:who/:stall").handler(context -> follow(context, true));
    router
        .get("/paced/:who/:millis")
        .handler(context -> {
          context.response().setChunked(true).closeHandler(gone -> closed.incrementAndGet());
          long millis = Long.parseLong(context.pathParam("millis"));
          pieces(new PacedResponse(vertx, context.request(), millis), context.pathParam("who"));
        });
    router
        .get("/approvals/:who/:stall")
        .handler(context -> {
          context.addEndHandler(gone -> closed.incrementAndGet());
          long millis = Long.parseLong(context.pathParam("stall"));
          new ApprovalWatch(
                  context, questions(context.pathParam("who")), new AtomicInteger(), millis)
              .start(null);
        });
    HttpServer server =
        vertx
            .createHttpServer()
            .requestHandler(router)
            .listen(0, "127.0.0.1")
            .await(20, TimeUnit.SECONDS);
    port = server.actualPort();
  }

  @AfterEach
  void stop() throws Exception {
    vertx.close().await(20, TimeUnit.SECONDS);
  }

  private static final AuditQuery QUERY =
      new AuditQuery("default", Map.of(), Map.of(), null, null, null, null, true, null, EVENTS);

  private void follow(io.vertx.ext.web.RoutingContext context, boolean webSocket) {
    context.response().closeHandler(gone -> closed.incrementAndGet());
    Future<Watcher> watcher =
        webSocket
            ? context
                .request()
                .toWebSocket()
                .map(socket -> {
                  socket.closeHandler(gone -> closed.incrementAndGet());
                  return new WebSocketWatcher(vertx, context.request(), socket);
                })
            : Future.succeededFuture(new EventStreamWatcher(context.request()));
    watcher
        .compose(client ->
            new AuditTail(
                    vertx,
                    place -> later(() -> ahead(place, context.pathParam("who"))),
                    client,
                    Long.parseLong(context.pathParam("stall")))
                .follow(Future.succeededFuture(new Cursor(Map.of()))))
        .onComplete(gone -> ended.incrementAndGet());
  }

  private void pieces(PacedResponse paced, String who) {
    readsOf(who).incrementAndGet();
    paced.write(Buffer.buffer(DETAIL)).onSuccess(taken -> pieces(paced, who));
  }

  /** Questions that are moved without an end. */
  private ApprovalWatch.Events questions(String who) {
    Approval question =
        new Approval(
            "q",
            "a",
            "default",
            "s",
            "agent",
            "agent",
            "bash",
            Risk.HIGH,
            "00",
            "00",
            "00",
            "00",
            new ApprovalTerms(List.of(), 1, 60_000, false),
            "[" + DETAIL + "," + DETAIL + "," + DETAIL + "]",
            "{}",
            "{}",
            null,
            Approval.State.PENDING,
            1,
            1,
            null,
            List.of(),
            Instant.EPOCH,
            Instant.EPOCH,
            null,
            null);
    return new ApprovalWatch.Events() {
      @Override
      public Future<EventCursor> end() {
        return Future.succeededFuture(new EventCursor(0, 0));
      }

      @Override
      public Future<List<Moved>> after(EventCursor place) {
        long read = readsOf(who).incrementAndGet();
        EventCursor cursor = new EventCursor(read, 0);
        ApprovalEvent event =
            new ApprovalEvent(
                read, cursor, "q", "claimed", "ada", question.state(), Instant.EPOCH, "{}");
        return later(
            () -> Collections.nCopies(ApprovalWatch.READ_LIMIT, new Moved(question, event)));
      }
    };
  }

  private <T> Future<T> later(java.util.function.Supplier<T> value) {
    return vertx.timer(1, TimeUnit.MILLISECONDS).map(fired -> value.get());
  }

  private AtomicInteger readsOf(String who) {
    return reads.computeIfAbsent(who, first -> new AtomicInteger());
  }

  private List<StoredEvent> events(String who) {
    int read = readsOf(who).incrementAndGet();
    List<StoredEvent> events = new ArrayList<>();
    for (int i = 1; i <= EVENTS; i++) {
      events.add(
          new StoredEvent(
              1,
              (long) read * EVENTS + i,
              Instant.EPOCH,
              "00",
              new AuditEvent(
                  Instant.EPOCH,
                  EventKind.DECISION,
                  "a",
                  null,
                  "default",
                  null,
                  null,
                  null,
                  null,
                  null,
                  null,
                  null,
                  null,
                  null,
                  null,
                  null,
                  DETAIL)));
    }
    return events;
  }

  private Ahead ahead(Cursor place, String who) {
    List<Ahead.Seen> seen = new ArrayList<>();
    Cursor reached = place;
    for (StoredEvent event : events(who)) {
      reached = reached.with(event);
      seen.add(new Ahead.Seen(event, reached));
    }
    return new Ahead(seen, reached);
  }

  /** A socket whose own buffer is small. */
  private Socket ask(String path) throws IOException {
    Socket socket = new Socket();
    socket.setReceiveBufferSize(8 << 10);
    socket.connect(new InetSocketAddress(InetAddress.ofLiteral("127.0.0.1"), port));
    socket.setSoTimeout((int) LIMIT.toMillis());
    List<String> lines = new ArrayList<>(List.of("GET " + path + " HTTP/1.1", "Host: x"));
    if (path.startsWith("/websocket")) {
      lines.addAll(
          List.of(
              "Connection: Upgrade",
              "Upgrade: websocket",
              "Sec-WebSocket-Version: 13",
              "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ=="));
    }
    String request = String.join("\r\n", lines) + "\r\n\r\n";
    socket.getOutputStream().write(request.getBytes(StandardCharsets.US_ASCII));
    return socket;
  }

  private void slowCostsNothing(String pathOf) throws IOException {
    try (Socket slow = ask(pathOf.replace("WHO", "slow"));
        Socket fast = ask(pathOf.replace("WHO", "fast"))) {
      Eventually.eventually("the slow one was served", LIMIT, () -> readsOf("slow").get() > 0);

      // When
      readUntil(fast, "fast", TAKEN);

      // Then
      int held = readsOf("slow").get();
      assertTrue(held < HELD, "reads of the log for a client that does not read: " + held);
      readUntil(slow, "slow", 2 * HELD);
    }
  }

  private void readUntil(Socket socket, String who, int count) throws IOException {
    InputStream in = socket.getInputStream();
    byte[] buffer = new byte[1 << 16];
    while (readsOf(who).get() < count) {
      assertTrue(in.read(buffer) > 0, "still connected");
    }
  }

  @ParameterizedTest
  @EnumSource(EventFormat.class)
  void anExportReadsTheLogNoFasterThanItsClient(EventFormat format) throws IOException {
    slowCostsNothing("/export/" + format.name().toLowerCase(java.util.Locale.ROOT) + "/WHO/60000");
  }

  @ParameterizedTest
  @ValueSource(strings = {"/sse", "/websocket", "/approvals"})
  void aTailReadsTheLogNoFasterThanItsClient(String kind) throws IOException {
    slowCostsNothing(kind + "/WHO/60000");
  }

  @ParameterizedTest
  @ValueSource(strings = {"/sse", "/websocket"})
  void aClientThatTakesNothingForLongIsDropped(String kind) throws IOException {
    try (Socket slow = ask(kind + "/slow/300")) {
      Eventually.eventually("its tail has ended", LIMIT, () -> ended.get() == 1);
      int then = readsOf("slow").get();
      Eventually.eventually("its connection is closed", LIMIT, () -> closed.get() > 0);

      // Then
      try (Socket fast = ask("/export/ndjson/fast/60000")) {
        readUntil(fast, "fast", TAKEN);
      }
      assertEquals(then, readsOf("slow").get(), "nothing is read for it any more");
      assertThrows(SocketException.class, () -> readToItsEnd(slow), "reset, not ended politely");
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"/paced", "/export/ndjson", "/approvals"})
  void aReplyWhosePiecesAreNotTakenIsHungUpOn(String kind) throws IOException {
    try (Socket slow = ask(kind + "/slow/300")) {
      Eventually.eventually("its connection is closed", LIMIT, () -> closed.get() > 0);
      assertThrows(SocketException.class, () -> readToItsEnd(slow));
    }
  }

  @Test
  void aWebSocketThatReadsOnSoonIsToldWhy() throws IOException {
    try (Socket slow = ask("/websocket/slow/300")) {
      Eventually.eventually("its tail has ended", LIMIT, () -> ended.get() == 1);

      // When
      slow.setReceiveBufferSize(1 << 20);

      // Then: a close frame with its code and reason comes behind what it had not taken.
      byte[] reason = "go on from your place".getBytes(StandardCharsets.US_ASCII);
      ByteBuffer frame = ByteBuffer.allocate(4 + reason.length);
      frame.put((byte) 0x88).put((byte) (2 + reason.length)).putShort((short) 1013).put(reason);
      byte[] last = new byte[frame.capacity()];
      InputStream in = new BufferedInputStream(slow.getInputStream());
      while (!Arrays.equals(frame.array(), last)) {
        int next = in.read();
        assertNotEquals(-1, next, "not without a close frame");
        System.arraycopy(last, 1, last, 0, last.length - 1);
        last[last.length - 1] = (byte) next;
      }
    }
  }

  private static void readToItsEnd(Socket socket) throws IOException {
    socket.getInputStream().transferTo(OutputStream.nullOutputStream());
  }

  @Test
  void aClientThatHangsUpCostsNothingMore() throws IOException {
    // Given
    for (String path :
        List.of("/export/csv/gone/60000", "/sse/gone/60000", "/websocket/gone/60000")) {
      ask(path).close();
    }

    // Then
    Eventually.eventually("both tails have ended", LIMIT, () -> ended.get() == 2);
    int then = readsOf("gone").get();
    try (Socket fast = ask("/export/ndjson/fast/60000")) {
      readUntil(fast, "fast", TAKEN);
    }
    assertEquals(then, readsOf("gone").get());
  }
}
