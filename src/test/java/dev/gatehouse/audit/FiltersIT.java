package dev.gatehouse.audit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.gatehouse.Eventually;
import dev.gatehouse.action.EventKind;
import io.vertx.core.Future;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Questions to a real PostgreSQL: each column by itself, and pages while others write. */
@SuppressWarnings("NullAway.Init")
class FiltersIT {
  @RegisterExtension static final RunningLog LOG = new RunningLog();

  private static final Instant THEN = Instant.parse("2026-01-02T03:04:05Z");
  private static final Duration LIMIT = Duration.ofSeconds(60);

  private final List<AuditLog> logs = new ArrayList<>();
  private AuditReader reader;
  private long chain;

  @BeforeEach
  void anEmptyLog() {
    LOG.tamper("delete from audit_event; delete from audit_chain; delete from audit_checkpoint");
    reader = open("node").reader();
    chain = logs.get(0).chain();
  }

  @AfterEach
  void close() {
    logs.forEach(log -> RunningLog.await(log.close()));
  }

  private AuditLog open(String node) {
    AuditLog log = LOG.open(node);
    logs.add(log);
    return log;
  }

  /** An event of which every column has this value, as far as it can. */
  private static AuditEvent of(String value, EventKind kind, long nanos) {
    return new AuditEvent(
        THEN,
        kind,
        value,
        value,
        "tenant",
        value,
        value,
        value,
        value,
        value,
        value,
        value,
        value,
        value,
        nanos,
        value,
        "{\"text\":\"the word is " + value + "\"}");
  }

  private static AuditQuery query(Map<String, String> equal, Map<String, Long> numbers) {
    return new AuditQuery(
        "tenant", equal, numbers, null, null, null, null, false, null, AuditQuery.MAX_LIMIT);
  }

  private List<String> actions(AuditQuery query) {
    return RunningLog.await(reader.page(query)).events().stream()
        .map(stored -> stored.event().action())
        .toList();
  }

