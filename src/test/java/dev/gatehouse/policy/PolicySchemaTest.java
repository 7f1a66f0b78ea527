package dev.gatehouse.policy;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.gatehouse.action.Obligation;
import dev.gatehouse.policy.python.PythonFact;
import dev.gatehouse.policy.shell.Language;
import dev.gatehouse.policy.shell.Nesting;
import dev.gatehouse.policy.shell.ShellFact;
import dev.harrel.jsonschema.Validator;
import dev.harrel.jsonschema.ValidatorFactory;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.BiConsumer;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;

/** The published schema and the readers say the same of a policy file's structure. */
class PolicySchemaTest {
  private static final ObjectMapper JSON = new ObjectMapper();

  /**
   * What the readers find that is beyond a schema: what a name refers to, what a pattern or an
   * expression means, what one value means beside another.
   */
  private static final Pattern MEANING =
      Pattern.compile(
          "no (condition|text|exception|group of tools|rule) is named .*|regex .*|cel: .*|path .*"
              + "|a test with(out| just a text).*|(time|zone|expires|at) is .*|no rule|.* is named twice"
              + "|approval terms in a rule .*|exception .*|rule .* (stands also|allows on).*"
              + "|a rule without tools|reason-required is false at critical risk",
          Pattern.DOTALL);

  private final Validator validator = new ValidatorFactory().createValidator();
  private final URI schema;

  PolicySchemaTest() throws IOException {
    schema =
        validator.registerSchema(Files.readString(Path.of("conf/policies/policy.schema.json")));
  }

  @Test
  void holdsForEveryFileThatIsShipped() throws IOException {
    for (var file : new PolicyFiles(Path.of("conf/policies")).read().entrySet()) {
      assertEquals(List.of(), refusals(tree(file.getValue())), file.getKey());
    }
  }

  @Test
  void holdsForAFileThatHasEveryKey() throws IOException {
    String text = everyKey();
    JsonNode file = tree(text);

    assertEquals(List.of(), refusals(file));
    assertEquals(List.of(), problems(text));
    Set<String> missing = new TreeSet<>();
    Stream.of(
            PolicyCompiler.KEYS,
            RuleReader.KEYS,
            TextTestReader.OPERATORS,
            ProgramTestReader.COMMAND,
            ProgramTestReader.CALL,
            ConditionReader.KEYS)
        .forEach(missing::addAll);
    missing.removeAll(keys(file));
    assertEquals(Set.of(), missing, "keys that the file lacks");
  }

  @Test
  void namesNoKeyThatTheReadersDoNotKnow() throws IOException {
    Set<String> unknown = new TreeSet<>();
    JsonNode published = JSON.readTree(Path.of("conf/policies/policy.schema.json").toFile());
    everyPart(
        published,
        (at, part) -> {
          if (at.endsWith("/properties")) {
            part.fieldNames().forEachRemaining(unknown::add);
          }
        });
    unknown.removeAll(keys(tree(everyKey())));

    assertEquals(Set.of(), unknown);
  }

  @Test
  void knowsEveryWordThatTheReadersKnow() throws IOException {
    String reads =
        ReadAs.LANGUAGES.keySet().stream()
            .map(language -> "{argument: x, as: " + language + "}")
            .collect(Collectors.joining(", "));

    String text =
        """
        rules:
          - id: a
            text: x
            tools: t
            decision: deny
            obligations: %s
            when:
              shell: {fact: %s, inside: %s}
              python: {fact: %s}
              code: {language: %s, contains: x}
        reads: [%s]
        """
            .formatted(
                words(Obligation.values()),
                words(ShellFact.values()),
                words(Nesting.values()),
                words(PythonFact.values()),
                words(Language.values()),
                reads);

    assertEquals(List.of(), problems(text));
    assertEquals(List.of(), refusals(tree(text)));
  }

  private static List<String> words(Enum<?>[] constants) {
    return Arrays.stream(constants).map(YamlReader::wordOf).toList();
  }

  @Test
  void refusesAnUnknownKeyWhereverTheReadersDo() throws IOException {
    JsonNode file = tree(everyKey());
    List<String> wrong = new ArrayList<>();
    everyPart(
        file,
        (at, part) -> {
          if (part instanceof ObjectNode object) {
            object.put("no-such-key", "x");
            disagreement(at + " with an unknown key", file, wrong);
            object.remove("no-such-key");
          }
        });
    assertEquals(List.of(), wrong);
  }

