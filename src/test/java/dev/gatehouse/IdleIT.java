package dev.gatehouse;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.gatehouse.RawConnection.Reply;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Connections that are silent: because nothing is asked, or because what was asked takes long. */
class IdleIT {
  private static final Duration LIMIT = Duration.ofSeconds(30);
  private static final int IDLE_MILLIS = 500;

  @RegisterExtension
  static final RunningServer SERVER =
      new RunningServer()
          .with("GATEHOUSE_POLICY_DIRECTORY", "src/test/policies/rotated")
          .with("GATEHOUSE_HTTP_IDLE_TIMEOUT_MILLIS", "" + IDLE_MILLIS);

  private final Api api = SERVER.api();

  private String post(String path, JsonObject body, String more) {
    return "POST "
        + path
        + " HTTP/1.1\r\nHost: g\r\nAuthorization: Bearer "
        + api.key("agent")
        + "\r\nContent-Length: "
        + body.encode().length()
        + "\r\n"
        + more
        + "\r\n"
        + body.encode();
  }

  @Test
  void whoAsksForNothingIsHungUpOn() throws Exception {
    try (RawConnection silent = RawConnection.to(api.port());
        RawConnection asked = RawConnection.to(api.port())) {
      assertEquals(200, asked.send("GET /healthz HTTP/1.1\r\nHost: g\r\n\r\n").reply().status());
      assertTrue(silent.ended());
      assertTrue(asked.ended());
    }
  }

  @Test
  void whatIsHeldForAPersonKeepsItsConnection() throws Exception {
    try (RawConnection held = RawConnection.to(api.port())) {
      // Given
      held.send(post("/v1/executions", Api.execution("bash", "echo asked"), "Prefer: wait=60\r\n"));
      Eventually.eventually("a person is asked", LIMIT, () -> !pending().isEmpty());

      // When: others come and are idle for several times as long.
      for (int others = 0; others < 3; others++) {
        try (RawConnection idle = RawConnection.to(api.port())) {
          assertTrue(idle.ended());
        }
      }
      assertEquals(
          200,
          api.post(
                  "approver",
                  "/v1/approvals/" + pending().getJsonObject(0).getString("id") + "/decision",
                  new JsonObject().put("decision", "approve"))
              .status());

      // Then
      Reply reply = held.reply();
      assertEquals(200, reply.status(), reply.body().encode());
      assertEquals("asked\n", reply.body().getString("stdout"));
    }
  }

  @Test
  void aLineOfABatchMustEnd() throws Exception {
    try (RawConnection slow = RawConnection.to(api.port())) {
      // When: one line, and one that has no end.
      String line = "{\"tool\":\"bash\",\"session\":\"s1\"}\n";
      slow.send(
          "POST /v1/decisions:batch HTTP/1.1\r\nHost: g\r\nAuthorization: Bearer "
              + api.key("agent")
              + "\r\nContent-Length: 10000\r\n\r\n"
              + line
              + "{");

      // Then
      assertTrue(slow.readUntil("body.too-slow").contains("\"outcome\""));
      assertTrue(slow.ended());
    }
  }

  private JsonArray pending() {
    return api.get("operator", "/v1/approvals").body().getJsonArray("approvals");
  }

  @Test
  void whatRunsInSilenceKeepsItsConnection() throws Exception {
    try (RawConnection running = RawConnection.to(api.port())) {
      // When
      running.send(post("/v1/executions", Api.execution("bash", "sleep 3; echo slept"), ""));

      // Then
      Reply reply = running.reply();
      assertEquals(200, reply.status(), reply.body().encode());
      assertTrue(running.ended(), "and it is idle again behind its answer");
    }
  }
}
