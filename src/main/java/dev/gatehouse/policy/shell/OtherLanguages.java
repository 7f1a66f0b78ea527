package dev.gatehouse.policy.shell;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/**
 * Finds shell text in programs of other languages: string literals given to the functions that run
 * commands, and backquotes.
 *
 * <p>One scan; it knows names and quotes, not grammars.
 */
final class OtherLanguages {
  private static final int MAX_TEXTS = 64;

  private static final Set<String> RUNNERS =
      Set.of(
          "system",
          "exec",
          "execl",
          "execv",
          "execve",
          "execvp",
          "execlp",
          "popen",
          "popen2",
          "popen3",
          "spawn",
          "spawnSync",
          "execSync",
          "execFile",
          "execFileSync",
          "execute",
          "passthru",
          "shell_exec",
          "proc_open",
          "pcntl_exec",
          "qx",
          "capture",
          "capture2",
          "capture3",
          "run",
          "Run",
          "Popen",
          "check_output",
          "call",
          "shell",
          "sh",
          "cmd",
          "term",
          "command",
          "source",
          "open",
          "IO",
          "start",
          "pipeline",
          "getline");

  private OtherLanguages() {}

  static List<String> shellTexts(Language language, String text) {
    List<String> found = new ArrayList<>(2);
    if (language == Language.SED) {
      sed(text, found);
      return found;
    }
    if (language == Language.SQL) {
      sql(text, found);
      return found;
    }
    if (language == Language.POWERSHELL) {
      found.add(text);
      return found;
    }
    if (language == Language.CMD) {
      return found;
    }
    int at = 0;
    while (at < text.length() && found.size() < MAX_TEXTS) {
      char c = text.charAt(at);
      if (c == '`' && language != Language.JAVASCRIPT) {
        int close = text.indexOf('`', at + 1);
        if (close < 0) {
          break;
        }
        found.add(text.substring(at + 1, close));
        at = close + 1;
      } else if (c == '%' && text.startsWith("%x", at) && at + 2 < text.length()) {
        at = delimited(text, at + 2, found);
      } else if (Character.isJavaIdentifierStart(c)) {
        int end = at + 1;
        while (end < text.length() && Character.isJavaIdentifierPart(text.charAt(end))) {
          end++;
        }
        String name = text.substring(at, end);
        boolean runs = RUNNERS.contains(name);
        boolean bare = name.equals("spawn") || name.equals("exec");
        if (bare && language == Language.OTHER && isBareCommand(text, end)) {
          at = bareCommand(text, end, found);
          continue;
        }
        boolean quotedBy = text.startsWith("qx", at) && end == at + 2;
        at = quotedBy ? delimited(text, end, found) : runs ? literals(text, end, found) : end;
      } else if (c == '"' || c == '\'') {
        int end = closing(text, at);
        if (language == Language.AWK && isPipe(text, at, end)) {
          found.add(unescape(text.substring(at + 1, end)));
        }
        at = end + 1;
      } else {
        at++;
      }
    }
    return found;
  }

  /** {@code spawn rm -rf x} of expect and {@code exec} of Tcl: words without quotes. */
  private static boolean isBareCommand(String text, int at) {
    return at + 1 < text.length()
        && text.charAt(at) == ' '
        && (Character.isLetter(text.charAt(at + 1)) || text.charAt(at + 1) == '/');
  }

  private static int bareCommand(String text, int from, List<String> found) {
    int end = from;
    while (end < text.length() && ";\n]".indexOf(text.charAt(end)) < 0) {
      end++;
    }
    found.add(text.substring(from, end).strip());
    return end;
  }

  /** {@code "cmd" | getline} and {@code print | "cmd"}. */
  private static boolean isPipe(String text, int open, int close) {
    int before = open - 1;
    while (before >= 0 && open - before < 16 && text.charAt(before) == ' ') {
      before--;
    }
    int after = Math.min(close + 1, text.length());
    while (after < text.length() && after - close < 16 && text.charAt(after) == ' ') {
      after++;
    }
    return (before >= 0 && text.charAt(before) == '|')
        || (after < text.length() && text.charAt(after) == '|');
  }

  private static int delimited(String text, int at, List<String> found) {
    int from = at;
    while (from < text.length() && text.charAt(from) == ' ') {
      from++;
    }
    if (from >= text.length()) {
      return from;
    }
    char open = text.charAt(from);
    char close =
        switch (open) {
          case '(' -> ')';
          case '{' -> '}';
          case '[' -> ']';
          case '<' -> '>';
          default -> open;
        };
    int end = text.indexOf(close, from + 1);
    if (end < 0) {
      return text.length();
    }
    found.add(text.substring(from + 1, end));
    return end + 1;
  }

  /** The string literals that follow a function's name, as one command line. */
  private static int literals(String text, int from, List<String> found) {
    StringBuilder line = new StringBuilder();
    int at = from;
    while (at < text.length()) {
      char c = text.charAt(at);
      if (c == '"' || c == '\'' || c == '`') {
        int end = closing(text, at);
        if (!line.isEmpty()) {
          line.append(' ');
        }
        line.append(unescape(text.substring(at + 1, Math.min(end, text.length()))));
        at = end + 1;
      } else if (c == ' ' || c == '(' || c == '[' || c == ',' || c == '\t') {
        at++;
      } else {
        break;
      }
    }
    if (!line.isEmpty()) {
      found.add(line.toString());
    }
    return Math.max(at, from);
  }

  private static int closing(String text, int open) {
    char quote = text.charAt(open);
    int at = open + 1;
    while (at < text.length() && text.charAt(at) != quote) {
      at += text.charAt(at) == '\\' ? 2 : 1;
    }
    return Math.min(at, text.length());
  }

  private static String unescape(String text) {
    return Escapes.decode(text);
  }

  /** The {@code e} command of GNU sed: at the start, or behind an address. */
  private static void sed(String text, List<String> found) {
    int at = 0;
    while (at < text.length()
        && (Character.isDigit(text.charAt(at)) || " $,!".indexOf(text.charAt(at)) >= 0)) {
      at++;
    }
    if (at + 1 < text.length() && text.charAt(at) == 's') {
      replacement(text, at + 1, found);
      return;
    }
    if (at < text.length() && text.charAt(at) == 'e' && at + 1 < text.length()) {
      char next = text.charAt(at + 1);
      if (next == ' ' || next == '/') {
        found.add(text.substring(at + 1));
      }
    }
  }

  /** {@code s/a/cmd/e} runs what it made. */
  private static void replacement(String text, int open, List<String> found) {
    char delimiter = text.charAt(open);
    int middle = unescaped(text, delimiter, open + 1);
    int close = unescaped(text, delimiter, middle + 1);
    if (close < text.length() && text.substring(close + 1).strip().matches("[0-9gpiImM]*e\\w*")) {
      found.add(text.substring(middle + 1, close).replace("\\", ""));
    }
  }

  private static int unescaped(String text, char wanted, int from) {
    int at = from;
    while (at < text.length() && text.charAt(at) != wanted) {
      at += text.charAt(at) == '\\' ? 2 : 1;
    }
    return Math.min(at, text.length());
  }

  /** {@code .shell}, {@code .system} and {@code \!} of database shells. */
  private static void sql(String text, List<String> found) {
    String stripped = text.strip();
    for (String verb : new String[] {".shell ", ".system ", "\\! ", "system ", "!"}) {
      if (stripped.startsWith(verb)) {
        found.add(stripped.substring(verb.length()));
        return;
      }
    }
    int program = text.indexOf("PROGRAM");
    if (program >= 0) {
      literals(text, program + 7, found);
    }
  }
}
