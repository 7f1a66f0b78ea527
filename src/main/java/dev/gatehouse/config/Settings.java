package dev.gatehouse.config;

import java.math.BigDecimal;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.api.lowlevel.Compose;
import org.snakeyaml.engine.v2.exceptions.MarkedYamlEngineException;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;
import org.snakeyaml.engine.v2.nodes.MappingNode;
import org.snakeyaml.engine.v2.nodes.Node;
import org.snakeyaml.engine.v2.nodes.NodeTuple;
import org.snakeyaml.engine.v2.nodes.ScalarNode;
import org.snakeyaml.engine.v2.nodes.SequenceNode;
import org.snakeyaml.engine.v2.nodes.Tag;

/**
 * The raw settings: a YAML file, overridden key by key by environment variables.
 *
 * <p>The variable of key {@code sandbox.memoryMiB} is {@code GATEHOUSE_SANDBOX_MEMORY_MIB}. Reading
 * a key marks it as known; {@link #finish()} reports every fault at once, keys that nobody read
 * among them. Confined to one thread.
 */
final class Settings {
  static final String PREFIX = "GATEHOUSE_";

  /** Variables that belong to the launcher or to clients, such as the examples, and to no key. */
  private static final Set<String> OTHERS_VARIABLES =
      Set.of(
          "GATEHOUSE_CONFIG",
          "GATEHOUSE_JAVA_OPTS",
          "GATEHOUSE_JVM_DIRECTORY",
          "GATEHOUSE_URL",
          "GATEHOUSE_KEY",
          "GATEHOUSE_APPROVER_KEY");

  /** Sections within sections; an alias can make a mapping contain itself. */
  private static final int MAX_DEPTH = 8;

  /** Where somebody may have written the secret itself by mistake. */
  private static final Set<String> SECRET_FIELDS = Set.of("keys.sha256");

  /** A scalar or list, and where it was written. */
  private record Value(Node node, String place) {}

  private final Map<String, Value> values = new LinkedHashMap<>();
  private final Set<String> known = new HashSet<>();
  private final List<String> faults = new ArrayList<>();
  private final Map<String, String> environment;

  private Settings(Map<String, String> environment) {
    this.environment = environment;
  }

  /**
   * Parses the file's text.
   *
   * @param name the file's name as shown in faults
   */
  static Settings parse(String name, String text, Map<String, String> environment) {
    Settings settings = new Settings(environment);
    try {
      compose(name, text).ifPresent(root -> settings.flatten(name, "", root, 0));
    } catch (MarkedYamlEngineException e) {
      int line = e.getProblemMark().map(mark -> mark.getLine() + 1).orElse(0);
      settings.faults.add(name + ":" + line + ": not YAML: " + e.getProblem());
    } catch (YamlEngineException e) {
      settings.faults.add(name + ": not YAML: " + e.getMessage());
    }
    return settings;
  }

  private static Optional<Node> compose(String name, String text) {
    return new Compose(LoadSettings.builder().setLabel(name).setAllowDuplicateKeys(false).build())
        .composeString(text);
  }

  private void flatten(String file, String path, Node node, int depth) {
    String place = place(file, node);
    if (depth > MAX_DEPTH) {
      fault(place, path.substring(0, path.length() - 1), "nested too deeply");
    } else if (node instanceof MappingNode mapping) {
      Set<String> seen = new HashSet<>();
      for (NodeTuple tuple : mapping.getValue()) {
        String key = tuple.getKeyNode() instanceof ScalarNode scalar ? scalar.getValue() : "?";
        if (!seen.add(key)) {
          faults.add(place(file, tuple.getKeyNode()) + ": " + path + key + " is written twice");
        }
        flatten(file, path + key + ".", tuple.getValueNode(), depth + 1);
      }
    } else if (path.isEmpty()) {
      faults.add(place + ": expected keys and values at the top of the file");
    } else {
      values.put(path.substring(0, path.length() - 1), new Value(node, place));
    }
  }

