package dev.gatehouse;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.gatehouse.Api.Answer;
import io.vertx.core.json.JsonObject;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** The Docker engine dies or stands still: it is said so, and nothing of ours is left behind. */
class EngineAwayIT {
  private static final Duration LIMIT = Duration.ofMinutes(2);
  private static final int WARM = 2;

  @RegisterExtension
  @Order(1)
  static final EngineOfItsOwn ENGINE = new EngineOfItsOwn();

  @RegisterExtension
  @Order(2)
  static final RunningServer SERVER =
      new RunningServer()
          .behindOpenPolicy()
          .with("GATEHOUSE_SANDBOX_WARM", String.valueOf(WARM))
          .with("GATEHOUSE_SANDBOX_START_TIMEOUT_MILLIS", "10000")
          .on(ENGINE.address());

  private final Api api = SERVER.api();

  @AfterEach
  void theServerIsAsBeforeAndNothingIsLeft() {
    awaitPoolFull();
    assertEquals("42\n", api.run("python", "print(6*7)").getString("stdout"));
    Eventually.eventually(
        "the engine has the pool's containers and no others",
        LIMIT,
        () -> {
          var containers = ENGINE.containersOf(SERVER.node());
          return containers.size() == WARM
              && containers.stream().allMatch(one -> one.getState().equals("running"));
        });
    awaitPoolFull();
    Eventually.eventually("no worker hangs in a call", LIMIT, () -> workersInCalls() == 0);
  }

  private void awaitPoolFull() {
    Eventually.eventually(
        "ready, nothing under way, the pool full",
        LIMIT,
        () -> {
          JsonObject health = api.get("agent", "/healthz").body();
          JsonObject sandbox = health.getJsonObject("sandbox");
          return health.getString("status").equals("ok")
              && health.getInteger("executions") == 0
              && sandbox.getInteger("leased") == 0
              && sandbox.getInteger("starting") == 0
              && sandbox.getInteger("ready") == WARM;
        });
    assertEquals(200, api.get("agent", "/readyz").status());
  }

  private static long workersInCalls() {
    return Thread.getAllStackTraces().entrySet().stream()
        .filter(entry -> entry.getKey().getName().startsWith("gatehouse-docker"))
        .filter(entry ->
            Arrays.stream(entry.getValue())
                .anyMatch(frame -> frame.getClassName().startsWith("com.github.dockerjava")))
        .count();
  }

  @Test
  void aKilledEngineEndsWhatRunsByNameAndItsSuccessorIsUsed() {
    // Given
    HeldSandbox held = HeldSandbox.of(api, "held");
    CompletableFuture<Answer> running =
        held.askLater(held.request("bash", "echo so far; sleep 1000", 60_000));
    List<CompletableFuture<Answer>> crowd = crowd(8);

    // When
    Eventually.eventually(
        "some run, and the pool is being filled",
        LIMIT,
        () -> {
          JsonObject health = api.get("agent", "/healthz").body();
          return health.getInteger("executions") > 1
              && health.getJsonObject("sandbox").getInteger("starting") > 0;
        });
    ENGINE.kill();

    // Then
    assertEnded(running.join());
    crowd.forEach(asked -> assertEnded(asked.join()));
    awaitAway();
    Answer refused = api.post("agent", "/v1/executions", Api.execution("bash", "echo"));
    assertEquals(503, refused.status());
    assertEquals("engine.unavailable", refused.code());
    assertTrue(refused.response().headers().firstValue("Retry-After").isPresent());
    ENGINE.start();
    awaitPoolFull();
    assertEquals(410, held.find().status());
    assertEquals("engine-restarted", held.find().body().getString("reason"));
  }

  @Test
  void anEngineThatIsRestartedUnderLoadIsSurvivedAndWhatWasHeldSaysWhyItIsGone() {
    // Given
    HeldSandbox held = HeldSandbox.of(api, "held");
    AtomicBoolean over = new AtomicBoolean();
    List<CompletableFuture<Integer>> load =
        IntStream.range(0, 4)
            .mapToObj(n ->
                CompletableFuture.supplyAsync(
                    () -> {
                      int succeeded = 0;
                      while (!over.get()) {
                        Answer answer =
                            api.post("agent", "/v1/executions", Api.execution("bash", "echo"));
                        assertEnded(answer);
                        succeeded += answer.status() == 200 ? 1 : 0;
                      }
                      return succeeded;
                    },
                    task -> Thread.ofVirtual().start(task)))
            .toList();
    Eventually.eventually(
        "the pool is being filled",
        LIMIT,
        () ->
            api.get("agent", "/healthz").body().getJsonObject("sandbox").getInteger("starting")
                > 0);

    // When
    ENGINE.kill();
    awaitAway();
    ENGINE.start();

    // Then
    Eventually.eventually(
        "executions succeed again",
        LIMIT,
        () -> {
          Answer answer = api.post("agent", "/v1/executions", Api.execution("bash", "echo"));
          return answer.status() == 200 && answer.body().getString("status").equals("exited");
        });
    over.set(true);
    load.forEach(one -> assertTrue(one.join() >= 0));
    assertEquals(
        "engine-restarted", held.find().body().getString("reason"), held.find().body() + "");
  }

  /** One-shot executions, more than stand ready. */
  private List<CompletableFuture<Answer>> crowd(int size) {
    return IntStream.range(0, size)
        .mapToObj(
            n -> api.postLater("agent", "/v1/executions", Api.execution("bash", "sleep 1; echo")))
        .toList();
  }

  private static void assertEnded(Answer answer) {
    if (answer.status() == 200) {
      String status = answer.body().getString("status");
      assertTrue(
          Set.of("exited", "sandbox-died", "timed-out").contains(status), answer.body().encode());
    } else if (answer.status() == 410) {
      assertEquals("sandbox.ended", answer.code());
    } else {
      assertEquals(503, answer.status(), answer.body().encode());
      assertEquals("engine.unavailable", answer.code());
    }
  }

  private void awaitAway() {
    Eventually.eventually("not ready", LIMIT, () -> api.get("agent", "/readyz").status() == 503);
    JsonObject health = api.get("agent", "/healthz").body();
    assertEquals("degraded", health.getString("status"));
    assertEquals("down", health.getJsonObject("sandbox").getString("engine"));
  }

  @Test
  void anEngineThatStandsStillCostsABoundedTimeAndLeavesNothing() {
    // Given
    HeldSandbox held = HeldSandbox.of(api, "held");
    CompletableFuture<Answer> running = held.askLater(held.request("bash", "sleep 1000", 5_000));
    awaitPoolFullBut(1);

    // When
    ENGINE.freeze();
    List<CompletableFuture<Answer>> crowd = crowd(8);
    awaitAway();
    Answer refused = api.post("agent", "/v1/executions", Api.execution("bash", "echo"));
    Answer refusedInHeld = held.ask(held.request("bash", "echo", 5_000));

    // Then
    assertEquals(503, refused.status());
    assertEquals("engine.unavailable", refused.code());
    assertTrue(refusedInHeld.status() == 503 || refusedInHeld.status() == 410);
    assertEquals("timed-out", running.join().body().getString("status"));
    crowd.forEach(asked -> assertEnded(asked.join()));
    ENGINE.thaw();
  }

  private void awaitPoolFullBut(int leased) {
    Eventually.eventually(
        "the pool is full",
        LIMIT,
        () -> {
          JsonObject sandbox = api.get("agent", "/healthz").body().getJsonObject("sandbox");
          return sandbox.getInteger("ready") == WARM && sandbox.getInteger("leased") == leased;
        });
  }
}
