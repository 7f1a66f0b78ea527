package dev.gatehouse;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.gatehouse.Api.Answer;
import dev.gatehouse.store.EmbeddedDatabase;
import io.vertx.core.Vertx;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import io.vertx.pgclient.PgBuilder;
import io.vertx.pgclient.PgConnectOptions;
import io.vertx.sqlclient.Pool;
import java.io.IOException;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Agents ask, persons answer, and only what they approved runs, once. */
class ApprovalIT {
  private static final Path POLICIES = ApprovalKeys.copyOfPolicy("asking");
  private static final Executor THREADS = task -> Thread.ofVirtual().start(task);
  private static final Duration LIMIT = Duration.ofSeconds(30);

  @RegisterExtension
  static final RunningServer SERVER =
      new RunningServer()
          .with("GATEHOUSE_POLICY_DIRECTORY", POLICIES.toString())
          .with("GATEHOUSE_KEYS", ApprovalKeys.setting(ApprovalKeys.USUAL))
          .with("GATEHOUSE_APPROVAL_QUESTIONS_PER_HOUR", "40")
          .with("GATEHOUSE_SANDBOX_PROFILES", "[{name: small, memoryMiB: 384}]")
          .with(
              "GATEHOUSE_AUDIT_ALERTS",
              "[{name: unread, kind: approval.decided, fast: true, count: 1, cooldownSeconds: 1},"
                  + " {name: read, kind: approval.decided, fast: false, tool: bash, actor: ada,"
                  + " status: denied, count: 1}]");

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

  private Answer ask(String language, String code) {
    Answer asked = api.post("agent", "/v1/executions", Api.execution(language, code));
    assertEquals(202, asked.status(), asked.body().encode());
    return asked;
  }

  private String askFor(String language, String code) {
    return ask(language, code).body().getString("approvalId");
  }

  private Answer decide(String who, String id, String decision) {
    return decide(who, id, decision, "I looked at it");
  }

  private Answer decide(String who, String id, String decision, String reason) {
    JsonObject body = new JsonObject().put("decision", decision);
    return api.post(
        who,
        "/v1/approvals/" + id + "/decision",
        reason.isEmpty() ? body : body.put("reason", reason));
  }

  private Answer run(String language, String code, String approval) {
    return api.post(
        "agent", "/v1/executions", Api.execution(language, code).put("approval", approval));
  }

  private CompletableFuture<Answer> hold(String code, String prefer) {
    return hold(Api.execution("bash", code), prefer);
  }

  private CompletableFuture<Answer> hold(JsonObject body, String prefer) {
    HttpRequest request =
        api.request("agent", "/v1/executions")
            .header("Prefer", prefer)
            .POST(BodyPublishers.ofString(body.encode()))
            .build();
    return CompletableFuture.supplyAsync(() -> api.send(request), THREADS);
  }

  /** The id of the question about that code, as soon as it waits. */
  private String awaitQuestion(String code) {
    String[] found = new String[1];
    Eventually.eventually(
        "the question is asked",
        LIMIT,
        () -> {
          for (Object one : pending()) {
            JsonObject approval = (JsonObject) one;
            JsonObject whole = api.get("ada", "/v1/approvals/" + approval.getString("id")).body();
            if (whole
                .getJsonObject("arguments", new JsonObject())
                .getString("command", "")
                .equals(code)) {
              found[0] = approval.getString("id");
            }
          }
          return found[0] != null;
        });
    return found[0];
  }

  private JsonArray pending() {
    return api.get("ada", "/v1/approvals?limit=500").body().getJsonArray("approvals");
  }

  private String state(String id) {
    return api.get("ada", "/v1/approvals/" + id).body().getString("state");
  }

