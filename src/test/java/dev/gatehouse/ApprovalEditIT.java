package dev.gatehouse;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.gatehouse.Api.Answer;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.net.http.HttpRequest.BodyPublishers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Approvers change what they are asked about: policy decides again, and exactly that runs. */
class ApprovalEditIT {
  private static final Path POLICIES = ApprovalKeys.copyOfPolicy("answers");

  @RegisterExtension
  static final RunningServer SERVER =
      new RunningServer()
          .with("GATEHOUSE_POLICY_DIRECTORY", POLICIES.toString())
          .with("GATEHOUSE_KEYS", ApprovalKeys.setting(ApprovalKeys.USUAL));

  private final Api api = SERVER.api();

  @BeforeAll
  static void writeKeys() throws IOException {
    ApprovalKeys.write(ApprovalKeys.USUAL, SERVER.data());
  }

  @AfterEach
  void onlyTheFirstPolicy() throws IOException {
    if (Files.deleteIfExists(POLICIES.resolve("more.yaml"))) {
      assertEquals(200, api.post("operator", "/v1/policies:reload", "").status());
    }
  }

  private void forbidToo(String word) throws IOException {
    Files.writeString(
        POLICIES.resolve("more.yaml"),
        """
        policy: more
        tier: organisation
        rules:
          - id: denied
            text: this is denied
            tools: [bash]
            when: [{argument: command, contains: '%s'}]
            decision: deny
            risk: high
        """
            .formatted(word));
    assertEquals(200, api.post("operator", "/v1/policies:reload", "").status());
  }

  private String ask(JsonObject body) {
    Answer asked = api.post("agent", "/v1/executions", body);
    assertEquals(202, asked.status(), asked.body().encode());
    return asked.body().getString("approvalId");
  }

  private Answer decide(String who, String id, JsonObject body) {
    return api.post(
        who, "/v1/approvals/" + id + "/decision", body.copy().put("decision", "approve"));
  }

  private Answer edit(String who, String id, JsonObject edit) {
    return decide(who, id, new JsonObject().put("edit", edit));
  }

  private static JsonObject command(String command) {
    return new JsonObject().put("command", command);
  }

  private Answer run(JsonObject body, String approval) {
    return api.post("agent", "/v1/executions", body.copy().put("approval", approval));
  }

  private JsonObject question(String id) {
    return api.get("ada", "/v1/approvals/" + id).body();
  }

  @Test
  void whatRunsIsExactlyWhatTheApproverMadeOfItAndTheLogHasBoth() {
    // Given
    JsonObject body =
        Api.execution("bash", "echo asked")
            .put("stdin", "old")
            .put("env", new JsonObject().put("OLD", "old"));
    Answer asked = api.post("agent", "/v1/executions", body);
    String id = asked.body().getString("approvalId");
    JsonObject edit =
        command("cat; printf '%s|\u00fc\\t%s|' \"$NEW\" \"$OLD\"")
            .put("stdin", "new\n")
            .put("env", new JsonObject().put("NEW", " a  b"));

    // When
    Answer decided = edit("ada", id, edit);
    assertEquals("approval.mismatch", run(Api.execution("bash", "cat"), id).code());
    Answer ran = run(body, id);
    Answer again = run(body, id);

    // Then
    assertEquals("approved", decided.body().getString("state"), decided.body().encode());
    assertEquals(200, ran.status(), ran.body().encode());
    assertEquals("new\n a  b|\u00fc\t|", ran.body().getString("stdout"));
    assertEquals("ada", ran.body().getJsonObject("edit").getString("by"));
    assertEquals(edit, ran.body().getJsonObject("edit").getJsonObject("arguments"));
    assertEquals("approval.consumed", again.code());
    JsonArray story =
        api.get("auditor", "/v1/audit?action=" + asked.body().getString("id"))
            .body()
            .getJsonArray("events");
    assertEquals(
        List.of(
            "decision",
            "approval.requested",
            "decision",
            "approval.decided",
            "decision",
            "execution.started",
            "approval.consumed",
            "execution.ended"),
        story.stream().map(event -> ((JsonObject) event).getString("kind")).toList());
    assertTrue(story.getJsonObject(0).encode().contains("echo asked"));
    assertTrue(story.getJsonObject(2).encode().contains("cat; printf"));
    assertEquals(
        story.getJsonObject(3).getJsonObject("detail").getString("edited"),
        story.getJsonObject(5).getJsonObject("detail").getString("digest"));
    assertNotEquals(
        story.getJsonObject(1).getJsonObject("detail").getString("digest"),
        story.getJsonObject(5).getJsonObject("detail").getString("digest"));
    assertNull(question(id).getJsonObject("edit").getJsonObject("arguments"));
  }

