package dev.gatehouse;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.gatehouse.Api.Answer;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.net.http.HttpRequest.BodyPublishers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Collectors;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Keys that come and go while the server runs, and what is open under them. */
class KeyRotationIT {
  private static final Duration LIMIT = Duration.ofSeconds(30);

  /** What the server's file says of each key, by its name. */
  private static final Map<String, String> ENTRIES = new LinkedHashMap<>();

  static {
    for (String agent :
        new String[] {"plain", "other", "socket", "held", "resumable", "runner", "files"}) {
      ENTRIES.put(agent, entry(agent, "agent", "secret-" + agent));
    }
    ENTRIES.put("ann", entry("ann", "approver", "secret-ann"));
    ENTRIES.put("watcher", entry("watcher", "approver", "secret-watcher"));
    ENTRIES.put("tail", entry("tail", "auditor", "secret-tail"));
    ENTRIES.put("auditor", entry("auditor", "auditor", "secret-auditor"));
  }

  @RegisterExtension
  static final RunningServer SERVER =
      new RunningServer()
          .withNothingReady()
          .configuredBy(file())
          .with("GATEHOUSE_POLICY_DIRECTORY", "src/test/policies/rotated");

  private final Api api = SERVER.api();

  private static String entry(String name, String role, String secret) {
    return "  - {name: %s, role: %s, sha256: %s}"
        .formatted(name, role, ApprovalKeys.sha256(secret));
  }

  private static String file() {
    return ENTRIES.values().stream().collect(Collectors.joining("\n", "keys:\n", "\n"));
  }

