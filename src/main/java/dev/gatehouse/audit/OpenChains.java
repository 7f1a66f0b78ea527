package dev.gatehouse.audit;

import io.vertx.core.Future;
import io.vertx.sqlclient.Pool;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.Tuple;
import java.util.HashMap;
import java.util.Map;

/**
 * Which chains may still have something for who reads on from a place. A chain has ended when
 * another one of its node is an hour old, the rule of {@link Postings}. One that has ended and is
 * read to its end is left out, so that a place does not grow with every start of a server.
 */
final class OpenChains {
  /** $1: chains that a place names; $2: up to which the others are read. */
  private static final String SQL =
      "select chain, old, case when ended then coalesce((select max(sequence) from audit_event e"
          + " where e.chain = k.chain), 0) end as ending from (select c.chain, c.started_at < now()"
          + " - interval '1 hour' as old, exists (select from audit_chain n where n.node = c.node"
          + " and n.chain > c.chain and n.started_at < now() - interval '1 hour') as ended from"
          + " audit_chain c where c.chain = any($1) or c.chain > $2) as k order by chain";

  private OpenChains() {}

  /** The same place, with every chain that it may go on in, and no other. */
  static Future<Cursor> after(Cursor place, Pool pool) {
    return pool.preparedQuery(SQL)
        .execute(Tuple.of(place.places().keySet().toArray(Long[]::new), place.through()))
        .map(rows -> {
          Map<Long, Long> open = new HashMap<>();
          long through = place.through();
          for (Row row : rows) {
            long chain = row.getLong("chain");
            long seen = place.places().getOrDefault(chain, 0L);
            Long ending = row.getLong("ending");
            if (ending == null || seen < ending) {
              open.put(chain, seen);
            }
            // A younger number may still be given to a row that is not committed.
            if (row.getBoolean("old")) {
              through = Math.max(through, chain);
            }
          }
          return new Cursor(open, through);
        });
  }
}
