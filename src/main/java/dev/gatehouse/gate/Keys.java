package dev.gatehouse.gate;

import dev.gatehouse.action.Actor;
import dev.gatehouse.action.Role;
import dev.gatehouse.config.Configuration;
import dev.gatehouse.config.TotpSecret;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The bearer keys, held as SHA-256 hashes. A key is long and random, so a plain hash keeps it as
 * well as a slow one would. May be used from any thread.
 */
public final class Keys {
  private volatile List<Key> current;

  private Keys(List<Key> keys) {
    this.current = List.copyOf(keys);
  }

  /** What became of a key; its name is the same, and all else may differ. */
  enum Change {
    ADDED,
    REMOVED,
    CHANGED
  }

  /**
   * A key that is not what it was.
   *
   * @param key as it is now, or was until it was removed
   */
  record Changed(Change change, Key key) {}

  /**
   * The keys as {@link KeySource} says.
   *
   * @throws IllegalStateException if there are none and others can connect
   */
  public static Keys open(Configuration configuration) throws IOException {
    return open(new KeySource(configuration, null));
  }

  /** As {@link #open(Configuration)}. */
  public static Keys open(KeySource source) throws IOException {
    return new Keys(source.read());
  }

  /**
   * Replaces all keys at once. What is open under one that is gone, or differs in anything, ends.
   *
   * @return what changed, by name
   */
  synchronized List<Changed> replace(List<Key> fresh) {
    List<Key> before = current;
    List<Key> now = new ArrayList<>(fresh.size());
    List<Changed> changes = new ArrayList<>();
    for (Key key : fresh) {
      Optional<Key> known = before.stream().filter(key::isSame).findFirst();
      now.add(known.orElse(key));
      if (known.isEmpty()) {
        changes.add(new Changed(isNamed(before, key) ? Change.CHANGED : Change.ADDED, key));
      }
    }
    current = List.copyOf(now);
    for (Key key : before) {
      if (!now.contains(key)) {
        if (!isNamed(now, key)) {
          changes.add(new Changed(Change.REMOVED, key));
        }
        key.remove();
      }
    }
    return changes;
  }

  private static boolean isNamed(List<Key> keys, Key like) {
    return keys.stream().anyMatch(key -> key.actor().name().equals(like.actor().name()));
  }

  /** The key that was presented. Takes the same time whether it is known or not. */
  public Optional<Key> authenticate(String key) {
    return find(sha256(key));
  }

  /** As {@link #authenticate}, by the hash. */
  Optional<Key> find(byte[] presented) {
    Key found = null;
    for (Key known : current) {
      if (known.hashesTo(presented)) {
        found = known;
      }
    }
    return Optional.ofNullable(found);
  }

  /** An approver, by the name of a person who holds such a key; of several keys the first one's. */
  public Optional<Actor> approver(String tenant, String holder) {
    return current.stream()
        .map(Key::actor)
        .filter(actor ->
            actor.role() == Role.APPROVER
                && actor.tenant().equals(tenant)
                && actor.holder().equals(holder))
        .findFirst();
  }

  /** The authenticator of a person, with whichever key of his it was configured. */
  Optional<TotpSecret> authenticator(String tenant, String holder) {
    return current.stream()
        .filter(key -> key.actor().tenant().equals(tenant) && key.actor().holder().equals(holder))
        .flatMap(key -> key.authenticator().stream())
        .findFirst();
  }

  static byte[] sha256(String key) {
    return sha256().digest(key.getBytes(StandardCharsets.UTF_8));
  }

  static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java has SHA-256", e);
    }
  }
}