  @Test
  void whatWasApprovedRunsOnceAndTheLogTellsTheWholeStory() throws Exception {
    // Given
    Answer asked = ask("bash", "echo once");
    String id = asked.body().getString("approvalId");
    assertEquals("approval.not-found", run("bash", "echo once", "x").code());

    // When
    Answer decided = decide("ada", id, "approve");
    Answer ran = run("bash", "echo once", id);
    Answer again = run("bash", "echo once", id);

    // Then
    assertEquals("approved", decided.body().getString("state"), decided.body().encode());
    assertEquals(200, ran.status(), ran.body().encode());
    assertEquals("once\n", ran.body().getString("stdout"));
    assertEquals(asked.body().getString("id"), ran.body().getString("id"));
    assertEquals(409, again.status());
    assertEquals("approval.consumed", again.code());
    List<JsonObject> story =
        api
            .get("auditor", "/v1/audit?action=" + asked.body().getString("id"))
            .body()
            .getJsonArray("events")
            .stream()
            .map(event -> (JsonObject) event)
            // Nobody reads so fast, which an alert may tell at any time.
            .filter(event -> !event.getString("kind").equals("alert"))
            .toList();
    assertEquals(
        List.of(
            "decision",
            "approval.requested",
            "approval.decided",
            "decision",
            "execution.started",
            "approval.consumed",
            "execution.ended"),
        story.stream().map(event -> event.getString("kind")).toList());
    JsonObject answer = story.get(2);
    assertEquals("ada", answer.getString("actor"));
    assertEquals("approved", answer.getString("status"));
    assertEquals("I looked at it", answer.getJsonObject("detail").getString("reason"));
    assertEquals("http", answer.getJsonObject("detail").getString("channel"));
    assertEquals("127.0.0.1", answer.getJsonObject("detail").getString("address"));
    assertEquals(
        answer.getJsonObject("detail").getString("digest"),
        story.get(4).getJsonObject("detail").getString("digest"));
    assertEquals(
        transaction(
            "audit_event where kind = 'execution.started' and action = '"
                + asked.body().getString("id")
                + "'"),
        transaction("approval where id = '" + id + "'"),
        "the right is used up in the transaction that records the start");
  }

  /** Which transaction wrote a row. */
  private static String transaction(String row) throws Exception {
    Vertx vertx = Vertx.vertx();
    try {
      PgConnectOptions options = EmbeddedDatabase.running(SERVER.data()).orElseThrow();
      Pool pool = PgBuilder.pool().connectingTo(options).using(vertx).build();
      return pool.query("select xmin::text from " + row)
          .execute()
          .await(30, TimeUnit.SECONDS)
          .iterator()
          .next()
          .getString(0);
    } finally {
      vertx.close().await(30, TimeUnit.SECONDS);
    }
  }

  @Test
  void ofTwoWhoHoldTheSameQuestionOneRunsAndTheOtherIsToldThatItIsUsed() {
    // Given
    CompletableFuture<Answer> one = hold("echo both", "wait=60");
    CompletableFuture<Answer> two = hold("echo both", "wait=60");
    String id = awaitQuestion("echo both");
    Eventually.eventually(
        "both wait",
        LIMIT,
        () -> api.get("ada", "/v1/approvals/" + id).body().getInteger("asked") == 2);

    // When
    decide("ada", id, "approve");

    // Then
    List<Answer> answers = List.of(one.join(), two.join());
    assertEquals(
        List.of(200, 409), answers.stream().map(Answer::status).sorted().toList(), answers + "");
    Answer loser = answers.get(answers.get(0).status() == 409 ? 0 : 1);
    assertEquals("approval.consumed", loser.code());
  }

  @Test
  void anApprovalRunsNothingButWhatWasApproved() {
    // Given
    String id = askFor("bash", "echo approved");
    decide("ada", id, "approve");

    // When, then
    assertEquals("approval.mismatch", run("bash", "echo approved ", id).code());
    assertEquals("approval.mismatch", run("python", "echo approved", id).code());
    JsonObject body = Api.execution("bash", "echo approved").put("approval", id);
    for (JsonObject other :
        List.of(
            body.copy().put("session", "s2"),
            body.copy().put("stdin", "x"),
            body.copy().put("timeoutMs", 1234),
            body.copy().put("profile", "small"),
            body.copy().put("env", new JsonObject().put("LD_PRELOAD", "/workspace/x.so")))) {
      Answer answer = api.post("agent", "/v1/executions", other);
      assertEquals(409, answer.status(), answer.body().encode());
      assertEquals("approval.mismatch", answer.code());
    }
    assertEquals("approval.not-found", api.post("other", "/v1/executions", body).code());
    assertEquals(200, run("bash", "echo approved", id).status());
  }

