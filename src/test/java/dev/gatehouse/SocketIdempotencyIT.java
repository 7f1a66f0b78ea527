package dev.gatehouse;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.vertx.core.json.JsonObject;
import java.time.Duration;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** What is asked for again over {@code /v1/ws} with the same key is done once. */
class SocketIdempotencyIT {
  private static final Duration LIMIT = Duration.ofSeconds(60);

  /** No sandbox stands ready, so that a reply takes its time. */
  @RegisterExtension
  static final RunningServer SERVER = new RunningServer().behindOpenPolicy().withNothingReady();

  private final Api api = SERVER.api();
  private final String key = UUID.randomUUID().toString();

  /** Another value each time it runs. */
  private JsonObject random() {
    return Api.execution("bash", "od -An -N8 -tx8 /dev/urandom")
        .put("session", key)
        .put("idempotency_key", key);
  }

  @Test
  void whatIsTypedTwiceWithTheSameKeyIsTypedOnce() {
    try (SocketClient client = SocketClient.as(api, "agent")) {
      // Given
      JsonObject begun =
          client.ask(201, "execute", Api.execution("bash", "cat").put("interactive", true));
      JsonObject typed =
          new JsonObject()
              .put("execution", idOf(begun))
              .put("text", "once\n")
              .put("idempotency_key", key);

      // When
      client.ask(200, "stdin", typed);
      JsonObject again = client.ask(200, "stdin", typed);
      client.ask(200, "stdin", new JsonObject().put("execution", idOf(begun)).put("end", true));

      // Then
      assertEquals(true, again.getBoolean("replayed"));
      client.awaitEnd(begun.getInteger("stream"));
      assertEquals("once\n", client.output(begun.getInteger("stream"), 1));
    }
  }

  private int starting() {
    return api.get("agent", "/healthz").body().getJsonObject("sandbox").getInteger("starting");
  }

  private int begun() {
    return api.get("auditor", "/v1/audit?kind=execution.started&session=" + key)
        .body()
        .getJsonArray("events")
        .size();
  }

  private static String idOf(JsonObject reply) {
    return reply.getJsonObject("body").getString("id");
  }

  /** Asks until the first request with the key is done. */
  private static JsonObject askUntilDone(SocketClient client, JsonObject request) {
    AtomicReference<@Nullable JsonObject> reply = new AtomicReference<>();
    Eventually.eventually(
        "the first one is done",
        LIMIT,
        () -> {
          JsonObject now = client.ask("execute", request);
          reply.set(now);
          return !"idempotency.underway".equals(now.getJsonObject("body").getString("code"));
        });
    return java.util.Objects.requireNonNull(reply.get());
  }

  @Test
  void whoLostTheConnectionBeforeTheReplyGetsTheSameExecution() {
    // Given
    try (SocketClient lost = SocketClient.as(api, "agent")) {
      lost.request("execute", random());
      Eventually.eventually("its sandbox is being started", LIMIT, () -> starting() > 0);

      // When
      lost.abort();
      assertTrue(lost.frames().stream().noneMatch(frame -> frame.containsKey("status")));
    }
    try (SocketClient client = SocketClient.as(api, "agent")) {
      JsonObject reply = askUntilDone(client, random());

      // Then
      assertEquals(201, reply.getInteger("status"), reply.encode());
      assertEquals(true, reply.getBoolean("replayed"), reply.encode());
      int stream = reply.getInteger("stream");
      JsonObject end = client.awaitEnd(stream).getJsonObject("body");
      assertEquals(idOf(reply), end.getString("id"));
      assertEquals("exited", end.getString("status"));
      assertEquals(16, client.output(stream, 1).strip().length());
      assertEquals(1, begun());
    }
  }

  @Test
  void whoAsksAgainGetsTheFirstReplyAndAllOfTheOutput() {
    try (SocketClient first = SocketClient.as(api, "agent");
        SocketClient second = SocketClient.as(api, "agent")) {
      // When
      JsonObject begun = first.ask(201, "execute", random());
      first.awaitEnd(begun.getInteger("stream"));
      JsonObject again = second.ask(201, "execute", random().put("credit", 1000));
      second.awaitEnd(again.getInteger("stream"));

      // Then
      assertEquals(begun.getJsonObject("body"), again.getJsonObject("body"));
      assertFalse(begun.containsKey("replayed"));
      assertEquals(
          first.output(begun.getInteger("stream"), 1),
          second.output(again.getInteger("stream"), 1));
      assertEquals(1, begun());
    }
  }

  @Test
  void ofManyAtOnceOneIsDone() {
    try (SocketClient client = SocketClient.as(api, "agent");
        SocketClient other = SocketClient.as(api, "agent")) {
      // When
      List<String> ids =
          IntStream.range(0, 20)
              .mapToObj(n -> (n % 2 == 0 ? client : other).request("execute", random()))
              .toList();
      for (int n = 0; n < ids.size(); n++) {
        JsonObject reply = (n % 2 == 0 ? client : other).reply(ids.get(n));

        // Then
        boolean underway =
            "idempotency.underway".equals(reply.getJsonObject("body").getString("code"));
        assertTrue(underway || reply.getInteger("status") == 201, reply.encode());
      }
      assertEquals(1, begun());
    }
  }

  @Test
  void aKeyBelongsToOneRequest() {
    try (SocketClient client = SocketClient.as(api, "agent")) {
      // Given
      client.ask(201, "execute", random());

      // When
      JsonObject otherCode = client.ask(422, "execute", random().put("code", "echo other"));
      JsonObject detached = client.ask(422, "execute", random().put("detach", false));

      // Then
      for (JsonObject refused : List.of(otherCode, detached)) {
        assertEquals("idempotency.taken", refused.getJsonObject("body").getString("code"));
        assertNull(refused.getInteger("stream"));
      }
      assertEquals(1, begun());
    }
  }

  @Test
  void aRequestByWhichNothingWasDoneGivesItsKeyBack() {
    try (SocketClient client = SocketClient.as(api, "agent")) {
      // Given
      JsonObject nowhere = random().put("sandbox", "no-such");
      assertEquals(404, client.ask("execute", nowhere).getInteger("status"));

      // When
      JsonObject again = client.ask("execute", nowhere);
      JsonObject other = client.ask("execute", random());

      // Then
      assertEquals(404, again.getInteger("status"), again.encode());
      assertEquals(201, other.getInteger("status"), other.encode());
    }
  }

  @Test
  void aKeyThatIsNoneIsRefused() {
    try (SocketClient client = SocketClient.as(api, "agent")) {
      JsonObject refused = client.ask(400, "execute", random().put("idempotency_key", "a b"));
      assertEquals("idempotency.malformed", refused.getJsonObject("body").getString("code"));
    }
  }
}
