package dev.gatehouse;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.gatehouse.Api.Answer;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** The pool and the line before it: one sandbox stands ready, three may be alive. */
class PoolIT {
  private static final Duration LIMIT = Duration.ofSeconds(60);
  private static final Duration WAIT = Duration.ofSeconds(45);

  @RegisterExtension
  static final RunningServer SERVER =
      new RunningServer()
          .behindOpenPolicy()
          .with("GATEHOUSE_SANDBOX_WARM", "1")
          .with("GATEHOUSE_LIMITS_SANDBOXES", "3")
          .with("GATEHOUSE_SANDBOX_WAIT_MILLIS", String.valueOf(WAIT.toMillis()));

  private final Api api = SERVER.api();

  @Test
  void aBurstWaitsInLineAndEachOfItGetsASandboxOfItsOwn() {
    // When
    List<Answer> answers =
        IntStream.range(0, 12)
            .mapToObj(n ->
                api.postLater(
                    "agent", "/v1/executions", Api.execution("python", "print(" + n + ")")))
            .toList()
            .stream()
            .map(CompletableFuture::join)
            .toList();

    // Then
    for (int n = 0; n < answers.size(); n++) {
      assertEquals(n + "\n", answers.get(n).body().getString("stdout"), answers.get(n).body() + "");
    }
    assertEquals(
        12,
        answers.stream()
            .map(answer -> answer.body().getJsonObject("sandbox").getString("id"))
            .distinct()
            .count());
    assertTrue(pool().getLong("misses") > 0, pool().encode());
  }

  @Test
  void theSandboxesThatTryTheNetworkTakeNoRoomThatIsNotThere() {
    // Given
    List<HeldSandbox> held =
        IntStream.range(0, 2).mapToObj(n -> HeldSandbox.of(api, "room-" + n)).toList();

    // When
    Answer refused =
        api.post(
            "agent",
            "/v1/sandboxes",
            new JsonObject()
                .put("session", "network")
                .put("network", new JsonObject().put("allow", new JsonArray())));

    // Then
    assertEquals(503, refused.status(), refused.body().encode());
    assertEquals("sandboxes.exhausted", refused.code());
    String detail = refused.body().getString("detail");
    assertTrue(detail.contains("that try the network"), detail);
    held.forEach(HeldSandbox::delete);
  }

  @Test
  void whoWaitsGetsTheSandboxThatComesFreeAndElseIsToldWhenToComeBack() {
    // Given
    List<HeldSandbox> held =
        IntStream.range(0, 3).mapToObj(n -> HeldSandbox.of(api, "holder-" + n)).toList();
    CompletableFuture<Answer> served = createLater("first");
    awaitWaiting(1);
    CompletableFuture<Answer> inVain = createLater("second");
    awaitWaiting(2);

    // When
    held.get(0).delete();

    // Then
    Answer first = served.join();
    assertEquals(201, first.status(), first.body().encode());
    Answer second = inVain.join();
    assertEquals(503, second.status(), second.body().encode());
    assertEquals("sandboxes.exhausted", second.code());
    assertEquals("1", second.response().headers().firstValue("Retry-After").orElse(""));
    api.delete("agent", "/v1/sandboxes/" + first.body().getString("id"));
    held.get(1).delete();
    held.get(2).delete();
  }

  @Test
  void whoHangsUpLeavesTheLineAndWhatHeWantedNeverBegins() throws IOException {
    // Given
    List<HeldSandbox> held =
        IntStream.range(0, 3).mapToObj(n -> HeldSandbox.of(api, "full-" + n)).toList();
    byte[] body = Api.execution("python", "1").put("session", "hung-up").toBuffer().getBytes();
    try (RawConnection connection = RawConnection.to(api.port())) {
      connection
          .send(
              "POST /v1/executions HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer "
                  + api.key("agent")
                  + "\r\nContent-Type: application/json\r\nContent-Length: "
                  + body.length
                  + "\r\n\r\n")
          .send(body);
      awaitWaiting(1);
    }

    // Then
    Eventually.eventually(
        "nobody waits, long before the deadline",
        WAIT.dividedBy(2),
        () -> pool().getInteger("waiting") == 0);
    Eventually.eventually("the log has that it did not start", LIMIT, () -> ends().size() == 1);
    assertEquals("not-started", ends().get(0));
    assertEquals(List.of(), statuses("execution.started"));
    held.forEach(HeldSandbox::delete);
  }

  private List<String> ends() {
    return statuses("execution.ended");
  }

  private List<String> statuses(String kind) {
    return api
        .get("auditor", "/v1/audit?session=hung-up&kind=" + kind)
        .body()
        .getJsonArray("events")
        .stream()
        .map(event -> String.valueOf(((JsonObject) event).getString("status")))
        .toList();
  }

  @Test
  void neverMoreContainersThanAllowedAlsoWhileOthersAreRemoved() throws IOException {
    // Given
    List<CompletableFuture<Answer>> running =
        IntStream.range(0, 9)
            .mapToObj(n -> api.postLater("agent", "/v1/executions", Api.execution("bash", ":")))
            .toList();

    // When
    int most = 0;
    while (!running.stream().allMatch(CompletableFuture::isDone)) {
      most = Math.max(most, Containers.of(SERVER.data()).size());
    }

    // Then
    assertTrue(most <= 3, most + " containers");
    running.forEach(answer -> assertEquals(200, answer.join().status()));
  }

  private CompletableFuture<Answer> createLater(String session) {
    return api.postLater("agent", "/v1/sandboxes", new JsonObject().put("session", session));
  }

  private void awaitWaiting(int count) {
    Eventually.eventually(count + " wait", LIMIT, () -> pool().getInteger("waiting") == count);
  }

  private JsonObject pool() {
    return api.get("agent", "/healthz").body().getJsonObject("sandbox");
  }
}