  @Test
  void whoHoldsTheRequestGetsTheEditedOne() {
    // Given
    JsonObject body = Api.execution("bash", "echo held");
    CompletableFuture<Answer> held =
        api.sendLater(
            api.request("agent", "/v1/executions")
                .header("Prefer", "wait=60")
                .POST(BodyPublishers.ofString(body.encode()))
                .build());
    String id = ask(body);
    Eventually.eventually(
        "both wait", Duration.ofSeconds(30), () -> question(id).getInteger("asked") == 2);

    // When
    assertEquals(200, edit("ada", id, command("echo edited")).status());

    // Then
    assertEquals("edited\n", held.join().body().getString("stdout"), held.join().body().encode());
    assertEquals("ada", held.join().body().getJsonObject("edit").getString("by"));
  }

  @Test
  void anEditThatPolicyDeniesIsRefusedWithItsReasonsAndTheQuestionStays() {
    // Given
    String id = ask(Api.execution("bash", "echo a"));

    // When
    Answer denied = edit("ada", id, command("echo forbidden"));

    // Then
    assertEquals(403, denied.status(), denied.body().encode());
    assertEquals("approval.edit-denied", denied.code());
    assertEquals(
        "forbidden",
        denied
            .body()
            .getJsonObject("decision")
            .getJsonArray("reasons")
            .getJsonObject(0)
            .getString("rule"));
    assertEquals("pending", question(id).getString("state"));
    assertNull(question(id).getJsonObject("edit"));
    assertTrue(
        api.get("auditor", "/v1/audit?action=" + question(id).getString("action"))
            .body()
            .encode()
            .contains("echo forbidden"));
  }

  @Test
  void anEditIsApprovedOnTheTermsOfWhatItBecame() {
    // Given
    String id = ask(Api.execution("bash", "echo terms"));

    // When, then
    assertEquals("approval.not-asked", edit("ada", id, command("echo database")).code());
    assertEquals("approval.reason-missing", edit("ada", id, command("echo critical")).code());
    assertEquals("pending", question(id).getString("state"));
    assertEquals("approved", edit("cid", id, command("echo database")).body().getString("state"));
    assertEquals("HIGH", question(id).getString("risk"));
  }

  @Test
  void whatOthersSaidToAnEarlierTextCountsNoMoreAndMustBeSaidToTheNewOne() {
    // Given
    JsonObject body = Api.execution("python", "print('asked')");
    String id = ask(body);
    String asked = question(id).getString("digest");
    assertEquals("pending", decide("ada", id, new JsonObject()).body().getString("state"));

    // When
    Answer edited = edit("ben", id, new JsonObject().put("code", "print('edited')"));

    // Then
    assertEquals("pending", edited.body().getString("state"), edited.body().encode());
    assertEquals("approval.changed", decide("ada", id, new JsonObject()).code());
    JsonObject old = new JsonObject().put("digest", asked);
    assertEquals("approval.changed", decide("ada", id, old).code());
    JsonObject shown = question(id).getJsonObject("edit");
    assertEquals("print('edited')", shown.getJsonObject("arguments").getString("code"));
    Answer last = decide("ada", id, new JsonObject().put("digest", shown.getString("digest")));
    assertEquals("approved", last.body().getString("state"), last.body().encode());
    assertEquals("edited\n", run(body, id).body().getString("stdout"));
  }

  @Test
  void theTimeToReadBeginsWithTheEdit() {
    // Given
    JsonObject body = Api.execution("python", "1");
    String id = ask(body);
    String code = "# " + "long ".repeat(1000);
    edit("ben", id, new JsonObject().put("code", code));
    String digest = question(id).getJsonObject("edit").getString("digest");

    // When
    Answer answer = decide("ada", id, new JsonObject().put("digest", digest));

    // Then
    assertEquals("approved", answer.body().getString("state"), answer.body().encode());
    assertTrue(answer.body().getString("warning", "").contains("faster"), answer.body().encode());
  }

