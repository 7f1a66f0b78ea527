package dev.gatehouse;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Output while it is made, and callers who leave. */
class StreamIT {
  private static final Duration LIMIT = Duration.ofSeconds(30);
  private static final String STREAM = "/v1/executions?stream=true";

  @RegisterExtension static final RunningServer SERVER = new RunningServer().behindOpenPolicy();

  private final Api api = SERVER.api();

  @Test
  void outputComesWhileTheCodeRunsAndTheEndComesLast() throws Exception {
    // Given
    String code = "import os, time; os.write(1, b'first\\n'); time.sleep(1000)";
    HttpRequest request = request("python", code, "streamed");

    // When
    try (HttpClient client = HttpClient.newHttpClient();
        BufferedReader lines = open(client, request)) {
      JsonObject line = new JsonObject(lines.readLine());

      // Then
      assertEquals(
          new JsonObject().put("type", "stdout").put("text", "first\n"), line, line.encode());
      assertFalse(kinds("streamed").contains("execution.ended"), "it still runs");
      client.shutdownNow();
    }
    awaitStatus("streamed", "cancelled");
  }

  @Test
  void theStreamsPiecesAreTheOutputAndTheEndSaysHowItEnded() {
    // When
    List<JsonObject> lines =
        api.lines(request("bash", "echo wörld; echo err >&2; seq 50000; exit 3", "pieces"));

    // Then
    JsonObject end = lines.getLast();
    assertEquals("end", end.getString("type"), end.encode());
    assertEquals(3, end.getInteger("exitCode"));
    assertEquals(end.getString("stdout"), joined(lines, "stdout"));
    assertTrue(end.getString("stdout").startsWith("wörld\n"));
    assertTrue(end.getString("stdout").endsWith("\n50000\n"));
    assertEquals("err\n", joined(lines, "stderr"));
    assertTrue(kinds("pieces").contains("execution.ended"), "recorded before it was told");
  }

  @Test
  void aRefusalIsNoStream() {
    // When
    Api.Answer answer =
        api.post("agent", STREAM, new JsonObject().put("language", "cobol").put("code", "x"));

    // Then
    assertEquals(422, answer.status());
    assertEquals("language.unknown", answer.code());
  }

  @Test
  void aCallerWhoLeavesEndsWhatRunsForHimAndTheSandboxServesOn() throws Exception {
    // Given
    HeldSandbox sandbox = HeldSandbox.of(api, "left");
    sandbox.run("python", "kept = 1");
    HttpClient client = HttpClient.newHttpClient();
    JsonObject forever = sandbox.request("python", "while True: pass", 600_000);
    var reply =
        client.sendAsync(
            api.request("agent", sandbox.path() + "/executions")
                .POST(BodyPublishers.ofString(forever.encode()))
                .build(),
            BodyHandlers.ofString());
    Eventually.eventually(
        "it runs", LIMIT, () -> Collections.frequency(kinds("left"), "execution.started") == 2);

    // When
    client.shutdownNow();

    // Then
    awaitStatus("left", "cancelled");
    assertTrue(reply.isCompletedExceptionally());
    assertEquals("on\n", sandbox.run("python", "print('on')").getString("stdout"));
  }

  private HttpRequest request(String language, String code, String session) {
    JsonObject body = Api.execution(language, code).put("session", session);
    return api.request("agent", STREAM).POST(BodyPublishers.ofString(body.encode())).build();
  }

  private static BufferedReader open(HttpClient client, HttpRequest request)
      throws IOException, InterruptedException {
    HttpResponse<java.io.InputStream> response = client.send(request, BodyHandlers.ofInputStream());
    assertEquals("application/x-ndjson", response.headers().firstValue("Content-Type").orElse(""));
    return new BufferedReader(new InputStreamReader(response.body(), StandardCharsets.UTF_8));
  }

  private static String joined(List<JsonObject> lines, String type) {
    StringBuilder text = new StringBuilder();
    lines.stream()
        .filter(line -> line.getString("type").equals(type))
        .forEach(line -> text.append(line.getString("text")));
    return text.toString();
  }

  private JsonArray events(String session) {
    return api.get("auditor", "/v1/audit?session=" + session).body().getJsonArray("events");
  }

  private List<String> kinds(String session) {
    return events(session).stream().map(event -> ((JsonObject) event).getString("kind")).toList();
  }

  private void awaitStatus(String session, String status) {
    Eventually.eventually(
        session + " ended as " + status,
        LIMIT,
        () ->
            events(session).stream()
                .anyMatch(event -> status.equals(((JsonObject) event).getString("status"))));
  }
}
