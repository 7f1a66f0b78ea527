package dev.gatehouse.gate.vault;

import dev.gatehouse.config.VaultSettings;
import dev.gatehouse.gate.remote.RemoteService;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.json.DecodeException;
import io.vertx.core.json.JsonObject;
import java.net.URI;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The calls of Vault's HTTP API that are needed here, over kept connections. What fails says which
 * call and with what status, and nothing that was sent or came. May be used from any event loop.
 */
final class VaultApi {
  private static final int CONNECTIONS = 8;
  private static final int MAX_ANSWER_BYTES = 1 << 20;

  private final VaultSettings settings;
  private final RemoteService remote;

  VaultApi(Vertx vertx, VaultSettings settings) {
    this.settings = settings;
    this.remote = new RemoteService(vertx, CONNECTIONS, settings.timeoutMillis(), MAX_ANSWER_BYTES);
  }

  /**
   * A token, and for how long it is good.
   *
   * @param seconds 0 for one that does not expire
   * @param renewable whether that can be made longer
   */
  record Lease(String token, long seconds, boolean renewable) {}

  Future<Lease> logIn(String role, String secret) {
    JsonObject body = new JsonObject().put("role_id", role).put("secret_id", secret);
    return call(HttpMethod.POST, "auth/" + settings.authMount() + "/login", null, body)
        .map(answer -> ofAuth(answer, "the log-in"));
  }

  Future<Lease> lookUp(String token) {
    return call(HttpMethod.GET, "auth/token/lookup-self", token, null)
        .map(answer -> {
          JsonObject data = object(answer, "data", "the look at the token");
          return new Lease(
              token, number(data, "ttl"), Boolean.TRUE.equals(data.getValue("renewable")));
        });
  }

  Future<Lease> renew(String token) {
    return call(HttpMethod.POST, "auth/token/renew-self", token, new JsonObject())
        .map(answer -> ofAuth(answer, "the renewal"));
  }

  /** The fields of a secret's newest version. */
  Future<JsonObject> read(String token, String path) {
    String what = "the secret at " + path;
    return call(HttpMethod.GET, settings.mount() + "/data/" + path, token, null)
        .map(answer -> object(object(answer, "data", what), "data", what));
  }

  private static Lease ofAuth(JsonObject answer, String what) {
    JsonObject auth = object(answer, "auth", what);
    if (!(auth.getValue("client_token") instanceof String token) || token.isBlank()) {
      throw new VaultException(200, what + ": the answer has no token");
    }
    return new Lease(
        token, number(auth, "lease_duration"), Boolean.TRUE.equals(auth.getValue("renewable")));
  }

  private static JsonObject object(JsonObject of, String field, String what) {
    if (of.getValue(field) instanceof JsonObject inner) {
      return inner;
    }
    throw new VaultException(200, what + ": the answer is none of Vault's");
  }

  private static long number(JsonObject of, String field) {
    return of.getValue(field) instanceof Number number ? Math.max(0, number.longValue()) : 0;
  }

  private Future<JsonObject> call(
      HttpMethod method, String path, @Nullable String token, @Nullable JsonObject body) {
    Map<String, String> headers = new HashMap<>();
    headers.put("X-Vault-Request", "true");
    if (token != null) {
      headers.put("X-Vault-Token", token);
    }
    if (settings.namespace() != null) {
      headers.put("X-Vault-Namespace", settings.namespace());
    }
    if (body != null) {
      headers.put("Content-Type", "application/json");
    }
    URI address = URI.create(settings.address() + "/v1/" + path);
    return remote
        .ask(method, address, headers, body == null ? null : body.toBuffer())
        .map(reply -> {
          if (reply.status() != 200) {
            throw VaultException.of(reply.status(), path);
          }
          return json(reply.body(), path);
        });
  }

  /** What cannot be read would be quoted by the reader, and may be a secret. */
  private static JsonObject json(Buffer body, String path) {
    try {
      return new JsonObject(body);
    } catch (DecodeException e) {
      throw new VaultException(200, path + ": the answer is no JSON object");
    }
  }

  Future<Void> close() {
    return remote.close();
  }
}
