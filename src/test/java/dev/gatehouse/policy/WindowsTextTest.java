package dev.gatehouse.policy;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.gatehouse.action.Action;
import dev.gatehouse.action.Actor;
import dev.gatehouse.action.Decision;
import dev.gatehouse.action.Outcome;
import dev.gatehouse.action.Role;
import dev.gatehouse.policy.shell.Language;
import java.util.Map;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class WindowsTextTest {
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '~',
      value = {
        "i`e`x $a               | iex $a",
        "& ('i'+'ex') $a        | & ('iex') $a",
        "\"a\" +  \"b\" + 'c'   | \"ab\" + 'c'",
        "Get-ChildItem C:\\     | Get-ChildItem C:\\"
      })
  void takesDisguisesOfPowerShellAway(String text, String plain) {
    assertEquals(plain, WindowsText.plain(Language.POWERSHELL, text));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '~',
      value = {
        "w^h^o^ami              | whoami",
        "v\"s\"s\"admin\"       | vssadmin\"",
        "set a=cert& call %a%util   | set a=cert& call certutil",
        "set \"A=x\" && echo !a!    | set \"A=x\" && echo x",
        "echo %PATH% 100%       | echo %PATH% 100%",
        "echo a ^> b            | echo a ^> b"
      })
  void takesDisguisesOfCmdAway(String text, String plain) {
    assertEquals(plain, WindowsText.plain(Language.CMD, text));
  }

  @ParameterizedTest
  @CsvSource({"powershell, Get-Item a;", "cmd, dir a&", "cmd, d^i^r a&"})
  void whatIsTooLongToBeReadIsAsked(String tool, String harmless) {
    Policy policy = PolicyBenchmark.load();
    Decision whole = policy.decide(action(tool, harmless.repeat((1 << 17) / harmless.length())));
    Decision tooLong = policy.decide(action(tool, harmless.repeat((1 << 20) / harmless.length())));

    assertFalse(isCut(whole), whole::toString);
    assertTrue(isCut(tooLong), tooLong::toString);
    assertNotEquals(Outcome.ALLOW, tooLong.outcome());
  }

  private static boolean isCut(Decision decision) {
    return decision.reasons().stream().anyMatch(reason -> reason.code().equals(Verdict.CUT));
  }

  private static Action action(String tool, String command) {
    return new Action(
        new Actor("t", "a", Role.AGENT), "s", tool, Map.of("command", command), Map.of());
  }

  @Property
  void neverThrowsAndGrowsWithTheTextOnly(@ForAll String text, @ForAll boolean cmd) {
    String hostile = "set a=" + text + "&" + "%a%".repeat(text.length()) + text;
    String plain = WindowsText.plain(cmd ? Language.CMD : Language.POWERSHELL, hostile);
    assertTrue(plain.length() <= 5 * hostile.length() + 64);
  }
}
