package dev.gatehouse.store;

import io.vertx.core.Future;
import io.vertx.sqlclient.SqlClient;
import java.util.List;

/**
 * Does calls within a transaction that is another's to begin and to commit.
 *
 * @param <C> one call
 * @param <R> what becomes of it
 */
public interface Companion<C, R> {
  /** Does them in as few statements as it can; one result each, in their order. */
  Future<List<R>> send(SqlClient transaction, List<C> calls);
}
