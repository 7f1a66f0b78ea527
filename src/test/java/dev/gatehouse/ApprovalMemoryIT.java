package dev.gatehouse;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.gatehouse.Api.Answer;
import dev.gatehouse.policy.Policy;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** What is approved for later, too, holds for the same and nothing else, and not for long. */
class ApprovalMemoryIT {
  private static final Path POLICIES = ApprovalKeys.copyOfPolicy("answers");

  @RegisterExtension
  static final RunningServer SERVER =
      new RunningServer()
          .with("GATEHOUSE_POLICY_DIRECTORY", POLICIES.toString())
          .with("GATEHOUSE_KEYS", ApprovalKeys.setting(ApprovalKeys.USUAL))
          .with("GATEHOUSE_APPROVAL_REMEMBER_SECONDS", "3600");

  private final Api api = SERVER.api();

  @BeforeAll
  static void writeKeys() throws IOException {
    ApprovalKeys.write(ApprovalKeys.USUAL, SERVER.data());
  }

  private Answer execute(String who, JsonObject body) {
    return api.post(who, "/v1/executions", body);
  }

  private static JsonObject body(String command, String session) {
    return Api.execution("bash", command).put("session", session);
  }

  private String ask(JsonObject body) {
    Answer asked = execute("agent", body);
    assertEquals(202, asked.status(), asked.body().encode());
    return asked.body().getString("approvalId");
  }

  private static JsonObject wish(String scope) {
    return new JsonObject().put("scope", scope).put("seconds", 600);
  }

  private Answer approve(String who, String id, JsonObject wish) {
    return api.post(
        who,
        "/v1/approvals/" + id + "/decision",
        new JsonObject().put("decision", "approve").put("reason", "again").put("remember", wish));
  }

  private JsonObject remembered(JsonObject body, JsonObject wish) {
    Answer answer = approve("ada", ask(body), wish);
    assertEquals(200, answer.status(), answer.body().encode());
    return answer.body().getJsonObject("remembered");
  }

  private void assertAsks(String who, JsonObject body) {
    Answer answer = execute(who, body);
    assertEquals(202, answer.status(), answer.body().encode());
  }

  private void assertRuns(String who, JsonObject body) {
    Answer answer = execute(who, body);
    assertEquals(200, answer.status(), answer.body().encode());
  }

  @Test
  void whatIsRememberedForASessionHoldsForTheSameThereAndNothingElse() {
    // Given
    JsonObject body = body("echo session", "m1").put("stdin", "in");
    JsonObject memory = remembered(body, wish("session"));

    // When
    Answer ran = execute("agent", body);

    // Then
    assertEquals("session\n", ran.body().getString("stdout"), ran.body().encode());
    assertEquals("ASK", ran.body().getJsonObject("decision").getString("outcome"));
    assertAsks("agent", body.copy().put("session", "m2"));
    assertAsks("agent", body.copy().put("code", "echo session "));
    assertAsks("agent", body.copy().put("stdin", "in2"));
    assertAsks("agent", body.copy().put("env", new JsonObject().put("A", "b")));
    assertAsks("other", body);
    assertEquals("session", memory.getString("scope"));
    String story =
        api.get("auditor", "/v1/audit?action=" + ran.body().getString("id")).body().encode();
    assertTrue(story.contains("memory.used"), story);
    assertTrue(story.contains(memory.getString("id")), story);
    String made = api.get("auditor", "/v1/audit?kind=memory.made&limit=1000").body().encode();
    assertTrue(made.contains(memory.getString("id")), made);
  }

  @Test
  void whatIsRememberedAsARuleHoldsInEverySessionOfThatAgent() {
    // Given
    JsonObject body = body("echo rule", "m3");
    remembered(body, wish("rule"));

    // When, then
    assertRuns("agent", body.copy().put("session", "m4"));
    assertAsks("other", body);
    assertAsks("agent", body("echo rules", "m4"));
    assertAsks("agent", body.copy().put("session", "strict-1"));
  }

