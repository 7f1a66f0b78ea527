package dev.gatehouse;

import static dev.gatehouse.Api.execution;
import static dev.gatehouse.Problems.assertProblem;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.gatehouse.Api.Answer;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Requests that are HTTP but make no sense: refused with a stable code, and nothing else happens.
 */
class BadInputIT {
  private static final String EXECUTIONS = "/v1/executions";
  private static final String NOBODYS = "0198c0de-0000-7000-8000-000000000000";
  private static final List<String> ROLES = List.of("agent", "approver", "operator", "auditor");

  @RegisterExtension static final RunningServer SERVER = new RunningServer();

  private final Api api = SERVER.api();

  @AfterAll
  static void theServerIsAsHealthyAsBefore() {
    Problems.assertAsHealthyAsBefore(SERVER.api());
  }

  private static Stream<Arguments> bodies() {
    String valid = "\"language\":\"python\",\"code\":\"1\"";
    return Stream.of(
        // Not one JSON object.
        Arguments.of("", 400, "body.missing"),
        Arguments.of("   ", 400, "body.not-an-object"),
        Arguments.of("print(6*7)", 400, "body.not-json"),
        Arguments.of("{", 400, "body.not-json"),
        Arguments.of("{" + valid, 400, "body.not-json"),
        Arguments.of("{" + valid + ",}", 400, "body.not-json"),
        Arguments.of("{'language':'python'}", 400, "body.not-json"),
        Arguments.of("\uFEFF{" + valid + "}", 400, "body.not-json"),
        Arguments.of("[]", 400, "body.not-an-object"),
        Arguments.of("[{" + valid + "}]", 400, "body.not-an-object"),
        Arguments.of("null", 400, "body.not-an-object"),
        Arguments.of("\"text\"", 400, "body.not-an-object"),
        Arguments.of("42", 400, "body.not-an-object"),
        Arguments.of("{" + valid + "} x", 400, "body.not-json"),
        Arguments.of("{" + valid + "}{}", 400, "body.not-json"),
        Arguments.of("{" + valid + ",\"code\":\"2\"}", 400, "body.duplicate-field"),
        Arguments.of("{" + valid + ",\"c\\u006fde\":\"2\"}", 400, "body.duplicate-field"),
        Arguments.of(
            "{" + valid + ",\"env\":{\"A\":\"1\",\"A\":\"2\"}}", 400, "body.duplicate-field"),
        Arguments.of(
            "{" + valid + ",\"x\":" + "[".repeat(10_000) + "]".repeat(10_000) + "}",
            400,
            "body.not-json"),
        Arguments.of("{\"a\":".repeat(10_000) + "1" + "}".repeat(10_000), 400, "body.not-json"),
        Arguments.of("[".repeat(10_000), 400, "body.not-an-object"),
        Arguments.of(
            "{" + valid + ",\"timeoutMs\":1" + "0".repeat(5000) + "}", 400, "body.not-json"),
        Arguments.of(
            "{\"" + "k".repeat(40_000) + "\":1,\"" + "k".repeat(40_000) + "\":1}",
            400,
            "body.duplicate-field"),
        Arguments.of("{" + valid + ",\"timeoutMs\":NaN}", 400, "body.not-json"),
        Arguments.of("{" + valid + ",\"timeoutMs\":0x10}", 400, "body.not-json"),
        Arguments.of("{" + valid + ",\"stdin\":\"a\nb\"}", 400, "body.not-json"),
        // Fields that are missing, unknown or of a wrong type.
        Arguments.of("{}", 422, "field.missing"),
        Arguments.of("{\"language\":\"python\"}", 422, "field.missing"),
        Arguments.of("{\"code\":\"1\"}", 422, "field.missing"),
        Arguments.of("{" + valid + ",\"colour\":\"blue\"}", 422, "field.unknown"),
        Arguments.of("{" + valid + ",\"timeoutMS\":5}", 422, "field.unknown"),
        Arguments.of("{" + valid + ",\"" + "x".repeat(5000) + "\":5}", 422, "field.unknown"),
        Arguments.of("{" + valid + ",\"context\":{\"sandbox\":{}}}", 422, "field.unknown"),
        Arguments.of("{\"language\":7,\"code\":\"1\"}", 422, "field.wrong-type"),
        Arguments.of("{\"language\":\"python\",\"code\":null}", 422, "field.wrong-type"),
        Arguments.of("{\"language\":\"python\",\"code\":[\"1\"]}", 422, "field.wrong-type"),
        Arguments.of("{" + valid + ",\"session\":1}", 422, "field.wrong-type"),
        Arguments.of("{" + valid + ",\"env\":[]}", 422, "field.wrong-type"),
        Arguments.of("{" + valid + ",\"env\":null}", 422, "field.wrong-type"),
        Arguments.of("{" + valid + ",\"env\":{\"A\":1}}", 422, "field.wrong-type"),
        Arguments.of("{" + valid + ",\"stdin\":{}}", 422, "field.wrong-type"),
        // Languages.
        Arguments.of("{\"language\":\"cobol\",\"code\":\"1\"}", 422, "language.unknown"),
        Arguments.of("{\"language\":\"Python\",\"code\":\"1\"}", 422, "language.unknown"),
        Arguments.of("{\"language\":\"\",\"code\":\"1\"}", 422, "language.unknown"),
        // Time limits.
        Arguments.of("{" + valid + ",\"timeoutMs\":-1}", 422, "field.out-of-range"),
        Arguments.of("{" + valid + ",\"timeoutMs\":0}", 422, "field.out-of-range"),
        Arguments.of("{" + valid + ",\"timeoutMs\":600001}", 422, "field.out-of-range"),
        Arguments.of(
            "{" + valid + ",\"timeoutMs\":9223372036854775807}", 422, "field.out-of-range"),
        Arguments.of(
            "{" + valid + ",\"timeoutMs\":9223372036854775808}", 422, "field.out-of-range"),
        Arguments.of(
            "{" + valid + ",\"timeoutMs\":-1" + "0".repeat(90) + "}", 422, "field.out-of-range"),
        Arguments.of("{" + valid + ",\"timeoutMs\":1.5}", 422, "field.wrong-type"),
        Arguments.of("{" + valid + ",\"timeoutMs\":1e3}", 422, "field.wrong-type"),
        Arguments.of("{" + valid + ",\"timeoutMs\":1e999999999}", 422, "number.out-of-range"),
        Arguments.of("{" + valid + ",\"timeoutMs\":\"30000\"}", 422, "field.wrong-type"),
        Arguments.of("{" + valid + ",\"timeoutMs\":null}", 422, "field.wrong-type"),
        Arguments.of("{" + valid + ",\"timeoutMs\":true}", 422, "field.wrong-type"),
        // Characters that some part further on could not carry.
        Arguments.of("{\"language\":\"python\",\"code\":\"a\\u0000b\"}", 422, "text.nul"),
        Arguments.of("{" + valid + ",\"stdin\":\"\\u0000\"}", 422, "text.nul"),
        Arguments.of("{" + valid + ",\"session\":\"a\\u0000\"}", 422, "text.nul"),
        Arguments.of("{" + valid + ",\"env\":{\"A\":\"\\u0000\"}}", 422, "text.nul"),
        Arguments.of(
            "{\"language\":\"python\",\"code\":\"\\ud800\"}", 422, "text.unpaired-surrogate"),
        Arguments.of(
            "{\"language\":\"python\",\"code\":\"\\udc00\\ud800\"}",
            422,
            "text.unpaired-surrogate"),
        Arguments.of("{" + valid + ",\"\\ud800\":1}", 422, "text.unpaired-surrogate"),
        // Names.
        Arguments.of("{" + valid + ",\"session\":\"\"}", 422, "field.malformed"),
        Arguments.of("{" + valid + ",\"session\":\"  \"}", 422, "field.malformed"),
        Arguments.of("{" + valid + ",\"session\":\"a\\nb\"}", 422, "field.malformed"),
        Arguments.of("{" + valid + ",\"session\":\"\\u001b[2J\"}", 422, "field.malformed"),
        Arguments.of("{" + valid + ",\"session\":\"\\u0085\"}", 422, "field.malformed"),
        Arguments.of(
            "{" + valid + ",\"session\":\"" + "s".repeat(257) + "\"}", 413, "field.too-long"),
        Arguments.of("{" + valid + ",\"env\":{\"A=B\":\"1\"}}", 422, "env.name"),
        Arguments.of("{" + valid + ",\"env\":{\"A\\nB\":\"1\"}}", 422, "env.name"),
        Arguments.of("{" + valid + ",\"env\":{\"A\\n\":\"1\"}}", 422, "env.name"),
        Arguments.of("{" + valid + ",\"env\":{\"A\\u0000\":\"1\"}}", 422, "env.name"),
        Arguments.of("{" + valid + ",\"env\":{\"\":\"1\"}}", 422, "env.name"),
        Arguments.of("{" + valid + ",\"env\":{\"1A\":\"1\"}}", 422, "env.name"),
        // Sizes.
        Arguments.of(
            "{\"language\":\"python\",\"code\":\"" + "#".repeat((1 << 20) + 1) + "\"}",
            413,
            "field.too-long"),
        Arguments.of(
            "{\"language\":\"python\",\"code\":\"" + "é".repeat((1 << 19) + 1) + "\"}",
            413,
            "field.too-long"),
        Arguments.of(
            "{" + valid + ",\"stdin\":\"" + "x".repeat((1 << 20) + 1) + "\"}",
            413,
            "field.too-long"),
        Arguments.of(
            "{" + valid + ",\"env\":{\"A\":\"" + "x".repeat(1 << 20) + "\"}}",
            413,
            "field.too-long"),
        Arguments.of(
            "{" + valid + ",\"stdin\":\"" + "x".repeat(8 << 20) + "\"}", 413, "body.too-large"));
  }

