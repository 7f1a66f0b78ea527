package dev.gatehouse.policy;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.util.ArrayList;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Ways of spelling a shell command so that it does the same and looks like something else. */
@SuppressWarnings("ImmutableEnumChecker") // the lists of spellings are copies
enum ShellDisguise implements Disguise {
  QUOTES(
      text -> eachWord(text, word -> word.charAt(0) + "''" + word.substring(1)),
      text -> eachWord(text, word -> "\"" + word + "\""),
      text -> name(text, word -> "'" + word + "'")),
  BACKSLASHES(
      text -> eachWord(text, word -> word.charAt(0) + "\\" + word.substring(1)),
      text -> name(text, word -> "\\" + word)),
  VARIABLES(
      text -> "c=" + nameOf(text) + "; $c" + rest(text),
      text -> halves(text, "a=%s;b=%s; $a$b") + rest(text),
      text -> halves(text, "a=%s; b=%s; \"${a}${b}\"") + rest(text),
      text -> "export xyz='" + rest(text).strip() + "'; " + nameOf(text) + " $xyz"),
  VARIABLE_CASE(
      text -> "xY=" + nameOf(text) + "; ${xY}" + rest(text),
      text -> "A=" + nameOf(text).toUpperCase(java.util.Locale.ROOT) + "; ${A,,}" + rest(text),
      text -> "$(printf %s " + nameOf(text) + ")" + rest(text)),
  IFS(
      text -> text.replace(" ", "${IFS}"),
      text -> text.replace(" ", "$IFS$9"),
      text -> "{" + text.replace(" ", ",") + "}"),
  BASE64(
      text -> "echo " + base64(text) + " | base64 -d | sh",
      text -> "bash -c \"$(echo " + base64(text) + " | base64 --decode)\"",
      text -> "base64 -d <<< " + base64(text) + " | bash",
      text -> "eval \"$(printf %s " + base64(text) + " | base64 -d)\""),
  HEX(
      text -> "echo " + hex(text) + " | xxd -r -p | sh",
      text -> "printf '" + escapes(text) + "' | sh",
      text -> "echo -e '" + escapes(text) + "' | bash",
      text -> name(text, word -> "$'" + escapes(word) + "'"),
      text -> "eval $'" + escapes(text) + "'"),
  OCTAL(
      text -> "printf '" + octal(text) + "' | sh",
      text -> name(text, word -> "$'" + octal(word) + "'")),
  ALIASES(
      text -> "alias zz='" + nameOf(text) + "'\nzz" + rest(text),
      text -> "shopt -s expand_aliases\nalias zz='" + text.replace("'", "'\\''") + "'\nzz",
      text -> "zz() { " + text + "; }; zz",
      text -> "zz() { " + nameOf(text) + " \"$@\"; }; zz" + rest(text)),
  NEWLINES(
      text -> text.charAt(0) + "\\\n" + text.substring(1),
      text -> text.replace(" ", " \\\n  "),
      text -> "true\n\n" + text + "\ntrue",
      text -> "# nothing to see\n\t" + text),
  LOOKALIKES(
      text -> name(text, ShellDisguise::fullWidth),
      text -> name(text, ShellDisguise::cyrillic),
      text -> name(text, word -> word.charAt(0) + "\u200b" + word.substring(1))),
  EVAL(
      text -> "eval '" + text.replace("'", "'\\''") + "'",
      text -> "eval \"" + nameOf(text) + "\" \"" + rest(text).strip() + "\"",
      text -> "eval $(echo " + text.replace("|", "\\|").replace("&", "\\&") + ")"),
  NESTING(
      text -> "sh -c '" + text.replace("'", "'\\''") + "'",
      text -> "bash -c \"sh -c '" + text + "'\"",
      text -> "env X=1 nohup bash -lc '" + text.replace("'", "'\\''") + "' &",
      text -> "sh <<'END'\n" + text + "\nEND",
      text -> "(cd /tmp && { " + text + "; })");

  private static final Pattern WORD = Pattern.compile("(?<![\\S])[A-Za-z][\\w.-]+(?![^\\s])");

  private final List<Spelling> spellings;

  ShellDisguise(Spelling... spellings) {
    this.spellings = List.of(spellings);
  }

  @Override
  public List<String> of(String text) {
    List<String> disguised = new ArrayList<>();
    for (Spelling spelling : spellings) {
      String spelled = spelling.of(text);
      if (!spelled.equals(text)) {
        disguised.add(spelled);
      }
    }
    return disguised;
  }

  private static String nameOf(String text) {
    int blank = text.indexOf(' ');
    return blank < 0 ? text : text.substring(0, blank);
  }

  private static String rest(String text) {
    return text.substring(nameOf(text).length());
  }

  private static String name(String text, Function<String, String> spelling) {
    return spelling.apply(nameOf(text)) + rest(text);
  }

  private static String halves(String text, String form) {
    String name = nameOf(text);
    return form.formatted(name.substring(0, 1), name.substring(1));
  }

  /** Words of letters, digits, dots and dashes, between blanks. */
  private static String eachWord(String text, Function<String, String> spelling) {
    return WORD.matcher(text)
        .replaceAll(match -> Matcher.quoteReplacement(spelling.apply(match.group())));
  }

  private static String base64(String text) {
    return Base64.getEncoder().encodeToString(text.getBytes(UTF_8));
  }

  private static String hex(String text) {
    return HexFormat.of().formatHex(text.getBytes(UTF_8));
  }

  private static String escapes(String text) {
    return HexFormat.of().withPrefix("\\x").formatHex(text.getBytes(UTF_8));
  }

  private static String octal(String text) {
    StringBuilder octal = new StringBuilder();
    for (byte b : text.getBytes(UTF_8)) {
      octal.append("\\%03o".formatted(b & 0xff));
    }
    return octal.toString();
  }

  private static String fullWidth(String word) {
    StringBuilder wide = new StringBuilder();
    word.chars().forEach(c -> wide.append((char) (c > 0x20 && c < 0x7f ? c + 0xfee0 : c)));
    return wide.toString();
  }

  private static String cyrillic(String word) {
    return word.replace('a', '\u0430')
        .replace('c', '\u0441')
        .replace('e', '\u0435')
        .replace('o', '\u043e')
        .replace('p', '\u0440')
        .replace('s', '\u0455')
        .replace('i', '\u0456')
        .replace('x', '\u0445');
  }
}
