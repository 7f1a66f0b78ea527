package dev.gatehouse;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.gatehouse.Api.Answer;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.concurrent.CompletableFuture;

/** A sandbox that a session of its own holds. */
final class HeldSandbox {
  static final int TIMEOUT_MILLIS = 30_000;

  private final Api api;
  private final String session;
  private final String path;

  private HeldSandbox(Api api, String session, String id) {
    this.api = api;
    this.session = session;
    this.path = "/v1/sandboxes/" + id;
  }

  static HeldSandbox of(Api api, String session) {
    return of(api, session, 600);
  }

  static HeldSandbox of(Api api, String session, int ttlSeconds) {
    return of(api, session, new JsonObject().put("session", session).put("ttlSeconds", ttlSeconds));
  }

  /** One that may go where the list says. */
  static HeldSandbox withNetwork(Api api, String session, String... allow) {
    return of(
        api,
        session,
        new JsonObject()
            .put("session", session)
            .put("network", new JsonObject().put("allow", JsonArray.of((Object[]) allow))));
  }

  private static HeldSandbox of(Api api, String session, JsonObject request) {
    Answer created = api.post("agent", "/v1/sandboxes", request);
    assertEquals(201, created.status(), created.body().encode());
    return new HeldSandbox(api, session, created.body().getString("id"));
  }

  String path() {
    return path;
  }

  JsonObject request(String language, String code, int timeoutMillis) {
    return Api.execution(language, code).put("session", session).put("timeoutMs", timeoutMillis);
  }

  Answer ask(JsonObject request) {
    return api.post("agent", path + "/executions", request);
  }

  CompletableFuture<Answer> askLater(JsonObject request) {
    return api.postLater("agent", path + "/executions", request);
  }

  /** Runs code; expects an answer that tells how it ended. */
  JsonObject run(String language, String code, int timeoutMillis) {
    Answer answer = ask(request(language, code, timeoutMillis));
    assertEquals(200, answer.status(), answer.body().encode());
    return answer.body();
  }

  JsonObject run(String language, String code) {
    return run(language, code, TIMEOUT_MILLIS);
  }

  String id() {
    return path.substring(path.lastIndexOf('/') + 1);
  }

  Answer changeNetwork(String... allow) {
    return api.put(
        "agent", path + "/network", new JsonObject().put("allow", JsonArray.of((Object[]) allow)));
  }

  Answer find() {
    return api.get("agent", path);
  }

  Answer delete() {
    return api.delete("agent", path);
  }
}
