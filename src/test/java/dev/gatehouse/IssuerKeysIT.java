package dev.gatehouse;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.jwk.JWKSet;
import com.nimbusds.jose.jwk.RSAKey;
import dev.gatehouse.Api.Answer;
import io.vertx.core.json.JsonObject;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Issuers whose keys change, or cannot be had. */
class IssuerKeysIT {
  private static final Duration LIMIT = Duration.ofSeconds(40);
  private static final JsonObject TOOL = new JsonObject().put("tool", "bash");
  private static final TokenIssuer ISSUER = away();
  private static final TokenIssuer STEADY = TokenIssuer.start();
  private static final Path FILE = file();

  @RegisterExtension
  static final RunningServer SERVER =
      new RunningServer()
          .withNothingReady()
          .with("GATEHOUSE_LIMITS_KEY_DECISIONS_PER_SECOND", "1")
          .with(
              "GATEHOUSE_JWT",
              """
              [{issuer: '%s', audience: gatehouse, jwks: '%s', refreshSeconds: 1, staleSeconds: 10},
               {issuer: on-disk, audience: gatehouse, jwks: '%s', refreshSeconds: 1,
                algorithms: [RS256]},
               {issuer: steady, audience: gatehouse, jwks: '%s', refreshSeconds: 1}]
              """
                  .formatted(TokenIssuer.NAME, ISSUER.address(), FILE, STEADY.address()));

  private static TokenIssuer away() {
    TokenIssuer issuer = TokenIssuer.start();
    issuer.answerWith(500);
    return issuer;
  }

  private static Path file() {
    try {
      return Files.writeString(Files.createTempFile("gatehouse", ".jwks"), set(STEADY.key()));
    } catch (java.io.IOException e) {
      throw new AssertionError(e);
    }
  }

  private static String set(RSAKey key) {
    return new JWKSet(key).toPublicJWKSet().toString();
  }

  @AfterAll
  static void issuersEnd() {
    ISSUER.close();
    STEADY.close();
  }

  /** An answer that the rate of decisions does not concern. */
  private static Answer ask(String token) {
    return new TenantApi(SERVER, token).get("/v1/policies");
  }

  @Test
  void keysThatCannotBeHadAreNoneAndComeAndGoWithTheIssuer() {
    // Given
    String token = ISSUER.token("ann");
    Problems.assertProblem(503, "token.keys-unavailable", ask(token));

    // When
    ISSUER.answerWith(200);
    Eventually.eventually("they are read", LIMIT, () -> ask(token).status() == 200);
    try (SocketClient socket = SocketClient.open(SERVER.api(), token)) {
      // Rotated: the new key is asked for when it is first seen.
      RSAKey second = TokenIssuer.rsa("second");
      ISSUER.publish(second);
      String by = TokenIssuer.token(second, JWSAlgorithm.RS256, TokenIssuer.claims("ben").build());
      Eventually.eventually("the new key is known", LIMIT, () -> ask(by).status() == 200);
      assertEquals(200, ask(token).status());

      // The old one is withdrawn: what it signed is nothing any more, and what is open ends.
      ISSUER.withdraw("first");
      assertEquals(4402, socket.awaitClose());
      Problems.assertProblem(401, "token.key-unknown", ask(token));
      assertEquals(200, ask(by).status());

      // The issuer goes: its keys count for a while, and then no more.
      ISSUER.answerWith(500);
      assertEquals(200, ask(by).status());
      Eventually.eventually("they count no more", LIMIT, () -> ask(by).status() == 503);
      Problems.assertProblem(503, "token.keys-unavailable", ask(by));
      ISSUER.answerWith(200);
      Eventually.eventually("they count again", LIMIT, () -> ask(by).status() == 200);
    }
  }

  @Test
  void keysInAFileAreReadAgainWhenTheyChange() throws Exception {
    // Given
    RSAKey fresh = TokenIssuer.rsa("fresh");
    String token = onDisk(STEADY.key(), "dora");
    assertEquals(200, ask(token).status(), ask(token).body().encode());

    // When
    Files.writeString(FILE, set(fresh));

    // Then
    Eventually.eventually("the old key is none", LIMIT, () -> ask(token).status() == 401);
    Eventually.eventually(
        "the new one is", LIMIT, () -> ask(onDisk(fresh, "dora")).status() == 200);
    Files.writeString(FILE, "{\"keys\":");
    int asked = STEADY.asked();
    Eventually.eventually("it was read again", LIMIT, () -> STEADY.asked() > asked + 3);
    assertEquals(200, ask(onDisk(fresh, "dora")).status(), "a broken file replaces nothing");
    Problems.assertProblem(
        401,
        "token.algorithm",
        ask(
            TokenIssuer.token(
                fresh, JWSAlgorithm.PS256, TokenIssuer.claims("dora").issuer("on-disk").build())));
  }

  private static String onDisk(RSAKey key, String subject) {
    return TokenIssuer.token(
        key, JWSAlgorithm.RS256, TokenIssuer.claims(subject).issuer("on-disk").build());
  }

  @Test
  void theLimitsOfAKeyAreThoseOfAnActorWhateverTokenItShows() {
    // When
    int refused = 0;
    for (int number = 0; number < 10; number++) {
      int nonce = number;
      String token = STEADY.token("eager", claims -> claims.issuer("steady").claim("nonce", nonce));
      Answer answer = new TenantApi(SERVER, token).post("/v1/decisions", TOOL);
      refused += answer.code().equals("rate.exceeded") ? 1 : 0;
    }

    // Then
    assertTrue(refused > 0, "ten tokens of one actor have one allowance");
  }

  @Test
  void refusalsAreInTheLogAsThoseOfKeysAre() {
    // When
    String token = STEADY.token("ann", claims -> claims.issuer("steady").audience("other"));
    Problems.assertProblem(401, "token.audience", ask(token));

    // Then
    String query = "/v1/audit?tenant=(server)&kind=key.refused";
    Eventually.eventually(
        "they are there",
        LIMIT,
        () -> !SERVER.api().get("operator", query).body().getJsonArray("events").isEmpty());
    String told = SERVER.api().get("operator", query).body().encode();
    assertTrue(told.contains("token."), told);
    assertFalse(told.contains("eyJ"), told);
  }
}
