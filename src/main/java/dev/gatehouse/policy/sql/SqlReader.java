package dev.gatehouse.policy.sql;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Reads SQL without knowing for which database it is. Where databases would read a text in
 * different ways, it is read in each of them: what is only a literal for one may run in another.
 *
 * <p>Never throws, whatever the text; takes time and memory linear in it. What is not read, because
 * there is too much of it or too many quotes are never closed, is told as cut.
 */
public final class SqlReader {
  private static final int MOST_STATEMENTS = 4096;

  /** So many words, literals and signs are read in all readings of a text together. */
  private static final int MOST_TOKENS = 1 << 18;

  /** What databases disagree about; without any of these one reading is as good as all. */
  private static final List<String> DISPUTED =
      List.of("\\", "#", "$", "[", "\"", "/*", "--", "q'", "Q'");

  private SqlReader() {}

  /** What {@code text} says to a database. */
  public static SqlReading read(String text) {
    Map<String, SqlStatement> found = new LinkedHashMap<>();
    boolean cut = false;
    boolean disputed = DISPUTED.stream().anyMatch(text::contains);
    List<Dialect> dialects = disputed ? List.of(Dialect.values()) : List.of(Dialect.OTHER);
    for (Dialect dialect : dialects) {
      Statements statements =
          new Statements(dialect, MOST_STATEMENTS, MOST_TOKENS / dialects.size(), found);
      statements.read(text);
      cut |= statements.cut;
    }
    return new SqlReading(List.copyOf(found.values()), cut);
  }
}
