package dev.gatehouse.audit;

import io.vertx.sqlclient.Row;
import java.util.ArrayList;
import java.util.List;

/**
 * What comes after a place in the log.
 *
 * @param seen the events that were asked for
 * @param reached the place after them, and after those in between that were not
 */
public record Ahead(List<Seen> seen, Cursor reached) {
  public Ahead {
    seen = List.copyOf(seen);
  }

  /**
   * An event.
   *
   * @param place from which to go on after it
   */
  public record Seen(StoredEvent event, Cursor place) {}

  /**
   * The next rows of the chains {@code $1} after the sequences {@code $2}. The first by time are a
   * beginning of each chain, because time never goes back in a chain.
   *
   * @param shown which of them are asked for, as SQL
   */
  static String sql(String shown, int limit) {
    return "select "
        + AuditRows.COLUMNS.replace(
            ", detail", ", case when shown then detail else '{}' end detail")
        + ", shown from (select *, sum(case when shown then octet_length(detail) else 0 end) over"
        + " (order by recorded_at, chain, sequence rows between unbounded preceding and 1"
        + " preceding) as before from (select e.*, coalesce("
        + shown
        + ", false) as shown from unnest($1::bigint[], $2::bigint[]) as c(number, place) cross join"
        + " lateral (select * from audit_event where chain = c.number and sequence > c.place order"
        + " by sequence limit "
        + limit
        + ") as e order by recorded_at, chain, sequence limit "
        + limit
        + ") as next) as next where coalesce(before, 0) < "
        + Page.MAX_DETAIL_BYTES
        + " order by recorded_at, chain, sequence";
  }

  static Ahead read(Cursor from, Iterable<Row> rows) {
    List<Seen> seen = new ArrayList<>();
    Cursor reached = from;
    for (Row row : rows) {
      StoredEvent event = AuditRows.read(row);
      reached = reached.with(event);
      if (row.getBoolean("shown")) {
        seen.add(new Seen(event, reached));
      }
    }
    return new Ahead(seen, reached);
  }
}