  @Test
  void nobodyAnswersHisOwnActionUnderWhateverKey() {
    // Given
    JsonObject body = Api.execution("bash", "echo mine");
    String id = api.post("ada-agent", "/v1/executions", body).body().getString("approvalId");

    // When, then
    assertEquals("role.wrong", decide("ada-agent", id, "approve").code());
    assertEquals("role.wrong", decide("agent", id, "approve").code());
    assertEquals("role.wrong", decide("operator", id, "approve").code());
    assertEquals("role.wrong", decide("auditor", id, "approve").code());
    assertEquals("approval.own-action", decide("ada", id, "approve").code());
    assertEquals("approval.own-action", decide("ada-too", id, "deny").code());
    assertEquals(
        "approval.own-action", api.post("ada", "/v1/approvals/" + id + "/claim", "").code());
    assertEquals("pending", state(id));
    assertEquals(
        List.of(
            "ada-agent agent http not-asked",
            "agent agent http not-asked",
            "operator operator http not-asked",
            "auditor auditor http not-asked",
            "ada approver http own-action",
            "ada-too approver http own-action"),
        RefusedAnswers.to(api, id));
  }

  @Test
  void anAgentSeesAndMovesOnlyItsOwnQuestions() {
    // Given
    String id = askFor("bash", "echo secret");

    // When, then
    assertEquals(404, api.get("other", "/v1/approvals/" + id).status());
    assertEquals(404, api.delete("other", "/v1/approvals/" + id).status());
    assertEquals(403, api.post("agent", "/v1/approvals/" + id + "/claim", "").status());
    assertEquals(403, api.delete("ada", "/v1/approvals/" + id).status());
    assertFalse(api.get("other", "/v1/approvals").body().encode().contains(id));
    assertTrue(api.get("agent", "/v1/approvals").body().encode().contains(id));
    assertEquals("cancelled", api.delete("agent", "/v1/approvals/" + id).body().getString("state"));
    assertEquals("approval.too-late", decide("ada", id, "approve").code());
  }

  @Test
  void severalDistinctPersonsOfTheGroupMustApprove() {
    // Given
    String id = askFor("python", "print(1)");

    // When, then
    assertEquals("approval.not-asked", decide("cid", id, "approve").code());
    assertEquals("approval.not-asked", decide("dan", id, "deny").code());
    assertEquals("pending", decide("ada", id, "approve").body().getString("state"));
    assertEquals("approval.answered", decide("ada", id, "approve").code());
    assertEquals("approval.answered", decide("ada-too", id, "approve").code());
    assertEquals("approved", decide("ben", id, "approve").body().getString("state"));
    assertEquals(200, run("python", "print(1)", id).status());
  }

  @Test
  void aReasonIsRequiredWhereTheRiskIsCritical() {
    // Given
    String id = askFor("javascript", "1");

    // When, then
    Answer answer = decide("ada", id, "approve", "");
    assertEquals(422, answer.status());
    assertEquals("approval.reason-missing", answer.code());
    assertEquals("approval.reason-missing", decide("ada", id, "approve", " \t").code());
    assertEquals("denied", decide("ada", id, "deny", "no").body().getString("state"));
    Answer refused = run("javascript", "1", id);
    assertEquals(403, refused.status());
    assertEquals("approval.denied", refused.code());
  }

  @Test
  void theFirstAnswerWinsAndTheSecondIsToldThatItCameTooLate() {
    // Given
    String id = askFor("bash", "echo first");

    // When
    assertEquals("denied", decide("ben", id, "deny").body().getString("state"));

    // Then
    Answer late = decide("ada", id, "approve");
    assertEquals(409, late.status());
    assertEquals("approval.too-late", late.code());
    assertEquals("approval.denied", run("bash", "echo first", id).code());
  }

  @Test
  void aHeldRequestRunsAsSoonAsItIsApproved() {
    // Given
    CompletableFuture<Answer> held = hold("echo held", "wait=60");
    String id = awaitQuestion("echo held");
    assertFalse(held.isDone());
    Eventually.eventually("it waits", LIMIT, () -> api.metric("gatehouse_approvals_waiting") == 1);
    double waited = api.metric("gatehouse_approval_wait_seconds_count");

    // When
    decide("ada", id, "approve");

    // Then
    Answer answer = held.join();
    assertEquals(200, answer.status(), answer.body().encode());
    assertEquals("held\n", answer.body().getString("stdout"));
    assertEquals("consumed", state(id));
    Eventually.eventually(
        "its waiting is measured",
        LIMIT,
        () -> api.metric("gatehouse_approval_wait_seconds_count") > waited);
    assertEquals(0, api.metric("gatehouse_approvals_waiting"));
  }