  @Test
  void theRuleIsShownWithWhatItCoversAndTestsItself() throws Exception {
    // Given
    JsonObject body = body("echo \"shown\\n\"\n# \u00fc", "m5");
    execute("agent", body.copy().put("session", "m6"));
    String id = ask(body);

    // When
    Answer offer = api.post("ada", "/v1/approvals/" + id + "/remember", wish("rule"));

    // Then
    assertEquals(200, offer.status(), offer.body().encode());
    JsonObject radius = offer.body().getJsonObject("blastRadius");
    assertEquals(2, radius.getInteger("questions"));
    assertEquals(2, radius.getInteger("sessions"));
    String rule = offer.body().getString("rule");
    Policy policy = Policy.compile(Map.of("rule", rule), InstantSource.system());
    assertEquals(1, policy.tests());
    assertEquals(List.of(), policy.test());
    assertTrue(rule.contains("echo \\\"shown"), rule);
    JsonObject one = api.post("ada", "/v1/approvals/" + id + "/remember", wish("session")).body();
    assertEquals(1, one.getJsonObject("blastRadius").getInteger("questions"));
    assertAsks("agent", body);
  }

  @Test
  void whatGuardrailsOrSeveralPersonsAreAskedOrIsCriticalIsNeverRemembered() {
    for (JsonObject body :
        List.of(
            body("echo guarded", "m7"),
            body("echo critical", "m7"),
            body("echo x", "strict-2"),
            Api.execution("python", "print(1)"))) {
      // Given
      String id = ask(body);

      // When
      Answer shown = api.post("ada", "/v1/approvals/" + id + "/remember", wish("session"));
      Answer answer = approve("ada", id, wish("session"));

      // Then
      assertEquals("approval.not-remembered", shown.code(), shown.body().encode());
      assertEquals(422, answer.status());
      assertEquals("approval.not-remembered", answer.code());
      assertEquals("pending", api.get("ada", "/v1/approvals/" + id).body().getString("state"));
    }
  }

  @Test
  void whatIsRememberedEndsWithItsUsesAndItsTime() {
    // Given
    JsonObject once = body("echo once", "m8");
    JsonObject brief = body("echo brief", "m8");
    remembered(once, wish("session").put("uses", 1));
    remembered(brief, wish("session").put("seconds", 1));

    // When, then
    assertRuns("agent", once);
    assertAsks("agent", once);
    Eventually.eventually(
        "it is asked again", Duration.ofSeconds(30), () -> execute("agent", brief).status() == 202);
  }

  @Test
  void anotherPolicyIsAskedAgain() throws IOException {
    // Given
    JsonObject body = body("echo policy", "m9");
    JsonObject memory = remembered(body, wish("rule"));
    JsonObject test =
        new JsonObject(memory.getString("rule"))
            .getJsonArray("rules")
            .getJsonObject(0)
            .getJsonObject("tests")
            .getJsonArray("match")
            .getJsonObject(0);
    JsonObject trial =
        new JsonObject()
            .put("tool", "bash")
            .put("session", "any")
            .put("arguments", test.getJsonObject("arguments"))
            .put("context", test.getJsonObject("context"));
    String path = "/v1/remembered/" + memory.getString("id") + "/test";
    assertEquals(true, api.post("ben", path, trial).body().getBoolean("holds"));
    assertRuns("agent", body);

    // When
    Files.writeString(
        POLICIES.resolve("more.yaml"),
        """
        policy: more
        rules:
          - {id: more, text: more, tools: [nothing], decision: deny, risk: low}
        """);
    assertEquals(200, api.post("operator", "/v1/policies:reload", "").status());
    Answer asked = execute("agent", body);
    Answer tested = api.post("ben", path, trial);
    Files.delete(POLICIES.resolve("more.yaml"));
    assertEquals(200, api.post("operator", "/v1/policies:reload", "").status());

    // Then
    assertEquals(202, asked.status(), asked.body().encode());
    assertEquals(false, tested.body().getBoolean("holds"));
  }

