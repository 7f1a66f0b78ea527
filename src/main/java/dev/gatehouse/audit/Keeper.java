package dev.gatehouse.audit;

import dev.gatehouse.audit.Verifier.Report;
import dev.gatehouse.audit.proof.ArchiveSeal;
import dev.gatehouse.audit.proof.Checkpoint;
import dev.gatehouse.audit.proof.CheckpointKey;
import dev.gatehouse.audit.proof.Frontier;
import dev.gatehouse.config.AuditSettings;
import io.vertx.core.Future;
import io.vertx.pgclient.PgConnectOptions;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.Date;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.zip.GZIPInputStream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps the log's days: makes those to come, indexes the words of those that are over, and moves
 * those that are too old to the archive. A day is dropped only after its file was read back and
 * found intact. One server of a database does it at a time. Blocks.
 */
final class Keeper {
  private static final Logger LOGGER = LoggerFactory.getLogger(Keeper.class);
  private static final String PREFIX = "audit_event_";
  private static final DateTimeFormatter NAME = DateTimeFormatter.BASIC_ISO_DATE;

  /** Held while it works; any number that nobody else takes. */
  private static final long LOCK = 0x6b656570_6572L;

  /** Writers wait behind whoever waits for the whole log. */
  private static final int MAX_LOCK_MILLIS = 500;

  private static final int VALID_SECONDS = 5;
  private static final int RECORD_SECONDS = 30;

  /** SQLSTATE of a lock that was not to be had in time. */
  private static final String LOCK_NOT_AVAILABLE = "55P03";

  private final PgConnectOptions options;
  private final AuditSettings.Retention retention;
  private final CheckpointKey key;
  private final List<Path> trusted;
  private final List<String> sinks;

  /**
   * A keeper.
   *
   * @param key what signs where a chain stands at the end of a day
   * @param trusted folders of the public keys of all servers of the database
   */
  Keeper(PgConnectOptions options, AuditSettings settings, CheckpointKey key, List<Path> trusted) {
    this.options = options;
    this.retention = settings.retention();
    this.key = key;
    this.trusted = List.copyOf(trusted);
    List<String> names = new ArrayList<>();
    settings.sinks().forEach(sink -> names.add(sink.name()));
    if (!settings.alerts().isEmpty()) {
      names.add(Alerts.SINK);
    }
    this.sinks = List.copyOf(names);
  }

  /** A day that was moved. */
  record Archived(LocalDate day, long rows, Path file, String sha256) {}

  @SuppressWarnings("ArrayRecordComponent") // never compared
  private record ChainEnd(long chain, long sequence, byte[] hash, long rows) {}

  /** Records that a day is in the archive; succeeds when that is committed. */
  interface Recorder {
    Future<Void> accept(Archived archived);
  }

  /**
   * Does what is due; gives the days that were moved.
   *
   * @param record told of each day before its rows are dropped
   */
  List<Archived> run(LocalDate today, Recorder record) throws SQLException, IOException {
    List<Archived> archived = new ArrayList<>();
    try (Connection connection = Verification.connect(options);
        Statement statement = connection.createStatement()) {
      if (!lock(statement)) {
        return archived;
      }
      statement.execute("select audit_event_add_days('" + today.minusDays(1) + "', 9)");
      for (LocalDate day : days(statement)) {
        try {
          keep(connection, statement, day, today, record).ifPresent(archived::add);
        } catch (IOException | SQLException | RuntimeException e) {
          // One that is damaged must not keep the others.
          if (!connection.isValid(VALID_SECONDS)) {
            throw e;
          }
          LOGGER.error("a day of the log is not kept as it should be day={}", day, e);
        }
      }
    }
    return archived;
  }

  private Optional<Archived> keep(
      Connection connection, Statement statement, LocalDate day, LocalDate today, Recorder record)
      throws SQLException, IOException {
    if (retention.days() > 0
        && !retention.legalHold()
        && day.isBefore(today.minusDays(retention.days()))
        && !isHeld(connection, day)
        && !isAwaited(connection, day)) {
      return move(connection, day, record);
    }
    if (day.isBefore(today.minusDays(1))) {
      index(statement, day);
    }
    return Optional.empty();
  }

  /** Moves a day; empty if it had no rows, or if somebody reads the log for too long. */
  private Optional<Archived> move(Connection connection, LocalDate day, Recorder record)
      throws SQLException, IOException {
    try {
      Archived moved = archive(connection, day, record);
      if (moved.rows() == 0) {
        Files.delete(moved.file());
        return Optional.empty();
      }
      return Optional.of(moved);
    } catch (SQLException e) {
      if (!LOCK_NOT_AVAILABLE.equals(e.getSQLState())) {
        throw e;
      }
      LOGGER.info("the log is being read, a day is tried again later day={}", day);
      return Optional.empty();
    }
  }