  @Test
  void aHeldRequestIsRefusedAsSoonAsItIsDenied() {
    // Given
    CompletableFuture<Answer> held = hold("echo no", "wait=60");
    String id = awaitQuestion("echo no");

    // When
    decide("ada", id, "deny", "not today");

    // Then
    Answer answer = held.join();
    assertEquals(403, answer.status(), answer.body().encode());
    assertEquals("approval.denied", answer.code());
    assertEquals(
        "not today",
        answer
            .body()
            .getJsonObject("approval")
            .getJsonArray("answers")
            .getJsonObject(0)
            .getString("reason"));
  }

  @Test
  void aHeldRequestThatNobodyAnswersInTimeCanBeResumedById() {
    // When
    Answer answer = hold("echo later", "wait=1").join();

    // Then
    assertEquals(202, answer.status());
    String id = answer.body().getString("approvalId");
    decide("ada", id, "approve");
    assertEquals(200, run("bash", "echo later", id).status());
  }

  @Test
  void aQuestionLapsesAndWhoHoldsIsTold() {
    // When
    JsonObject body = Api.execution("bash", "echo brief").put("session", "brief-1");
    Answer answer =
        api.send(
            api.request("agent", "/v1/executions")
                .header("Prefer", "wait=30")
                .POST(BodyPublishers.ofString(body.encode()))
                .build());

    // Then
    assertEquals(403, answer.status(), answer.body().encode());
    assertEquals("approval.expired", answer.code());
    String id = answer.body().getString("approvalId");
    assertEquals("approval.too-late", decide("ada", id, "approve").code());
    assertNull(api.get("ada", "/v1/approvals/" + id).body().getJsonObject("arguments"));
  }

  @Test
  void whoHangsUpTakesItsQuestionBackUnlessItAskedToResume() throws IOException {
    for (boolean resumes : new boolean[] {false, true}) {
      // Given
      String code = "echo gone " + resumes;
      String body = Api.execution("bash", code).encode();
      String id;
      try (RawConnection connection = RawConnection.to(api.port())) {
        connection.send(
            "POST /v1/executions HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer key-agent\r\nPrefer: "
                + (resumes ? "respond-async, wait=60" : "wait=60")
                + "\r\nContent-Length: "
                + body.length()
                + "\r\n\r\n"
                + body);
        id = awaitQuestion(code);

        // When: the connection closes.
      }

      // Then
      if (resumes) {
        decide("ada", id, "approve");
        assertEquals(200, run("bash", code, id).status());
      } else {
        Eventually.eventually("cancelled", LIMIT, () -> state(id).equals("cancelled"));
      }
    }
  }

  @Test
  void whoHangsUpWithAQuestionThatHePresentedLeavesItToTheOthers() throws IOException {
    // Given
    String id = askFor("bash", "echo presented");
    JsonObject body = Api.execution("bash", "echo presented").put("approval", id);
    CompletableFuture<Answer> other = hold(body, "wait=60");

    // When
    try (RawConnection connection = RawConnection.to(api.port())) {
      connection.send(
          "POST /v1/executions HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer key-agent\r\n"
              + "Prefer: wait=60\r\nContent-Length: "
              + body.encode().length()
              + "\r\n\r\n"
              + body.encode());
      Eventually.eventually(
          "both wait", LIMIT, () -> api.metric("gatehouse_approvals_waiting") == 2);
    }

    // Then
    Eventually.eventually("one waits", LIMIT, () -> api.metric("gatehouse_approvals_waiting") == 1);
    assertEquals("pending", state(id));
    decide("ada", id, "approve");
    assertEquals("presented\n", other.join().body().getString("stdout"));
  }

  @Test
  void aLongPollIsAnsweredByTheDecision() {
    // Given
    String id = askFor("bash", "echo poll");
    CompletableFuture<Answer> polled =
        CompletableFuture.supplyAsync(
            () -> api.get("agent", "/v1/approvals/" + id + "?wait=60s"), THREADS);

    // When
    decide("ada", id, "approve");

    // Then
    assertEquals("approved", polled.join().body().getString("state"));
    assertEquals(
        "approved", api.get("agent", "/v1/approvals/" + id + "?wait=60").body().getString("state"));
    assertEquals(422, api.get("agent", "/v1/approvals/" + id + "?wait=soon").status());
  }

