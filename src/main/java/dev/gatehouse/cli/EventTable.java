package dev.gatehouse.cli;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.PrintStream;
import java.util.List;
import java.util.Locale;

/** Events, or what became of them, as lines of a table; the head comes with the first. */
final class EventTable {
  private record Column(String name, int width) {}

  private static final List<Column> EVENT =
      List.of(
          new Column("recordedAt", 23),
          new Column("kind", 18),
          new Column("action", 36),
          new Column("session", 16),
          new Column("actor", 14),
          new Column("tool", 12),
          new Column("risk", 8),
          new Column("outcome", 7),
          new Column("rule", 24),
          new Column("status", 12));

  private static final List<Column> DEAD_LETTER =
      List.of(
          new Column("refusedAt", 23),
          new Column("sink", 16),
          new Column("chain", 6),
          new Column("sequence", 10),
          new Column("kind", 18),
          new Column("action", 36),
          new Column("reason", 60));

  private final PrintStream out;
  private final List<Column> columns;
  private boolean begun;

  private EventTable(PrintStream out, List<Column> columns) {
    this.out = out;
    this.columns = columns;
  }

  static EventTable ofEvents(PrintStream out) {
    return new EventTable(out, EVENT);
  }

  static EventTable ofDeadLetters(PrintStream out) {
    return new EventTable(out, DEAD_LETTER);
  }

  void row(JsonObject event) {
    if (!begun) {
      begun = true;
      StringBuilder head = new StringBuilder();
      columns.forEach(
          column -> append(head, column.name().toUpperCase(Locale.ROOT), column.width()));
      out.println(head.toString().stripTrailing());
    }
    StringBuilder line = new StringBuilder();
    columns.forEach(
        column -> append(line, String.valueOf(event.getValue(column.name(), "")), column.width()));
    out.println(line.toString().stripTrailing());
  }

  static void statistics(JsonObject reply, PrintStream out) {
    StringBuilder head = new StringBuilder();
    append(head, reply.getString("by").toUpperCase(Locale.ROOT), 32);
    out.println(head + "     COUNT     MEAN ms      MAX ms");
    JsonArray groups = reply.getJsonArray("groups");
    for (int i = 0; i < groups.size(); i++) {
      JsonObject group = groups.getJsonObject(i);
      StringBuilder line = new StringBuilder();
      append(line, String.valueOf(group.getString("value")), 32);
      out.printf(
          Locale.ROOT,
          "%s%10d  %10.3f  %10.3f%n",
          line,
          group.getLong("count"),
          group.getLong("meanNanos", 0L) == null ? 0 : group.getLong("meanNanos") / 1e6,
          group.getLong("maxNanos", 0L) == null ? 0 : group.getLong("maxNanos") / 1e6);
    }
    if (reply.getBoolean("more")) {
      out.println("There are others; filters show them.");
    }
  }

  private static void append(StringBuilder line, String text, int width) {
    line.append(Visible.cell(text.equals("null") ? "" : text, width)).append("  ");
  }
}
