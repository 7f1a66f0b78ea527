package dev.gatehouse.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.gatehouse.Api;
import dev.gatehouse.RunningServer;
import io.vertx.core.json.JsonObject;
import java.io.BufferedReader;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.io.StringReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** A person answers on a terminal. */
class ApprovalsCommandIT {
  @RegisterExtension
  static final RunningServer SERVER =
      new RunningServer().with("GATEHOUSE_POLICY_DIRECTORY", "src/test/policies/answers");

  private final Api api = SERVER.api();
  private final ByteArrayOutputStream out = new ByteArrayOutputStream();

  private String ask(String code) {
    return api.post("agent", "/v1/executions", Api.execution("bash", code))
        .body()
        .getString("approvalId");
  }

  private int run(@Nullable String typed, String... words) {
    out.reset();
    List<String> args = new ArrayList<>(List.of(words));
    args.addAll(List.of("--url", "http://127.0.0.1:" + api.port()));
    BufferedReader terminal = typed == null ? null : new BufferedReader(new StringReader(typed));
    PrintStream print = new PrintStream(out, true, StandardCharsets.UTF_8);
    return new ApprovalsCommand(Map.of("GATEHOUSE_DATA", SERVER.data().toString()), terminal)
        .run(args.toArray(String[]::new), print, print);
  }

  private String printed() {
    return out.toString(StandardCharsets.UTF_8);
  }

  private String state(String id) {
    return api.get("approver", "/v1/approvals/" + id).body().getString("state");
  }

  @Test
  void listsAndShowsTheWholeActionWithNothingHidden() {
    // Given
    String id = ask("echo \u202eevil\u001b[2K" + "x".repeat(500) + "END");

    // When, then
    assertEquals(0, run(null, "list"));
    assertTrue(printed().contains(id), printed());
    assertEquals(0, run(null, "show", id));
    assertTrue(printed().contains("<U+202E>evil<U+001B>[2K"), printed());
    assertTrue(printed().contains("END"), printed());
    assertFalse(printed().contains("\u001b"), printed());
    assertEquals(1, run(null, "show", "nobodys"));
    assertTrue(printed().contains("approval.not-found"), printed());
    assertEquals(2, run(null, "frobnicate"));
  }

  @Test
  void approvesOnlyWhenThePersonTypesTheIdsEndAfterSeeingTheAction() {
    // Given
    String id = ask("echo terminal");

    // When, then
    assertEquals(1, run("y\n", "approve", id));
    assertEquals(1, run("", "approve", id));
    assertEquals(1, run(null, "approve", id));
    assertEquals("pending", state(id));
    assertEquals(0, run(id.substring(id.length() - 4) + "\n", "approve", id));
    assertTrue(printed().contains("echo terminal"), printed());
    assertEquals("approved", state(id));
    assertEquals(1, run(null, "deny", id));
    assertTrue(printed().contains("approval.too-late"), printed());
  }

  @Test
  void deniesAndApprovesInAPipeWithTheIdTwice() {
    // Given
    String denied = ask("echo no");
    String approved = ask("echo yes");

    // When, then
    assertEquals(0, run(null, "deny", denied, "--reason", "not now"));
    assertTrue(printed().contains("echo no"), printed());
    assertEquals("denied", state(denied));
    assertEquals(1, run(null, "approve", approved, "--yes", denied));
    assertEquals(0, run(null, "approve", approved, "--yes", approved));
    assertEquals("approved", state(approved));
  }

  @Test
  void approvesWithOtherArgumentsAfterShowingThem() throws IOException {
    // Given
    String id = ask("echo asked");
    Path file = SERVER.data().resolve("edit.json");
    Files.writeString(file, "{\"command\": \"echo edited\"}");

    // When, then
    assertEquals(0, run(null, "approve", id, "--edit", file.toString(), "--yes", id));
    assertTrue(printed().contains("echo asked"), printed());
    assertTrue(printed().contains("echo edited"), printed());
    JsonObject body = Api.execution("bash", "echo asked").put("approval", id);
    assertEquals("edited\n", api.post("agent", "/v1/executions", body).body().getString("stdout"));
    Files.writeString(file, "no JSON");
    assertEquals(2, run(null, "approve", id, "--edit", file.toString(), "--yes", id));
  }

  @Test
  void triesItAndBindsTheApprovalToWhatWasShown() {
    // Given
    String id = ask("date +%N; printf 'a\\033[2Jb'");

    // When, then
    assertEquals(0, run(null, "preview", id), printed());
    assertTrue(printed().contains("a<U+001B>[2Jb"), printed());
    assertEquals(0, run(null, "show", id));
    String effect = printed().replaceAll("(?s).*effect: (\\w+).*", "$1");
    assertEquals(0, run(null, "approve", id, "--yes", id), printed());
    String decided = api.get("auditor", "/v1/audit?kind=approval.decided&limit=20").body().encode();
    assertTrue(decided.contains(effect), decided);
  }

  @Test
  void showsTheRuleBeforeItIsRememberedListsItAndRevokesIt() {
    // Given
    String id = ask("echo again");

    // When, then
    assertEquals(1, run("no\n", "approve", id, "--remember", "rule", "--seconds", "600"));
    assertTrue(printed().contains("| "), printed());
    assertTrue(printed().contains("\"equals\" : \"echo again\""), printed());
    assertTrue(printed().contains("every session"), printed());
    assertEquals("pending", state(id));
    assertEquals(
        0,
        run(null, "approve", id, "--remember", "rule", "--seconds", "600", "--yes", id),
        printed());
    String memory = printed().replaceAll("(?s).*remembered as (\\S+).*", "$1");
    JsonObject body = Api.execution("bash", "echo again");
    assertEquals(200, api.post("agent", "/v1/executions", body).status());
    assertEquals(0, run(null, "remembered"));
    assertTrue(printed().contains(memory), printed());
    assertEquals(0, run(null, "revoke", memory));
    assertEquals(202, api.post("agent", "/v1/executions", body).status());
    assertEquals(1, run(null, "revoke", memory));
    assertEquals(2, run(null, "approve", id, "--remember", "rule", "--seconds", "long"));
  }
}
