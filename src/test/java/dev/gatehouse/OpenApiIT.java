package dev.gatehouse;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.gatehouse.config.WebhookSecret;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.net.URLEncoder;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** The server and {@code openapi.json} say the same of every operation. */
class OpenApiIT {
  private static final Path POLICIES = ApprovalKeys.copyOfPolicy("described");
  private static final Path SECRET = ApprovalKeys.callbackSecret();

  @RegisterExtension
  static final RunningServer SERVER =
      new RunningServer()
          .with("GATEHOUSE_POLICY_DIRECTORY", POLICIES.toString())
          .with("GATEHOUSE_KEYS", ApprovalKeys.setting(ApprovalKeys.USUAL))
          .with(
              "GATEHOUSE_APPROVAL_CALLBACKS",
              "[{name: pager, approvers: [ada], secretFile: '" + SECRET + "'}]");

  private final Api api = SERVER.api();
  private final InterfaceDocument document = InterfaceDocument.read();
  private final DescribedCalls calls = new DescribedCalls(api, document);

  @BeforeAll
  static void writeKeys() throws IOException {
    ApprovalKeys.write(ApprovalKeys.USUAL, SERVER.data());
  }

  @Test
  void theRouterAndTheDocumentHaveTheSameRoutes() {
    Set<String> described = new TreeSet<>();
    document
        .operations()
        .values()
        .forEach(operation ->
            described.add(
                operation.method().toUpperCase(Locale.ROOT)
                    + " "
                    + InterfaceDocument.form(operation.path())));
    Set<String> answered = new TreeSet<>();
    for (String route : SERVER.routes()) {
      // As named groups of an expression, or as names behind a colon.
      String path = route.replaceAll("\\(\\?<\\w+>[^)]*\\)", "{}").replaceAll("/:\\w+", "/{}");
      answered.add(path);
    }

    assertEquals(described, answered);
  }

  @Test
  void theDocumentsAreServedAsTheyAre() {
    assertEquals(document.root(), InterfaceDocument.json(calls.as("", "getOpenApi").text(200)));
    calls.as("", "getAsyncApi").expect(200);
  }

  @Test
  void thePageLoadsNothingFromElsewhere() {
    // When
    HttpResponse<String> answer = calls.as("", "getDocs").response(200);

    // Then
    String page = answer.body();
    String policy = answer.headers().firstValue("Content-Security-Policy").orElseThrow();
    assertTrue(policy.startsWith("default-src 'none'; connect-src 'self'; script-src 'sha256-"));
    assertFalse(policy.contains("unsafe"), policy);
    for (String element : List.of("script", "style")) {
      assertTrue(policy.contains(element + "-src 'sha256-" + hash(page, element) + "';"), policy);
    }
    assertFalse(page.matches("(?s).*(https?:)?//[a-z].*"), "the page names another place");
    assertFalse(page.contains("innerHTML"), "texts are not read as HTML");
    assertFalse(page.matches("(?s).* (style|on[a-z]+)=.*"), "the policy would not let it");
  }

  /** As a browser computes it, of the page's only element of that name. */
  private static String hash(String page, String element) {
    Matcher matcher =
        Pattern.compile("<" + element + ">(.*?)</" + element + ">", Pattern.DOTALL).matcher(page);
    assertEquals(2, page.split("<" + element, -1).length, element);
    assertTrue(matcher.find(), element);
    return Base64.getEncoder()
        .encodeToString(HexFormat.of().parseHex(ApprovalKeys.sha256(matcher.group(1))));
  }

