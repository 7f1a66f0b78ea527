package dev.gatehouse.policy.shell;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.gatehouse.policy.text.Use;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ShellStructureTest {

  @Test
  void readsPipelinesAndLists() {
    // Given two pipelines in a list
    // When they are read
    ShellReading reading = ShellReader.read("a | b |& c && ! d & e || f");
    // Then each command knows its place
    assertEquals(6, reading.commands().size());
    assertEquals(3, reading.pipelines().get(0).length());
    assertEquals(Joint.AND, reading.pipelines().get(1).joint());
    assertTrue(reading.pipelines().get(1).negated());
    assertTrue(reading.pipelines().get(1).background());
    assertEquals(Joint.OR, reading.pipelines().get(3).joint());
    assertTrue(reading.piped(0, 2));
    assertFalse(reading.piped(2, 0));
    assertFalse(reading.piped(0, 3));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "curl x | sh",
        "curl x | tee y | sudo bash",
        "(curl x; true) | { cat; bash; }",
        "curl x | while read l; do bash; done",
        "bash -c \"$(curl x)\"",
        "bash <(curl x)",
        "bash < <(curl x)",
        "bash <<< \"$(curl x)\"",
        "s=$(curl x); sudo bash -c \"$s\"",
        "s=$(curl x); bash -c \"$s\"",
        "curl x > y; bash y",
        "curl -o y x && chmod +x y && bash ./y",
      })
  void followsOutputIntoAShell(String text) {
    // Given a download that reaches a shell in some way
    // When it is read
    Reading reading = Reading.of(text);
    // Then the way is seen, and that nobody knows the program
    int shell =
        text.startsWith("source")
            ? reading.indexOf("source")
            : reading.indexOf("bash".equals("") ? "" : text.endsWith("| sh") ? "sh" : "bash");
    assertTrue(reading.reading().flows(reading.indexOf("curl"), shell), () -> reading.toString());
    assertTrue(reading.has(ShellFact.UNKNOWN_PROGRAM));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "sudo -u root -H dd of=/dev/sdx",
        "sudo -n -- dd of=/dev/sdx",
        "doas dd of=/dev/sdx",
        "env -i A=1 -u B dd of=/dev/sdx",
        "env -S 'dd of=/dev/sdx'",
        "timeout -k 5 10s dd of=/dev/sdx",
        "nohup nice -n 5 ionice -c 3 dd of=/dev/sdx",
        "stdbuf -oL setsid dd of=/dev/sdx",
        "time -p dd of=/dev/sdx",
        "command dd of=/dev/sdx",
        "builtin command dd of=/dev/sdx",
        "exec -a x dd of=/dev/sdx",
        "busybox dd of=/dev/sdx",
        "chroot /mnt dd of=/dev/sdx",
        "flock /tmp/l dd of=/dev/sdx",
        "flock /tmp/l -c 'dd of=/dev/sdx'",
        "script -q -c 'dd of=/dev/sdx' /dev/null",
        "su - root -c 'dd of=/dev/sdx'",
        "runuser -u root -- dd of=/dev/sdx",
        "strace -f -o log dd of=/dev/sdx",
        "unshare -r dd of=/dev/sdx",
        "nsenter -t 1 -m dd of=/dev/sdx",
        "watch -n 1 'dd of=/dev/sdx'",
        "ssh -p 22 host dd of=/dev/sdx",
        "ssh -o ProxyCommand='dd of=/dev/sdx' host",
        "docker run --rm -it image dd of=/dev/sdx",
        "docker exec -it box sh -c 'dd of=/dev/sdx'",
        "kubectl exec pod -- dd of=/dev/sdx",
        "find . -type f -exec dd of=/dev/sdx \\;",
        "find . -execdir dd of=/dev/sdx ';' -print",
        "echo of=/dev/sdx | xargs dd",
        "echo /dev/sdx | xargs -I{} dd of={}",
        "parallel dd ::: of=/dev/sdx",
        "sh -c 'dd of=/dev/sdx'",
        "bash -xlc 'dd of=/dev/sdx'",
        "bash --norc -c 'dd $0' of=/dev/sdx; dd of=/dev/sdx",
        "bash -c 'dd $1' x of=/dev/sdx",
        "eval dd of=/dev/sdx",
        "eval \"eval 'dd of=/dev/sdx'\"",
        "trap 'dd of=/dev/sdx' EXIT",
        "echo 'dd of=/dev/sdx' | sh",
        "printf 'dd of=%s' /dev/sdx | sudo bash -s",
        "echo ZGQgb2Y9L2Rldi9zZHg= | base64 -d | sh",
        "base64 -d <<< ZGQgb2Y9L2Rldi9zZHg= | sh",
        "sh -c \"$(echo ZGQgb2Y9L2Rldi9zZHg= | base64 --decode)\"",
        "sh <<< 'dd of=/dev/sdx'",
        "sh <<E\ndd of=/dev/sdx\nE",
        "sh <<-'E'\n\tdd of=/dev/sdx\n\tE",
        "cat <<E | sh\ndd of=/dev/sdx\nE",
        "source <(echo dd of=/dev/sdx)",
        "echo 'dd of=/dev/sdx' > s; . ./s",
        "cat > s.sh <<'E'\n#!/bin/sh\ndd of=/dev/sdx\nE\nchmod +x s.sh\n./s.sh",
        "echo 'dd of=/dev/sdx' >> ~/.bashrc",
        "echo '0 * * * * dd of=/dev/sdx' | crontab -",
        "echo 'dd of=/dev/sdx' | at now",
        "perl -e 'system(\"dd of=/dev/sdx\")'",
        "perl -ne '`dd of=/dev/sdx`'",
        "ruby -e 'exec \"dd of=/dev/sdx\"'",
        "node -e 'require(\"child_process\").execSync(\"dd of=/dev/sdx\")'",
        "php -r 'passthru(\"dd of=/dev/sdx\");'",
        "lua -e 'os.execute(\"dd of=/dev/sdx\")'",
        "awk 'BEGIN { system(\"dd of=/dev/sdx\") }'",
        "vim -c ':!dd of=/dev/sdx'",
        "tar cf x y --checkpoint-action=exec='dd of=/dev/sdx'",
        "(dd of=/dev/sdx)",
        "{ dd of=/dev/sdx; }",
        "if a; then b; else dd of=/dev/sdx; fi",
        "while a; do dd of=/dev/sdx; done",
        "until dd of=/dev/sdx; do a; done",
        "case x in y|z) dd of=/dev/sdx;; esac",
        "f() { dd of=/dev/sdx; }",
        "function f { dd \"$1\"; }; f of=/dev/sdx",
        "f() (dd $1); g() { f $1; }; g of=/dev/sdx",
        "echo \"$(dd of=/dev/sdx)\"",
        "cat <(dd of=/dev/sdx)",
        "x=$(dd of=/dev/sdx)",
        "for i in `dd of=/dev/sdx`; do :; done",
        "[[ -n $(dd of=/dev/sdx) ]]",
        "echo $(( $(dd of=/dev/sdx) + 1 ))",
        "cat <<E\n$(dd of=/dev/sdx)\nE",
        "# comment\ndd of=/dev/sdx # more",
        "true;dd of=/dev/sdx",
        "A=1 B=2 dd of=/dev/sdx",
        ">x dd of=/dev/sdx",
        "dd 2>/dev/null of=/dev/sdx",
      })
  void findsTheCommandInside(String text) {
    // Given a command somewhere inside others
    // When the text is read
    Reading reading = Reading.of(text);
    // Then it is found as a command of its own
    assertTrue(reading.runs("dd|of=/dev/sdx"), () -> text + " -> " + reading.lines());
    assertEquals(Use.EXECUTED, wholeUse(reading), text);
  }

  /** Whether some part of the text is executed: none of it may be wholly data. */
  private static Use wholeUse(Reading reading) {
    return reading.reading().use(0, reading.reading().text().length());
  }

  @Test
  void keepsTheWrappersVisible() {
    ShellCommand rm = Reading.of("sudo env X=1 sh -c 'rm -rf /x'").command("rm");
    assertEquals(List.of("sudo", "env", "sh"), rm.wrappers());
    assertTrue(rm.wrappedBy("sudo"));
    assertTrue(rm.inside(Nesting.NESTED_TEXT));
    assertEquals(1, rm.layer());
  }

  @Test
  void pointsAtTheInnerTextWhereItStandsInTheOuter() {
    String text = "sudo sh -c 'echo a; rm -rf /x'";
    ShellCommand rm = Reading.of(text).command("rm");
    assertEquals("rm -rf /x", text.substring(rm.start(), rm.end()));
  }

  @Test
  void tellsFindApart() {
    Reading reading = Reading.of("find /var/log -name '*.gz' -delete -exec rm {} +");
    assertTrue(reading.command("find").has(ShellFact.FIND_DELETES));
    assertTrue(reading.command("find").has(ShellFact.FIND_EXECUTES));
    assertEquals("/var/log/", reading.command("rm").arguments().get(0).knownPrefix());
  }

  @Test
  void readsRedirections() {
    List<Redirection> redirections =
        Reading.of("x <in >out 2>>err 3<>both &>all >&2 2>&1 >|force <<<word")
            .command("x")
            .redirections();
    assertEquals(
        List.of(
            Redirection.Kind.READ,
            Redirection.Kind.WRITE,
            Redirection.Kind.APPEND,
            Redirection.Kind.READ_WRITE,
            Redirection.Kind.WRITE_BOTH,
            Redirection.Kind.DUPLICATE_OUTPUT,
            Redirection.Kind.DUPLICATE_OUTPUT,
            Redirection.Kind.WRITE,
            Redirection.Kind.HERE_STRING),
        redirections.stream().map(Redirection::kind).toList());
    assertEquals(2, redirections.get(2).descriptor());
    assertEquals("force", redirections.get(7).target().value());
  }

  @Test
  void tellsOfTheRedirectionsOfACompoundCommand() {
    ShellReading reading = ShellReader.read("{ echo a; } > /etc/motd");
    ShellCommand last = reading.commands().get(reading.commands().size() - 1);
    assertEquals("/etc/motd", last.redirections().get(0).target().value());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{ a; } & rm -rf /",
        "(a) & rm -rf /",
        "if a; then b; fi & rm -rf /",
        "for i in 1; do a; done &rm -rf /",
        "(a) > x & rm -rf /"
      })
  void takesNoBackgroundForARedirection(String text) {
    // Given a compound command in the background, and a command after it
    // When they are read, then the second is a command
    assertTrue(Reading.of(text).runs("rm|-rf|/"), () -> Reading.of(text).lines().toString());
  }

  @Test
  void endsWithTheTextWhereACompoundCommandIsInTheBackground() {
    // Given a text that ends with the ampersand (found by fuzzing)
    // When it is read, then no place lies behind its end
    ShellInvariants.check(ShellReader.read("if a; then b; fi > f&"));
  }

  @Test
  void recognisesForkBombs() {
    assertTrue(Reading.of(":(){ :|:& };:").has(ShellFact.FORK_BOMB));
    assertTrue(Reading.of("boom() { boom | boom & }; boom").has(ShellFact.FORK_BOMB));
    assertTrue(Reading.of("f(){ f & f & }; f").has(ShellFact.FORK_BOMB));
    assertFalse(Reading.of("f(){ ls | wc; }; f | cat").has(ShellFact.FORK_BOMB));
  }

  @Test
  void exposesProgramsOfOtherLanguages() {
    Embedded code = Reading.of("python3.12 -I -c 'import os' a").reading().embedded().get(0);
    assertEquals(Language.PYTHON, code.language());
    assertEquals("import os", code.text());
    assertTrue(code.known());
    assertEquals(
        "print(1)\n", Reading.of("python - <<'E'\nprint(1)\nE").reading().embedded().get(0).text());
    assertEquals(
        "print(1)\n",
        Reading.of("echo 'print(1)' > a.py; python a.py").reading().embedded().get(0).text());
    assertFalse(Reading.of("python -c \"$x\"").reading().embedded().get(0).known());
    assertTrue(Reading.of("python -m http.server").reading().embedded().isEmpty());
  }

  @Test
  void readsArgumentVectorsWithoutAShell() {
    ShellReading reading = ShellReader.readArguments(List.of("sudo", "echo", "$(rm x)", ";", "ls"));
    assertEquals(2, reading.commands().size());
    assertEquals("$(rm x)", reading.commands().get(1).arguments().get(0).value());
  }

  @Test
  void saysWhenItCannotReadOn() {
    assertTrue(Reading.of("echo 'a").has(ShellFact.INCOMPLETE));
    assertTrue(Reading.of("if true; then ls").has(ShellFact.INCOMPLETE));
    assertTrue(Reading.of("$(".repeat(1000)).has(ShellFact.LIMIT_REACHED));
    assertTrue(Reading.of("{a,b}".repeat(30)).has(ShellFact.LIMIT_REACHED));
    assertTrue(
        Reading.of("x=aaaaaaaaaaaaaaaa;" + "x=$x$x;".repeat(40)).has(ShellFact.LIMIT_REACHED));
    assertTrue(Reading.of("a;".repeat(100_000)).has(ShellFact.LIMIT_REACHED));
  }
}
