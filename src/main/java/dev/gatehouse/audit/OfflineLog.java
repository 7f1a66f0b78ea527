package dev.gatehouse.audit;

import dev.gatehouse.audit.Verifier.Report;
import dev.gatehouse.config.Configuration;
import dev.gatehouse.store.EmbeddedDatabase;
import io.vertx.pgclient.PgConnectOptions;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Instant;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The log of a configured database, without a server: the embedded one is started for the work if
 * nobody runs it. Blocks; every method fails with {@link IOException} if the database does.
 */
public final class OfflineLog {
  private final Configuration configuration;

  public OfflineLog(Configuration configuration) {
    this.configuration = configuration;
  }

  /** As {@link Verification#ofDatabase}. */
  public Report verify(@Nullable Instant from, @Nullable Instant to, Trust trust)
      throws IOException {
    return with(options -> Verification.ofDatabase(options, from, to, trust));
  }

  /** As {@link LogFile#write}. */
  public long export(@Nullable Instant from, @Nullable Instant to, Path file) throws IOException {
    return with(options -> LogFile.write(options, from, to, file));
  }

  /** As {@link Proofs#ofEvent}. */
  public String proveEvent(long chain, long sequence) throws IOException {
    return with(options -> Proofs.ofEvent(options, chain, sequence));
  }

  /** As {@link Proofs#ofGrowth}. */
  public String proveGrowth(long chain, long size) throws IOException {
    return with(options -> Proofs.ofGrowth(options, chain, size));
  }

  /** What is done with a database. */
  private interface Work<T> {
    T with(PgConnectOptions options) throws IOException, SQLException;
  }

  private <T> T with(Work<T> work) throws IOException {
    try {
      String url = configuration.database().url();
      if (url != null) {
        return work.with(PgConnectOptions.fromUri(url));
      }
      Optional<PgConnectOptions> running = EmbeddedDatabase.running(configuration.data());
      if (running.isPresent()) {
        return work.with(running.get());
      }
      if (Files.notExists(configuration.data().resolve("postgres"))) {
        throw new IOException("there is no log in " + configuration.data());
      }
      try (EmbeddedDatabase embedded = EmbeddedDatabase.start(configuration.data())) {
        return work.with(embedded.connectOptions());
      }
    } catch (SQLException e) {
      throw new IOException("the database: " + e.getMessage(), e);
    }
  }
}
