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
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Approvers see what an action does, in a sandbox that is thrown away, before they answer. */
class ApprovalPreviewIT {
  private static final int COUNT = 2;
  private static final int OUTPUT_CHARS = 1000;
  private static final int FILES = 20;
  private static final Path POLICIES = ApprovalKeys.copyOfPolicy("previewed");

  @RegisterExtension
  static final RunningServer SERVER =
      new RunningServer()
          .with("GATEHOUSE_POLICY_DIRECTORY", POLICIES.toString())
          .with("GATEHOUSE_KEYS", ApprovalKeys.setting(ApprovalKeys.USUAL))
          .with("GATEHOUSE_APPROVAL_PREVIEW_COUNT", "" + COUNT)
          .with("GATEHOUSE_APPROVAL_PREVIEW_MILLIS", "8000")
          .with("GATEHOUSE_APPROVAL_PREVIEW_OUTPUT_CHARS", "" + OUTPUT_CHARS)
          .with("GATEHOUSE_APPROVAL_PREVIEW_FILES", "" + FILES);

  private final Api api = SERVER.api();

  @BeforeAll
  static void writeKeys() throws IOException {
    ApprovalKeys.write(ApprovalKeys.USUAL, SERVER.data());
  }

  private String ask(JsonObject body) {
    Answer asked = api.post("agent", "/v1/executions", body);
    assertEquals(202, asked.status(), asked.body().encode());
    return asked.body().getString("approvalId");
  }

  private String ask(String language, String code) {
    return ask(Api.execution(language, code));
  }

  private Answer preview(String who, String id) {
    return api.post(who, "/v1/approvals/" + id + "/preview", new JsonObject());
  }

  private JsonObject previewed(String id) {
    Answer answer = preview("ada", id);
    assertEquals(200, answer.status(), answer.body().encode());
    return answer.body().getJsonObject("preview");
  }

  private JsonObject did(String id) {
    return previewed(id).getJsonObject("did");
  }

  private JsonObject question(String who, String id) {
    return api.get(who, "/v1/approvals/" + id).body();
  }

  private Answer approve(String id, @Nullable String effect) {
    JsonObject decision = new JsonObject().put("decision", "approve");
    if (effect != null) {
      decision.put("effect", effect);
    }
    return api.post("ada", "/v1/approvals/" + id + "/decision", decision);
  }

  private static JsonObject file(JsonObject did, String kind, int number) {
    return did.getJsonObject("files").getJsonArray(kind).getJsonObject(number);
  }

  private JsonArray events(String query) {
    return api.get("auditor", "/v1/audit?limit=100&" + query).body().getJsonArray("events");
  }

  @Test
  void theApproverSeesWhatItDidAndTheLogHasIt() {
    // Given
    JsonObject body =
        Api.execution(
                "bash",
                "cat; echo said; echo wrong >&2; printf x > made; mkdir d; ln -s /etc/passwd l;"
                    + " exit 3")
            .put("stdin", "in\n");
    String id = ask(body);

    // When
    JsonObject preview = previewed(id);

    // Then
    JsonObject did = preview.getJsonObject("did");
    assertEquals("exited", did.getString("end"), did.encode());
    assertEquals(3, did.getInteger("exitCode"));
    assertEquals("in\nsaid\n", did.getString("stdout"));
    assertEquals("wrong\n", did.getString("stderr"));
    assertFalse(did.getBoolean("fresh"));
    assertEquals("d", file(did, "made", 0).getString("path"));
    assertEquals("directory", file(did, "made", 0).getString("type"));
    assertEquals("/etc/passwd", file(did, "made", 1).getString("target"));
    assertEquals("made", file(did, "made", 2).getString("path"));
    assertEquals(1, file(did, "made", 2).getInteger("size"));
    assertEquals(ApprovalKeys.sha256("x"), file(did, "made", 2).getString("sha256"));
    assertEquals(preview, question("ben", id).getJsonObject("preview"));
    assertRecorded(question("ada", id).getString("action"), id, preview);
  }

  private void assertRecorded(String action, String id, JsonObject preview) {
    JsonObject event = events("kind=approval.previewed&action=" + action).getJsonObject(0);
    assertEquals("ada", event.getString("actor"));
    assertEquals(preview.getString("effect"), event.getJsonObject("detail").getString("effect"));
    JsonArray started = events("kind=execution.started");
    JsonObject own =
        started.stream()
            .map(JsonObject.class::cast)
            .filter(one -> id.equals(one.getJsonObject("detail").getString("preview")))
            .findFirst()
            .orElseThrow();
    assertEquals(action, own.getString("parent"));
    assertNotEquals(action, own.getString("action"));
    assertEquals(1, events("kind=execution.ended&action=" + own.getString("action")).size());
  }

