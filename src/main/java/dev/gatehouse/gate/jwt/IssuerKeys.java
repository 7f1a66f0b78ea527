package dev.gatehouse.gate.jwt;

import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.jwk.JWK;
import com.nimbusds.jose.jwk.JWKSet;
import java.text.ParseException;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** The keys of an issuer as it published them once. Immutable. */
final class IssuerKeys {
  static final IssuerKeys NONE = new IssuerKeys(Map.of());

  private static final int MAX_KEYS = 100;

  private final Map<String, SigningKey> keys;

  private IssuerKeys(Map<String, SigningKey> keys) {
    this.keys = Map.copyOf(keys);
  }

  /**
   * Reads a JWK set (RFC 7517). Keys that nothing is checked with here are passed over, and so are
   * those whose {@code kid} is that of another one: it would be open which of them is meant.
   *
   * @throws IllegalArgumentException if it is none, or has no key that can be used
   */
  static IssuerKeys parse(String text, Set<JWSAlgorithm> taken) {
    JWKSet set;
    try {
      set = JWKSet.parse(text);
    } catch (ParseException | RuntimeException e) {
      throw new IllegalArgumentException("what came is no JWK set", e);
    }
    if (set.size() > MAX_KEYS) {
      throw new IllegalArgumentException("the JWK set has more than " + MAX_KEYS + " keys");
    }
    Map<String, SigningKey> keys = new HashMap<>();
    Set<String> seen = new HashSet<>();
    for (JWK key : set.getKeys()) {
      Optional<SigningKey> usable = SigningKey.of(key, taken);
      usable.ifPresent(one -> {
        if (seen.add(one.id())) {
          keys.put(one.id(), one);
        } else {
          keys.remove(one.id());
        }
      });
    }
    if (keys.isEmpty()) {
      throw new IllegalArgumentException("the JWK set has no key that can be used");
    }
    return new IssuerKeys(keys);
  }

  Optional<SigningKey> find(String id) {
    return Optional.ofNullable(keys.get(id));
  }

  /** Whether it has this very key. */
  boolean has(SigningKey key) {
    return find(key.id()).filter(own -> own.print().equals(key.print())).isPresent();
  }
}
