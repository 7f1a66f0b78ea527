package dev.gatehouse;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Neither a stop nor a kill leaves a bridge or a rule behind for good. */
@SuppressWarnings("NullAway.Init")
class EgressCrashIT {
  private static final Map<String, String> SETTINGS =
      Map.of("GATEHOUSE_POLICY_DIRECTORY", "src/test/policies/open", "GATEHOUSE_SANDBOX_WARM", "0");

  private Path data;
  private ServerProcess server;

  @BeforeEach
  void makeData() throws IOException {
    data = Files.createTempDirectory("gatehouse-egress-crash");
  }

  @AfterEach
  void stopAndDelete() throws IOException {
    server.stop();
    ServerProcess.deleteTree(data);
  }

  @Test
  void whatAKilledServerLeftIsRemovedByTheNextStart() throws IOException, InterruptedException {
    // Given
    server = ServerProcess.start(data, SETTINGS);
    NetworkedSandbox sandbox = new NetworkedSandbox(server.api(), "s1", "ok.test");
    assertEquals("403", sandbox.value("connects('other.test:443')"));
    assertEquals(1, networks().size());
    String bridge = networks().get(0);
    assertTrue(rules().contains(bridge), rules());

    // When
    server.kill();
    server = ServerProcess.start(data, SETTINGS);

    // Then
    assertEquals(List.of(), networks());
    assertFalse(rules().contains(bridge), rules());

    // When
    NetworkedSandbox again = new NetworkedSandbox(server.api(), "s1", "ok.test");
    assertEquals("403", again.value("connects('other.test:443')"));
    assertTrue(rules().contains(bridge), rules());
    server.stop();

    // Then
    assertEquals(List.of(), networks());
    assertFalse(rules().contains(bridge), rules());
  }

  @Test
  void rulesThatAServerMadeAndNoNetworkCameAfterAreRemovedByTheNextStart()
      throws IOException, InterruptedException {
    // Given
    server = ServerProcess.start(data, SETTINGS);
    NetworkedSandbox sandbox = new NetworkedSandbox(server.api(), "s1", "ok.test");
    sandbox.value("1");
    String bridge = networks().get(0);
    String chain = "GATEHOUSE-" + bridge.substring("gh-".length());
    server.stop();
    assertFalse(rules().contains(chain), rules());
    for (String table : List.of("iptables -t raw", "iptables -t filter", "ip6tables -t raw")) {
      shell(table + " -w 10 -N " + chain);
    }
    shell("iptables -w 10 -t raw -I PREROUTING -i " + bridge + " -j " + chain);
    assertTrue(rules().contains(chain), rules());

    // When
    server = ServerProcess.start(data, SETTINGS);

    // Then
    assertFalse(rules().contains(chain), rules());
  }

  @Test
  void whereNetworkIsSwitchedOffNoSandboxGetsIt() {
    server =
        ServerProcess.start(
            data,
            Map.of(
                "GATEHOUSE_POLICY_DIRECTORY", "src/test/policies/open",
                "GATEHOUSE_SANDBOX_EGRESS_ENABLED", "false"));

    Api.Answer answer =
        server
            .api()
            .post(
                "agent",
                "/v1/sandboxes",
                new JsonObject().put("network", new JsonObject().put("allow", new JsonArray())));

    assertEquals(503, answer.status());
    assertEquals("network.unavailable", answer.code());
  }

  private List<String> networks() throws IOException {
    return EngineContainers.networksOfNode(Files.readString(data.resolve("node")).strip());
  }

  private static String rules() throws IOException, InterruptedException {
    return shell("iptables-save; ip6tables-save");
  }

  private static String shell(String command) throws IOException, InterruptedException {
    Process process = new ProcessBuilder("sh", "-c", command).redirectErrorStream(true).start();
    String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    process.waitFor();
    return said;
  }
}
