package dev.gatehouse.policy.python;

/**
 * A statement that Python text hands to a database.
 *
 * @param text the statement, parts that cannot be computed one {@link PythonValue#HOLE} each
 * @param start where in the given text it comes from
 * @param end where that ends, exclusive
 */
public record QueryText(String text, int start, int end) {

  /** Whether a method of that name runs statements. */
  static boolean isQuery(String method) {
    return switch (method) {
      case "execute",
          "executemany",
          "executescript",
          "execute_async",
          "exec_driver_sql",
          "fetch",
          "fetchall",
          "fetchrow",
          "fetchval",
          "query",
          "raw",
          "read_sql",
          "read_sql_query",
          "sql" ->
          true;
      default -> false;
    };
  }

  /** Notes the statement of a call that runs one, if something of it is known. */
  static void find(PythonDraft draft, PythonCall call) {
    PythonValue statement = call.positional(0);
    String text = statement == null ? "" : Values.textFor(statement);
    if (!text.isEmpty() && !text.equals(Values.HOLE)) {
      PythonArgument from = call.arguments().get(0);
      draft.queryTexts.add(new QueryText(text, from.start(), from.end()));
    }
  }
}
