package dev.gatehouse.config;

import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A secret that executions may be given by its name, and where its value is. The value is read when
 * an execution starts, and is nowhere in the configuration.
 *
 * @param agents the names of the keys that may use it; empty for all agents of the tenant
 * @param file null where it is elsewhere
 * @param variable of the server's environment; null where it is elsewhere
 * @param vault its path in Vault's engine; null where it is elsewhere
 * @param field which of Vault's fields has it
 */
public record SecretSettings(
    String name,
    String tenant,
    List<String> agents,
    @Nullable Path file,
    @Nullable String variable,
    @Nullable String vault,
    String field) {

  static List<SecretSettings> read(Settings settings) {
    Set<String> names = new HashSet<>();
    return settings.entries(
        "secrets",
        entry -> {
          SecretSettings secret =
              new SecretSettings(
                  Names.own(entry, names),
                  entry.optional(
                      "tenant",
                      Names.EXPECTED,
                      "default",
                      text -> Names.isName(text) ? text : null),
                  entry.texts("agents", "a list of names, each " + Names.EXPECTED, Names::isName),
                  SecretSettings.<Path>ifGiven(entry, "file", "a path", Path::of),
                  SecretSettings.<String>ifGiven(
                      entry, "variable", "a variable's name", text -> text),
                  SecretSettings.<String>ifGiven(
                      entry,
                      "vault",
                      "a path in Vault's engine, such as deploy/github",
                      text -> {
                        if (!VaultSettings.isPath(text)) {
                          throw new IllegalArgumentException(text);
                        }
                        return text;
                      }),
                  entry.optional(
                      "field",
                      "the name of a field",
                      "value",
                      text -> text.isBlank() ? null : text));
          if (secret.places() != 1) {
            settings.refuse("secrets", secret.name + ": expected one of file, variable and vault");
          }
          return secret;
        });
  }

  private long places() {
    return Stream.of(file, variable, vault).filter(Objects::nonNull).count();
  }

  void crossCheck(Settings settings, VaultSettings where) {
    if (vault != null && where.address() == null) {
      settings.refuse("secrets", name + ": is in Vault, and there is no vault.address");
    }
  }

  private static <T> @Nullable T ifGiven(
      Settings.Entry entry, String field, String expected, Function<String, T> read) {
    List<T> given =
        entry.<List<T>>optional(
            field, expected, List.of(), text -> text.isBlank() ? null : List.of(read.apply(text)));
    return given.isEmpty() ? null : given.getFirst();
  }
}
