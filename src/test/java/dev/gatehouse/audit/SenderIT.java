package dev.gatehouse.audit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.gatehouse.Eventually;
import io.vertx.core.http.HttpServer;
import io.vertx.core.json.JsonObject;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Events on their way to a real HTTP receiver, and alerts on the stream. */
class SenderIT {
  @RegisterExtension static final RunningLog LOG = new RunningLog();

  private static final Duration LIMIT = Duration.ofSeconds(60);

  private final ConcurrentLinkedQueue<String> received = new ConcurrentLinkedQueue<>();
  private final AtomicInteger status = new AtomicInteger(503);
  private final AtomicInteger requests = new AtomicInteger();

  private HttpServer receiver() {
    return RunningLog.await(
        LOG.vertx()
            .createHttpServer()
            .requestHandler(request ->
                request.bodyHandler(body -> {
                  requests.incrementAndGet();
                  int answer = body.toString().contains("poison") ? 422 : status.get();
                  if (answer == 200) {
                    body.toString().lines().forEach(received::add);
                  }
                  request.response().setStatusCode(answer).end();
                }))
            .listen(0, "127.0.0.1"));
  }

  private AuditLog openWith(String name, int port) {
    LOG.with(
        "GATEHOUSE_AUDIT_SINKS",
        "[{name: " + name + ", kind: webhook, to: 'http://127.0.0.1:" + port + "/'}]");
    return LOG.open(name);
  }

  private Set<String> actions() {
    return received.stream()
        .map(line -> new JsonObject(line).getString("action"))
        .collect(Collectors.toSet());
  }

  @Test
  void nothingIsLostWhileTheReceiverIsAway() {
    // Given
    HttpServer server = receiver();
    AuditLog log = openWith("away", server.actualPort());
    for (int i = 0; i < 300; i++) {
      RunningLog.await(log.before(List.of(Events.decision("away-" + i, "{}"))));
    }
    Eventually.eventually("a failed try", LIMIT, () -> requests.get() > 0);
    RunningLog.await(log.close());

    // When
    status.set(200);
    AuditLog again = openWith("away", server.actualPort());

    // Then
    Set<String> expected =
        IntStream.range(0, 300).mapToObj(i -> "away-" + i).collect(Collectors.toSet());
    Eventually.eventually("all received", LIMIT, () -> actions().containsAll(expected));
    RunningLog.await(again.close());
    RunningLog.await(server.close());
  }

  @Test
  void whatIsRefusedForGoodBecomesADeadLetterAndTheRestArrives() {
    // Given
    status.set(200);
    HttpServer server = receiver();
    AuditLog log = openWith("refused", server.actualPort());

    // When
    RunningLog.await(
        log.before(
            List.of(
                Events.decision("good-1", "{}"),
                Events.decision("poison", "{}"),
                Events.decision("good-2", "{}"))));

    // Then
    Eventually.eventually(
        "both good ones", LIMIT, () -> actions().containsAll(Set.of("good-1", "good-2")));
    Eventually.eventually(
        "the dead letter",
        LIMIT,
        () ->
            LOG.show("select count(*) from audit_dead_letter where sink = 'refused'").equals("1"));
    JsonObject letter = RunningLog.await(log.reader().deadLetters("default", 10)).getJsonObject(0);
    assertEquals("refused", letter.getString("sink"));
    assertEquals("poison", letter.getString("action"));
    assertTrue(letter.getString("reason").endsWith("answered 422"), letter.encode());
    assertEquals(0, RunningLog.await(log.reader().deadLetters("other", 10)).size());
    LOG.tamper("delete from audit_event where action = 'poison'");
    JsonObject kept = RunningLog.await(log.reader().deadLetters("default", 10)).getJsonObject(0);
    assertEquals("poison", kept.getString("action"), "also when its event is archived");
    RunningLog.await(log.close());
    RunningLog.await(server.close());
  }

  @Test
  void aPlaceDoesNotGrowWithEveryStartOfAServer() {
    // Given: a receiver that has seen a row of each of 1,001 runs, of which all but two are long
    // over
    status.set(200);
    HttpServer server = receiver();
    LOG.tamper(
        "insert into audit_chain (node, started_at, previous_sequence, previous_hash) select"
            + " 'restarts', now() - interval '2 days' + n * interval '1 minute', 0, '' from"
            + " generate_series(1, 1001) as n");
    LOG.tamper(
        "insert into audit_event (chain, sequence, recorded_at, occurred_at, kind, action, tenant,"
            + " detail, hash) select chain, 1, now(), now(), 'decision', 'restart-' || chain,"
            + " 'default', '{}', '' from audit_chain where node = 'restarts'");
    LOG.tamper(
        "insert into audit_delivery (sink, place, owner, lease_until) select 'restarts',"
            + " string_agg(chain || ':0', ','), '', now() from audit_chain where node ="
            + " 'restarts'");

    // When
    AuditLog log = openWith("restarts", server.actualPort());

    // Then
    Eventually.eventually(
        "all were sent once",
        LIMIT,
        () -> received.stream().filter(line -> line.contains("\"restart-")).count() == 1_001);
    Eventually.eventually("the place is short", LIMIT, () -> place("restarts").length() < 100);
    RunningLog.await(log.before(List.of(Events.decision("later", "{}"))));
    Eventually.eventually("what is new arrives", LIMIT, () -> actions().contains("later"));
    assertEquals(
        1_001, received.stream().filter(line -> line.contains("\"restart-")).count(), "once each");
    assertTrue(RunningLog.await(log.reader().end()).toString().length() < 200);
    RunningLog.await(log.close());
    RunningLog.await(server.close());
    LOG.tamper(
        "delete from audit_event where action like 'restart-%'; delete from audit_chain where node"
            + " = 'restarts'");
  }

