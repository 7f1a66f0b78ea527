package dev.gatehouse.store;

import io.vertx.pgclient.PgException;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.TimeoutException;

/** What a failure says of the database. */
public final class StoreFailure {
  /**
   * SQLSTATE classes of a server that cannot serve for now: lost connections, too few resources, an
   * operator's doing, and errors of the system.
   */
  private static final List<String> AWAY = List.of("08", "53", "57P", "58");

  /** Where the client's own failures come from: their types are not all public. */
  private static final String CLIENT = "io.vertx.";

  private StoreFailure() {}

  /**
   * Whether PostgreSQL was away, or gave no connection in time: it may be there again soon.
   *
   * @param failure of an operation on the database, and of nothing else
   */
  public static boolean isAway(Throwable failure) {
    for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
      if (cause instanceof PgException refused) {
        String state = String.valueOf(refused.getSqlState());
        return AWAY.stream().anyMatch(state::startsWith);
      }
      if (cause instanceof IOException
          || cause instanceof TimeoutException
          || cause.getClass().getName().startsWith(CLIENT)) {
        return true;
      }
    }
    return false;
  }
}