  private static String place(String file, Node node) {
    return file + ":" + node.getStartMark().map(mark -> mark.getLine() + 1).orElse(0);
  }

  /** A whole number between {@code min} and {@code max}, both allowed. */
  int integer(String key, int min, int max, int otherwise) {
    return (int) wholeNumber(key, min, max, otherwise);
  }

  /** As {@link #integer}, wider. */
  long wholeNumber(String key, long min, long max, long otherwise) {
    String expected = "a whole number from " + min + " to " + max;
    return scalar(
        key,
        expected,
        otherwise,
        text -> {
          long number = Long.parseLong(text);
          return number < min || number > max ? null : number;
        });
  }

  /** A decimal number between {@code min} and {@code max}, both allowed. */
  double decimal(String key, double min, double max, double otherwise) {
    return scalar(
        key,
        "a number from " + min + " to " + max,
        otherwise,
        text -> {
          double number = new BigDecimal(text).doubleValue();
          return number < min || number > max ? null : number;
        });
  }

  boolean bool(String key, boolean otherwise) {
    return scalar(
        key,
        "true or false",
        otherwise,
        text ->
            switch (text) {
              case "true" -> true;
              case "false" -> false;
              default -> null;
            });
  }

  String text(String key, String otherwise) {
    return scalar(key, "text", otherwise, text -> text.isBlank() ? null : text);
  }

  /** Text that may be left out. */
  @Nullable String optionalText(String key) {
    known.add(key);
    return find(key) == null ? null : text(key, "");
  }

  Path path(String key, Path otherwise) {
    return scalar(key, "a path", otherwise, text -> text.isBlank() ? null : Path.of(text));
  }

  /** A path that may be left out. */
  @Nullable Path optionalPath(String key) {
    String text = optionalText(key);
    return text == null || text.isEmpty() ? null : Path.of(text).toAbsolutePath();
  }

  /** A list of texts that may be left out, each of them fit. */
  List<String> texts(String key, String expected, Predicate<String> isFit) {
    known.add(key);
    Value value = find(key);
    return value == null
        ? List.of()
        : parseTexts(value.place(), key, value.node(), expected, isFit);
  }

  private List<String> parseTexts(
      String place, String key, Node node, String expected, Predicate<String> isFit) {
    List<String> texts = scalars(node);
    if (texts.isEmpty() || !texts.stream().allMatch(isFit)) {
      fault(place, key, "expected " + expected);
      return List.of();
    }
    return List.copyOf(texts);
  }

  /** What is in a list; empty for what is no text; nothing where it is no list. */
  private static List<String> scalars(Node node) {
    return node instanceof SequenceNode sequence
        ? sequence.getValue().stream()
            .map(item -> item instanceof ScalarNode scalar ? scalar.getValue() : "")
            .toList()
        : List.of();
  }

  /** One of the constants' words. */
  <E extends Enum<E>> E oneOf(String key, Class<E> type, E otherwise) {
    return scalar(key, "one of " + words(type), otherwise, text -> parseWord(type, text));
  }

  /** A list of words, each of them one of {@code allowed} and there once; not empty. */
  List<String> words(String key, List<String> allowed, List<String> otherwise) {
    known.add(key);
    Value value = find(key);
    return value == null
        ? otherwise
        : parseWords(value.place(), key, value.node(), allowed, otherwise);
  }

  private List<String> parseWords(
      String place, String key, Node node, List<String> allowed, List<String> otherwise) {
    List<String> words = scalars(node);
    if (words.isEmpty()
        || !allowed.containsAll(words)
        || new HashSet<>(words).size() < words.size()) {
      fault(place, key, "expected a list of some of " + allowed);
      return otherwise;
    }
    return List.copyOf(words);
  }