  @Test
  void anApprovalThatNamesWhatWasSeenHoldsForNothingElse() {
    // Given
    String id = ask(Api.execution("bash", "echo seen"));

    // When, then
    JsonObject other = new JsonObject().put("digest", "0".repeat(64));
    assertEquals("approval.changed", decide("ada", id, other).code());
    JsonObject seen = new JsonObject().put("digest", question(id).getString("digest"));
    assertEquals("approved", decide("ada", id, seen).body().getString("state"));
  }

  @Test
  void anEditThatPolicyWouldAllowRunsOnceAllTheSame() {
    // Given
    JsonObject body = Api.execution("bash", "echo once");
    String id = ask(body);
    edit("ada", id, command("echo harmless"));

    // When, then
    assertEquals("harmless\n", run(body, id).body().getString("stdout"));
    assertEquals("approval.consumed", run(body, id).code());
  }

  @Test
  void aChangedPolicyIsAskedAgainAboutWhatAnApproverMadeOfIt() throws IOException {
    // Given
    JsonObject body = Api.execution("bash", "echo before");
    String edited = ask(body);
    edit("ada", edited, command("echo refused"));
    JsonObject body2 = Api.execution("bash", "echo before 2");
    String other = ask(body2);
    edit("ada", other, command("echo fine"));
    String open = ask(Api.execution("bash", "echo open"));

    // When
    forbidToo("refused");

    // Then
    assertEquals("policy.denied", run(body, edited).code());
    Answer again = run(body2, other);
    assertEquals(202, again.status(), again.body().encode());
    assertNotEquals(other, again.body().getString("approvalId"));
    Answer late = edit("ada", open, command("echo fine"));
    assertEquals(409, late.status());
    assertEquals("approval.policy-changed", late.code());
  }

  @Test
  void onlyWhatRunsCodeCanBeEditedAndOnlyIntoTheSameKind() {
    // Given
    JsonObject session = new JsonObject().put("session", "edits");
    String sandbox = api.post("agent", "/v1/sandboxes", session).body().getString("approvalId");
    String id = ask(Api.execution("bash", "echo kind"));

    // When, then
    assertEquals("approval.not-editable", edit("ada", sandbox, command("x")).code());
    JsonObject network = new JsonObject().put("allow", new JsonArray().add("example.org"));
    assertEquals(
        "approval.not-editable", edit("ada", id, command("x").put("network", network)).code());
    assertEquals("field.missing", edit("ada", id, new JsonObject().put("stdin", "x")).code());
    assertEquals("field.unknown", edit("ada", id, command("x").put("timeoutMs", 1)).code());
    assertEquals("field.wrong-type", edit("ada", id, new JsonObject().put("command", 1)).code());
    assertEquals("approval.too-long", edit("ada", id, command("x".repeat(300_000))).code());
    Answer both =
        api.post(
            "ada",
            "/v1/approvals/" + id + "/decision",
            new JsonObject().put("decision", "deny").put("edit", command("x")));
    assertEquals("decision.conflict", both.code());
    assertEquals("pending", question(id).getString("state"));
    assertFalse(question(id).getJsonArray("answers").iterator().hasNext());
  }

  @Test
  void whatIsSpokenToWhileItRunsHasNoInputToEdit() {
    // Given
    JsonObject interactive =
        Api.execution("bash", "read line; echo typed").put("interactive", true);
    Answer asked = api.post("agent", "/v1/executions?background=true", interactive);
    assertEquals(202, asked.status(), asked.body().encode());
    String id = asked.body().getString("approvalId");

    // When
    Answer edited = edit("ada", id, command("cat").put("stdin", "given at the start"));

    // Then
    assertEquals("approval.not-editable", edited.code());
    assertEquals(200, edit("ada", id, command("echo edited")).status());
  }

  @Test
  void nobodyEditsHisOwnActionAndNoAgentAnyAction() {
    // Given
    JsonObject body = Api.execution("bash", "echo own");
    String id = api.post("ada-agent", "/v1/executions", body).body().getString("approvalId");

    // When, then
    assertEquals("role.wrong", edit("ada-agent", id, command("x")).code());
    assertEquals("role.wrong", edit("other", id, command("x")).code());
    assertEquals("role.wrong", edit("operator", id, command("x")).code());
    assertEquals("approval.own-action", edit("ada", id, command("x")).code());
    assertEquals("approval.own-action", edit("ada-too", id, command("echo forbidden")).code());
    assertEquals("pending", question(id).getString("state"));
  }
}
