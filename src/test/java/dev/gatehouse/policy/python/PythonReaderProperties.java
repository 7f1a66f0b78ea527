package dev.gatehouse.policy.python;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

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
class PythonReaderProperties {
  private static final String[] PIECES = {
    "a",
    "x",
    "os",
    ".",
    "system",
    "(",
    ")",
    "[",
    "]",
    "{",
    "}",
    ",",
    ":",
    ";",
    "=",
    "==",
    "+=",
    ":=",
    "+",
    "-",
    "*",
    "**",
    "/",
    "%",
    "@",
    "->",
    "'",
    "\"",
    "'''",
    "\"\"\"",
    "'a'",
    "b'a'",
    "f'{",
    "f'{x}'",
    "rf\"",
    "u'",
    "\\",
    "\\\n",
    "\n",
    "\n  ",
    "\n    ",
    "\n\t",
    "#",
    " ",
    " ",
    "def f(x):",
    "f('a')",
    "f(",
    "class A:",
    "return ",
    "import os",
    "from a import b",
    " as ",
    "if ",
    "else ",
    "elif ",
    "for x in ",
    "while ",
    "with ",
    "try:",
    "except:",
    "lambda x: ",
    "exec(",
    "eval(",
    "getattr(os,",
    "__import__(",
    "globals()[",
    "chr(",
    "1",
    "0x1f",
    "1e9",
    "[::-1]",
    ".join(",
    ".format(",
    ".decode()",
    "base64.b64decode(",
    "'cHJpbnQ='",
    "print ",
    "print(",
    "exec ",
    "raise ",
    "yield ",
    "await ",
    "async ",
    "not ",
    "in ",
    "is ",
    "and ",
    "or ",
    "None",
    "self.a=",
    "!ls",
    "%cd",
    "`",
    "$",
    "?",
    "é",
    "\uff4f",
    "\ufffc",
    "\ud800",
    "\0",
    "\r\n",
    "\ufeff",
    "subprocess.run(",
    "shell=True",
    "Path('a')",
    "map(os.system,",
    "target=os.system,"
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
    PythonInvariants.check(PythonReader.read(text));
  }

  @Property(tries = 1000)
  void neverThrowsOnAnyString(@ForAll @StringLength(max = 200) String text) {
    PythonInvariants.check(PythonReader.read(text));
  }

  @Property(tries = 1000)
  void saysTheSameOfATextWhateverItReadBefore(
      @ForAll("texts") String text, @ForAll("texts") String before) {
    // Given
    PythonReading first = PythonReader.read(text);
    PythonReader.read(before);
    // When
    PythonReading again = PythonReader.read(text);
    // Then
    assertEquals(first, again);
  }

  @Property(tries = 300)
  void takesStepsLinearInTheText(@ForAll("repeated") String unit) {
    // Given a text of n repetitions, and one of 2n
    String once = unit.repeat(20_000 / unit.length());
    // When both are read
    long steps = PythonReader.read(once).steps();
    long twice = PythonReader.read(once + once).steps();
    // Then the second takes at most twice the steps, and the fixed budget
    assertTrue(twice <= 2.2 * steps + 600_000, () -> steps + " -> " + twice);
    assertTrue(twice <= 8L * 2 * once.length() + 600_000, () -> "steps " + twice);
  }

  @Property(tries = 1000)
  void findsACallWhateverStandsBeforeIt(@ForAll("texts") String text) {
    // Given any text without open brackets and quotes, and a call on the next line
    PythonReading alone = PythonReader.read(text);
    if (alone.has(PythonFact.INCOMPLETE)
        || alone.has(PythonFact.LIMIT_REACHED)
        || text.endsWith("\\")) {
      return;
    }
    // When both are read
    PythonReading reading = PythonReader.read(text + "\nwipe_all_of_it('/')\n");
    // Then the call is among the calls
    assertTrue(
        reading.calls().stream().anyMatch(call -> call.name().endsWith("wipe_all_of_it")),
        () -> text + " -> " + reading.calls());
  }
}