  /** A list of mappings, each turned into an entry by {@code read}, which may report faults. */
  <T> List<T> entries(String key, Function<Entry, T> read) {
    known.add(key);
    Value value = find(key);
    if (value == null) {
      return List.of();
    }
    if (!(value.node() instanceof SequenceNode sequence)) {
      fault(value.place(), key, "expected a list");
      return List.of();
    }
    List<T> entries = new ArrayList<>();
    for (Node item : sequence.getValue()) {
      String file = value.place().replaceFirst(":\\d+$", "");
      String place = place(file, item);
      if (item instanceof MappingNode mapping) {
        Entry entry = new Entry(key, file, mapping);
        entries.add(read.apply(entry));
        entry.refuseUnread();
      } else {
        fault(place, key, "expected entries with keys and values");
      }
    }
    return entries;
  }

  /** Adds a fault that only the reader of several keys can see. */
  void refuse(String key, String reason) {
    Value value = find(key);
    fault(value == null ? "default" : value.place(), key, reason);
  }

  /** Throws if anything was wrong, with everything that was wrong. */
  void finish() {
    values.forEach((key, value) -> {
      if (!known.contains(key)) {
        refuseUnknown(key, value);
      }
    });
    environment.keySet().stream()
        .filter(name -> name.startsWith(PREFIX) && !OTHERS_VARIABLES.contains(name))
        .filter(name -> known.stream().noneMatch(key -> variable(key).equals(name)))
        .sorted()
        .forEach(name -> fault("environment", name, "no key has this variable"));
    if (!faults.isEmpty()) {
      throw new ConfigException(faults);
    }
  }

  /** A section whose keys are all left out is none. */
  private void refuseUnknown(String key, Value value) {
    boolean section = known.stream().anyMatch(other -> other.startsWith(key + "."));
    if (!section) {
      fault(value.place(), key, "no such key" + suggestion(key));
    } else if (!value.node().getTag().equals(Tag.NULL)) {
      fault(value.place(), key, "expected keys below it");
    }
  }

  /** The keys that were read. */
  Set<String> knownKeys() {
    return Set.copyOf(known);
  }

  /** The environment variable that overrides {@code key}. */
  static String variable(String key) {
    String snake = key.replaceAll("([a-z0-9])([A-Z])", "$1_$2").replace("Mi_B", "MIB");
    return PREFIX + snake.replace('.', '_').toUpperCase(Locale.ROOT);
  }

  private <T> T scalar(
      String key, String expected, T otherwise, Function<String, @Nullable T> parse) {
    known.add(key);
    Value value = find(key);
    if (value == null) {
      return otherwise;
    }
    return parseScalar(value.place(), key, value.node(), expected, otherwise, parse);
  }

  private <T> T parseScalar(
      String place,
      String key,
      Node node,
      String expected,
      T otherwise,
      Function<String, @Nullable T> parse) {
    if (!(node instanceof ScalarNode scalar) || scalar.getTag().equals(Tag.NULL)) {
      fault(place, key, "expected " + expected);
      return otherwise;
    }
    try {
      T parsed = parse.apply(scalar.getValue());
      if (parsed != null) {
        return parsed;
      }
    } catch (IllegalArgumentException e) {
      // The same fault as a value out of range: said below.
    }
    String found = SECRET_FIELDS.contains(key) ? "" : ", found \"" + scalar.getValue() + "\"";
    fault(place, key, "expected " + expected + found);
    return otherwise;
  }

  private @Nullable Value find(String key) {
    String name = variable(key);
    String override = environment.get(name);
    if (override == null) {
      return values.get(key);
    }
    String place = "environment " + name;
    try {
      Node node = compose(name, override).orElse(null);
      if (node instanceof SequenceNode) {
        return new Value(node, place);
      }
    } catch (YamlEngineException e) {
      // Not a list: taken as plain text below.
    }
    return new Value(
        new ScalarNode(Tag.STR, override, org.snakeyaml.engine.v2.common.ScalarStyle.PLAIN), place);
  }

  private void fault(String place, String key, String reason) {
    faults.add(place + ": " + key + ": " + reason);
  }

  private String suggestion(String key) {
    return known.stream()
        .filter(other -> other.equalsIgnoreCase(key) || distance(other, key) <= 2)
        .findFirst()
        .map(other -> ", did you mean " + other + "?")
        .orElse("");
  }

