package dev.gatehouse;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.gatehouse.Api.Answer;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** PostgreSQL dies or stands still under load: nothing is acknowledged that is not recorded. */
class StoreAwayIT {
  private static final Duration LIMIT = Duration.ofSeconds(90);
  private static final int QUEUE = 24;

  @RegisterExtension
  static final RunningServer SERVER =
      new RunningServer()
          .behindOpenPolicy()
          .with("GATEHOUSE_AUDIT_COMMIT_TIMEOUT_MILLIS", "1000")
          .with("GATEHOUSE_AUDIT_QUEUE_EVENTS", Integer.toString(QUEUE));

  private final Api api = SERVER.api();

  /** What clients heard while they kept asking. */
  private final class Load {
    final Queue<String> decided = new ConcurrentLinkedQueue<>();
    final Queue<String> ran = new ConcurrentLinkedQueue<>();
    final AtomicInteger refused = new AtomicInteger();
    final AtomicBoolean over = new AtomicBoolean();
    final Queue<Throwable> failures = new ConcurrentLinkedQueue<>();
    final List<Thread> clients =
        IntStream.range(0, 6).mapToObj(n -> Thread.ofVirtual().start(() -> ask(n < 4))).toList();

    private void ask(boolean decisions) {
      try {
        while (!over.get()) {
          Answer answer = decisions ? decide() : execute();
          if (answer.status() == 200) {
            (decisions ? decided : ran).add(answer.body().getString("id"));
          } else {
            assertEquals(503, answer.status(), answer.body().encode());
            assertTrue(answer.code().startsWith("audit."), answer.body().encode());
            assertTrue(answer.response().headers().firstValue("Retry-After").isPresent());
            refused.incrementAndGet();
          }
        }
      } catch (Throwable e) {
        failures.add(e);
      }
    }

    void awaitWork() {
      int before = decided.size();
      int ranBefore = ran.size();
      Eventually.eventually(
          "work is done again",
          LIMIT,
          () -> (decided.size() > before + 20 && ran.size() > ranBefore) || !failures.isEmpty());
    }

    void awaitRefusal() {
      int before = refused.get();
      Eventually.eventually(
          "work is refused", LIMIT, () -> refused.get() > before || !failures.isEmpty());
    }

    void stopAndCheck() throws InterruptedException {
      over.set(true);
      for (Thread client : clients) {
        client.join();
      }
      assertEquals(List.of(), List.copyOf(failures));
      awaitQuiet();
      List<AuditTable.Entry> entries = AuditTable.read(SERVER.data());
      AuditTable.assertNoGaps(entries);
      for (String id : decided) {
        assertEquals(1, AuditTable.count(entries, "decision", id), id);
      }
      for (String id : ran) {
        assertEquals(1, AuditTable.count(entries, "decision", id), id);
        assertEquals(1, AuditTable.count(entries, "execution.started", id), id);
        assertEquals(1, AuditTable.count(entries, "execution.ended", id), id);
      }
      for (AuditTable.Entry entry : entries) {
        if (entry.kind().equals("execution.started")) {
          assertEquals(1, AuditTable.count(entries, "execution.ended", entry.action()), entry + "");
        }
      }
    }
  }

  private Answer decide() {
    return api.post(
        "agent",
        "/v1/decisions",
        new JsonObject()
            .put("tool", "bash")
            .put("arguments", new JsonObject().put("command", "ls")));
  }

  private Answer execute() {
    return api.post("agent", "/v1/executions", Api.execution("bash", "echo"));
  }

  @AfterEach
  void theServerIsAsBefore() {
    awaitQuiet();
    Eventually.eventually("it runs again", LIMIT, () -> execute().status() == 200);
    assertEquals("42\n", api.run("python", "print(6*7)").getString("stdout"));
  }

  private void awaitQuiet() {
    Eventually.eventually(
        "ready, and nothing waits",
        LIMIT,
        () -> {
          JsonObject health = api.get("agent", "/healthz").body();
          return health.getString("status").equals("ok")
              && health.getInteger("executions") == 0
              && health.getJsonObject("audit").getInteger("queuedEvents") == 0;
        });
  }

  @Test
  void aKilledPostmasterIsReplacedAndEveryAnswerHasItsRows() throws InterruptedException {
    // Given
    Load load = new Load();
    load.awaitWork();

    for (int round = 0; round < 3; round++) {
      // When
      ProcessHandle killed = postmaster();
      Signals.send("KILL", List.of(killed));
      load.awaitRefusal();

      // Then
      load.awaitWork();
      assertTrue(postmaster().pid() != killed.pid());
    }
    load.stopAndCheck();
  }

