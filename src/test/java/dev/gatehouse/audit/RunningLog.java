package dev.gatehouse.audit;

import dev.gatehouse.DatabaseTemplate;
import dev.gatehouse.config.Configuration;
import dev.gatehouse.latency.LatencyRegistry;
import dev.gatehouse.store.Database;
import dev.gatehouse.store.EmbeddedDatabase;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.pgclient.PgConnectOptions;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.UserPrincipal;
import java.util.Comparator;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/** A real PostgreSQL with a schema, and logs on it that tests start and stop. */
@SuppressWarnings("NullAway.Init")
final class RunningLog implements BeforeAllCallback, AfterAllCallback {
  private final Map<String, String> settings = new HashMap<>();
  private Path data;
  private Vertx vertx;
  private EmbeddedDatabase embedded;
  private Database database;

  RunningLog with(String variable, String value) {
    settings.put(variable, value);
    return this;
  }

  RunningLog without(String variable) {
    settings.remove(variable);
    return this;
  }

  @Override
  public void beforeAll(ExtensionContext context) throws Exception {
    data = Files.createTempDirectory("gatehouse-log");
    settings.put("GATEHOUSE_DATA", data.toString());
    vertx = Vertx.vertx();
    DatabaseTemplate.copyTo(data);
    embedded = EmbeddedDatabase.start(data);
    database = await(Database.open(vertx, embedded.connectOptions(), 4));
  }

  @Override
  public void afterAll(ExtensionContext context) throws Exception {
    await(database.close());
    embedded.close();
    await(vertx.close());
    try (var files = Files.walk(data)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(file);
      }
    }
  }

  /** What {@link dev.gatehouse.cli.AuditCommand} needs to find this log. */
  Map<String, String> environment() {
    return Map.copyOf(settings);
  }

  Configuration configuration() {
    return Configuration.load(Path.of("conf/gatehouse.yaml"), environment());
  }

  AuditLog open(String node) {
    return open(node, data);
  }

  /** With another data directory, as on another machine. */
  AuditLog open(String node, Path directory) {
    return await(
        AuditLog.start(
            vertx, database, configuration().audit(), node, directory, new LatencyRegistry()));
  }

  Database database() {
    return database;
  }

  Vertx vertx() {
    return vertx;
  }

  Path data() {
    return data;
  }

  PgConnectOptions options() {
    return embedded.connectOptions();
  }

  /** Ends PostgreSQL as the kernel would for want of memory; it is started again by itself. */
  void killPostgres() {
    ProcessHandle.of(embedded.pid()).orElseThrow().destroyForcibly();
  }

  /** Runs SQL as a superuser who has switched the guards off. */
  void tamper(String sql) {
    await(
        database
            .pool()
            .withTransaction(connection ->
                connection
                    .query("set local session_replication_role = replica")
                    .execute()
                    .compose(off -> connection.query(sql).execute())));
  }

  /** Lets PostgreSQL, which does not run as root, write to a directory. */
  void ownedByPostgres(Path directory) throws IOException {
    UserPrincipal owner = Files.getOwner(data.resolve("postgres/cluster/PG_VERSION"));
    Files.setOwner(directory, owner);
  }

  String show(String sql) {
    return await(database.pool().query(sql).execute()).iterator().next().getValue(0).toString();
  }

  static <T> T await(Future<T> future) {
    try {
      return future.await(30, TimeUnit.SECONDS);
    } catch (TimeoutException e) {
      throw new AssertionError(e);
    }
  }
}