  @Test
  void missesAKeyWhereverTheReadersDo() throws IOException {
    JsonNode file = tree(everyKey());
    List<String> wrong = new ArrayList<>();
    everyPart(
        file,
        (at, part) -> {
          if (part instanceof ObjectNode object) {
            for (Map.Entry<String, JsonNode> entry : object.deepCopy().properties()) {
              object.remove(entry.getKey());
              disagreement(at + " without " + entry.getKey(), file, wrong);
              object.set(entry.getKey(), entry.getValue());
            }
          }
        });
    assertEquals(List.of(), wrong);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "null",
        "[]",
        "{}",
        "''",
        "x",
        "-1",
        "0",
        "1.5",
        "1000000000000",
        "true",
        "'true'",
        "[[]]",
        "[null]",
        "['']",
        "[x]",
        "{x: y}",
        "[{}]",
        "sandbox",
        "1s",
        "0s",
        "ask",
        "low",
        "off"
      })
  void refusesAWrongValueWhereverTheReadersDo(String value) throws IOException {
    JsonNode file = tree(everyKey());
    JsonNode other = tree(value);
    List<String> wrong = new ArrayList<>();
    everyPart(
        file,
        (at, part) -> {
          if (part instanceof ObjectNode object) {
            for (Map.Entry<String, JsonNode> entry : List.copyOf(object.properties())) {
              JsonNode before = entry.getValue();
              object.set(entry.getKey(), other);
              disagreement(at + "/" + entry.getKey() + " as " + value, file, wrong);
              object.set(entry.getKey(), before);
            }
          } else if (part instanceof ArrayNode array) {
            for (int i = 0; i < array.size(); i++) {
              JsonNode before = array.get(i);
              array.set(i, other);
              disagreement(at + "/" + i + " as " + value, file, wrong);
              array.set(i, before);
            }
          }
        });
    assertEquals(List.of(), wrong);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "when: {argument: a, context: b, equals: x}",
        "when: {equals: x}",
        "when: {argument: a}",
        "when: {argument: a, ignore-case: true}",
        "when: {argument: a, size: true}",
        "when: {argument: a, above: 1, at-most: 2}",
        "when: {argument: a, at-least: 1, below: 2}",
        "when: {actor: shoe-size, equals: x}",
        "when: {text: {ignore-case: true}}",
        "when: {code: {language: python}}",
        "when: {code: {contains: x}}",
        "when: {shell: {value: {equals: x}}}",
        "when: {shell: {flag: -r}}",
        "when: {python: {named: {equals: x}}}",
        "when: {time: {from: 22}}",
        "when: {shell: {fact: no-such-fact}}",
        "tests: {match: [{tool: t, expect: {decision: deny}}]}",
        "expires: tomorrow",
        "mode: false"
      })
  void refusesWhatBelongsTogetherAndIsNot(String part) throws IOException {
    String text = "rules:\n  - {id: a, text: x, tools: t, decision: deny, " + part + "}\n";

    assertTrue(!refusals(tree(text)).isEmpty(), "the schema");
    assertTrue(!problems(text).isEmpty(), "the readers");
  }

  private void disagreement(String what, JsonNode file, List<String> wrong) {
    List<String> refusals = refusals(file);
    List<String> problems = problems(file.toString());
    boolean structural = problems.stream().anyMatch(found -> !MEANING.matcher(found).matches());
    if (structural && refusals.isEmpty()) {
      wrong.add(what + ": only the readers refuse it: " + problems);
    } else if (problems.isEmpty() && !refusals.isEmpty()) {
      wrong.add(what + ": only the schema refuses it: " + refusals.subList(0, 1));
    }
  }

  private List<String> refusals(JsonNode file) {
    return validator.validate(schema, file).getErrors().stream()
        .map(error -> error.getInstanceLocation() + " " + error.getError())
        .toList();
  }

  private static List<String> problems(String text) {
    try {
      Policy.compile(Map.of("p.yaml", text), InstantSource.system());
      return List.of();
    } catch (PolicyException e) {
      return e.problems().stream().map(PolicyProblem::found).toList();
    }
  }

  private static JsonNode tree(String yaml) {
    return JSON.valueToTree(new Load(LoadSettings.builder().build()).loadFromString(yaml));
  }

  private static String everyKey() throws IOException {
    return Files.readString(Path.of("src/test/resources/dev/gatehouse/policy/every-key.yaml"));
  }

  /** Every mapping and list, from the outermost inwards. */
  private static void everyPart(JsonNode root, BiConsumer<String, JsonNode> use) {
    everyPart("", root, use);
  }

  private static void everyPart(String at, JsonNode part, BiConsumer<String, JsonNode> use) {
    use.accept(at, part);
    if (part instanceof ObjectNode object) {
      List.copyOf(object.properties())
          .forEach(entry -> everyPart(at + "/" + entry.getKey(), entry.getValue(), use));
    } else {
      for (int i = 0; i < part.size(); i++) {
        everyPart(at + "/" + i, part.get(i), use);
      }
    }
  }

  private static Set<String> keys(JsonNode file) {
    Set<String> keys = new TreeSet<>();
    everyPart(file, (at, part) -> part.fieldNames().forEachRemaining(keys::add));
    return keys;
  }
}
