package dev.gatehouse.policy.sql;

/** Where databases differ in what is text, what is a comment and what runs. */
enum Dialect {
  POSTGRES,
  MYSQL,
  SQL_SERVER,
  /** SQLite and Oracle. */
  OTHER;

  /** Whether a comment may stand in a comment. */
  boolean nestsComments() {
    return this == POSTGRES || this == SQL_SERVER;
  }

  /** Whether a carriage return ends a comment of one line. */
  boolean endsLineAtReturn() {
    return this == POSTGRES || this == SQL_SERVER;
  }

  /** Whether {@code [a b]} is a name. */
  boolean bracketsNames() {
    return this == SQL_SERVER || this == OTHER;
  }

  /** Whether {@code $tag$ .. $tag$} is a literal. */
  boolean dollarQuotes() {
    return this == POSTGRES;
  }

  /** Whether a backslash escapes in {@code E'..'}. */
  boolean escapesAfterE() {
    return this == POSTGRES;
  }

  /** Whether {@code q'[ .. ]'} is a literal. */
  boolean ownDelimiters() {
    return this == OTHER;
  }

  /** Whether a backslash escapes, {@code #} begins a comment and a comment may be executed. */
  boolean isMysql() {
    return this == MYSQL;
  }
}
