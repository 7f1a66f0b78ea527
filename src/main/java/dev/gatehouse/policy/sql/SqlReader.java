package dev.gatehouse.policy.sql;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Reads SQL without knowing for which database it is. Where databases would read a text in
 * different ways, it is read in each of them: what is only a literal for one may run in another.
 *
 * <p>Never throws, whatever the text; takes time and memory linear in it.
 */
public final class SqlReader {
  private static final int MOST_STATEMENTS = 4096;

  /** What databases disagree about; without any of these one reading is as good as all. */
  private static final List<String> DISPUTED =
      List.of("\\", "#", "$", "[", "\"", "/*", "--", "q'", "Q'");

  private SqlReader() {}

  /** What {@code text} says to a database. */
  public static SqlReading read(String text) {
    Map<String, SqlStatement> found = new LinkedHashMap<>();
    boolean cut = false;
    boolean disputed = DISPUTED.stream().anyMatch(text::contains);
    for (Dialect dialect : disputed ? List.of(Dialect.values()) : List.of(Dialect.OTHER)) {
      Statements statements = new Statements(dialect, MOST_STATEMENTS, found);
      statements.read(text);
      cut |= statements.cut;
    }
    return new SqlReading(List.copyOf(found.values()), cut);
  }
}
