package dev.gatehouse.config;

import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * A secret that executions may be given by its name, and where its value is. The value is read when
 * an execution starts, and is nowhere in the configuration.
 *
 * @param agents the names of the keys that may use it; empty for all agents of the tenant
 * @param file null where it is in the server's environment
 * @param variable null where it is in a file
 */
public record SecretSettings(
    String name,
    String tenant,
    List<String> agents,
    @Nullable Path file,
    @Nullable String variable) {

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
                      entry, "variable", "a variable's name", text -> text));
          if ((secret.file == null) == (secret.variable == null)) {
            settings.refuse("secrets", secret.name + ": expected either file or variable");
          }
          return secret;
        });
  }

  private static <T> @Nullable T ifGiven(
      Settings.Entry entry, String field, String expected, Function<String, T> read) {
    List<T> given =
        entry.<List<T>>optional(
            field, expected, List.of(), text -> text.isBlank() ? null : List.of(read.apply(text)));
    return given.isEmpty() ? null : given.getFirst();
  }
}
