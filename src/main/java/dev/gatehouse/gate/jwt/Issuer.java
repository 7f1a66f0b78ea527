package dev.gatehouse.gate.jwt;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JOSEObjectType;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.SignedJWT;
import dev.gatehouse.action.Actor;
import dev.gatehouse.action.Role;
import dev.gatehouse.config.IssuerSettings;
import dev.gatehouse.gate.jwt.TokenException.Why;
import java.text.ParseException;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Date;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** What is checked of one issuer's tokens. Immutable, but for the keys; for any thread. */
final class Issuer {
  /** As names of keys, and what names of persons and services also have. */
  private static final String NAME = "[A-Za-z0-9._@|+/=~-]{1,128}";

  private static final Set<String> TYPES = Set.of("JWT", "AT+JWT");
  private static final int MAX_GROUPS = 256;

  private final IssuerSettings settings;
  private final Set<JWSAlgorithm> algorithms;
  private final KeyCache keys;
  private final InstantSource clock;

  Issuer(IssuerSettings settings, KeyCache keys, InstantSource clock) {
    this.settings = settings;
    this.algorithms = algorithms(settings);
    this.keys = keys;
    this.clock = clock;
  }

  static Set<JWSAlgorithm> algorithms(IssuerSettings settings) {
    return settings.algorithms().stream()
        .map(JWSAlgorithm::parse)
        .collect(Collectors.toUnmodifiableSet());
  }

  KeyCache keys() {
    return keys;
  }

  /**
   * The id of the key that a token says it was signed with, if it is of a kind that is taken.
   *
   * @throws TokenException if it is not
   */
  String keyId(JWSHeader header) {
    JOSEObjectType type = header.getType();
    if (!algorithms.contains(header.getAlgorithm())) {
      throw new TokenException(
          Why.ALGORITHM, "the token must be signed with one of " + settings.algorithms());
    }
    if (type != null && !TYPES.contains(type.getType().toUpperCase(java.util.Locale.ROOT))) {
      throw new TokenException(Why.ALGORITHM, "the token's typ must be JWT or at+jwt");
    }
    if (header.getCriticalParams() != null) {
      throw new TokenException(Why.ALGORITHM, "the token has a crit, which nothing here knows");
    }
    String id = header.getKeyID();
    if (id == null || id.isEmpty()) {
      throw new TokenException(Why.KEY, "the token has no kid, which says with what it is signed");
    }
    return id;
  }

  /**
   * Checks the signature, which takes up to a millisecond, and then the claims.
   *
   * @throws TokenException if anything about it is not as it must be
   */
  Claimed check(SignedJWT token, SigningKey key) {
    if (!key.algorithms().contains(token.getHeader().getAlgorithm())) {
      throw new TokenException(
          Why.ALGORITHM, "the token's key is not for what it says it is signed with");
    }
    if (!isSigned(token, key)) {
      throw new TokenException(Why.SIGNATURE, "the token's signature is wrong");
    }
    JWTClaimsSet claims = claims(token);
    Instant until = validUntil(claims);
    return new Claimed(actor(claims), until, () -> keys.has(key));
  }

  private static boolean isSigned(SignedJWT token, SigningKey key) {
    try {
      return token.verify(key.verifier());
    } catch (JOSEException | RuntimeException e) {
      return false;
    }
  }

  static JWTClaimsSet claims(SignedJWT token) {
    try {
      JWTClaimsSet claims = token.getJWTClaimsSet();
      if (claims != null) {
        return claims;
      }
    } catch (ParseException e) {
      // As below.
    }
    throw new TokenException(Why.MALFORMED, "the token has no JSON object of claims");
  }

  private Instant validUntil(JWTClaimsSet claims) {
    if (!claims.getAudience().contains(settings.audience())) {
      throw new TokenException(Why.AUDIENCE, "the token's aud does not name this server");
    }
    Date expires = claims.getExpirationTime();
    if (expires == null) {
      throw new TokenException(Why.EXPIRED, "the token has no exp: it must end");
    }
    Instant now = clock.instant();
    Instant until = expires.toInstant().plusSeconds(settings.leewaySeconds());
    if (!now.isBefore(until)) {
      throw new TokenException(Why.EXPIRED, "the token has expired");
    }
    Date notBefore = claims.getNotBeforeTime();
    if (notBefore != null
        && notBefore.toInstant().isAfter(now.plusSeconds(settings.leewaySeconds()))) {
      throw new TokenException(Why.NOT_YET, "the token is not valid yet");
    }
    return until;
  }

  private Actor actor(JWTClaimsSet claims) {
    IssuerSettings.Claims names = settings.claims();
    String actor = name(claims, names.actor());
    String holder = names.holder() == null ? actor : name(claims, names.holder());
    return new Actor(tenant(claims), actor, role(claims), holder, groups(claims));
  }

  private String tenant(JWTClaimsSet claims) {
    String claim = settings.claims().tenant();
    String tenant = claim == null ? settings.tenants().getFirst() : name(claims, claim);
    if (!settings.tenants().contains(tenant)) {
      throw new TokenException(
          Why.IDENTITY, "the token's issuer may not speak for the tenant in its " + claim);
    }
    return tenant;
  }

  private static String name(JWTClaimsSet claims, String claim) {
    if (claims.getClaim(claim) instanceof String name && name.matches(NAME)) {
      return name;
    }
    throw new TokenException(
        Why.IDENTITY,
        "the token's " + claim + " must be 1 to 128 letters, digits, or some of - _ . @ | + / = ~");
  }

  /** The one role that the token's words mean; a key has one, and so has a token. */
  private Role role(JWTClaimsSet claims) {
    String claim = settings.claims().role();
    Set<Role> roles = new HashSet<>();
    for (String word : words(claims, claim)) {
      Role role = settings.roles().get(word);
      if (role != null) {
        roles.add(role);
      }
    }
    if (roles.size() != 1) {
      throw new TokenException(
          Why.ROLE, "the token's " + claim + " must mean one role here, and means " + roles.size());
    }
    return roles.iterator().next();
  }

  private Set<String> groups(JWTClaimsSet claims) {
    String claim = settings.claims().groups();
    Set<String> groups = claim == null ? Set.of() : new HashSet<>(words(claims, claim));
    if (groups.size() > MAX_GROUPS) {
      throw new TokenException(Why.IDENTITY, "the token has more than " + MAX_GROUPS + " groups");
    }
    return groups;
  }

  /** A claim that is a text or a list of texts; what else it has says nothing. */
  private static List<String> words(JWTClaimsSet claims, String claim) {
    @Nullable Object value = claims.getClaim(claim);
    List<String> words = new ArrayList<>();
    if (value instanceof String one) {
      words.add(one);
    } else if (value instanceof List<?> list) {
      for (Object item : list) {
        if (item instanceof String text) {
          words.add(text);
        }
      }
    }
    return words;
  }
}
