package dev.gatehouse;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
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
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Policy as a service: batches, explanations, and changes while requests go on. */
class PolicyIT {
  private static final Path POLICIES = copyOfThePolicies();
  private static final String OWN_RULE =
      """
      policy: test
      tier: guardrail
      rules:
        - id: test.deny-tool
          text: a tool only this test knows
          tools: [test_tool]
          decision: deny
          risk: high
      """;

  private static final Executor THREADS = task -> Thread.ofVirtual().start(task);

  @RegisterExtension
  static final RunningServer SERVER =
      new RunningServer()
          .withNothingReady()
          .with("GATEHOUSE_POLICY_DIRECTORY", POLICIES.toString());

  private final Api api = SERVER.api();
  private final Path ownFile = POLICIES.resolve("99-test.yaml");

  private static Path copyOfThePolicies() {
    try {
      Path copy = Files.createTempDirectory("gatehouse-policies");
      try (var files = Files.list(Path.of("conf/policies"))) {
        for (Path file : files.filter(Files::isRegularFile).toList()) {
          Files.copy(file, copy.resolve(file.getFileName()));
        }
      }
      return copy;
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  @AfterEach
  void removeOwnRule() throws IOException {
    Files.deleteIfExists(ownFile);
    assertEquals(200, api.post("operator", "/v1/policies:reload", "").status());
  }

  @Test
  void aChangeIsRecordedWithBothDigests() throws IOException {
    // Given
    String before = api.get("operator", "/v1/policies").body().encode();
    int changes = changes().size();

    // When
    Files.writeString(ownFile, OWN_RULE);
    assertEquals(200, api.post("operator", "/v1/policies:reload", "").status());

    // Then
    JsonArray after = changes();
    assertEquals(changes + 1, after.size());
    JsonObject newest = after.getJsonObject(0);
    assertTrue(before.contains(newest.getJsonObject("detail").getString("before")), before);
    assertNotEquals(newest.getString("policy"), newest.getJsonObject("detail").getString("before"));
  }

  @Test
  void aChangeThatManyAskForAtOnceIsRecordedOnce() throws IOException {
    // Given
    int changes = changes().size();
    Files.writeString(ownFile, OWN_RULE);

    // When
    List<Answer> answers =
        IntStream.range(0, 8)
            .mapToObj(_ ->
                CompletableFuture.supplyAsync(
                    () -> api.post("operator", "/v1/policies:reload", ""), THREADS))
            .toList()
            .stream()
            .map(CompletableFuture::join)
            .toList();

    // Then
    answers.forEach(answer -> assertEquals(200, answer.status(), answer.body().encode()));
    assertEquals(changes + 1, changes().size());
  }

  private JsonArray changes() {
    return api.get("auditor", "/v1/audit?tenant=(server)&kind=policy.changed&limit=1000")
        .body()
        .getJsonArray("events");
  }

  @Test
  void answersABatchLineByLineInOrder() {
    // Given
    StringBuilder lines = new StringBuilder();
    IntStream.range(0, 2000)
        .forEach(i -> {
          if (i % 100 == 50) {
            lines.append("not json\n");
          } else {
            lines.append(action(i % 2 == 0 ? "ls" : "rm -rf /")).append('\n');
          }
        });

    // When
    List<JsonObject> answers = batch(lines.toString());

    // Then
    assertEquals(2000, answers.size());
    for (int i = 0; i < answers.size(); i++) {
      if (i % 100 == 50) {
        assertEquals("body.not-json", answers.get(i).getString("code"), "line " + i);
      } else {
        assertEquals(
            i % 2 == 0 ? "ALLOW" : "DENY", answers.get(i).getString("outcome"), "line " + i);
      }
    }
  }

  /** A client may decide on its next line by the answer to the one before. */
  @Test
  void answersEachLineOfABatchBeforeTheNextIsSent() throws IOException {
    try (RawConnection connection = RawConnection.to(api.port())) {
      connection.send(
          "POST /v1/decisions:batch HTTP/1.1\r\nHost: gatehouse\r\nAuthorization: Bearer "
              + api.key("agent")
              + "\r\nContent-Type: application/x-ndjson\r\nTransfer-Encoding: chunked\r\n\r\n");
      for (String command : List.of("ls", "rm -rf /", "ls -l")) {
        String line = action(command).encode() + "\n";
        connection.send(Integer.toHexString(line.length()) + "\r\n" + line + "\r\n");
        String answer = connection.readUntil("}\n");
        assertTrue(answer.contains(command.startsWith("ls") ? "\"ALLOW\"" : "\"DENY\""), answer);
      }
      connection.send("0\r\n\r\n");
      connection.readUntil("0\r\n\r\n");
    }
  }

  @Test
  void recordsEveryDecisionOfABatch() {
    // When
    String session = "batch-" + System.nanoTime();
    List<JsonObject> answers =
        batch(
            action("ls").put("session", session)
                + "\n"
                + action("rm -rf /").put("session", session));

    // Then
    JsonArray events =
        api.get("auditor", "/v1/audit?session=" + session).body().getJsonArray("events");
    assertEquals(
        answers.stream().map(answer -> answer.getString("id")).sorted().toList(),
        events.stream().map(event -> ((JsonObject) event).getString("action")).sorted().toList());
  }

  @Test
  void refusesALineThatIsTooLongAndAnswersTheNext() {
    // Given
    String tooLong = "x".repeat((8 << 20) + 1);

    // When
    List<JsonObject> answers = batch(tooLong + "\n" + action("ls"));

    // Then
    assertEquals(2, answers.size());
    assertEquals("line.too-long", answers.get(0).getString("code"));
    assertEquals("ALLOW", answers.get(1).getString("outcome"));
  }

  @Test
  void explainsEachRuleAndWhatWouldChangeTheOutcome() {
    // When
    Answer answer = api.post("agent", "/v1/explain", action("rm -rf /"));

    // Then
    assertEquals(200, answer.status(), answer.body().encode());
    assertEquals("DENY", answer.body().getJsonObject("decision").getString("outcome"));
    assertTrue(
        answer.body().getJsonArray("rules").stream()
            .map(JsonObject.class::cast)
            .anyMatch(
                rule -> rule.getBoolean("matched") && rule.getString("decision").equals("deny")));
    assertTrue(
        answer.body().getJsonArray("rules").stream()
            .map(JsonObject.class::cast)
            .anyMatch(rule -> rule.getString("firstFailing", "").length() > 0));
    assertTrue(answer.body().getString("flip").length() > 0);
  }

  @Test
  void explainsWhichCallerSessionOrTimeWouldChangeTheOutcome() throws IOException {
    // Given
    Files.writeString(
        ownFile,
        OWN_RULE
            + "    expires: '2100-01-01T00:00:00Z'\n"
            + "    when: [{actor: role, equals: agent}, {actor: session, starts: odd-}]\n");
    assertEquals(200, api.post("operator", "/v1/policies:reload", "").status());
    JsonObject action = new JsonObject().put("tool", "test_tool").put("session", "odd-1");

    // When
    Answer answer = api.post("agent", "/v1/explain", action);

    // Then
    assertEquals("DENY", answer.body().getJsonObject("decision").getString("outcome"));
    JsonObject changes = new JsonObject();
    for (Object change : answer.body().getJsonArray("changes")) {
      changes.put(((JsonObject) change).getString("kind"), change);
    }
    assertTrue(
        changes.fieldNames().containsAll(Set.of("session", "time", "role")), changes::encode);
    JsonObject session = changes.getJsonObject("session");
    assertEquals("with session 'x'", session.getString("change"));
    Answer decided = api.post("agent", "/v1/decisions", action.copy().put("session", "x"));
    assertNotEquals("DENY", decided.body().getString("outcome"));
    assertEquals(
        session.getString("outcome"), decided.body().getString("outcome").toLowerCase(Locale.ROOT));
  }

  @Test
  void aChangedFileTakesEffectAndIsRecorded() throws IOException {
    // Given
    String before = api.get("operator", "/v1/policies").body().getString("active");

    // When
    Files.writeString(ownFile, OWN_RULE);

    // Then
    Eventually.eventually(
        "the new rule decides", Duration.ofSeconds(20), () -> outcome("test_tool").equals("DENY"));
    assertNotEquals(before, api.get("operator", "/v1/policies").body().getString("active"));
  }

  @Test
  void aBadFileReplacesNothingAndIsToldWithItsPlace() throws IOException {
    // Given
    String before = api.get("operator", "/v1/policies").body().getString("active");
    Files.writeString(ownFile, OWN_RULE.replace("decision: deny", "decision: perhaps"));

    // When
    Answer answer = api.post("operator", "/v1/policies:reload", "");

    // Then
    assertEquals(422, answer.status());
    assertEquals("policy.invalid", answer.code());
    assertTrue(answer.body().getString("detail").contains("99-test.yaml:7"), answer.body() + "");
    assertEquals(before, api.get("operator", "/v1/policies").body().getString("active"));
  }

  @Test
  void theTermsOfARuleAreInItsDecisionAndStayWithTheQuestion() throws IOException {
    // Given
    Files.writeString(
        ownFile,
        OWN_RULE
            .replace("tools: [test_tool]", "tools: [javascript]")
            .replace(
                "decision: deny",
                "decision: ask\n    approval: {by: 'group:sre', quorum: 2, timeout: 45s,"
                    + " reason-required: true}"));
    assertEquals(200, api.post("operator", "/v1/policies:reload", "").status());
    JsonObject code = new JsonObject().put("language", "javascript").put("code", "1");

    // When
    Answer answer = api.post("agent", "/v1/executions", code);

    // Then
    assertEquals(202, answer.status(), answer.body().encode());
    JsonObject terms =
        new JsonObject()
            .put("approvers", new JsonArray().add(new JsonArray().add("group:sre")))
            .put("quorum", 2)
            .put("timeoutMillis", 45_000)
            .put("reasonRequired", true);
    assertEquals(terms, answer.body().getJsonObject("decision").getJsonObject("approval"));
    String question = "/v1/approvals/" + answer.body().getString("approvalId");
    assertEquals(terms, api.get("approver", question).body().getJsonObject("terms"));
  }

  @Test
  void rollsBackAndActivatesByDigest() throws IOException {
    // Given
    String before = api.get("operator", "/v1/policies").body().getString("active");
    Files.writeString(ownFile, OWN_RULE);
    String after = api.post("operator", "/v1/policies:reload", "").body().getString("active");

    // When
    Answer rolledBack = api.post("operator", "/v1/policies:rollback", "");

    // Then
    assertEquals(before, rolledBack.body().getString("active"));
    assertEquals("ASK", outcome("test_tool"));
    Answer again = api.post("operator", "/v1/policies/" + after + ":activate", "");
    assertEquals(after, again.body().getString("active"));
    assertEquals("DENY", outcome("test_tool"));
    String unknown = "sha256:" + "0".repeat(64);
    assertEquals(
        "policy.version-unknown",
        api.post("operator", "/v1/policies/" + unknown + ":activate", "").code());
    assertEquals("role.wrong", api.post("agent", "/v1/policies:rollback", "").code());
  }

  private String outcome(String tool) {
    return api.post("agent", "/v1/decisions", new JsonObject().put("tool", tool))
        .body()
        .getString("outcome");
  }

  private static JsonObject action(String command) {
    return new JsonObject()
        .put("tool", "bash")
        .put("arguments", new JsonObject().put("command", command));
  }

  private List<JsonObject> batch(String lines) {
    var request =
        api.request("agent", "/v1/decisions:batch").POST(BodyPublishers.ofString(lines)).build();
    return api.lines(request);
  }
}
