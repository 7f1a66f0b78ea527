package dev.gatehouse.policy.shell;

import java.util.List;

/**
 * Reads one word at the place the reader is at, with everything that quoting and expansion do to
 * it.
 *
 * <p>Hot path: a word without quotes and expansions is one scan and one substring.
 */
final class WordParser {
  /** Where a stretch of pieces ends. */
  enum Until {
    /** At a blank or an operator. */
    WORD,
    /** At the brace that closes an expansion. */
    BRACE,
    /** At that brace or a slash. */
    SLASH,
    /** At the closing double quote. */
    QUOTE,
    /** At the end of the text. */
    END
  }

  private static final byte PLAIN = 0;
  private static final byte BREAK = 1;
  private static final byte GLOB = 2;
  private static final byte SPECIAL = 3;
  private static final byte[] CLASSES = new byte[128];

  static {
    for (char c : " \t\n\r;&|()<>".toCharArray()) {
      CLASSES[c] = BREAK;
    }
    for (char c : "*?[".toCharArray()) {
      CLASSES[c] = GLOB;
    }
    for (char c : "\\'\"$`{".toCharArray()) {
      CLASSES[c] = SPECIAL;
    }
  }

  private final Draft draft;
  private final Source source;
  private Context context;
  private final Parameters parameters;

  WordParser(Draft draft, Source source, Context context) {
    this.draft = draft;
    this.source = source;
    this.context = context;
    this.parameters = new Parameters(draft, source, this);
  }

  /** What the words read from now on stand inside of. */
  void context(Context now) {
    context = now;
  }

  static boolean breaksWord(char c) {
    return c < 128 && CLASSES[c] == BREAK;
  }

  /** Reads the word here into words: none, one or, after an expansion, several. */
  void read(List<Word> words) {
    String text = source.text;
    int start = source.pos;
    int at = start;
    int limit = source.limit;
    boolean glob = false;
    while (at < limit) {
      char c = text.charAt(at);
      byte kind = c < 128 ? CLASSES[c] : c == Word.HOLE ? SPECIAL : PLAIN;
      if (kind == PLAIN) {
        at++;
      } else if (kind == GLOB) {
        glob = true;
        at++;
      } else if (kind == BREAK) {
        break;
      } else {
        slow(words, start);
        return;
      }
    }
    source.pos = at;
    if (at == start && isProcessSubstitution()) {
      Pieces pieces = new Pieces(draft, words, source.spanStart(start));
      source.pos += 2;
      substitution(pieces, true, Nesting.PROCESS_SUBSTITUTION);
      pieces(pieces, Until.WORD);
      pieces.finish(source.spanStart(start), source.spanEnd(source.pos));
      return;
    }
    if (at > start) {
      words.add(
          new Word(
              text.substring(start, at),
              true,
              false,
              glob,
              -1,
              -1,
              source.spanStart(start),
              source.spanEnd(at)));
    }
  }

  private boolean isProcessSubstitution() {
    char c = source.peek(0);
    return (c == '<' || c == '>') && source.peek(1) == '(';
  }

  private void slow(List<Word> words, int start) {
    int spanStart = source.spanStart(start);
    int before = words.size();
    Pieces pieces = new Pieces(draft, words, spanStart);
    pieces(pieces, Until.WORD);
    pieces.finish(spanStart, source.spanEnd(source.pos));
    if (pieces.alternatives) {
      draft.alternatives = words.size() - before;
    }
    int spanEnd = source.spanEnd(source.pos);
    for (int i = before; i < words.size() - 1; i++) {
      words.set(i, words.get(i).endingAt(spanEnd));
    }
    if (pieces.quoted) {
      draft.sawQuoting = true;
    }
  }

  /**
   * Reads a word that is kept whole: an assignment's value, a here-string, a redirection's target.
   */
  Word readWhole(boolean braces) {
    int start = source.pos;
    Pieces pieces = new Pieces(draft, null, source.spanStart(start));
    int noBrace = source.noBraceBefore;
    if (!braces) {
      source.noBraceBefore = Integer.MAX_VALUE;
    }
    if (isProcessSubstitution()) {
      source.pos += 2;
      substitution(pieces, true, Nesting.PROCESS_SUBSTITUTION);
    }
    pieces(pieces, Until.WORD);
    source.noBraceBefore = noBrace;
    return word(pieces, start);
  }

  /** Reads all text up to the limit as the body of a here-document. */
  Word readBody() {
    int start = source.pos;
    Pieces pieces = new Pieces(draft, null, source.spanStart(start));
    pieces(pieces, Until.END);
    return word(pieces, start);
  }

  private Word word(Pieces pieces, int start) {
    return new Word(
        pieces.text(),
        pieces.known,
        pieces.quoted,
        pieces.glob,
        pieces.firstInner,
        pieces.lastInner,
        source.spanStart(start),
        source.spanEnd(source.pos));
  }

  /** Reads the commands of {@code $(..)}, {@code <(..)} or backquotes, from behind the opening. */
  void substitution(Pieces pieces, boolean inQuotes, Nesting kind) {
    new Substitutions(draft, source, context).read(pieces, inQuotes, kind);
  }

