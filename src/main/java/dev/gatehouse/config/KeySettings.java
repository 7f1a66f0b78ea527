package dev.gatehouse.config;

import dev.gatehouse.action.Role;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;

/**
 * A bearer key, by its hash.
 *
 * @param holder who holds it; keys of one holder are one person
 * @param groups the holder's groups of approvers
 * @param sha256 SHA-256 of the key's UTF-8 bytes, 64 hex digits
 * @param totp the holder's authenticator, asked for where the risk is critical
 */
public record KeySettings(
    String name,
    Role role,
    String tenant,
    String holder,
    List<String> groups,
    String sha256,
    Optional<TotpSecret> totp) {

  static List<KeySettings> read(Settings settings) {
    Set<String> names = new HashSet<>();
    Set<String> hashes = new HashSet<>();
    return settings.entries(
        "keys",
        entry ->
            new KeySettings(
                Names.own(entry, names, "all other keys"),
                entry.requiredWord("role", Role.class, Role.AGENT),
                entry.optional(
                    "tenant", Names.EXPECTED, "default", text -> Names.isName(text) ? text : null),
                entry.optional(
                    "holder", Names.EXPECTED, "", text -> Names.isName(text) ? text : null),
                entry.texts("groups", "a list of names, each " + Names.EXPECTED, Names::isName),
                entry.required(
                    "sha256",
                    "the key's SHA-256 as 64 hex digits, different from all other keys",
                    "",
                    // One key in two roles could approve what it asks for.
                    text ->
                        HexFormat.of().parseHex(text).length == 32
                                && hashes.add(text.toLowerCase(Locale.ROOT))
                            ? text
                            : null),
                entry.optional(
                    "totpFile",
                    "the path of a file with 16 to 128 bytes in Base32",
                    Optional.empty(),
                    text -> Optional.of(TotpSecret.read(Path.of(text))))));
  }
}
