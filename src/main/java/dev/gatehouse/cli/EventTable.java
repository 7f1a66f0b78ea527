package dev.gatehouse.cli;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.PrintStream;
import java.util.List;
import java.util.Locale;

/** Events as lines of a table; the head comes with the first. */
final class EventTable {
  private record Column(String name, int width) {}

  private static final List<Column> COLUMNS =
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

  private final PrintStream out;
  private boolean begun;

  EventTable(PrintStream out) {
    this.out = out;
  }

  void row(JsonObject event) {
    if (!begun) {
      begun = true;
      StringBuilder head = new StringBuilder();
      COLUMNS.forEach(
          column -> append(head, column.name().toUpperCase(Locale.ROOT), column.width()));
      out.println(head.toString().stripTrailing());
    }
    StringBuilder line = new StringBuilder();
    COLUMNS.forEach(
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
  }

  /** What agents send must not move a terminal's cursor: control characters become dots. */
  private static void append(StringBuilder line, String text, int width) {
    String shown = text.equals("null") ? "" : text;
    for (int i = 0; i < width; i++) {
      char c = i < shown.length() ? shown.charAt(i) : ' ';
      line.append(Character.isISOControl(c) ? '.' : c);
    }
    line.append("  ");
  }
}