  /** Reads pieces up to the end that is asked for; the character that ends them stays. */
  void pieces(Pieces pieces, Until until) {
    String text = source.text;
    while (source.pos < source.limit) {
      if (draft.exhausted()) {
        pieces.hole();
        source.pos = source.limit;
        return;
      }
      char c = text.charAt(source.pos);
      switch (c) {
        case '\'' -> {
          if (until == Until.QUOTE || until == Until.END) {
            literal(pieces, c);
          } else {
            single(pieces);
          }
        }
        case '"' -> {
          if (until == Until.QUOTE) {
            return;
          }
          if (until == Until.END) {
            literal(pieces, c);
          } else {
            doubled(pieces);
          }
        }
        case '\\' -> backslash(pieces, until);
        case '$' -> dollar(pieces, until == Until.QUOTE || until == Until.END);
        case '`' ->
            new Substitutions(draft, source, context)
                .backquoted(pieces, until == Until.QUOTE || until == Until.END);
        case '}' -> {
          if (until == Until.BRACE || until == Until.SLASH) {
            return;
          }
          literal(pieces, c);
        }
        case '/' -> {
          if (until == Until.SLASH) {
            return;
          }
          literal(pieces, c);
        }
        case '{' -> {
          if (until != Until.WORD || !new BraceExpansion(draft, source, this).read(pieces)) {
            literal(pieces, c);
          }
        }
        default -> {
          if (until == Until.WORD && breaksWord(c)) {
            return;
          }
          if (until != Until.QUOTE && (c == '*' || c == '?' || c == '[')) {
            pieces.glob = true;
          }
          run(pieces, until);
        }
      }
    }
    if (until != Until.WORD && until != Until.END) {
      draft.facts |= Bits.of(ShellFact.INCOMPLETE);
    }
  }

  /** Appends this character and the plain ones behind it. */
  private void run(Pieces pieces, Until until) {
    boolean inQuotes = until == Until.QUOTE || until == Until.END;
    int from = source.pos;
    int at = from + 1;
    while (at < source.limit) {
      char c = source.text.charAt(at);
      byte kind = c >= 128 ? PLAIN : CLASSES[c];
      if (kind == SPECIAL || (kind != PLAIN && !inQuotes) || c == '}' || c == '/') {
        break;
      }
      at++;
    }
    pieces.append(source.text, from, at);
    source.pos = at;
  }

  private void literal(Pieces pieces, char c) {
    pieces.append(c);
    source.pos++;
  }

  private void single(Pieces pieces) {
    int from = source.pos + 1;
    int close = source.text.indexOf('\'', from, source.limit);
    int to = close < 0 ? source.limit : close;
    if (close < 0) {
      draft.facts |= Bits.of(ShellFact.INCOMPLETE);
    }
    pieces.any = true;
    pieces.quoted = true;
    pieces.append(source.text, from, to);
    source.pos = close < 0 ? to : to + 1;
  }

  private void doubled(Pieces pieces) {
    source.pos++;
    pieces.any = true;
    pieces.quoted = true;
    boolean glob = pieces.glob;
    pieces(pieces, Until.QUOTE);
    pieces.glob = glob;
    source.pos = Math.min(source.pos + 1, source.limit);
  }

  private void backslash(Pieces pieces, Until until) {
    char next = source.peek(1);
    if (source.pos + 1 >= source.limit) {
      literal(pieces, '\\');
      return;
    }
    if (next == '\n') {
      source.pos += 2;
      return;
    }
    if (next == '\r' && source.peek(2) == '\n') {
      source.pos += 3;
      return;
    }
    boolean inQuotes = until == Until.QUOTE || until == Until.END;
    if (inQuotes
        && next != '$'
        && next != '`'
        && next != '\\'
        && (next != '"' || until == Until.END)) {
      literal(pieces, '\\');
      return;
    }
    source.pos += 2;
    pieces.quoted = true;
    pieces.append(next);
  }

  private void dollar(Pieces pieces, boolean inQuotes) {
    char next = source.peek(1);
    draft.work();
    switch (next) {
      case '(' -> {
        if (source.peek(2) == '(' && !draft.deep() && arithmetic()) {
          parameters.arithmetic(pieces);
        } else {
          source.pos += 2;
          substitution(pieces, inQuotes, Nesting.SUBSTITUTION);
        }
      }
      case '{' -> {
        if (draft.enter()) {
          source.pos += 2;
          parameters.braced(pieces, inQuotes);
          draft.leave();
        } else {
          source.pos += 2;
          pieces.hole();
        }
      }
      case '\'' -> {
        if (inQuotes) {
          literal(pieces, '$');
        } else {
          ansi(pieces);
        }
      }
      case '"' -> {
        if (inQuotes) {
          literal(pieces, '$');
        } else {
          source.pos++;
        }
      }
      default -> parameters.simple(pieces, inQuotes);
    }
  }

  private void ansi(Pieces pieces) {
    int from = source.pos + 2;
    int at = from;
    while (at < source.limit && source.text.charAt(at) != '\'') {
      at += source.text.charAt(at) == '\\' ? 2 : 1;
    }
    int to = Math.min(at, source.limit);
    if (at >= source.limit) {
      draft.facts |= Bits.of(ShellFact.INCOMPLETE);
    }
    pieces.any = true;
    pieces.quoted = true;
    draft.sawEscapes |= source.text.indexOf('\\', from, to) >= 0;
    pieces.append(Escapes.decode(source.text, from, to));
    source.pos = Math.min(to + 1, source.limit);
  }

  /** Whether {@code $((} at this place starts arithmetic and not a subshell in a substitution. */
  private boolean arithmetic() {
    int open = 0;
    int end = Math.min(source.limit, source.pos + 64);
    for (int at = source.pos + 3; at < end; at++) {
      char c = source.text.charAt(at);
      if (c == '(') {
        open++;
      } else if (c == ')' && open-- == 0) {
        return at + 1 < source.limit && source.text.charAt(at + 1) == ')';
      } else if (c == '\n' || c == ';') {
        return false;
      }
    }
    return false;
  }
}
