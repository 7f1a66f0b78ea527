package dev.gatehouse.policy.shell;

import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * Computes what the operators of {@code ${..}} make of a text that is known; null where that is not
 * plain.
 */
final class ParameterEdits {
  private ParameterEdits() {}

  /** {@code ${name:offset:length}}. */
  static @Nullable String slice(String text, String operand) {
    int colon = operand.indexOf(':');
    int offset = number(colon < 0 ? operand : operand.substring(0, colon), Integer.MIN_VALUE);
    int size =
        colon < 0 ? Integer.MAX_VALUE : number(operand.substring(colon + 1), Integer.MIN_VALUE);
    if (offset == Integer.MIN_VALUE || size == Integer.MIN_VALUE) {
      return null;
    }
    int hole = text.indexOf(Word.HOLE);
    if (hole >= 0 && (offset < 0 || size < 0 || (long) offset + size > hole)) {
      return null;
    }
    int length = text.length();
    int from = Math.min(length, offset < 0 ? Math.max(0, length + offset) : offset);
    long to = size < 0 ? length + (long) size : (long) from + size;
    return to <= from ? "" : text.substring(from, (int) Math.min(length, to));
  }

  /** {@code ${name#pattern}} and its like. */
  static @Nullable String trim(String text, String pattern, boolean front, boolean longest) {
    String literal = pattern;
    boolean starAtEdge = false;
    if (front && literal.startsWith("*")) {
      literal = literal.substring(1);
      starAtEdge = true;
    } else if (!front && literal.endsWith("*")) {
      literal = literal.substring(0, literal.length() - 1);
      starAtEdge = true;
    }
    if (literal.indexOf('*') >= 0 || literal.indexOf('[') >= 0 || literal.indexOf('\\') >= 0) {
      return null;
    }
    if (literal.indexOf('?') >= 0) {
      return onlyQuestionMarks(literal) && !starAtEdge && literal.length() <= text.length()
          ? front
              ? text.substring(literal.length())
              : text.substring(0, text.length() - literal.length())
          : null;
    }
    if (!starAtEdge) {
      if (front) {
        return text.startsWith(literal) ? text.substring(literal.length()) : text;
      }
      return text.endsWith(literal) ? text.substring(0, text.length() - literal.length()) : text;
    }
    if (literal.isEmpty()) {
      return longest ? "" : text;
    }
    if (front) {
      int at = longest ? text.lastIndexOf(literal) : text.indexOf(literal);
      return at < 0 ? text : text.substring(at + literal.length());
    }
    int at = longest ? text.indexOf(literal) : text.lastIndexOf(literal);
    return at < 0 ? text : text.substring(0, at);
  }

  private static boolean onlyQuestionMarks(String text) {
    for (int i = 0; i < text.length(); i++) {
      if (text.charAt(i) != '?') {
        return false;
      }
    }
    return true;
  }

  /**
   * {@code ${name/pattern/replacement}}; the mode is the second slash, {@code #} or {@code %}, or
   * anything else.
   */
  static @Nullable String replace(String text, char mode, String pattern, String replacement) {
    boolean wild =
        pattern.indexOf('*') >= 0 || pattern.indexOf('?') >= 0 || pattern.indexOf('[') >= 0;
    if (wild) {
      return null;
    }
    return switch (mode) {
      case '/' -> text.replace(pattern, replacement);
      case '#' -> text.startsWith(pattern) ? replacement + text.substring(pattern.length()) : text;
      case '%' ->
          text.endsWith(pattern)
              ? text.substring(0, text.length() - pattern.length()) + replacement
              : text;
      default -> {
        int at = text.indexOf(pattern);
        yield at < 0
            ? text
            : text.substring(0, at) + replacement + text.substring(at + pattern.length());
      }
    };
  }

  /** {@code ${name^}}, {@code ${name^^}} and the same with a comma. */
  static String letterCase(String text, boolean upper, boolean all) {
    int end = all ? text.length() : Math.min(1, text.length());
    String part = text.substring(0, end);
    part = upper ? part.toUpperCase(Locale.ROOT) : part.toLowerCase(Locale.ROOT);
    return part + text.substring(end);
  }

  /** A decimal number of at most six characters, or what is to be taken otherwise. */
  static int number(String text, int otherwise) {
    String digits = text.strip();
    if (digits.isEmpty() || digits.length() > 6) {
      return otherwise;
    }
    int at = digits.charAt(0) == '-' ? 1 : 0;
    int value = 0;
    if (at == digits.length()) {
      return otherwise;
    }
    for (; at < digits.length(); at++) {
      char c = digits.charAt(at);
      if (c < '0' || c > '9') {
        return otherwise;
      }
      value = value * 10 + c - '0';
    }
    return digits.charAt(0) == '-' ? -value : value;
  }
}
