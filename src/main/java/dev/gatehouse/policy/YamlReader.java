package dev.gatehouse.policy;

import java.math.BigDecimal;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.api.lowlevel.Compose;
import org.snakeyaml.engine.v2.exceptions.Mark;
import org.snakeyaml.engine.v2.exceptions.MarkedYamlEngineException;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;
import org.snakeyaml.engine.v2.nodes.MappingNode;
import org.snakeyaml.engine.v2.nodes.Node;
import org.snakeyaml.engine.v2.nodes.NodeTuple;
import org.snakeyaml.engine.v2.nodes.ScalarNode;
import org.snakeyaml.engine.v2.nodes.SequenceNode;
import org.snakeyaml.engine.v2.nodes.Tag;

/**
 * Reads one YAML file and notes, with line and column, everything in it that is not as expected;
 * after a problem it goes on with a harmless value, so that all problems are found at once.
 */
final class YamlReader {
  private static final int LONGEST_SOURCE = 160;

  /** Values in one file, each counted as often as it is referred to. */
  private static final int MOST_VALUES = 1_000_000;

  private static final int DEEPEST = 64;

  private static final long LONGEST_WAIT_MILLIS = 30L * 86_400_000;

  private static final Pattern DURATION = Pattern.compile("(\\d{1,9})\\s*(ms|s|m|h|d)");

  private final String file;
  private final List<PolicyProblem> problems;
  private final Map<String, List<String>> groups;

  /**
   * A reader of one file.
   *
   * @param problems where problems are noted
   * @param groups the tools behind each name that stands for several
   */
  YamlReader(String file, List<PolicyProblem> problems, Map<String, List<String>> groups) {
    this.file = file;
    this.problems = problems;
    this.groups = groups;
  }

  /** The root of the document, or null if there is none that can be read. */
  @Nullable Node root(String yaml) {
    LoadSettings settings =
        LoadSettings.builder().setLabel(file).setMaxAliasesForCollections(100).build();
    try {
      Optional<Node> root = new Compose(settings).composeString(yaml);
      if (root.isEmpty()) {
        problems.add(new PolicyProblem(file, 1, 1, "the file is empty", "a mapping with 'rules'"));
      }
      int values = root.isEmpty() ? 0 : values(root.get(), 0);
      if (values <= MOST_VALUES) {
        return root.orElse(null);
      }
      problems.add(
          new PolicyProblem(
              file,
              1,
              1,
              "the file is nested too deep, or refers to its own parts too often",
              "at most " + DEEPEST + " levels and " + MOST_VALUES + " values"));
    } catch (MarkedYamlEngineException e) {
      Optional<Mark> mark = e.getProblemMark();
      problems.add(
          new PolicyProblem(
              file,
              mark.map(m -> m.getLine() + 1).orElse(1),
              mark.map(m -> m.getColumn() + 1).orElse(1),
              "YAML: " + e.getProblem(),
              "well-formed YAML"));
    } catch (YamlEngineException e) {
      problems.add(
          new PolicyProblem(file, 1, 1, "YAML: " + e.getMessage(), "one well-formed document"));
    }
    return null;
  }

  /** How many values a node holds, itself included; more than the most if it is too deep. */
  private static int values(Node node, int depth) {
    int values = 1;
    List<Node> parts = new ArrayList<>();
    if (node instanceof SequenceNode sequence) {
      parts.addAll(sequence.getValue());
    } else if (node instanceof MappingNode mapping) {
      mapping.getValue().forEach(tuple -> parts.add(tuple.getValueNode()));
    }
    if (depth > DEEPEST) {
      return MOST_VALUES + 1;
    }
    for (Node part : parts) {
      values += values(part, depth + 1);
      if (values > MOST_VALUES) {
        return MOST_VALUES + 1;
      }
    }
    return values;
  }

  void problem(Node node, String found, String expected) {
    Optional<Mark> mark = node.getStartMark();
    problems.add(
        new PolicyProblem(
            file,
            mark.map(m -> m.getLine() + 1).orElse(1),
            mark.map(m -> m.getColumn() + 1).orElse(1),
            found,
            expected));
  }

  Source source(Node node) {
    Optional<Mark> mark = node.getStartMark();
    StringBuilder text = new StringBuilder();
    render(node, text);
    if (text.length() > LONGEST_SOURCE) {
      text.setLength(LONGEST_SOURCE);
      text.append("..");
    }
    return new Source(
        file,
        mark.map(m -> m.getLine() + 1).orElse(1),
        mark.map(m -> m.getColumn() + 1).orElse(1),
        text.toString());
  }

