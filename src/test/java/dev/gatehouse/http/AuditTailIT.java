package dev.gatehouse.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.gatehouse.Api;
import dev.gatehouse.Api.Answer;
import dev.gatehouse.Eventually;
import dev.gatehouse.RunningServer;
import io.vertx.core.json.JsonObject;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpResponse.BodyHandlers;
import java.net.http.WebSocket;
import java.net.http.WebSocketHandshakeException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** The live tail by WebSocket, beside the one by server-sent events, of a whole server. */
class AuditTailIT {
  private static final int BODY_TIMEOUT_MILLIS = 1_000;

  @RegisterExtension
  static final RunningServer SERVER =
      new RunningServer()
          .withNothingReady()
          .with("GATEHOUSE_HTTP_BODY_TIMEOUT_MILLIS", "" + BODY_TIMEOUT_MILLIS);

  private static final Duration LIMIT = Duration.ofSeconds(30);

  private final Api api = SERVER.api();
  private final HttpClient client = HttpClient.newHttpClient();

  private String decide(String session, String command) {
    Answer answer =
        api.post(
            "agent",
            "/v1/decisions",
            new JsonObject()
                .put("tool", "bash")
                .put("arguments", new JsonObject().put("command", command))
                .put("session", session)
                .put("context", new JsonObject()));
    assertEquals(200, answer.status(), answer.body().encode());
    return answer.body().getString("id");
  }

  /** The messages of one WebSocket. */
  private static final class Messages implements WebSocket.Listener {
    final ConcurrentLinkedQueue<JsonObject> all = new ConcurrentLinkedQueue<>();
    private final StringBuilder text = new StringBuilder();

    @Override
    public @Nullable CompletionStage<?> onText(WebSocket socket, CharSequence data, boolean last) {
      text.append(data);
      if (last) {
        all.add(new JsonObject(text.toString()));
        text.setLength(0);
      }
      socket.request(1);
      return null;
    }

    List<String> actions() {
      return all.stream()
          .filter(message -> message.containsKey("event"))
          .map(message -> message.getJsonObject("event").getString("action"))
          .toList();
    }

    String place() {
      return all.stream().reduce((before, after) -> after).orElseThrow().getString("place");
    }
  }

  private WebSocket open(String role, String query, Messages messages) {
    return client
        .newWebSocketBuilder()
        .header("Authorization", "Bearer " + api.key(role))
        .buildAsync(
            URI.create("ws://127.0.0.1:" + api.port() + "/v1/audit/tail?" + query), messages)
        .join();
  }

  private WebSocket begin(String role, String query, Messages messages) {
    WebSocket socket = open(role, query, messages);
    Eventually.eventually("the tail begins", LIMIT, () -> !messages.all.isEmpty());
    return socket;
  }

  @Test
  void whatOneTailShowsTheOtherShowsToo() {
    // Given
    String query = "session=both&outcome=DENY&text=zanzibar";
    Messages messages = new Messages();
    WebSocket socket = begin("auditor", query, messages);
    ConcurrentLinkedQueue<String> lines = new ConcurrentLinkedQueue<>();
    Thread stream = Thread.ofVirtual().start(() -> watch(query, lines));
    Eventually.eventually("the stream begins", LIMIT, () -> !lines.isEmpty());

    // When
    decide("both", "rm -rf /");
    decide("both", "echo zanzibar");
    decide("else", "rm -rf / # zanzibar");
    String shown = decide("both", "rm -rf / # zanzibar");

    // Then
    Eventually.eventually("by WebSocket", LIMIT, () -> !messages.actions().isEmpty());
    Eventually.eventually("as events", LIMIT, () -> !events(lines).isEmpty());
    assertEquals(List.of(shown), messages.actions());
    assertEquals(List.of(shown), events(lines));
    socket.abort();
    stream.interrupt();
  }

  private void watch(String query, ConcurrentLinkedQueue<String> lines) {
    try (Stream<String> body =
        client
            .send(
                api.request("auditor", "/v1/audit/tail?" + query).GET().build(),
                BodyHandlers.ofLines())
            .body()) {
      body.forEach(lines::add);
    } catch (Exception e) {
      lines.add(": broken " + e);
    }
  }

  private static List<String> events(ConcurrentLinkedQueue<String> lines) {
    return lines.stream()
        .filter(line -> line.startsWith("data: "))
        .map(line -> new JsonObject(line.substring("data: ".length())).getString("action"))
        .toList();
  }

  @Test
  void nothingIsLostOrRepeatedHoweverOftenTheConnectionIsLost() {
    // Given
    List<String> expected = new ArrayList<>();
    List<String> seen = new ArrayList<>();
    Messages first = new Messages();
    WebSocket lost = begin("auditor", "session=lost", first);
    Messages messages = first;

    // When
    for (int round = 0; round < 8; round++) {
      for (int i = 0; i < 10; i++) {
        expected.add(decide("lost", "echo " + i));
      }
      Messages now = messages;
      int enough = round % 3;
      Eventually.eventually("some are seen", LIMIT, () -> now.actions().size() > enough);
      lost.abort();
      Messages seenTillThen = new Messages();
      seenTillThen.all.addAll(now.all);
      seen.addAll(seenTillThen.actions());
      messages = new Messages();
      lost = begin("auditor", "session=lost&after=" + seenTillThen.place(), messages);
    }

    // Then
    Messages last = messages;
    Eventually.eventually(
        "all of them", LIMIT, () -> seen.size() + last.actions().size() >= expected.size());
    seen.addAll(last.actions());
    assertEquals(expected, seen);
    lost.abort();
  }

  @Test
  void outlivesTheTimeThatABodyMayTake() {
    // Given
    Messages messages = new Messages();
    WebSocket socket = begin("auditor", "session=long", messages);
    long begun = System.nanoTime();

    // When
    Eventually.eventually(
        "longer than a body may take",
        LIMIT,
        () -> System.nanoTime() - begun > 2_000_000L * BODY_TIMEOUT_MILLIS);
    String late = decide("long", "echo late");

    // Then
    Eventually.eventually("still connected", LIMIT, () -> messages.actions().contains(late));
    socket.abort();
  }

  @Test
  void anAgentSeesItsOwnSessionOnly() {
    // Given
    Messages messages = new Messages();
    WebSocket socket = begin("agent", "session=own", messages);

    // When
    decide("other", "echo 1");
    String own = decide("own", "echo 1");

    // Then
    Eventually.eventually("its own", LIMIT, () -> !messages.actions().isEmpty());
    assertEquals(List.of(own), messages.actions());
    socket.abort();
    assertEquals(403, refused("agent", ""));
    assertEquals(403, refused("approver", ""));
    assertEquals(422, refused("agent", "session=own&tenant=(server)"));
  }

  @Test
  void refusesAPlaceThatIsNone() {
    assertEquals(422, refused("auditor", "after=nowhere"));
    assertEquals(422, refused("auditor", "colour=red"));
    assertEquals(422, api.get("auditor", "/v1/audit/tail?after=1:2:3").status());
    assertEquals(
        422, api.get("auditor", "/v1/audit/tail?after=" + "1:1,".repeat(999) + "x").status());
  }

  private int refused(String role, String query) {
    CompletionException failure =
        assertThrows(CompletionException.class, () -> open(role, query, new Messages()));
    return assertInstanceOf(WebSocketHandshakeException.class, failure.getCause())
        .getResponse()
        .statusCode();
  }
}
