package dev.gatehouse.policy;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.gatehouse.action.Action;
import dev.gatehouse.action.Actor;
import dev.gatehouse.action.Decision;
import dev.gatehouse.action.Outcome;
import dev.gatehouse.action.Reason;
import dev.gatehouse.action.Role;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * The built-in policy on what attackers and workers do, with tools of every kind: a table each, in
 * which every line says what is to become of an action, and all that turn out otherwise are named
 * at once.
 *
 * <p>A line is an outcome, a family and the value of an argument. A line {@code @ TOOL ARGUMENT
 * NAME=VALUE...} says for those below it whose argument that is and what stands beside it. {@code
 * <36>} stands for so many letters and digits, so that no made-up key is taken for a real one.
 */
@SuppressWarnings("NullAway.Init")
class CorpusTest {
  private static final Pattern FILLER = Pattern.compile("<(hex|UPPER|)(\\d+)>");

  private static Policy policy;

  private record Line(Outcome expected, String family, String text, Action action) {}

  @BeforeAll
  static void loadThePolicy() throws Exception {
    policy =
        Policy.compile(new PolicyFiles(Path.of("conf/policies")).read(), InstantSource.system());
  }

  @ParameterizedTest
  @CsvSource({
    "shell, 200, 200",
    "powershell, 60, 40",
    "cmd, 60, 40",
    "sql, 60, 40",
    "javascript, 60, 40",
    "browser, 40, 30",
    "files, 40, 30",
    "network, 40, 30",
    "cloud, 40, 30",
    "packages, 40, 30",
    "secrets, 40, 30"
  })
  void decidesAsEachLineSays(String table, int fewestAttacks, int fewestWorks) throws Exception {
    List<Line> attacks = lines(table + "-attacks.txt");
    List<Line> works = lines(table + "-work.txt");
    assertTrue(attacks.size() >= fewestAttacks && works.size() >= fewestWorks, table);

    List<String> wrong = new ArrayList<>();
    attacks.forEach(line -> judge(line, wrong));
    works.forEach(line -> judge(line, wrong));

    assertEquals("", String.join("\n", wrong));
  }

  private static void judge(Line line, List<String> wrong) {
    Decision decision = policy.decide(line.action());
    if (decision.outcome() != line.expected()) {
      List<String> rules = decision.reasons().stream().map(Reason::rule).toList();
      wrong.add(
          "%s: %s\n  expected %s, was %s by %s"
              .formatted(line.family(), line.text(), line.expected(), decision.outcome(), rules));
    }
  }

  private static List<Line> lines(String resource) throws IOException {
    List<Line> lines = new ArrayList<>();
    String[] head = {};
    for (String text : text(resource).lines().toList()) {
      if (text.startsWith("@ ")) {
        head = text.substring(2).split(" ", -1);
      } else if (!text.isBlank() && !text.startsWith("#")) {
        String[] parts = text.split(" ", 3);
        String value = FILLER.matcher(parts[2]).replaceAll(CorpusTest::filled);
        lines.add(new Line(Outcome.valueOf(parts[0]), parts[1], parts[2], action(head, value)));
      }
    }
    return lines;
  }

  private static Action action(String[] head, String value) {
    Map<String, Object> arguments = new HashMap<>();
    arguments.put(head[1], value);
    for (int i = 2; i < head.length; i++) {
      String[] pair = head[i].split("=", 2);
      arguments.put(pair[0], pair[1]);
    }
    return new Action(new Actor("t", "a", Role.AGENT), "s", head[0], arguments, Map.of());
  }

  private static String filled(MatchResult filler) {
    String piece =
        switch (filler.group(1)) {
          case "hex" -> "0123456789abcdef";
          case "UPPER" -> "QPZRY9X8GF2TVDW0S3JN54KHCE6MUA7L";
          default -> "Ab3dEf6hIj9kLm2nOp5qRs8tUv1wXy4z";
        };
    int length = Integer.parseInt(filler.group(2));
    return piece.repeat(length / piece.length() + 1).substring(0, length);
  }

  private static String text(String resource) throws IOException {
    try (InputStream in = CorpusTest.class.getResourceAsStream(resource)) {
      if (in == null) {
        throw new IOException("no " + resource);
      }
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    }
  }
}
