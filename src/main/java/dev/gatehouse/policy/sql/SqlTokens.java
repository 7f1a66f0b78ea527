package dev.gatehouse.policy.sql;

import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * The words, literals and signs of a text, one after the other, as one database tells them apart.
 * What is opened and never closed is taken for signs, so that it hides nothing. Linear in the text;
 * confined to one thread.
 */
final class SqlTokens {
  /** What a token is. */
  enum Kind {
    WORD,
    LITERAL,
    NAME,
    SIGN,
    END
  }

  /** So many ends are looked for in vain; after that there is taken to be none. */
  private static final int MOST_MISSES = 16;

  private static final int LONGEST_TAG = 64;

  private final String text;
  private final Dialect dialect;

  private int at;
  private int misses;

  /** Where the token begins. */
  int start;

  /** The word in lower case, what is between the quotes, or the sign. */
  String value = "";

  SqlTokens(String text, Dialect dialect) {
    this.text = text;
    this.dialect = dialect;
  }

  /** Where the token ends, exclusive. */
  int end() {
    return at;
  }

  /** Whether this sign comes next, with nothing but blanks before it. */
  boolean isBefore(char sign) {
    int next = at;
    while (next < text.length() && next - at < 16 && text.charAt(next) == ' ') {
      next++;
    }
    return next < text.length() && text.charAt(next) == sign;
  }

  /** Goes to the next token. */
  Kind next() {
    skipBlanksAndComments();
    start = at;
    if (at >= text.length()) {
      value = "";
      return Kind.END;
    }
    char c = text.charAt(at);
    Kind quoted = quoted(c);
    if (quoted != null) {
      return quoted;
    }
    if (isWord(c)) {
      word(c);
      return Kind.WORD;
    }
    at++;
    value = String.valueOf(c);
    return Kind.SIGN;
  }

  private void skipBlanksAndComments() {
    while (at < text.length()) {
      char c = text.charAt(at);
      if (isBlank(c)) {
        at++;
      } else if (isLineComment(c)) {
        skipLine();
      } else if (!(c == '/' && skipsComment()) && !(c == '*' && skipsEndOfExecuted())) {
        return;
      }
    }
  }

  private boolean isLineComment(char c) {
    if (c == '#') {
      return dialect.isMysql();
    }
    return c == '-' && peek(1) == '-' && (!dialect.isMysql() || peek(2) <= ' ');
  }

  private void skipLine() {
    while (at < text.length() && !endsLine(text.charAt(at))) {
      at++;
    }
  }

  private boolean endsLine(char c) {
    return c == '\n' || (c == '\r' && dialect.endsLineAtReturn());
  }

  /** Goes behind a comment, or to what is executed in it; false if it never ends. */
  private boolean skipsComment() {
    if (peek(1) != '*') {
      return false;
    }
    if (dialect.isMysql() && (peek(2) == '!' || (peek(2) == 'M' && peek(3) == '!'))) {
      at += peek(2) == '!' ? 3 : 4;
      while (isDigit(peek(0))) {
        at++;
      }
      return true;
    }
    int end = misses < MOST_MISSES ? endOfComment() : -1;
    if (end < 0) {
      misses++;
      return false;
    }
    at = end;
    return true;
  }

  private int endOfComment() {
    int depth = 0;
    for (int i = at; i + 1 < text.length(); i++) {
      char c = text.charAt(i);
      char following = text.charAt(i + 1);
      if (c == '/' && following == '*' && (depth == 0 || dialect.nestsComments())) {
        depth++;
        i++;
      } else if (c == '*' && following == '/' && --depth == 0) {
        return i + 2;
      } else if (c == '*' && following == '/') {
        i++;
      }
    }
    return -1;
  }

  private boolean skipsEndOfExecuted() {
    boolean ends = dialect.isMysql() && peek(1) == '/';
    at += ends ? 2 : 0;
    return ends;
  }