  @Test
  void aChangedPolicyIsAskedAgain() throws IOException {
    // Given
    String denied = askFor("bash", "echo will be denied");
    String asked = askFor("bash", "echo will be asked again");
    decide("ada", denied, "approve");
    decide("ada", asked, "approve");

    // When
    Files.writeString(
        POLICIES.resolve("more.yaml"),
        """
        policy: more
        tier: guardrail
        rules:
          - id: denied
            text: this is denied
            tools: [bash]
            when: [{argument: command, contains: 'be denied'}]
            decision: deny
            risk: high
        """);
    Answer reloaded = api.post("operator", "/v1/policies:reload", "");
    assertEquals(200, reloaded.status(), reloaded.body().encode());

    // Then
    assertEquals("policy.denied", run("bash", "echo will be denied", denied).code());
    Answer again = run("bash", "echo will be asked again", asked);
    assertEquals(202, again.status(), again.body().encode());
    assertNotEquals(asked, again.body().getString("approvalId"));
  }

  @Test
  void whoHoldsIsAskedAboutAnewWherePolicyChangesBeforeTheAnswer() throws IOException {
    // Given
    CompletableFuture<Answer> asked = hold("echo held and asked again", "wait=60");
    CompletableFuture<Answer> denied = hold("echo held and to be denied", "wait=60");
    String first = awaitQuestion("echo held and asked again");
    String second = awaitQuestion("echo held and to be denied");
    Files.writeString(
        POLICIES.resolve("more.yaml"),
        """
        policy: more
        rules:
          - id: denied
            text: this is denied
            tools: [bash]
            when: [{argument: command, contains: 'to be denied'}]
            decision: deny
            risk: high
        """);
    assertEquals(200, api.post("operator", "/v1/policies:reload", "").status());

    // When
    decide("ada", first, "approve");
    decide("ada", second, "approve");

    // Then
    assertEquals("policy.denied", denied.join().code());
    Eventually.eventually(
        "another question is asked",
        LIMIT,
        () -> !first.equals(awaitQuestion("echo held and asked again")));
    decide("ada", awaitQuestion("echo held and asked again"), "approve");
    assertEquals("held and asked again\n", asked.join().body().getString("stdout"));
  }

  @Test
  void whereTheSamePolicyDemandsMoreByNowAnEarlierAnswerIsNotEnough() {
    // Given
    JsonObject body = Api.execution("bash", "echo often").put("session", "often");
    String early = askOften(body);
    askOften(body);
    String late = askOften(body);
    assertEquals("approved", decide("ada", early, "approve").body().getString("state"));

    // When
    Answer tooEarly = api.post("agent", "/v1/executions", body.copy().put("approval", early));

    // Then
    assertNotEquals(early, late);
    assertEquals(202, tooEarly.status(), tooEarly.body().encode());
    assertEquals(late, tooEarly.body().getString("approvalId"));
    assertEquals("pending", decide("ada", late, "approve").body().getString("state"));
    assertEquals("approved", decide("ben", late, "approve").body().getString("state"));
    Answer ran = api.post("agent", "/v1/executions", body.copy().put("approval", late));
    assertEquals(200, ran.status(), ran.body().encode());
  }

  private String askOften(JsonObject body) {
    Answer asked = api.post("agent", "/v1/executions", body);
    assertEquals(202, asked.status(), asked.body().encode());
    return asked.body().getString("approvalId");
  }

  @Test
  void aRateCountsWhatAPersonApprovedOnce() throws IOException {
    // Given
    Files.writeString(
        POLICIES.resolve("more.yaml"),
        """
        policy: more
        tier: guardrail
        rules:
          - id: rated
            text: more than one
            tools: [bash]
            when: [{argument: command, contains: 'rated'}]
            rate: {over: 1, within: 1h, per: [actor]}
            decision: deny
            risk: high
        """);
    assertEquals(200, api.post("operator", "/v1/policies:reload", "").status());
    String asked = askFor("bash", "echo rated");

    // When
    Answer waiting = run("bash", "echo rated", asked);
    decide("ada", asked, "approve");
    Answer ran = run("bash", "echo rated", asked);

    // Then
    assertEquals(202, waiting.status(), waiting.body().encode());
    assertEquals(200, ran.status(), ran.body().encode());
    Answer another = api.post("agent", "/v1/executions", Api.execution("bash", "echo rated"));
    assertEquals("policy.denied", another.code(), another.body().encode());
  }

