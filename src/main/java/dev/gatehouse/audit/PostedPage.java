package dev.gatehouse.audit;

import java.util.List;
import java.util.Map;
import java.util.Set;

/** The SQL of pages that are found by postings ({@link Postings}). */
final class PostedPage {
  /**
   * The way to the rows is known: by postings, and by places. The planner is kept from guessing
   * another one from statistics that never saw a value, and from planning it anew for each
   * question, which takes longer than the answer.
   */
  static final String PLANNING =
      "set local plan_cache_mode = force_generic_plan; set local jit = off; set local enable_seqscan"
          + " = off; set local enable_bitmapscan = off; set local enable_hashjoin = off";

  /** Columns that find few enough rows by an index of their own. */
  private static final Set<String> NARROW = Set.of("session", "action", "parent", "sandbox");

  private PostedPage() {}

  /** The columns by whose values to look for rows. Empty where an index says as much. */
  static List<String> columns(Map<String, String> equal, Set<String> indexedOutcomes) {
    boolean isIndexed =
        equal.containsKey("actor") || indexedOutcomes.contains(equal.getOrDefault("outcome", ""));
    if (equal.keySet().stream().anyMatch(NARROW::contains)
        || (isIndexed && !equal.containsKey("rule") && !equal.containsKey("status"))) {
      return List.of();
    }
    return Stretch.COLUMNS.stream().filter(equal::containsKey).toList();
  }

  /**
   * The rows of a page, in no order: those of a first walk tell how far back the page goes, because
   * stretches of several chains overlap in time; then all back to there, and what was not posted.
   *
   * @param columns those of {@link #columns}
   * @param values the parameters that they must be equal to
   * @param posting which stretches, of alias {@code p}, as SQL
   * @param rows which rows, as SQL
   * @param most as many rows as the page has, or more
   */
  static String sql(
      List<String> columns,
      List<String> values,
      String posting,
      String rows,
      boolean oldestFirst,
      int most) {
    String direction = oldestFirst ? "" : " desc";
    String walk = walk(columns, values, posting, rows, direction, most);
    return "with bound as materialized (select "
        + (oldestFirst ? "max" : "min")
        + "(recorded_at) as at from (select e.recorded_at from "
        + walk
        // As the keys are, so that stretches can be merged.
        + (" order by p.hi" + direction + ", p.chain" + direction + ", p.first" + direction)
        + " limit "
        + most
        + ") as first) select e.* from "
        + walk
        + within(columns.size(), oldestFirst)
        + " union all select e.* from audit_chain c left join audit_posted d on d.chain = c.chain"
        + " cross join lateral (select * from (select * from audit_event where chain = c.chain and"
        + " sequence > coalesce(d.through, 0) and recorded_at >= coalesce(d.at, '-infinity') order"
        + " by sequence"
        + direction
        + " offset 0) as e where "
        + rows
        + " order by sequence"
        + direction
        + " limit "
        + most
        + ") as e where d.done is not true";
  }

  /** No further back than the first walk went. */
  private static String within(int columns, boolean oldestFirst) {
    String end = oldestFirst ? " <= (select at from bound)" : " >= (select at from bound)";
    StringBuilder sql = new StringBuilder(" and e.recorded_at").append(end);
    for (int i = 0; i < columns; i++) {
      sql.append(" and ").append(alias(i)).append(oldestFirst ? ".lo" : ".hi").append(end);
    }
    return sql.toString();
  }

  private static String alias(int column) {
    return column == 0 ? "p" : "p" + column;
  }

  /**
   * Stretches that have all values, in the order of time, and of each its first rows. {@code offset
   * 0} keeps what is inside it together: one look by the primary key, one bit operation.
   */
  private static String walk(
      List<String> columns,
      List<String> values,
      String posting,
      String rows,
      String direction,
      int most) {
    StringBuilder joins = new StringBuilder("audit_posting p");
    StringBuilder few = new StringBuilder("p.few");
    StringBuilder many = new StringBuilder("p.many");
    StringBuilder has = new StringBuilder();
    for (int i = 1; i < columns.size(); i++) {
      String other = alias(i);
      joins
          .append(" join audit_posting ")
          .append(other)
          .append(" on ")
          .append(value(other, columns.get(i), values.get(i)))
          .append(" and ")
          .append(other)
          .append(".tenant = p.tenant and ")
          .append(other)
          .append(".hi = p.hi and ")
          .append(other)
          .append(".chain = p.chain and ")
          .append(other)
          .append(".first = p.first");
      few.append(", ").append(other).append(".few");
      many.append(" & ").append(other).append(".many");
      has.append(i == 1 ? " where audit_has(p.few, p.many, place)" : "")
          .append(" and audit_has(")
          .append(other)
          .append(".few, ")
          .append(other)
          .append(".many, place)");
    }
    return joins
        + " cross join lateral (select coalesce("
        + few
        + ") as few, "
        + many
        + " as many offset 0) as b cross join lateral (select e.* from (select p.first + place as"
        + " place from audit_places(b.few, b.many) as place"
        + has
        + " order by 1"
        + direction
        + ") as r cross join lateral (select * from audit_event where chain = p.chain and sequence ="
        + " r.place and recorded_at between p.lo and p.hi offset 0) as e where "
        + rows
        + " order by r.place"
        + direction
        + " limit "
        + most
        + ") as e where "
        + value("p", columns.get(0), values.get(0))
        + " and "
        + posting
        // Where all are bits that never meet there is nothing to look for.
        + (columns.size() > 1 ? " and coalesce(bit_count(" + many + "), 1) > 0" : "");
  }

  private static String value(String alias, String column, String value) {
    return alias + ".name = '" + column + "' and " + alias + ".value = " + value;
  }
}
