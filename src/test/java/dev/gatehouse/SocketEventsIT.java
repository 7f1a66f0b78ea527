package dev.gatehouse;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What happens to questions, and in the log, is told to those who watch by WebSocket. */
class SocketEventsIT {
  private static final Duration LIMIT = Duration.ofSeconds(30);

  @RegisterExtension
  static final RunningServer SERVER =
      new RunningServer()
          .with("GATEHOUSE_POLICY_DIRECTORY", "src/test/policies/asking")
          .with("GATEHOUSE_KEYS", ApprovalKeys.setting(ApprovalKeys.USUAL));

  private final Api api = SERVER.api();

  @BeforeAll
  static void writeKeys() throws IOException {
    ApprovalKeys.write(ApprovalKeys.USUAL, SERVER.data());
  }

  private static JsonObject of(String what) {
    return new JsonObject().put("of", what);
  }

  private static JsonObject session(String name) {
    return of("audit").put("filter", new JsonObject().put("session", name));
  }

  /** Asks a question; gives its id. */
  private String ask(String code) {
    return api.post("agent", "/v1/executions", Api.execution("bash", code))
        .body()
        .getString("approvalId");
  }

  private void deny(String approval) {
    JsonObject body = new JsonObject().put("decision", "deny").put("reason", "no");
    assertEquals(200, api.post("ada", "/v1/approvals/" + approval + "/decision", body).status());
  }

  private static List<JsonObject> events(SocketClient client, int stream) {
    return client.frames().stream()
        .filter(frame -> "event".equals(frame.getString("type")))
        .filter(frame -> frame.getInteger("stream") == stream)
        .toList();
  }

  private static JsonObject awaitMove(SocketClient client, int stream, String id, String kind) {
    return client.await(
        kind + " of " + id,
        frame ->
            "event".equals(frame.getString("type"))
                && frame.getInteger("stream") == stream
                && kind.equals(frame.getJsonObject("body").getString("event"))
                && id.equals(
                    frame.getJsonObject("body").getJsonObject("approval").getString("id")));
  }

  @Test
  void whoWatchesQuestionsHearsOfEachMoveAndGoesOnWhereTheConnectionWasLost() {
    String place;
    String question;
    try (SocketClient ada = SocketClient.as(api, "ada")) {
      // Given
      int stream = ada.ask(200, "watch", of("approvals")).getInteger("stream");
      question = ask("echo watched");
      place = awaitMove(ada, stream, question, "requested").getString("cursor");
    }

    // When
    deny(question);

    // Then
    try (SocketClient ada = SocketClient.as(api, "ada")) {
      int stream = ada.ask(200, "watch", of("approvals").put("after", place)).getInteger("stream");
      JsonObject decided = awaitMove(ada, stream, question, "decided");
      assertEquals("denied", decided.getJsonObject("body").getString("state"));
      assertEquals(decided, events(ada, stream).getFirst(), "nothing is told twice");
    }
  }

  @Test
  void watchesThatAreAskedForTogetherPassNoLimitTogether() {
    // Given: more than all event loops follow, on as many connections as that takes.
    int loops = Runtime.getRuntime().availableProcessors();
    List<SocketClient> clients =
        IntStream.range(0, 5 * loops).mapToObj(i -> SocketClient.as(api, "ada")).toList();
    try {
      // When
      List<List<String>> asked =
          clients.stream()
              .map(client ->
                  IntStream.range(0, 64)
                      .mapToObj(i -> client.request("watch", of("approvals")))
                      .toList())
              .toList();

      // Then
      long granted = 0;
      for (int i = 0; i < clients.size(); i++) {
        SocketClient client = clients.get(i);
        granted +=
            asked.get(i).stream()
                .filter(id -> client.reply(id).getInteger("status") == 200)
                .count();
      }
      assertTrue(granted <= 256L * loops, granted + " watch at once");
    } finally {
      clients.forEach(SocketClient::close);
    }
  }

  @Test
  void anAgentHearsOfItsOwnQuestionsOnly() {
    try (SocketClient other = SocketClient.as(api, "other");
        SocketClient ada = SocketClient.as(api, "ada")) {
      int heard = ada.ask(200, "watch", of("approvals")).getInteger("stream");
      int stream = other.ask(200, "watch", of("approvals")).getInteger("stream");
      String foreign = ask("echo foreign");
      deny(foreign);
      awaitMove(ada, heard, foreign, "decided");
      String own =
          api.post("other", "/v1/executions", Api.execution("bash", "echo own"))
              .body()
              .getString("approvalId");
      awaitMove(other, stream, own, "requested");
      assertFalse(events(other, stream).toString().contains(foreign));
    }
  }

