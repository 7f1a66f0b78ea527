package dev.gatehouse;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.gatehouse.Api.Answer;
import io.vertx.core.json.JsonObject;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Many at once, and ends that come from outside. */
class CrowdIT {
  private static final int PLACES = 64;
  private static final Duration LIMIT = Duration.ofSeconds(60);

  @RegisterExtension
  @Order(1)
  static final RunningServer SERVER =
      new RunningServer()
          .behindOpenPolicy()
          .with("GATEHOUSE_LIMITS_EXECUTIONS", Integer.toString(PLACES))
          // A slow machine starts one sandbox a second.
          .with("GATEHOUSE_SANDBOX_WAIT_MILLIS", "110000");

  @RegisterExtension
  @Order(2)
  static final Neighbourhood AROUND = new Neighbourhood(SERVER);

  private final Api api = SERVER.api();

  @Test
  void moreThanMayWaitInOneSandboxAreRefusedAndTheOthersRunOneByOne() {
    // Given
    HeldSandbox sandbox = AROUND.hold("busy");
    sandbox.run("python", "seen = []");
    CompletableFuture<Answer> first =
        sandbox.askLater(sandbox.request("python", "__import__('time').sleep(3)", 20_000));
    awaitStarted("busy", 2);

    // When
    List<Answer> answers =
        all(
            IntStream.range(0, 200)
                .mapToObj(n ->
                    sandbox.askLater(sandbox.request("python", "seen.append(" + n + ")", 20_000)))
                .toList());

    // Then
    assertEquals(200, first.join().status());
    long ran = answers.stream().filter(answer -> answer.status() == 200).count();
    assertTrue(ran >= 16, "as many as may wait: " + ran);
    for (Answer answer : answers) {
      if (answer.status() == 429) {
        assertEquals("sandbox.busy", answer.code());
      } else if (answer.status() != 200) {
        assertEquals("executions.exhausted", answer.code(), answer.body().encode());
        assertEquals(503, answer.status());
      }
    }
    assertTrue(answers.stream().anyMatch(answer -> answer.status() == 429));
    assertEquals(ran + "\n", sandbox.run("python", "print(len(set(seen)))").getString("stdout"));
  }

  @Test
  void aWaveOfOneShotExecutionsAgainstASmallPoolAllSucceed() {
    // When
    List<Answer> answers =
        all(
            IntStream.range(0, 30)
                .mapToObj(n ->
                    api.postLater(
                        "agent", "/v1/executions", Api.execution("python", "print(" + n + ")")))
                .toList());

    // Then
    for (int n = 0; n < answers.size(); n++) {
      JsonObject reply = answers.get(n).body();
      assertEquals(n + "\n", reply.getString("stdout"), reply.encode());
    }
    assertEquals(
        30,
        answers.stream()
            .map(answer -> answer.body().getJsonObject("sandbox").getString("id"))
            .distinct()
            .count(),
        "no sandbox served twice");
  }

  @Test
  void whoComesWhenAllPlacesAreTakenIsToldWhenToComeBack() {
    // Given
    List<HeldSandbox> sandboxes =
        IntStream.range(0, 5).mapToObj(n -> AROUND.hold("crowd-" + n)).toList();
    List<CompletableFuture<Answer>> asked = new ArrayList<>();
    for (HeldSandbox sandbox : sandboxes) {
      asked.add(sandbox.askLater(sandbox.request("bash", "sleep 20", 60_000)));
    }
    IntStream.range(0, 5).forEach(n -> awaitStarted("crowd-" + n, 1));

    // When
    for (HeldSandbox sandbox : sandboxes) {
      for (int n = 1; n < 16; n++) {
        asked.add(sandbox.askLater(sandbox.request("bash", "echo", 20_000)));
      }
    }

    // Then
    Map<Boolean, List<Answer>> answers =
        all(asked).stream().collect(Collectors.partitioningBy(answer -> answer.status() == 200));
    List<Answer> refused = answers.getOrDefault(false, List.of());
    assertTrue(refused.size() >= asked.size() - PLACES, "refused: " + refused.size());
    for (Answer answer : refused) {
      assertEquals(503, answer.status(), answer.body().encode());
      assertEquals("executions.exhausted", answer.code());
      assertEquals("1", answer.response().headers().firstValue("Retry-After").orElse(""));
    }
  }

  @Test
  void deletingASandboxEndsWhatRunsAndWhatWaitsThere() {
    // Given
    HeldSandbox sandbox = AROUND.hold("deleted");
    CompletableFuture<Answer> runs = sandbox.askLater(sandbox.request("bash", "sleep 100", 60_000));
    awaitStarted("deleted", 1);
    CompletableFuture<Answer> waits = sandbox.askLater(sandbox.request("bash", "echo", 60_000));
    awaitStarted("deleted", 2);

    // When
    Answer deleted = sandbox.delete();

    // Then
    assertEquals(200, deleted.status());
    assertEquals("sandbox-died", runs.join().body().getString("status"));
    assertEquals("deleted", runs.join().body().getString("sandboxEnd"));
    assertEquals(410, waits.join().status());
    assertEquals("the sandbox has ended: deleted", waits.join().body().getString("detail"));
    Eventually.eventually("gone", LIMIT, () -> detail(sandbox).contains("deleted"));
  }

  @Test
  void aSandboxIsDestroyedAtTheEndOfItsLifeIdleOrNot() {
    // Given
    HeldSandbox idle = HeldSandbox.of(api, "idle", 2);
    HeldSandbox busy = HeldSandbox.of(api, "busy", 8);

    // When
    JsonObject reply = busy.run("bash", "echo so far; sleep 100", 60_000);

    // Then
    assertEquals("sandbox-died", reply.getString("status"));
    assertEquals("expired", reply.getString("sandboxEnd"));
    assertEquals("so far\n", reply.getString("stdout"));
    Eventually.eventually("busy gone", LIMIT, () -> detail(busy).contains("expired"));
    Eventually.eventually("idle gone", LIMIT, () -> detail(idle).contains("expired"));
    assertEquals(410, idle.find().status());
  }

  private static String detail(HeldSandbox sandbox) {
    return sandbox.find().body().getString("detail", "");
  }

  /** An intent is in the log just before its code starts or waits. */
  private void awaitStarted(String session, int count) {
    Eventually.eventually(
        count + " executions of " + session + " started",
        LIMIT,
        () ->
            api
                    .get("auditor", "/v1/audit?session=" + session)
                    .body()
                    .getJsonArray("events")
                    .stream()
                    .filter(
                        event -> ((JsonObject) event).getString("kind").equals("execution.started"))
                    .count()
                >= count);
  }

  private static List<Answer> all(List<CompletableFuture<Answer>> answers) {
    return answers.stream().map(CompletableFuture::join).toList();
  }
}
