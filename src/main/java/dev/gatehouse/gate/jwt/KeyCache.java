package dev.gatehouse.gate.jwt;

import dev.gatehouse.gate.jwt.TokenException.Why;
import dev.gatehouse.gate.remote.OnLoop;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * An issuer's keys, read in the background now and then, and once more, but not often, for a key
 * that is not known. Where they cannot be read the last good ones count for a while, then none. One
 * reading at a time, for all who wait. May be used from any event loop; futures complete on the
 * loop that asked.
 */
final class KeyCache {
  private static final Logger LOGGER = LoggerFactory.getLogger(KeyCache.class);

  /** The least time between two readings for keys that are not known. */
  static final long UNKNOWN_MILLIS = 5_000;

  /** The least time between two while the issuer is away and no key counts any more. */
  private static final long AWAY_MILLIS = 1_000;

  /** How soon a reading that failed is tried again, unless it would be due anyway. */
  private static final long RETRY_MILLIS = 5_000;

  private final Vertx vertx;
  private final String issuer;
  private final Supplier<Future<IssuerKeys>> source;
  private final long refreshMillis;
  private final long staleNanos;
  private final LongSupplier clock;
  private volatile IssuerKeys keys = IssuerKeys.NONE;
  private volatile long readNanos;
  private volatile boolean everRead;
  private @Nullable Promise<Void> reading;
  private @Nullable Long unknownNanos;
  private @Nullable Long failedNanos;
  private boolean failing;
  private boolean closed;

  /**
   * Reads nothing yet.
   *
   * @param source reads them once; bounded in time
   * @param clock nanoseconds that never go back
   */
  KeyCache(
      Vertx vertx,
      String issuer,
      Supplier<Future<IssuerKeys>> source,
      long refreshMillis,
      long staleMillis,
      LongSupplier clock) {
    this.vertx = vertx;
    this.issuer = issuer;
    this.source = source;
    this.refreshMillis = refreshMillis;
    this.staleNanos = TimeUnit.MILLISECONDS.toNanos(staleMillis);
    this.clock = clock;
  }

  /** Begins to read, now and then until {@link #close}. */
  void start() {
    readAgain();
  }

  private void readAgain() {
    read()
        .onComplete(done -> {
          synchronized (this) {
            if (!closed) {
              long next = done.succeeded() ? refreshMillis : Math.min(refreshMillis, RETRY_MILLIS);
              vertx.setTimer(next, due -> readAgain());
            }
          }
        });
  }

  synchronized void close() {
    closed = true;
  }

  /** Whether the keys may still be relied on. */
  boolean isFresh() {
    return everRead && clock.getAsLong() - readNanos <= staleNanos;
  }

  /** Whether a key is still one of the issuer's. */
  boolean has(SigningKey key) {
    return isFresh() && keys.has(key);
  }

  /** The key of that id; fails with {@link TokenException}. */
  Future<SigningKey> find(String id) {
    if (isFresh() && keys.find(id).isPresent()) {
      return found(id);
    }
    return mayRead() ? OnLoop.here(vertx, read()).transform(read -> found(id)) : found(id);
  }

  private Future<SigningKey> found(String id) {
    if (!isFresh()) {
      return Future.failedFuture(
          new TokenException(Why.AWAY, "the keys of the token's issuer are not to be had now"));
    }
    return keys.find(id)
        .<Future<SigningKey>>map(Future::succeededFuture)
        .orElseGet(() ->
            Future.failedFuture(
                new TokenException(
                    Why.KEY, "the token is signed with a key that its issuer has not")));
  }

  /** Who invents ids must not have the issuer asked for each; but what is read is waited for. */
  private synchronized boolean mayRead() {
    long now = clock.getAsLong();
    Long last = isFresh() ? unknownNanos : failedNanos;
    long pauseMillis = isFresh() ? UNKNOWN_MILLIS : AWAY_MILLIS;
    if (reading != null) {
      return true;
    }
    if (last != null && now - last < TimeUnit.MILLISECONDS.toNanos(pauseMillis)) {
      return false;
    }
    if (isFresh()) {
      unknownNanos = now;
    }
    return true;
  }

  private Future<Void> read() {
    Promise<Void> mine = Promise.promise();
    synchronized (this) {
      Promise<Void> underWay = reading;
      if (underWay != null) {
        return underWay.future();
      }
      reading = mine;
    }
    // Composed, so that an exception too is an end.
    Future.succeededFuture()
        .compose(begun -> source.get())
        .map(this::take)
        .onFailure(this::failed)
        .onComplete(done -> {
          synchronized (this) {
            reading = null;
          }
          mine.complete(null, done.cause());
        });
    return mine.future();
  }

  private @Nullable Void take(IssuerKeys fresh) {
    keys = fresh;
    readNanos = clock.getAsLong();
    everRead = true;
    if (heals()) {
      LOGGER.info("an issuer's keys can be read again issuer={}", issuer);
    }
    return null;
  }

  private synchronized boolean heals() {
    boolean was = failing;
    failing = false;
    return was;
  }

  private void failed(Throwable why) {
    synchronized (this) {
      failedNanos = clock.getAsLong();
      if (failing) {
        return;
      }
      failing = true;
    }
    LOGGER.warn(
        "an issuer's keys cannot be read, the last ones count for a while issuer={}: {}",
        issuer,
        String.valueOf(why.getMessage()));
  }
}
