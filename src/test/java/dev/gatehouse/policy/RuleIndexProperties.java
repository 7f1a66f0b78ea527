package dev.gatehouse.policy;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.gatehouse.action.Action;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;

/**
 * The index of rules leaves out no rule that holds, whatever the text: too wide, never too narrow.
 */
class RuleIndexProperties {
  private static final Path TEXTS = Path.of("src/test/resources/dev/gatehouse/policy");
  private static final Policy POLICY = load();
  private static final List<String> SHELL =
      lines(
          "dangerous-shell.txt",
          "harmless-shell.txt",
          "flagged-by-place.txt",
          "denied-through-programs.txt",
          "allowed-through-programs.txt");
  private static final List<String> PYTHON = lines("dangerous-python.txt", "harmless-python.txt");

  @Property(tries = 500)
  void leavesOutNoRuleAboutShell(@ForAll("shells") String text) {
    check(new Action(Rulebook.ADA, "s", "bash", Map.of("command", text), Map.of()));
  }

  @Property(tries = 300)
  void leavesOutNoRuleAboutPython(@ForAll("pythons") String text) {
    check(new Action(Rulebook.ADA, "s", "python", Map.of("code", text), Map.of()));
  }

  @Property(tries = 100)
  void leavesOutNoRuleAboutWhatAProgramIsRunWith(@ForAll("shells") String text) {
    Map<String, Object> arguments =
        Map.of(
            "command",
            "bash",
            "stdin",
            text,
            "args",
            List.of("-s", text),
            "env",
            Map.of("PAGER", text));
    check(new Action(Rulebook.ADA, "s", "bash", arguments, Map.of()));
  }

  private static void check(Action action) {
    ToolPlan plan = POLICY.planOf(action.tool());
    Facts facts = POLICY.look(action);
    long[] candidates = plan.index().candidates(facts, true);
    List<String> missed = new ArrayList<>();
    for (int i = 0; i < plan.rules().size(); i++) {
      boolean candidate = (candidates[i >> 6] >>> i & 1) == 1;
      if (!candidate && Policy.match(plan.rules().get(i), facts) != null) {
        missed.add(plan.rules().get(i).id());
      }
    }
    assertEquals(List.of(), missed, action.toString());
  }

  @Provide
  Arbitrary<String> shells() {
    return written(SHELL);
  }

  @Provide
  Arbitrary<String> pythons() {
    return written(PYTHON);
  }

  /** Lines with some of their letters replaced by what stands for them in a file pattern. */
  private static Arbitrary<String> written(List<String> lines) {
    Arbitrary<Integer> places = Arbitraries.integers().between(0, 10_000);
    return Combinators.combine(
            Arbitraries.of(lines), places.list().ofMaxSize(3), Arbitraries.of("?", "*", "["))
        .as((line, at, sign) -> {
          StringBuilder text = new StringBuilder(line);
          for (int place : at) {
            int i = place % text.length();
            String plain = text.substring(i, i + 1);
            text.replace(i, i + 1, sign.equals("[") ? "[" + plain + "]" : sign);
          }
          return text.toString();
        });
  }

  private static List<String> lines(String... names) {
    List<String> lines = new ArrayList<>();
    try {
      for (String name : names) {
        Files.readAllLines(TEXTS.resolve(name)).stream()
            .filter(line -> !line.isBlank() && !line.startsWith("#"))
            .forEach(lines::add);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return lines;
  }

  private static Policy load() {
    try {
      return Policy.compile(
          new PolicyFiles(Path.of("conf/policies")).read(), InstantSource.system());
    } catch (IOException | PolicyException e) {
      throw new IllegalStateException(e);
    }
  }
}
