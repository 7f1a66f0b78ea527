package dev.gatehouse;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.gatehouse.Api.Answer;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.time.Duration;
import java.util.List;

/** An execution in the background, and what is sent to it. */
final class BackgroundRun {
  private static final Duration LIMIT = Duration.ofSeconds(30);

  private final Api api;
  private final String id;

  private BackgroundRun(Api api, String id) {
    this.api = api;
    this.id = id;
  }

  /** Starts what is asked for; expects it to be allowed. */
  static BackgroundRun of(Api api, HeldSandbox sandbox, JsonObject request) {
    return of(api, sandbox.path() + "/executions?background=true", request);
  }

  static BackgroundRun of(Api api, String path, JsonObject request) {
    Answer begun = api.post("agent", path, request);
    assertEquals(201, begun.status(), begun.body().encode());
    return new BackgroundRun(api, begun.body().getString("id"));
  }

  String id() {
    return id;
  }

  String path() {
    return "/v1/executions/" + id;
  }

  /** Types a text; expects it to be sent. */
  BackgroundRun type(String text) {
    Answer answer = send("stdin", new JsonObject().put("text", text));
    assertEquals(200, answer.status(), answer.body().encode());
    return this;
  }

  /** Ends the input; expects that to be sent. */
  void end() {
    Answer answer = send("stdin", new JsonObject().put("end", true));
    assertEquals(200, answer.status(), answer.body().encode());
  }

  BackgroundRun signal(String name) {
    Answer answer = send("signal", new JsonObject().put("signal", name));
    assertEquals(200, answer.status(), answer.body().encode());
    return this;
  }

  Answer send(String what, JsonObject body) {
    return api.post("agent", path() + "/" + what, body);
  }

  JsonObject status() {
    return api.get("agent", path()).body();
  }

  /** How it ended, once it has as {@code status}. */
  JsonObject awaitEnd(String status) {
    Eventually.eventually("it ends", LIMIT, () -> !status().getString("status").equals("running"));
    JsonObject end = status();
    assertEquals(status, end.getString("status"), end.encode());
    return end;
  }

  /** Standard output so far, once a text is in it. */
  String awaitOutput(String text) {
    Eventually.eventually("it says " + text, LIMIT, () -> output().contains(text));
    return output();
  }

  String output() {
    Answer answer = api.get("agent", path() + "/output");
    assertEquals(200, answer.status(), answer.body().encode());
    return answer.body().getString("stdout");
  }

  /** The events of the log that belong to it. */
  List<JsonObject> events() {
    JsonArray events = api.get("auditor", "/v1/audit?action=" + id).body().getJsonArray("events");
    return events.stream().map(JsonObject.class::cast).toList();
  }
}
