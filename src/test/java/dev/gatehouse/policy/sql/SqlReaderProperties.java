package dev.gatehouse.policy.sql;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;

/** What holds for every text, made of what some database treats specially. */
class SqlReaderProperties {
  private static final String[] PIECES = {
    "select ",
    "delete from t ",
    "update t set a = 1 ",
    "where ",
    "drop table x ",
    "exec",
    "do ",
    "prepare s from ",
    "'",
    "''",
    "\"",
    "`",
    "[",
    "]",
    "$$",
    "$a$",
    "q'[",
    "]'",
    "e'",
    "N'",
    "\\",
    "--",
    "-- ",
    "#",
    "/*",
    "*/",
    "/*!",
    "/*!50000",
    "\n",
    "\r",
    "(",
    ")",
    ";",
    ",",
    ".",
    "=",
    "+",
    "||",
    "@a",
    "1",
    "0x",
    "a",
    "\u00a0",
    "\uFFFC",
    " "
  };

  @Property(tries = 5000)
  void neverThrowsAndStaysWithinTheText(@ForAll("texts") String text) {
    int size = 0;
    for (SqlStatement one : SqlReader.read(text).statements()) {
      assertTrue(0 <= one.start() && one.start() <= one.end() && one.end() <= text.length(), text);
      assertTrue(!one.text().isEmpty(), text);
      size += one.text().length();
    }
    // Four databases, literals in literals, and a blank between any two signs.
    assertTrue(size <= 32 * text.length() + 32, text);
  }

  @Property(tries = 2000)
  void readsAnyText(@ForAll String text) {
    assertTrue(SqlReader.read(text).statements().size() <= 4096);
  }

  @Property(tries = 3000)
  void whatComesBeforeHidesNoStatementForAllDatabases(@ForAll("closed") String before) {
    // Given any text that at least one database reads to its end, and a statement behind it
    List<SqlStatement> statements = SqlReader.read(before + ";\ndrop table victim").statements();
    // Then that statement is among those that are read
    assertTrue(
        statements.stream().anyMatch(one -> one.text().contains("drop table victim")),
        () -> before + " -> " + statements);
  }

  @Provide
  Arbitrary<String> texts() {
    return Arbitraries.of(PIECES).list().ofMaxSize(40).map(pieces -> String.join("", pieces));
  }

  @Provide
  Arbitrary<String> closed() {
    Arbitrary<String> piece =
        Arbitraries.of(
            "select 1 ",
            "'it''s' ",
            "\"a\" ",
            "/* a */ ",
            "-- a\n",
            "/* ' */ ",
            "-- '\n",
            "'--' ",
            "'/*' ",
            "(",
            ")",
            ";",
            "select a from t where b = 1 ",
            "\"'\" ",
            "`'` ",
            "1 - -1 ");
    return piece.list().ofMaxSize(20).map(pieces -> String.join("", pieces));
  }
}
