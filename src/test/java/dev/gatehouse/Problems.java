package dev.gatehouse;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.gatehouse.Api.Answer;
import io.vertx.core.json.JsonObject;
import java.time.Duration;

/** What every refusal has in common, and what none may leave behind. */
final class Problems {
  private Problems() {}

  /** The answer is a problem of that status and code, with the request's id. */
  static void assertProblem(int status, String code, Answer answer) {
    String shown = answer.status() + " " + answer.body().encode();
    assertEquals(status, answer.status(), shown);
    assertEquals(code, answer.code(), shown);
    assertEquals(
        "application/problem+json",
        answer.response().headers().firstValue("Content-Type").orElse(""),
        shown);
    assertEquals(status, answer.body().getInteger("status"), shown);
    assertFalse(answer.body().getString("title", "").isBlank(), shown);
    assertFalse(answer.body().getString("detail", "").isBlank(), shown);
    assertTrue(answer.body().getString("detail").length() <= 400, shown);
    String requestId = answer.response().headers().firstValue("X-Request-ID").orElse("");
    assertTrue(requestId.length() >= 8, "X-Request-ID is \"" + requestId + "\"");
    assertEquals(requestId, answer.body().getString("requestId"), shown);
  }

  /** The server does its main job and nothing of what was refused is under way or queued. */
  static void assertAsHealthyAsBefore(Api api) {
    assertEquals("42\n", api.run("python", "print(6*7)").getString("stdout"));
    Eventually.eventually(
        "nothing is under way",
        Duration.ofSeconds(20),
        () -> {
          Answer health = api.get("agent", "/healthz");
          JsonObject body = health.body();
          return health.status() == 200
              && body.getInteger("executions") == 0
              && body.getJsonObject("audit").getInteger("queuedEvents") == 0
              && body.getJsonObject("audit").getString("store").equals("up")
              && body.getJsonObject("sandbox").getString("engine").equals("up")
              && body.getJsonObject("sandbox").getInteger("leased") == 0;
        });
    assertEquals(200, api.get("agent", "/readyz").status());
  }
}