  private boolean isHeld(Connection connection, LocalDate day) throws SQLException {
    for (AuditSettings.Hold hold : retention.holds()) {
      try (PreparedStatement statement =
          connection.prepareStatement(
              "select exists (select from "
                  + table(day)
                  + " where tenant = ? and (session = ? or ?))")) {
        statement.setString(1, hold.tenant());
        statement.setString(2, hold.session());
        statement.setBoolean(3, hold.session() == null);
        try (ResultSet row = statement.executeQuery()) {
          row.next();
          if (row.getBoolean(1)) {
            return true;
          }
        }
      }
    }
    return false;
  }

  /** Whether a receiver has not got so far: what is dropped could never be sent. */
  private boolean isAwaited(Connection connection, LocalDate day) throws SQLException {
    List<ChainEnd> ends = ends(connection, day);
    for (String sink : sinks) {
      Cursor place = place(connection, sink);
      if (place != null
          && ends.stream().anyMatch(end -> !place.isBehind(end.chain(), end.sequence()))) {
        LOGGER.warn("a day of the log waits for its receiver day={} sink={}", day, sink);
        return true;
      }
    }
    return false;
  }

  /**
   * How far a receiver has got; null for one that has not begun, and will begin with the present.
   */
  private static @Nullable Cursor place(Connection connection, String sink) throws SQLException {
    try (PreparedStatement statement =
        connection.prepareStatement("select place from audit_delivery where sink = ?")) {
      statement.setString(1, sink);
      try (ResultSet row = statement.executeQuery()) {
        return row.next() ? Cursor.stored(row.getString(1)) : null;
      }
    }
  }

  /** An index that would cost every write too much, on a day to which nothing is added any more. */
  private static void index(Statement statement, LocalDate day) throws SQLException {
    String table = table(day);
    statement.execute(
        "create index if not exists "
            + table
            + "_words on "
            + table
            + " using gin (to_tsvector('simple', detail))");
  }

  private static boolean lock(Statement statement) throws SQLException {
    try (ResultSet row = statement.executeQuery("select pg_try_advisory_lock(" + LOCK + ")")) {
      row.next();
      return row.getBoolean(1);
    }
  }

  private static List<LocalDate> days(Statement statement) throws SQLException {
    List<LocalDate> days = new ArrayList<>();
    try (ResultSet rows =
        statement.executeQuery(
            "select c.relname from pg_inherits i join pg_class c on c.oid = i.inhrelid where"
                + " i.inhparent = 'audit_event'::regclass and c.relname ~ '_[0-9]{8}$' order by"
                + " 1")) {
      while (rows.next()) {
        days.add(LocalDate.parse(rows.getString(1).substring(PREFIX.length()), NAME));
      }
    }
    return days;
  }

  private Archived archive(Connection connection, LocalDate day, Recorder record)
      throws SQLException, IOException {
    List<ChainEnd> ends = ends(connection, day);
    for (ChainEnd end : ends) {
      seal(connection, end);
    }
    Files.createDirectories(retention.archive());
    Path file = retention.archive().resolve(table(day) + ".ndjson.gz");
    Instant from = day.atStartOfDay(ZoneOffset.UTC).toInstant();
    Instant to = day.plusDays(1).atStartOfDay(ZoneOffset.UTC).toInstant();
    long rows = LogFile.write(options, from, to, file);
    Report report = check(file);
    if (!report.intact() || report.rows() != rows) {
      throw new IOException(file + " is not intact, " + day + " stays: " + report.findings());
    }
    String sha256 = LogFile.sha256(file);
    Archived archived = new Archived(day, rows, file, sha256);
    // Before the rows are dropped: whatever ends this server, it is known where they went. Not of
    // today, which only a clock that was far off brings here: the event would be one more row of
    // it.
    boolean early = day.isBefore(LocalDate.now(ZoneOffset.UTC));
    if (rows > 0 && early) {
      await(record.accept(archived), day);
    }
    connection.setAutoCommit(false);
    try (Statement statement = connection.createStatement()) {
      statement.execute("set local lock_timeout = " + MAX_LOCK_MILLIS);
      // Nobody may add rows between the last look and the end.
      statement.execute("lock table " + table(day) + " in share mode");
      if (count(statement, day) != rows) {
        throw new SQLException("rows were added to " + day + ", it stays for now");
      }
      for (ChainEnd end : ends) {
        note(connection, day, end, file, sha256);
      }
      // Before the day is locked against readers: who reads holds the log, and then asks for it.
      statement.execute("lock table only audit_event in access exclusive mode");
      statement.execute("drop table " + table(day));
      statement.execute(
          "delete from audit_posting where lo >= '"
              + day
              + "T00:00:00Z' and hi < '"
              + day.plusDays(1)
              + "T00:00:00Z'");
      connection.commit();
    } finally {
      connection.rollback();
      connection.setAutoCommit(true);
    }
    if (rows > 0 && !early) {
      await(record.accept(archived), day);
    }
    LOGGER.info("a day of the log went to the archive day={} rows={} file={}", day, rows, file);
    return archived;
  }

