package dev.gatehouse.gate.vault;

import dev.gatehouse.config.VaultSettings;
import dev.gatehouse.gate.remote.OnLoop;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.json.JsonObject;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * Secrets that are kept in Vault. What was read is known for a while, in memory alone; who asks for
 * the same meanwhile waits for the same answer. What Vault does not give now fails with {@link
 * VaultException} or a time-out, also where it was known before: nothing old is given. May be used
 * from any event loop; futures complete on the loop that asked.
 */
public final class Vault {
  /** Secrets that are known at once; of more the oldest are forgotten. */
  private static final int MAX_KNOWN = 1_000;

  /** What one secret's fields are, until then. */
  private record Known(JsonObject fields, long untilNanos) {}

  private final Vertx vertx;
  private final VaultApi api;
  private final VaultSession session;
  private final long cacheNanos;
  private final Map<String, Known> known = new LinkedHashMap<>();
  private final Map<String, Promise<JsonObject>> underWay = new HashMap<>();

  private Vault(Vertx vertx, VaultSettings settings) {
    this.vertx = vertx;
    this.api = new VaultApi(vertx, settings);
    this.session = new VaultSession(vertx, settings, api);
    this.cacheNanos = TimeUnit.SECONDS.toNanos(settings.cacheSeconds());
  }

  /** Begins to log in; does not wait for it. */
  public static Vault start(Vertx vertx, VaultSettings settings) {
    Vault vault = new Vault(vertx, settings);
    // Who asks first has the failure; until then the log has it.
    vault.session.token();
    return vault;
  }

  /** The value of a secret's field. */
  public Future<String> read(String path, String field) {
    return fields(path)
        .map(fields -> {
          if (fields.getValue(field) instanceof String text) {
            return text;
          }
          throw new VaultException(404, path + " has no text in the field " + field);
        });
  }

  private Future<JsonObject> fields(String path) {
    Promise<JsonObject> mine = Promise.promise();
    synchronized (this) {
      Known before = known.get(path);
      if (before != null && before.untilNanos() - System.nanoTime() > 0) {
        return Future.succeededFuture(before.fields());
      }
      Promise<JsonObject> other = underWay.get(path);
      if (other != null) {
        return OnLoop.here(vertx, other.future());
      }
      underWay.put(path, mine);
    }
    // Composed, so that an exception too is an end.
    Future.succeededFuture()
        .compose(begun -> session.token())
        .compose(token -> ask(token, path))
        .onComplete(done -> {
          over(path, done.result());
          mine.complete(done.result(), done.cause());
        });
    return OnLoop.here(vertx, mine.future());
  }

  /** Asks once more where the token was refused, which may have expired. */
  private Future<JsonObject> ask(String token, String path) {
    return api.read(token, path)
        .recover(failure ->
            failure instanceof VaultException refused && refused.isForbidden()
                ? session
                    .insteadOf(token)
                    .recover(none -> Future.failedFuture(failure))
                    .compose(fresh -> api.read(fresh, path))
                : Future.failedFuture(failure));
  }

  private synchronized void over(String path, @org.jspecify.annotations.Nullable JsonObject read) {
    underWay.remove(path);
    known.remove(path);
    if (read != null && cacheNanos > 0) {
      known.put(path, new Known(read, System.nanoTime() + cacheNanos));
      if (known.size() > MAX_KNOWN) {
        known.remove(known.keySet().iterator().next());
      }
    }
  }

  /** Forgets everything, and ends its connections. */
  public Future<Void> close() {
    synchronized (this) {
      known.clear();
    }
    session.close();
    return api.close();
  }
}