  @Test
  void whereTheActionWouldHaveANetworkItsHostsAreSeenAndNoneIsReached() {
    // Given
    JsonObject network = new JsonObject().put("allow", new JsonArray().add("good.example"));
    String code =
        "for host in good.example evil.example:8443; do curl -sS -m 5 https://$host/; done; true";
    String id = ask(Api.execution("bash", code).put("network", network));

    // When
    JsonObject preview = previewed(id);

    // Then
    JsonObject did = preview.getJsonObject("did");
    assertEquals(
        new JsonArray().add("evil.example:8443").add("good.example:443"),
        did.getJsonArray("hosts"),
        did.encode());
    assertTrue(did.getBoolean("hostsWhole"));
    assertFalse(
        previewed(ask("bash", "curl -sS https://x.example/; true"))
            .getJsonObject("did")
            .containsKey("hosts"));
    for (Object event : events("kind=network.accessed&session=preview")) {
      assertEquals("DENY", ((JsonObject) event).getString("outcome"));
    }
    assertEquals(200, approve(id, preview.getString("effect")).status());
  }

  @Test
  void codeInEachLanguageIsTriedAndChangesNothingThatStays() {
    // Given
    String python = ask("python", "print(6 * 7); open('p', 'w').write('')");
    String javascript = ask("javascript", "console.log(6 * 7)");

    // When
    JsonObject first = did(python);
    JsonObject again = did(python);
    JsonObject script = did(javascript);

    // Then
    assertEquals("42\n", first.getString("stdout"), first.encode());
    assertEquals("p", file(first, "made", 0).getString("path"));
    assertEquals("p", file(again, "made", 0).getString("path"));
    assertEquals("42\n", script.getString("stdout"), script.encode());
    assertTrue(script.getJsonObject("files").getJsonArray("made").isEmpty());
  }

  @Test
  void anAnswerCanBeBoundToTheEffectThatWasSeenLast() {
    // Given
    JsonObject body = Api.execution("bash", "date +%s%N");
    String id = ask(body);
    assertEquals("approval.effect-changed", approve(id, "0".repeat(64)).code());
    String first = previewed(id).getString("effect");
    String last = previewed(id).getString("effect");
    assertNotEquals(first, last);

    // When
    Answer outdated = approve(id, first);
    Answer taken = approve(id, last);

    // Then
    assertEquals(409, outdated.status());
    assertEquals("approval.effect-changed", outdated.code());
    assertEquals("approved", taken.body().getString("state"), taken.body().encode());
    String action = taken.body().getString("action");
    JsonObject decided = events("kind=approval.decided&action=" + action).getJsonObject(0);
    assertEquals(last, decided.getJsonObject("detail").getString("effect"));
    Answer ran = api.post("agent", "/v1/executions", body.copy().put("approval", id));
    assertEquals(200, ran.status(), ran.body().encode());
    JsonObject over = question("ada", id).getJsonObject("preview");
    assertEquals(last, over.getString("effect"));
    assertNull(over.getJsonObject("did"));
  }

  @Test
  void theSameEffectHasTheSameDigest() {
    // Given
    String id = ask("bash", "echo same; echo same > file");

    // When
    String first = previewed(id).getString("effect");

    // Then
    assertEquals(first, previewed(id).getString("effect"));
    assertEquals("approved", approve(id, first).body().getString("state"));
  }

  @Test
  void neitherAgentsNorTheRequesterNorThoseWhoAreNotAskedSeeItTried() {
    // Given
    String id = ask("bash", "echo secret plan");
    Answer own = api.post("ada-agent", "/v1/executions", Api.execution("bash", "echo own"));
    String ownId = own.body().getString("approvalId");

    // When
    Answer agent = preview("agent", id);
    Answer requester = preview("ada", ownId);
    Answer operator = preview("operator", id);

    // Then
    assertEquals(403, agent.status());
    assertEquals(403, operator.status());
    assertEquals("approval.own-action", requester.code());
    previewed(id);
    JsonObject told = question("agent", id).getJsonObject("preview");
    assertFalse(told.containsKey("did"), told.encode());
    assertTrue(question("auditor", id).getJsonObject("preview").containsKey("did"));
    assertEquals("approval.not-found", preview("ada", "none").code());
  }

  @Test
  void oneIsUnderWayAtATimeAndAQuestionHasFew() {
    // Given
    String id = ask("bash", "sleep 3");

    // When
    CompletableFuture<Answer> one =
        api.postLater("ada", "/v1/approvals/" + id + "/preview", new JsonObject());
    CompletableFuture<Answer> other =
        api.postLater("ben", "/v1/approvals/" + id + "/preview", new JsonObject());
    one.join();
    other.join();
    Answer second = preview("ada", id);
    Answer more = preview("ben", id);

    // Then
    assertEquals(
        List.of("", "approval.preview-under-way"),
        Stream.of(one.join().code(), other.join().code()).sorted().toList());
    assertEquals(200, second.status(), second.body().encode());
    assertEquals(COUNT, second.body().getJsonObject("preview").getInteger("number"));
    assertEquals(409, more.status());
    assertEquals("approval.previews-exhausted", more.code());
  }

