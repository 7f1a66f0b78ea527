package dev.gatehouse;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.github.dockerjava.api.model.HostConfig;
import dev.gatehouse.Api.Answer;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** A sandbox with network is a sandbox: profiles, quotas, pauses and policy are as everywhere. */
class EgressLeasesIT {
  private static final Duration LIMIT = Duration.ofSeconds(60);

  @RegisterExtension
  static final RunningServer SERVER =
      new RunningServer()
          .with("GATEHOUSE_POLICY_DIRECTORY", "src/test/policies/egress")
          .withNothingReady()
          .with("GATEHOUSE_LIMITS_TENANT_SANDBOXES", "2")
          .with("GATEHOUSE_LIMITS_MEMORY_MIB", "4096")
          .with(
              "GATEHOUSE_SANDBOX_PROFILES",
              "[{name: small, memoryMiB: 384, cpus: 0.5, languages: [bash]},"
                  + " {name: large, memoryMiB: 3000}]");

  private final Api api = SERVER.api();

  private static JsonObject wish(String profile) {
    return new JsonObject()
        .put("session", "s")
        .put("profile", profile)
        .put("network", new JsonObject().put("allow", JsonArray.of("ok.test")));
  }

  private Answer create(JsonObject wish) {
    return api.post("agent", "/v1/sandboxes", wish);
  }

  private String created(JsonObject wish) {
    Answer answer = create(wish);
    assertEquals(201, answer.status(), answer.body().encode());
    return "/v1/sandboxes/" + answer.body().getString("id");
  }

  private Answer run(String path, String language, String code) {
    return api.post(
        "agent", path + "/executions", Api.execution(language, code).put("session", "s"));
  }

  private void delete(String path) {
    assertEquals(200, api.delete("agent", path).status());
  }

  private JsonObject pools() {
    return api.get("agent", "/healthz").body().getJsonObject("sandbox");
  }

  /** Those that proved the network counted. */
  @AfterEach
  void allThatWasTakenIsGivenBack() {
    Eventually.eventually(
        "none is left and no memory is promised",
        LIMIT,
        () ->
            pools().getInteger("leased") == 0
                && pools().getInteger("removing") == 0
                && pools().getInteger("memoryMiB") == 0);
  }

  @Test
  void aSandboxWithNetworkHasTheLimitsAndTheLanguagesOfItsProfile() {
    // When
    String path = created(wish("small"));

    // Then
    JsonObject found = api.get("agent", path).body();
    assertEquals("small", found.getString("profile"));
    assertEquals("runsc-egress", found.getString("runtime"));
    assertEquals(JsonArray.of("ok.test"), found.getJsonObject("network").getJsonArray("allow"));
    HostConfig limits =
        EngineContainers.SHARED
            .inspectContainerCmd("gatehouse-" + found.getString("id"))
            .exec()
            .getHostConfig();
    assertEquals(384L << 20, limits.getMemory());
    assertEquals(500_000_000L, limits.getNanoCPUs());
    assertTrue(String.valueOf(limits.getNetworkMode()).startsWith("gh-"));
    assertEquals(422, run(path, "python", "1").status());
    assertEquals(384, pools().getInteger("memoryMiB"));
    delete(path);
  }

  @Test
  void itCountsForItsTenantsQuotaAndGivesItBack() {
    // Given
    String first = created(wish("default"));
    String second = created(wish("small"));

    // When
    Answer refused = create(wish("small"));

    // Then
    assertEquals("quota.exceeded", refused.code());
    delete(first);
    Eventually.eventually(
        "there is place again",
        LIMIT,
        () -> {
          Answer again = create(wish("small"));
          if (again.status() == 201) {
            delete("/v1/sandboxes/" + again.body().getString("id"));
          }
          return again.status() == 201;
        });
    delete(second);
  }

  @Test
  void whereItDoesNotFitTheMachineItIsRefusedAndTheQuotaIsGivenBack() {
    // Given
    String large = created(wish("large"));

    // When, then
    for (int i = 0; i < 3; i++) {
      assertEquals("sandboxes.exhausted", create(wish("large")).code());
    }
    delete(large);
  }

  @Test
  void itIsPausedAndResumedAndEndsWhereNobodyUsesIt() {
    // Given
    String path = created(wish("default").put("idleSeconds", 5));

    // When
    Answer paused = api.post("agent", path + ":pause", new JsonObject());

    // Then
    assertEquals("paused", paused.body().getString("state"), paused.body().encode());
    assertEquals("sandbox.paused", run(path, "bash", "true").code());
    assertEquals(200, api.post("agent", path + ":resume", new JsonObject()).status());
    Eventually.eventually("it ends", LIMIT, () -> api.get("agent", path).status() == 410);
  }

  @Test
  void policySeesTheNetworkWhereCodeRunsAndWhereFilesAreTouched() {
    // Given
    HeldSandbox open = HeldSandbox.withNetwork(api, "s", "ok.test");
    HeldSandbox sealed = HeldSandbox.of(api, "s");

    // When
    Answer written = new SandboxFilesApi(api, open).put("/workspace/a", "x");
    Answer ran = run(open.path(), "python", "print(1)");

    // Then
    assertEquals(403, written.status(), written.body().encode());
    assertEquals("obligation.no-egress", ran.code());
    assertEquals(201, new SandboxFilesApi(api, sealed).put("/workspace/a", "x").status());
    assertEquals(200, run(sealed.path(), "python", "print(1)").status());
    open.delete();
    sealed.delete();
  }

  @Test
  void aNewListThatAPersonApprovedIsTakenOnce() {
    // Given
    String path = created(wish("default"));
    JsonObject list = new JsonObject().put("allow", JsonArray.of("other.test"));
    Answer asked = api.put("agent", path + "/network", list);
    assertEquals(202, asked.status(), asked.body().encode());
    String approval = asked.body().getString("approvalId");
    api.post(
        "approver",
        "/v1/approvals/" + approval + "/decision",
        new JsonObject().put("decision", "approve").put("reason", "I looked at it"));

    // When
    Answer wider =
        api.put(
            "agent",
            path + "/network",
            new JsonObject()
                .put("allow", JsonArray.of("other.test", "more.test"))
                .put("approval", approval));
    Answer changed = api.put("agent", path + "/network", list.copy().put("approval", approval));
    Answer again = api.put("agent", path + "/network", list.copy().put("approval", approval));

    // Then
    assertEquals("approval.mismatch", wider.code());
    assertEquals(200, changed.status(), changed.body().encode());
    assertEquals(
        JsonArray.of("other.test"), changed.body().getJsonObject("network").getJsonArray("allow"));
    assertEquals("approval.consumed", again.code());
    delete(path);
  }
}
