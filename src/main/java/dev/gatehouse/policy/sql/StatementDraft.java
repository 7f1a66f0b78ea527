package dev.gatehouse.policy.sql;

/** A statement while it is put together. Confined to one thread. */
final class StatementDraft {
  private final StringBuilder text = new StringBuilder();
  private int start;
  private int end;

  /** How many brackets are open in it. */
  int open;

  /** Its last word; empty if a sign or a literal is last. */
  String last = "";

  void add(String piece, String word, int from, int to) {
    if (text.isEmpty()) {
      start = from;
    } else {
      text.append(' ');
    }
    text.append(piece);
    last = word;
    end = to;
  }

  boolean isEmpty() {
    return text.isEmpty();
  }

  SqlStatement finished() {
    return new SqlStatement(text.toString(), start, end);
  }
}
