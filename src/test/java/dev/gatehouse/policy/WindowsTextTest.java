package dev.gatehouse.policy;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.gatehouse.policy.shell.Language;
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

  @Property
  void neverThrowsAndGrowsWithTheTextOnly(@ForAll String text, @ForAll boolean cmd) {
    String hostile = "set a=" + text + "&" + "%a%".repeat(text.length()) + text;
    String plain = WindowsText.plain(cmd ? Language.CMD : Language.POWERSHELL, hostile);
    assertTrue(plain.length() <= 5 * hostile.length() + 64);
  }
}
