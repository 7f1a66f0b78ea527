package dev.gatehouse.policy;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.gatehouse.policy.Obfuscation.Form;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** What is caught plain is caught disguised, and harmless texts may be spelled in many ways. */
@SuppressWarnings("NullAway.Init")
class ObfuscationTest {
  private static final double LEAST_OF_ALL = 0.90;
  private static final double LEAST_OF_A_KIND = 0.80;
  private static final double MOST_FALSE_ALARMS = 0.05;

  private static Obfuscation shell;
  private static Obfuscation python;

  @BeforeAll
  static void loadThePolicy() throws Exception {
    Policy policy =
        Policy.compile(new PolicyFiles(Path.of("conf/policies")).read(), InstantSource.system());
    shell = Obfuscation.ofShell(policy);
    python = Obfuscation.ofPython(policy);
  }

  @Test
  void flagsEveryDangerousDeedAndAllowsEveryHarmlessOneUndisguised() {
    assertEquals(List.of(), named(Deed.dangerousShell(), shell, false));
    assertEquals(List.of(), named(Deed.dangerousPython(), python, false));
    assertEquals(List.of(), named(Deed.harmlessShell(), shell, true));
    assertEquals(List.of(), named(Deed.harmlessPython(), python, true));
    assertTrue(Deed.dangerousShell().size() >= 60);
  }

  @Test
  void flagsDangerousShellInEveryDisguise() {
    caught(shell.judge(Deed.dangerousShell(), ShellDisguise.values()));
  }

  @Test
  void flagsDangerousPythonInEveryDisguise() {
    caught(python.judge(Deed.dangerousPython(), PythonDisguise.values()));
  }

  @Test
  void allowsHarmlessShellInTheSpellingsThatPeopleUse() {
    allowed(
        shell.judge(
            Deed.harmlessShell(),
            new Disguise[] {
              ShellDisguise.QUOTES,
              ShellDisguise.BACKSLASHES,
              ShellDisguise.VARIABLES,
              ShellDisguise.NEWLINES,
              ShellDisguise.ALIASES,
              ShellDisguise.EVAL,
              ShellDisguise.NESTING
            }));
  }

  @Test
  void allowsHarmlessPythonInTheSpellingsThatPeopleUse() {
    allowed(
        python.judge(
            Deed.harmlessPython(),
            new Disguise[] {
              PythonDisguise.IMPORT_ALIASES,
              PythonDisguise.CONCATENATION,
              PythonDisguise.ESCAPES,
              PythonDisguise.VARIABLES,
              PythonDisguise.NEWLINES,
              PythonDisguise.NESTING
            }));
  }

  private static List<String> named(List<Deed> deeds, Obfuscation by, boolean flagged) {
    return deeds.stream().filter(deed -> by.flags(deed.text()) == flagged).map(Deed::name).toList();
  }

  private static void caught(Map<String, List<Form>> kinds) {
    List<Form> all = Obfuscation.all(kinds);
    assertTrue(Obfuscation.rate(all) >= LEAST_OF_ALL, () -> listed(all, false));
    kinds.forEach((kind, forms) -> {
      assertTrue(!forms.isEmpty(), kind);
      assertTrue(Obfuscation.rate(forms) >= LEAST_OF_A_KIND, () -> listed(forms, false));
    });
  }

  private static void allowed(Map<String, List<Form>> kinds) {
    kinds.forEach((kind, forms) -> {
      assertTrue(!forms.isEmpty(), kind);
      assertTrue(Obfuscation.rate(forms) <= MOST_FALSE_ALARMS, () -> listed(forms, true));
    });
  }

  private static String listed(List<Form> forms, boolean flagged) {
    return forms.stream()
        .filter(form -> form.flagged() == flagged)
        .map(form -> form.kind() + ", " + form.deed().name() + ": " + form.text())
        .collect(Collectors.joining("\n", "\n", "\n"));
  }
}
