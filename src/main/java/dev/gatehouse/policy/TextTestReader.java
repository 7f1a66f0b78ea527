package dev.gatehouse.policy;

import dev.gatehouse.policy.TextTest.Part.Place;
import dev.gatehouse.policy.match.Glob;
import dev.gatehouse.policy.match.SearchPattern;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.snakeyaml.engine.v2.nodes.MappingNode;
import org.snakeyaml.engine.v2.nodes.Node;

/**
 * Reads tests of texts: a mapping of operators that must all hold, or, as a shorthand, a text or
 * list of texts that are globs.
 */
final class TextTestReader {
  /** The operators on texts. */
  static final List<String> OPERATORS =
      List.of(
          "equals",
          "in",
          "contains",
          "starts",
          "ends",
          "glob",
          "path",
          "path-regex",
          "regex",
          "longer",
          "shorter",
          "unknown",
          "is",
          "not",
          "all",
          "any",
          "ignore-case");

  private final YamlReader yaml;
  private final Map<String, TextTest> named;
  private final Map<String, SearchPattern> patterns;
  private final Map<String, Source> places;

  /**
   * A reader.
   *
   * @param named the named tests that {@code is} may refer to
   * @param patterns every pattern that was compiled, by its text
   * @param places where each pattern was first used
   */
  TextTestReader(
      YamlReader yaml,
      Map<String, TextTest> named,
      Map<String, SearchPattern> patterns,
      Map<String, Source> places) {
    this.yaml = yaml;
    this.named = named;
    this.patterns = patterns;
    this.places = places;
  }

  TextTest read(Node node, String what) {
    if (!(node instanceof MappingNode)) {
      return new TextTest.Globs(globs(yaml.texts(node, what)), false);
    }
    TextTest test = read(yaml.fields(node, what, OPERATORS), what);
    if (test == null) {
      yaml.problem(node, what + " tests nothing", "at least one of " + OPERATORS);
      return new TextTest.All(List.of());
    }
    return test;
  }

  /** The operators among {@code fields}, or null if there are none. */
  @Nullable TextTest read(Map<String, Node> fields, String what) {
    Node caseNode = fields.get("ignore-case");
    boolean ignoreCase = caseNode != null && yaml.flag(caseNode, "ignore-case");
    List<TextTest> tests = new ArrayList<>();
    Map<String, Node> rest = new LinkedHashMap<>(fields);
    rest.remove("ignore-case");
    rest.forEach((key, node) -> {
      if (OPERATORS.contains(key)) {
        tests.add(operator(key, node, what, ignoreCase));
      }
    });
    return tests.isEmpty() ? null : tests.size() == 1 ? tests.getFirst() : new TextTest.All(tests);
  }

  private TextTest operator(String key, Node node, String what, boolean ignoreCase) {
    return switch (key) {
      case "equals", "in" -> new TextTest.Equal(values(node, key, ignoreCase), ignoreCase);
      case "contains" -> part(Place.ANYWHERE, node, key, ignoreCase);
      case "starts" -> part(Place.START, node, key, ignoreCase);
      case "ends" -> part(Place.END, node, key, ignoreCase);
      case "glob" ->
          new TextTest.Globs(globs(List.copyOf(values(node, key, ignoreCase))), ignoreCase);
      case "path" ->
          new TextTest.Paths(globs(yaml.texts(node, key)).stream().map(PathGlob::of).toList());
      case "path-regex" -> regex(node, TextTest.PathRegex::new);
      case "regex" -> regex(node, TextTest.Regex::new);
      case "longer" -> new TextTest.Length(yaml.count(node, key, 0, 1 << 30) + 1L, Long.MAX_VALUE);
      case "shorter" -> new TextTest.Length(0, yaml.count(node, key, 1, 1 << 30) - 1L);
      case "unknown" -> new TextTest.Unknown(yaml.flag(node, key));
      case "is" -> reference(node);
      case "not" -> new TextTest.Not(read(node, what));
      case "all" ->
          new TextTest.All(yaml.list(node, key).stream().map(item -> read(item, what)).toList());
      default ->
          new TextTest.Any(yaml.list(node, key).stream().map(item -> read(item, what)).toList());
    };
  }

  private TextTest part(Place place, Node node, String key, boolean ignoreCase) {
    return new TextTest.Part(place, List.copyOf(values(node, key, ignoreCase)), ignoreCase);
  }

  private Set<String> values(Node node, String key, boolean ignoreCase) {
    Set<String> values = new LinkedHashSet<>();
    for (String text : yaml.texts(node, key)) {
      values.add(ignoreCase ? text.toLowerCase(Locale.ROOT) : text);
    }
    return values;
  }

  private TextTest regex(Node node, Function<SearchPattern, TextTest> test) {
    List<TextTest> tests = new ArrayList<>();
    for (Node item : yaml.items(node, "regex")) {
      String regex = yaml.text(item, "regex");
      SearchPattern known = patterns.get(regex);
      try {
        known = known == null ? SearchPattern.compile(regex) : known;
        patterns.put(regex, known);
        places.putIfAbsent(regex, yaml.source(item));
        tests.add(test.apply(known));
      } catch (IllegalArgumentException e) {
        yaml.problem(
            item,
            "regex '" + regex + "': " + e.getMessage(),
            "a pattern that searches in linear time: no look-around, no back references");
      }
    }
    return tests.size() == 1 ? tests.getFirst() : new TextTest.Any(tests);
  }

  private TextTest reference(Node node) {
    List<TextTest> tests = new ArrayList<>();
    for (Node item : yaml.items(node, "is")) {
      String name = yaml.text(item, "is");
      TextTest test = named.get(name);
      if (test == null) {
        yaml.problem(
            item,
            "no text is named '" + name + "'",
            "a name under 'texts' in a policy file, above the place where it is used: "
                + String.join(", ", named.keySet()));
      } else {
        tests.add(test);
      }
    }
    return tests.size() == 1 ? tests.getFirst() : new TextTest.Any(tests);
  }

  static List<Glob> globs(List<String> patterns) {
    return patterns.stream().map(Glob::of).toList();
  }
}
