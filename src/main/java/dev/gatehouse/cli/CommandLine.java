package dev.gatehouse.cli;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The words of an audit command.
 *
 * @param command the first word; empty if there is none
 * @param words the words that are no options
 * @param options options by name, each with a value
 */
record CommandLine(String command, List<String> words, Map<String, String> options) {
  /**
   * Takes the words apart.
   *
   * @throws IllegalArgumentException if an option has no value
   */
  static CommandLine of(String[] args) {
    List<String> words = new ArrayList<>();
    Map<String, String> options = new HashMap<>();
    for (int i = 1; i < args.length; i++) {
      if (!args[i].startsWith("--")) {
        words.add(args[i]);
      } else if (i + 1 == args.length) {
        throw new IllegalArgumentException(args[i] + " needs a value");
      } else {
        options.put(args[i].substring(2), args[++i]);
      }
    }
    return new CommandLine(args.length == 0 ? "" : args[0], words, options);
  }

  @Nullable String option(String name) {
    return options.get(name);
  }
}
