package dev.gatehouse.cli;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * A command line, taken apart.
 *
 * @param command the first word; empty if there is none
 * @param words the words that are no options
 * @param options options by name; those without a value have an empty one
 */
record Arguments(String command, List<String> words, Map<String, String> options) {
  private static final Set<String> WITHOUT_VALUE = Set.of("json", "misses", "false-alarms");

  static Arguments of(String[] args) {
    List<String> words = new ArrayList<>();
    Map<String, String> options = new HashMap<>();
    for (int i = 1; i < args.length; i++) {
      String arg = args[i];
      if (!arg.startsWith("--") || arg.length() == 2) {
        words.add(arg);
        continue;
      }
      String name = arg.substring(2);
      int equals = name.indexOf('=');
      if (equals > 0) {
        options.put(name.substring(0, equals), name.substring(equals + 1));
      } else if (WITHOUT_VALUE.contains(name) || i + 1 == args.length) {
        options.put(name, "");
      } else {
        options.put(name, args[++i]);
      }
    }
    return new Arguments(args.length == 0 ? "" : args[0], words, options);
  }

  String option(String name, String fallback) {
    return options.getOrDefault(name, fallback);
  }

  boolean has(String name) {
    return options.containsKey(name);
  }
}