  @ParameterizedTest(name = "{index}: {2}")
  @MethodSource("bodies")
  void refusesABodyThatIsNoExecution(String body, int status, String code) {
    assertProblem(status, code, api.post("agent", EXECUTIONS, body));
  }

  @ParameterizedTest(name = "{index}: {2}")
  @MethodSource("bodies")
  void refusesTheSameInASandboxOfItsOwn(String body, int status, String code) {
    assertProblem(
        // Where the session is the sandbox's, an empty one means that, and none is needed.
        status,
        code,
        body.contains("\"session\":\"\"")
            ? api.post("agent", EXECUTIONS, body)
            : api.post("agent", "/v1/sandboxes/" + NOBODYS + "/executions", body));
  }

  @Test
  void refusesBytesThatAreNotUtf8() {
    // Given
    byte[] start = "{\"language\":\"python\",\"code\":\"".getBytes(StandardCharsets.UTF_8);
    byte[][] wrong = {
      {(byte) 0xFF},
      {(byte) 0xC0, (byte) 0x80},
      {(byte) 0xED, (byte) 0xA0, (byte) 0x80},
      {(byte) 0xF5, (byte) 0x80, (byte) 0x80, (byte) 0x80},
      {(byte) 0xC3}
    };

    for (byte[] bytes : wrong) {
      // When
      byte[] body = concat(start, bytes, "\"}".getBytes(StandardCharsets.UTF_8));
      Answer answer =
          api.send(api.request("agent", EXECUTIONS).POST(BodyPublishers.ofByteArray(body)).build());

      // Then
      assertProblem(400, "body.not-utf8", answer);
    }
  }