  private static void await(Future<Void> commit, LocalDate day) throws IOException {
    try {
      commit.toCompletionStage().toCompletableFuture().get(RECORD_SECONDS, TimeUnit.SECONDS);
    } catch (ExecutionException | TimeoutException e) {
      throw new IOException("nobody recorded that " + day + " is in the archive", e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("stopped before " + day + " was in the archive", e);
    }
  }

  private Report check(Path file) throws IOException {
    try (BufferedReader lines =
        new BufferedReader(
            new InputStreamReader(
                new GZIPInputStream(Files.newInputStream(file)), StandardCharsets.UTF_8))) {
      return Verification.ofFile(lines, Trust.read(trusted, null));
    }
  }

  private static List<ChainEnd> ends(Connection connection, LocalDate day) throws SQLException {
    List<ChainEnd> ends = new ArrayList<>();
    try (Statement statement = connection.createStatement();
        ResultSet rows =
            statement.executeQuery(
                "select e.chain, e.sequence, e.hash, n.rows from (select chain, max(sequence) as"
                    + " last, count(*) as rows from "
                    + table(day)
                    + " group by chain) n join "
                    + table(day)
                    + " e on e.chain = n.chain and e.sequence = n.last")) {
      while (rows.next()) {
        ends.add(new ChainEnd(rows.getLong(1), rows.getLong(2), rows.getBytes(3), rows.getLong(4)));
      }
    }
    return ends;
  }

  private static long count(Statement statement, LocalDate day) throws SQLException {
    try (ResultSet row = statement.executeQuery("select count(*) from " + table(day))) {
      row.next();
      return row.getLong(1);
    }
  }

  /** Signs where the chain stands at the end of its day, if its writer did not come to it. */
  private void seal(Connection connection, ChainEnd end) throws SQLException {
    Checkpoint last = CheckpointRows.upTo(connection, end.chain(), end.sequence());
    Frontier tree = last == null ? new Frontier() : Frontier.of(last.size(), last.frontier());
    if (tree.size() == end.sequence()) {
      return;
    }
    try (PreparedStatement statement =
        connection.prepareStatement(
            "select hash from audit_event where chain = ? and sequence > ? and sequence <= ? order"
                + " by sequence")) {
      statement.setLong(1, end.chain());
      statement.setLong(2, tree.size());
      statement.setLong(3, end.sequence());
      try (ResultSet rows = statement.executeQuery()) {
        while (rows.next()) {
          tree.add(rows.getBytes(1));
        }
      }
    }
    insert(
        connection,
        key.sign(
            end.chain(), end.sequence(), end.hash(), tree.root(), tree.encoded(), Instant.now()));
  }

  private static void insert(Connection connection, Checkpoint checkpoint) throws SQLException {
    try (PreparedStatement statement =
        connection.prepareStatement(
            "insert into audit_checkpoint (chain, size, hash, root, frontier, made_at, key,"
                + " signature) values (?, ?, ?, ?, ?, ?, ?, ?) on conflict do nothing")) {
      statement.setLong(1, checkpoint.chain());
      statement.setLong(2, checkpoint.size());
      statement.setBytes(3, checkpoint.hash());
      statement.setBytes(4, checkpoint.root());
      statement.setBytes(5, checkpoint.frontier());
      statement.setObject(6, checkpoint.madeAt().atOffset(ZoneOffset.UTC));
      statement.setString(7, checkpoint.key());
      statement.setBytes(8, checkpoint.signature());
      statement.executeUpdate();
    }
  }

  private void note(Connection connection, LocalDate day, ChainEnd end, Path file, String sha256)
      throws SQLException {
    try (PreparedStatement statement =
        connection.prepareStatement(
            "insert into audit_archive (day, chain, last_sequence, rows, file, sha256, key,"
                + " signature) values (?, ?, ?, ?, ?, ?, ?, ?)")) {
      statement.setDate(1, Date.valueOf(day));
      statement.setLong(2, end.chain());
      statement.setLong(3, end.sequence());
      statement.setLong(4, end.rows());
      statement.setString(5, file.toString());
      statement.setString(6, sha256);
      ArchiveSeal seal =
          key.sign(
              day.toEpochDay(),
              end.chain(),
              end.sequence() - end.rows() + 1,
              end.sequence(),
              end.hash(),
              sha256);
      statement.setString(7, seal.key());
      statement.setBytes(8, seal.signature());
      statement.executeUpdate();
    }
  }

  private static String table(LocalDate day) {
    return PREFIX + NAME.format(day);
  }
}
