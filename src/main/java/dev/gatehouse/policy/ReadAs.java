package dev.gatehouse.policy;

import dev.gatehouse.action.Action;
import dev.gatehouse.policy.match.Glob;
import dev.gatehouse.policy.shell.Language;
import dev.gatehouse.policy.shell.Surroundings;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Says that an argument of some tools is program text.
 *
 * @param tools globs of tool names
 * @param argument the argument that holds the text
 * @param language the language, {@code shell} or a name of {@link #LANGUAGES}; null if {@code
 *     languageArgument} names it
 * @param languageArgument the argument that names the language; null if it is fixed
 * @param beside the arguments that say with what the text is run
 */
record ReadAs(
    List<Glob> tools,
    ArgumentPath argument,
    @Nullable String language,
    @Nullable ArgumentPath languageArgument,
    RunWith beside) {

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

  /** Languages whose words behind a command are part of it, and not data that a program gets. */
  private static final List<Language> COMMAND_LINES = List.of(Language.POWERSHELL, Language.CMD);

  private static final Pattern ONE_WORD = Pattern.compile("\\S+");

  /** Words that a shell would take as they are. */
  private static final Pattern PLAIN = Pattern.compile("[\\w@%+=:,./ -]*");

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
          List<String> words = beside.prepare(action, readings);
          String name = languageOf(action);
          if (value instanceof String text) {
            read(name, text, Origin.argument(path, text), readings);
            if (!words.isEmpty()) {
              readTogether(
                  name, text, words, new Origin(path, false, 0, text.length(), 0), readings);
            }
          } else if (value instanceof List<?> vector) {
            List<String> all = new ArrayList<>();
            vector.forEach(word -> all.add(String.valueOf(word)));
            all.addAll(words);
            readWords(name, all, new Origin(path, false, 0, 0, 0), readings);
          } else {
            readings.cut = true;
          }
          readings.around = Surroundings.NONE;
          return false;
        });
  }

  /**
   * A text and the words behind it: run as they are, and put together for a shell too, if that may
   * make a difference.
   */
  private static void readTogether(
      String name, String text, List<String> words, Origin origin, Readings readings) {
    String together = text + " " + String.join(" ", words);
    if (SHELLS.contains(name)) {
      List<String> vector = new ArrayList<>();
      vector.add(text);
      vector.addAll(words);
      if (text.indexOf('\n') < 0) {
        readings.arguments(vector, origin);
      }
      if (!ONE_WORD.matcher(text).matches() || !PLAIN.matcher(together).matches()) {
        readings.shell(together, origin);
      }
    } else if (COMMAND_LINES.contains(LANGUAGES.get(name))) {
      read(name, together, origin.inner(0, text.length()), readings);
    }
  }

  /** An argument vector: {@code ["bash", "-c", "ls"]}. */
  private static void readWords(String name, List<String> words, Origin origin, Readings readings) {
    if (!words.isEmpty() && SHELLS.contains(name)) {
      readings.arguments(words, origin);
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
