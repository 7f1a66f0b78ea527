package dev.gatehouse;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import dev.gatehouse.Api.Answer;
import io.vertx.core.json.JsonObject;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A server whose Vault goes, and whose log is looked at; with a token from a file. */
class VaultAwayIT {
  private static final Duration LIMIT = Duration.ofSeconds(40);
  private static final String VALUE = "a-value-that-nobody-tells";

  private static Answer run(Api api) {
    return api.post(
        "agent",
        "/v1/executions",
        Api.execution("bash", "echo ${#TOKEN}")
            .put("env", new JsonObject().put("TOKEN", "secret://token")));
  }

  @Test
  void theTokenOfAFileIsReadAgainAndAVaultThatIsAwayGivesNothing(@TempDir Path data)
      throws Exception {
    // Given
    Path token = data.resolve("token");
    VaultStandIn vault = VaultStandIn.start();
    vault.put("one", new JsonObject().put("value", VALUE));
    String first = vault.issue();
    Files.writeString(token, first + "\n");
    ServerProcess server =
        ServerProcess.start(
            data,
            Map.of(
                "GATEHOUSE_POLICY_DIRECTORY", "src/test/policies/secrets",
                "GATEHOUSE_SANDBOX_WARM", "1",
                "GATEHOUSE_DRAIN_LEAD_MILLIS", "0",
                "GATEHOUSE_VAULT_ADDRESS", vault.address(),
                "GATEHOUSE_VAULT_TOKEN_FILE", token.toString(),
                "GATEHOUSE_VAULT_CACHE_SECONDS", "0",
                "GATEHOUSE_SECRETS", "[{name: token, vault: one}]"));
    try {
      Api api = server.api();
      assertEquals(200, run(api).status());

      // When: as who rotates it does.
      vault.revokeAll();
      String second = vault.issue();
      Files.writeString(token, second + "\n");

      // Then
      Eventually.eventually("the new one is used", LIMIT, () -> run(api).status() == 200);
      vault.close();
      Problems.assertProblem(503, "secret.unavailable", run(api));
      String log = server.log();
      for (String secret : new String[] {VALUE, first, second}) {
        assertFalse(log.contains(secret), log);
      }
    } finally {
      server.stop();
      vault.close();
    }
  }
}