  @Test
  void whatIsRememberedIsListedTestedAndRevoked() {
    // Given
    JsonObject body = body("echo listed", "m10");
    JsonObject memory = remembered(body, wish("rule"));
    String path = "/v1/remembered/" + memory.getString("id");

    // When, then
    for (String who : List.of("ada", "ben", "operator", "auditor")) {
      JsonArray list = api.get(who, "/v1/remembered?limit=500").body().getJsonArray("remembered");
      assertTrue(list.encode().contains(memory.getString("id")), list.encode());
    }
    JsonObject test =
        new JsonObject(memory.getString("rule"))
            .getJsonArray("rules")
            .getJsonObject(0)
            .getJsonObject("tests")
            .getJsonArray("match")
            .getJsonObject(0);
    JsonObject trial =
        new JsonObject()
            .put("tool", "bash")
            .put("session", "any")
            .put("arguments", test.getJsonObject("arguments"))
            .put("context", test.getJsonObject("context"));
    assertEquals(true, api.post("ben", path + "/test", trial).body().getBoolean("holds"));
    trial.put("arguments", new JsonObject().put("command", "echo other"));
    assertEquals(false, api.post("ben", path + "/test", trial).body().getBoolean("holds"));
    assertEquals("role.wrong", api.delete("auditor", path).code());
    assertRuns("agent", body);
    assertEquals(1, api.get("ada", path).body().getInteger("uses"));

    // When
    Answer revoked = api.delete("ben", path);

    // Then
    assertEquals(200, revoked.status(), revoked.body().encode());
    assertEquals("ben", revoked.body().getString("revokedBy"));
    JsonObject told =
        api.get("auditor", "/v1/audit?kind=memory.revoked&action=" + memory.getString("id"))
            .body()
            .getJsonArray("events")
            .getJsonObject(0);
    assertEquals("ben", told.getString("actor"));
    assertEquals("ben", told.getJsonObject("detail").getString("key"));
    assertEquals("http", told.getJsonObject("detail").getString("channel"));
    assertEquals("127.0.0.1", told.getJsonObject("detail").getString("address"));
    assertEquals("", revoked.body().getString("rule"));
    assertAsks("agent", body);
    assertEquals(404, api.delete("ben", path).status());
    assertEquals(404, api.get("ada", path).status());
    assertFalse(
        api.get("ada", "/v1/remembered?limit=500")
            .body()
            .encode()
            .contains(memory.getString("id")));
    String log = api.get("auditor", "/v1/audit?kind=memory.revoked").body().encode();
    assertTrue(log.contains(memory.getString("id")), log);
  }

  @Test
  void noAgentRemembersOrSeesWhatIsRemembered() {
    // Given
    JsonObject body = body("echo mine", "m11");
    String memory = remembered(body, wish("session")).getString("id");
    String id = ask(body("echo mine too", "m11"));

    // When, then
    for (String who : List.of("agent", "other", "ada-agent")) {
      assertEquals("role.wrong", approve(who, id, wish("session")).code());
      for (Answer answer :
          List.of(
              api.post(who, "/v1/approvals/" + id + "/remember", wish("rule")),
              api.get(who, "/v1/remembered"),
              api.get(who, "/v1/remembered/" + memory),
              api.post(who, "/v1/remembered/" + memory + "/test", new JsonObject()),
              api.delete(who, "/v1/remembered/" + memory))) {
        assertEquals(403, answer.status());
        assertEquals("role.wrong", answer.code());
      }
    }
    String own = execute("ada-agent", body("echo own", "m11")).body().getString("approvalId");
    assertEquals("approval.own-action", approve("ada", own, wish("session")).code());
    assertAsks("ada-agent", body("echo own", "m11"));
  }

  @Test
  void malformedWishesAreRefusedAndTheQuestionStays() {
    // Given
    String id = ask(body("echo malformed", "m12"));

    // When, then
    assertEquals("scope.unknown", approve("ada", id, wish("tenant")).code());
    assertEquals("field.missing", approve("ada", id, new JsonObject().put("scope", "rule")).code());
    assertEquals(
        "field.out-of-range", approve("ada", id, wish("rule").put("seconds", 3601)).code());
    assertEquals("field.out-of-range", approve("ada", id, wish("rule").put("uses", 0)).code());
    assertEquals("field.unknown", approve("ada", id, wish("rule").put("for", "ever")).code());
    JsonObject edit = new JsonObject().put("command", "x");
    for (JsonObject conflict :
        List.of(
            new JsonObject().put("decision", "deny").put("remember", wish("rule")),
            new JsonObject()
                .put("decision", "approve")
                .put("edit", edit)
                .put("remember", wish("rule")))) {
      Answer answer = api.post("ada", "/v1/approvals/" + id + "/decision", conflict);
      assertEquals("decision.conflict", answer.code(), answer.body().encode());
    }
    assertEquals("pending", api.get("ada", "/v1/approvals/" + id).body().getString("state"));
  }
}
