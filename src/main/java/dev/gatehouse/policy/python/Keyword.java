package dev.gatehouse.policy.python;

import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

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

  private static final Map<String, Integer> NUMBERS =
      IntStream.range(0, WORDS.length)
          .boxed()
          .collect(Collectors.toUnmodifiableMap(i -> WORDS[i], i -> i + 1));

  private static final long CONTINUING =
      1L << IF | 1L << OR | 1L << AND | 1L << IN | 1L << IS | 1L << NOT;

  private static final long PREFIXES = 1L << NOT | 1L << AWAIT | 1L << YIELD;

  private Keyword() {}

  /** Whether it goes on with the expression in front of it. */
  static boolean continues(int keyword) {
    return (CONTINUING >>> keyword & 1) != 0;
  }

  /** Whether it stands in front of an expression. */
  static boolean isPrefix(int keyword) {
    return (PREFIXES >>> keyword & 1) != 0;
  }

  /** The number of a word, or {@link #NONE}. */
  static int of(String word) {
    return NUMBERS.getOrDefault(word, NONE);
  }
}
