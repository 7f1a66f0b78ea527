package dev.gatehouse.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

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
  }

  @Test
  void tellsHowItIsUsed() throws IOException {
    assertEquals(2, run("nothing-known"));
    assertTrue(err.toString(UTF_8).startsWith("usage: "));
  }

  private String items() throws IOException {
    return Files.writeString(folder.resolve("items.jsonl"), ITEMS).toString();
  }

  private int run(String... args) throws IOException {
    Path policies = Files.createDirectories(folder.resolve("policies"));
    Files.writeString(policies.resolve("p.yaml"), POLICY);
    String[] all = java.util.Arrays.copyOf(args, args.length + 2);
    all[args.length] = "--policies";
    all[args.length + 1] = policies.toString();
    return new PolicyCommand()
        .run(all, new PrintStream(out, true, UTF_8), new PrintStream(err, true, UTF_8));
  }
}