  private @Nullable Kind quoted(char c) {
    return switch (c) {
      case '\'' ->
          closed(
              quote(c, dialect.isMysql() || (dialect.escapesAfterE() && isPrefixed())),
              Kind.LITERAL);
      case '"' -> closed(quote(c, dialect.isMysql()), dialect.isMysql() ? Kind.LITERAL : Kind.NAME);
      case '`' -> closed(quote(c, false), Kind.NAME);
      case '[' -> dialect.bracketsNames() ? closed(quote(']', false), Kind.NAME) : null;
      case '$' -> dialect.dollarQuotes() ? closed(dollarQuote(), Kind.LITERAL) : null;
      case 'q', 'Q' -> dialect.ownDelimiters() ? closed(ownDelimiter(), Kind.LITERAL) : null;
      default -> null;
    };
  }

  private static @Nullable Kind closed(boolean closed, Kind kind) {
    return closed ? kind : null;
  }

  /** Whether the quote here has an E right before it that is a word of its own. */
  private boolean isPrefixed() {
    return at > 0
        && (text.charAt(at - 1) | 0x20) == 'e'
        && (at < 2 || !isWord(text.charAt(at - 2)));
  }

  private boolean quote(char close, boolean backslash) {
    if (misses >= MOST_MISSES) {
      return false;
    }
    StringBuilder content = new StringBuilder();
    for (int i = at + 1; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c == '\\' && backslash && i + 1 < text.length()) {
        content.append(text.charAt(++i));
      } else if (c != close) {
        content.append(c);
      } else if (i + 1 < text.length() && text.charAt(i + 1) == close) {
        content.append(text.charAt(++i));
      } else {
        return take(content.toString(), i + 1);
      }
    }
    misses++;
    return false;
  }

  private boolean dollarQuote() {
    int tagEnd = at + 1;
    while (tagEnd < text.length() && tagEnd - at <= LONGEST_TAG && isTag(text.charAt(tagEnd))) {
      tagEnd++;
    }
    if (tagEnd >= text.length() || text.charAt(tagEnd) != '$') {
      return false;
    }
    return upTo(text.substring(at, tagEnd + 1), tagEnd + 1);
  }

  private boolean ownDelimiter() {
    if (peek(1) != '\'' || peek(2) <= ' ') {
      return false;
    }
    char open = peek(2);
    int pair = "[{(<".indexOf(open);
    return upTo((pair < 0 ? open : "]})>".charAt(pair)) + "'", at + 3);
  }

  private boolean upTo(String close, int from) {
    int end = misses < MOST_MISSES ? text.indexOf(close, from) : -1;
    if (end < 0) {
      misses++;
      return false;
    }
    return take(text.substring(from, end), end + close.length());
  }

  private boolean take(String content, int end) {
    value = content;
    at = end;
    return true;
  }

  /** A word with what dots join to it, or a number, which ends where letters begin. */
  private void word(char first) {
    boolean number = isDigit(first);
    boolean hex = number && (peek(1) | 0x20) == 'x';
    at += hex ? 2 : 1;
    boolean decimal = number && !hex;
    while (at < text.length() && (decimal ? isNumber(peek(0)) : isInWord(peek(0)))) {
      at++;
    }
    value = text.substring(start, at).toLowerCase(Locale.ROOT);
  }

  private boolean isInWord(char c) {
    return c == '.' || isWord(c);
  }

  private static boolean isNumber(char c) {
    return c == '.' || isDigit(c);
  }

  private boolean isWord(char c) {
    return isTag(c) || c == '$' || c == '@' || (c == '#' && !dialect.isMysql());
  }

  private static boolean isTag(char c) {
    return (c >= 'a' && c <= 'z')
        || (c >= 'A' && c <= 'Z')
        || isDigit(c)
        || c == '_'
        || (c > 127 && !isBlank(c));
  }

  private static boolean isBlank(char c) {
    return c <= ' ' || Character.isSpaceChar(c);
  }

  private static boolean isDigit(char c) {
    return c >= '0' && c <= '9';
  }

  private char peek(int ahead) {
    return at + ahead < text.length() ? text.charAt(at + ahead) : 0;
  }
}
