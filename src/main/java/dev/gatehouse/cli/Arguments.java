package dev.gatehouse.cli;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * A command line, taken apart. What follows {@code --} is no option.
 *
 * @param command the first word; empty if there is none
 * @param words the words that are no options
 * @param options options by name; those without a value have an empty one
 */
record Arguments(String command, List<String> words, Map<String, String> options) {
  private static final Set<String> WITHOUT_VALUE = Set.of("json", "misses", "false-alarms");

  private static final Set<String> WITH_VALUE = Set.of("policies", "tool", "action");

  /**
   * Takes the words apart.
   *
   * @throws IllegalArgumentException if an option is unknown, lacks its value, or has one that it
   *     does not take
   */
  static Arguments of(String[] args) {
    List<String> words = new ArrayList<>();
    Map<String, String> options = new HashMap<>();
    boolean ended = false;
    for (int i = 1; i < args.length; i++) {
      String arg = args[i];
      if (ended || !arg.startsWith("--")) {
        words.add(arg);
        continue;
      }
      ended = arg.length() == 2;
      int equals = arg.indexOf('=');
      String name = arg.substring(2, equals < 0 ? arg.length() : equals);
      if (ended) {
        continue;
      }
      if (!WITH_VALUE.contains(name) && !WITHOUT_VALUE.contains(name)) {
        throw new IllegalArgumentException(args[0] + " has no option --" + name);
      } else if (WITHOUT_VALUE.contains(name)) {
        if (equals >= 0) {
          throw new IllegalArgumentException("option --" + name + " takes no value");
        }
        options.put(name, "");
      } else if (equals >= 0) {
        options.put(name, arg.substring(equals + 1));
      } else if (i + 1 < args.length) {
        options.put(name, args[++i]);
      } else {
        throw new IllegalArgumentException("option --" + name + " needs a value");
      }
    }
    return new Arguments(args.length == 0 ? "" : args[0], words, options);
  }

  /**
   * Checks that no option is given that the command does not take.
   *
   * @throws IllegalArgumentException naming the first option that it does not
   */
  void allow(Set<String> known) {
    options.keySet().stream()
        .filter(name -> !known.contains(name))
        .sorted()
        .findFirst()
        .ifPresent(name -> {
          throw new IllegalArgumentException(command + " has no option --" + name);
        });
  }

  String option(String name, String fallback) {
    return options.getOrDefault(name, fallback);
  }

  boolean has(String name) {
    return options.containsKey(name);
  }
}
