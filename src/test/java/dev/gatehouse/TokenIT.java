package dev.gatehouse;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JOSEObjectType;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.crypto.MACSigner;
import com.nimbusds.jose.crypto.RSASSASigner;
import com.nimbusds.jose.jwk.RSAKey;
import com.nimbusds.jose.util.Base64URL;
import com.nimbusds.jwt.JWTClaimsSet;
import dev.gatehouse.Api.Answer;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.Date;
import java.util.List;
import java.util.Set;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Tokens that another issuer signed, taken beside keys or refused. */
class TokenIT {
  private static final Duration LIMIT = Duration.ofSeconds(30);
  private static final TokenIssuer ISSUER = TokenIssuer.start();
  private static final JsonObject TOOL = new JsonObject().put("tool", "bash");

  @RegisterExtension
  static final RunningServer SERVER =
      new RunningServer()
          .with("GATEHOUSE_POLICY_DIRECTORY", "src/test/policies/rotated")
          .with("GATEHOUSE_SANDBOX_WARM", "1")
          .with(
              "GATEHOUSE_JWT",
              ISSUER.entry(
                  ", leewaySeconds: 1, tenants: [default, blue], refreshSeconds: 3600, roles: [agent,"
                      + " approver=people, auditor]"));

  @AfterAll
  static void issuerEnds() {
    ISSUER.close();
  }

  private final Api api = SERVER.api();

  private static TenantApi with(String token) {
    return new TenantApi(SERVER, token);
  }

  private static Answer decide(String token) {
    return with(token).post("/v1/decisions", TOOL);
  }

  @Test
  void aTokenMayWhatItsRoleMayForItsTenantAndInItsName() {
    // Given
    String agent = ISSUER.token("ann@example.org", claims -> claims.claim("tenant", "blue"));
    String approver =
        ISSUER.token("ben", claims -> claims.claim("role", List.of("other", "people", 7)));

    // When
    Answer decided = decide(agent);

    // Then
    assertEquals(200, decided.status(), decided.body().encode());
    assertEquals("role.wrong", decide(approver).code());
    assertEquals(200, with(approver).get("/v1/approvals").status());
    String auditor =
        ISSUER.token("eve", claims -> claims.claim("tenant", "blue").claim("role", "auditor"));
    JsonArray seen = with(auditor).get("/v1/audit?kind=decision").body().getJsonArray("events");
    assertEquals("ann@example.org", seen.getJsonObject(0).getString("actor"));
    assertEquals("blue", seen.getJsonObject(0).getString("tenant"));
    Eventually.eventually(
        "its use is recorded",
        LIMIT,
        () ->
            !with(auditor)
                .get("/v1/audit?kind=key.used&actor=ann@example.org")
                .body()
                .getJsonArray("events")
                .isEmpty());
  }

