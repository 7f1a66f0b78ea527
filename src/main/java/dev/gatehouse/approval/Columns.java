package dev.gatehouse.approval;

import io.vertx.core.json.JsonObject;
import io.vertx.sqlclient.Tuple;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Many records as a statement's parameters: one array a column. Confined to its caller.
 *
 * @param <T> one record
 */
final class Columns<T> {
  private final List<T> records;
  private final Tuple values = Tuple.tuple();

  Columns(List<T> records) {
    this.records = records;
  }

  /**
   * A statement's beginning that makes rows of its first parameters again: {@code wanted}, with the
   * columns named and {@code place}, from 1.
   *
   * <p>The arrays are hidden from the planner. It would see how short they are, and find a plan of
   * its own for each execution cheaper than the one that it keeps: for one move that takes three
   * times as long as the move. The plan that it keeps may be made while the tables are empty: by
   * its places, which are all within that range, it takes the rows for one, and so uses indexes.
   *
   * <p>The rows are made before anything is done with them: a statement that locks others beside
   * them would copy the arrays, whole, with each row.
   *
   * @param columns each a name and a type
   */
  static String wanted(String... columns) {
    List<String> given = new ArrayList<>();
    List<String> names = new ArrayList<>();
    for (int i = 1; i <= columns.length; i++) {
      String[] column = columns[i - 1].split(" ", 2);
      names.add(column[0]);
      given.add("$" + i + "::" + column[1] + "[] as " + column[0]);
    }
    String all = String.join(", ", names);
    return "with given as materialized (select "
        + String.join(", ", given)
        + "), wanted as materialized (select w.* from given g, unnest(g."
        + String.join(", g.", names)
        + ") with ordinality as w("
        + all
        + ", place) where w.place between 1 and 1000000)";
  }

  Columns<T> text(Function<T, @Nullable String> column) {
    values.addArrayOfString(records.stream().map(column).toArray(String[]::new));
    return this;
  }

  /** JSON as text, for the statement to cast. */
  Columns<T> json(Function<T, @Nullable Object> column) {
    return text(one -> {
      Object json = column.apply(one);
      return json == null ? null : json instanceof JsonObject object ? object.encode() : json + "";
    });
  }

  Columns<T> integer(Function<T, @Nullable Integer> column) {
    values.addArrayOfInteger(records.stream().map(column).toArray(Integer[]::new));
    return this;
  }

  Columns<T> bigint(Function<T, @Nullable Long> column) {
    values.addArrayOfLong(records.stream().map(column).toArray(Long[]::new));
    return this;
  }

  /** The columns in the order they were named; more values may be added. */
  Tuple tuple() {
    return values;
  }
}
