package dev.gatehouse.policy.shell;

import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.gatehouse.policy.text.Use;
import java.util.List;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.StringLength;

/**
 * What holds for every text, also a hostile one. The texts are put together from what the reader
 * treats specially.
 */
class ShellReaderProperties {
  private static final String[] PIECES = {
    "a",
    "rm",
    "-rf",
    "/",
    " ",
    " ",
    " ",
    ";",
    "\n",
    "|",
    "||",
    "&",
    "&&",
    "(",
    ")",
    "{",
    "}",
    "{a,b}",
    "{1..3}",
    "'",
    "\"",
    "\\",
    "`",
    "$",
    "$(",
    "${",
    "$((",
    "))",
    "$x",
    "${x:-",
    "${x/",
    "${x:",
    "${x#",
    "$'",
    "$\"",
    "<",
    ">",
    ">>",
    "<<",
    "<<-",
    "<<<",
    "<<E\n",
    "\nE\n",
    "<(",
    ">(",
    ">&",
    "&>",
    "2>&1",
    "=",
    "x=",
    "x+=",
    "x=(",
    "#",
    "!",
    "*",
    "?",
    "[",
    "]",
    "[[",
    "]]",
    "~",
    ":",
    "if ",
    "then ",
    "else ",
    "fi ",
    "while ",
    "do ",
    "done ",
    "for x in ",
    "case x in ",
    "esac ",
    ";;",
    "f(){ ",
    "f ",
    "function f ",
    "sh ",
    "sh -c ",
    "bash",
    "eval ",
    "echo ",
    "printf ",
    "cat ",
    "base64 -d",
    "xargs ",
    "sudo ",
    "env ",
    "find -exec ",
    "ssh h ",
    "python -c ",
    "perl -e ",
    "alias x=",
    "x ",
    "trap ",
    "source ",
    "> x",
    "tee x",
    "IFS",
    "$IFS",
    "$@",
    "$1",
    "\u0440",
    "\u200b",
    "\ufffc",
    "\ud800",
    "\0",
    "\r\n",
    "\t",
    "é",
    "ZWNobw==",
    "\\x72",
    "%s"
  };

  @Provide
  Arbitrary<String> texts() {
    return Arbitraries.of(PIECES).list().ofMaxSize(60).map(pieces -> String.join("", pieces));
  }

  @Provide
  Arbitrary<String> repeated() {
    return Arbitraries.of(PIECES)
        .list()
        .ofMinSize(1)
        .ofMaxSize(4)
        .map(pieces -> String.join("", pieces));
  }

  @Property(tries = 5000)
  void neverThrowsAndStaysInsideTheText(@ForAll("texts") String text) {
    ShellInvariants.check(ShellReader.read(text));
  }

  @Property(tries = 1000)
  void neverThrowsOnAnyString(@ForAll @StringLength(max = 200) String text) {
    ShellInvariants.check(ShellReader.read(text));
  }

  @Property(tries = 300)
  void takesStepsLinearInTheText(@ForAll("repeated") String unit) {
    // Given a text of n repetitions, and one of 2n
    String once = unit.repeat(20_000 / unit.length());
    // When both are read
    long steps = ShellReader.read(once).steps();
    long twice = ShellReader.read(once + once).steps();
    // Then the second takes at most twice the steps, and the fixed budget
    assertTrue(twice <= 2.2 * steps + 600_000, () -> steps + " -> " + twice);
    assertTrue(twice <= 8L * 2 * once.length() + 600_000, () -> "steps " + twice);
  }

  @Property(tries = 2000)
  void quotingATextDoesNotHideThatItRuns(@ForAll("texts") String text) {
    // Given a text, and the same text quoted and given to a shell
    String quoted = "'" + text.replace("'", "'\\''") + "'";
    String run = "sh -c " + quoted;
    // When the second is read
    Use use = ShellReader.read(run).use(6, 6 + Math.max(1, quoted.length() - 1));
    // Then the text is not all data, unless it holds no more than comments and blanks
    boolean empty = ShellReader.read(text).commands().isEmpty();
    assertTrue(empty || text.isBlank() || use != Use.DATA, run);
  }

  @Property(tries = 1000)
  void findsTheSameCommandInEveryQuoting(
      @ForAll("names") String name, @ForAll("wrappings") String wrapping) {
    String text = wrapping.replace("@", name + " --now /srv/x");
    List<String> lines = Reading.of(text).lines();
    assertTrue(lines.contains(name + "|--now|/srv/x"), () -> text + " -> " + lines);
  }

  @Provide
  Arbitrary<String> names() {
    return Arbitraries.of("mkfs", "shred", "userdel", "halt", "wipefs");
  }

  @Provide
  Arbitrary<String> wrappings() {
    Arbitrary<String> one =
        Arbitraries.of(
            "@",
            "sudo @",
            "env A=1 @",
            "(@)",
            "{ @; }",
            "if a; then @; fi",
            "a && @",
            "a | @",
            "$(@)",
            "nohup @ &",
            "timeout 5 @",
            "xargs @ < /dev/null; @",
            "! @");
    Arbitrary<String> quoted =
        Arbitraries.of(
            "sh -c '@'",
            "bash -c \"@\"",
            "eval '@'",
            "echo '@' | sh",
            "sh <<< '@'",
            "sh <<E\n@\nE",
            "@");
    return one.flatMap(outer ->
        quoted.map(inner ->
            outer.replace("@", "true; " + inner).contains("<<E")
                ? inner
                : inner.replace("@", outer.contains("'") ? "@" : outer)));
  }
}