  @Test
  void itEndsAtItsOwnTimeLimit() {
    // Given
    String id = ask("bash", "echo before; sleep 60");

    // When
    JsonObject did = did(id);

    // Then
    assertEquals("timed-out", did.getString("end"), did.encode());
    assertEquals("before\n", did.getString("stdout"));
  }

  @Test
  void aRuleHasItTriedAsSoonAsItIsAsked() {
    // Given
    String id = ask(Api.execution("bash", "echo by rule").put("session", "tried-1"));

    // When
    Eventually.eventually(
        "it is tried",
        Duration.ofSeconds(30),
        () -> question("ada", id).getJsonObject("preview") != null);

    // Then
    JsonObject preview = question("ada", id).getJsonObject("preview");
    assertEquals("by rule\n", preview.getJsonObject("did").getString("stdout"));
    assertNull(preview.getString("by"));
    assertTrue(question("ada", id).getJsonObject("terms").getBoolean("preview"));
  }

  @Test
  void whatCannotBeTriedIsRefusedAndWhereARuleWantsItThatIsShown() {
    // Given
    JsonObject spoken =
        Api.execution("bash", "cat").put("session", "tried-2").put("interactive", true);
    Answer asked = api.post("agent", "/v1/executions?background=true", spoken);
    String id = asked.body().getString("approvalId");
    String sandbox =
        api.post("agent", "/v1/sandboxes", new JsonObject().put("session", "s2"))
            .body()
            .getString("approvalId");

    // When
    Answer refused = preview("ada", sandbox);

    // Then
    assertEquals(422, refused.status(), refused.body().encode());
    assertEquals("approval.not-previewable", refused.code());
    Eventually.eventually(
        "why is shown",
        Duration.ofSeconds(30),
        () -> question("ada", id).getJsonObject("preview") != null);
    JsonObject preview = question("ada", id).getJsonObject("preview");
    assertNull(preview.getString("effect"));
    assertTrue(preview.getJsonObject("did").getString("refused").contains("spoken to"));
    assertEquals("approval.effect-changed", approve(id, "0".repeat(64)).code());
  }

  @Test
  void whatAnotherPolicyAskedAboutIsNotTried() throws IOException {
    // Given
    String id = ask("bash", "echo other policy");
    Path more = POLICIES.resolve("more.yaml");
    Files.writeString(
        more,
        """
        policy: more
        tier: organisation
        rules:
          - id: more
            text: one more
            tools: [other]
            decision: deny
            risk: high
        """);
    assertEquals(200, api.post("operator", "/v1/policies:reload", "").status());

    // When
    Answer refused = preview("ada", id);

    // Then
    assertEquals("approval.policy-changed", refused.code(), refused.body().encode());
    Files.delete(more);
    assertEquals(200, api.post("operator", "/v1/policies:reload", "").status());
    assertEquals(200, preview("ada", id).status());
  }

  @Test
  void secretsAreTakenOutAndWhatIsLongIsCut() {
    // Given
    String id =
        ask(
            "bash",
            "echo AKIA''IOSFODNN7EXAMPLE; echo password=hunter''2hunter2; head -c 5000 /dev/zero |"
                + " tr '\\0' x");

    // When
    JsonObject did = did(id);

    // Then
    String stdout = did.getString("stdout");
    assertFalse(stdout.contains("AKIAIOSFODNN7EXAMPLE"), stdout);
    assertFalse(stdout.contains("hunter2hunter2"), stdout);
    assertEquals(OUTPUT_CHARS, stdout.length());
    assertTrue(did.getBoolean("stdoutTruncated"));
  }

  /** What runs in a held sandbox after a person has said yes. */
  private JsonObject runIn(String executions, JsonObject code) {
    String id = api.post("agent", executions, code).body().getString("approvalId");
    assertEquals("approved", approve(id, null).body().getString("state"));
    Answer ran = api.post("agent", executions, code.copy().put("approval", id));
    assertEquals(200, ran.status(), ran.body().encode());
    return ran.body();
  }

  private static List<String> paths(JsonObject did, String kind) {
    return did.getJsonObject("files").getJsonArray(kind).stream()
        .map(entry -> ((JsonObject) entry).getString("path"))
        .toList();
  }

