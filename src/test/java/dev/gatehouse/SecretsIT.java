package dev.gatehouse;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.gatehouse.Api.Answer;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.http.HttpRequest.BodyPublishers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Secrets that executions are given by name, and what is told of them. */
class SecretsIT {
  private static final String VALUE = "correct-horse-battery-staple";
  private static final String SHOWN = "[redacted:given:token]";
  private static final Path FILE = file();

  @RegisterExtension
  static final RunningServer SERVER =
      new RunningServer()
          .with("GATEHOUSE_POLICY_DIRECTORY", "src/test/policies/secrets")
          .with(
              "GATEHOUSE_SECRETS",
              """
              [{name: token, file: %1$s},
               {name: path, variable: PATH},
               {name: foreign, tenant: blue, file: %1$s},
               {name: somebodys, agents: [somebody], file: %1$s},
               {name: away, file: %1$s.none},
               {name: unset, variable: GATE_NO_SUCH_VARIABLE}]
              """
                  .formatted(FILE));

  private final Api api = SERVER.api();

  private static Path file() {
    try {
      return Files.writeString(Files.createTempFile("gatehouse", ".secret"), VALUE + "\n");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static JsonObject with(String secret, String code) {
    return Api.execution("bash", code)
        .put("env", new JsonObject().put("TOKEN", "secret://" + secret).put("PLAIN", "plain"));
  }

  private Answer run(JsonObject execution) {
    Answer answer = api.post("agent", "/v1/executions", execution);
    assertEquals(200, answer.status(), answer.body().encode());
    return answer;
  }

  @Test
  void codeHasTheValueAndNobodyElseIsToldIt() {
    // When
    Answer answer = run(with("token", "echo ${#TOKEN} $PLAIN; echo $TOKEN; echo x${TOKEN}x >&2"));

    // Then
    assertEquals(VALUE.length() + " plain\n" + SHOWN + "\n", answer.body().getString("stdout"));
    assertEquals("x" + SHOWN + "x\n", answer.body().getString("stderr"));
    String log = story(answer);
    assertTrue(log.contains("TOKEN"), log);
    assertFalse(log.contains(VALUE), log);
  }

  private String story(Answer answer) {
    return api.get("auditor", "/v1/audit?action=" + answer.body().getString("id")).body().encode();
  }

  @Test
  void whatIsRecordedWholeIsWithoutIt() {
    // When
    Answer answer = run(with("token", "import os; os.environ['TOKEN']").put("language", "python"));

    // Then
    String shown = answer.body().getJsonArray("displays").encode();
    assertTrue(shown.contains(SHOWN), shown);
    assertFalse(shown.contains(VALUE), shown);
    String log = story(answer);
    assertTrue(log.contains("execution.output") && log.contains(SHOWN), log);
    assertFalse(log.contains(VALUE), log);
  }

  @Test
  void inAHeldSandboxWhatRunsLaterDoesNotTellItEither() {
    // Given
    Answer made = api.post("agent", "/v1/sandboxes", new JsonObject().put("session", "s1"));
    String path = "/v1/sandboxes/" + made.body().getString("id");
    JsonObject keep = with("token", "echo $TOKEN > kept");
    keep.remove("session");
    assertEquals(200, api.post("agent", path + "/executions", keep).status());

    // When
    JsonObject tell = Api.execution("bash", "cat kept");
    tell.remove("session");
    Answer told = api.post("agent", path + "/executions", tell);

    // Then
    assertEquals(SHOWN + "\n", told.body().getString("stdout"), told.body().encode());
    api.delete("agent", path);
  }

  @Test
  void aSecretMayBeInTheServersEnvironment() {
    Answer answer = run(with("path", "echo ${#TOKEN}; echo $TOKEN"));
    assertEquals(
        System.getenv("PATH").length() + "\n[redacted:given:path]\n",
        answer.body().getString("stdout"));
  }

  @Test
  void ofOutputInPiecesThereIsNoneEither() {
    // When
    String code =
        "printf 'a%s' \"${TOKEN:0:9}\"; sync; printf '%s' \"${TOKEN:9:5}\"; sync;"
            + " printf '%sb' \"${TOKEN:14}\"; printf '%s' \"${TOKEN:0:9}\"";
    List<JsonObject> lines =
        api.lines(
            api.request("agent", "/v1/executions?stream=true")
                .POST(BodyPublishers.ofString(with("token", code).encode()))
                .build());

    // Then
    StringBuilder streamed = new StringBuilder();
    lines.stream()
        .filter(line -> "stdout".equals(line.getString("type")))
        .forEach(line -> streamed.append(line.getString("text")));
    String whole = "a" + SHOWN + "b" + VALUE.substring(0, 9);
    assertEquals(whole, lines.getLast().getString("stdout"));
    assertEquals(whole, streamed.toString());
  }

  @ParameterizedTest
  @ValueSource(strings = {"none", "foreign", "somebodys", ""})
  void whatIsNotForTheKeyIsNotThere(String name) {
    Answer refused = api.post("agent", "/v1/executions", with(name, "true"));
    assertEquals(422, refused.status(), refused.body().encode());
    assertEquals("secret.unknown", refused.code());
  }

  @ParameterizedTest
  @ValueSource(strings = {"away", "unset"})
  void whatCannotBeReadRunsNothing(String name) {
    Answer refused =
        api.post("agent", "/v1/executions", with(name, "true").put("session", "secret-" + name));
    assertEquals(503, refused.status(), refused.body().encode());
    assertEquals("secret.unavailable", refused.code());
    assertEquals(
        0,
        api.get("auditor", "/v1/audit?kind=execution.started&session=secret-" + name)
            .body()
            .getJsonArray("events")
            .size());
  }
}