  private static String place(String sink) {
    return LOG.show("select place from audit_delivery where sink = '" + sink + "'");
  }

  @Test
  void manyEventsOfASortRaiseOneAlert() {
    // Given
    LOG.with("GATEHOUSE_AUDIT_SINKS", "[]");
    LOG.with(
        "GATEHOUSE_AUDIT_ALERTS",
        "[{name: many, kind: decision, outcome: ALLOW, count: 5, windowSeconds: 60, severity:"
            + " HIGH}]");
    AuditLog log = LOG.open("alerts");

    // When
    for (int i = 0; i < 12; i++) {
      RunningLog.await(log.before(List.of(Events.decision("many-" + i, "{}"))));
    }

    // Then
    Eventually.eventually(
        "an alert",
        LIMIT,
        () -> !LOG.show("select count(*) from audit_event where kind = 'alert'").equals("0"));
    RunningLog.await(log.close());
    assertEquals("many", LOG.show("select rule from audit_event where kind = 'alert'"));
    assertEquals("1", LOG.show("select count(*) from audit_event where kind = 'alert'"));
    assertTrue(LOG.show("select risk from audit_event where kind = 'alert'").equals("HIGH"));
    LOG.with("GATEHOUSE_AUDIT_ALERTS", "[]");
  }

  @Test
  void aBurstThatRestartsDivideRaisesOneAlert() {
    // Given
    LOG.with("GATEHOUSE_AUDIT_SINKS", "[]");
    LOG.with(
        "GATEHOUSE_AUDIT_ALERTS",
        "[{name: divided, kind: decision, tool: divided, count: 6, windowSeconds: 3600, severity:"
            + " LOW}]");
    String alerts = "select count(*) from audit_event where rule = 'divided'";
    AuditLog first = LOG.open("divided");
    awaitCaughtUp(first);
    for (int run = 0; run < 3; run++) {
      // When
      AuditLog log = run == 0 ? first : LOG.open("divided");
      assertEquals("0", LOG.show(alerts));
      for (int i = 0; i < 2; i++) {
        RunningLog.await(log.before(List.of(ofTool("divided", "divided-" + run + "-" + i))));
      }

      // Then
      awaitCaughtUp(log);
      if (run == 2) {
        Eventually.eventually("the alert", LIMIT, () -> LOG.show(alerts).equals("1"));
      }
      RunningLog.await(log.close());
    }

    // When: the alert was recorded, and the place was not
    LOG.tamper(
        "update audit_delivery set memory = jsonb_set(memory::jsonb, '{divided}', '{\"seen\": [],"
            + " \"quietUntil\": 0}')::text where sink = '(alerts)'");
    LOG.tamper("update audit_delivery set place = '' where sink = '(alerts)'");
    AuditLog again = LOG.open("divided");
    awaitCaughtUp(again);

    // Then
    assertEquals("1", LOG.show(alerts));
    RunningLog.await(again.close());
    LOG.with("GATEHOUSE_AUDIT_ALERTS", "[]");
  }

  private static AuditEvent ofTool(String tool, String action) {
    AuditEvent event = Events.decision(action, "{}");
    return new AuditEvent(
        event.occurredAt(),
        event.kind(),
        action,
        null,
        event.tenant(),
        event.session(),
        event.actor(),
        event.role(),
        tool,
        event.risk(),
        event.outcome(),
        "any",
        event.policy(),
        null,
        null,
        null,
        "{}");
  }

  /** Until the alerts' place in the log's own chain is the chain's end. */
  private static void awaitCaughtUp(AuditLog log) {
    Eventually.eventually(
        "every event was counted",
        LIMIT,
        () ->
            LOG.show(
                    "select exists (select from audit_delivery d, (select coalesce(max(sequence),"
                        + " 0) as last from audit_event where chain = "
                        + log.chain()
                        + ") e where d.sink = '(alerts)' and (e.last = 0 or ',' || d.place || ','"
                        + " like '%,"
                        + log.chain()
                        + ":' || e.last || ',%'))")
                .equals("true"));
  }
}
