package dev.gatehouse.policy.shell;

import dev.gatehouse.policy.text.Encodings;
import java.util.List;

/**
 * Finds the program texts among the arguments of languages: {@code python -c}, {@code awk '..'},
 * {@code pwsh -enc}.
 */
final class LanguagePrograms {
  private final Programs programs;

  LanguagePrograms(Programs programs) {
    this.programs = programs;
  }

  void read(Invocation invocation, Trait trait) {
    Language language = trait.language() == null ? Language.OTHER : trait.language();
    List<Word> words = invocation.arguments;
    if (invocation.base.equals("deno") && invocation.value(0).equals("eval") && words.size() > 1) {
      code(invocation, language, words.get(words.size() - 1));
      return;
    }
    boolean found = false;
    boolean fromFile = false;
    int i = 0;
    for (; i < words.size(); i++) {
      Word word = words.get(i);
      String value = word.value();
      boolean slash = language == Language.CMD && value.startsWith("/") && value.length() == 2;
      if (!word.isFlag() && !slash) {
        break;
      }
      if (value.equals("--")) {
        i++;
        break;
      }
      String flag = value.substring(value.startsWith("--") ? 2 : 1);
      int equals = flag.indexOf('=');
      String name = equals < 0 ? flag : flag.substring(0, equals);
      if (trait.code().contains(name) || (language == Language.POWERSHELL && encoded(name))) {
        found = true;
        if (equals > 0 && value.startsWith("--")) {
          code(invocation, language, word.withValue(flag.substring(equals + 1)));
        } else if (language == Language.POWERSHELL || language == Language.CMD) {
          rest(invocation, language, words, i + 1, encoded(name));
          return;
        } else if (i + 1 < words.size()) {
          code(invocation, language, words.get(++i));
        }
        if (language == Language.PYTHON) {
          return;
        }
        continue;
      }
      if (value.startsWith("--") || language == Language.POWERSHELL) {
        fromFile |= name.equals("file") && equals > 0;
        continue;
      }
      for (int at = 0; at < flag.length(); at++) {
        char letter = flag.charAt(at);
        boolean last = at == flag.length() - 1;
        if (trait.code().contains(String.valueOf(letter))) {
          found = true;
          if (!last) {
            code(invocation, language, word.withValue(flag.substring(at + 1)));
          } else if (i + 1 < words.size()) {
            code(invocation, language, words.get(++i));
          }
          break;
        }
        if (trait.valued().indexOf(letter) >= 0) {
          fromFile |= letter == 'f' && (language == Language.AWK || language == Language.SED);
          if (language == Language.PYTHON && letter == 'm') {
            return;
          }
          i += last && language != Language.PERL ? 1 : 0;
          break;
        }
      }
    }
    if (found) {
      return;
    }
    boolean operandIsCode = (language == Language.AWK || language == Language.SED) && !fromFile;
    if (operandIsCode) {
      if (i < words.size()) {
        code(invocation, language, words.get(i));
      }
    } else if (language == Language.SQL) {
      for (int at = i + 1; at < words.size(); at++) {
        code(invocation, language, words.get(at));
      }
      if (i + 1 >= words.size()) {
        programs.standardInput(invocation, language);
      }
    } else if (language == Language.POWERSHELL && i < words.size()) {
      rest(invocation, language, words, i, false);
    } else if (i < words.size()) {
      programs.script(invocation, words.get(i), words, i + 1, language);
    } else {
      programs.standardInput(invocation, language);
    }
  }

  private static boolean encoded(String flag) {
    return flag.length() > 0
        && (flag.equalsIgnoreCase("ec")
            || "encodedcommand".regionMatches(true, 0, flag, 0, flag.length()));
  }

  private void code(Invocation invocation, Language language, Word word) {
    programs.repaint(word);
    programs.embed(invocation, language, word.value(), word.start(), word.end());
  }

  private void rest(
      Invocation invocation, Language language, List<Word> words, int from, boolean encoded) {
    if (from >= words.size()) {
      return;
    }
    String text = Programs.joined(words, from);
    if (encoded) {
      String decoded = Encodings.base64(text);
      text = decoded == null ? Programs.HOLE : decoded.replace("\0", "");
      invocation.facts |= Bits.of(ShellFact.DECODED);
    }
    int start = words.get(from).start();
    programs.embed(
        invocation, language, text, start, Math.max(start, words.get(words.size() - 1).end()));
  }
}