  @Test
  void anApprovalThatIsNotNeededByNowEscapesNoRate() throws IOException {
    // Given: no rule speaks of it, so a person is asked.
    JsonObject wish = new JsonObject().put("session", "rated");
    Answer asked = api.post("agent", "/v1/sandboxes", wish);
    assertEquals(202, asked.status(), asked.body().encode());
    Files.writeString(
        POLICIES.resolve("more.yaml"),
        """
        policy: more
        tier: guardrail
        tools: [sandbox_create]
        rules:
          - {id: let, text: they may, decision: allow}
          - id: rated-sandboxes
            text: more than one
            rate: {over: 1, within: 1h, per: [actor]}
            decision: deny
            risk: high
        """);
    assertEquals(200, api.post("operator", "/v1/policies:reload", "").status());
    JsonObject shown = wish.copy().put("approval", asked.body().getString("approvalId"));

    // When
    Answer first = api.post("agent", "/v1/sandboxes", shown);
    Answer second = api.post("agent", "/v1/sandboxes", shown);

    // Then
    assertEquals(201, first.status(), first.body().encode());
    assertEquals("policy.denied", second.code(), second.body().encode());
    api.delete("agent", "/v1/sandboxes/" + first.body().getString("id"));
  }

  @Test
  void whatPolicyAllowsByNowUsesAnApprovalUpAndWhatWasDeniedStaysSo() throws IOException {
    // Given: no rule speaks of it, so a person is asked.
    JsonObject wish = new JsonObject().put("session", "wished");
    JsonObject unwanted = new JsonObject().put("session", "unwanted");
    String approved = api.post("agent", "/v1/sandboxes", wish).body().getString("approvalId");
    String denied = api.post("agent", "/v1/sandboxes", unwanted).body().getString("approvalId");
    decide("ada", approved, "approve");
    decide("ada", denied, "deny");
    Files.writeString(
        POLICIES.resolve("more.yaml"),
        """
        policy: more
        tier: guardrail
        tools: [sandbox_create]
        rules:
          - {id: let, text: they may, decision: allow}
        """);
    assertEquals(200, api.post("operator", "/v1/policies:reload", "").status());

    // When
    Answer first = api.post("agent", "/v1/sandboxes", wish.copy().put("approval", approved));
    Answer again = api.post("agent", "/v1/sandboxes", wish.copy().put("approval", approved));
    Answer refused = api.post("agent", "/v1/sandboxes", unwanted.copy().put("approval", denied));

    // Then
    assertEquals(201, first.status(), first.body().encode());
    assertEquals("consumed", state(approved));
    assertEquals("approval.consumed", again.code(), again.body().encode());
    assertEquals("approval.denied", refused.code(), refused.body().encode());
    api.delete("agent", "/v1/sandboxes/" + first.body().getString("id"));
  }

  @Test
  void aClaimIsShownAndAnotherPersonsIsRefused() {
    // Given
    String id = askFor("bash", "echo claim");

    // When
    Answer claimed = api.post("ada", "/v1/approvals/" + id + "/claim", "");

    // Then
    assertEquals("claimed", claimed.body().getString("state"));
    assertEquals("echo claim", claimed.body().getJsonObject("arguments").getString("command"));
    assertEquals("approval.claimed", api.post("ben", "/v1/approvals/" + id + "/claim", "").code());
    assertEquals("approved", decide("ben", id, "approve").body().getString("state"));
    assertEquals(
        List.of("ada ada http 127.0.0.1"), movesOf(claimed.body(), "approval.claimed").toList());
  }

  @Test
  void whoTakesAQuestionBackIsInTheLogWithTheWayHeDidSo() {
    // Given
    Answer asked = ask("bash", "echo back");

    // When
    api.delete("agent", "/v1/approvals/" + asked.body().getString("approvalId"));

    // Then
    assertEquals(
        List.of("agent agent http 127.0.0.1"),
        movesOf(new JsonObject().put("action", asked.body().getString("id")), "approval.cancelled")
            .toList());
  }

