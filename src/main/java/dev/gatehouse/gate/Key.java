package dev.gatehouse.gate;

import dev.gatehouse.action.Actor;
import dev.gatehouse.config.TotpSecret;
import java.security.MessageDigest;
import java.time.Instant;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * A bearer key, by its hash, from when the server came to know it until it is removed, and what is
 * open under it meanwhile; or a token, which besides that ends at its time. May be used from any
 * thread.
 */
public final class Key {
  private static final long NEVER = Long.MAX_VALUE;

  private final byte[] sha256;
  private final Actor actor;
  private final Optional<TotpSecret> authenticator;
  private final long untilMillis;
  private final Set<Runnable> open = ConcurrentHashMap.newKeySet(0);
  private volatile boolean removed;

  Key(byte[] sha256, Actor actor, Optional<TotpSecret> authenticator) {
    this(sha256, actor, authenticator, NEVER);
  }

  private Key(byte[] sha256, Actor actor, Optional<TotpSecret> authenticator, long untilMillis) {
    this.sha256 = sha256.clone();
    this.actor = actor;
    this.authenticator = authenticator;
    this.untilMillis = untilMillis;
  }

  /** A token that is valid until then. */
  static Key ofToken(byte[] sha256, Actor actor, Instant until) {
    return new Key(sha256, actor, Optional.empty(), until.toEpochMilli());
  }

  /** Whose it is. */
  public Actor actor() {
    return actor;
  }

  Optional<TotpSecret> authenticator() {
    return authenticator;
  }

  /** Whether it has this hash; takes as long whatever the answer. */
  boolean hashesTo(byte[] presented) {
    return MessageDigest.isEqual(sha256, presented);
  }

  /** Whether nothing about it differs. */
  boolean isSame(Key other) {
    return hashesTo(other.sha256)
        && actor.equals(other.actor)
        && authenticator.equals(other.authenticator);
  }

  /** Whether it is valid no more; it never is again. */
  public boolean isRemoved() {
    return removed || isExpired();
  }

  /** Whether it is a token whose time is over. */
  public boolean isExpired() {
    return untilMillis != NEVER && System.currentTimeMillis() >= untilMillis;
  }

  /**
   * Adds what is open under it.
   *
   * @param end ends that, on any thread: once the key is removed, at once if it is already, and
   *     perhaps both
   */
  public void opened(Runnable end) {
    open.add(end);
    if (removed) {
      end.run();
    }
  }

  /** What was added is open no more. */
  public void closed(Runnable end) {
    open.remove(end);
  }

  /** Whether nothing is open under it. */
  boolean isIdle() {
    return open.isEmpty();
  }

  /** Ends all that is open under it. */
  void remove() {
    removed = true;
    open.forEach(Runnable::run);
  }
}
