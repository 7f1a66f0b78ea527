package dev.gatehouse.policy.match;

import java.util.LinkedHashSet;
import java.util.Locale;
import java.util.Set;

/**
 * Reads a regular expression for words of which one must occur in whatever it matches. Cautious:
 * what it does not understand gives no word, never a wrong one.
 */
final class RequiredLiterals {
  private static final int SHORTEST = 2;
  private static final int MOST = 64;

  private final String regex;
  private int at;
  private boolean understood = true;

  private RequiredLiterals(String regex) {
    this.regex = regex;
  }

  /** The words, lower-case; empty if none is known. */
  static Set<String> of(String regex) {
    RequiredLiterals reader = new RequiredLiterals(regex);
    Set<String> words = reader.alternatives();
    if (!reader.understood || reader.at < regex.length() || words.size() > MOST) {
      return Set.of();
    }
    return words;
  }

  /** The union over all alternatives, or nothing if one of them requires nothing. */
  private Set<String> alternatives() {
    Set<String> all = new LinkedHashSet<>();
    boolean open = false;
    while (true) {
      Set<String> one = sequence();
      open |= one.isEmpty();
      all.addAll(one);
      if (at >= regex.length() || regex.charAt(at) != '|') {
        return open ? Set.of() : all;
      }
      at++;
    }
  }

  /** The best required set of one alternative. */
  private Set<String> sequence() {
    Set<String> best = Set.of();
    StringBuilder run = new StringBuilder();
    while (at < regex.length() && understood) {
      char c = regex.charAt(at);
      if (c == '|' || c == ')') {
        break;
      }
      int before = at;
      Set<String> group = Set.of();
      int literal = -1;
      if (c == '(') {
        group = group();
      } else if (c == '[') {
        skipClass();
      } else if (c == '\\') {
        literal = escape();
      } else {
        at++;
        literal = ".^$".indexOf(c) >= 0 || c >= 128 ? -1 : c;
      }
      boolean anchor = c == '^' || c == '$' || isBoundary(before);
      Quantifier quantifier = quantifier();
      if (literal >= 0 && quantifier == Quantifier.ONCE) {
        run.append((char) literal);
        continue;
      }
      if (literal >= 0 && quantifier == Quantifier.MORE) {
        run.append((char) literal);
      }
      if (anchor) {
        continue;
      }
      best = better(best, run);
      run.setLength(0);
      if (quantifier != Quantifier.OPTIONAL && score(group) > score(best)) {
        best = group;
      }
    }
    return better(best, run);
  }

  private boolean isBoundary(int start) {
    return regex.startsWith("\\b", start) || regex.startsWith("\\B", start);
  }

  private Set<String> group() {
    at++;
    if (regex.startsWith("?", at)) {
      int colon = regex.indexOf(':', at);
      int close = regex.indexOf(')', at);
      String flags = colon < 0 ? "" : regex.substring(at + 1, colon);
      if (colon >= 0 && (close < 0 || colon < close) && flags.matches("[ismu-]*")) {
        at = colon + 1;
      } else if (close >= 0 && regex.substring(at + 1, close).matches("[ismu-]+")) {
        at = close + 1;
        return Set.of();
      } else {
        understood = false;
        return Set.of();
      }
    }
    Set<String> inner = alternatives();
    if (at < regex.length() && regex.charAt(at) == ')') {
      at++;
    } else {
      understood = false;
    }
    return inner;
  }

  private void skipClass() {
    int depth = 0;
    do {
      char c = regex.charAt(at);
      if (c == '\\') {
        at++;
      } else if (c == '[') {
        depth++;
        // At the beginning of a class ']' is one of it.
        at += regex.startsWith("^", at + 1) ? 1 : 0;
        at += regex.startsWith("]", at + 1) ? 1 : 0;
      } else if (c == ']') {
        depth--;
      }
      at++;
    } while (depth > 0 && at < regex.length());
    understood &= depth == 0;
  }

  /** The escaped character if it is one, else -1. */
  private int escape() {
    at++;
    if (at >= regex.length()) {
      understood = false;
      return -1;
    }
    char c = regex.charAt(at++);
    if (c >= 128) {
      return -1;
    }
    if (!Character.isLetterOrDigit(c)) {
      return c;
    }
    if ("pPxuQEck0123456789".indexOf(c) >= 0) {
      understood = false;
    }
    return switch (c) {
      case 'n' -> '\n';
      case 't' -> '\t';
      default -> -1;
    };
  }

  private enum Quantifier {
    ONCE,
    MORE,
    OPTIONAL
  }

  private Quantifier quantifier() {
    if (at >= regex.length()) {
      return Quantifier.ONCE;
    }
    Quantifier found =
        switch (regex.charAt(at)) {
          case '+' -> Quantifier.MORE;
          case '*', '?', '{' -> Quantifier.OPTIONAL;
          default -> Quantifier.ONCE;
        };
    if (found == Quantifier.ONCE) {
      return found;
    }
    if (regex.charAt(at) == '{') {
      boolean required = at + 1 < regex.length() && "123456789".indexOf(regex.charAt(at + 1)) >= 0;
      int close = regex.indexOf('}', at);
      if (close < 0) {
        understood = false;
        return found;
      }
      at = close;
      found = required ? Quantifier.MORE : Quantifier.OPTIONAL;
    }
    at++;
    if (at < regex.length() && regex.charAt(at) == '?') {
      at++;
    }
    return found;
  }

  private static Set<String> better(Set<String> best, StringBuilder run) {
    String word = run.toString().toLowerCase(Locale.ROOT).strip();
    return word.length() > score(best) && word.length() >= SHORTEST ? Set.of(word) : best;
  }

  /** The length of the shortest word: the longer, the rarer. */
  private static int score(Set<String> words) {
    return words.stream().mapToInt(String::length).min().orElse(0);
  }
}
