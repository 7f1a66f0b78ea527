package dev.gatehouse.policy;

import dev.gatehouse.action.Action;
import dev.gatehouse.action.Actor;
import dev.gatehouse.action.Role;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * Texts that are made to be dear to read: nesting, long tokens, near misses, expansions. Run as a
 * program it prints what processor time a decision on each takes, dearest first, on 512 Ki and 1 Mi
 * characters.
 */
public final class HostileTexts {
  private static final List<String> SHELL =
      List.of(
          "$(rm -rf x;",
          "`",
          "awk '`",
          "{ ",
          "{",
          "(",
          "((",
          "$((",
          "${",
          "${a:-",
          "<<a\n",
          "\uFFFC",
          "\u0430",
          "a=b ",
          "a=$a$a;",
          "'",
          "\"",
          "\\",
          "\\\n",
          "|",
          ";",
          "&&",
          "!",
          "if ",
          "case x in ",
          "for i in ",
          "x() { ",
          "alias a=b;",
          "eval ",
          "sudo ",
          "xargs ",
          "find . -exec ",
          "sh -c '",
          "env -S '",
          "echo a | sh | ",
          "base64 -d ",
          "printf '%s' ",
          "a",
          "$a",
          "# ",
          "[[ ",
          "{a,b}",
          "{1..9}",
          "*",
          "$'\\x41'",
          "rm -rf /",
          "rm -rf $",
          "/tmp/../",
          "<(",
          ">a ",
          "2>&1 ",
          "<<<a ",
          "cat <<'EOF'\n");

  private static final List<String> PYTHON =
      List.of(
          "(",
          "[",
          "{",
          "f(",
          "f'{",
          "'''",
          "\"",
          "a.",
          "a=",
          "a=a+'x'\n",
          "if x:\n ",
          "def f(a):\n ",
          "class A:\n ",
          "lambda:",
          "not ",
          "-",
          "x if y else ",
          "exec('",
          "eval(",
          "import a\n",
          "from a import b\n",
          "getattr(os,'",
          "os.system('",
          "subprocess.run(['sh','-c','",
          "\\\n",
          "#",
          "a,",
          "a[",
          "\uFFFC",
          "**",
          "@",
          "chr(1)+",
          "'%s'%",
          "'a'.join(",
          "with a as b:\n ",
          "for a in b:\n ",
          "return ",
          "a:b=",
          ":=",
          "print('x')\n");

  private static final List<String> SQL =
      List.of(
          "'",
          "''",
          "\"",
          "`",
          "[",
          "$$",
          "$a",
          "$a$ ",
          "q'[",
          "/*",
          "*/",
          "/*!",
          "-- ",
          "#",
          "\\",
          "(",
          "(select ",
          ")",
          ";",
          "a",
          "a.",
          "select ",
          "delete from t ",
          "update t set a = ",
          "where 1=1 or ",
          "drop ",
          "exec('",
          "'a'+",
          "do $$ ",
          "1 = 1 and ",
          "\uFFFC");

  private static final List<String> WINDOWS =
      List.of(
          "'",
          "'a'+",
          "\"",
          "`a",
          "^a",
          "%a%",
          "set a=%a%&",
          "set a=b&",
          "%a:~1,1%",
          "!a!",
          "rm -r ",
          "rd /s ",
          "C:\\",
          "iwr http://a ",
          "| iex",
          "[char]1+",
          "{0}",
          "\\\\a\\",
          "$a",
          "reg add ",
          "-enc ",
          "format ");

  private static final List<String> JAVASCRIPT =
      List.of(
          "'",
          "`",
          "eval(",
          "import(",
          "require('",
          "fs.rm(a,",
          "process.env,",
          "fetch(",
          "{$",
          "_0x1234",
          "['a'+",
          "// ",
          "body:",
          "https://a");

  /** With a wildcard behind, they are file patterns. */
  private static final List<String> PATHS =
      List.of("a/", "x/../", "./", "/proc/self/root", "/proc/self/task/1/cwd/", "[/", "[]", "?/");

  private HostileTexts() {}

  /**
   * One pattern that a hostile text repeats.
   *
   * @param head what half of the text repeats in front of it; empty for nothing
   * @param tail what stands behind
   */
  public record Hostile(String tool, String head, String pattern, String tail) {
    /** The action whose text has about this many characters. */
    Action action(int length) {
      String front = head.isEmpty() ? "" : head.repeat(length / 2);
      String text = front + pattern.repeat((length - front.length()) / pattern.length()) + tail;
      String argument =
          switch (tool) {
            case "bash", "powershell", "cmd" -> "command";
            case "sql" -> "query";
            case "read_file" -> "path";
            default -> "code";
          };
      return new Action(
          new Actor("t", "a", Role.AGENT), "s", tool, Map.of(argument, text), Map.of());
    }

    @Override
    public String toString() {
      return tool + " " + head + pattern.replace("\n", "\\n") + tail;
    }
  }

  static Stream<Hostile> all() {
    return Stream.of(
            hostile("bash", SHELL),
            hostile("python", PYTHON),
            hostile("sql", SQL),
            hostile("powershell", WINDOWS),
            hostile("cmd", WINDOWS),
            hostile("javascript", JAVASCRIPT),
            PATHS.stream().map(path -> new Hostile("read_file", "", path, "*")),
            PATHS.stream().map(path -> new Hostile("read_file", "A", "/" + path, "*")),
            PATHS.stream().map(path -> new Hostile("bash", "", path, "*")))
        .flatMap(texts -> texts);
  }

  private static Stream<Hostile> hostile(String tool, List<String> patterns) {
    return patterns.stream().map(pattern -> new Hostile(tool, "", pattern, ""));
  }

  public static void main(String[] arguments) {
    Policy policy = PolicyBenchmark.load();
    all().forEach(hostile -> medianMillis(policy, hostile.action(1 << 18), 20));
    String[] lines =
        all()
            .map(hostile -> {
              double half = medianMillis(policy, hostile.action(1 << 19), 21);
              double whole = medianMillis(policy, hostile.action(1 << 20), 21);
              return String.format(
                  "%8.1f ms  %8.1f ms  x %.2f  %s", half, whole, whole / half, hostile);
            })
            .toArray(String[]::new);
    Arrays.sort(lines, (a, b) -> Double.compare(whole(b), whole(a)));
    System.out.println("   512 Ki       1 Mi     ratio  pattern");
    Arrays.stream(lines).forEach(System.out::println);
  }

  private static double medianMillis(Policy policy, Action action, int rounds) {
    return Growth.medianNanos(() -> policy.decide(action), rounds) / 1e6;
  }

  private static double whole(String line) {
    return Double.parseDouble(line.substring(13, 21).strip());
  }
}
