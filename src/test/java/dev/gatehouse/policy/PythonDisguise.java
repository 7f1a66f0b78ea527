package dev.gatehouse.policy;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.util.ArrayList;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** Ways of spelling a Python program so that it does the same and looks like something else. */
@SuppressWarnings("ImmutableEnumChecker") // the lists of spellings are copies
enum PythonDisguise implements Disguise {
  IMPORT_ALIASES(text -> renamed(text, "import %s as q_%s", "q_%s"), PythonDisguise::fromImports),
  DUNDER_IMPORT(
      text -> renamed(text, "", "__import__('%s')"),
      text -> renamed(text, "import importlib", "importlib.import_module('%s')")),
  GETATTR(
      text -> calls(text, "getattr(%s, '%s%s')("),
      text -> calls(text, "getattr(%s, '%s' + '%s')("),
      text -> calls(text, "%s.__dict__['%s' + '%s']("),
      text -> calls(text, "vars(%s)['%s%s'](")),
  CONCATENATION(
      text -> literals(text, word -> "'" + head(word) + "' + '" + tail(word) + "'"),
      text -> literals(text, word -> "'" + head(word) + "' '" + tail(word) + "'"),
      text -> literals(text, word -> "''.join(['" + head(word) + "', '" + tail(word) + "'])"),
      text -> literals(text, word -> "'%s%s' % ('" + head(word) + "', '" + tail(word) + "')"),
      text -> literals(text, word -> "'" + new StringBuilder(word).reverse() + "'[::-1]")),
  CHR(
      text -> literals(text, word -> codes(word, "chr(%d)", " + ")),
      text -> literals(text, word -> "''.join(map(chr, [" + codes(word, "%d", ", ") + "]))"),
      text -> literals(text, word -> "bytes([" + codes(word, "%d", ", ") + "]).decode()"),
      text -> literals(text, word -> "''.join(chr(c) for c in [" + codes(word, "%d", ",") + "])")),
  ESCAPES(
      text -> literals(text, word -> "'" + codes(word, "\\x%02x", "") + "'"),
      text -> literals(text, word -> "'" + codes(word, "\\%03o", "") + "'"),
      text -> literals(text, word -> "'" + codes(word, "\\u%04x", "") + "'")),
  BASE64(
      text -> "import base64\nexec(base64.b64decode('" + base64(text) + "'))",
      text -> "from base64 import b64decode as d\nexec(d(b'" + base64(text) + "').decode())",
      text -> "exec(__import__('base64').b64decode('" + base64(text) + "'))"),
  HEX(
      text -> "exec(bytes.fromhex('" + hex(text) + "').decode())",
      text -> "import codecs\nexec(codecs.decode('" + hex(text) + "', 'hex'))",
      text -> "import binascii\nexec(binascii.unhexlify('" + hex(text) + "'))"),
  EXEC(
      text -> "exec(" + quoted(text) + ")",
      text -> "exec(compile(" + quoted(text) + ", 'x', 'exec'))",
      text -> "e = exec\ne(" + quoted(text) + ")",
      text -> "__builtins__.exec(" + quoted(text) + ")"),
  VARIABLES(
      text -> variables(text, "s = %s\n"),
      text -> variables(text, "a = b = %s\ns = b\n"),
      text -> calls(text, "f = %s.%s%s\nf(")),
  NESTING(
      text -> "def f():\n" + text.indent(4) + "f()",
      text -> "if True:\n  try:\n" + text.indent(4) + "  except ValueError:\n    pass",
      text -> "class A:\n" + text.indent(4)),
  NEWLINES(
      text -> text.replace(".", ".\\\n  ").replace("'/.\\\n  ", "'/."),
      text -> text.replace("(", "(\n    "),
      text -> text.replace("\n", "; ")),
  LOOKALIKES(
      text -> wide(text, "os"),
      text -> wide(text, "system"),
      text -> wide(text, "open"),
      text -> wide(text, "subprocess"),
      text -> wide(text, "rmtree"));

