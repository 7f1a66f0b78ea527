package dev.gatehouse;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.gatehouse.Api.Answer;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.net.http.HttpRequest.BodyPublishers;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** The trace that a caller says: in the answer, in the log, and with what runs. */
class TraceIT {
  private static final String TRACE = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
  private static final String OTHER = "00-11111111111111111111111111111111-b7ad6b7169203331-00";

  @RegisterExtension
  static final RunningServer SERVER =
      new RunningServer().with("GATEHOUSE_POLICY_DIRECTORY", "src/test/policies/rotated");

  private final Api api = SERVER.api();

  private Answer post(String path, JsonObject body, String... traces) {
    var request = api.request("agent", path).POST(BodyPublishers.ofString(body.encode()));
    for (String trace : traces) {
      request.header("traceparent", trace);
    }
    return api.send(request.build());
  }

  private static JsonObject decision() {
    return new JsonObject()
        .put("tool", "bash")
        .put("arguments", new JsonObject().put("command", "ls"));
  }

  private static JsonObject code(String code) {
    return new JsonObject().put("language", "bash").put("code", code).put("session", "s1");
  }

  private static Optional<String> said(Answer answer) {
    return answer.response().headers().firstValue("traceparent");
  }

  private void assertRecorded(String action, @Nullable String trace, int count) {
    JsonArray events =
        api.get("auditor", "/v1/audit?action=" + action).body().getJsonArray("events");
    assertEquals(count, events.size(), events.encode());
    for (Object event : events) {
      JsonObject detail = ((JsonObject) event).getJsonObject("detail");
      String told = detail.getString("traceId") + "-" + detail.getString("spanId");
      assertEquals(trace == null ? "null-null" : trace.substring(3, 52), told, detail.encode());
    }
  }

  @Test
  void aDecisionHasItInItsAnswerAndItsRecord() {
    Answer answer = post("/v1/decisions", decision(), TRACE);
    assertEquals(Optional.of(TRACE), said(answer));
    assertRecorded(answer.body().getString("id"), TRACE, 1);
  }

  @Test
  void anExecutionHasItInEachEventAndItsCodeIsGivenIt() {
    Answer answer = post("/v1/executions", code("echo $TRACEPARENT"), TRACE);
    assertEquals(200, answer.status(), answer.body().encode());
    assertEquals(TRACE + "\n", answer.body().getString("stdout"));
    assertRecorded(answer.body().getString("id"), TRACE, 3);
    assertTrue(
        api.get("auditor", "/v1/audit?text=0af7651916cd43dd8448eb211c80319c")
            .body()
            .encode()
            .contains(answer.body().getString("id")));
  }

  @Test
  void whatAnExecutionSaysInItsEnvironmentStays() {
    JsonObject body =
        code("echo $TRACEPARENT").put("env", new JsonObject().put("TRACEPARENT", "mine"));
    assertEquals("mine\n", post("/v1/executions", body, TRACE).body().getString("stdout"));
  }

  @Test
  void aHeldSandboxKeepsTheTraceOfNoEarlierExecution() {
    // Given
    Answer made = api.post("agent", "/v1/sandboxes", new JsonObject().put("session", "s1"));
    String path = "/v1/sandboxes/" + made.body().getString("id") + "/executions";

    // When / Then
    JsonObject echo = code("echo \"<$TRACEPARENT>\"");
    assertEquals("<" + TRACE + ">\n", post(path, echo, TRACE).body().getString("stdout"));
    assertEquals("<" + OTHER + ">\n", post(path, echo, OTHER).body().getString("stdout"));
    assertEquals("<>\n", post(path, echo).body().getString("stdout"));
  }

  @Test
  void whatAPersonApprovedIsGivenNothingThatNobodySaw() {
    // Given
    JsonObject body = code("echo asked \"<$TRACEPARENT>\"");
    Answer asked = post("/v1/executions", body, TRACE);
    assertEquals(202, asked.status(), asked.body().encode());
    String approval = asked.body().getJsonObject("approval").getString("id");
    api.post(
        "approver",
        "/v1/approvals/" + approval + "/decision",
        new JsonObject().put("decision", "approve").put("reason", "I looked at it"));

    // When
    Answer ran = post("/v1/executions", body.put("approval", approval), TRACE);

    // Then
    assertEquals("asked <>\n", ran.body().getString("stdout"), ran.body().encode());
  }

  @Test
  void whatIsMalformedOrThereTwiceIsAsIfItWereNotThere() {
    for (String[] traces : new String[][] {{"00-" + TRACE}, {TRACE, OTHER}, {TRACE, TRACE}}) {
      Answer answer = post("/v1/executions", code("echo \"<$TRACEPARENT>\""), traces);
      assertEquals("<>\n", answer.body().getString("stdout"), answer.body().encode());
      assertEquals(Optional.empty(), said(answer));
      assertRecorded(answer.body().getString("id"), null, 3);
    }
  }

  @Test
  void aRefusalSaysItToo() {
    Answer answer =
        api.send(api.request("agent", "/v1/nowhere").header("traceparent", TRACE).build());
    assertEquals(404, answer.status());
    assertEquals(Optional.of(TRACE), said(answer));
  }

  @Test
  void framesOfAWebSocketMayEachHaveOne() {
    try (SocketClient client = SocketClient.as(api, "agent")) {
      // When
      JsonObject decided = client.ask(200, "decide", decision().put("traceparent", TRACE));
      JsonObject begun =
          client.ask(201, "execute", code("echo $TRACEPARENT").put("traceparent", OTHER));
      JsonObject without = client.ask(200, "decide", decision().put("traceparent", "nonsense"));

      // Then
      assertRecorded(decided.getJsonObject("body").getString("id"), TRACE, 1);
      assertRecorded(without.getJsonObject("body").getString("id"), null, 1);
      client.awaitEnd(begun.getInteger("stream"));
      assertEquals(OTHER + "\n", client.output(begun.getInteger("stream"), 1));
      assertRecorded(begun.getJsonObject("body").getString("id"), OTHER, 3);
      assertFalse(client.isClosed());
    }
  }
}
