package dev.gatehouse;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.gatehouse.Api.Answer;
import io.vertx.core.json.JsonObject;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What is typed to a program is judged as code, and a person is asked where policy says so. */
class SteeringPolicyIT {
  @RegisterExtension static final RunningServer BUILT_IN = new RunningServer();

  @RegisterExtension
  static final RunningServer ASKING =
      new RunningServer().with("GATEHOUSE_POLICY_DIRECTORY", "src/test/policies/typed");

  @ParameterizedTest
  @ValueSource(strings = {"rm -rf /\n", "X=/|;rm -rf $X\n", "rm -|rf |/\n", "sh -c '|rm -rf /'\n"})
  void whatWouldBeDeniedAsCodeIsDeniedAsInputAlsoInPieces(String typed) {
    // Given
    HeldSandbox sandbox = HeldSandbox.of(BUILT_IN.api(), "denied");
    BackgroundRun run = interactive(BUILT_IN.api(), sandbox, "bash", "bash");
    run.type("echo begun\n").awaitOutput("begun\n");

    // When
    String[] pieces = typed.split("\\|", -1);
    for (int i = 0; i < pieces.length - 1; i++) {
      run.type(pieces[i]);
    }
    Answer last = run.send("stdin", text(pieces[pieces.length - 1]));

    // Then
    assertEquals(403, last.status(), last.body().encode());
    assertEquals("policy.denied", last.code());
    run.signal("SIGKILL");
    assertEquals("begun\n", run.awaitEnd("exited").getString("stdout"));
    JsonObject log = BUILT_IN.api().get("auditor", "/v1/audit?session=denied").body();
    assertTrue(log.encode().contains("\"outcome\":\"DENY\""), log.encode());
  }

  @Test
  void whateverWasStartedAShellMayReadWhatIsTyped() {
    // Given
    HeldSandbox sandbox = HeldSandbox.of(BUILT_IN.api(), "below");
    BackgroundRun run =
        interactive(
            BUILT_IN.api(), sandbox, "python", "import subprocess; subprocess.run(['bash'])");

    // When
    run.type("echo on\n");
    Answer denied = run.send("stdin", text("rm -rf /\n"));
    run.end();

    // Then
    assertEquals(403, denied.status(), denied.body().encode());
    assertEquals("on\n", run.awaitEnd("exited").getString("stdout"));
  }

  @Test
  void whatAPersonIsAskedAboutIsSentOnceApprovedAndOnce() {
    // Given
    Api api = ASKING.api();
    HeldSandbox sandbox = HeldSandbox.of(api, "asked");
    BackgroundRun run = interactive(api, sandbox, "bash", "cat");
    run.type("first\n");
    Answer waiting = run.send("stdin", text("launch\n"));
    assertEquals(202, waiting.status(), waiting.body().encode());
    String approval = waiting.body().getString("approvalId");
    String question = api.get("approver", "/v1/approvals/" + approval).body().encode();
    assertTrue(question.contains("launch"), question);

    // When
    Answer approved =
        api.post(
            "approver",
            "/v1/approvals/" + approval + "/decision",
            new JsonObject().put("decision", "approve").put("reason", "go"));
    assertEquals(200, approved.status(), approved.body().encode());
    Answer sent = run.send("stdin", text("launch\n").put("approval", approval));
    Answer again = run.send("stdin", text("launch\n").put("approval", approval));

    // Then
    assertEquals(200, sent.status(), sent.body().encode());
    assertEquals(409, again.status(), again.body().encode());
    run.awaitOutput("first\nlaunch\n");
    sandbox.delete();
    assertEquals("first\nlaunch\n", run.awaitEnd("sandbox-died").getString("stdout"));
  }

  @Test
  void anApprovalIsForTheBytesThatWereShown() {
    // Given
    Api api = ASKING.api();
    HeldSandbox sandbox = HeldSandbox.of(api, "bytes");
    BackgroundRun run = interactive(api, sandbox, "bash", "cat");
    String approval = run.send("stdin", text("launch\n")).body().getString("approvalId");
    api.post(
        "approver",
        "/v1/approvals/" + approval + "/decision",
        new JsonObject().put("decision", "approve").put("reason", "go"));

    // When
    Answer other = run.send("stdin", text("launch it\n").put("approval", approval));

    // Then
    assertEquals(409, other.status(), other.body().encode());
    assertEquals("approval.mismatch", other.code());
    assertFalse(run.output().contains("launch"));
    sandbox.delete();
  }

  @Test
  void aSignalIsAskedAboutWherePolicySaysNothingOfIt() {
    // Given
    Api api = ASKING.api();
    HeldSandbox sandbox = HeldSandbox.of(api, "signal");
    BackgroundRun run = interactive(api, sandbox, "bash", "cat");

    // When
    Answer answer = run.send("signal", new JsonObject().put("signal", "SIGKILL"));

    // Then
    assertEquals(202, answer.status(), answer.body().encode());
    assertEquals("running", run.status().getString("status"));
    sandbox.delete();
  }

  private static JsonObject text(String text) {
    return new JsonObject().put("text", text);
  }

  private static BackgroundRun interactive(
      Api api, HeldSandbox sandbox, String language, String code) {
    return BackgroundRun.of(
        api,
        sandbox,
        sandbox.request(language, code, 60_000).put("mode", "process").put("interactive", true));
  }
}