  /** The client finds a key by its name. */
  private static void know(String name, String secret) {
    try {
      Path folder = Files.createDirectories(SERVER.data().resolve("keys"));
      Files.writeString(folder.resolve(name), secret);
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  @BeforeAll
  static void knowAll() {
    ENTRIES.keySet().forEach(name -> know(name, "secret-" + name));
  }

  private static void remove(String name) {
    ENTRIES.remove(name);
    SERVER.configure(file());
  }

  private static void put(String name, String role, String secret) {
    ENTRIES.put(name, entry(name, role, secret));
    SERVER.configure(file());
  }

  private int status(String name) {
    return api.get(name, "/v1/policies").status();
  }

  private JsonArray events(String query) {
    Answer answer = api.get("auditor", "/v1/audit?" + query);
    assertEquals(200, answer.status(), answer.body().encode());
    return answer.body().getJsonArray("events");
  }

  private static JsonObject code(String code) {
    return new JsonObject().put("language", "bash").put("code", code).put("session", "s1");
  }

  @Test
  void aRemovedKeyIsRefusedAnAddedOneIsTakenAndEachIsRecorded() {
    // Given
    assertEquals(200, status("plain"));

    // When
    remove("plain");
    Eventually.eventually("it is refused", LIMIT, () -> status("plain") == 401);
    know("late", "secret-late");
    assertEquals(401, status("late"));
    put("late", "agent", "secret-late");
    Eventually.eventually("it is taken", LIMIT, () -> status("late") == 200);

    // Then
    assertEquals("key.unknown", api.get("plain", "/v1/policies").code());
    assertEquals(200, status("other"));
    Eventually.eventually(
        "both are recorded",
        LIMIT,
        () ->
            events("kind=key.changed&actor=plain&status=removed").size() == 1
                && events("kind=key.changed&actor=late&status=added").size() == 1);
    String told = events("kind=key.changed").encode();
    assertFalse(told.contains("secret-"), told);
    assertFalse(told.contains(ApprovalKeys.sha256("secret-late")), told);
  }

  @Test
  void webSocketsUnderARemovedKeyEndAndOthersStay() {
    // Given
    try (SocketClient byHeader = SocketClient.as(api, "socket");
        SocketClient byFrame = SocketClient.open(api, null);
        SocketClient other = SocketClient.as(api, "other")) {
      byFrame.send(new JsonObject().put("type", "auth").put("key", "secret-socket"));
      byFrame.awaitType("welcome");
      other.awaitType("hello");

      // When
      remove("socket");

      // Then
      assertEquals(4402, byHeader.awaitClose());
      assertEquals(4402, byFrame.awaitClose());
      other.ask(200, "decide", new JsonObject().put("tool", "bash"));
      assertFalse(other.isClosed());
    }
  }

  @Test
  void eventsOfQuestionsEndByTheReason() throws Exception {
    endsByTheReason("watcher", "/v1/approvals/events");
  }

  @Test
  void theLiveLogEndsByTheReason() throws Exception {
    endsByTheReason("tail", "/v1/audit/tail");
  }

  private void endsByTheReason(String key, String path) throws Exception {
    // Given
    Iterator<String> lines = api.stream(api.request(key, path).build()).iterator();
    assertTrue(lines.next().startsWith("id: "));

    // When
    remove(key);

    // Then
    String line = "";
    String type = "";
    String data = "";
    while (lines.hasNext()) {
      line = lines.next();
      type = line.startsWith("event: ") ? line : type;
      data = line.startsWith("data: ") ? line : data;
    }
    assertEquals("event: problem", type);
    assertEquals("key.removed", new JsonObject(data.substring(6)).getString("code"));
  }

  @Test
  void aWatchedDirectoryEndsByTheReason() throws Exception {
    // Given
    Answer made = api.post("files", "/v1/sandboxes", new JsonObject().put("session", "s1"));
    assertEquals(201, made.status(), made.body().encode());
    String path = "/v1/sandboxes/" + made.body().getString("id") + "/files:watch?path=/workspace";
    Iterator<String> lines = api.stream(api.request("files", path).build()).iterator();
    assertEquals(": watching", lines.next());

    // When
    remove("files");

    // Then
    StringBuilder rest = new StringBuilder();
    lines.forEachRemaining(rest::append);
    assertTrue(rest.toString().contains("key.removed"), rest.toString());
  }

  @Test
  void aHeldRequestIsAnsweredAndItsQuestionTakenBack() {
    // Given
    CompletableFuture<Answer> held = hold("held", "wait=600");

    // When
    remove("held");

    // Then
    Answer answer = held.join();
    assertEquals(202, answer.status(), answer.body().encode());
    assertEquals("cancelled", answer.body().getJsonObject("approval").getString("state"));
  }

  @Test
  void aHeldRequestWhoseQuestionShallStayLeavesIt() {
    // Given
    CompletableFuture<Answer> held = hold("resumable", "wait=600, respond-async");

    // When
    remove("resumable");

    // Then
    Answer answer = held.join();
    assertEquals(202, answer.status(), answer.body().encode());
    assertEquals("pending", answer.body().getJsonObject("approval").getString("state"));
  }

  private CompletableFuture<Answer> hold(String key, String prefer) {
    CompletableFuture<Answer> held =
        api.sendLater(
            api.request(key, "/v1/executions")
                .header("Prefer", prefer)
                .POST(BodyPublishers.ofString(code("echo asked").encode()))
                .build());
    Eventually.eventually(
        "the question is there",
        LIMIT,
        () -> events("kind=approval.requested&actor=" + key).size() == 1);
    return held;
  }

  @Test
  void whatRunsUnderARemovedKeyGoesOnAndIsRecorded() {
    JsonObject body;
    try (SocketClient before = SocketClient.as(api, "runner")) {
      // Given
      body =
          before
              .ask(201, "execute", code("read x; echo got $x").put("interactive", true))
              .getJsonObject("body");

      // When
      put("runner", "agent", "secret-new");
      assertEquals(4402, before.awaitClose());
    }

    // Then
    JsonObject execution = new JsonObject().put("execution", body.getString("id"));
    try (SocketClient after = SocketClient.open(api, "secret-new")) {
      int stream = after.ask(200, "follow", execution).getInteger("stream");
      after.ask(200, "stdin", execution.copy().put("text", "it\n").put("end", true));
      assertEquals("exited", after.awaitEnd(stream).getJsonObject("body").getString("status"));
      assertEquals("got it\n", after.output(stream, 1));
    }
    assertEquals(1, events("kind=execution.ended&action=" + body.getString("id")).size());
    assertEquals(1, events("kind=key.changed&actor=runner&status=changed").size());
  }
}