  private static byte[] concat(byte[]... parts) {
    var all = new java.io.ByteArrayOutputStream();
    for (byte[] part : parts) {
      all.writeBytes(part);
    }
    return all.toByteArray();
  }

  @ParameterizedTest(name = "{index}: {2}")
  @CsvSource(
      delimiter = '|',
      value = {
        "{}|422|field.missing",
        "{\"tool\":5}|422|field.wrong-type",
        "{\"tool\":\"a\\u0000\"}|422|text.nul",
        "{\"tool\":\"bash\",\"arguments\":[]}|422|field.wrong-type",
        "{\"tool\":\"bash\",\"arguments\":\"ls\"}|422|field.wrong-type",
        "{\"tool\":\"bash\",\"context\":1}|422|field.wrong-type",
        "{\"tool\":\"bash\",\"context\":{\"sandbox\":{\"network\":\"none\"}}}|422|context.reserved",
        "{\"tool\":\"bash\",\"context\":{\"sandbox\":null}}|422|context.reserved",
        "{\"tool\":\"bash\",\"actor\":\"root\"}|422|field.unknown",
        "{\"tool\":\"bash\",\"session\":\"a\\tb\"}|422|field.malformed",
        "{\"tool\":\"bash\",\"arguments\":{\"a\":\"\\ud800\"}}|422|text.unpaired-surrogate",
        "{\"tool\":\"bash\",\"arguments\":{\"a\":1e999}}|422|number.out-of-range",
        "{\"tool\":\"bash\",\"arguments\":{\"a\":[-1e999999999]}}|422|number.out-of-range"
      })
  void refusesABodyThatIsNoAction(String body, int status, String code) {
    assertProblem(status, code, api.post("agent", "/v1/decisions", body));
  }

