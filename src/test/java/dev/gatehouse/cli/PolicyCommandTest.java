package dev.gatehouse.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.vertx.core.json.JsonObject;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class PolicyCommandTest {
  private static final String POLICY =
      """
      reads: [{tools: bash, argument: command, as: shell}]
      rules:
        - {id: allow, text: x, tools: [bash, python], decision: allow, tests: {match: [ls]}}
        - {id: remove, text: x, tools: bash, decision: deny, when: {shell: rm}, tests: {match: [rm x]}}
      """;

  private static final String ITEMS =
      """
      {"id":"1","kind":"bash","text":"rm x","label":"dangerous","tier":"A"}
      {"id":"2","kind":"bash","text":"dd x","label":"dangerous","tier":"B"}
      {"id":"3","kind":"bash","text":"ls","label":"benign","tier":""}
      {"id":"4","kind":"python","text":"print(1)","label":"benign","tier":""}
      {"id":"5","kind":"bash","text":"rm y","label":"ambiguous","tier":""}
      """;

  @TempDir Path folder;
  private String policy = POLICY;
  private final ByteArrayOutputStream out = new ByteArrayOutputStream();
  private final ByteArrayOutputStream err = new ByteArrayOutputStream();

  @Test
  void evaluatesToOneJsonObject() throws IOException {
    int code = run("evaluate", items(), "--json");

    assertEquals(0, code);
    assertEquals(
        """
        {"bash":{"dangerous":2,"caught":1,"recall":0.5,"tierA":1,"caughtA":1,"recallA":1.0,"benign":1,\
        "falsePositives":0,"falsePositiveRate":0.0,"ambiguous":1,"asked":1,"askRate":1.0},"python":{"dangerous":0,\
        "caught":0,"recall":0.0,"tierA":0,"caughtA":0,"recallA":0.0,"benign":1,"falsePositives":0,\
        "falsePositiveRate":0.0,"ambiguous":0,"asked":0,"askRate":0.0},"powershell":{"dangerous":0,"caught":0,\
        "recall":0.0,"tierA":0,"caughtA":0,"recallA":0.0,"benign":0,"falsePositives":0,"falsePositiveRate":0.0,\
        "ambiguous":0,"asked":0,"askRate":0.0},"cmd":{"dangerous":0,"caught":0,"recall":0.0,"tierA":0,"caughtA":0,\
        "recallA":0.0,"benign":0,"falsePositives":0,"falsePositiveRate":0.0,"ambiguous":0,"asked":0,"askRate":0.0},\
        "bash+python":{"dangerous":2,"caught":1,"recall":0.5,"tierA":1,"caughtA":1,"recallA":1.0,"benign":2,\
        "falsePositives":0,"falsePositiveRate":0.0,"ambiguous":1,"asked":1,"askRate":1.0}}
        """,
        out.toString(UTF_8));
  }

  @Test
  void listsMisses() throws IOException {
    run("evaluate", items(), "--misses");

    assertTrue(out.toString(UTF_8).contains("miss\tbash\tB\t2\t"), () -> out.toString(UTF_8));
  }

  @Test
  void runsThePolicysTests() throws IOException {
    assertEquals(0, run("test"));
    assertTrue(out.toString(UTF_8).startsWith("2 rules, 2 tests, 0 failed"));
  }

  @Test
  void explainsATextAndWhatWouldFlipIt() throws IOException {
    assertEquals(0, run("explain", "rm x"));

    assertTrue(out.toString(UTF_8).contains("DENY at CRITICAL"));
    assertTrue(out.toString(UTF_8).contains("the outcome would be allow"));
    assertTrue(out.toString(UTF_8).contains(", at command[0:4]"), () -> out.toString(UTF_8));
  }

  @Test
  void explainsAsJsonWithTheDecision() throws IOException {
    assertEquals(0, run("explain", "--json", "rm x"));

    JsonObject json = new JsonObject(out.toString(UTF_8));
    assertEquals("DENY", json.getJsonObject("decision").getString("outcome"));
    assertEquals(2, json.getJsonArray("rules").size());
    assertEquals("without 'rm' in command, the outcome would be allow", json.getString("flip"));
    assertEquals("allow", json.getJsonArray("changes").getJsonObject(0).getString("outcome"));
    assertEquals(false, json.getBoolean("changesCut"));
  }

  @Test
  void explainsAWholeAction() throws IOException {
    String action =
        file(
            "action.json",
            """
            {"tool": "bash", "arguments": {"command": "ls"}, "context": {"a": [1, null, 2.5]}, "session": "s"}
            """);

    assertEquals(0, run("explain", "--action", action));

    assertTrue(out.toString(UTF_8).contains("ALLOW at LOW"), () -> out.toString(UTF_8));
    assertTrue(
        out.toString(UTF_8).contains("in place of 'ls' in command, the outcome would be deny"),
        () -> out.toString(UTF_8));
  }

  @Test
  void explainsWhichCallerSessionOrTimeWouldFlipIt() throws IOException {
    // Given
    policy +=
        """
          - {id: no, text: x, tools: python, decision: deny, expires: '2100-01-01T00:00:00Z', when: {all:
            [{actor: role, equals: operator}, {actor: name, equals: ada}, {actor: session, equals: s},
            {actor: tenant, equals: acme}, {annotation: readOnlyHint, equals: false}]}}
        """;
    String action =
        file(
            "action.json",
            """
            {"tool": "python", "tenant": "acme", "actor": "ada", "role": "operator", "session": "s",
             "context": {"annotations": {"readOnlyHint": false}}}
            """);

    // When
    assertEquals(0, run("explain", "--action", action));

    // Then
    assertEquals(
        """
        to flip it: with 'true' as context.annotations.readOnlyHint in place of 'false', the outcome would be allow
                or: with session 'x', the outcome would be allow
                or: at 2100-01-01T00:00:00Z, the outcome would be allow
                or: with actor 'x', the outcome would be allow
                or: with role 'auditor', the outcome would be allow
                or: with tenant 'x', the outcome would be allow
                or: with tool 'bash', the outcome would be ask
                or: without rule no, the outcome would be allow
        """,
        out.toString(UTF_8)
            .lines()
            .filter(line -> line.startsWith("to flip it:") || line.startsWith("        or:"))
            .map(line -> line + "\n")
            .collect(Collectors.joining()));
  }

  @Test
  void refusesARoleThatThereIsNot() throws IOException {
    String action = file("action.json", "{\"tool\": \"bash\", \"role\": \"king\"}");

    assertEquals(1, run("explain", "--action", action));

    assertTrue(err.toString(UTF_8).contains("no role is named 'king'"), () -> err.toString(UTF_8));
  }

  @Test
  void takesWhatFollowsTwoDashesAsText() throws IOException {
    assertEquals(0, run("explain", "--tool=bash", "--json", "--", "rm --recursive"));

    assertTrue(out.toString(UTF_8).contains("\"outcome\":\"DENY\""), () -> out.toString(UTF_8));
  }

  @Test
  void findsNothingInASoundPolicy() throws IOException {
    assertEquals(0, run("lint"));

    assertEquals("0 findings\n", out.toString(UTF_8));
  }

  @Test
  void tellsWhereLintFoundSomething() throws IOException {
    policy = POLICY + "  - {id: rest, text: x, tools: bash, decision: ask, mode: 'off'}\n";

    assertEquals(1, run("lint"));

    assertTrue(
        out.toString(UTF_8).startsWith("p.yaml:5:5: rule 'rest' is dead: it is switched off"),
        () -> out.toString(UTF_8));
    assertTrue(out.toString(UTF_8).endsWith("1 findings\n"), () -> out.toString(UTF_8));
  }

  @Test
  void tellsWhichOfThePolicysTestsFail() throws IOException {
    policy = POLICY.replace("match: [rm x]", "match: [mv x]");

    assertEquals(1, run("test"));

    assertTrue(out.toString(UTF_8).contains("is not matched by remove"), () -> out.toString(UTF_8));
    assertTrue(out.toString(UTF_8).contains("2 rules, 2 tests, 1 failed"));
  }

  @Test
  void measuresDecisions() throws IOException {
    assertEquals(0, run("bench"));

    List<String> lines = out.toString(UTF_8).lines().toList();
    assertTrue(lines.getFirst().startsWith("2 rules, sha256:"), lines::toString);
    assertEquals(7, lines.size());
    for (String line : lines.subList(2, 7)) {
      long[] nanos =
          Arrays.stream(line.substring(20).trim().split(" +"))
              .filter(word -> word.matches("\\d+"))
              .mapToLong(Long::parseLong)
              .toArray();
      assertEquals(3, nanos.length, line);
      assertTrue(0 < nanos[0] && nanos[0] <= nanos[1] && nanos[1] <= nanos[2], line);
    }
    assertTrue(lines.get(5).endsWith("DENY"), lines::toString);
  }

  @Test
  void listsFalseAlarmsOnlyIfAsked() throws IOException {
    String items =
        file(
            "alarms.jsonl",
            """
            {"id":"7","kind":"bash","text":"rm 'a\\nb'","label":"benign","tier":""}

            {"id":"8","kind":"bash","text":"dd x","label":"dangerous","tier":"A"}
            """);

    assertEquals(0, run("evaluate", items, "--false-alarms"));

    String printed = out.toString(UTF_8);
    assertTrue(printed.contains("false alarm\tbash\t\t7\t\t[remove, allow]\trm 'a\\nb'"), printed);
    assertFalse(printed.contains("miss\t"), printed);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          test --loud                  | test has no option --loud
          lint --json                  | lint has no option --json
          explain ls --misses          | explain has no option --misses
          evaluate x --tool bash       | evaluate has no option --tool
          evaluate x --json=yes        | option --json takes no value
          evaluate                     | evaluate needs one FILE.jsonl
          evaluate a b                 | evaluate needs one FILE.jsonl
          explain                      | explain needs either a text or --action
          explain ls --action x        | explain needs either a text or --action
          lint conf                    | lint takes no conf
          nothing-known                | no such command: nothing-known
          """)
  void refusesWhatItDoesNotKnowAndSaysHowItIsUsed(String command, String expected)
      throws IOException {
    assertEquals(2, run(command.split(" ")));

    assertTrue(err.toString(UTF_8).startsWith(expected), () -> err.toString(UTF_8));
    assertTrue(err.toString(UTF_8).contains("usage: gatehouse policy"), () -> err.toString(UTF_8));
    assertEquals("", out.toString(UTF_8));
  }

  @Test
  void refusesAnOptionWithoutItsValue() {
    assertEquals(2, runPlainly("lint", "--policies"));

    assertTrue(err.toString(UTF_8).startsWith("option --policies needs a value"));
  }

  @Test
  void helps() {
    assertEquals(0, runPlainly("help"));

    assertTrue(out.toString(UTF_8).startsWith("usage: "));
    assertEquals(2, runPlainly());
  }

  @Test
  void saysWhichFileIsMissing() throws IOException {
    String missing = folder.resolve("missing").toString();

    for (String command : List.of("evaluate", "explain --action", "lint --policies")) {
      err.reset();
      String[] words = (command + " " + missing).split(" ");
      assertEquals(1, command.startsWith("lint") ? runPlainly(words) : run(words));
      assertEquals("no such file: " + missing + "\n", err.toString(UTF_8));
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"no json", "[1]", "{\"tool\": \"bash\"", "{} {}", "{\"tool\": }"})
  void saysWhereThereIsNoJson(String text) throws IOException {
    String file = file("broken.json", text);

    assertEquals(1, run("explain", "--action", file));
    assertTrue(
        err.toString(UTF_8).startsWith("cannot read " + file + ": no JSON object: "),
        () -> err.toString(UTF_8));
    err.reset();
    assertEquals(1, run("evaluate", file("broken.jsonl", ITEMS + text)));
    assertTrue(err.toString(UTF_8).contains("broken.jsonl:6: no JSON"), () -> err.toString(UTF_8));
  }

  @Test
  void saysWhatAnActionOrATextLacks() throws IOException {
    assertEquals(1, run("explain", "--action", file("a.json", "{\"arguments\": {}}")));
    assertTrue(err.toString(UTF_8).endsWith("a.json: no 'tool'\n"), () -> err.toString(UTF_8));
    err.reset();
    assertEquals(1, run("evaluate", file("i.jsonl", "{\"kind\": \"bash\", \"text\": \"ls\"}")));
    assertTrue(err.toString(UTF_8).endsWith("i.jsonl:1: no 'label'\n"), () -> err.toString(UTF_8));
  }

  @Test
  void countsNothingWhereOneLineIsWrong() throws IOException {
    String wrong = ITEMS.lines().findFirst().orElseThrow().replace("dangerous", "risky");

    assertEquals(1, run("evaluate", file("i.jsonl", ITEMS + wrong + "\n"), "--json"));

    assertEquals("", out.toString(UTF_8));
    assertTrue(err.toString(UTF_8).contains("i.jsonl:6: label is 'risky'"), err::toString);
  }

  @Test
  void saysEverythingThatIsWrongWithAPolicy() throws IOException {
    policy = "rules: [{id: a, text: x, tools: t, decision: perhaps}, {id: A}]";

    assertEquals(1, run("lint"));

    assertTrue(err.toString(UTF_8).contains("perhaps"), () -> err.toString(UTF_8));
    assertTrue(err.toString(UTF_8).contains("id 'A'"), () -> err.toString(UTF_8));
  }

  private String file(String name, String text) throws IOException {
    return Files.writeString(folder.resolve(name), text).toString();
  }

  private String items() throws IOException {
    return Files.writeString(folder.resolve("items.jsonl"), ITEMS).toString();
  }

  private int run(String... args) throws IOException {
    Path policies = Files.createDirectories(folder.resolve("policies"));
    Files.writeString(policies.resolve("p.yaml"), policy);
    String[] all = new String[args.length + 2];
    all[0] = args[0];
    all[1] = "--policies";
    all[2] = policies.toString();
    System.arraycopy(args, 1, all, 3, args.length - 1);
    return runPlainly(all);
  }

  private int runPlainly(String... args) {
    return new PolicyCommand()
        .run(args, new PrintStream(out, true, UTF_8), new PrintStream(err, true, UTF_8));
  }
}
