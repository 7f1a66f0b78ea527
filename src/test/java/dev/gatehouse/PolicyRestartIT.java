package dev.gatehouse;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The main program is killed and started again: which policy is active, and why. */
@SuppressWarnings("NullAway.Init")
class PolicyRestartIT {
  private static final String ALLOW = policy("allow");
  private static final String DENY = policy("deny");
  private static final Duration LIMIT = Duration.ofSeconds(20);

  private Path root;
  private Path data;
  private Path file;
  private ServerProcess server;

  private static String policy(String decision) {
    return """
    rules:
      - {id: test.tool, text: a tool only this test knows, tools: [test_tool], decision: %s}
    """
        .formatted(decision);
  }

  @BeforeEach
  void writePolicy() throws IOException {
    root = Files.createTempDirectory("gatehouse-policy-restart");
    data = root.resolve("data");
    file = Files.createDirectory(root.resolve("policies")).resolve("p.yaml");
    Files.writeString(file, ALLOW);
    server = start();
  }

  @AfterEach
  void stopAndDelete() throws IOException {
    server.stop();
    ServerProcess.deleteTree(root);
  }

  @Test
  void aRollBackOutlivesAKillAndEndsWhenTheFilesChange() throws IOException {
    // Given a deployment that an operator rolled back
    String first = active();
    Files.writeString(file, DENY);
    Eventually.eventually("the change counts", LIMIT, () -> outcome().equals("DENY"));
    String second = active();
    assertEquals(first, change(":rollback"));

    // When
    server.kill();
    server = start();

    // Then the roll-back stands, and both versions are there
    assertEquals(first, active());
    assertEquals("ALLOW", outcome());
    assertEquals(new JsonArray().add(first).add(second), policies().getJsonArray("versions"));
    assertEquals(second, policies().getString("files"));

    // When the other version is chosen, and the server killed again
    assertEquals(second, change("/" + second + ":activate"));
    server.kill();
    server = start();

    // Then it counts, and can be rolled back
    assertEquals("DENY", outcome());
    assertEquals(first, change(":rollback"));

    // When the files change while no server runs
    server.kill();
    Files.writeString(file, policy("ask"));
    server = start();

    // Then they count
    assertEquals("ASK", outcome());
    assertNotEquals(first, active());
    assertEquals(first, change(":rollback"));
  }

  @Test
  void filesThatWentBadWhileNoServerRanReplaceNothing() throws IOException {
    // Given
    String first = active();
    server.kill();
    Files.writeString(file, "rules: [{id: a}]\n");

    // When
    server = start();

    // Then
    assertEquals(first, active());
    assertEquals("ALLOW", outcome());
    assertTrue(server.log().contains("p.yaml:1"), server.log());
    Files.writeString(file, DENY);
    Eventually.eventually("good files count again", LIMIT, () -> outcome().equals("DENY"));
  }

  @Test
  void aDamagedVersionIsNotStartedWith() throws IOException {
    // Given a version that is active by choice, and was changed on the disk
    String first = active();
    Files.writeString(file, DENY);
    Eventually.eventually("the change counts", LIMIT, () -> outcome().equals("DENY"));
    assertEquals(first, change(":rollback"));
    server.kill();
    Path version = data.resolve("policies").resolve(first.substring("sha256:".length()));
    Files.writeString(version.resolve("p.yaml"), policy("ask"));

    // When
    server = ServerProcess.launch(data, settings());

    // Then
    assertNotEquals(0, server.exitCode());
    assertTrue(server.log().contains("damaged"), server.log());
  }

  private ServerProcess start() {
    return ServerProcess.start(data, settings());
  }

  private Map<String, String> settings() {
    return Map.of(
        "GATEHOUSE_POLICY_DIRECTORY",
        String.valueOf(file.getParent()),
        "GATEHOUSE_SANDBOX_WARM",
        "0");
  }

  private JsonObject policies() {
    return server.api().get("operator", "/v1/policies").body();
  }

  private String active() {
    return policies().getString("active");
  }

  private String change(String what) {
    return server.api().post("operator", "/v1/policies" + what, "").body().getString("active");
  }

  private String outcome() {
    return server
        .api()
        .post("agent", "/v1/decisions", new JsonObject().put("tool", "test_tool"))
        .body()
        .getString("outcome");
  }
}
