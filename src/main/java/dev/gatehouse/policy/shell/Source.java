package dev.gatehouse.policy.shell;

/**
 * One text being read, the place the reader is at, and how places in it map to places in the text
 * that was given.
 */
final class Source {
  final String text;

  /**
   * Where the text stands in the given text, if it stands there character by character; else -1.
   */
  final int base;

  private final int start;
  private final int end;

  int pos;
  int limit;

  /**
   * End of the line on which here-documents were announced, and where reading goes on after their
   * bodies.
   */
  int hereLine = -1;

  int hereResume;

  /** Braces up to here are known not to be expansions. */
  int noBraceBefore;

  Source(String text, int base, int start, int end) {
    this.text = text;
    this.base = base;
    this.start = start;
    this.end = end;
    this.limit = text.length();
  }

  /** The same text, of which only a part is read. */
  Source part(int from, int to) {
    Source part = new Source(text, base, start, end);
    part.pos = from;
    part.limit = Math.max(from, Math.min(to, text.length()));
    return part;
  }

  int spanStart(int at) {
    return base >= 0 ? base + at : start;
  }

  int spanEnd(int at) {
    return base >= 0 ? base + at : end;
  }

  /** The character at the place plus an offset, or 0 past the end. */
  char peek(int offset) {
    int at = pos + offset;
    return at < limit ? text.charAt(at) : 0;
  }
}
