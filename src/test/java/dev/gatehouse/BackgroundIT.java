package dev.gatehouse;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.gatehouse.Api.Answer;
import io.vertx.core.json.JsonObject;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Executions that nobody waits for. */
class BackgroundIT {
  private static final Duration LIMIT = Duration.ofSeconds(30);
  private static final String START = "/v1/executions?background=true";

  @RegisterExtension static final RunningServer SERVER = new RunningServer().behindOpenPolicy();

  private final Api api = SERVER.api();

  @Test
  void isToldOfWhileItRunsAndAfterItsEnd() {
    // Given
    HeldSandbox sandbox = HeldSandbox.of(api, "told");
    String code =
        "echo wörld; echo err >&2; until [ -e go ]; do sleep 0.05; done; echo end; exit 3";

    // When
    Answer begun =
        api.post(
            "agent",
            sandbox.path() + "/executions?background=true",
            sandbox.request("bash", code, 60_000).put("mode", "process"));

    // Then
    assertEquals(201, begun.status(), begun.body().encode());
    assertEquals("running", begun.body().getString("status"));
    String id = begun.body().getString("id");
    JsonObject first = outputWith(id, "", "wörld");
    assertFalse(first.getBoolean("ended"));
    assertEquals("running", status(id).getString("status"));
    sandbox.run("bash", "touch go");
    awaitStatus(id, "exited");
    JsonObject rest = output(id, first.getString("cursor"));
    assertEquals("end\n", rest.getString("stdout"), rest.encode());
    assertTrue(rest.getBoolean("ended"));
    assertEquals("", output(id, rest.getString("cursor")).getString("stdout"));
    JsonObject end = status(id);
    assertEquals(3, end.getInteger("exitCode"), end.encode());
    assertEquals("wörld\nend\n", end.getString("stdout"));
    assertEquals("err\n", end.getString("stderr"));
    assertTrue(api.get("auditor", "/v1/audit?action=" + id).body().encode().contains("exited"));
  }

  @Test
  void aCharacterThatIsNotWholeYetWaitsForTheNextRead() {
    // Given
    HeldSandbox sandbox = HeldSandbox.of(api, "halves");
    String code =
        """
        import os, time
        os.write(1, b'a\\xe2\\x82')
        while not os.path.exists('go'): time.sleep(0.05)
        os.write(1, b'\\xac')
        """;
    String id =
        api.post(
                "agent",
                sandbox.path() + "/executions?background=true",
                sandbox.request("python", code, 60_000))
            .body()
            .getString("id");

    // When
    JsonObject first = outputWith(id, "", "a");
    api.post(
        "agent",
        sandbox.path() + "/executions",
        sandbox.request("bash", "touch go", 60_000).put("mode", "process"));
    awaitStatus(id, "exited");

    // Then
    assertEquals("a", first.getString("stdout"));
    assertEquals("€", output(id, first.getString("cursor")).getString("stdout"));
  }

  @Test
  void isEndedByItsDeleteAndTheSandboxServesOn() {
    // Given
    HeldSandbox sandbox = HeldSandbox.of(api, "cancelled");
    String id =
        api.post(
                "agent",
                sandbox.path() + "/executions?background=true",
                sandbox.request("python", "print('so far')\nwhile True: pass", 600_000))
            .body()
            .getString("id");
    outputWith(id, "", "so far");

    // When
    Answer deleted = api.delete("agent", "/v1/executions/" + id);

    // Then
    assertEquals(200, deleted.status(), deleted.body().encode());
    awaitStatus(id, "cancelled");
    assertEquals("so far\n", status(id).getString("stdout"));
    assertEquals(200, api.delete("agent", "/v1/executions/" + id).status(), "and again");
    assertEquals("on\n", sandbox.run("bash", "echo on").getString("stdout"));
  }

  @Test
  void saysThatItsSandboxWasDeleted() {
    // Given
    HeldSandbox sandbox = HeldSandbox.of(api, "deleted-below");
    String id =
        api.post(
                "agent",
                sandbox.path() + "/executions?background=true",
                sandbox.request("bash", "echo so far; sleep 1000", 600_000))
            .body()
            .getString("id");
    outputWith(id, "", "so far");

    // When
    sandbox.delete();

    // Then
    awaitStatus(id, "sandbox-died");
    assertEquals("deleted", status(id).getString("sandboxEnd"), status(id).encode());
  }

  @Test
  void runsInASandboxOfItsOwnToo() {
    // When
    Answer begun = api.post("agent", START, Api.execution("python", "print(6 * 7)"));

    // Then
    assertEquals(201, begun.status(), begun.body().encode());
    awaitStatus(begun.body().getString("id"), "exited");
    assertEquals("42\n", output(begun.body().getString("id"), "").getString("stdout"));
  }

  @Test
  void isNobodyElses() {
    // Given
    String id = api.post("agent", START, Api.execution("python", "1")).body().getString("id");

    // Then
    assertEquals(404, api.get("agent", "/v1/executions/" + id + "?session=other").status());
    assertEquals(403, api.get("auditor", "/v1/executions/" + id).status());
    assertEquals(200, api.get("operator", "/v1/executions/" + id).status());
    Answer unknown = api.get("agent", "/v1/executions/01a2099c-29c1-7b2c-9a64-0a39018eeb51");
    assertEquals("execution.not-found", unknown.code());
  }

  @ParameterizedTest
  @ValueSource(strings = {"x", "1", "-1-0", "9999999999-0", "1-2-3"})
  void aCursorThatNobodyGaveIsRefused(String cursor) {
    // Given
    String id = api.post("agent", START, Api.execution("python", "1")).body().getString("id");

    // When
    Answer answer = api.get("agent", "/v1/executions/" + id + "/output?cursor=" + cursor);

    // Then
    assertEquals(422, answer.status());
    assertEquals("cursor.malformed", answer.code());
  }

  @Test
  void isNotStreamedAtTheSameTime() {
    // When
    Answer answer = api.post("agent", START + "&stream=true", Api.execution("python", "1"));

    // Then
    assertEquals(422, answer.status());
    assertEquals("query.conflict", answer.code());
  }

  private JsonObject status(String id) {
    return api.get("agent", "/v1/executions/" + id).body();
  }

  private JsonObject output(String id, String cursor) {
    String query = cursor.isEmpty() ? "" : "?cursor=" + cursor;
    Answer answer = api.get("agent", "/v1/executions/" + id + "/output" + query);
    assertEquals(200, answer.status(), answer.body().encode());
    return answer.body();
  }

  /** The output from a cursor on, once a text is in it. */
  private JsonObject outputWith(String id, String cursor, String text) {
    Eventually.eventually(
        "it says " + text, LIMIT, () -> output(id, cursor).getString("stdout").contains(text));
    return output(id, cursor);
  }

  private void awaitStatus(String id, String status) {
    Eventually.eventually(
        id + " is " + status, LIMIT, () -> status(id).getString("status").equals(status));
  }
}
