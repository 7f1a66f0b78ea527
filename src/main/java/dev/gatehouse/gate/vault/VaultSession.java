package dev.gatehouse.gate.vault;

import dev.gatehouse.config.VaultSettings;
import dev.gatehouse.gate.remote.OnLoop;
import dev.gatehouse.gate.vault.VaultApi.Lease;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The token by which Vault is asked: got by logging in (AppRole) or from a file, renewed when two
 * thirds of its time are over, got anew where it cannot be renewed or is refused. One log-in at a
 * time, for all who wait, and no more than one a second. May be used from any event loop.
 */
final class VaultSession {
  private static final Logger LOGGER = LoggerFactory.getLogger(VaultSession.class);
  private static final long PAUSE_NANOS = TimeUnit.SECONDS.toNanos(1);
  private static final long RETRY_MILLIS = 5_000;

  private final Vertx vertx;
  private final VaultSettings settings;
  private final VaultApi api;
  private @Nullable Lease lease;
  private @Nullable Promise<String> loggingIn;
  private @Nullable Long loggedInNanos;
  private long timer = -1;
  private boolean closed;

  VaultSession(Vertx vertx, VaultSettings settings, VaultApi api) {
    this.vertx = vertx;
    this.settings = settings;
    this.api = api;
  }

  /** The token there is, or a new one. */
  Future<String> token() {
    synchronized (this) {
      Lease known = lease;
      if (known != null) {
        return Future.succeededFuture(known.token());
      }
    }
    return logIn();
  }

  /** Another one, for one that was refused; fails if there was no other a moment ago. */
  Future<String> insteadOf(String refused) {
    synchronized (this) {
      Lease known = lease;
      if (known != null && !known.token().equals(refused)) {
        return Future.succeededFuture(known.token());
      }
    }
    return logIn();
  }

  private Future<String> logIn() {
    Promise<String> mine = Promise.promise();
    synchronized (this) {
      Promise<String> underWay = loggingIn;
      if (underWay != null) {
        return OnLoop.here(vertx, underWay.future());
      }
      Long last = loggedInNanos;
      long now = System.nanoTime();
      if (closed || (last != null && now - last < PAUSE_NANOS)) {
        return Future.failedFuture(new VaultException(0, "the log-in was tried a moment ago"));
      }
      loggedInNanos = now;
      loggingIn = mine;
    }
    // Composed, so that an exception too is an end.
    Future.succeededFuture()
        .compose(begun -> fresh())
        .onComplete(done -> {
          take(done.result());
          if (done.succeeded()) {
            mine.complete(done.result().token());
          } else {
            LOGGER.warn("the log-in to Vault failed: {}", done.cause().getMessage());
            mine.fail(done.cause());
          }
        });
    return OnLoop.here(vertx, mine.future());
  }

  private Future<Lease> fresh() {
    if (settings.tokenFile() != null) {
      return text(settings.tokenFile()).compose(api::lookUp);
    }
    return text(String.valueOf(settings.roleIdFile()))
        .compose(role ->
            text(String.valueOf(settings.secretIdFile()))
                .compose(secret -> api.logIn(role, secret)));
  }

  private Future<String> text(String file) {
    return vertx
        .fileSystem()
        .readFile(file)
        .map(bytes -> bytes.toString(StandardCharsets.UTF_8).strip())
        .recover(failure -> Future.failedFuture(new VaultException(0, file + " cannot be read")));
  }

  /** Null where the log-in failed: what there was may still be good, and is refused if not. */
  private synchronized void take(@Nullable Lease fresh) {
    loggingIn = null;
    if (fresh != null) {
      lease = fresh;
      renewIn(fresh);
    }
  }

  private synchronized void renewIn(Lease fresh) {
    vertx.cancelTimer(timer);
    if (fresh.seconds() > 0 && !closed) {
      long millis = Math.max(500, TimeUnit.SECONDS.toMillis(fresh.seconds()) * 2 / 3);
      timer = vertx.setTimer(millis, due -> renew(fresh));
    }
  }

  private void renew(Lease old) {
    Future<Lease> renewed =
        old.renewable()
            ? api.renew(old.token())
            : Future.failedFuture(new VaultException(0, "the token cannot be renewed"));
    renewed.onComplete(
        fresh -> {
          if (fresh.seconds() * 2 < old.seconds()) {
            // Vault's own limit of its life comes near.
            replace(old);
          } else {
            keep(old, fresh);
          }
        },
        failure -> replace(old));
  }

  private synchronized void keep(Lease old, Lease fresh) {
    if (old.equals(lease)) {
      lease = fresh;
      renewIn(fresh);
    }
  }

  private void replace(Lease old) {
    logIn()
        .onFailure(failure -> {
          synchronized (this) {
            if (!closed && old.equals(lease)) {
              timer = vertx.setTimer(RETRY_MILLIS, due -> replace(old));
            }
          }
        });
  }

  synchronized void close() {
    closed = true;
    vertx.cancelTimer(timer);
  }
}
