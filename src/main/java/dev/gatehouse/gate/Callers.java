package dev.gatehouse.gate;

import dev.gatehouse.gate.jwt.Claimed;
import dev.gatehouse.gate.jwt.Tokens;
import io.vertx.core.Future;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.BooleanSupplier;

/**
 * Who calls: by a key, or by a token of an issuer whose tokens are taken. A token that was checked
 * is known by its hash, so that the next request with it costs no signature, until it expires or
 * its issuer has its key no more; what is open under it ends then. May be used from any thread;
 * what it does under its lock is short.
 */
public final class Callers {
  /** Tokens that are known, unless more have something open. */
  static final int MAX_KNOWN = 10_000;

  /** How often {@link #sweep} is to be called. */
  public static final long SWEEP_MILLIS = 1_000;

  private record Known(Key key, BooleanSupplier stillSigned) {
    boolean isValid() {
      return !key.isRemoved() && stillSigned.getAsBoolean();
    }
  }

  private final Keys keys;
  private final Tokens tokens;
  private final Map<String, Known> known = new LinkedHashMap<>(16, 0.75f, true);

  public Callers(Keys keys, Tokens tokens) {
    this.keys = keys;
    this.tokens = tokens;
  }

  /** The keys that are configured. */
  public Keys keys() {
    return keys;
  }

  /** The key that was presented, or the token if it was checked before. */
  public Optional<Key> known(String presented) {
    byte[] sha256 = Keys.sha256(presented);
    Optional<Key> key = keys.find(sha256);
    return key.isPresent() ? key : token(sha256);
  }

  private synchronized Optional<Key> token(byte[] sha256) {
    if (known.isEmpty()) {
      return Optional.empty();
    }
    return Optional.ofNullable(known.get(name(sha256))).filter(Known::isValid).map(Known::key);
  }

  /** Whether what nobody knows may be a token, and is worth {@link #check}. */
  public boolean mayBeToken(String presented) {
    return tokens.mayBe(presented);
  }

  /** Checks a token that is not known; fails with its exception. */
  public Future<Key> check(String presented) {
    return tokens.check(presented).map(claimed -> know(Keys.sha256(presented), claimed));
  }

  /** Of the same token, checked twice at once, there is one key. */
  private synchronized Key know(byte[] sha256, Claimed claimed) {
    String name = name(sha256);
    Known before = known.get(name);
    if (before != null && before.isValid()) {
      return before.key();
    }
    Key key = Key.ofToken(sha256, claimed.actor(), claimed.until());
    known.put(name, new Known(key, claimed.stillSigned()));
    if (known.size() > MAX_KNOWN) {
      forgetOne();
    }
    if (before != null) {
      before.key().remove();
    }
    return key;
  }

  /** The one that was used least of late, of those under which nothing is open. */
  private void forgetOne() {
    Iterator<Known> each = known.values().iterator();
    while (each.hasNext()) {
      if (each.next().key().isIdle()) {
        each.remove();
        return;
      }
    }
  }

  /** Ends what is open under tokens that are valid no more; to be called now and then. */
  public void sweep() {
    List<Key> over = new ArrayList<>();
    synchronized (this) {
      known
          .values()
          .removeIf(one -> {
            boolean invalid = !one.isValid();
            if (invalid) {
              over.add(one.key());
            }
            return invalid;
          });
    }
    over.forEach(Key::remove);
  }

  private static String name(byte[] sha256) {
    return new String(sha256, StandardCharsets.ISO_8859_1);
  }
}
