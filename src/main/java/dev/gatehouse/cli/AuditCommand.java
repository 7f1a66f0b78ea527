package dev.gatehouse.cli;

import dev.gatehouse.audit.OfflineLog;
import dev.gatehouse.audit.Proofs;
import dev.gatehouse.audit.Trust;
import dev.gatehouse.audit.Verification;
import dev.gatehouse.audit.Verifier.Finding;
import dev.gatehouse.audit.Verifier.Report;
import dev.gatehouse.config.ConfigException;
import dev.gatehouse.config.Configuration;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.zip.GZIPInputStream;
import org.jspecify.annotations.Nullable;

/** {@code gatehouse audit verify}. */
public final class AuditCommand {
  private static final String USAGE =
      """
      usage: gatehouse audit COMMAND [--config FILE]
        query [--COLUMN VALUE ...] [--from TIME] [--to TIME] [--text WORDS] [--limit N]
        tail  [--COLUMN VALUE ...]         events as they come
        stats [--by COLUMN|hour] [--from TIME] [--to TIME]
        dead-letters [--limit N]           what receivers refused for good
        export FILE [--format ndjson|csv|ocsf] [--COLUMN VALUE ...] [--from TIME] [--to TIME]
        export FILE --complete yes         every row, with what verify needs; no server is needed
        verify [--from TIME] [--to TIME]   check the log in the database; no server is needed
        verify FILE                        check an export (.ndjson, .ndjson.gz) or a proof (.json)
               [--keys FOLDER]             public keys; default: audit/public in the data directory,
                                           and the folder of audit.checkpoints.trustedKeys
               [--checkpoints FILE]        checkpoints kept elsewhere; default: audit.checkpoints.file
        prove CHAIN SEQUENCE               a proof that this event is in the log
        prove CHAIN --since SIZE           a proof that the log continues that checkpoint
      A TIME is 2026-11-23T18:00:00Z, for verify also 2026-11-23. query, tail, stats, dead-letters and
      export ask the server ([--url URL], default this machine) with the key in GATEHOUSE_KEY, default keys/auditor.\
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
        case "query", "tail", "stats", "dead-letters" ->
            new AuditClient(configuration(line), environment).run(line, out);
        case "export" -> export(line, out);
        case "verify" -> verify(line, out);
        case "prove" -> prove(line, out);
        default -> {
          err.println(USAGE);
          yield 2;
        }
      };
    } catch (IllegalArgumentException | DateTimeException | ConfigException e) {
      err.println(e.getMessage());
      return 2;
    } catch (IOException e) {
      err.println("gatehouse audit: " + Visible.text(String.valueOf(e.getMessage())));
      return 1;
    }
  }

  private int verify(CommandLine line, PrintStream out) throws IOException {
    long startNanos = System.nanoTime();
    Configuration configuration = configuration(line);
    if (!line.words().isEmpty() && line.words().get(0).endsWith(".json")) {
      String proof = Files.readString(Path.of(line.words().get(0)));
      boolean holds = Proofs.holds(proof, trust(line, configuration).keys());
      out.println(holds ? "the proof holds" : "the proof does NOT hold");
      if (holds && !Proofs.event(proof).isEmpty()) {
        out.println(Visible.text(Proofs.event(proof)));
      }
      return holds ? 0 : 1;
    }
    Report report =
        line.words().isEmpty()
            ? verifyDatabase(line, configuration)
            : verifyFile(line.words().get(0), trust(line, configuration));
    print(report, (System.nanoTime() - startNanos) / 1e9, out);
    return report.intact() ? 0 : 1;
  }

  private static void print(Report report, double seconds, PrintStream out) {
    for (Finding finding : report.findings()) {
      out.printf(
          Locale.ROOT,
          "%s chain %d: %s%n",
          finding.fault().name().toLowerCase(Locale.ROOT),
          finding.chain(),
          Visible.text(finding.text()));
    }
    out.printf(
        Locale.ROOT,
        "%s: %d rows%s, %d chains, %d checkpoints%s, %d faults, %.1f s%n",
        report.intact() ? "intact" : "NOT INTACT",
        report.rows(),
        report.archived() == 0 ? "" : " and " + report.archived() + " archived ones taken on trust",
        report.chains(),
        report.checkpoints(),
        report.outside() == 0 ? "" : " (" + report.outside() + " kept ones are of other rows)",
        report.faults(),
        seconds);
  }

  private static Trust trust(CommandLine line, Configuration configuration) throws IOException {
    String keys = line.option("keys");
    String kept = line.option("checkpoints");
    Path configured = configuration.audit().checkpoints().file();
    Path file =
        kept != null
            ? Path.of(kept)
            : configured != null && Files.exists(configured) ? configured : null;
    return Trust.read(
        keys != null
            ? List.of(Path.of(keys))
            : Trust.folders(configuration.data(), configuration.audit()),
        file);
  }

  private static Report verifyFile(String name, Trust trust) throws IOException {
    try (InputStream file = Files.newInputStream(Path.of(name));
        InputStream plain = name.endsWith(".gz") ? new GZIPInputStream(file) : file;
        BufferedReader lines =
            new BufferedReader(new InputStreamReader(plain, StandardCharsets.UTF_8))) {
      return Verification.ofFile(lines, trust);
    }
  }

  private static Report verifyDatabase(CommandLine line, Configuration configuration)
      throws IOException {
    Instant from = time(line.option("from"));
    Instant to = time(line.option("to"));
    Trust trust = trust(line, configuration);
    return new OfflineLog(configuration).verify(from, to, trust);
  }

  private int export(CommandLine line, PrintStream out) throws IOException {
    if (line.words().size() != 1) {
      throw new IllegalArgumentException(USAGE);
    }
    Path file = Path.of(line.words().get(0));
    if (line.option("complete") == null) {
      return new AuditClient(configuration(line), environment).export(line, file, out);
    }
    Instant from = time(line.option("from"));
    Instant to = time(line.option("to"));
    long rows = new OfflineLog(configuration(line)).export(from, to, file);
    out.println(rows + " rows");
    return 0;
  }

  private int prove(CommandLine line, PrintStream out) throws IOException {
    String since = line.option("since");
    if (line.words().size() != (since == null ? 2 : 1)) {
      throw new IllegalArgumentException(USAGE);
    }
    long chain = Long.parseLong(line.words().get(0));
    OfflineLog log = new OfflineLog(configuration(line));
    String proof =
        since == null
            ? log.proveEvent(chain, Long.parseLong(line.words().get(1)))
            : log.proveGrowth(chain, Long.parseLong(since));
    out.println(proof);
    return 0;
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
