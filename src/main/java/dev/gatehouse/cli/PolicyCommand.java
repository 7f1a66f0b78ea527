package dev.gatehouse.cli;

import dev.gatehouse.action.Action;
import dev.gatehouse.http.ExplanationJson;
import dev.gatehouse.policy.Explanation;
import dev.gatehouse.policy.Policy;
import dev.gatehouse.policy.PolicyException;
import dev.gatehouse.policy.PolicyFiles;
import dev.gatehouse.policy.PolicyProblem;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/** {@code gatehouse policy test|lint|explain|evaluate|bench}. */
public final class PolicyCommand {
  private static final String USAGE =
      """
      usage: gatehouse policy COMMAND [--policies FOLDER] (default conf/policies)
        test                                 run the tests in the policy files
        lint                                 find dead, shadowed, duplicate, unreachable rules, misleading patterns
        explain [--tool NAME] [--json] TEXT  why TEXT gets its decision (default tool: bash)
        explain --action FILE.json           the same for a whole action
        evaluate FILE.jsonl [--json] [--misses] [--false-alarms]
                                             recall, false positives and ask rate on labelled texts
        bench                                how long decisions take here\
      """;

  private static final Map<String, Set<String>> OPTIONS =
      Map.of(
          "test", Set.of("policies"),
          "lint", Set.of("policies"),
          "explain", Set.of("policies", "tool", "action", "json"),
          "evaluate", Set.of("policies", "json", "misses", "false-alarms"),
          "bench", Set.of("policies"),
          "help", Set.of());

  /** Runs one command: 0 for success, 1 for findings or failures, 2 for wrong usage. */
  public int run(String[] args, PrintStream out, PrintStream err) {
    try {
      return run(Arguments.of(args), out);
    } catch (IllegalArgumentException e) {
      err.println(e.getMessage());
      err.println(USAGE);
      return 2;
    } catch (PolicyException e) {
      err.println(e.getMessage());
      return 1;
    } catch (NoSuchFileException e) {
      err.println("no such file: " + e.getMessage());
      return 1;
    } catch (IOException e) {
      err.println("cannot read " + e.getMessage());
      return 1;
    }
  }

  private static int run(Arguments given, PrintStream out) throws IOException, PolicyException {
    Set<String> options = OPTIONS.get(given.command());
    if (options == null) {
      throw new IllegalArgumentException("no such command: " + given.command());
    }
    given.allow(options);
    boolean takesWords = given.command().equals("explain") || given.command().equals("evaluate");
    if (!takesWords && !given.words().isEmpty()) {
      throw new IllegalArgumentException(given.command() + " takes no " + given.words().getFirst());
    }
    return switch (given.command()) {
      case "test" -> test(given, out);
      case "lint" -> lint(given, out);
      case "explain" -> explain(given, out);
      case "evaluate" -> evaluate(given, out);
      case "bench" -> {
        new PolicyBench(policy(given)).run(out);
        yield 0;
      }
      default -> {
        out.println(USAGE);
        yield 0;
      }
    };
  }

  private static Policy policy(Arguments given) throws IOException, PolicyException {
    Path folder = Path.of(given.option("policies", "conf/policies"));
    return Policy.compile(new PolicyFiles(folder).read(), InstantSource.system());
  }

  private static int test(Arguments given, PrintStream out) throws IOException, PolicyException {
    Policy policy = policy(given);
    List<PolicyProblem> failures = policy.test();
    failures.forEach(out::println);
    out.printf(
        Locale.ROOT,
        "%d rules, %d tests, %d failed (%s)%n",
        policy.size(),
        policy.tests(),
        failures.size(),
        policy.digest());
    return failures.isEmpty() ? 0 : 1;
  }

  private static int lint(Arguments given, PrintStream out) throws IOException, PolicyException {
    List<PolicyProblem> findings = policy(given).lint();
    findings.forEach(out::println);
    out.printf(Locale.ROOT, "%d findings%n", findings.size());
    return findings.isEmpty() ? 0 : 1;
  }

  private static int explain(Arguments given, PrintStream out) throws IOException, PolicyException {
    String file = given.option("action", "");
    if (file.isEmpty() == given.words().isEmpty()) {
      throw new IllegalArgumentException("explain needs either a text or --action");
    }
    Action action =
        file.isEmpty()
            ? Items.action(given.option("tool", "bash"), String.join(" ", given.words()))
            : action(Path.of(file));
    Explanation explanation = policy(given).explain(action);
    if (given.has("json")) {
      out.println(ExplanationJson.of(explanation).encode());
      return 0;
    }
    ExplanationText.print(explanation, out);
    return 0;
  }

  private static Action action(Path file) throws IOException {
    Map<String, Object> json = object(Files.readString(file), file.toString());
    if (Items.text(json, "tool").isEmpty()) {
      throw new IOException(file + ": no 'tool'");
    }
    try {
      return Items.action(json);
    } catch (IllegalArgumentException e) {
      throw new IOException(file + ": " + e.getMessage(), e);
    }
  }

  private static int evaluate(Arguments given, PrintStream out)
      throws IOException, PolicyException {
    if (given.words().size() != 1) {
      throw new IllegalArgumentException("evaluate needs one FILE.jsonl");
    }
    String file = given.words().getFirst();
    Policy policy = policy(given);
    Evaluation evaluation = new Evaluation();
    for (LabelledText text : LabelledText.read(Path.of(file))) {
      evaluation.add(text, policy.decide(text.action()));
    }
    if (given.has("json")) {
      out.println(evaluation.json());
      return 0;
    }
    out.print(evaluation.table());
    if (given.has("misses")) {
      evaluation.misses().forEach(out::println);
    }
    if (given.has("false-alarms")) {
      evaluation.falseAlarms().forEach(out::println);
    }
    return 0;
  }

  private static Map<String, Object> object(String text, String place) throws IOException {
    try {
      return Json.object(text);
    } catch (IOException e) {
      throw new IOException(place + ": no JSON object: " + Json.reason(e), e);
    }
  }
}
