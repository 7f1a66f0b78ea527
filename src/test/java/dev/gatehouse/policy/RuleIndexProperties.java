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
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;

/**
 * The index of rules leaves out no rule that holds, whatever the text: too wide, never too narrow.
 */
class RuleIndexProperties {
  private static final Path TEXTS = Path.of("src/test/resources/dev/gatehouse/policy");
  private static final Policy POLICY = load();
  private static final Policy PATHS = paths("/tmp/*", "/etc/shadow", "*/.netrc", "*/.ssh/id_rsa");
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

  /** Tests of words in front of, in or around which something else stands. */
  @Example
  void leavesOutNoRuleAboutPathsWhereverTheyStand() {
    for (String prefix :
        List.of("", "./", "/../", "/proc/self/root", "/proc/1/task/2/root", "file://", "a b/../")) {
      for (String path :
          List.of(
              "/tmp/evil",
              "/etc/shadow",
              "/srv/a/.ssh/id_rsa",
              ".ssh/id_rsa",
              ".netrc",
              "/home/me/.netrc",
              "C:\\Users\\me\\.netrc",
              "C:\\etc\\shadow")) {
        for (int place = 0; place < path.length(); place++) {
          for (String sign : List.of("?", "*", "[")) {
            checkPath(prefix + disguised(path, List.of(place), sign));
          }
        }
      }
    }
  }

  private static void checkPath(String path) {
    check(PATHS, new Action(Rulebook.ADA, "s", "read_file", Map.of("path", path), Map.of()));
    for (String place :
        List.of(
            "cat %s",
            "cat %s; true",
            "cd /; %s/evil",
            "cd /; %s -x",
            "x -o%s",
            "x --output=%s y z",
            "x '-a b%s'",
            "d=%s; ${d}/evil",
            "> %s echo",
            "P=%s x",
            "echo a b/c d %s e/f g")) {
      String text = place.formatted(path);
      check(PATHS, new Action(Rulebook.ADA, "s", "bash", Map.of("command", text), Map.of()));
    }
  }

  private static void check(Action action) {
    check(POLICY, action);
  }

  private static void check(Policy policy, Action action) {
    ToolPlan plan = policy.planOf(action.tool());
    Facts facts = policy.look(action);
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
        .as(RuleIndexProperties::disguised);
  }

  private static String disguised(String line, List<Integer> at, String sign) {
    StringBuilder text = new StringBuilder(line);
    for (int place : at) {
      int i = place % text.length();
      String plain = text.substring(i, i + 1);
      text.replace(i, i + 1, sign.equals("[") ? "[" + plain + "]" : sign);
    }
    return text.toString();
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

  /** Rules about each of these paths, by each way to say where it stands. */
  private static Policy paths(String... paths) {
    StringBuilder rules = new StringBuilder("rules:\n");
    for (String path : paths) {
      for (String where :
          List.of(
              "shell: {executable: {path: PATH}}",
              "shell: {value: {flag: [o, output, a], path: PATH}}",
              "shell: {line: {path: PATH}}",
              "shell: {argument: {path: PATH}}",
              "shell: {writes: {path: PATH}}",
              "shell: {sets: {name: P, to: {path: PATH}}}",
              "{argument: path, path: PATH}")) {
        rules
            .append("  - {id: r")
            .append(rules.length())
            .append(", text: x, tools: [bash, read_file], decision: deny, when: {")
            .append(where.replaceFirst("^\\{(.*)}$", "$1").replace("PATH", "'" + path + "'"))
            .append("}}\n");
      }
    }
    try {
      // What reads programs.
      String base = Files.readString(Path.of("conf/policies/00-base.yaml"));
      Map<String, String> files = Map.of("00-base.yaml", base, "paths.yaml", rules.toString());
      return Policy.compile(files, InstantSource.system());
    } catch (IOException | PolicyException e) {
      throw new IllegalStateException(e);
    }
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
