package dev.gatehouse.store;

import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.net.NetClientOptions;
import io.vertx.pgclient.PgBuilder;
import io.vertx.pgclient.PgConnectOptions;
import io.vertx.pgclient.PgConnection;
import io.vertx.sqlclient.Pool;
import io.vertx.sqlclient.PoolOptions;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * The PostgreSQL server: a pool for reading and small writes, and connections of one's own. {@link
 * #pool()} may be used from any event loop.
 */
public final class Database {
  /** The oldest PostgreSQL whose features are used. */
  private static final int OLDEST_MAJOR = 14;

  private static final int CONNECT_TIMEOUT_MILLIS = 5_000;

  /** Longer ones are parsed and planned each time; the client's own limit leaves pages out. */
  private static final int MAX_STATEMENT_CHARS = 16_384;

  /** Of the pool, for approvals, checkpoints, receivers and whoever else must not wait. */
  private static final int KEPT_FREE = 2;

  private static final int MAX_SLOW_WAITING = 100;
  private static final long SLOW_WAIT_MILLIS = 10_000;

  private final Vertx vertx;
  private final PgConnectOptions options;
  private final Pool pool;
  private final Turns slow;

  private Database(Vertx vertx, PgConnectOptions options, Pool pool, int connections) {
    this.vertx = vertx;
    this.options = options;
    this.pool = pool;
    this.slow =
        new Turns(vertx, Math.max(1, connections - KEPT_FREE), MAX_SLOW_WAITING, SLOW_WAIT_MILLIS);
  }

  /** Connects and brings the schema up to date; fails if the server is too old. */
  public static Future<Database> open(Vertx vertx, PgConnectOptions given, int connections) {
    PgConnectOptions options =
        new PgConnectOptions(given)
            .setCachePreparedStatements(true)
            .setPreparedStatementCacheSqlLimit(MAX_STATEMENT_CHARS);
    Pool pool =
        PgBuilder.pool()
            .using(vertx)
            .connectingTo(options)
            .with(new NetClientOptions().setConnectTimeout(CONNECT_TIMEOUT_MILLIS))
            .with(
                new PoolOptions()
                    .setMaxSize(connections)
                    .setConnectionTimeout(CONNECT_TIMEOUT_MILLIS)
                    .setMaxWaitQueueSize(10_000)
                    .setShared(true)
                    .setName("gatehouse"))
            .build();
    Database database = new Database(vertx, options, pool, connections);
    return database
        .checkVersion()
        .compose(checked -> Migrations.run(pool))
        .map(migrated -> database)
        .onFailure(failure -> pool.close());
  }

  private Future<Void> checkVersion() {
    return pool.query("show server_version_num")
        .execute()
        .compose(rows -> {
          int major = Integer.parseInt(rows.iterator().next().getString(0)) / 10_000;
          return major >= OLDEST_MAJOR
              ? Future.succeededFuture()
              : Future.failedFuture(
                  new IllegalStateException(
                      "PostgreSQL " + major + " is too old, expected 14 or newer"));
        });
  }

  /** How to connect, for those who cannot use the reactive client. */
  public PgConnectOptions options() {
    return new PgConnectOptions(options);
  }

  /** The shared pool. Its operations wait for a free connection, at most 5 s. */
  public Pool pool() {
    return pool;
  }

  /** Who asks what may take the database long takes a turn: two connections stay for the others. */
  public Turns slow() {
    return slow;
  }

  /** A connection outside the pool, on the calling context; the caller closes it. */
  public Future<PgConnection> connect() {
    AtomicBoolean late = new AtomicBoolean();
    return PgConnection.connect(vertx, options)
        .onSuccess(connection -> {
          // A server that was stopped for a while answers when nobody waits any more.
          if (late.get()) {
            connection.close();
          }
        })
        .timeout(CONNECT_TIMEOUT_MILLIS, TimeUnit.MILLISECONDS)
        .onFailure(failure -> late.set(true));
  }

  public Future<Void> close() {
    return pool.close();
  }
}
