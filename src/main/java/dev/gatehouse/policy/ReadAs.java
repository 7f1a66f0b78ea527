package dev.gatehouse.policy;

import dev.gatehouse.action.Action;
import dev.gatehouse.policy.match.Glob;
import dev.gatehouse.policy.shell.Language;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Says that an argument of some tools is program text.
 *
 * @param tools globs of tool names
 * @param argument the argument that holds the text
 * @param language the language, {@code shell} or a name of {@link #LANGUAGES}; null if {@code
 *     languageArgument} names it
 * @param languageArgument the argument that names the language; null if it is fixed
 */
record ReadAs(
    List<Glob> tools,
    ArgumentPath argument,
    @Nullable String language,
    @Nullable ArgumentPath languageArgument) {

  /** The names under which languages are asked for; shells have a reader of their own. */
  static final Map<String, Language> LANGUAGES =
      Map.ofEntries(
          Map.entry("python", Language.PYTHON),
          Map.entry("python3", Language.PYTHON),
          Map.entry("py", Language.PYTHON),
          Map.entry("javascript", Language.JAVASCRIPT),
          Map.entry("typescript", Language.JAVASCRIPT),
          Map.entry("js", Language.JAVASCRIPT),
          Map.entry("ts", Language.JAVASCRIPT),
          Map.entry("node", Language.JAVASCRIPT),
          Map.entry("sql", Language.SQL),
          Map.entry("powershell", Language.POWERSHELL),
          Map.entry("pwsh", Language.POWERSHELL),
          Map.entry("cmd", Language.CMD),
          Map.entry("perl", Language.PERL),
          Map.entry("ruby", Language.RUBY),
          Map.entry("php", Language.PHP),
          Map.entry("lua", Language.LUA),
          Map.entry("awk", Language.AWK));

  private static final List<String> SHELLS =
      List.of("shell", "sh", "bash", "zsh", "dash", "ksh", "ash");

  /** Whether {@code name} is a language that can be read. */
  static boolean isLanguage(String name) {
    return SHELLS.contains(name) || LANGUAGES.containsKey(name);
  }

  boolean appliesTo(String tool) {
    for (Glob glob : tools) {
      if (glob.matches(tool)) {
        return true;
      }
    }
    return false;
  }

  /** Reads the argument, if the action has it, into {@code readings}. */
  void read(Action action, Readings readings) {
    argument.any(
        action.arguments(),
        (path, value) -> {
          if (value instanceof String text) {
            read(languageOf(action), text, Origin.argument(path, text), readings);
          } else if (value instanceof List<?> words) {
            readWords(words, path, action, readings);
          } else {
            readings.cut = true;
          }
          return false;
        });
  }

  /** An argument vector: {@code ["bash", "-c", "ls"]}. */
  private void readWords(List<?> words, String path, Action action, Readings readings) {
    List<String> strings = words.stream().map(String::valueOf).toList();
    if (!strings.isEmpty() && SHELLS.contains(languageOf(action))) {
      readings.arguments(strings, new Origin(path, false, 0, 0, 0));
    }
  }

  private static void read(String name, String text, Origin origin, Readings readings) {
    if (SHELLS.contains(name)) {
      readings.shell(text, origin);
      return;
    }
    Language known = LANGUAGES.get(name);
    readings.read(known == null ? Language.OTHER : known, text, origin);
  }

  private String languageOf(Action action) {
    if (language != null) {
      return language;
    }
    String[] found = {"shell"};
    if (languageArgument != null) {
      languageArgument.any(
          action.arguments(),
          (_, value) -> {
            found[0] = String.valueOf(value).toLowerCase(Locale.ROOT);
            return true;
          });
    }
    return found[0];
  }
}