  @Test
  void whoWatchesTheLogGetsWhatHeAskedForWithinHisCredit() {
    try (SocketClient auditor = SocketClient.as(api, "auditor");
        SocketClient agent = SocketClient.as(api, "agent")) {
      // Given
      JsonObject wanted = session("shown").put("credit", 1);
      int stream = auditor.ask(200, "watch", wanted).getInteger("stream");
      JsonObject hidden = new JsonObject().put("tool", "bash").put("session", "hidden");

      // When
      agent.ask(200, "decide", hidden);
      for (int i = 0; i < 3; i++) {
        agent.ask(200, "decide", hidden.copy().put("session", "shown"));
      }

      // Then: credit is spent by the first, which cannot be cut.
      Eventually.eventually("one", LIMIT, () -> events(auditor, stream).size() == 1);
      auditor.ask(200, "approvals", new JsonObject());
      assertEquals(1, events(auditor, stream).size());
      auditor.grant(stream, 100_000);
      Eventually.eventually("all", LIMIT, () -> events(auditor, stream).size() == 3);
      events(auditor, stream)
          .forEach(
              event -> assertEquals("shown", event.getJsonObject("body").getString("session")));
      auditor.ask(200, "stop", new JsonObject().put("stream", stream));
      agent.ask(200, "decide", hidden.copy().put("session", "shown"));
      String later = auditor.ask(200, "watch", session("shown")).encode();
      assertTrue(later.contains("cursor"), later);
      assertEquals(3, events(auditor, stream).size());
    }
  }

  @Test
  void anAgentSeesOneSessionOfTheLogAndItsOwn() {
    try (SocketClient agent = SocketClient.as(api, "agent")) {
      JsonObject refused = agent.ask(403, "watch", of("audit"));
      assertEquals("role.wrong", refused.getJsonObject("body").getString("code"));
      int stream = agent.ask(200, "watch", session("mine")).getInteger("stream");
      api.post(
          "other", "/v1/decisions", new JsonObject().put("tool", "bash").put("session", "mine"));
      agent.ask(200, "decide", new JsonObject().put("tool", "bash").put("session", "mine"));
      Eventually.eventually("its own", LIMIT, () -> !events(agent, stream).isEmpty());
      assertEquals(
          "agent",
          events(agent, stream).getFirst().getJsonObject("body").getString("actor"),
          "not what another wrote into a session of that name");
    }
  }

  @Test
  void whatIsRefusedTakesNoStream() {
    try (SocketClient auditor = SocketClient.as(api, "auditor")) {
      for (int i = 0; i < 100; i++) {
        auditor.ask(422, "watch", of("audit").put("after", "x"));
      }
      for (int i = 0; i < 64; i++) {
        auditor.ask(200, "watch", of("approvals"));
      }
      JsonObject refused = auditor.ask(429, "watch", of("approvals"));
      assertEquals("streams.exhausted", refused.getJsonObject("body").getString("code"));
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{}                                        | field.missing",
        "{\"of\":\"everything\"}                   | field.malformed",
        "{\"of\":\"audit\",\"after\":\"x\"}        | cursor.malformed",
        "{\"of\":\"approvals\",\"after\":\"x\"}    | cursor.malformed",
        "{\"of\":\"audit\",\"filter\":{\"a\":\"b\"}} | query.invalid",
        "{\"of\":\"audit\",\"filter\":{\"tool\":1}}  | field.wrong-type",
        "{\"of\":\"approvals\",\"filter\":{}}      | field.unknown",
        "{\"of\":\"approvals\",\"credit\":-1}      | field.out-of-range"
      })
  void whatCannotBeWatchedIsRefusedByName(String fields, String code) {
    try (SocketClient auditor = SocketClient.as(api, "auditor")) {
      JsonObject refused = auditor.ask(422, "watch", new JsonObject(fields));
      assertEquals(code, refused.getJsonObject("body").getString("code"), refused.encode());
    }
  }
}