  /** Who moved a question so, with which key, by which channel and from where. */
  private Stream<String> movesOf(JsonObject question, String kind) {
    return api
        .get("auditor", "/v1/audit?kind=" + kind + "&action=" + question.getString("action"))
        .body()
        .getJsonArray("events")
        .stream()
        .map(event -> (JsonObject) event)
        .map(event -> {
          JsonObject detail = event.getJsonObject("detail");
          return String.join(
              " ",
              event.getString("actor"),
              detail.getString("key"),
              detail.getString("channel"),
              detail.getString("address"));
        });
  }

  @Test
  void listsPageByPage() {
    // Given
    for (int i = 0; i < 5; i++) {
      askFor("bash", "echo page " + i);
    }

    // When
    int pages = 0;
    int seen = 0;
    String cursor = "";
    do {
      JsonObject page =
          api.get("ada", "/v1/approvals?state=pending&limit=2&cursor=" + cursor).body();
      seen += page.getJsonArray("approvals").size();
      cursor = page.getString("next");
      pages++;
    } while (cursor != null);

    // Then
    assertTrue(pages >= 3 && seen >= 5, pages + " " + seen);
    assertEquals(seen, pending().size());
    assertEquals("query.invalid", api.get("ada", "/v1/approvals?state=odd").code());
    assertEquals("query.invalid", api.get("ada", "/v1/approvals?limit=0").code());
  }

  @Test
  void eventsGoOnWhereTheClientLeftOff() throws Exception {
    // Given
    String earlier = askFor("bash", "echo e1");
    List<String> first =
        events("0.0", line -> line.contains(earlier) && line.contains("requested"));
    String last = first.get(first.size() - 1);

    // When
    String id = askFor("bash", "echo e2");
    decide("ada", id, "deny");

    // Then
    List<String> more =
        events(last, line -> line.contains(id) && line.contains("\"event\":\"decided\""));
    assertTrue(more.contains("event: decided"), more.toString());
    assertFalse(more.contains("id: " + last), more.toString());
  }

  @Test
  void anAgentHearsOnlyOfItsOwnQuestions() throws Exception {
    // Given
    String theirs = askFor("bash", "echo theirs");
    JsonObject body = Api.execution("bash", "echo own");
    String own = api.post("other", "/v1/executions", body).body().getString("approvalId");

    // When
    List<String> heard = events("other", "0.0", line -> line.contains(own));

    // Then
    assertTrue(heard.stream().noneMatch(line -> line.contains(theirs)), heard.toString());
  }

  private List<String> events(String after, Predicate<String> isLast) throws Exception {
    return events("ada", after, isLast);
  }

  /** Reads lines up to the data that is the last one; then the id of that event. */
  private List<String> events(String who, String after, Predicate<String> isLast) throws Exception {
    HttpRequest request =
        api.request(who, "/v1/approvals/events").header("Last-Event-ID", after).GET().build();
    try (Stream<String> lines = api.stream(request)) {
      List<String> read = new ArrayList<>();
      String id = "";
      for (Iterator<String> each = lines.iterator(); each.hasNext(); ) {
        String line = each.next();
        if (line.startsWith("id: ") && !line.equals("id: " + after)) {
          id = line.substring("id: ".length());
        }
        if (!line.equals("id: " + after)) {
          read.add(line);
        }
        if (line.startsWith("data: ") && isLast.test(line)) {
          break;
        }
      }
      read.add(id);
      return read;
    }
  }

  @Test
  void whoApprovesFasterThanItCanBeReadIsWarnedAndItIsRecordedAndMayRaiseAnAlert() {
    // Given
    Answer asked = ask("bash", "echo " + "long ".repeat(500));

    // When
    Answer decided = decide("ada", asked.body().getString("approvalId"), "approve");

    // Then
    assertTrue(decided.body().getString("warning", "").contains("faster"), decided.body().encode());
    assertTrue(
        api.get("auditor", "/v1/audit?action=" + asked.body().getString("id"))
            .body()
            .encode()
            .contains("\"fast\":true"));
    Eventually.eventually(
        "an alert",
        LIMIT,
        () ->
            !api.get("auditor", "/v1/audit?kind=alert&rule=unread")
                .body()
                .getJsonArray("events")
                .isEmpty());
  }

