package dev.gatehouse.policy;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.gatehouse.action.Action;
import dev.gatehouse.action.Decision;
import dev.gatehouse.action.Outcome;
import dev.gatehouse.action.Risk;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What a program is run with is judged like what stands in its text. */
@SuppressWarnings("NullAway.Init")
class RunWithTest {
  private static Policy policy;

  @BeforeAll
  static void loadThePolicy() throws Exception {
    policy =
        Policy.compile(new PolicyFiles(Path.of("conf/policies")).read(), InstantSource.system());
  }

  @ParameterizedTest
  @CsvSource({
    "bash, command, bash, DENY",
    "bash, code, cat | sh, DENY",
    "bash, script, sh -s a b, DENY",
    "bash, code, read x; eval $x, DENY",
    "bash, code, env bash -, DENY",
    "python, code, 'import os; os.system(\"sh\")', DENY",
    "cmd, command, cmd, ASK",
    "bash, code, cat, ALLOW",
    "bash, code, wc -l, ALLOW",
    "python, code, 'import sys; print(len(sys.stdin.read()))', ALLOW"
  })
  void readsStandardInputWhereItIsRun(String tool, String argument, String code, Outcome wanted) {
    String input = tool.equals("cmd") ? "rd /s /q C:\\Users" : "rm -rf /";
    Decision decision = decide(tool, Map.of(argument, code, "stdin", input));
    Outcome got = decision.outcome();
    assertEquals(wanted, wanted == Outcome.ASK && got == Outcome.DENY ? Outcome.ASK : got);
  }

  @Test
  void takesEachLineOfStandardInputForAProgramThatALoopRuns() {
    String loop = "while read l; do $l; done";
    assertEquals(
        Outcome.ASK, decide("bash", Map.of("code", loop, "stdin", "ls\nrm -rf /\n")).outcome());
  }

  @ParameterizedTest
  @CsvSource({
    "rm, -rf|/, DENY",
    "sudo rm, -rf|/, DENY",
    "bash, -c|rm -rf /, DENY",
    "echo, hi|;rm -rf /, DENY",
    "$1 $2 $3, rm|-rf|/, DENY",
    "ls, -la|src, ALLOW",
    "grep, a.*b|notes.txt, ALLOW"
  })
  void readsTheWordsBehindACommand(String command, String words, Outcome wanted) {
    List<String> args = Arrays.asList(words.split("\\|"));
    assertEquals(wanted, decide("bash", Map.of("command", command, "args", args)).outcome());
    assertEquals(
        wanted, decide("srv__execute_command", Map.of("command", command, "args", args)).outcome());
  }

  @Test
  void readsWordsThatAreOneText() {
    assertEquals(Outcome.DENY, decide("bash", Map.of("command", "rm", "args", "-rf /")).outcome());
  }

  @ParameterizedTest
  @CsvSource({
    "BASH_ENV, /tmp/x.sh, ls, ASK",
    "LD_PRELOAD, ./x.so, ls, ASK",
    "X, rm, $X -rf /, DENY",
    "HOME, /etc, cat $HOME/shadow, ASK",
    "GIT_SSH_COMMAND, rm -rf /, git pull, DENY",
    "LANG, C, ls, ALLOW"
  })
  void readsTheEnvironment(String name, String value, String command, Outcome wanted) {
    Map<String, Object> map = Map.of("command", command, "env", Map.of(name, value));
    Map<String, Object> list = Map.of("command", command, "env", List.of(name + "=" + value));
    assertEquals(wanted, decide("bash", map).outcome());
    assertEquals(wanted, decide("bash", list).outcome());
  }

  @ParameterizedTest
  @CsvSource({
    "/, rm -rf *, DENY",
    "/etc, cat shadow, ASK",
    "/etc, echo x > passwd, ASK",
    "~, rm -rf .ssh, ASK",
    "/, cd tmp && rm -rf x, ALLOW",
    "/, bash -c 'rm -rf etc', DENY",
    "/home/ada/app, rm -rf build, ALLOW",
    "/home/ada/app, cat README.md, ALLOW",
    "/home/ada/app, npm test, ALLOW",
    "app, rm -rf build, ALLOW",
    "'', ls, ALLOW"
  })
  void readsTheDirectory(String directory, String command, Outcome wanted) {
    for (String name : List.of("cwd", "workdir", "working_directory")) {
      Decision decision = decide("bash", Map.of("command", command, name, directory));
      assertEquals(wanted, decision.outcome(), name);
    }
    assertEquals(
        wanted,
        decide("bash", Map.of("command", List.of("bash", "-c", command), "cwd", directory))
            .outcome());
  }

  @Test
  void whatPythonHandsToAShellIsRunThereToo() {
    String code = "import os\nos.system('rm -rf *')";
    assertEquals(Outcome.DENY, decide("python", Map.of("code", code, "cwd", "/")).outcome());
  }

  @Test
  void asksWhereTwoNamesTellOfADirectory() {
    Map<String, Object> both = Map.of("command", "ls", "cwd", "/a", "workdir", "/b");
    assertEquals(Outcome.ASK, decide("bash", both).outcome());
  }

  @Test
  void asksAboutWhatItCannotRead() {
    for (String beside : List.of("args", "stdin", "env", "cwd")) {
      List<Object> odd = new ArrayList<>();
      odd.add(
          beside.equals("stdin") || beside.equals("cwd")
              ? 5
              : Map.of("a", List.of(Map.of("b", "c"))));
      odd.add(beside.equals("stdin") ? List.of("rm -rf /") : 5);
      for (Object value : odd) {
        Decision decision = decide("bash", Map.of("command", "ls", beside, value));
        assertEquals(Outcome.ASK, decision.outcome(), beside + " " + value);
        assertEquals(Risk.HIGH, decision.risk(), beside + " " + value);
      }
    }
  }

  private static Decision decide(String tool, Map<String, Object> arguments) {
    return policy.decide(new Action(Rulebook.ADA, "s", tool, arguments, Map.of()));
  }
}