  @Test
  void keysGoOnBesideTokens() {
    assertEquals(200, api.post("agent", "/v1/decisions", TOOL).status());
    assertEquals("key.unknown", decide("nobody's").code());
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("taken")
  void everyAlgorithmThatIsTakenIsTaken(String name, Supplier<String> token) {
    Answer answer = decide(token.get());
    assertEquals(200, answer.status(), answer.body().encode());
  }

  private static Stream<Arguments> taken() {
    JWTClaimsSet claims = TokenIssuer.claims("sam").build();
    return Stream.of(
        Arguments.of("RS256", (Supplier<String>) () -> ISSUER.token("sam")),
        Arguments.of(
            "PS256",
            (Supplier<String>) () -> TokenIssuer.token(ISSUER.key(), JWSAlgorithm.PS256, claims)),
        Arguments.of(
            "EdDSA", (Supplier<String>) () -> afterPause(() -> ISSUER.edwards("edwards", claims))),
        Arguments.of(
            "ES256",
            (Supplier<String>)
                () ->
                    afterPause(() -> {
                      var key = TokenIssuer.ec("curve");
                      ISSUER.publish(key);
                      return TokenIssuer.token(key, JWSAlgorithm.ES256, claims);
                    })));
  }

  /** Each has a key that the server has not seen, and asks for not too often. */
  private static String afterPause(Supplier<String> token) {
    String made = token.get();
    Eventually.eventually("its key is known", LIMIT, () -> decide(made).status() == 200);
    return made;
  }

  @ParameterizedTest(name = "{0}, {1}")
  @MethodSource("refused")
  void whatIsNotAsItMustBeIsRefused(String code, String why, Supplier<String> token) {
    Answer answer = decide(token.get());
    Problems.assertProblem(401, code, answer);
    assertEquals("Bearer", answer.response().headers().firstValue("WWW-Authenticate").orElse(""));
  }

  private static Arguments no(String code, String why, Supplier<String> token) {
    return Arguments.of(code, why, token);
  }

  private static Supplier<String> but(
      java.util.function.UnaryOperator<JWTClaimsSet.Builder> change) {
    return () -> ISSUER.token("sam", change);
  }

  private static Date at(long seconds) {
    return Date.from(Instant.now().plusSeconds(seconds));
  }

  private static Supplier<String> header(JWSHeader.Builder header) {
    return () -> {
      try {
        return TokenIssuer.signed(
            new RSASSASigner(ISSUER.key()),
            header.build(),
            TokenIssuer.claims("sam").build().toString());
      } catch (JOSEException e) {
        throw new AssertionError(e);
      }
    };
  }

  private static Supplier<String> raw(String claims) {
    return () -> TokenIssuer.token(ISSUER.key(), JWSAlgorithm.RS256, claims);
  }

  /** Algorithm confusion: the public key, in some form, as the secret of an HMAC. */
  private static String confused(byte[] secret, String id) {
    try {
      return TokenIssuer.signed(
          new MACSigner(secret),
          new JWSHeader.Builder(JWSAlgorithm.HS256).keyID(id).build(),
          TokenIssuer.claims("sam").build().toString());
    } catch (JOSEException e) {
      throw new AssertionError(e);
    }
  }

  private static String unsigned() {
    return Base64URL.encode("{\"alg\":\"none\",\"kid\":\"first\"}")
        + "."
        + Base64URL.encode(TokenIssuer.claims("sam").build().toString())
        + ".";
  }

  private static String tampered() {
    String[] parts = ISSUER.token("sam").split("\\.", -1);
    String claims = new String(new Base64URL(parts[1]).decode(), StandardCharsets.UTF_8);
    return parts[0]
        + "."
        + Base64URL.encode(claims.replace("\"agent\"", "\"auditor\""))
        + "."
        + parts[2];
  }

  private static Stream<Arguments> refused() throws JOSEException {
    RSAKey stranger = TokenIssuer.rsa("first");
    String claims = TokenIssuer.claims("sam").build().toString();
    String inside = claims.substring(1, claims.length() - 1);
    byte[] spki = ISSUER.key().toRSAPublicKey().getEncoded();
    String pem =
        "-----BEGIN PUBLIC KEY-----\n"
            + java.util.Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(spki)
            + "\n-----END PUBLIC KEY-----\n";
    return Stream.of(
        no("token.issuer", "another iss", but(c -> c.issuer("https://other.example/"))),
        no("token.issuer", "no iss", but(c -> c.issuer(null))),
        no("token.audience", "another aud", but(c -> c.audience("other"))),
        no("token.audience", "no aud", but(c -> c.audience((String) null))),
        no("token.expired", "over", but(c -> c.expirationTime(at(-10)))),
        no("token.expired", "without an end", but(c -> c.expirationTime(null))),
        no(
            "token.expired",
            "an end beyond every number",
            raw("{" + inside.replaceAll("\"exp\":\\d+", "\"exp\":99999999999999999999") + "}")),
        no("token.not-yet", "not yet", but(c -> c.notBeforeTime(at(60)))),
        no("token.identity", "no sub", but(c -> c.subject(null))),
        no("token.identity", "a sub like a group", but(c -> c.subject("group:sre"))),
        no("token.identity", "a sub too long", but(c -> c.subject("a".repeat(129)))),
        no("token.identity", "another tenant", but(c -> c.claim("tenant", "red"))),
        no("token.identity", "no tenant", but(c -> c.claim("tenant", null))),
        no("token.role", "an unknown role", but(c -> c.claim("role", "boss"))),
        no("token.role", "a role by our word only", but(c -> c.claim("role", "approver"))),
        no("token.role", "no role", but(c -> c.claim("role", null))),
        no("token.role", "two roles", but(c -> c.claim("role", List.of("agent", "people")))),
        no(
            "token.key-unknown",
            "another kid",
            header(new JWSHeader.Builder(JWSAlgorithm.RS256).keyID("second"))),
        no("token.key-unknown", "no kid", header(new JWSHeader.Builder(JWSAlgorithm.RS256))),
        no(
            "token.algorithm",
            "RS512",
            header(new JWSHeader.Builder(JWSAlgorithm.RS512).keyID("first"))),
        no(
            "token.algorithm",
            "another typ",
            header(
                new JWSHeader.Builder(JWSAlgorithm.RS256)
                    .keyID("first")
                    .type(new JOSEObjectType("logout+jwt")))),
        no(
            "token.algorithm",
            "a crit",
            header(
                new JWSHeader.Builder(JWSAlgorithm.RS256)
                    .keyID("first")
                    .criticalParams(Set.of("exp"))
                    .customParam("exp", 1))),
        no("token.algorithm", "HS256 by the public key", () -> confused(spki, "first")),
        no(
            "token.algorithm",
            "HS256 by the public key as PEM",
            () -> confused(pem.getBytes(StandardCharsets.US_ASCII), "first")),
        no(
            "token.algorithm",
            "HS256 by the modulus",
            () -> confused(ISSUER.key().getModulus().decode(), "first")),
        no("token.malformed", "alg none", TokenIT::unsigned),
        no(
            "token.signature",
            "another key",
            () ->
                TokenIssuer.token(stranger, JWSAlgorithm.RS256, TokenIssuer.claims("sam").build())),
        no("token.signature", "changed claims", TokenIT::tampered),
        no("token.malformed", "a claim twice", raw("{" + inside + ",\"role\":\"auditor\"}")),
        no("token.malformed", "another claim twice", raw("{" + inside + ",\"r\":1,\"r\":2}")),
        no("token.malformed", "claims that are no object", raw("7")),
        no(
            "token.malformed",
            "exp that is no number",
            raw("{" + inside.replaceAll("\"exp\":\\d+", "\"exp\":\"soon\"") + "}")),
        no(
            "token.malformed",
            "nested too deeply",
            raw("{" + inside + ",\"x\":" + "[".repeat(1000) + "]".repeat(1000) + "}")),
        no("token.malformed", "huge", but(c -> c.claim("x", "y".repeat(8_000)))),
        no("token.malformed", "three parts of nothing", () -> "a.b.c"));
  }

  @Test
  void aHeaderWithAnAlgTwiceIsNoToken() {
    String twice =
        Base64URL.encode("{\"alg\":\"RS256\",\"alg\":\"HS256\",\"kid\":\"first\"}") + ".e30.AAAA";
    Problems.assertProblem(401, "token.malformed", decide(twice));
  }

  @Test
  void theBodyOfARequestWithANewTokenArrivesWhole() {
    // Given
    String text = "x".repeat(300_000);
    JsonObject body = Api.execution("bash", "wc -c").put("stdin", text);

    // When
    Answer answer = with(ISSUER.token("body")).post("/v1/executions", body);

    // Then
    assertEquals(200, answer.status(), answer.body().encode());
    assertEquals("300000", answer.body().getString("stdout").strip());
  }

  @Test
  void aThousandNewTokensAtOnceAreAllTaken() {
    // Given
    List<String> tokens =
        java.util.stream.IntStream.range(0, 1_000)
            .mapToObj(number -> ISSUER.token("crowd-" + number))
            .toList();
    int asked = ISSUER.asked();

    // When
    List<Integer> statuses =
        tokens.stream()
            .map(token ->
                java.util.concurrent.CompletableFuture.supplyAsync(
                    () -> decide(token).status(), task -> Thread.ofVirtual().start(task)))
            .toList()
            .stream()
            .map(java.util.concurrent.CompletableFuture::join)
            .toList();

    // Then
    assertEquals(Set.of(200), Set.copyOf(statuses));
    assertTrue(ISSUER.asked() - asked <= 2, "the issuer was asked for " + ISSUER.asked());
  }

  @Test
  void idsThatNobodyHasDoNotHaveTheIssuerAskedEachTime() {
    // Given
    int asked = ISSUER.asked();

    // When
    for (int number = 0; number < 200; number++) {
      String id = "invented-" + number;
      decide(header(new JWSHeader.Builder(JWSAlgorithm.RS256).keyID(id)).get());
    }

    // Then: once in five seconds.
    assertTrue(ISSUER.asked() - asked <= 20, "asked " + (ISSUER.asked() - asked) + " times");
  }

  @Test
  void aWebSocketIsOpenedByATokenInItsHeaderOrItsFirstFrame() {
    try (SocketClient byHeader = SocketClient.open(api, ISSUER.token("by-header"));
        SocketClient byFrame = SocketClient.open(api, null)) {
      // When
      byFrame.send(new JsonObject().put("type", "auth").put("key", ISSUER.token("by-frame")));
      // Not waited for: what is asked meanwhile is answered afterwards.
      String id = byFrame.request("decide", TOOL);

      // Then
      assertEquals(200, byFrame.reply(id).getInteger("status"));
      JsonObject hello = byHeader.awaitType("hello").getJsonObject("key");
      assertEquals("by-header", hello.getString("name"));
      byHeader.ask(200, "decide", TOOL);
      assertEquals("by-frame", byFrame.awaitType("welcome").getJsonObject("key").getString("name"));
    }
  }

  @Test
  void aWebSocketIsRefusedABadToken() {
    try (SocketClient socket = SocketClient.open(api, null)) {
      socket.send(
          new JsonObject()
              .put("type", "auth")
              .put("key", ISSUER.token("sam", claims -> claims.audience("other"))));
      JsonObject error = socket.awaitType("error");
      assertEquals("token.audience", error.getJsonObject("body").getString("code"));
      assertEquals(4401, socket.awaitClose());
    }
  }

  @Test
  void aWebSocketEndsWithItsTokenUnlessAnotherIsShownInTime() {
    try (SocketClient left = SocketClient.open(api, shortLived("left"));
        SocketClient renewed = SocketClient.open(api, shortLived("renewed"));
        SocketClient other = SocketClient.open(api, shortLived("other"))) {
      // When
      renewed.send(new JsonObject().put("type", "auth").put("key", ISSUER.token("renewed")));
      renewed.awaitType("welcome");
      other.send(new JsonObject().put("type", "auth").put("key", ISSUER.token("another")));

      // Then
      assertEquals(4403, other.awaitClose());
      assertEquals(4407, left.awaitClose());
      renewed.ask(200, "decide", TOOL);
      assertFalse(renewed.isClosed());
    }
  }

  private static String shortLived(String subject) {
    return ISSUER.token(subject, claims -> claims.expirationTime(at(6)));
  }

  @Test
  void eventsEndWithTheToken() throws Exception {
    // Given
    String token = shortLived("watcher");

    // When
    StringBuilder all = new StringBuilder();
    api.stream(
            java.net.http.HttpRequest.newBuilder(
                    java.net.URI.create("http://127.0.0.1:" + api.port() + "/v1/approvals/events"))
                .header("Authorization", "Bearer " + token)
                .build())
        .forEach(all::append);

    // Then
    assertTrue(all.toString().contains("token.expired"), all.toString());
    Problems.assertProblem(401, "token.expired", decide(token));
  }

  @Test
  void nobodyApprovesWhatHeAskedForUnderAnotherRole() {
    // Given
    JsonObject asked = Api.execution("bash", "echo asked");
    Answer waiting = with(ISSUER.token("sly")).post("/v1/executions", asked);
    assertEquals(202, waiting.status(), waiting.body().encode());
    String path = "/v1/approvals/" + waiting.body().getString("approvalId") + "/decision";
    JsonObject yes = new JsonObject().put("decision", "approve");

    // When
    Answer own =
        with(ISSUER.token("sly", claims -> claims.claim("role", "people"))).post(path, yes);
    Answer others =
        with(ISSUER.token("ben", claims -> claims.claim("role", "people"))).post(path, yes);

    // Then
    Problems.assertProblem(403, "approval.own-action", own);
    assertEquals(200, others.status(), others.body().encode());
  }
}