  @Test
  void everyOperationIsCalledAndAnswersAsDescribed() throws InterruptedException, IOException {
    decisions();
    SandboxCalls sandboxes = new SandboxCalls(api, calls);
    sandboxes.executions();
    String held = sandboxes.sandboxes();
    sandboxes.files(held);
    calls.as("agent", "deleteSandbox").at("id", held).expect(200);
    calls.as("agent", "getSandbox").at("id", held).expect(410, "sandbox.ended");
    ApprovalCalls approvals = new ApprovalCalls(document, calls, WebhookSecret.read(SECRET));
    approvals.approvals();
    approvals.remembered();
    audit();
    policies();
    operations();

    assertEquals(Set.of(), calls.missing(), "operations and examples that nobody called");
  }

  private void decisions() {
    calls.as("agent", "decide").example("bash").expect(200);
    calls.as("agent", "decide").example("tool").expect(200);
    calls.as("agent", "decideBatch").example("two").text(200);
    calls.as("operator", "explain").example("bash").expect(200);
    calls.as("", "decide").example("bash").expect(401, "key.missing");
    calls.as("auditor", "decide").example("bash").expect(403, "role.wrong");
    calls.as("agent", "decide").body("{").expect(400, "body.not-json");
    calls.as("agent", "decide").body("{}").expect(422, "field.missing");
  }

  private void audit() {
    calls.as("auditor", "listEvents").query("limit=5&kind=decision").expect(200);
    calls.as("auditor", "listEvents").query("session=s1").expect(200);
    calls.as("agent", "listEvents").expect(403, "role.wrong");
    calls.as("auditor", "listEvents").query("shoe=1").expect(422, "query.invalid");
    for (String by : List.of("tool", "hour", "status")) {
      calls.as("auditor", "countEvents").query("by=" + by).expect(200);
    }
    calls.as("auditor", "listDeadLetters").expect(200);
    for (String format : List.of("ndjson", "csv", "ocsf")) {
      calls.as("auditor", "exportEvents").query("session=s1&format=" + format).text(200);
    }
    calls.as("auditor", "tailEvents").query("after=").expect(422, "query.invalid");
    calls.as("auditor", "tailEvents").query("after=" + beginning()).events("audit");
  }

  private String beginning() {
    JsonArray events =
        calls
            .as("auditor", "listEvents")
            .query("order=asc&limit=1")
            .expect(200)
            .getJsonArray("events");
    long chain = events.getJsonObject(0).getLong("chain");
    return URLEncoder.encode(chain + ":0", StandardCharsets.UTF_8);
  }

  private void policies() throws IOException {
    JsonObject policies = calls.as("auditor", "listPolicies").expect(200);
    calls.as("operator", "rollBackPolicy").expect(409, "policy.no-earlier-version");
    Files.writeString(
        POLICIES.resolve("more.yaml"),
        "policy: more\nrules:\n  - {id: m, text: more, tools: more, decision: deny}\n");
    calls.as("operator", "reloadPolicies").expect(200);
    calls.as("operator", "rollBackPolicy").expect(200);
    calls.as("operator", "activatePolicy").at("digest", policies.getString("active")).expect(200);
    calls
        .as("operator", "activatePolicy")
        .at("digest", "sha256:" + "0".repeat(64))
        .expect(404, "policy.version-unknown");
    calls.as("agent", "reloadPolicies").expect(403, "role.wrong");
  }

  private void operations() {
    calls.as("", "getHealth").expect(200);
    calls.as("", "getReadiness").expect(200);
    calls.as("", "getLatency").expect(200);
    calls.as("", "streamLatency").events("latency");
    calls.as("", "getDistribution").query("metric=audit.commit").text(200);
    calls.as("", "getLog").text(200);
    calls.as("", "getMetrics").text(200);
    calls.as("agent", "getObjectives").expect(200);
    calls.as("", "getOpenApi").expect(200);
    calls.as("", "getAsyncApi").expect(200);
    calls.as("", "getDocs").text(200);
    calls.as("agent", "openWebSocket").expect(426, "websocket.expected");
    try (SocketClient socket = SocketClient.as(api, "agent")) {
      socket.awaitType("hello");
      calls.made("openWebSocket");
    }
  }
}
