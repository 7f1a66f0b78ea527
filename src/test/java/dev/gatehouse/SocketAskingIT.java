package dev.gatehouse;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.time.Duration;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Where policy asks a person: the connection is told, and held if it wants. */
class SocketAskingIT {
  private static final Duration LIMIT = Duration.ofSeconds(60);

  @RegisterExtension
  static final RunningServer SERVER =
      new RunningServer()
          .withNothingReady()
          .with("GATEHOUSE_POLICY_DIRECTORY", "src/test/policies/asking")
          .with("GATEHOUSE_KEYS", ApprovalKeys.setting(ApprovalKeys.USUAL));

  private final Api api = SERVER.api();

  @BeforeAll
  static void writeKeys() throws IOException {
    ApprovalKeys.write(ApprovalKeys.USUAL, SERVER.data());
  }

  private static JsonObject code(String code) {
    return Api.execution("bash", code);
  }

  private JsonObject asked(SocketClient client, String id) {
    return client
        .await(
            "a person is asked",
            frame -> id.equals(frame.getString("id")) && "asked".equals(frame.getString("type")))
        .getJsonObject("body");
  }

  private void decide(String approval, String decision) {
    assertEquals(
        200,
        api.post(
                "ada",
                "/v1/approvals/" + approval + "/decision",
                new JsonObject().put("decision", decision).put("reason", "I looked at it"))
            .status());
  }

  private String state(String approval) {
    return api.get("operator", "/v1/approvals/" + approval).body().getString("state");
  }

  @Test
  void aHeldRequestIsToldThatAPersonIsAskedAndThenWhatCameOfIt() {
    try (SocketClient client = SocketClient.as(api, "agent")) {
      // Given
      String id = client.request("execute", code("echo held").put("waitMs", 60_000));
      String approval = asked(client, id).getString("approvalId");
      // Meanwhile it answers others.
      client.ask(200, "decide", new JsonObject().put("tool", "bash"));

      // When
      decide(approval, "approve");

      // Then
      JsonObject reply = client.reply(id);
      assertEquals(201, reply.getInteger("status"), reply.encode());
      client.awaitEnd(reply.getInteger("stream"));
      assertEquals("held\n", client.output(reply.getInteger("stream"), 1));
      assertEquals("consumed", state(approval));
    }
  }

  @Test
  void whatAPersonDeniesIsRefusedAsOverHttp() {
    try (SocketClient client = SocketClient.as(api, "agent")) {
      String id = client.request("execute", code("echo denied").put("waitMs", 60_000));
      decide(asked(client, id).getString("approvalId"), "deny");
      JsonObject reply = client.reply(id);
      assertEquals(403, reply.getInteger("status"), reply.encode());
      assertEquals("approval.denied", reply.getJsonObject("body").getString("code"));
    }
  }

  @Test
  void whoDoesNotWaitComesAgainWithTheApproval() {
    try (SocketClient client = SocketClient.as(api, "agent")) {
      JsonObject waiting = client.ask(202, "execute", code("echo again"));
      String approval = waiting.getJsonObject("body").getString("approvalId");
      decide(approval, "approve");
      JsonObject run = client.ask(201, "execute", code("echo again").put("approval", approval));
      client.awaitEnd(run.getInteger("stream"));
      JsonObject used = client.ask(409, "execute", code("echo again").put("approval", approval));
      assertEquals("approval.consumed", used.getJsonObject("body").getString("code"));
    }
  }

  @Test
  void aConnectionThatEndsTakesItsQuestionBackUnlessItSaysOtherwise() {
    String gone;
    String stays;
    try (SocketClient client = SocketClient.as(api, "agent")) {
      gone =
          asked(client, client.request("execute", code("echo gone").put("waitMs", 60_000)))
              .getString("approvalId");
      stays =
          asked(
                  client,
                  client.request(
                      "execute",
                      code("echo stays").put("waitMs", 60_000).put("respondAsync", true)))
              .getString("approvalId");

      // When
      client.abort();
    }

    // Then
    Eventually.eventually("it is taken back", LIMIT, () -> state(gone).equals("cancelled"));
    assertEquals("pending", state(stays));
  }

  @Test
  void personsAnswerOverConnectionsOfTheirOwn() {
    try (SocketClient agent = SocketClient.as(api, "agent");
        SocketClient ada = SocketClient.as(api, "ada")) {
      // Given
      String id = agent.request("execute", code("echo by socket").put("waitMs", 60_000));
      JsonObject question =
          new JsonObject().put("approval", asked(agent, id).getString("approvalId"));
      String pending = ada.ask(200, "approvals", new JsonObject()).encode();
      assertTrue(pending.contains(question.getString("approval")), pending);

      // When
      JsonObject claimed = ada.ask(200, "claim", question);
      String watch = agent.request("approval", question.copy().put("waitMs", 60_000));
      JsonObject answered =
          ada.ask(200, "answer", question.copy().put("decision", "approve").put("reason", "fine"));

      // Then
      assertTrue(claimed.encode().contains("echo by socket"), claimed.encode());
      JsonObject answer = answered.getJsonObject("body").getJsonArray("answers").getJsonObject(0);
      assertTrue(answer.encode().contains("fine"), answered.encode());
      assertEquals(201, agent.reply(id).getInteger("status"));
      assertEquals(200, agent.reply(watch).getInteger("status"));
      JsonObject again = ada.ask("answer", question.copy().put("decision", "deny"));
      assertEquals(409, again.getInteger("status"), again.encode());
      JsonObject told =
          api.get("auditor", "/v1/audit?kind=approval.decided")
              .body()
              .getJsonArray("events")
              .getJsonObject(0)
              .getJsonObject("detail");
      assertEquals("websocket", told.getString("channel"), told.encode());
      assertEquals("127.0.0.1", told.getString("address"), told.encode());
      assertEquals("ada", told.getString("key"), told.encode());
    }
  }

  @Test
  void questionsAreGuardedAsOverHttp() {
    try (SocketClient agent = SocketClient.as(api, "agent");
        SocketClient other = SocketClient.as(api, "other");
        SocketClient owner = SocketClient.as(api, "ada-too")) {
      String id =
          agent
              .ask(202, "execute", code("echo guarded"))
              .getJsonObject("body")
              .getString("approvalId");
      JsonObject question = new JsonObject().put("approval", id);
      JsonObject approve = question.copy().put("decision", "approve");

      assertEquals(403, agent.ask("claim", question).getInteger("status"));
      assertEquals(403, agent.ask("answer", approve).getInteger("status"));
      assertEquals(404, other.ask("approval", question).getInteger("status"));
      assertEquals(404, other.ask("withdraw", question).getInteger("status"));
      assertEquals(403, owner.ask("withdraw", question).getInteger("status"));
      assertEquals(
          422, owner.ask("approvals", new JsonObject().put("state", "odd")).getInteger("status"));
      assertEquals(
          422,
          owner.ask("answer", approve.copy().put("edit", new JsonObject())).getInteger("status"));
      assertEquals("pending", state(id));

      // When
      agent.ask(200, "withdraw", question);

      // Then
      assertEquals("cancelled", state(id));
    }
  }
}
