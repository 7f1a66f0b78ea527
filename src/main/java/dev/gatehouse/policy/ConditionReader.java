package dev.gatehouse.policy;

import dev.gatehouse.action.Hours;
import dev.gatehouse.policy.ValueCondition.Origin;
import dev.gatehouse.policy.ValueCondition.ValueTest;
import dev.gatehouse.policy.python.PythonFact;
import dev.gatehouse.policy.shell.Language;
import dev.gatehouse.policy.shell.ShellFact;
import java.math.BigDecimal;
import java.time.DateTimeException;
import java.time.DayOfWeek;
import java.time.LocalTime;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.snakeyaml.engine.v2.nodes.Node;
import org.snakeyaml.engine.v2.nodes.SequenceNode;

/**
 * Reads conditions: a mapping whose parts must all hold, or a list of such mappings that must all
 * hold.
 */
final class ConditionReader {
  private static final List<String> NUMBERS =
      List.of("above", "below", "at-least", "at-most", "size");

  /** The keys that look at one value; operators beside them test it. */
  private static final List<String> VALUES = List.of("argument", "context", "annotation", "actor");

  private static final List<String> PARTS =
      List.of(
          "all",
          "any",
          "not",
          "is",
          "text",
          "executed-text",
          "code",
          "shell",
          "shell-fact",
          "python",
          "python-fact",
          "imports",
          "attribute",
          "time",
          "cel");

  static final List<String> KEYS =
      ProgramTestReader.concat(
          ProgramTestReader.concat(VALUES, PARTS),
          ProgramTestReader.concat(
              ProgramTestReader.concat(List.of("exists"), NUMBERS),
              TextTestReader.OPERATORS.stream().filter(o -> !PARTS.contains(o)).toList()));

  private static final List<String> OF_ACTOR = List.of("tenant", "name", "role", "session", "tool");

  private final YamlReader yaml;
  private final TextTestReader texts;
  private final ProgramTestReader programs;
  private final Map<String, Condition> named;

  ConditionReader(YamlReader yaml, TextTestReader texts, Map<String, Condition> named) {
    this.yaml = yaml;
    this.texts = texts;
    this.programs = new ProgramTestReader(yaml, texts);
    this.named = named;
  }

  Condition read(Node node) {
    Source source = yaml.source(node);
    if (node instanceof SequenceNode sequence) {
      return new Condition.All(source, list(sequence, "a condition"));
    }
    Map<String, Node> fields = new LinkedHashMap<>(yaml.fields(node, "a condition", KEYS));
    List<Condition> parts = new ArrayList<>();
    boolean ofValue = VALUES.stream().anyMatch(fields::containsKey);
    for (String key : List.copyOf(fields.keySet())) {
      Node value = fields.get(key);
      // Beside a value, words that both conditions and texts know speak of the value's text.
      boolean operator = ofValue && TextTestReader.OPERATORS.contains(key);
      if (PARTS.contains(key) && !operator && value != null) {
        parts.add(part(key, value));
        fields.remove(key);
      }
    }
    if (!fields.isEmpty()) {
      parts.add(value(fields, node, source));
    }
    if (parts.isEmpty()) {
      yaml.problem(node, "an empty condition", "at least one of " + KEYS);
      return new Condition.Always(source);
    }
    return parts.size() == 1 ? parts.getFirst() : new Condition.All(source, parts);
  }

  private Condition part(String key, Node node) {
    Source source = yaml.source(node);
    return switch (key) {
      case "all" -> new Condition.All(source, list(node, key));
      case "any" -> new Condition.Any(source, list(node, key));
      case "not" -> new Condition.Not(source, read(node));
      case "is" -> reference(node, source);
      case "text" -> new TextCondition(source, Set.of(), texts.read(node, key));
      case "executed-text" -> new ExecutedTextCondition(source, texts.read(node, key));
      case "code" -> code(node, source);
      case "shell" -> new ShellCondition(source, programs.command(node));
      case "shell-fact" ->
          new ShellCondition.Fact(source, programs.words(node, key, ShellFact.class));
      case "python" -> new PythonCondition(source, programs.call(node));
      case "python-fact" ->
          new PythonCondition.Fact(source, programs.words(node, key, PythonFact.class));
      case "imports" -> new PythonCondition.Imports(source, texts.read(node, key));
      case "attribute" -> new PythonCondition.Attribute(source, texts.read(node, key));
      case "time" -> new TimeCondition(source, hours(node, "time"));
      default -> cel(node, source);
    };
  }

  private List<Condition> list(Node node, String what) {
    return yaml.list(node, what).stream().map(this::read).toList();
  }

  private Condition reference(Node node, Source source) {
    String name = yaml.text(node, "is");
    Condition known = named.get(name);
    if (known == null) {
      yaml.problem(
          node,
          "no condition is named '" + name + "'",
          "a name under 'conditions' in a policy file: " + String.join(", ", named.keySet()));
      return new Condition.Always(source);
    }
    return known;
  }

