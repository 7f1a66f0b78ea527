package dev.gatehouse.policy.python;

import dev.gatehouse.policy.text.Lookalikes;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

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

  private static final int KIND_MASK = (LONGER << 1) - 1;

  /** Above the kind: whether it goes on with the value, the expression, or stands in front. */
  private static final int FOLLOWS = 1 << 21;

  private static final int CONTINUES = 1 << 22;
  private static final int PREFIX = 1 << 23;

  /** The number of a name's {@link Keyword} stands above all these. */
  private static final int KEYWORD_SHIFT = 24;

  private static final byte START = 1;
  private static final byte PART = 2;
  private static final byte BLANK = 4;
  private static final byte OPERATES = 8;
  private static final byte STANDS_ALONE = 16;
  private static final byte OPENS = 32;
  private static final byte CLOSES = 64;
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
    mark(" \t\r\f", BLANK);
    mark("+-*/%@<>=!&|^:", OPERATES);
    mark(",.;~", STANDS_ALONE);
    mark("([{", OPENS);
    mark(")]}", CLOSES);
  }

  private static void mark(String characters, int bits) {
    for (int i = 0; i < characters.length(); i++) {
      CLASSES[characters.charAt(i)] = (byte) bits;
    }
  }

  private static final int MAX_TOKENS = 80_000;

  final String text;
  private final int length;
  private final TokenArrays arrays;
  private final char[] chars;
  private int[] data;

  /** Of each token that is a name what it stands for if nothing else is known of it. */
  private @Nullable PythonValue[] names;

  private int count;

  /** The places among the tokens of those that end a line. */
  private int[] lines = new int[32];

  private int lineCount;

  /** Ends of comments, in pairs with their starts. */
  private int[] comments = new int[0];

  private int commentCount;

  /** Whether no name holds a look-alike. */
  boolean plainNames = true;

  boolean incomplete;
  boolean limited;

  Tokens(String text) {
    this.text = text;
    this.length = text.length();
    int tokens = Math.min(16 + length / 3, MAX_TOKENS + 2);
    this.arrays = TokenArrays.take(length, tokens);
    this.chars = arrays.chars;
    this.data = arrays.data;
    this.names = new @Nullable PythonValue[tokens];
    text.getChars(0, length, chars, 0);
    scan();
  }

  /** Gives the memory back: no token may be asked for any more. */
  void close() {
    arrays.giveBack(length, count);
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
    PythonValue known = index < names.length ? names[index] : null;
    return known != null ? known : Values.name(textOf(index));
  }

  /** Whether it is a keyword; {@link Keyword#NONE} is none. */
  boolean is(int index, int keyword) {
    return data[3 * index] >>> KEYWORD_SHIFT == keyword;
  }

  boolean isOperator(int index, char operator) {
    return kind(index) == OPERATOR + operator;
  }

  /** Whether it is an operator, of whatever length, that starts so. */
  boolean startsOperator(int index, char operator) {
    return (kind(index) & ~LONGER) == OPERATOR + operator;
  }

  /** Whether it is an operator of two such characters. */
  boolean isDouble(int index, char operator) {
    return kind(index) == OPERATOR + operator + LONGER
        && end(index) == start(index) + 2
        && text.charAt(start(index) + 1) == operator;
  }

  /** Whether it is the operator {@code :=}. */
  boolean isWalrus(int index) {
    return kind(index) == OPERATOR + ':' + LONGER;
  }

  /** Whether it is a point or bracket that goes on with the value in front of it. */
  boolean follows(int index) {
    return (data[3 * index] & FOLLOWS) != 0;
  }

  /** Whether it is an operator, or a word, that goes on with the expression in front of it. */
  boolean continues(int index) {
    return (data[3 * index] & CONTINUES) != 0;
  }

  /** Whether it is an operator, or a word, that stands in front of an expression. */
  boolean isPrefix(int index) {
    return (data[3 * index] & PREFIX) != 0;
  }

  /** The number of the line that a token stands in, or ends. */
  int lineOf(int index) {
    int at = Arrays.binarySearch(lines, 0, lineCount, index);
    return at < 0 ? ~at : at;
  }

  /** The index of the token that ends a line; that of the last token if there is no such line. */
  int lineEnd(int line) {
    return line < lineCount ? lines[line] : count - 1;
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
    if (3 * count == data.length) {
      data = Arrays.copyOf(data, 2 * data.length);
      arrays.data = data;
    }
    data[3 * count] = kind;
    data[3 * count + 1] = start;
    data[3 * count + 2] = end;
    count++;
  }

  private void scan() {
    int at = 0;
    int open = 0;
    while (at < length) {
      if (count >= MAX_TOKENS) {
        limited = true;
        break;
      }
      char c = chars[at];
      int type = c < 128 ? CLASSES[c] : 0;
      if ((type & START) != 0) {
        at = nameOrString(at);
      } else if (type == BLANK) {
        at++;
      } else if (type > BLANK) {
        if (type == OPENS) {
          open++;
        } else if (type == CLOSES && open > 0) {
          open--;
        }
        at = operator(at, c, type);
      } else if (c == '\n') {
        if (open == 0 && count > 0 && data[3 * count - 3] != LINE) {
          line(at, at + 1);
        }
        at++;
      } else if (c == '"' || c == '\'') {
        at = string(at, at);
      } else if (type == PART) {
        int end = at + 1;
        while (end < length && (isNamePart(chars[end]) || chars[end] == '.')) {
          end++;
        }
        add(NUMBER, at, end);
        at = end;
      } else {
        at = rare(at, c);
      }
    }
    incomplete |= open > 0;
    line(Math.min(at, length), Math.min(at, length));
    add(END, Math.min(at, length), Math.min(at, length));
  }

  private void line(int start, int end) {
    if (lineCount == lines.length) {
      lines = Arrays.copyOf(lines, 2 * lineCount);
    }
    lines[lineCount++] = count;
    add(LINE, start, end);
  }

  /** Reads what starts with a character that is met less often; the index behind it. */
  private int rare(int at, char c) {
    if (c == '#') {
      int end = text.indexOf('\n', at);
      end = end < 0 ? length : end;
      comment(at, end);
      return end;
    }
    if (c == '\\' && at + 1 < length && chars[at + 1] == '\n') {
      return at + 2;
    }
    if (c == '\\' && text.startsWith("\r\n", at + 1)) {
      return at + 3;
    }
    if (c == '\ufeff') {
      return at + 1;
    }
    return isNameStart(c) ? nameOrString(at) : operator(at, c, 0);
  }

  private int operator(int at, char c, int type) {
    int kind = OPERATOR + c;
    int width = 1;
    if (type == OPERATES) {
      kind |= CONTINUES;
      width = operatorLength(at, c);
      kind += width > 1 ? LONGER : 0;
    }
    switch (c) {
      case '.', '(', '[' -> kind |= FOLLOWS;
      case '-', '+', '~' -> kind |= width == 1 ? PREFIX : 0;
      case '*' -> kind |= width == 1 || (width == 2 && chars[at + 1] == '*') ? PREFIX : 0;
      default -> {}
    }
    add(kind, at, at + width);
    return at + width;
  }

  private int operatorLength(int at, char c) {
    char next = at + 1 < length ? chars[at + 1] : 0;
    return switch (c) {
      case '+', '%', '@', '&', '|', '^', '!', '=' -> next == '=' ? 2 : 1;
      case ':' -> next == '=' ? 2 : 1;
      case '-' -> next == '=' || next == '>' ? 2 : 1;
      case '*', '/', '<', '>' -> {
        if (next == c) {
          yield at + 2 < length && chars[at + 2] == '=' ? 3 : 2;
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
    int end = start;
    long head = 0;
    for (int stop = Math.min(length, start + 8); end < stop && isAsciiPart(chars[end]); end++) {
      head = head << 8 | chars[end];
    }
    long tail = 0;
    if (end == start + 8) {
      for (int stop = Math.min(length, end + 8); end < stop && isAsciiPart(chars[end]); end++) {
        tail = tail << 8 | chars[end];
      }
    }
    if (end < length && isNamePart(chars[end])) {
      return longName(start, end);
    }
    if (end - start <= 3 && end < length) {
      char quote = chars[end];
      if ((quote == '"' || quote == '\'') && isPrefix(start, end)) {
        return string(start, end);
      }
    }
    name(KnownNames.name(head, tail, text, start, end), start, end);
    return end;
  }

  /** A name that is longer, or not of ASCII. */
  private int longName(int start, int from) {
    int end = from;
    while (end < length && isNamePart(chars[end])) {
      end++;
    }
    KnownNames.Name name = KnownNames.name(text, start, end);
    plainNames &= !Lookalikes.suspicious(name.value().text());
    name(name, start, end);
    return end;
  }

  private void name(KnownNames.Name name, int start, int end) {
    if (count >= names.length) {
      names = Arrays.copyOf(names, 2 * count);
    }
    names[count] = name.value();
    add(name.kind(), start, end);
  }

  /** The kind of a name that is a keyword, or {@link Keyword#NONE}. */
  static int kindOfName(int keyword) {
    return NAME
        | (Keyword.continues(keyword) ? CONTINUES : 0)
        | (Keyword.isPrefix(keyword) ? PREFIX : 0)
        | keyword << KEYWORD_SHIFT;
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

  private static boolean isAsciiPart(char c) {
    return c < 128 && (CLASSES[c] & PART) != 0;
  }

  private static boolean isNamePart(char c) {
    return c < 128 ? (CLASSES[c] & PART) != 0 : Character.isLetterOrDigit(c);
  }
}