  @Test
  void readersOfTheLogAreToldThatItIsAway() {
    // Given
    List<String> questions =
        List.of(
            "/v1/audit",
            "/v1/audit/statistics?by=tool",
            "/v1/audit/export",
            "/v1/audit/dead-letters");
    Set<String> refused = new HashSet<>();

    // When
    Signals.send("KILL", List.of(postmaster()));

    // Then
    Eventually.eventually(
        "each is refused once",
        LIMIT,
        () -> {
          for (String question : questions) {
            Answer answer = api.get("auditor", question);
            if (answer.status() != 200) {
              assertEquals(503, answer.status(), question + " " + answer.body().encode());
              assertEquals("audit.unavailable", answer.code());
              assertTrue(answer.response().headers().firstValue("Retry-After").isPresent());
              refused.add(question);
            }
          }
          if (refused.size() < questions.size() && api.get("agent", "/readyz").status() == 200) {
            Signals.send("KILL", List.of(postmaster()));
          }
          return refused.size() == questions.size();
        });
  }

  @Test
  void killedBackendsCostNoRow() throws InterruptedException {
    // Given
    Load load = new Load();
    load.awaitWork();

    // When
    Signals.send("KILL", postmaster().children().toList());

    // Then
    load.awaitWork();
    load.stopAndCheck();
  }

  @Test
  void aPostgresThatStandsStillForAWhileCostsNoRowAndNoConnection() throws InterruptedException {
    // Given
    Load load = new Load();
    load.awaitWork();
    ProcessHandle postmaster = postmaster();

    // When
    List<ProcessHandle> stopped = Signals.tree(postmaster);
    Signals.send("STOP", stopped);
    load.awaitRefusal();
    // The first refusal may be that of a caller whose own time was up a moment earlier.
    Eventually.eventually("it is not ready", LIMIT, () -> isDown(api.get("agent", "/readyz")));
    // Long enough for connections that are given up and tried again.
    long until = System.nanoTime() + Duration.ofSeconds(12).toNanos();
    Eventually.eventually("it stood still", LIMIT, () -> System.nanoTime() > until);
    Signals.send("CONT", stopped);

    // Then
    load.awaitWork();
    load.stopAndCheck();
    assertEquals(postmaster.pid(), postmaster().pid());
    Eventually.eventually(
        "the connections given up are closed", LIMIT, () -> backends() <= 4 + 1 + 1);
  }

  private static boolean isDown(Answer readiness) {
    return readiness.status() == 503
        && readiness.body().getJsonObject("audit").getString("store").equals("down");
  }

  /** Connections that PostgreSQL serves: the pool's, the audit writer's, and whoever looks. */
  private static long backends() {
    return postmaster()
        .children()
        .filter(child -> child.info().commandLine().orElse("").contains("127.0.0.1"))
        .count();
  }

  @Test
  void anOutcomeOfTheTimeWithoutStoreArrivesLaterAlthoughTheQueueWasFull() {
    // Given
    HeldSandbox sandbox = HeldSandbox.of(api, "patient");
    CompletableFuture<Answer> running =
        sandbox.askLater(sandbox.request("bash", "sleep 10; exit 7", 40_000));
    String[] id = new String[1];
    Eventually.eventually(
        "it runs",
        LIMIT,
        () -> {
          JsonArray events =
              api.get("auditor", "/v1/audit?session=patient").body().getJsonArray("events");
          events.stream()
              .map(JsonObject.class::cast)
              .filter(event -> event.getString("kind").equals("execution.started"))
              .forEach(event -> id[0] = event.getString("action"));
          return id[0] != null;
        });

    // When
    List<ProcessHandle> stopped = Signals.tree(postmaster());
    Signals.send("STOP", stopped);
    List<CompletableFuture<Answer>> crowd =
        IntStream.range(0, 3 * QUEUE)
            .mapToObj(n ->
                api.postLater(
                    "agent",
                    "/v1/decisions",
                    new JsonObject().put("tool", "bash").put("arguments", new JsonObject())))
            .toList();
    Answer answer = running.join();
    List<Answer> answers = crowd.stream().map(CompletableFuture::join).toList();
    Signals.send("CONT", stopped);

    // Then
    assertEquals(503, answer.status(), answer.body().encode());
    assertEquals("audit.unavailable", answer.code());
    assertTrue(answers.stream().allMatch(one -> one.status() == 503));
    assertTrue(answers.stream().anyMatch(one -> one.code().equals("audit.full")));
    awaitQuiet();
    List<AuditTable.Entry> ends =
        AuditTable.read(SERVER.data()).stream()
            .filter(entry -> entry.action().equals(id[0]))
            .filter(entry -> entry.kind().equals("execution.ended"))
            .toList();
    assertEquals(1, ends.size());
    assertEquals("exited", ends.get(0).status());
    assertEquals(200, sandbox.delete().status());
  }

  private static ProcessHandle postmaster() {
    try {
      String pid =
          Files.readAllLines(SERVER.data().resolve("postgres/cluster/postmaster.pid")).get(0);
      return ProcessHandle.of(Long.parseLong(pid.strip())).orElseThrow();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