  @Test
  void refusesArgumentsOverTheCap() {
    // Given
    JsonObject long1 = new JsonObject().put("command", "x".repeat((1 << 20) + 1));
    JsonArray many = new JsonArray();
    for (int i = 0; i < 200_000; i++) {
      many.add(i);
    }

    // When / Then
    for (JsonObject arguments : List.of(long1, new JsonObject().put("many", many))) {
      assertProblem(
          413,
          "field.too-long",
          api.post(
              "agent",
              "/v1/decisions",
              new JsonObject().put("tool", "bash").put("arguments", arguments)));
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{\"tool\":\"bash\",\"arguments\":{\"command\":null}}",
        "{\"tool\":\"bash\",\"arguments\":{\"command\":123456789012345678901234567890}}",
        "{\"tool\":\"bash\",\"arguments\":{\"command\":[{\"\":[null,true,1.5,\"\\u0000\"]}]}}",
        "{\"tool\":\"bash\",\"arguments\":{\"\\u0000\":\"\\u0000\",\"\":\"\"}}",
        "{\"tool\":\"nobody's\",\"arguments\":{},\"context\":{\"x\":[1,{\"y\":null}]}}",
        "{\"tool\":\"bash\"}",
        "{\"tool\":\"\"}"
      })
  void judgesAndRecordsStrangeArguments(String body) {
    // When
    Answer answer = api.post("agent", "/v1/decisions", body);

    // Then
    assertEquals(200, answer.status(), answer.body().encode());
    String id = answer.body().getString("id");
    assertEquals(
        1,
        api.get("auditor", "/v1/audit?action=" + id).body().getJsonArray("events").size(),
        "recorded");
  }

  @ParameterizedTest
  @CsvSource({
    "POST,/v1/decisions:batch",
    "POST,/v1/policies:reload",
    "POST,/v1/explain",
    "POST,/v1/decisions",
    "POST,/v1/executions",
    "POST,/v1/sandboxes",
    "GET,/v1/sandboxes/x",
    "DELETE,/v1/sandboxes/x",
    "POST,/v1/sandboxes/x/executions",
    "GET,/v1/approvals/x",
    "GET,/v1/approvals/events",
    "POST,/v1/approvals/x/decision",
    "GET,/v1/audit?action=x",
    "GET,/v1/nothing",
    "PATCH,/v1/executions"
  })
  void refusesWhoeverHasNoKey(String method, String path) {
    // Given
    HttpRequest.Builder request =
        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + api.port() + path))
            .method(method, BodyPublishers.ofString("{}"));