  private static final Pattern IMPORT = Pattern.compile("(?m)^import (\\w+(?:, \\w+)*)$");
  private static final Pattern CALL =
      Pattern.compile("\\b(os|subprocess|shutil|pty|requests|pickle)\\.(\\w)(\\w+)\\(");
  private static final Pattern LITERAL = Pattern.compile("'([^'\\\\\\n]{4,})'");

  private final List<Spelling> spellings;

  PythonDisguise(Spelling... spellings) {
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

  /** Each plainly imported module under another name. */
  private static String renamed(String text, String importing, String using) {
    Matcher matcher = IMPORT.matcher(text);
    if (!matcher.find()) {
      return text;
    }
    StringBuilder head = new StringBuilder();
    String body = text.substring(matcher.end());
    for (String module : matcher.group(1).split(", ", -1)) {
      head.append(importing.replace("%s", module)).append('\n');
      body =
          body.replaceAll(
              "(?<![\\w./'~])" + module + "\\.(?=\\w)",
              Matcher.quoteReplacement(using.replace("%s", module) + "."));
    }
    return (head + body).strip();
  }

  /** {@code from os import system as q; q(..)}, of the first call. */
  private static String fromImports(String text) {
    Matcher call = CALL.matcher(text);
    if (!call.find()) {
      return text;
    }
    String function = call.group(2) + call.group(3);
    return "from "
        + call.group(1)
        + " import "
        + function
        + " as q\n"
        + text.substring(0, call.start())
        + "q("
        + text.substring(call.end());
  }

  /** The first call of a module's function, as a format of module and two halves of the name. */
  private static String calls(String text, String form) {
    Matcher call = CALL.matcher(text);
    if (!call.find()) {
      return text;
    }
    int line = text.lastIndexOf('\n', call.start()) + 1;
    String said = form.formatted(call.group(1), call.group(2), call.group(3));
    int newline = said.lastIndexOf('\n') + 1;
    return text.substring(0, line)
        + said.substring(0, newline)
        + text.substring(line, call.start())
        + said.substring(newline)
        + text.substring(call.end());
  }

  private static String literals(String text, Function<String, String> spelling) {
    return LITERAL
        .matcher(text)
        .replaceAll(match -> Matcher.quoteReplacement(spelling.apply(match.group(1))));
  }

  /** The last literal, told before the line that uses it. */
  private static String variables(String text, String form) {
    Matcher literal = LITERAL.matcher(text);
    int line = text.lastIndexOf('\n') + 1;
    return literal.find(line)
        ? text.substring(0, line)
            + form.formatted(literal.group())
            + text.substring(line, literal.start())
            + "s"
            + text.substring(literal.end())
        : text;
  }

  private static String head(String word) {
    return word.substring(0, word.length() / 2);
  }

  private static String tail(String word) {
    return word.substring(word.length() / 2);
  }

  private static String codes(String word, String form, String between) {
    return word.chars().mapToObj(form::formatted).collect(Collectors.joining(between));
  }

  private static String base64(String text) {
    return Base64.getEncoder().encodeToString(text.getBytes(UTF_8));
  }

  private static String hex(String text) {
    return HexFormat.of().formatHex(text.getBytes(UTF_8));
  }

  private static String quoted(String text) {
    return "\"" + text.replace("\\", "\\\\").replace("\"", "\\\"").replace("\n", "\\n") + "\"";
  }

  /** Python reads full-width letters of a name as the plain ones. */
  private static String wide(String text, String name) {
    StringBuilder wide = new StringBuilder();
    name.chars().forEach(c -> wide.append((char) (c + 0xfee0)));
    return text.replaceAll(
        "(?<![\\w'/.])" + name + "(?=[.(])|(?<=\\.)" + name + "(?=\\()", wide.toString());
  }
}
