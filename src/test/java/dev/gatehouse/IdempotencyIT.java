package dev.gatehouse;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.gatehouse.Api.Answer;
import io.vertx.core.json.JsonObject;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What is sent again with the same key is done once. */
class IdempotencyIT {
  private static final String PATH = "/v1/executions";

  /** Another value each time it runs. */
  private static final JsonObject RANDOM =
      Api.execution("bash", "od -An -N8 -tx8 /dev/urandom").put("session", "once");

  @RegisterExtension static final RunningServer SERVER = new RunningServer().behindOpenPolicy();

  private final Api api = SERVER.api();
  private final String key = UUID.randomUUID().toString();

  @Test
  void whoComesAgainGetsTheFirstReply() {
    // When
    Answer first = send(PATH, key, RANDOM);
    Answer again = send(PATH, key, RANDOM);
    Answer other = send(PATH, key + "2", RANDOM);

    // Then
    assertEquals(200, first.status(), first.body().encode());
    assertEquals(first.body(), again.body());
    assertEquals("true", again.response().headers().firstValue("Idempotency-Replayed").orElse(""));
    assertTrue(first.response().headers().firstValue("Idempotency-Replayed").isEmpty());
    assertFalse(first.body().getString("stdout").equals(other.body().getString("stdout")));
  }

  @Test
  void aStreamToldAgainIsItsEnd() {
    // When
    HttpRequest request = request(PATH + "?stream=true", key, Api.execution("bash", "echo x"));
    List<JsonObject> first = api.lines(request);
    List<JsonObject> again = api.lines(request);

    // Then
    assertEquals(List.of("stdout", "end"), first.stream().map(l -> l.getString("type")).toList());
    assertEquals(List.of(first.getLast()), again);
  }

  @Test
  void ofManyAtOnceOneIsDone() {
    // Given
    JsonObject body = RANDOM.copy().put("session", key);

    // When
    List<CompletableFuture<Answer>> asked =
        IntStream.range(0, 30).mapToObj(i -> api.sendLater(request(PATH, key, body))).toList();
    List<Answer> answers = asked.stream().map(CompletableFuture::join).toList();

    // Then
    for (Answer answer : answers) {
      assertTrue(
          answer.status() == 200 || answer.code().equals("idempotency.underway"),
          () -> answer.body().encode());
    }
    assertEquals(
        1,
        api.get("auditor", "/v1/audit?kind=execution.started&session=" + key)
            .body()
            .getJsonArray("events")
            .size());
  }

  @Test
  void aKeyBelongsToOneRequest() {
    // Given
    send(PATH, key, RANDOM);

    // When
    Answer otherBody = send(PATH, key, RANDOM.copy().put("env", new JsonObject().put("A", "b")));
    Answer otherPath = send("/v1/sandboxes", key, new JsonObject().put("session", "once"));

    // Then
    assertEquals(422, otherBody.status());
    assertEquals("idempotency.taken", otherBody.code());
    assertEquals("idempotency.taken", otherPath.code());
  }

  @Test
  void aSandboxIsMadeOnce() {
    // When
    JsonObject body = new JsonObject().put("session", "once");
    Answer first = send("/v1/sandboxes", key, body);
    Answer again = send("/v1/sandboxes", key, body);

    // Then
    assertEquals(201, first.status());
    assertEquals(201, again.status());
    assertEquals(first.body().getString("id"), again.body().getString("id"));
  }

  @Test
  void aRefusalBeforeAnythingWasDoneGivesTheKeyBack() {
    // When
    Answer refused = send(PATH, key, new JsonObject().put("language", "cobol"));
    Answer mended = send(PATH, key, RANDOM);

    // Then
    assertEquals(422, refused.status());
    assertEquals(200, mended.status(), mended.body().encode());
  }

  @ParameterizedTest
  @ValueSource(strings = {"", " ", "two words"})
  void aKeyThatIsNoneIsRefused(String bad) {
    Answer answer = send(PATH, bad, RANDOM);

    assertEquals(400, answer.status());
    assertEquals("idempotency.malformed", answer.code());
  }

  @Test
  void aKeyOfEndlessLengthIsRefused() {
    assertEquals("idempotency.malformed", send(PATH, "k".repeat(256), RANDOM).code());
    assertEquals(200, send(PATH, key + "k".repeat(255 - key.length()), RANDOM).status());
  }

  private Answer send(String path, String idempotencyKey, JsonObject body) {
    return api.send(request(path, idempotencyKey, body));
  }

  private HttpRequest request(String path, String idempotencyKey, JsonObject body) {
    return api.request("agent", path)
        .header("Idempotency-Key", idempotencyKey)
        .POST(BodyPublishers.ofString(body.encode()))
        .build();
  }
}
