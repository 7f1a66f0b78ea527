package dev.gatehouse.policy.shell;

import java.util.ArrayList;
import java.util.List;

/** Reads {@code {a,b}} and {@code {1..3}}: one word becomes several. */
final class BraceExpansion {
  /** A brace expansion longer than this is not one. */
  private static final int MAX_BRACE = 512;

  private static final int MAX_RANGE = 64;

  private final Draft draft;
  private final Source source;
  private final WordParser words;

  BraceExpansion(Draft draft, Source source, WordParser words) {
    this.draft = draft;
    this.source = source;
    this.words = words;
  }

  /** Reads {@code {a,b}} or {@code {1..3}} here; false if it is neither. */
  boolean read(Pieces pieces) {
    if (source.pos < source.noBraceBefore || draft.deep() || !draft.work()) {
      return false;
    }
    int open = source.pos;
    int end = Math.min(source.limit, open + MAX_BRACE);
    List<Integer> cuts = new ArrayList<>();
    int depth = 0;
    int close = -1;
    int dots = -1;
    int parentheses = 0;
    int at = open + 1;
    scan:
    for (; at < end; at++) {
      char c = source.text.charAt(at);
      switch (c) {
        case '\\' -> at++;
        case '\'', '"' -> {
          int match = source.text.indexOf(c, at + 1, end);
          if (match < 0) {
            at = end;
            break scan;
          }
          at = match;
        }
        case '{' -> depth++;
        case '}' -> {
          if (depth-- == 0) {
            close = at;
            break scan;
          }
        }
        case ',' -> {
          if (depth == 0) {
            cuts.add(at);
          }
        }
        case '.' -> {
          if (depth == 0 && dots < 0 && at + 1 < end && source.text.charAt(at + 1) == '.') {
            dots = at;
          }
        }
        default -> {
          if (c == '(' && source.text.charAt(at - 1) == '$') {
            parentheses++;
          } else if (c == ')' && parentheses > 0) {
            parentheses--;
          } else if (parentheses == 0 && WordParser.breaksWord(c)) {
            break scan;
          }
        }
      }
    }
    draft.steps += at - open;
    if (close < 0) {
      source.noBraceBefore = Math.max(source.noBraceBefore, Math.min(at, source.limit));
      return false;
    }
    if (cuts.isEmpty()) {
      return dots > 0 && range(pieces, open, dots, close);
    }
    if (!draft.enter()) {
      return false;
    }
    cuts.add(close);
    draft.sawExpansion = true;
    alternatives(pieces, open, close, cuts);
    draft.leave();
    return true;
  }

  private void alternatives(Pieces pieces, int open, int close, List<Integer> cuts) {
    List<String> texts = new ArrayList<>(cuts.size());
    int limit = source.limit;
    int from = open + 1;
    for (int cut : cuts) {
      source.pos = from;
      source.limit = cut;
      Pieces part = new Pieces(draft, null, 0);
      part.any = true;
      words.pieces(part, WordParser.Until.WORD);
      for (int i = 0; i < part.count(); i++) {
        texts.add(part.text(i));
      }
      pieces.glob |= part.glob;
      pieces.inner(part.firstInner, part.lastInner);
      from = cut + 1;
    }
    source.limit = limit;
    source.pos = close + 1;
    pieces.multiply(texts);
  }

  private boolean range(Pieces pieces, int open, int dots, int close) {
    String from = source.text.substring(open + 1, dots);
    String to = source.text.substring(dots + 2, close);
    List<String> texts = new ArrayList<>();
    if (from.length() == 1 && to.length() == 1 && Character.isLetter(from.charAt(0))) {
      int step = from.charAt(0) <= to.charAt(0) ? 1 : -1;
      for (int c = from.charAt(0); texts.size() < MAX_RANGE; c += step) {
        texts.add(String.valueOf((char) c));
        if (c == to.charAt(0)) {
          break;
        }
      }
    } else if (from.length() < 6 && to.length() < 6 && digits(from) && digits(to)) {
      int last = Integer.parseInt(to);
      int first = Integer.parseInt(from);
      int step = first <= last ? 1 : -1;
      for (int n = first; texts.size() < MAX_RANGE; n += step) {
        texts.add(Integer.toString(n));
        if (n == last) {
          break;
        }
      }
    } else {
      return false;
    }
    source.pos = close + 1;
    draft.sawExpansion = true;
    pieces.multiply(texts);
    return true;
  }

  private static boolean digits(String text) {
    for (int i = 0; i < text.length(); i++) {
      if (!Character.isDigit(text.charAt(i))) {
        return false;
      }
    }
    return !text.isEmpty();
  }
}