    // When / Then
    Answer answer = api.send(request.copy().build());
    assertProblem(401, "key.missing", answer);
    assertEquals("Bearer", answer.response().headers().firstValue("WWW-Authenticate").orElse(""));
    String key = api.key("agent");
    for (String malformed : List.of("", "Basic abc", "Bearer", key, "Bearer" + key, "Token x")) {
      assertProblem(
          401,
          "key.malformed",
          api.send(request.copy().header("Authorization", malformed).build()));
    }
    for (String unknown : List.of("Bearer x", "Bearer  ,", "Bearer " + key + "x", "Bearer é")) {
      assertProblem(
          401, "key.unknown", api.send(request.copy().header("Authorization", unknown).build()));
    }
  }

  @Test
  void refusesTwoKeysInOneRequest() {
    // Given
    HttpRequest request =
        api.request("agent", EXECUTIONS)
            .header("Authorization", "Bearer " + api.key("operator"))
            .POST(BodyPublishers.ofString(execution("python", "1").encode()))
            .build();

    // When / Then
    assertProblem(401, "key.malformed", api.send(request));
  }

  @ParameterizedTest
  @CsvSource({
    "POST,/v1/decisions,agent",
    "POST,/v1/decisions:batch,agent",
    "POST,/v1/policies:rollback,operator",
    "GET,/v1/policies,agent approver operator auditor",
    "POST,/v1/executions,agent",
    "POST,/v1/sandboxes,agent",
    "POST,/v1/sandboxes/x/executions,agent",
    "GET,/v1/sandboxes/x,agent operator",
    "DELETE,/v1/sandboxes/x,agent operator",
    "GET,/v1/audit?action=x,auditor operator",
    "GET,/v1/approvals/x,agent approver operator auditor",
    "GET,/v1/approvals,agent approver operator auditor",
    "POST,/v1/approvals/x/decision,approver",
    "POST,/v1/approvals/x/claim,approver",
    "DELETE,/v1/approvals/x,agent operator"
  })
  void refusesAKeyOfAnotherRole(String method, String path, String allowed) {
    for (String role : ROLES) {
      // When
      Answer answer =
          api.send(api.request(role, path).method(method, BodyPublishers.ofString("[]")).build());

      // Then
      if (List.of(allowed.split(" ")).contains(role)) {
        assertFalse(answer.status() == 401 || answer.status() == 403, role + answer.body());
      } else {
        assertProblem(403, "role.wrong", answer);
        assertTrue(answer.body().getString("detail").contains(role), answer.body().encode());
      }
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "/",
        "/v1",
        "/v1/",
        "/v1/nothing",
        "/v2/executions",
        "/v1/executions/x/nothing",
        "/%00"
      })
  void saysThatAPathHasNothing(String path) {
    assertProblem(404, "route.unknown", api.get("agent", path));
    assertProblem(404, "route.unknown", api.post("agent", path, "{}"));
  }

  @ParameterizedTest
  @CsvSource({
    "GET,/v1/executions",
    "POST,/v1/executions/x",
    "DELETE,/v1/decisions",
    "PUT,/v1/sandboxes",
    "POST,/v1/sandboxes/x",
    "GET,/v1/sandboxes/x/executions",
    "POST,/v1/audit",
    "POST,/v1/approvals/x",
    "POST,/v1/approvals",
    "GET,/v1/approvals/x/decision",
    "POST,/healthz",
    "DELETE,/latency",
    "PATCH,/readyz",
    "BREW,/v1/executions"
  })
  void saysThatAPathHasNoSuchMethod(String method, String path) {
    assertProblem(
        405,
        "method.not-allowed",
        api.send(api.request("agent", path).method(method, BodyPublishers.ofString("{}")).build()));
  }

  private static Stream<String> noIds() {
    return Stream.of(
        "x",
        "..%2f",
        "%2e%2e%2fexecutions",
        "%00",
        "%ff",
        "%C0%AF",
        "%20",
        "'%20or%20'1'='1",
        "%F0%9F%92%A3",
        NOBODYS,
        NOBODYS.toUpperCase(java.util.Locale.ROOT),
        "x".repeat(3000));
  }

  @ParameterizedTest
  @MethodSource("noIds")
  void saysThatThereIsNothingOfThatId(String id) {
    String path = "/v1/sandboxes/" + id;
    assertProblem(404, "sandbox.not-found", api.get("agent", path));
    assertProblem(404, "sandbox.not-found", api.get("operator", path));
    assertProblem(404, "sandbox.not-found", api.delete("agent", path));
    assertProblem(
        404,
        "sandbox.not-found",
        api.post("agent", path + "/executions", execution("python", "print(1)")));
    assertProblem(404, "approval.not-found", api.get("approver", "/v1/approvals/" + id));
    assertProblem(404, "approval.not-found", api.delete("agent", "/v1/approvals/" + id));
    assertProblem(
        404,
        "approval.not-found",
        api.post("approver", "/v1/approvals/" + id + "/decision", "{\"decision\":\"approve\"}"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"..%2f", "%ff", "'%20or%20'1'='1", "%F0%9F%92%A3", NOBODYS})
  void findsNoEventsOfWhatNeverWas(String id) {
    // When
    Answer events = api.get("auditor", "/v1/audit?action=" + id);

    // Then
    assertEquals(200, events.status(), events.body().encode());
    assertEquals(new JsonArray(), events.body().getJsonArray("events"));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "?x=1",
        "?action",
        "?action=",
        "?action=%00",
        "?session=%20",
        "?session=a%00b",
        "?session=a%0Ab",
        "?by=tool",
        "/statistics?order=asc",
        "/statistics?limit=5",
        "/export?limit=5",
        "/tail?order=asc",
        "/dead-letters?tool=bash"
      })
  void refusesAQueryOfTheLogThatItDoesNotUnderstand(String query) {
    assertProblem(422, "query.invalid", api.get("auditor", "/v1/audit" + query));
  }

  @Test
  void aSessionInAQueryIsRefusedWhereItIsRefusedInABody() {
    assertProblem(
        422, "field.malformed", api.get("agent", "/v1/sandboxes/" + NOBODYS + "?session=a%0Ab"));
  }

  @Test
  void hidesASandboxFromAnotherSession() {
    // Given
    String id =
        api.post("agent", "/v1/sandboxes", new JsonObject().put("session", "mine"))
            .body()
            .getString("id");
    String path = "/v1/sandboxes/" + id;

    // When / Then
    assertProblem(404, "sandbox.not-found", api.get("agent", path + "?session=other"));
    assertProblem(404, "sandbox.not-found", api.delete("agent", path + "?session=other"));
    assertProblem(
        404,
        "sandbox.not-found",
        api.post(
            "agent",
            path + "/executions",
            execution("python", "print(1)").put("session", "other")));
    assertEquals(200, api.get("agent", path + "?session=mine").status());
    assertEquals(200, api.get("operator", path).status());

    // And an end is told to those alone who could have seen it.
    assertEquals(200, api.delete("agent", path).status());
    assertProblem(404, "sandbox.not-found", api.get("agent", path + "?session=other"));
    assertProblem(410, "sandbox.ended", api.get("agent", path + "?session=mine"));
    assertProblem(410, "sandbox.ended", api.get("operator", path));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{\"ttlSeconds\":0}|422|field.out-of-range",
        "{\"ttlSeconds\":86401}|422|field.out-of-range",
        "{\"ttlSeconds\":1.5}|422|field.wrong-type",
        "{\"image\":\"mine\"}|422|field.unknown",
        "{\"session\":\"\\n\"}|422|field.malformed",
        "[]|400|body.not-an-object"
      })
  void refusesASandboxThatCannotBe(String body, int status, String code) {
    assertProblem(status, code, api.post("agent", "/v1/sandboxes", body));
  }

  @Test
  void aDeniedActionIsAProblemWithItsDecision() {
    // When
    Answer answer = api.post("agent", EXECUTIONS, execution("bash", "rm -rf /"));

    // Then
    assertProblem(403, "policy.denied", answer);
    assertEquals("DENY", answer.body().getJsonObject("decision").getString("outcome"));
  }

  @Test
  void echoesARequestIdIfItIsSane() {
    // When
    Answer sane =
        api.send(api.request("agent", "/v1/x").header("X-Request-ID", "trace-0123456789").build());
    Answer insane =
        api.send(api.request("agent", "/v1/x").header("X-Request-ID", "a b\"{}").build());

    // Then
    assertEquals("trace-0123456789", sane.body().getString("requestId"));
    assertProblem(404, "route.unknown", sane);
    assertProblem(404, "route.unknown", insane);
    assertFalse(insane.body().getString("requestId").contains("{"));
  }
}