  @Test
  void whoApprovesTooOftenWithinTheHourMayOnlyDeny() {
    // Given
    Answer answer = decide("dan", askFor("bash", "echo budget"), "approve");
    for (int i = 0; i < 60 && answer.status() == 200; i++) {
      answer = decide("dan", askFor("bash", "echo budget " + i), "approve");
    }

    // Then
    assertEquals(429, answer.status());
    assertEquals("approval.budget", answer.code());
    assertEquals(
        "denied", decide("dan", askFor("bash", "echo over"), "deny").body().getString("state"));
  }

  @Test
  void whatNobodyCanReadIsNotAskedAbout() {
    // When
    Answer answer =
        api.post("agent", "/v1/executions", Api.execution("bash", "#" + "x".repeat(300_000)));

    // Then
    assertEquals(413, answer.status());
    assertEquals("approval.too-long", answer.code());
  }

  @Test
  void aSandboxToHoldCanBeApprovedToo() {
    // Given
    JsonObject body = new JsonObject().put("session", "held");
    String id = api.post("agent", "/v1/sandboxes", body).body().getString("approvalId");
    decide("ada", id, "approve");

    // When
    Answer created = api.post("agent", "/v1/sandboxes", body.put("approval", id));

    // Then
    assertEquals(201, created.status(), created.body().encode());
    String sandbox = created.body().getString("id");
    JsonObject code = new JsonObject().put("language", "bash").put("code", "echo in");
    Answer asked = api.post("agent", "/v1/sandboxes/" + sandbox + "/executions", code);
    String inside = asked.body().getString("approvalId");
    decide("ada", inside, "approve");
    assertEquals(
        "approval.mismatch",
        api.post(
                "agent",
                "/v1/executions",
                code.copy().put("session", "held").put("approval", inside))
            .code());
    assertEquals(
        200,
        api.post(
                "agent",
                "/v1/sandboxes/" + sandbox + "/executions",
                code.copy().put("approval", inside))
            .status());
    assertEquals(201, created.status());
  }

  @Test
  void aFileIsApprovedWithItsContent() {
    // Given
    JsonObject held = new JsonObject().put("session", "files");
    String first = api.post("agent", "/v1/sandboxes", held).body().getString("approvalId");
    decide("ada", first, "approve");
    String sandbox =
        api.post("agent", "/v1/sandboxes", held.put("approval", first)).body().getString("id");
    String path = "/v1/sandboxes/" + sandbox + "/files?path=/workspace/a/b&parents=true";
    String declared = path + "&sha256=" + ApprovalKeys.sha256("approved");

    // When
    Answer unknown = put(path, "approved");
    String id = put(declared, "approved").body().getString("approvalId");
    JsonObject shown = api.get("ada", "/v1/approvals/" + id).body().getJsonObject("arguments");
    decide("ada", id, "approve");
    String elsewhere = "&sha256=" + ApprovalKeys.sha256("swapped") + "&approval=" + id;
    Answer swapped = put(path + elsewhere, "swapped");
    Answer written = put(declared + "&approval=" + id, "approved");

    // Then
    assertEquals(422, unknown.status(), unknown.body().encode());
    assertEquals("approval.content-unknown", unknown.code());
    assertEquals(ApprovalKeys.sha256("approved"), shown.getString("sha256"));
    assertTrue(shown.getBoolean("parents"));
    assertEquals("approval.mismatch", swapped.code());
    assertEquals(201, written.status(), written.body().encode());
  }

  private Answer put(String path, String content) {
    return api.send(api.request("agent", path).PUT(BodyPublishers.ofString(content)).build());
  }

  @Test
  void malformedAnswersAreRefused() {
    // Given
    String id = askFor("bash", "echo malformed");
    String path = "/v1/approvals/" + id + "/decision";

    // When, then
    assertEquals("decision.unknown", api.post("ada", path, "{\"decision\":\"maybe\"}").code());
    assertEquals("field.missing", api.post("ada", path, "{}").code());
    assertEquals(
        "field.unknown", api.post("ada", path, "{\"decision\":\"approve\",\"force\":true}").code());
    assertEquals("field.too-long", decide("ada", id, "approve", "x".repeat(2001)).code());
    assertEquals("pending", state(id));
  }
}
