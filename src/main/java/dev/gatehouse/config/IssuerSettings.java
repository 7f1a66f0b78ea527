package dev.gatehouse.config;

import dev.gatehouse.action.Role;
import java.net.URI;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Somebody whose signed tokens (JWT) are taken as keys are.
 *
 * @param issuer what a token's {@code iss} is, to the letter
 * @param audience which a token's {@code aud} must have
 * @param jwks where the issuer's public keys are: an address, or the path of a file
 * @param algorithms what it may sign with, some of {@link #ALGORITHMS}
 * @param leewaySeconds by how much its clock may differ from this server's
 * @param refreshSeconds how often its keys are read again
 * @param staleSeconds for how long after the last good reading they still count
 * @param tenants for whom it may speak; the first where {@code claims} names none
 * @param roles what its words for roles mean; a token with none of them is refused
 */
public record IssuerSettings(
    String issuer,
    String audience,
    String jwks,
    List<String> algorithms,
    int leewaySeconds,
    int refreshSeconds,
    int staleSeconds,
    Claims claims,
    List<String> tenants,
    Map<String, Role> roles) {

  /** Signatures that anybody can check and only the issuer can make. */
  public static final List<String> ALGORITHMS = List.of("RS256", "PS256", "ES256", "EdDSA");

  private static final String LOCATION =
      "https://..., http://... of this machine, or the path of a file";

  private static final String ROLES = "a list of a role's word, or of ROLE=THEIR-WORD";

  /**
   * What a token's claims are called that say who it is; null for what it does not say.
   *
   * @param actor its name
   * @param holder the person behind it; left out, it is its own
   * @param groups its groups of approvers
   */
  public record Claims(
      String actor,
      @Nullable String tenant,
      String role,
      @Nullable String holder,
      @Nullable String groups) {}

  static List<IssuerSettings> read(Settings settings) {
    Set<String> names = new HashSet<>();
    return settings.entries(
        "jwt",
        entry ->
            new IssuerSettings(
                entry.required(
                    "issuer",
                    "the iss of its tokens, different from all others",
                    "",
                    text -> !text.isBlank() && names.add(text) ? text : null),
                entry.required(
                    "audience", "the aud that is this server's", "", IssuerSettings::filled),
                entry.required("jwks", LOCATION, "", text -> isLocation(text) ? text : null),
                entry.words("algorithms", ALGORITHMS, ALGORITHMS),
                entry.integer("leewaySeconds", 0, 300, 30),
                entry.integer("refreshSeconds", 1, 86_400, 300),
                entry.integer("staleSeconds", 1, 604_800, 3_600),
                new Claims(
                    claim(entry, "actorClaim").orElse("sub"),
                    claim(entry, "tenantClaim").orElse(null),
                    claim(entry, "roleClaim").orElse("role"),
                    claim(entry, "holderClaim").orElse(null),
                    claim(entry, "groupsClaim").orElse(null)),
                orElse(
                    entry.texts(
                        "tenants", "a list of names, each " + Names.EXPECTED, Names::isName),
                    List.of("default")),
                roles(entry)));
  }

  private static @Nullable String filled(String text) {
    return text.isBlank() ? null : text;
  }

  private static Optional<String> claim(Settings.Entry entry, String field) {
    String name = entry.optional(field, "a claim's name", "", IssuerSettings::filled);
    return name.isEmpty() ? Optional.empty() : Optional.of(name);
  }

  private static List<String> orElse(List<String> given, List<String> otherwise) {
    return given.isEmpty() ? otherwise : given;
  }

  /** Each of their words means one role; without any the words are the roles' own. */
  private static Map<String, Role> roles(Settings.Entry entry) {
    Map<String, Role> roles = new LinkedHashMap<>();
    Predicate<String> read =
        text -> {
          int equals = text.indexOf('=');
          Optional<Role> role = role(equals < 0 ? text : text.substring(0, equals));
          String theirs = text.substring(equals + 1);
          return role.isPresent()
              && !theirs.isBlank()
              && roles.putIfAbsent(theirs, role.get()) == null;
        };
    if (entry.texts("roles", ROLES, read).isEmpty()) {
      roles.clear();
      for (Role role : Role.values()) {
        roles.put(role.word(), role);
      }
    }
    return Map.copyOf(roles);
  }

  private static Optional<Role> role(String word) {
    for (Role role : Role.values()) {
      if (role.word().equals(word.toLowerCase(Locale.ROOT))) {
        return Optional.of(role);
      }
    }
    return Optional.empty();
  }

  private static boolean isLocation(String text) {
    if (text.isBlank()) {
      return false;
    }
    return text.contains("://") ? Addresses.isSafe(text) : !Path.of(text).toString().isEmpty();
  }

  /** The address of the keys; empty where they are in a file. */
  public Optional<URI> address() {
    return jwks.contains("://") ? Optional.of(URI.create(jwks)) : Optional.empty();
  }
}
