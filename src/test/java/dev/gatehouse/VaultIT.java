package dev.gatehouse;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.gatehouse.Api.Answer;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.nio.file.Files;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Secrets that are in Vault, by AppRole. */
class VaultIT {
  private static final Duration LIMIT = Duration.ofSeconds(40);
  private static final String VALUE = "correct-horse-battery-staple";
  private static final String SHOWN = "[redacted:given:token]";
  private static final String LOGIN = "POST auth/approle/login";
  private static final String RENEWAL = "POST auth/token/renew-self";
  private static final VaultStandIn VAULT = vault();

  @RegisterExtension
  static final RunningServer SERVER =
      new RunningServer()
          .with("GATEHOUSE_POLICY_DIRECTORY", "src/test/policies/secrets")
          .with("GATEHOUSE_VAULT_ADDRESS", VAULT.address())
          .with("GATEHOUSE_VAULT_ROLE_ID_FILE", file(VaultStandIn.ROLE))
          .with("GATEHOUSE_VAULT_SECRET_ID_FILE", file(VaultStandIn.SECRET))
          .with("GATEHOUSE_SANDBOX_WAIT_MILLIS", "110000")
          .with("GATEHOUSE_VAULT_TIMEOUT_MILLIS", "5000")
          .with("GATEHOUSE_VAULT_CACHE_SECONDS", "2")
          .with(
              "GATEHOUSE_SECRETS",
              """
              [{name: token, vault: deploy/github, field: token},
               {name: usual, vault: deploy/usual},
               {name: rotated, vault: deploy/rotated},
               {name: changed, vault: deploy/changed},
               {name: gone, vault: deploy/gone},
               {name: fieldless, vault: deploy/github, field: other},
               {name: number, vault: deploy/github, field: number},
               {name: forbidden, vault: forbidden/one}]
              """);

  private final Api api = SERVER.api();

  private static VaultStandIn vault() {
    VaultStandIn vault = VaultStandIn.start();
    vault.put("deploy/github", new JsonObject().put("token", VALUE).put("number", 123456789));
    vault.put("deploy/usual", new JsonObject().put("value", "usual-" + VALUE));
    vault.put("deploy/rotated", new JsonObject().put("value", "first-value"));
    vault.put("deploy/changed", new JsonObject().put("value", "before-log-in"));
    return vault;
  }

  static String file(String content) {
    try {
      return Files.writeString(Files.createTempFile("gatehouse", ".vault"), content + "\n") + "";
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  @AfterAll
  static void vaultEnds() {
    VAULT.close();
  }

  private Answer run(String secret, String code) {
    return api.post(
        "agent",
        "/v1/executions",
        Api.execution("bash", code)
            .put("env", new JsonObject().put("TOKEN", "secret://" + secret)));
  }

  private String length(String secret) {
    Answer answer = run(secret, "echo ${#TOKEN}");
    assertEquals(200, answer.status(), answer.body().encode());
    return answer.body().getString("stdout").strip();
  }

  private void unavailable(String secret) {
    Answer refused = run(secret, "echo never");
    Problems.assertProblem(503, "secret.unavailable", refused);
    String told = refused.body().encode();
    assertFalse(told.contains(VALUE) || told.contains("deploy/"), told);
  }

  @Test
  void codeHasTheValueAndNobodyElseIsToldIt() {
    // When
    Answer answer = run("token", "echo ${#TOKEN}; echo $TOKEN");

    // Then
    assertEquals(200, answer.status(), answer.body().encode());
    assertEquals(VALUE.length() + "\n" + SHOWN + "\n", answer.body().getString("stdout"));
    String log =
        api.get("auditor", "/v1/audit?action=" + answer.body().getString("id")).body().encode();
    assertFalse(log.contains(VALUE), log);
    String settings =
        api.get("auditor", "/v1/audit?tenant=(server)&kind=configuration").body().encode();
    assertFalse(
        settings.contains(VaultStandIn.SECRET) || settings.contains(VaultStandIn.ROLE), settings);
    assertEquals("" + ("usual-" + VALUE).length(), length("usual"));
  }

  @Test
  void whatIsNotThereIsRefusedAndNothingRuns() {
    unavailable("gone");
    unavailable("fieldless");
    unavailable("number");
    unavailable("forbidden");
    assertEquals("" + VALUE.length(), length("token"));
  }

  @Test
  void aRotatedValueIsUsedAfterItsTime() {
    // Given
    assertEquals("11", length("rotated"));

    // When
    VAULT.put("deploy/rotated", new JsonObject().put("value", "the-second-value"));

    // Then
    Eventually.eventually("it is used", LIMIT, () -> length("rotated").equals("16"));
  }

  @Test
  void aTokenThatIsRefusedIsReplaced() {
    // Given
    length("token");
    long logins = VAULT.asked(LOGIN);

    // When
    VAULT.revokeAll();
    VAULT.put("deploy/changed", new JsonObject().put("value", "after-log-in"));

    // Then
    // Refused before that where another test had it log in within the last second.
    Eventually.eventually("it logs in", LIMIT, () -> run("changed", "true").status() == 200);
    assertEquals("12", length("changed"));
    assertTrue(VAULT.asked(LOGIN) > logins, "it logged in again");
  }

  @Test
  void tokensAreRenewedAndReplacedWhereTheyCannotBe() {
    // Given
    VAULT.leases(3);
    VAULT.revokeAll();
    Eventually.eventually(
        "it has a token of three seconds",
        LIMIT,
        () -> {
          long before = VAULT.asked(RENEWAL);
          run("token", "true");
          return before > 0;
        });

    // When
    long renewals = VAULT.asked(RENEWAL);
    Eventually.eventually(
        "renewed without anybody asking", LIMIT, () -> VAULT.asked(RENEWAL) > renewals + 1);
    VAULT.forbidRenewal(true);
    long logins = VAULT.asked(LOGIN);

    // Then
    Eventually.eventually(
        "logged in without anybody asking", LIMIT, () -> VAULT.asked(LOGIN) > logins);
    VAULT.forbidRenewal(false);
    VAULT.leases(3600);
    assertEquals("" + VALUE.length(), length("token"));
  }

  @Test
  void aSealedVaultGivesNothingAndNothingOldIsUsed() {
    // Given
    length("token");

    // When
    VAULT.seal(true);

    // Then
    Eventually.eventually(
        "what was known is forgotten", LIMIT, () -> run("token", "true").status() == 503);
    unavailable("token");
    VAULT.seal(false);
    Eventually.eventually("it is there again", LIMIT, () -> run("token", "true").status() == 200);
  }

  @Test
  void aSlowVaultHoldsNobodyUpForLong() {
    // Given
    CountDownLatch held = VAULT.hold();
    Eventually.eventually(
        "what was known is forgotten", LIMIT, () -> run("usual", "true").status() == 503);

    // When
    unavailable("usual");

    // Then
    held.countDown();
    Eventually.eventually("it is there again", LIMIT, () -> run("usual", "true").status() == 200);
  }

  @Test
  void manyWhoAskForTheSameAtOnceAskVaultOnce() {
    // Given
    String call = "GET secret/data/deploy/usual";
    length("usual");
    long before = VAULT.asked(call);

    // When
    CompletableFuture.allOf(
            IntStream.range(0, 20)
                .mapToObj(number ->
                    CompletableFuture.runAsync(
                        () -> length("usual"), task -> Thread.ofVirtual().start(task)))
                .toArray(CompletableFuture[]::new))
        .join();

    // Then
    assertTrue(VAULT.asked(call) - before < 20, "asked " + (VAULT.asked(call) - before));
  }
}
