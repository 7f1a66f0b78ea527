package dev.gatehouse.cli;

import dev.gatehouse.audit.Verification;
import dev.gatehouse.audit.Verifier.Finding;
import dev.gatehouse.audit.Verifier.Report;
import dev.gatehouse.config.ConfigException;
import dev.gatehouse.config.Configuration;
import dev.gatehouse.store.EmbeddedDatabase;
import io.vertx.pgclient.PgConnectOptions;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.zip.GZIPInputStream;
import org.jspecify.annotations.Nullable;

/** {@code gatehouse audit verify}. */
public final class AuditCommand {
  private static final String USAGE =
      """
      usage: gatehouse audit COMMAND [--config FILE]
        verify [--from TIME] [--to TIME]   check the log in the database; no server is needed
        verify FILE                        check an exported file (.ndjson or .ndjson.gz)
      A TIME is 2026-11-23 or 2026-11-23T18:00:00Z.\
      """;

  private final Map<String, String> environment;

  public AuditCommand() {
    this(System.getenv());
  }

  /** With another environment than the process's. */
  public AuditCommand(Map<String, String> environment) {
    this.environment = Map.copyOf(environment);
  }

  /** Runs one command: 0 for success, 1 for findings or failures, 2 for wrong usage. */
  public int run(String[] args, PrintStream out, PrintStream err) {
    try {
      CommandLine line = CommandLine.of(args);
      return switch (line.command()) {
        case "verify" -> verify(line, out);
        default -> {
          err.println(USAGE);
          yield 2;
        }
      };
    } catch (IllegalArgumentException | DateTimeException | ConfigException e) {
      err.println(e.getMessage());
      return 2;
    } catch (IOException | SQLException e) {
      err.println("gatehouse audit: " + e.getMessage());
      return 1;
    }
  }

  private int verify(CommandLine line, PrintStream out) throws IOException, SQLException {
    long startNanos = System.nanoTime();
    Report report = line.words().isEmpty() ? verifyDatabase(line) : verifyFile(line.words().get(0));
    double seconds = (System.nanoTime() - startNanos) / 1e9;
    for (Finding finding : report.findings()) {
      out.printf(
          Locale.ROOT,
          "%s chain %d: %s%n",
          finding.fault().name().toLowerCase(Locale.ROOT),
          finding.chain(),
          finding.text());
    }
    out.printf(
        Locale.ROOT,
        "%s: %d rows, %d chains, %d checkpoints, %d faults, %.1f s%n",
        report.intact() ? "intact" : "NOT INTACT",
        report.rows(),
        report.chains(),
        report.checkpoints(),
        report.faults(),
        seconds);
    return report.intact() ? 0 : 1;
  }

  private static Report verifyFile(String name) throws IOException {
    try (InputStream file = Files.newInputStream(Path.of(name));
        InputStream plain = name.endsWith(".gz") ? new GZIPInputStream(file) : file;
        BufferedReader lines =
            new BufferedReader(new InputStreamReader(plain, StandardCharsets.UTF_8))) {
      return Verification.ofFile(lines);
    }
  }

  private Report verifyDatabase(CommandLine line) throws IOException, SQLException {
    Configuration configuration = configuration(line);
    Instant from = time(line.option("from"));
    Instant to = time(line.option("to"));
    String url = configuration.database().url();
    if (url != null) {
      return Verification.ofDatabase(PgConnectOptions.fromUri(url), from, to);
    }
    Optional<PgConnectOptions> running = EmbeddedDatabase.running(configuration.data());
    if (running.isPresent()) {
      return Verification.ofDatabase(running.get(), from, to);
    }
    if (Files.notExists(configuration.data().resolve("postgres"))) {
      throw new IOException("there is no log in " + configuration.data());
    }
    try (EmbeddedDatabase embedded = EmbeddedDatabase.start(configuration.data())) {
      return Verification.ofDatabase(embedded.connectOptions(), from, to);
    }
  }

  private Configuration configuration(CommandLine line) {
    String file = line.option("config");
    return Configuration.load(
        Path.of(
            file != null
                ? file
                : environment.getOrDefault("GATEHOUSE_CONFIG", "conf/gatehouse.yaml")),
        environment);
  }

  private static @Nullable Instant time(@Nullable String text) {
    if (text == null) {
      return null;
    }
    return text.length() == 10
        ? LocalDate.parse(text).atStartOfDay(ZoneOffset.UTC).toInstant()
        : Instant.parse(text);
  }
}
