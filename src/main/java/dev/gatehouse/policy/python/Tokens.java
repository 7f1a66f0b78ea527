package dev.gatehouse.policy.python;

import java.util.Arrays;

/**
 * The tokens of a text, flat: kind, start and end of each in one array.
 *
 * <p>Lines are joined inside brackets and after a backslash; a {@link #LINE} token ends each
 * logical line. Nothing is rejected: a character that fits nowhere is an operator.
 */
final class Tokens {
  static final int NAME = 1;
  static final int NUMBER = 2;
  static final int STRING = 3;
  static final int LINE = 4;
  static final int END = 5;

  /** Kinds from here on are operators: this plus their first character, plus {@link #LONGER}. */
  static final int OPERATOR = 32;

  /** Is added to the kind of an operator that has more than one character. */
  private static final int LONGER = 1 << 20;

  /** The number of a name's {@link Keyword} stands above its kind. */
  private static final int KEYWORD_SHIFT = 24;

  private static final int KIND_MASK = (1 << KEYWORD_SHIFT) - 1;

  private static final byte START = 1;
  private static final byte PART = 2;
  private static final byte CONTINUES = 4;
  private static final byte[] CLASSES = new byte[128];

  static {
    for (char c = 'a'; c <= 'z'; c++) {
      CLASSES[c] = START | PART;
      CLASSES[c - 32] = START | PART;
    }
    CLASSES['_'] = START | PART;
    for (char c = '0'; c <= '9'; c++) {
      CLASSES[c] = PART;
    }
    for (char c : "+-*/%@<>=!&|^:".toCharArray()) {
      CLASSES[c] = CONTINUES;
    }
  }

  private static final int MAX_TOKENS = 80_000;

  final String text;
  private final char[] chars;
  private int[] data;
  private int count;

  /** Ends of comments, in pairs with their starts. */
  private int[] comments = new int[0];

  private int commentCount;
  boolean incomplete;
  boolean limited;

  Tokens(String text) {
    this.text = text;
    this.chars = text.toCharArray();
    this.data = new int[Math.max(48, text.length())];
    scan();
  }

  int kind(int index) {
    return data[3 * index] & KIND_MASK;
  }

  /** The {@link Keyword} that a name is, or {@link Keyword#NONE}. */
  int keyword(int index) {
    return data[3 * index] >>> KEYWORD_SHIFT;
  }

  int start(int index) {
    return data[3 * index + 1];
  }

  int end(int index) {
    return data[3 * index + 2];
  }

  int count() {
    return count;
  }

  String textOf(int index) {
    return text.substring(start(index), end(index));
  }

  /** The text of a name. */
  String name(int index) {
    return nameValue(index).text();
  }

  /** What a name stands for if nothing else is known of it. */
  PythonValue nameValue(int index) {
    return KnownNames.name(text, chars, start(index), end(index));
  }

  boolean is(int index, int keyword) {
    return data[3 * index] == NAME + (keyword << KEYWORD_SHIFT);
  }

  boolean isOperator(int index, char operator) {
    return data[3 * index] == OPERATOR + operator;
  }

  /** Whether it is an operator, of whatever length, that starts so. */
  boolean startsOperator(int index, char operator) {
    return (data[3 * index] & ~LONGER) == OPERATOR + operator;
  }

  /** Whether it is an operator of two such characters. */
  boolean isDouble(int index, char operator) {
    return data[3 * index] == OPERATOR + operator + LONGER
        && end(index) == start(index) + 2
        && text.charAt(start(index) + 1) == operator;
  }

  /** Whether it is the operator {@code :=}. */
  boolean isWalrus(int index) {
    return data[3 * index] == OPERATOR + ':' + LONGER;
  }

  /** Whether it is an operator, or a word, that goes on with the expression in front of it. */
  boolean continues(int index) {
    int kind = data[3 * index];
    if (kind >= OPERATOR && kind < NAME + (1 << KEYWORD_SHIFT)) {
      char first = (char) (kind - OPERATOR);
      return first < 128 && (CLASSES[first] & CONTINUES) != 0;
    }
    return Keyword.continues(kind >>> KEYWORD_SHIFT);
  }

  int comments() {
    return commentCount / 2;
  }

  int commentStart(int index) {
    return comments[2 * index];
  }

  int commentEnd(int index) {
    return comments[2 * index + 1];
  }

  /** Column of the first token of the logical line that a token starts; tabs count as eight. */
  int indent(int index) {
    int column = 0;
    int at = start(index) - 1;
    int from = at;
    while (from >= 0 && (chars[from] == ' ' || chars[from] == '\t')) {
      from--;
    }
    for (int i = from + 1; i <= at; i++) {
      column = chars[i] == '\t' ? (column / 8 + 1) * 8 : column + 1;
    }
    return column;
  }