  /** The entries of a mapping whose keys are all known, each given once. */
  Map<String, Node> fields(Node node, String what, Collection<String> known) {
    Map<String, Node> fields = new LinkedHashMap<>();
    if (!(node instanceof MappingNode mapping)) {
      problem(node, what + " is " + kind(node), "a mapping with " + String.join(", ", known));
      return fields;
    }
    for (NodeTuple tuple : mapping.getValue()) {
      Node keyNode = tuple.getKeyNode();
      String key = keyNode instanceof ScalarNode scalar ? scalar.getValue() : "?";
      if (known.isEmpty() || known.contains(key)) {
        if (fields.put(key, tuple.getValueNode()) != null) {
          problem(keyNode, "key '" + key + "' is given twice in " + what, "each key once");
        }
      } else {
        problem(keyNode, "unknown key '" + key + "' in " + what, suggestion(key, known));
      }
    }
    return fields;
  }

  /** The items of a list that is not empty; a single value counts as a list of one. */
  List<Node> items(Node node, String what) {
    return node instanceof SequenceNode ? list(node, what) : List.of(node);
  }

  /** The items of what must be a list, and not an empty one. */
  List<Node> list(Node node, String what) {
    if (!(node instanceof SequenceNode sequence)) {
      problem(node, what + " is " + kind(node), "a list");
      return List.of();
    }
    if (sequence.getValue().isEmpty()) {
      problem(node, what + " is an empty list", "at least one item");
    }
    return sequence.getValue();
  }

  String text(Node node, String what) {
    if (node instanceof ScalarNode scalar && !isNull(node)) {
      return scalar.getValue();
    }
    problem(node, what + " is " + kind(node), "a text");
    return "";
  }

  /** A time with its offset, in milliseconds; {@code fallback} if it is none. */
  long timeMillis(Node node, String what, long fallback) {
    String text = text(node, what);
    try {
      return OffsetDateTime.parse(text).toInstant().toEpochMilli();
    } catch (DateTimeException | ArithmeticException e) {
      problem(
          node, what + " is '" + text + "'", "a time such as '" + Instant.ofEpochSecond(0) + "'");
      return fallback;
    }
  }

  /** A text or a list of texts, none of them empty. */
  List<String> texts(Node node, String what) {
    List<String> texts = new ArrayList<>();
    for (Node item : items(node, what)) {
      String text = text(item, what);
      if (!text.isEmpty()) {
        texts.add(text);
      } else if (item instanceof ScalarNode && !isNull(item)) {
        problem(item, what + " is empty", "a text, or a list of at least one text");
      }
    }
    return texts;
  }

  /** Names and globs of tools; {@code @name} stands for a group of them. */
  List<String> tools(Node node) {
    List<String> tools = new ArrayList<>();
    for (String name : texts(node, "tools")) {
      List<String> group = groups.get(name.substring(1));
      if (!name.startsWith("@")) {
        tools.add(name);
      } else if (group != null) {
        tools.addAll(group);
      } else {
        problem(
            node,
            "no group of tools is named '" + name + "'",
            "a name under 'groups' in a policy file: " + String.join(", ", groups.keySet()));
      }
    }
    return tools;
  }

  boolean flag(Node node, String what) {
    String word = text(node, what);
    if (!Tag.BOOL.equals(node.getTag())) {
      problem(node, what + " is '" + word + "'", "true or false, without quotes");
    }
    return word.equals("true");
  }

  BigDecimal number(Node node, String what) {
    String word = text(node, what);
    if (Tag.INT.equals(node.getTag()) || Tag.FLOAT.equals(node.getTag())) {
      try {
        return new BigDecimal(word);
      } catch (NumberFormatException e) {
        // Infinite, or not a number: told as any other text.
      }
    }
    problem(node, what + " is '" + word + "'", "a number, without quotes");
    return BigDecimal.ZERO;
  }

  int count(Node node, String what, int least, int most) {
    BigDecimal number = number(node, what);
    if (number.stripTrailingZeros().scale() > 0
        || number.compareTo(BigDecimal.valueOf(least)) < 0
        || number.compareTo(BigDecimal.valueOf(most)) > 0) {
      problem(node, what + " is " + number, "a whole number from " + least + " to " + most);
      return least;
    }
    return number.intValue();
  }

  /** A time that somebody may wait, in milliseconds: a month at most. */
  long waitMillis(Node node, String what) {
    long millis = durationMillis(node, what);
    if (millis > LONGEST_WAIT_MILLIS) {
      problem(node, what + " is " + text(node, what), "30d at most");
    }
    return millis;
  }

