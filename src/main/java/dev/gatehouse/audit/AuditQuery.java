package dev.gatehouse.audit;

import io.vertx.sqlclient.Tuple;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Which events, in which order, how many.
 *
 * @param tenant whose
 * @param equal text columns and the values they must have
 * @param numbers limits by the names of {@link #NUMBERS}
 * @param story an action: its events, and those of what belongs to it; null for all
 * @param from the first time, null for the beginning
 * @param to the first time not asked for, null for the end
 * @param text words that the detail must have, in the syntax of a web search; null for all
 * @param oldestFirst whether the oldest comes first
 * @param after where the page before ended, as {@link #cursor} gave it; null for the first page
 */
public record AuditQuery(
    String tenant,
    Map<String, String> equal,
    Map<String, Long> numbers,
    @Nullable String story,
    @Nullable Instant from,
    @Nullable Instant to,
    @Nullable String text,
    boolean oldestFirst,
    @Nullable String after,
    int limit) {

  /** Statistics by time instead of by a column. */
  static final String HOUR = "hour";

  /** The most events of one page. */
  public static final int MAX_LIMIT = 1000;

  private static final int USUAL_LIMIT = 100;

  /** The columns that {@link #equal} may name. */
  public static final Set<String> COLUMNS =
      Set.of(
          "kind", "action", "parent", "session", "actor", "role", "tool", "risk", "outcome", "rule",
          "policy", "sandbox", "status");

  /** What {@link #numbers} may name, and the condition that it means. */
  private static final Map<String, String> CONDITIONS =
      Map.of(
          "chain", "chain = ",
          "sequence", "sequence = ",
          "minDurationNanos", "duration_nanos >= ",
          "maxDurationNanos", "duration_nanos <= ");

  /** The names that {@link #numbers} may have. */
  public static final Set<String> NUMBERS = CONDITIONS.keySet();

  private static final Set<String> INDEXED =
      Set.of("action", "parent", "session", "actor", "sandbox");

  /** Those of the index {@code audit_event_refused}. */
  private static final Set<String> INDEXED_OUTCOMES = Set.of("ASK", "DENY");

  public AuditQuery {
    equal = Map.copyOf(equal);
    numbers = Map.copyOf(numbers);
    if (!COLUMNS.containsAll(equal.keySet()) || !NUMBERS.containsAll(numbers.keySet())) {
      throw new IllegalArgumentException(
          "unknown column in " + equal.keySet() + " or " + numbers.keySet());
    }
    if (limit < 1 || limit > MAX_LIMIT) {
      throw new IllegalArgumentException("limit must be 1 to " + MAX_LIMIT);
    }
    if (after != null) {
      position(after);
    }
  }

  /**
   * Whether an index finds it, however large the log is: it names an action, a session, an actor or
   * a sandbox, or nothing but a tenant and a time, and no words.
   */
  boolean isQuick() {
    return text == null
        && (story != null
            || (equal.isEmpty() && numbers.isEmpty())
            || equal.keySet().stream().anyMatch(INDEXED::contains));
  }

  /** The same from another place on. */
  public AuditQuery after(String cursor) {
    return new AuditQuery(
        tenant, equal, numbers, story, from, to, text, oldestFirst, cursor, limit);
  }

  /** Where a page that ends with this event is continued. */
  public static String cursor(StoredEvent last) {
    String position =
        CanonicalRow.micros(last.recordedAt()) + "." + last.chain() + "." + last.sequence();
    return Base64.getUrlEncoder()
        .withoutPadding()
        .encodeToString(position.getBytes(StandardCharsets.US_ASCII));
  }

  private static long[] position(String cursor) {
    try {
      String text = new String(Base64.getUrlDecoder().decode(cursor), StandardCharsets.US_ASCII);
      String[] parts = text.split("\\.", -1);
      return new long[] {
        Long.parseLong(parts[0]), Long.parseLong(parts[1]), Long.parseLong(parts[2])
      };
    } catch (IllegalArgumentException | IndexOutOfBoundsException e) {
      throw new IllegalArgumentException("cursor is none of ours", e);
    }
  }

  /**
   * SQL and its parameters.
   *
   * @param planning what the database is told beforehand about how to plan it, as SQL
   */
  record Statement(String sql, Tuple parameters, String planning) {
    Statement(String sql, Tuple parameters) {
      this(sql, parameters, "");
    }
  }

  /** The page; each row tells how many were found before {@link Page#MAX_DETAIL_BYTES} counted. */
  Statement page() {
    List<Object> parameters = new ArrayList<>();
    String rows = filters(parameters) + behindCursor(parameters);
    List<String> columns = story == null ? PostedPage.columns(equal, INDEXED_OUTCOMES) : List.of();
    String source = "select * from audit_event where " + rows;
    if (story != null) {
      source = story(rows, next(parameters, story));
    } else if (!columns.isEmpty()) {
      source = posted(columns, rows, parameters);
    }
    String direction = oldestFirst ? "" : " desc";
    String order =
        " order by recorded_at" + direction + ", chain" + direction + ", sequence" + direction;
    return new Statement(
        "select * from (select *, count(*) over () as found, sum(octet_length(detail)) over ("
            + order.strip()
            + " rows between unbounded preceding and 1 preceding) as before from (select "
            + AuditRows.COLUMNS
            + " from ("
            + source
            + ") as event"
            + order
            + " limit "
            + next(parameters, (long) limit)
            + ") as page) as page where coalesce(before, 0) < "
            + Page.MAX_DETAIL_BYTES
            + order,
        Tuple.tuple(parameters),
        story == null && columns.isEmpty() ? "" : PostedPage.PLANNING);
  }

  /** A look into each of two indexes, whatever the planner thinks of others. */
  private static String story(String rows, String action) {
    String in = "select * from (select * from audit_event where ";
    return in
        + ("action = " + action + " offset 0) as own where ")
        + rows
        + " union all "
        + in
        + ("parent = " + action + " offset 0) as of where action <> " + action + " and ")
        + rows;
  }

  private String posted(List<String> columns, String rows, List<Object> parameters) {
    List<String> values = new ArrayList<>();
    for (String column : columns) {
      values.add(next(parameters, Objects.requireNonNull(equal.get(column), column)));
    }
    return PostedPage.sql(
        columns,
        values,
        stretches(parameters),
        rows,
        oldestFirst,
        // One of two, so that there are few statements to plan.
        limit <= USUAL_LIMIT ? USUAL_LIMIT : MAX_LIMIT);
  }

  private String behindCursor(List<Object> parameters) {
    if (after == null) {
      return "";
    }
    long[] at = position(after);
    return " and (recorded_at, chain, sequence) "
        + (oldestFirst ? '>' : '<')
        + " ("
        + next(parameters, AuditRows.time(CanonicalRow.time(at[0])))
        + ", "
        + next(parameters, at[1])
        + ", "
        + next(parameters, at[2])
        + ")";
  }

  /** The postings of the tenant, in the time that is asked for. */
  private String stretches(List<Object> parameters) {
    StringBuilder sql = new StringBuilder("p.tenant = ").append(next(parameters, tenant));
    if (from != null) {
      sql.append(" and p.hi >= ").append(next(parameters, AuditRows.time(from)));
    }
    if (to != null) {
      sql.append(" and p.lo < ").append(next(parameters, AuditRows.time(to)));
    }
    if (after != null) {
      OffsetDateTime at = AuditRows.time(CanonicalRow.time(position(after)[0]));
      sql.append(oldestFirst ? " and p.hi >= " : " and p.lo <= ").append(next(parameters, at));
    }
    return sql.toString();
  }

  /**
   * How many events there are for each value of a column.
   *
   * @param by a column of {@link #COLUMNS}, or {@code hour}
   */
  Statement statistics(String by) {
    if (!by.equals(HOUR) && !COLUMNS.contains(by)) {
      throw new IllegalArgumentException("by must be " + HOUR + " or one of " + COLUMNS);
    }
    List<Object> parameters = new ArrayList<>();
    String value =
        by.equals(HOUR)
            ? "to_char(recorded_at at time zone 'UTC', 'YYYY-MM-DD\"T\"HH24:00:00\"Z\"')"
            : by;
    return new Statement(
        "select "
            + value
            + " as value, count(*) as count, avg(duration_nanos)::bigint as mean_nanos,"
            + " max(duration_nanos) as max_nanos from audit_event where "
            + conditions(parameters)
            + " group by 1 order by "
            + (by.equals(HOUR) ? "1 desc" : "2 desc, 1")
            + " limit "
            + (MAX_LIMIT + 1),
        Tuple.tuple(parameters));
  }

  /** Which rows, as SQL whose parameters come behind those that are there already. */
  String conditions(List<Object> parameters) {
    String filters = filters(parameters);
    if (story == null) {
      return filters;
    }
    String action = next(parameters, story);
    return filters + " and (action = " + action + " or parent = " + action + ")";
  }

  /** The same without the story. */
  private String filters(List<Object> parameters) {
    StringBuilder sql = new StringBuilder("tenant = ").append(next(parameters, tenant));
    new TreeMap<>(equal)
        .forEach((column, value) ->
            sql.append(" and ")
                .append(column)
                .append(" = ")
                .append(value(column, value, parameters)));
    new TreeMap<>(numbers)
        .forEach((name, value) ->
            sql.append(" and ").append(CONDITIONS.get(name)).append(next(parameters, value)));
    if (from != null) {
      sql.append(" and recorded_at >= ").append(next(parameters, AuditRows.time(from)));
    }
    if (to != null) {
      sql.append(" and recorded_at < ").append(next(parameters, AuditRows.time(to)));
    }
    if (text != null) {
      sql.append(" and to_tsvector('simple', detail) @@ websearch_to_tsquery('simple', ");
      sql.append(next(parameters, text)).append(')');
    }
    return sql.toString();
  }

  /** An outcome stands there as it is: only then the planner sees that the index of them fits. */
  private static String value(String column, String value, List<Object> parameters) {
    return column.equals("outcome") && INDEXED_OUTCOMES.contains(value)
        ? "'" + value + "'"
        : next(parameters, value);
  }

  private static String next(List<Object> parameters, Object value) {
    parameters.add(value);
    return "$" + parameters.size();
  }
}