  private Condition code(Node node, Source source) {
    List<String> known = ProgramTestReader.concat(List.of("language"), TextTestReader.OPERATORS);
    Map<String, Node> fields = new LinkedHashMap<>(yaml.fields(node, "code", known));
    Node language = fields.remove("language");
    TextTest test = texts.read(fields, "code");
    if (language == null || test == null) {
      yaml.problem(node, "code is incomplete", "language: NAME, and a test of the text");
    }
    Set<Language> languages =
        language == null
            ? Set.of(Language.OTHER)
            : programs.words(language, "language", Language.class);
    return new TextCondition(source, languages, test == null ? new TextTest.All(List.of()) : test);
  }

  private Condition value(Map<String, Node> fields, Node node, Source source) {
    List<String> places = VALUES.stream().filter(fields::containsKey).toList();
    Node place = places.isEmpty() ? null : fields.get(places.getFirst());
    if (places.size() != 1 || place == null) {
      yaml.problem(
          node,
          places.isEmpty() ? "operators without a value to test" : "several values in one place",
          "exactly one of " + VALUES);
      return new Condition.Always(source);
    }
    String kind = places.getFirst();
    String name = yaml.text(place, kind);
    if (kind.equals("actor") && !OF_ACTOR.contains(name)) {
      yaml.problem(place, "actor has no '" + name + "'", "one of " + OF_ACTOR);
    }
    Node exists = fields.get("exists");
    boolean wanted = exists == null || yaml.flag(exists, "exists");
    ValueTest test = test(fields);
    if (exists == null && test.text() == null && test.least() == null && test.most() == null) {
      yaml.problem(node, kind + " '" + name + "' is not tested", "an operator, such as equals");
    }
    Origin origin =
        switch (kind) {
          case "argument" -> Origin.ARGUMENT;
          case "actor" -> Origin.ACTOR;
          default -> Origin.CONTEXT;
        };
    return new ValueCondition(
        source,
        origin,
        path(place, kind.equals("annotation") ? ValueCondition.ANNOTATIONS + "." + name : name),
        test,
        wanted);
  }

  private ValueTest test(Map<String, Node> fields) {
    Node above = fields.get("above");
    Node below = fields.get("below");
    Node size = fields.get("size");
    boolean strict = above != null || below != null;
    Node least = strict ? above : fields.get("at-least");
    Node most = strict ? below : fields.get("at-most");
    if (strict && (fields.containsKey("at-least") || fields.containsKey("at-most"))) {
      Node wrong = fields.getOrDefault("at-least", fields.get("at-most"));
      if (wrong != null) {
        yaml.problem(wrong, "above or below beside at-least or at-most", "one pair of the two");
      }
    }
    if (size != null && least == null && most == null) {
      yaml.problem(size, "size without bounds", "one of above, below, at-least, at-most");
    }
    return new ValueTest(
        texts.read(fields, "a value"),
        number(least),
        number(most),
        strict,
        size != null && yaml.flag(size, "size"));
  }

  private @Nullable BigDecimal number(@Nullable Node node) {
    return node == null ? null : yaml.number(node, "the bound");
  }

  ArgumentPath path(Node node, String text) {
    try {
      return ArgumentPath.of(text);
    } catch (IllegalArgumentException e) {
      yaml.problem(node, "path " + e.getMessage(), "a path such as a.b, files[0].name, a[*] or **");
      return ArgumentPath.of("x");
    }
  }

  /** Some hours of the week. */
  Hours hours(Node node, String what) {
    Map<String, Node> fields = yaml.fields(node, what, List.of("from", "to", "days", "zone"));
    if (fields.isEmpty()) {
      yaml.problem(node, what + " tells nothing", "from, to, days or zone");
    }
    Set<DayOfWeek> days = new LinkedHashSet<>();
    Node dayNode = fields.get("days");
    if (dayNode != null) {
      days.addAll(programs.words(dayNode, "days", DayOfWeek.class));
    }
    return new Hours(
        clock(fields.get("from"), LocalTime.MIN),
        clock(fields.get("to"), LocalTime.MIN),
        days,
        zone(fields.get("zone")));
  }

  private LocalTime clock(@Nullable Node node, LocalTime fallback) {
    if (node == null) {
      return fallback;
    }
    String text = yaml.text(node, "time");
    try {
      return LocalTime.parse(text);
    } catch (DateTimeException e) {
      yaml.problem(node, "time is '" + text + "'", "a quoted time of day such as '22:00'");
      return fallback;
    }
  }

  private ZoneId zone(@Nullable Node node) {
    if (node == null) {
      return ZoneId.of("UTC");
    }
    String text = yaml.text(node, "zone");
    try {
      return ZoneId.of(text);
    } catch (DateTimeException e) {
      yaml.problem(node, "zone is '" + text + "'", "a time zone such as UTC or Europe/Berlin");
      return ZoneId.of("UTC");
    }
  }

  private Condition cel(Node node, Source source) {
    String expression = yaml.text(node, "cel");
    try {
      return CelCondition.compile(source, expression);
    } catch (IllegalArgumentException e) {
      yaml.problem(
          node,
          "cel: " + e.getMessage(),
          "a true-or-false expression over tool, session, actor, arguments and context");
      return new Condition.Always(source);
    }
  }
}
