package dev.gatehouse.gate;

import static dev.gatehouse.gate.ApprovalServers.ADA;
import static dev.gatehouse.gate.ApprovalServers.AGENT;
import static dev.gatehouse.gate.ApprovalServers.BEN;
import static dev.gatehouse.gate.ApprovalServers.HERE;
import static dev.gatehouse.gate.ApprovalServers.await;
import static dev.gatehouse.gate.ApprovalServers.within;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.gatehouse.Eventually;
import dev.gatehouse.approval.Approval;
import dev.gatehouse.approval.Moved;
import dev.gatehouse.approval.RefusedException;
import dev.gatehouse.approval.Said;
import io.vertx.core.Future;
import io.vertx.core.json.JsonObject;
import io.vertx.sqlclient.Row;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.Supplier;

/** Two approvers, an expiry and a cancel race for each question, on two servers. */
public final class ApprovalRaces {
  /** Of the servers on which races are run. */
  static final Map<String, String> SETTINGS =
      Map.of(
          "GATEHOUSE_APPROVAL_QUESTIONS_PER_HOUR", "100000",
          "GATEHOUSE_APPROVAL_PENDING_PER_AGENT", "20");

  private final ApprovalServers servers;

  ApprovalRaces(ApprovalServers servers) {
    this.servers = servers;
  }

  /** As many races as its argument says. */
  public static void main(String[] args) throws Exception {
    try (ApprovalServers servers = new ApprovalServers(2, SETTINGS)) {
      System.out.println(new ApprovalRaces(servers).run(Integer.parseInt(args[0])));
    }
    System.exit(0);
  }

  /**
   * Throws an {@link AssertionError} where not exactly one wins, or the audit log tells it
   * otherwise; gives who won how often.
   */
  String run(int rounds) {
    // Given
    List<String> raced = new ArrayList<>();
    Set<Long> told = new TreeSet<>();
    int[] won = new int[4];
    long span = 12;

    for (int round = 0; round < rounds; round++) {
      // When
      long millis = ThreadLocalRandom.current().nextLong(1, span);
      long startNanos = System.nanoTime();
      Approval question = servers.ask("race " + round, within(millis));
      raced.add(question.id());
      String id = question.id();
      List<Supplier<Future<Moved>>> movers =
          new ArrayList<>(
              List.of(
                  () -> servers.questions(0).answer(ADA, id, Said.byHttp(true, null, "here")),
                  () -> servers.questions(1).answer(BEN, id, Said.byHttp(false, "no", "there")),
                  () -> servers.questions(1).cancel(AGENT, id, HERE)));
      // One server takes them in turn, so that its second would never be the first.
      Collections.shuffle(movers, ThreadLocalRandom.current());
      List<Future<Moved>> moves = movers.stream().map(Supplier::get).toList();
      moves.forEach(move -> await(move.otherwiseEmpty()));
      // So that time wins about as often as it loses, however busy the machine is.
      span = Math.clamp(2 * (System.nanoTime() - startNanos) / 1_000_000, 2, 2000);

      // Then
      for (Future<Moved> move : moves) {
        if (move.failed()) {
          assertInstanceOf(RefusedException.class, move.cause());
        } else {
          assertTrue(told.add(move.result().event().sequence()), "two are told of one move");
        }
      }
    }
    Eventually.eventually(
        "all is recorded",
        Duration.ofSeconds(30),
        () -> servers.count("select count(*) from approval_event where not recorded") == 0);
    Map<String, List<Row>> events = new TreeMap<>();
    for (Row row : servers.query("select * from approval_event order by sequence")) {
      events.computeIfAbsent(row.getString("approval"), id -> new ArrayList<>()).add(row);
    }
    Set<Long> moved = new TreeSet<>();
    for (String id : raced) {
      List<Row> ofOne = events.getOrDefault(id, List.of());
      won[assertOneWinner(ofOne)]++;
      ofOne.stream()
          .filter(event -> List.of("decided", "cancelled").contains(event.getString("kind")))
          .forEach(event -> moved.add(event.getLong("sequence")));
    }
    assertEquals(moved, told, "who was told that he won");
    assertTrue(won[0] + won[1] > 0 && won[2] > 0 && won[3] > 0, Arrays.toString(won));
    assertAuditAgrees();
    return "%d races, one winner each, and the audit log agrees: approved %d, denied %d, expired %d, cancelled %d"
        .formatted(rounds, won[0], won[1], won[2], won[3]);
  }

  /**
   * Fails unless one event ends the waiting; gives 0 to 3 for approved, denied, expired, cancelled.
   */
  private static int assertOneWinner(List<Row> events) {
    assertEquals("requested", events.get(0).getString("kind"));
    int winner =
        List.of("approved", "denied", "expired", "cancelled")
            .indexOf(events.get(1).getString("state"));
    assertTrue(winner >= 0, events.get(1).getString("state"));
    if (winner == 0) {
      // What was approved may still be taken back, or lapse.
      assertTrue(events.size() <= 3);
    } else {
      assertEquals(2, events.size());
    }
    return winner;
  }

  private void assertAuditAgrees() {
    Map<Long, String> told = new TreeMap<>();
    for (Row row :
        servers.query("select detail, status from audit_event where kind like 'approval.%'")) {
      long event = new JsonObject(row.getString("detail")).getLong("event");
      assertEquals(null, told.put(event, row.getString("status")), "recorded twice: " + event);
    }
    Map<Long, String> happened = new TreeMap<>();
    for (Row row : servers.query("select sequence, state from approval_event")) {
      happened.put(row.getLong("sequence"), row.getString("state"));
    }
    assertEquals(happened, told);
  }
}
