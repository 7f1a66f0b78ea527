package dev.gatehouse.policy.python;

/** The words of the language that the reader knows, as numbers: cheaper to compare than texts. */
final class Keyword {
  static final int NONE = 0;
  static final int AND = 1;
  static final int AS = 2;
  static final int ASSERT = 3;
  static final int ASYNC = 4;
  static final int AWAIT = 5;
  static final int BREAK = 6;
  static final int CLASS = 7;
  static final int CONTINUE = 8;
  static final int DEF = 9;
  static final int DEL = 10;
  static final int ELIF = 11;
  static final int ELSE = 12;
  static final int EXCEPT = 13;
  static final int EXEC = 14;
  static final int FINALLY = 15;
  static final int FOR = 16;
  static final int FROM = 17;
  static final int GLOBAL = 18;
  static final int IF = 19;
  static final int IMPORT = 20;
  static final int IN = 21;
  static final int IS = 22;
  static final int LAMBDA = 23;
  static final int NONLOCAL = 24;
  static final int NOT = 25;
  static final int OR = 26;
  static final int PASS = 27;
  static final int PRINT = 28;
  static final int RAISE = 29;
  static final int RETURN = 30;
  static final int TRY = 31;
  static final int WHILE = 32;
  static final int WITH = 33;
  static final int YIELD = 34;

  /** In the order of their numbers, from 1. */
  private static final String[] WORDS = {
    "and", "as", "assert", "async", "await", "break", "class", "continue", "def", "del", "elif",
    "else", "except", "exec", "finally", "for", "from", "global", "if", "import", "in", "is",
    "lambda", "nonlocal", "not", "or", "pass", "print", "raise", "return", "try", "while", "with",
    "yield"
  };

  private static final int LONGEST = 8;
  private static final int MASK = 255;

  /** Numbers of words at their hash, or at the next free place behind it. */
  private static final byte[] PLACES = new byte[MASK + 1];

  static {
    for (int i = 0; i < WORDS.length; i++) {
      String word = WORDS[i];
      int at = hash(word.charAt(0), word.charAt(1), word.charAt(word.length() - 1), word.length());
      while (PLACES[at] != NONE) {
        at = (at + 1) & MASK;
      }
      PLACES[at] = (byte) (i + 1);
    }
  }

  private static final long CONTINUING =
      1L << IF | 1L << OR | 1L << AND | 1L << IN | 1L << IS | 1L << NOT;

  private Keyword() {}

  /** Whether it goes on with the expression in front of it. */
  static boolean continues(int keyword) {
    return (CONTINUING >>> keyword & 1) != 0;
  }

  private static int hash(char first, char second, char last, int length) {
    return (first * 37 + second * 11 + last * 5 + length) & MASK;
  }

  /** The number of the word that stands there, or {@link #NONE}. */
  static int of(char[] chars, int start, int end) {
    int length = end - start;
    if (length < 2 || length > LONGEST) {
      return NONE;
    }
    int at = hash(chars[start], chars[start + 1], chars[end - 1], length);
    for (int number = PLACES[at]; number != NONE; number = PLACES[at]) {
      if (stands(WORDS[number - 1], chars, start, length)) {
        return number;
      }
      at = (at + 1) & MASK;
    }
    return NONE;
  }

  private static boolean stands(String word, char[] chars, int start, int length) {
    if (word.length() != length) {
      return false;
    }
    for (int i = 0; i < length; i++) {
      if (word.charAt(i) != chars[start + i]) {
        return false;
      }
    }
    return true;
  }
}
