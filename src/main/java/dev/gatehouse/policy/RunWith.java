package dev.gatehouse.policy;

import dev.gatehouse.action.Action;
import dev.gatehouse.policy.shell.Surroundings;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Which arguments say with what a program is run. What one of them holds that is neither read nor
 * known to be nothing counts as not looked at.
 *
 * @param args its words: a list, or a text with blanks between them; null for none
 * @param stdin its standard input, a text; null for none
 * @param env its environment: values by name, or a list of {@code NAME=VALUE}; null for none
 * @param cwd the names under which tools are told where it is run, a text
 */
record RunWith(
    @Nullable ArgumentPath args,
    @Nullable ArgumentPath stdin,
    @Nullable ArgumentPath env,
    List<ArgumentPath> cwd) {

  /**
   * Tells {@code readings} what the texts of an action are run with, and reads what variables mean
   * by themselves.
   *
   * @return the words
   */
  List<String> prepare(Action action, Readings readings) {
    Map<String, Object> arguments = action.arguments();
    List<String> words = new ArrayList<>(0);
    Map<String, String> variables = new LinkedHashMap<>(0);
    String[] input = {null};
    String[] directory = {null};
    each(args, arguments, (_, value) -> readings.cut |= !words(value, words));
    each(env, arguments, (_, value) -> readings.cut |= !variables(value, variables));
    each(
        stdin,
        arguments,
        (_, value) -> {
          if (value instanceof String text) {
            input[0] = text.isEmpty() ? null : text;
          } else {
            readings.cut = true;
          }
        });
    for (ArgumentPath name : cwd) {
      each(
          name,
          arguments,
          (_, value) -> {
            readings.cut |= directory[0] != null || !(value instanceof String);
            directory[0] = String.valueOf(value);
          });
    }
    if (!variables.isEmpty() && env != null) {
      readings.shell(assigned(variables), new Origin(env.toString(), false, 0, 0, 0));
    }
    if (input[0] != null || !words.isEmpty() || !variables.isEmpty() || directory[0] != null) {
      readings.around = new Surroundings(input[0], variables, words, directory[0]);
    }
    return words;
  }

  private interface Use {
    void take(String path, Object value);
  }

  private static void each(@Nullable ArgumentPath path, Map<String, Object> arguments, Use use) {
    if (path != null) {
      path.any(
          arguments,
          (at, value) -> {
            if (value != null) {
              use.take(at, value);
            }
            return false;
          });
    }
  }

  private static boolean words(Object value, List<String> into) {
    if (value instanceof String text) {
      into.addAll(text.isBlank() ? List.of() : List.of(text.strip().split("\\s+")));
      return true;
    }
    if (!(value instanceof List<?> list)) {
      return false;
    }
    for (Object item : list) {
      into.add(String.valueOf(item));
    }
    return list.stream().noneMatch(item -> item instanceof Map || item instanceof List);
  }

  private static boolean variables(Object value, Map<String, String> into) {
    if (value instanceof Map<?, ?> map) {
      map.forEach((name, text) -> into.put(String.valueOf(name), String.valueOf(text)));
      return map.values().stream().noneMatch(text -> text instanceof Map || text instanceof List);
    }
    if (!(value instanceof List<?> list)) {
      return false;
    }
    boolean all = true;
    for (Object item : list) {
      if (item instanceof String text && text.indexOf('=') > 0) {
        into.put(text.substring(0, text.indexOf('=')), text.substring(text.indexOf('=') + 1));
      } else {
        all = false;
      }
    }
    return all;
  }

  /** The variables as a shell would be told them: before a command, and for all that follow. */
  private static String assigned(Map<String, String> variables) {
    StringBuilder text = new StringBuilder();
    variables.forEach((name, value) -> {
      if (isName(name)) {
        text.append(name).append('=').append(quoted(value)).append(' ');
      }
    });
    text.append("export");
    variables.forEach((name, value) -> text.append(' ').append(quoted(name + "=" + value)));
    return text.toString();
  }

  private static boolean isName(String name) {
    return name.chars().allMatch(c -> c == '_' || (c < 128 && Character.isLetterOrDigit(c)))
        && !name.isEmpty()
        && !Character.isDigit(name.charAt(0));
  }

  private static String quoted(String value) {
    return "'" + value.replace("'", "'\\''") + "'";
  }
}