  /** Levenshtein distance; keys are short. */
  private static int distance(String a, String b) {
    int[] row = new int[b.length() + 1];
    for (int j = 0; j <= b.length(); j++) {
      row[j] = j;
    }
    for (int i = 1; i <= a.length(); i++) {
      int diagonal = row[0];
      row[0] = i;
      for (int j = 1; j <= b.length(); j++) {
        int substitution = diagonal + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
        diagonal = row[j];
        row[j] = Math.min(substitution, Math.min(row[j], row[j - 1]) + 1);
      }
    }
    return row[b.length()];
  }

  private static <E extends Enum<E>> List<String> words(Class<E> type) {
    List<String> words = new ArrayList<>();
    for (E constant : type.getEnumConstants()) {
      words.add(constant.name().toLowerCase(Locale.ROOT).replace('_', '-'));
    }
    return words;
  }

  private static <E extends Enum<E>> E parseWord(Class<E> type, String word) {
    int index = words(type).indexOf(word);
    if (index < 0) {
      throw new IllegalArgumentException(word);
    }
    return type.getEnumConstants()[index];
  }

  /** One mapping inside a list. */
  final class Entry {
    private final String key;
    private final String place;
    private final Map<String, Node> fields = new LinkedHashMap<>();

    private Entry(String key, String file, MappingNode mapping) {
      this.key = key;
      this.place = place(file, mapping);
      for (NodeTuple tuple : mapping.getValue()) {
        String field = tuple.getKeyNode() instanceof ScalarNode scalar ? scalar.getValue() : "?";
        if (fields.put(field, tuple.getValueNode()) != null) {
          faults.add(
              place(file, tuple.getKeyNode()) + ": " + key + "." + field + " is written twice");
        }
      }
    }

    /** A field that must be there. */
    <T> T required(String field, String expected, T otherwise, Function<String, @Nullable T> read) {
      if (!fields.containsKey(field)) {
        fault(place, key + "." + field, "is missing, expected " + expected);
        return otherwise;
      }
      return optional(field, expected, otherwise, read);
    }

    /** A field that may be left out. */
    <T> T optional(String field, String expected, T otherwise, Function<String, @Nullable T> read) {
      Node node = fields.remove(field);
      return node == null
          ? otherwise
          : parseScalar(place, key + "." + field, node, expected, otherwise, read);
    }

    /** A whole number from {@code min} to {@code max} that may be left out. */
    int integer(String field, int min, int max, int otherwise) {
      return optional(
          field,
          "a whole number from " + min + " to " + max,
          otherwise,
          text -> {
            int number = Integer.parseInt(text);
            return number < min || number > max ? null : number;
          });
    }

    /** A number from {@code min} to {@code max} that may be left out. */
    double decimal(String field, double min, double max, double otherwise) {
      return optional(
          field,
          "a number from " + min + " to " + max,
          otherwise,
          text -> {
            double number = new BigDecimal(text).doubleValue();
            return number < min || number > max ? null : number;
          });
    }

    /** As {@link Settings#words}. */
    List<String> words(String field, List<String> allowed, List<String> otherwise) {
      Node node = fields.remove(field);
      return node == null
          ? otherwise
          : parseWords(place, key + "." + field, node, allowed, otherwise);
    }

    /** A list of texts that may be left out, each of them fit. */
    List<String> texts(String field, String expected, Predicate<String> isFit) {
      Node node = fields.remove(field);
      if (node == null) {
        return List.of();
      }
      return parseTexts(place, key + "." + field, node, expected, isFit);
    }

    <E extends Enum<E>> E requiredWord(String field, Class<E> type, E otherwise) {
      return required(
          field, "one of " + Settings.words(type), otherwise, text -> parseWord(type, text));
    }

    private void refuseUnread() {
      fields.keySet().forEach(field -> fault(place, key + "." + field, "no such key"));
    }
  }
}