  @Test
  void whatIsForASandboxThatIsHeldFindsItsFilesAndChangesNone() {
    // Given
    String session = "held-files";
    Answer held = api.post("agent", "/v1/sandboxes", new JsonObject().put("session", session));
    assertEquals(201, held.status(), held.body().encode());
    String path = "/v1/sandboxes/" + held.body().getString("id") + "/executions";
    runIn(
        path,
        Api.execution(
                "bash",
                "mkdir d; echo old > a; echo b > d/b; chmod 700 d/b; echo > keep; : > empty; ln -s a"
                    + " link; head -c 300000 /dev/zero > long; head -c 2000000 /dev/zero > longer")
            .put("session", session));
    JsonObject change =
        Api.execution("bash", "cat a; echo new > a; rm d/b; echo made > c; stat -c %s long")
            .put("session", session);

    // When
    JsonObject did = did(api.post("agent", path, change).body().getString("approvalId"));

    // Then
    assertEquals("old\n300000\n", did.getString("stdout"), did.encode());
    assertEquals(List.of("c"), paths(did, "made"));
    assertEquals(List.of("a"), paths(did, "changed"));
    assertEquals(List.of("d/b"), paths(did, "removed"));
    assertEquals("700", file(did, "removed", 0).getString("mode"));
    // All but the link, and what is too long.
    assertEquals(
        new JsonObject().put("entries", 6).put("whole", false), did.getJsonObject("workspace"));
    JsonObject look = Api.execution("bash", "cat a d/b; ls").put("session", session);
    assertEquals(
        "old\nb\na\nd\nempty\nkeep\nlink\nlong\nlonger\n", runIn(path, look).getString("stdout"));
  }

  @Test
  void whatIsForASandboxThatIsHeldIsTriedInAFreshOne() {
    // Given
    Answer held = api.post("agent", "/v1/sandboxes", new JsonObject().put("session", "held"));
    assertEquals(201, held.status(), held.body().encode());
    String path = "/v1/sandboxes/" + held.body().getString("id") + "/executions";
    JsonObject touch = Api.execution("bash", "touch here; ls").put("session", "held");
    JsonObject look = Api.execution("bash", "ls").put("session", "held");
    String id = api.post("agent", path, touch).body().getString("approvalId");

    // When
    JsonObject did = did(id);

    // Then
    assertTrue(did.getBoolean("fresh"), did.encode());
    assertEquals(
        new JsonObject().put("entries", 0).put("whole", true), did.getJsonObject("workspace"));
    assertEquals("here\n", did.getString("stdout"));
    String later = api.post("agent", path, look).body().getString("approvalId");
    assertEquals(
        "approved", approve(later, previewed(later).getString("effect")).body().getString("state"));
    Answer ran = api.post("agent", path, look.copy().put("approval", later));
    assertEquals("", ran.body().getString("stdout"), ran.body().encode());
  }

  @Test
  void whatAnEditMadeOfItMustBeTriedAnew() {
    // Given
    String id = ask("bash", "echo asked");
    String effect = previewed(id).getString("effect");
    JsonObject edit = new JsonObject().put("command", "echo edited");

    // When
    Answer both =
        api.post(
            "ada",
            "/v1/approvals/" + id + "/decision",
            new JsonObject().put("decision", "approve").put("edit", edit).put("effect", effect));
    Answer edited =
        api.post(
            "ada",
            "/v1/approvals/" + id + "/decision",
            new JsonObject().put("decision", "approve").put("edit", edit));

    // Then
    assertEquals("decision.conflict", both.code());
    assertEquals(200, edited.status(), edited.body().encode());
    assertNull(question("ada", id).getJsonObject("preview"));
  }

  @Test
  void aHostileGuestIsBoundedAndReachesNothing() {
    // Given
    String id =
        ask(
            "bash",
            """
            head -c 3000000 /dev/zero | tr '\\0' y
            touch f{1..10000}
            printf x > "$(printf 'esc\\033[2J\\nname')"
            (exec 3<>/dev/tcp/1.1.1.1/80) 2>/dev/null && echo outside
            (exec 3<>/dev/tcp/172.17.0.1/22) 2>/dev/null && echo host
            cat > json.py <<'END'
            raise SystemExit("not the listing's")
            END
            for i in 1 2 3; do (while :; do :; done) & done
            for i in $(seq 1 2000); do sleep 30 & done
            """);

    // When
    JsonObject did = did(id);

    // Then
    assertFalse(did.getString("stdout").contains("outside"), did.encode());
    assertFalse(did.getString("stdout").contains("host"), did.encode());
    assertTrue(did.getString("stdout").length() <= OUTPUT_CHARS);
    assertTrue(did.getBoolean("stdoutTruncated"), did.encode());
    JsonObject files = did.getJsonObject("files");
    if (files != null) {
      assertEquals(FILES, files.getJsonArray("made").size());
      assertTrue(files.getInteger("seen") > FILES, did.encode());
      assertFalse(files.getBoolean("whole"));
    }
    assertTrue(question("ada", id).encode().length() < 40_000);
    assertEquals("ok\n", did(ask("bash", "echo ok")).getString("stdout"));
  }
}
