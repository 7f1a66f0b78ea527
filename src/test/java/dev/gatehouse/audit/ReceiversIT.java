package dev.gatehouse.audit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.gatehouse.Eventually;
import dev.gatehouse.action.EventKind;
import dev.gatehouse.config.WebhookSecret;
import io.vertx.core.http.HttpServer;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import io.vertx.core.net.NetServer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** What receivers get over real sockets and in real files. */
class ReceiversIT {
  @RegisterExtension static final RunningLog LOG = new RunningLog();

  private static final Duration LIMIT = Duration.ofSeconds(60);
  private static final int EVENTS = 25;

  private final ConcurrentLinkedQueue<String> syslog = new ConcurrentLinkedQueue<>();
  private final ConcurrentLinkedQueue<String> posted = new ConcurrentLinkedQueue<>();

  private HttpServer http() {
    return RunningLog.await(
        LOG.vertx()
            .createHttpServer()
            .requestHandler(request ->
                request.bodyHandler(body -> {
                  posted.add(body.toString());
                  request.response().end();
                }))
            .listen(0, "127.0.0.1"));
  }

  private static AuditLog openWith(String name, String kind, String to) {
    LOG.with(
        "GATEHOUSE_AUDIT_SINKS", "[{name: " + name + ", kind: " + kind + ", to: '" + to + "'}]");
    AuditLog log = LOG.open(name);
    return log;
  }

  private static void write(AuditLog log, String prefix) {
    for (int i = 0; i < EVENTS; i++) {
      RunningLog.await(log.before(List.of(Events.decision(prefix + i, "{\"text\":\"wörld\"}"))));
    }
  }

  private static void assertAll(String prefix, List<String> lines) {
    Map<String, Integer> times = new HashMap<>();
    lines.forEach(line -> times.merge(new JsonObject(line).getString("action"), 1, Integer::sum));
    for (int i = 0; i < EVENTS; i++) {
      assertEquals(1, times.get(prefix + i), prefix + i);
    }
  }

  @Test
  void syslogGetsOctetCountedMessages() {
    // Given
    NetServer server =
        RunningLog.await(
            LOG.vertx()
                .createNetServer()
                .connectHandler(socket ->
                    socket.handler(
                        bytes -> syslog.add(bytes.toString(StandardCharsets.ISO_8859_1))))
                .listen(0, "127.0.0.1"));

    // When
    AuditLog log = openWith("syslog", "syslog", "127.0.0.1:" + server.actualPort());
    write(log, "syslog-");

    // Then
    Eventually.eventually(
        "all arrive", LIMIT, () -> String.join("", syslog).contains("syslog-" + (EVENTS - 1)));
    RunningLog.await(log.close());
    List<String> lines = new ArrayList<>();
    String text = String.join("", syslog);
    while (!text.isEmpty()) {
      int space = text.indexOf(' ');
      int end = space + 1 + Integer.parseInt(text.substring(0, space));
      String message = text.substring(space + 1, end);
      assertTrue(message.startsWith("<109>1 20"), message);
      assertTrue(message.contains(" syslog gatehouse - decision - {"), message);
      lines.add(message.substring(message.indexOf('{')));
      text = text.substring(end);
    }
    assertAll("syslog-", lines);
    RunningLog.await(server.close());
  }

  @Test
  void aFileGetsOneLineAnEvent() throws Exception {
    // Given
    Path file = LOG.data().resolve("sink.ndjson");

    // When
    AuditLog log = openWith("file", "file", file.toString());
    write(log, "file-");

    // Then
    Eventually.eventually("all arrive", LIMIT, () -> contains(file, "file-" + (EVENTS - 1)));
    RunningLog.await(log.close());
    assertAll("file-", Files.readAllLines(file));
  }

