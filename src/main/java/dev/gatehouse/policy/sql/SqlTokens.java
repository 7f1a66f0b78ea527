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

  /** So many ends are looked for in vain; after that there is taken to be none, and it is told. */
  private static final int MOST_MISSES = 4;

  private static final int LONGEST_TAG = 64;
  private static final int ASCII = 128;
  private static final String[] SIGNS = new String[ASCII];

  static {
    for (char c = 0; c < ASCII; c++) {
      SIGNS[c] = String.valueOf(c);
    }
  }

  private final String text;
  private final Dialect dialect;

  private int at;
  private int misses;

  /** The last backslash that was looked for. */
  private int backslashAt = -1;

  /** Whether an end was not looked for any more. */
  boolean givenUp;

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
    value = c < ASCII ? SIGNS[c] : String.valueOf(c);
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
    int end = mayLook() ? endOfComment() : -1;
    if (end < 0) {
      misses++;
      return false;
    }
    at = end;
    return true;
  }

  private boolean mayLook() {
    givenUp |= misses >= MOST_MISSES;
    return misses < MOST_MISSES;
  }

  private int endOfComment() {
    if (!dialect.nestsComments()) {
      int end = text.indexOf("*/", at + 2);
      return end < 0 ? -1 : end + 2;
    }
    int depth = 0;
    for (int i = at; i + 1 < text.length(); i++) {
      char c = text.charAt(i);
      char following = text.charAt(i + 1);
      if (c == '/' && following == '*') {
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
    int end = mayLook() ? endOfQuote(close, backslash) : -1;
    if (end < 0) {
      misses++;
      // It was looked for far beyond the next token.
      backslashAt = -1;
      return false;
    }
    return take(content(close, backslash, end), end + 1);
  }

  /** Where the quote stands that closes; -1 where none does. */
  private int endOfQuote(char close, boolean backslash) {
    int escape = backslash ? escapeFrom(at + 1) : text.length();
    int end = text.indexOf(close, at + 1);
    while (end >= 0) {
      while (escape + 1 < end) {
        escape = escapeFrom(escape + 2);
      }
      boolean doubled = end + 1 < text.length() && text.charAt(end + 1) == close;
      boolean escaped = escape + 1 == end;
      if (!doubled && !escaped) {
        return end;
      }
      end = text.indexOf(close, escaped ? end + 1 : end + 2);
    }
    return -1;
  }

  /** Where the first backslash from there on stands; the text's end where there is none. */
  private int escapeFrom(int from) {
    if (backslashAt < from) {
      int found = text.indexOf('\\', from);
      backslashAt = found < 0 ? text.length() : found;
    }
    return backslashAt;
  }

  private String content(char close, boolean backslash, int end) {
    StringBuilder content = new StringBuilder(end - at);
    for (int i = at + 1; i < end; i++) {
      char c = text.charAt(i);
      if (c == close || (c == '\\' && backslash)) {
        i++;
      }
      content.append(text.charAt(i));
    }
    return content.toString();
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
    int end = mayLook() ? text.indexOf(close, from) : -1;
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
