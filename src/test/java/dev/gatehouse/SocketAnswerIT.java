package dev.gatehouse;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Answers by WebSocket that change what runs, or hold for more than one action. */
class SocketAnswerIT {
  @RegisterExtension
  static final RunningServer SERVER =
      new RunningServer()
          .withNothingReady()
          .with("GATEHOUSE_POLICY_DIRECTORY", "src/test/policies/answers")
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

  private String state(String approval) {
    return api.get("operator", "/v1/approvals/" + approval).body().getString("state");
  }

  @Test
  void anEditThatPolicyDeniesLeavesTheQuestionAsItWas() {
    try (SocketClient agent = SocketClient.as(api, "agent");
        SocketClient ada = SocketClient.as(api, "ada")) {
      // Given
      String approval =
          agent
              .ask(202, "execute", code("echo to be edited"))
              .getJsonObject("body")
              .getString("approvalId");

      // When
      JsonObject reply =
          ada.ask(
              403,
              "answer",
              new JsonObject()
                  .put("approval", approval)
                  .put("decision", "approve")
                  .put("edit", new JsonObject().put("command", "echo forbidden")));

      // Then
      JsonObject body = reply.getJsonObject("body");
      assertEquals("approval.edit-denied", body.getString("code"));
      assertEquals("DENY", body.getJsonObject("decision").getString("outcome"));
      assertEquals("pending", state(approval));
    }
  }

  @Test
  void anAnswerThatIsNotTakenIsInTheLog() {
    try (SocketClient agent = SocketClient.as(api, "agent");
        SocketClient ada = SocketClient.as(api, "ada")) {
      // Given
      String question =
          agent
              .ask(202, "execute", code("echo database by socket"))
              .getJsonObject("body")
              .getString("approvalId");
      JsonObject answer = new JsonObject().put("approval", question).put("decision", "approve");

      // When
      JsonObject asAda = ada.ask(403, "answer", answer).getJsonObject("body");
      JsonObject asAgent = agent.ask(403, "answer", answer).getJsonObject("body");

      // Then
      assertEquals("approval.not-asked", asAda.getString("code"));
      assertEquals("role.wrong", asAgent.getString("code"));
      assertEquals(
          List.of("ada approver websocket not-asked", "agent agent websocket not-asked"),
          RefusedAnswers.to(api, question));
    }
  }

  @Test
  void anApproverMayEditWhatRuns() {
    try (SocketClient agent = SocketClient.as(api, "agent");
        SocketClient ada = SocketClient.as(api, "ada")) {
      // Given
      String id = agent.request("execute", code("echo asked").put("waitMs", 60_000));
      JsonObject question =
          new JsonObject()
              .put("approval", asked(agent, id).getString("approvalId"))
              .put("decision", "approve");

      // When
      JsonObject edit = new JsonObject().put("command", "echo edited");
      JsonObject answered = ada.ask(200, "answer", question.copy().put("edit", edit));

      // Then
      String shown = answered.getJsonObject("body").getJsonObject("edit").encode();
      assertTrue(shown.contains("ada"), shown);
      JsonObject reply = agent.reply(id);
      assertEquals(201, reply.getInteger("status"), reply.encode());
      agent.awaitEnd(reply.getInteger("stream"));
      assertEquals("edited\n", agent.output(reply.getInteger("stream"), 1));
    }
  }

  @Test
  void anApprovalMayHoldForLaterActions() {
    try (SocketClient agent = SocketClient.as(api, "agent");
        SocketClient ada = SocketClient.as(api, "ada")) {
      // Given
      JsonObject wanted = code("echo remembered").put("session", "remembering");
      JsonObject question =
          new JsonObject()
              .put(
                  "approval",
                  agent.ask(202, "execute", wanted).getJsonObject("body").getString("approvalId"))
              .put("decision", "approve");
      JsonObject remember = new JsonObject().put("scope", "session").put("seconds", 60);

      // When
      JsonObject answered = ada.ask(200, "answer", question.copy().put("remember", remember));

      // Then
      String memory =
          answered.getJsonObject("body").getJsonObject("remembered").getString("id", "");
      assertEquals(200, api.get("ada", "/v1/remembered/" + memory).status());
      JsonObject again = agent.ask(201, "execute", wanted);
      agent.awaitEnd(again.getInteger("stream"));
    }
  }

  @Test
  void whatContradictsItselfIsNoAnswer() {
    try (SocketClient agent = SocketClient.as(api, "agent");
        SocketClient ada = SocketClient.as(api, "ada")) {
      // Given
      String approval =
          agent
              .ask(202, "execute", code("echo contradicted"))
              .getJsonObject("body")
              .getString("approvalId");
      JsonObject edit = new JsonObject().put("command", "echo other");
      JsonObject remember = new JsonObject().put("scope", "session").put("seconds", 60);
      JsonObject approve = new JsonObject().put("approval", approval).put("decision", "approve");
      JsonObject deny = approve.copy().put("decision", "deny").put("reason", "no");

      // When / Then
      refused(ada, "decision.conflict", deny.copy().put("edit", edit));
      refused(ada, "decision.conflict", deny.copy().put("remember", remember));
      refused(ada, "decision.conflict", approve.copy().put("edit", edit).put("remember", remember));
      refused(ada, "decision.conflict", approve.copy().put("edit", edit).put("effect", "abc"));
      refused(
          ada,
          "scope.unknown",
          approve.copy().put("remember", remember.copy().put("scope", "all")));
      refused(ada, "field.wrong-type", approve.copy().put("edit", "echo"));
      refused(
          ada, "field.unknown", approve.copy().put("edit", edit.copy().put("language", "bash")));
      assertEquals("pending", state(approval));
    }
  }

  private static void refused(SocketClient by, String code, JsonObject answer) {
    JsonObject reply = by.ask(422, "answer", answer);
    assertEquals(code, reply.getJsonObject("body").getString("code"), reply.encode());
  }
}