  private void twoEventsThatDifferInEverything() {
    RunningLog.await(
        logs.get(0)
            .before(
                List.of(
                    of("one", EventKind.DECISION, 10), of("two", EventKind.SANDBOX_CREATED, 20))));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "action", "parent", "session", "actor", "role", "tool", "risk", "outcome", "rule", "policy",
        "sandbox", "status"
      })
  void findsByTheTextOfOneColumn(String column) {
    twoEventsThatDifferInEverything();

    assertEquals(List.of("two"), actions(query(Map.of(column, "two"), Map.of())));
    assertEquals(List.of("one"), actions(query(Map.of(column, "one"), Map.of())));
    assertEquals(List.of(), actions(query(Map.of(column, "three"), Map.of())));
    assertEquals(
        List.of(), actions(query(Map.of(column, "' or true --"), Map.of())), "a value is a value");
  }

  @ParameterizedTest
  @CsvSource({
    "minDurationNanos, 11, two",
    "maxDurationNanos, 19, one",
    "sequence, 1, one",
    "sequence, 2, two"
  })
  void findsByTheNumberOfOneColumn(String name, long value, String expected) {
    twoEventsThatDifferInEverything();

    assertEquals(List.of(expected), actions(query(Map.of(), Map.of(name, value))));
  }

  @Test
  void findsByKindChainTenantTimeStoryAndWords() {
    twoEventsThatDifferInEverything();
    Instant recorded =
        RunningLog.await(reader.page(query(Map.of(), Map.of()))).events().get(0).recordedAt();

    assertEquals(List.of("two"), actions(query(Map.of("kind", "sandbox.created"), Map.of())));
    assertEquals(2, actions(query(Map.of(), Map.of("chain", chain))).size());
    assertEquals(0, actions(query(Map.of(), Map.of("chain", chain + 1))).size());
    assertEquals(0, actions(with("other", null, null, null, null)).size());
    assertEquals(2, actions(with("tenant", null, recorded, null, null)).size());
    assertEquals(0, actions(with("tenant", null, recorded.plusNanos(1_000), null, null)).size());
    assertEquals(0, actions(with("tenant", null, null, recorded, null)).size());
    assertEquals(2, actions(with("tenant", null, null, recorded.plusNanos(1_000), null)).size());
    assertEquals(List.of("one"), actions(with("tenant", "one", null, null, null)));
    assertEquals(List.of("one"), actions(with("tenant", null, null, null, "word -two")));
    assertEquals(List.of("two"), actions(with("tenant", null, null, null, "\"is two\"")));
  }

  private static AuditQuery with(
      String tenant,
      @Nullable String story,
      @Nullable Instant from,
      @Nullable Instant to,
      @Nullable String text) {
    return new AuditQuery(tenant, Map.of(), Map.of(), story, from, to, text, true, null, 10);
  }

  @Test
  void ofMoreThanAThousandValuesTheMostFrequentAreToldAndOfHoursTheLast() {
    // Given: 1,001 hours, each of another actor's, the second one twice as busy
    LOG.tamper(
        "insert into audit_event (chain, sequence, recorded_at, occurred_at, kind, action, tenant,"
            + " actor, detail, hash) select 7, n, timestamptz '2026-01-02 00:00Z' + n *"
            + " interval '1 hour', now(), 'decision', 'many', 'tenant', 'a' || n, '{}', ''"
            + " from generate_series(0, 1000) as n");
    LOG.tamper(
        "insert into audit_event (chain, sequence, recorded_at, occurred_at, kind, action, tenant,"
            + " actor, detail, hash) values (7, 2000, timestamptz '2026-01-02 01:00Z', now(),"
            + " 'decision', 'many', 'tenant', 'a1', '{}', '')");

    // When
    AuditReader.Statistics actors =
        RunningLog.await(reader.statistics(query(Map.of(), Map.of()), "actor"));
    AuditReader.Statistics hours =
        RunningLog.await(reader.statistics(query(Map.of(), Map.of()), "hour"));
    AuditReader.Statistics few =
        RunningLog.await(reader.statistics(query(Map.of("actor", "a1"), Map.of()), "hour"));

    // Then
    assertEquals(1_000, actors.groups().size());
    assertTrue(actors.more());
    assertEquals(2, actors.groups().getJsonObject(0).getLong("count"));
    assertEquals(1_000, hours.groups().size());
    assertTrue(hours.more());
    assertEquals("2026-01-02T01:00:00Z", hours.groups().getJsonObject(0).getString("value"));
    assertEquals("2026-02-12T16:00:00Z", hours.groups().getJsonObject(999).getString("value"));
    assertEquals(1, few.groups().size());
    assertFalse(few.more());
  }

  @Test
  void theTailShowsWhatThePageFinds() {
    twoEventsThatDifferInEverything();
    Cursor beginning = new Cursor(Map.of(chain, 0L));

    for (AuditQuery query :
        List.of(
            query(Map.of("rule", "two"), Map.of()),
            query(Map.of(), Map.of("minDurationNanos", 11L)),
            query(Map.of(), Map.of("sequence", 2L)),
            with("tenant", "two", null, null, null),
            with("tenant", null, null, null, "two"))) {
      Ahead ahead = RunningLog.await(reader.after(beginning, query, 100));
      assertEquals(
          List.of("two"),
          ahead.seen().stream().map(seen -> seen.event().event().action()).toList());
      assertEquals(
          ahead.reached(), ahead.seen().get(0).place(), "the event is the last that was written");
    }
    Ahead none = RunningLog.await(reader.after(beginning, with("x", null, null, null, null), 100));
    assertTrue(none.seen().isEmpty());
    assertEquals(new Cursor(Map.of(chain, 2L)), none.reached());
  }

  @Test
  void largeEventsComeFewAtATimeAndAllOfThem() {
    // Given
    String large = "{\"text\":\"" + "x".repeat(Page.MAX_DETAIL_BYTES * 2 / 5) + "\"}";
    List<String> expected = new ArrayList<>();
    for (int i = 0; i < 8; i++) {
      expected.add("large-" + i);
      RunningLog.await(logs.get(0).before(List.of(Events.decision("large-" + i, large))));
    }

    // When
    AuditQuery query =
        new AuditQuery("default", Map.of(), Map.of(), null, null, null, null, true, null, 1_000);
    List<String> seen = new ArrayList<>();
    Page page = RunningLog.await(reader.page(query));
    while (true) {
      assertTrue(page.events().size() <= 3, "a page is not much more than its most bytes");
      page.events().forEach(event -> seen.add(event.event().action()));
      if (!page.more()) {
        break;
      }
      page = RunningLog.await(reader.page(query.after(AuditQuery.cursor(page.events().getLast()))));
    }

    // Then
    assertEquals(expected, seen);
    assertEquals(3, RunningLog.await(reader.after(new Cursor(Map.of()), 1_000)).seen().size());
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void pagesHaveEveryRowOnceWhileTwoServersWrite(boolean oldestFirst) {
    // Given
    AuditLog second = open("second");
    Set<String> before = new HashSet<>();
    for (int i = 0; i < 100; i++) {
      before.add("before-" + i);
      RunningLog.await(
          (i % 2 == 0 ? logs.get(0) : second)
              .before(List.of(Events.decision("before-" + i, "{}"))));
    }
    AtomicBoolean enough = new AtomicBoolean();
    List<Future<Void>> writers = List.of(write(logs.get(0), enough, 0), write(second, enough, 0));

    // When
    AuditQuery query =
        new AuditQuery("default", Map.of(), Map.of(), null, null, null, null, oldestFirst, null, 7);
    List<String> seen = new ArrayList<>();
    List<StoredEvent> order = new ArrayList<>();
    Eventually.eventually(
        "both write",
        LIMIT,
        () -> actions(query).stream().noneMatch(before::contains) || oldestFirst);
    Page page = RunningLog.await(reader.page(query));
    while (page.more() && !seen.containsAll(before)) {
      page.events().forEach(event -> seen.add(event.event().action()));
      order.addAll(page.events());
      page = RunningLog.await(reader.page(query.after(AuditQuery.cursor(page.events().getLast()))));
    }
    page.events().forEach(event -> seen.add(event.event().action()));
    enough.set(true);
    writers.forEach(RunningLog::await);

    // Then
    assertTrue(seen.containsAll(before), "what was there is seen");
    List<String> old = seen.stream().filter(before::contains).toList();
    assertEquals(old.size(), Set.copyOf(old).size(), "and once");
    assertEquals(seen.size(), seen.stream().distinct().count());
    for (int i = 1; i < order.size(); i++) {
      int compared = order.get(i - 1).recordedAt().compareTo(order.get(i).recordedAt());
      assertTrue(oldestFirst ? compared <= 0 : compared >= 0, "in the order of time");
    }
  }

  private static Future<Void> write(AuditLog log, AtomicBoolean enough, int n) {
    return enough.get()
        ? Future.succeededFuture()
        : log.before(List.of(Events.decision("during-" + log.chain() + "-" + n, "{}")))
            .compose(written -> write(log, enough, n + 1));
  }
}
