package dev.gatehouse.policy;

import dev.gatehouse.policy.Obfuscation.Form;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;

/**
 * Prints, for each kind of disguise, which share of disguised dangerous and harmless texts the
 * built-in policy flags; with {@code --misses} also the dangerous ones that it allows.
 */
public final class ObfuscationTable {
  private ObfuscationTable() {}

  /** Reads the policy files below the working directory. */
  public static void main(String[] arguments) throws Exception {
    boolean misses = List.of(arguments).contains("--misses");
    Policy policy =
        Policy.compile(new PolicyFiles(Path.of("conf/policies")).read(), InstantSource.system());
    print(
        "shell",
        Obfuscation.ofShell(policy),
        Deed.dangerousShell(),
        Deed.harmlessShell(),
        ShellDisguise.values(),
        misses);
    print(
        "python",
        Obfuscation.ofPython(policy),
        Deed.dangerousPython(),
        Deed.harmlessPython(),
        PythonDisguise.values(),
        misses);
  }

  private static void print(
      String language,
      Obfuscation obfuscation,
      List<Deed> dangerous,
      List<Deed> harmless,
      Disguise[] disguises,
      boolean misses) {
    Map<String, List<Form>> caught = obfuscation.judge(dangerous, disguises);
    Map<String, List<Form>> alarms = obfuscation.judge(harmless, disguises);
    System.out.printf(
        "%-8s%-16s%20s%24s%n", language, "disguise", "dangerous flagged", "harmless flagged");
    caught.forEach((kind, forms) -> row(kind, forms, alarms.getOrDefault(kind, List.of())));
    row("all", Obfuscation.all(caught), Obfuscation.all(alarms));
    if (misses) {
      Obfuscation.all(caught).stream()
          .filter(form -> !form.flagged())
          .forEach(form -> System.out.println("miss " + form));
      Obfuscation.all(alarms).stream()
          .filter(Form::flagged)
          .forEach(form -> System.out.println("alarm " + form));
    }
  }

  private static void row(String kind, List<Form> dangerous, List<Form> harmless) {
    System.out.printf("%8s%-16s%20s%24s%n", "", kind, share(dangerous), share(harmless));
  }

  private static String share(List<Form> forms) {
    long flagged = forms.stream().filter(Form::flagged).count();
    return "%d/%d %6.2f %%".formatted(flagged, forms.size(), 100 * Obfuscation.rate(forms));
  }
}