  /** A length of time in milliseconds, at least 1: {@code 500ms}, {@code 30s}, {@code 10m}. */
  long durationMillis(Node node, String what) {
    String word = text(node, what);
    Matcher matcher = DURATION.matcher(word);
    long unit =
        !matcher.matches()
            ? 0
            : switch (matcher.group(2)) {
              case "ms" -> 1;
              case "s" -> 1_000;
              case "m" -> 60_000;
              case "h" -> 3_600_000;
              default -> 86_400_000;
            };
    long millis = unit == 0 ? 0 : Long.parseLong(matcher.group(1)) * unit;
    if (millis < 1) {
      problem(node, what + " is '" + word + "'", "a time such as 500ms, 30s, 10m, 8h or 7d");
      return 1;
    }
    return millis;
  }

  /** A constant by its lower-case word, with dashes for underscores. */
  <E extends Enum<E>> E word(Node node, String what, Class<E> type, E fallback) {
    String word = text(node, what);
    for (E constant : type.getEnumConstants()) {
      if (wordOf(constant).equals(word)) {
        return constant;
      }
    }
    List<String> known = Arrays.stream(type.getEnumConstants()).map(YamlReader::wordOf).toList();
    problem(node, what + " is '" + word + "'", suggestion(word, known));
    return fallback;
  }

  static String wordOf(Enum<?> constant) {
    return constant.name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  static boolean isNull(Node node) {
    return Tag.NULL.equals(node.getTag());
  }

  /** A mapping's plain copy; empty if it is none. */
  Map<String, Object> map(Node node, String what) {
    Map<String, Object> map = new LinkedHashMap<>();
    fields(node, what, List.of()).forEach((key, value) -> map.put(key, plain(value)));
    return map;
  }

  /** A plain copy: maps, lists, texts, numbers, booleans and null. */
  @Nullable Object plain(Node node) {
    if (node instanceof MappingNode mapping) {
      Map<String, @Nullable Object> map = new LinkedHashMap<>();
      for (NodeTuple tuple : mapping.getValue()) {
        map.put(text(tuple.getKeyNode(), "a key"), plain(tuple.getValueNode()));
      }
      return map;
    }
    if (node instanceof SequenceNode sequence) {
      List<@Nullable Object> list = new ArrayList<>();
      sequence.getValue().forEach(item -> list.add(plain(item)));
      return list;
    }
    Tag tag = node.getTag();
    if (Tag.NULL.equals(tag)) {
      return null;
    }
    String text = text(node, "a value");
    if (Tag.BOOL.equals(tag)) {
      return Boolean.valueOf(text);
    }
    if (Tag.INT.equals(tag) && text.matches("-?\\d{1,18}")) {
      return Long.valueOf(text);
    }
    return Tag.FLOAT.equals(tag) ? (Object) Double.valueOf(text) : text;
  }

  private static String kind(Node node) {
    return switch (node.getNodeType()) {
      case MAPPING -> "a mapping";
      case SEQUENCE -> "a list";
      case SCALAR -> isNull(node) ? "empty" : "a text";
      default -> "an anchor";
    };
  }

  /** The known words, led by the one most like what was written. */
  private static String suggestion(String word, Collection<String> known) {
    String all = "one of " + String.join(", ", known);
    return known.stream()
        .filter(k -> distance(k, word) <= Math.max(1, word.length() / 3))
        .min((a, b) -> Integer.compare(distance(a, word), distance(b, word)))
        .map(k -> "'" + k + "' (" + all + ")")
        .orElse(all);
  }

  private static int distance(String a, String b) {
    int[] row = new int[b.length() + 1];
    Arrays.setAll(row, i -> i);
    for (int i = 1; i <= a.length(); i++) {
      int diagonal = row[0];
      row[0] = i;
      for (int j = 1; j <= b.length(); j++) {
        int replace = diagonal + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
        diagonal = row[j];
        row[j] = Math.min(replace, Math.min(row[j], row[j - 1]) + 1);
      }
    }
    return row[b.length()];
  }

  private static void render(Node node, StringBuilder out) {
    if (out.length() > LONGEST_SOURCE) {
      return;
    }
    if (node instanceof MappingNode mapping) {
      String comma = "{";
      for (NodeTuple tuple : mapping.getValue()) {
        out.append(comma);
        render(tuple.getKeyNode(), out);
        out.append(": ");
        render(tuple.getValueNode(), out);
        comma = ", ";
      }
      out.append(mapping.getValue().isEmpty() ? "{}" : "}");
    } else if (node instanceof SequenceNode sequence) {
      String comma = "[";
      for (Node item : sequence.getValue()) {
        out.append(comma);
        render(item, out);
        comma = ", ";
      }
      out.append(sequence.getValue().isEmpty() ? "[]" : "]");
    } else if (node instanceof ScalarNode scalar) {
      out.append(scalar.getValue());
    }
  }
}