  private static boolean contains(Path file, String text) {
    try {
      return Files.exists(file) && Files.readString(file).contains(text);
    } catch (java.io.IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }

  @Test
  void otlpGetsLogRecords() {
    // Given
    HttpServer server = http();

    // When
    AuditLog log = openWith("otlp", "otlp", "http://127.0.0.1:" + server.actualPort() + "/v1/logs");
    write(log, "otlp-");

    // Then
    Eventually.eventually(
        "all arrive",
        LIMIT,
        () -> posted.stream().anyMatch(body -> body.contains("otlp-" + (EVENTS - 1))));
    RunningLog.await(log.close());
    List<String> lines = new ArrayList<>();
    for (String body : posted) {
      JsonObject logs = new JsonObject(body).getJsonArray("resourceLogs").getJsonObject(0);
      assertTrue(logs.getJsonObject("resource").encode().contains("service.name"));
      JsonArray records =
          logs.getJsonArray("scopeLogs").getJsonObject(0).getJsonArray("logRecords");
      for (int i = 0; i < records.size(); i++) {
        assertEquals("gatehouse.decision", records.getJsonObject(i).getString("eventName"));
        lines.add(records.getJsonObject(i).getJsonObject("body").getString("stringValue"));
      }
    }
    assertAll("otlp-", lines);
    RunningLog.await(server.close());
  }

  @Test
  void whatACollectorRejectsInAnAnswerOf200IsADeadLetter() {
    // Given
    HttpServer server =
        RunningLog.await(
            LOG.vertx()
                .createHttpServer()
                .requestHandler(request ->
                    request.bodyHandler(body ->
                        request
                            .response()
                            .end(
                                body.toString().contains("unwanted")
                                    ? "{\"partialSuccess\":{\"rejectedLogRecords\":\"1\"}}"
                                    : "{\"partialSuccess\":{}}")))
                .listen(0, "127.0.0.1"));
    AuditLog log = openWith("part", "otlp", "http://127.0.0.1:" + server.actualPort() + "/");

    // When
    RunningLog.await(
        log.before(List.of(Events.decision("wanted", "{}"), Events.decision("unwanted", "{}"))));

    // Then
    Eventually.eventually(
        "one dead letter",
        LIMIT,
        () ->
            LOG.show(
                    "select coalesce(string_agg(action, ','), '') from audit_dead_letter where"
                        + " sink = 'part'")
                .equals("unwanted"));
    RunningLog.await(log.close());
    RunningLog.await(server.close());
  }

  @Test
  void tracesGetASpanOfWhatTookTime() {
    // Given
    HttpServer server = http();
    AuditLog log =
        openWith("traces", "traces", "http://127.0.0.1:" + server.actualPort() + "/v1/traces");
    String trace = "4bf92f3577b34da6a3ce929d0e0e4736";
    JsonObject told = new JsonObject().put("traceId", trace).put("spanId", "00f067aa0ba902b7");

    // When
    AuditEvent untimed = Events.decision("untimed", "{}");
    RunningLog.await(log.before(List.of(timed(untimed, EventKind.EXECUTION_STARTED, "{}", null))));
    for (String action : List.of("spans-1", "spans-2")) {
      AuditEvent decision = Events.decision(action, "{}");
      AuditEvent ended = timed(decision, EventKind.EXECUTION_ENDED, told.encode(), 2_000_000L);
      RunningLog.await(
          log.before(List.of(timed(decision, EventKind.DECISION, "{}", 3_000L), ended)));
    }
    Eventually.eventually("all arrive", LIMIT, () -> spans().size() >= 4);

    // Then
    Map<String, JsonObject> spans = new HashMap<>();
    for (JsonObject span : spans()) {
      spans.put(span.getString("spanId"), span);
      assertTrue(span.getString("traceId").matches("[0-9a-f]{32}"), span.encode());
    }
    assertEquals(4, spans.size());
    List<JsonObject> below =
        spans.values().stream().filter(span -> span.containsKey("parentSpanId")).toList();
    assertEquals(2, below.size());
    for (JsonObject span : below) {
      assertEquals(trace, span.getString("traceId"));
      assertEquals("00f067aa0ba902b7", span.getString("parentSpanId"));
      assertEquals(
          2_000_000,
          Long.parseLong(span.getString("endTimeUnixNano"))
              - Long.parseLong(span.getString("startTimeUnixNano")));
    }
    RunningLog.await(log.close());
    RunningLog.await(server.close());
  }

  private List<JsonObject> spans() {
    List<JsonObject> spans = new ArrayList<>();
    for (String body : posted) {
      JsonObject first = new JsonObject(body).getJsonArray("resourceSpans").getJsonObject(0);
      JsonArray some = first.getJsonArray("scopeSpans").getJsonObject(0).getJsonArray("spans");
      for (int i = 0; i < some.size(); i++) {
        spans.add(some.getJsonObject(i));
      }
    }
    return spans;
  }

  private static AuditEvent timed(
      AuditEvent of, EventKind kind, String detail, @Nullable Long nanos) {
    return new AuditEvent(
        of.occurredAt(),
        kind,
        of.action(),
        of.parent(),
        of.tenant(),
        of.session(),
        of.actor(),
        of.role(),
        of.tool(),
        of.risk(),
        of.outcome(),
        of.rule(),
        of.policy(),
        of.sandbox(),
        nanos,
        of.status(),
        detail);
  }

  @Test
  void aCheckpointReachesTheSecondPlaceByHttp() {
    // Given
    HttpServer server = http();
    LOG.with("GATEHOUSE_AUDIT_SINKS", "[]");
    LOG.with(
        "GATEHOUSE_AUDIT_CHECKPOINTS_URL", "http://127.0.0.1:" + server.actualPort() + "/witness");

    // When
    AuditLog log = LOG.open("witness");
    write(log, "witness-");
    RunningLog.await(log.close());

    // Then
    String last = posted.stream().reduce((a, b) -> b).orElseThrow();
    JsonObject checkpoint = new JsonObject(last).getJsonObject("checkpoint");
    assertEquals(log.chain(), checkpoint.getLong("chain"));
    assertEquals(
        LOG.show(
            "select encode(signature, 'hex') from audit_checkpoint where chain = " + log.chain()),
        checkpoint.getString("signature"));
    LOG.without("GATEHOUSE_AUDIT_CHECKPOINTS_URL");
    RunningLog.await(server.close());
  }

  @Test
  void ofTwoServersOneSendsAndTheOtherTakesOverWhenItsLeaseEnds() throws Exception {
    // Given
    Path file = LOG.data().resolve("lease.ndjson");
    AuditLog first = openWith("lease", "file", file.toString());
    AuditLog second = LOG.open("lease-2");

    // When
    write(first, "both-");
    Eventually.eventually("all arrive", LIMIT, () -> contains(file, "both-" + (EVENTS - 1)));

    // Then
    assertAll("both-", Files.readAllLines(file));
    String owner = LOG.show("select owner from audit_delivery where sink = 'lease'");
    AuditLog sending = owner.equals("lease") ? first : second;
    AuditLog other = owner.equals("lease") ? second : first;
    RunningLog.await(sending.close());
    LOG.tamper("update audit_delivery set lease_until = now() where sink = 'lease'");
    write(other, "alone-");
    Eventually.eventually("all arrive", LIMIT, () -> contains(file, "alone-" + (EVENTS - 1)));
    RunningLog.await(other.close());
  }

  @Test
  void approvalsAreToldOneByOneSignedAndAgainUntilTheyAreTaken(@TempDir Path folder)
      throws Exception {
    // Given
    Path file = folder.resolve("secret");
    Files.writeString(file, "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw");
    WebhookSecret secret = WebhookSecret.read(file);
    List<String> ids = new CopyOnWriteArrayList<>();
    AtomicInteger forged = new AtomicInteger();
    HttpServer server =
        RunningLog.await(
            LOG.vertx()
                .createHttpServer()
                .requestHandler(request ->
                    request.bodyHandler(body -> {
                      String id = request.getHeader("webhook-id");
                      long time = Long.parseLong(request.getHeader("webhook-timestamp"));
                      String signature = request.getHeader("webhook-signature");
                      if (!secret.signed(id, time, body.getBytes(), signature)) {
                        forged.incrementAndGet();
                      }
                      ids.add(id);
                      // The second message is not taken the first time.
                      boolean away = ids.size() == 2;
                      if (!away) {
                        posted.add(body.toString());
                      }
                      request.response().setStatusCode(away ? 503 : 204).end();
                    }))
                .listen(0, "127.0.0.1"));
    LOG.with(
        "GATEHOUSE_AUDIT_SINKS",
        "[{name: hooks, kind: approvals, to: 'http://127.0.0.1:"
            + server.actualPort()
            + "/', secretFile: '"
            + file
            + "'}]");
    AuditLog log = LOG.open("hooks");

    // When
    RunningLog.await(
        log.before(
            List.of(
                Events.of(EventKind.APPROVAL_REQUESTED, "hooked-1", "{}"),
                Events.decision("unhooked", "{}"),
                Events.of(EventKind.APPROVAL_DECIDED, "hooked-1", "{}"))));

    // Then
    Eventually.eventually(
        "both arrive",
        LIMIT,
        () -> posted.stream().anyMatch(body -> body.contains("approval.decided")));
    assertEquals(0, forged.get());
    assertTrue(posted.stream().noneMatch(body -> body.contains("unhooked")), posted.toString());
    JsonObject first = new JsonObject(posted.peek());
    assertEquals("approval.requested", first.getString("type"));
    assertEquals("hooked-1", first.getJsonObject("data").getString("action"));
    assertEquals(2, Set.copyOf(ids).size());
    assertTrue(Collections.frequency(ids, ids.get(1)) >= 2, ids.toString());
    assertEquals(1, Collections.frequency(ids, ids.get(0)), ids.toString());
    RunningLog.await(log.close());
  }
}
