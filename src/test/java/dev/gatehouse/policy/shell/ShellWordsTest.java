package dev.gatehouse.policy.shell;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ShellWordsTest {

  @Test
  void readsAPlainCommand() {
    // Given a command without quoting or expansion
    // When it is read
    Reading reading = Reading.of("ls -la --color=auto src");
    // Then its words, flags and place are known
    ShellCommand ls = reading.command("ls");
    assertEquals(List.of("ls|-la|--color=auto|src"), reading.lines());
    assertTrue(ls.hasShort('a') && ls.hasShort('l') && ls.hasLong("color"));
    assertFalse(ls.hasShort('c'));
    assertEquals("auto", value(ls, "color"));
    assertEquals(0, ls.start());
    assertEquals(23, ls.end());
    assertTrue(reading.reading().facts().isEmpty());
  }

  private static String value(ShellCommand command, String flag) {
    Word word = command.flagValue(flag);
    assertNotNull(word);
    return word.value();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "shred -u f",
        "'shred' -u f",
        "\"shred\" -u f",
        "s\\hred -u f",
        "sh''red -u f",
        "$'\\x73hred' -u f",
        "$'\\163hred' -u f",
        "$\"shred\" -u f",
        "shr\\\ned -u f",
        "a=sh b=red; $a$b -u f",
        "a=sh; a+=red; $a -u f",
        "x=shred; ${x} -u f",
        "${nothing:-shred} -u f",
        "x=xshredx; ${x:1:5} -u f",
        "x=sh_red; ${x/_/} -u f",
        "x=s-h-r-e-d; ${x//-/} -u f",
        "x=abcshred; ${x#abc} -u f",
        "x=shred.sh; ${x%.sh} -u f",
        "x=SHRED; ${x,,} -u f",
        "a=(ls shred); ${a[1]} -u f",
        "y=shred; x=y; ${!x} -u f",
        "x='shred -u f'; $x",
        "{shred,-u,f}",
        "shred${IFS}-u${IFS}f",
        "shred$IFS-u$IFS'f'",
        "sh$@red -u f",
        "$(echo shred) -u f",
        "`echo shred` -u f",
        "$(printf '\\x73\\x68\\x72\\x65\\x64') -u f",
        "$(printf %s%s sh red) -u f",
        "$(echo c2hyZWQK | base64 -d) -u f",
        "$(echo 7368726564 | xxd -r -p) -u f",
        "$(echo derhs | rev) -u f",
        "$(echo tisfe | tr 'efist' 'dehrs') -u f",
        "$(echo SHRED | tr A-Z a-z) -u f",
        "$(which shred) -u f",
        "alias zap=shred; zap -u f",
        "zap() { shred \"$@\"; }; zap -u f",
        "set -- shred -u f; \"$@\"",
        "read x <<< shred; $x -u f",
        "printf -v x %s shred; $x -u f",
        "for c in shred; do $c -u f; done",
        "eval 'shr''ed -u f'",
        "ｓｈｒｅｄ -u f",
        "\u0455hred -u f",
        "shr\u200bed -u f",
        "shred \u2013u f",
      })
  void seesThroughDisguise(String text) {
    // Given one and the same command, written in some other way
    // When it is read
    Reading reading = Reading.of(text);
    // Then the command is there as if it were written plainly
    assertTrue(reading.runs("shred|-u|f"), () -> text + " -> " + reading.lines());
  }

  @Test
  void tellsHowANameWasDisguised() {
    assertTrue(Reading.of("r''m x").command("rm").has(ShellFact.QUOTED_NAME));
    assertTrue(Reading.of("a=rm; $a x").command("rm").has(ShellFact.COMPUTED_NAME));
    assertTrue(Reading.of("$(echo rm) x").command("rm").has(ShellFact.SUBSTITUTED_NAME));
    assertTrue(Reading.of("rm${IFS}x").command("rm").has(ShellFact.IFS_AS_BLANK));
    assertTrue(Reading.of("\u0433m x").command("rm").has(ShellFact.DISGUISED));
    assertTrue(Reading.of("r${x}m y").command("rm").has(ShellFact.UNRESOLVED_NAME));
    assertTrue(Reading.of("$tool x").reading().has(ShellFact.UNRESOLVED_NAME));
    assertNull(Reading.of("$tool x").reading().commands().get(0).name());
  }

  @Test
  void keepsWhatIsKnownOfAWord() {
    // Given a path that ends in a variable nobody set
    // When it is read
    Word word = Reading.of("rm -rf /srv/$name/x").command("rm").arguments().get(1);
    // Then its start is known, and that it is not all
    assertFalse(word.known());
    assertEquals("/srv/", word.knownPrefix());
  }

  @Test
  void takesHomeAndTildeForTheSame() {
    assertEquals(List.of("ls|~|~|~/a"), Reading.of("ls ~ $HOME \"${HOME}/a\"").lines());
  }

  @Test
  void tellsAPatternFromAQuotedStar() {
    List<Word> words = Reading.of("rm *.o '*.o' \"$x\"*").command("rm").arguments();
    assertTrue(words.get(0).glob());
    assertFalse(words.get(1).glob());
    assertTrue(words.get(2).glob());
  }

  @Test
  void keepsEveryTextAVariableMayHold() {
    assertEquals(
        List.of("true", "-", "-", "rm|/tmp/a|/tmp/b"),
        Reading.of("if true; then d=/tmp/a; else d=/tmp/b; fi; rm $d").lines());
    assertTrue(Reading.of("d=/; [ -z $x ] && d=/tmp; rm $d").runs("rm|/|/tmp"));
    assertTrue(Reading.of("for d in /a /b; do rm \"$d\"; done").runs("rm|/a|/b"));
  }

  @Test
  void readsLongFlagsInShort() {
    ShellCommand rm = Reading.of("rm --recurs --f=1 -- --force").command("rm");
    assertTrue(rm.hasLong("recursive"));
    assertFalse(rm.hasLong("verbose"));
    assertEquals(3, rm.flagsEnd());
    assertEquals("9", value(Reading.of("kill -s 9").command("kill"), "s"));
  }
}
