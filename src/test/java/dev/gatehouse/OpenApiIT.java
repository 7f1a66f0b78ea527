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
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** The server and {@code openapi.json} say the same of every operation. */
class OpenApiIT {
  private static final Duration LIMIT = Duration.ofSeconds(30);
  private static final Path POLICIES = ApprovalKeys.copyOfPolicy("described");
  private static final Path SECRET = secretFile();

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

  private static Path secretFile() {
    try {
      return Files.writeString(
          Files.createTempFile("gatehouse", ".secret"), "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw");
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

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
    assertFalse(page.matches("(?s).*(https?:)?//[a-z].*"), "the page names another place");
    assertFalse(page.contains("innerHTML"), "texts are not read as HTML");
    assertFalse(page.matches("(?s).* (style|on[a-z]+)=.*"), "the policy would not let it");
  }

  @Test
  void everyOperationIsCalledAndAnswersAsDescribed() throws InterruptedException, IOException {
    decisions();
    executions();
    String held = sandboxes();
    files(held);
    calls.as("agent", "deleteSandbox").at("id", held).expect(200);
    calls.as("agent", "getSandbox").at("id", held).expect(410, "sandbox.ended");
    approvals();
    remembered();
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

  private void executions() {
    calls.as("agent", "execute").example("python").expect(200);
    calls.as("agent", "execute").example("bash").expect(200);
    calls.as("agent", "execute").query("stream=true").example("python").text(200);
    calls
        .as("agent", "execute")
        .query("stream=true")
        .header("Accept", "text/event-stream")
        .example("python")
        .events("end");
    calls.as("agent", "execute").body(bash("rm -rf /")).expect(403, "policy.denied");
    calls
        .as("agent", "execute")
        .query("background=perhaps")
        .body(bash("id"))
        .expect(422, "query.invalid");
    String key = UUID.randomUUID().toString();
    calls.as("agent", "execute").header("Idempotency-Key", key).body(bash("id")).expect(200);
    calls.as("agent", "execute").header("Idempotency-Key", key).body(bash("id")).expect(200);
    calls
        .as("agent", "execute")
        .header("Idempotency-Key", key)
        .body(bash("id -u"))
        .expect(422, "idempotency.taken");
    background();
  }

  private static JsonObject bash(String command) {
    return Api.execution("bash", command);
  }

  private void background() {
    String id = begin("execute", null, bash("cat; sleep 60").put("interactive", true));
    calls.as("agent", "getExecution").at("id", id).query("session=s1").expect(200);
    awaitBegun(id);
    calls.as("agent", "stdin").at("execution", id).example("line").expect(200);
    calls
        .as("agent", "getOutput")
        .at("id", id)
        .header("Accept", "text/event-stream")
        .events("stdout");
    calls.as("agent", "getOutput").at("id", id).query("cursor=0-0").expect(200);
    calls
        .as("agent", "resize")
        .at("execution", id)
        .example("larger")
        .expect(409, "execution.no-terminal");
    calls.as("agent", "stdin").at("execution", id).example("end").expect(200);
    calls.as("agent", "signal").at("execution", id).example("interrupt").expect(200);
    Eventually.eventually("it ended", LIMIT, () -> !status(id).equals("running"));
    calls.as("agent", "cancelExecution").at("id", id).expect(200);
    calls.as("agent", "getExecution").at("id", id).expect(200);
    calls.as("agent", "getOutput").at("id", id).header("Accept", "text/event-stream").events("end");
    calls
        .as("agent", "getOutput")
        .at("id", id)
        .header("Accept", "text/event-stream")
        .header("Last-Event-ID", "0-0-end")
        .text(204);
    calls.as("agent", "getExecution").at("id", "none").expect(404, "execution.not-found");
    String terminal =
        begin(
            "execute",
            null,
            bash("sleep 60").put("pty", new JsonObject().put("rows", 24).put("cols", 80)));
    awaitBegun(terminal);
    calls.as("agent", "resize").at("execution", terminal).example("larger").expect(200);
    calls.as("agent", "cancelExecution").at("id", terminal).expect(200);
  }

  private String status(String id) {
    return calls.as("agent", "getExecution").at("id", id).expect(200).getString("status");
  }

  private String begin(String operation, @Nullable String sandbox, JsonObject body) {
    DescribedCalls.Call call = calls.as("agent", operation).query("background=true").body(body);
    return (sandbox == null ? call : call.at("id", sandbox)).expect(201).getString("id");
  }

  /** It takes input as soon as it runs in its sandbox. */
  private void awaitBegun(String id) {
    Eventually.eventually(
        "it takes signals",
        LIMIT,
        () ->
            api.post(
                        "agent",
                        "/v1/executions/" + id + "/signal",
                        new JsonObject().put("signal", "SIGCONT"))
                    .status()
                == 200);
  }

  private String sandboxes() {
    String held = calls.as("agent", "createSandbox").example("plain").expect(201).getString("id");
    calls.as("agent", "listSandboxes").query("state=running&label=team%3Dblue&limit=1").expect(200);
    calls.as("agent", "listSandboxes").query("limit=0").expect(422, "field.out-of-range");
    calls.as("agent", "getSandbox").at("id", held).query("session=s1").expect(200);
    calls.as("agent", "renewSandbox").at("id", held).example("hour").expect(200);
    calls.as("agent", "pauseSandbox").at("id", held).expect(200);
    calls.as("agent", "executeIn").at("id", held).example("context").expect(409, "sandbox.paused");
    calls.as("agent", "resumeSandbox").at("id", held).expect(200);
    calls.as("agent", "executeIn").at("id", held).example("context").expect(200);
    calls.as("agent", "executeIn").at("id", held).query("stream=true").example("process").text(200);
    calls
        .as("agent", "changeNetwork")
        .at("id", held)
        .example("nowhere")
        .expect(409, "sandbox.sealed");
    String id =
        begin(
            "executeIn",
            held,
            bash("cat")
                .put("mode", "process")
                .put("pty", new JsonObject().put("rows", 24).put("cols", 80)));
    awaitBegun(id);
    in("stdinIn", held, id, new JsonObject().put("text", "ann\n"));
    in("resizeIn", held, id, new JsonObject().put("rows", 30).put("cols", 90));
    in("signalIn", held, id, new JsonObject().put("signal", "SIGKILL"));
    String open = calls.as("agent", "createSandbox").example("network").expect(201).getString("id");
    calls.as("agent", "changeNetwork").at("id", open).example("nowhere").expect(200);
    calls.as("agent", "deleteSandbox").at("id", open).expect(200);
    return held;
  }

  private void in(String operation, String sandbox, String execution, JsonObject body) {
    calls
        .as("agent", operation)
        .at("sandbox", sandbox)
        .at("execution", execution)
        .body(body)
        .expect(200);
  }

  private void files(String held) throws InterruptedException {
    String at = "path=/workspace/a.txt";
    calls.as("agent", "writeFile").at("id", held).query(at).example("text").expect(201);
    calls.as("agent", "writeFile").at("id", held).query(at).example("text").expect(200);
    calls.as("agent", "readFile").at("id", held).query(at).text(200);
    calls.as("agent", "readFile").at("id", held).query(at).header("Range", "bytes=1-2").text(206);
    calls
        .as("agent", "readFile")
        .at("id", held)
        .query(at)
        .header("Range", "bytes=9-")
        .expect(416, "file.range");
    calls.as("agent", "headFile").at("id", held).query(at).text(200);
    calls.as("agent", "statFile").at("id", held).query(at).expect(200);
    calls.as("agent", "listFiles").at("id", held).query("path=/workspace&limit=10").expect(200);
    calls
        .as("agent", "searchFiles")
        .at("id", held)
        .query("path=/workspace&content=hello")
        .expect(200);
    calls.as("agent", "makeDirectory").at("id", held).query("path=/workspace/d").expect(201);
    calls.as("agent", "moveFile").at("id", held).query(at + "&to=/workspace/d/b.txt").expect(201);
    calls.as("agent", "statFile").at("id", held).query(at).expect(404, "file.not-found");
    calls
        .as("agent", "statFile")
        .at("id", held)
        .query("path=/etc/passwd")
        .expect(422, "path.refused");
    watch(held);
    calls
        .as("agent", "removeFile")
        .at("id", held)
        .query("path=/workspace/d&recursive=true")
        .expect(200);
  }

  private void watch(String held) throws InterruptedException {
    String file = "/v1/sandboxes/" + held + "/files?path=/workspace/d/w";
    AtomicBoolean seen = new AtomicBoolean();
    Thread changing =
        Thread.startVirtualThread(() ->
            Eventually.eventually(
                "a change was seen",
                LIMIT,
                () -> {
                  api.put("agent", file, new JsonObject());
                  return seen.get();
                }));
    calls.as("agent", "watchFiles").at("id", held).query("path=/workspace/d").events("change");
    seen.set(true);
    changing.join();
  }

  private String ask(String command) {
    return calls.as("agent", "execute").body(bash(command)).expect(202).getString("approvalId");
  }

  private void approvals() {
    String id = ask("echo deploy 1");
    calls.as("ada", "listApprovals").query("state=pending&limit=1").expect(200);
    calls.as("ada", "getApproval").at("id", id).query("wait=1ms").expect(200);
    calls.as("agent", "getApproval").at("id", id).expect(200);
    calls.as("ada", "claimApproval").at("id", id).expect(200);
    calls.as("ada", "previewApproval").at("id", id).expect(200);
    calls.as("ada", "getApproval").at("id", id).expect(200);
    calls.as("ada", "decideApproval").at("id", id).example("edit").expect(200);
    JsonObject ran =
        calls.as("agent", "execute").body(bash("echo deploy 1").put("approval", id)).expect(200);
    assertEquals("ada", ran.getJsonObject("edit").getString("by"));
    calls
        .as("agent", "execute")
        .body(bash("echo deploy 1").put("approval", id))
        .expect(409, "approval.consumed");
    calls.as("ada", "decideApproval").at("id", ask("echo deploy 2")).example("approve").expect(200);
    String denied = ask("echo deploy 3");
    calls.as("ada", "decideApproval").at("id", denied).example("deny").expect(200);
    calls
        .as("agent", "execute")
        .body(bash("echo deploy 3").put("approval", denied))
        .expect(403, "approval.denied");
    String withdrawn = ask("echo deploy 4");
    calls.as("agent", "withdrawApproval").at("id", withdrawn).expect(200);
    calls
        .as("ada", "decideApproval")
        .at("id", withdrawn)
        .example("deny")
        .expect(409, "approval.too-late");
    calls.as("ada", "watchApprovals").query("after=0.0").events("decided");
    callback(ask("echo deploy 5"));
  }

  private void callback(String id) {
    String body =
        Objects.requireNonNull(
                document.requestExamples(document.operation("answerByCallback")).get("deny"))
            .toString();
    String message = UUID.randomUUID().toString();
    long seconds = Instant.now().getEpochSecond();
    String signature =
        WebhookSecret.read(SECRET).sign(message, seconds, body.getBytes(StandardCharsets.UTF_8));
    calls.as("", "answerByCallback").at("id", id).example("deny").expect(401, "signature.missing");
    calls
        .as("", "answerByCallback")
        .at("id", id)
        .header("webhook-id", message)
        .header("webhook-timestamp", Long.toString(seconds))
        .header("webhook-signature", signature)
        .example("deny")
        .expect(200);
  }

  private void remembered() {
    String id = ask("make deploy");
    calls.as("ada", "offerRemembering").at("id", id).example("session").expect(200);
    JsonObject decided =
        calls.as("ada", "decideApproval").at("id", id).example("remember").expect(200);
    String memory = decided.getJsonObject("remembered").getString("id");
    calls.as("auditor", "listRemembered").query("limit=1").expect(200);
    calls.as("ada", "getRemembered").at("id", memory).expect(200);
    assertTrue(
        calls
            .as("ada", "testRemembered")
            .at("id", memory)
            .example("same")
            .expect(200)
            .containsKey("holds"));
    calls.as("ada", "revokeRemembered").at("id", memory).expect(200);
    calls.as("ada", "getRemembered").at("id", "none").expect(404, "approval.not-found");
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