  private void add(int kind, int start, int end) {
    if (3 * count + 3 > data.length) {
      data = Arrays.copyOf(data, data.length * 2);
    }
    data[3 * count] = kind;
    data[3 * count + 1] = start;
    data[3 * count + 2] = end;
    count++;
  }

  private void scan() {
    int length = chars.length;
    int at = 0;
    int open = 0;
    while (at < length) {
      if (count >= MAX_TOKENS) {
        limited = true;
        break;
      }
      char c = chars[at];
      if (c == ' ' || c == '\t' || c == '\r' || c == '\f' || c == '\ufeff') {
        at++;
      } else if (c == '\n') {
        if (open == 0 && count > 0 && data[3 * count - 3] != LINE) {
          add(LINE, at, at + 1);
        }
        at++;
      } else if (c == '#') {
        int end = text.indexOf('\n', at);
        end = end < 0 ? length : end;
        comment(at, end);
        at = end;
      } else if (c == '\\' && at + 1 < length && chars[at + 1] == '\n') {
        at += 2;
      } else if (c == '\\' && text.startsWith("\r\n", at + 1)) {
        at += 3;
      } else if (c == '"' || c == '\'') {
        at = string(at, at);
      } else if (isNameStart(c)) {
        at = nameOrString(at);
      } else if (c >= '0' && c <= '9') {
        int end = at + 1;
        while (end < length && (isNamePart(chars[end]) || chars[end] == '.')) {
          end++;
        }
        add(NUMBER, at, end);
        at = end;
      } else {
        if (c == '(' || c == '[' || c == '{') {
          open++;
        } else if ((c == ')' || c == ']' || c == '}') && open > 0) {
          open--;
        }
        int end = at + operatorLength(at, c);
        add(OPERATOR + c + (end > at + 1 ? LONGER : 0), at, end);
        at = end;
      }
    }
    incomplete |= open > 0;
    add(LINE, Math.min(at, length), Math.min(at, length));
    add(END, Math.min(at, length), Math.min(at, length));
  }

  private int operatorLength(int at, char c) {
    char next = at + 1 < chars.length ? chars[at + 1] : 0;
    return switch (c) {
      case '+', '%', '@', '&', '|', '^', '!', '=' -> next == '=' ? 2 : 1;
      case ':' -> next == '=' ? 2 : 1;
      case '-' -> next == '=' || next == '>' ? 2 : 1;
      case '*', '/', '<', '>' -> {
        if (next == c) {
          yield at + 2 < chars.length && chars[at + 2] == '=' ? 3 : 2;
        }
        yield next == '=' || (c == '<' && next == '>') ? 2 : 1;
      }
      default -> 1;
    };
  }

  private void comment(int start, int end) {
    if (commentCount + 2 > comments.length) {
      comments = Arrays.copyOf(comments, Math.max(8, comments.length * 2));
    }
    comments[commentCount++] = start;
    comments[commentCount++] = end;
  }

  private int nameOrString(int start) {
    int end = start + 1;
    while (end < chars.length && isNamePart(chars[end])) {
      end++;
    }
    if (end - start <= 3 && end < chars.length) {
      char quote = chars[end];
      if ((quote == '"' || quote == '\'') && isPrefix(start, end)) {
        return string(start, end);
      }
    }
    add(NAME + (Keyword.of(chars, start, end) << KEYWORD_SHIFT), start, end);
    return end;
  }

  private boolean isPrefix(int start, int end) {
    for (int i = start; i < end; i++) {
      if ("rRbBuUfFtT".indexOf(chars[i]) < 0) {
        return false;
      }
    }
    return true;
  }

  private int string(int start, int quoteAt) {
    int length = chars.length;
    char quote = chars[quoteAt];
    boolean triple =
        quoteAt + 2 < length && chars[quoteAt + 1] == quote && chars[quoteAt + 2] == quote;
    int at = quoteAt + (triple ? 3 : 1);
    while (at < length) {
      char c = chars[at];
      if (c == '\\') {
        at += 2;
        continue;
      }
      if (c == quote
          && (!triple || (at + 2 < length && chars[at + 1] == quote && chars[at + 2] == quote))) {
        int end = at + (triple ? 3 : 1);
        add(STRING, start, end);
        return end;
      }
      if (c == '\n' && !triple) {
        break;
      }
      at++;
    }
    incomplete = true;
    int end = Math.min(at, length);
    add(STRING, start, end);
    return end;
  }

  static boolean isNameStart(char c) {
    return c < 128 ? (CLASSES[c] & START) != 0 : Character.isLetter(c);
  }

  private static boolean isNamePart(char c) {
    return c < 128 ? (CLASSES[c] & PART) != 0 : Character.isLetterOrDigit(c);
  }
}
