package dev.gatehouse.audit;

import dev.gatehouse.action.EventKind;
import io.vertx.pgclient.PgConnectOptions;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.OutputStream;
import java.io.OutputStreamWriter;
import java.io.Writer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.HexFormat;
import java.util.Objects;
import java.util.zip.GZIPOutputStream;
import org.jspecify.annotations.Nullable;

/** Writes a stretch of the log to a file that can be checked without the database. Blocks. */
public final class LogFile {
  private static final int FETCH_ROWS = 5_000;

  private LogFile() {}

  /**
   * Writes every row of a stretch of time, and what its verification needs.
   *
   * @param file compressed if its name ends with {@code .gz}
   * @return how many rows; they are on the disk
   */
  public static long write(
      PgConnectOptions options, @Nullable Instant from, @Nullable Instant to, Path file)
      throws SQLException, IOException {
    Path draft = file.resolveSibling(file.getFileName() + ".part");
    try (Connection connection = Verification.connect(options);
        OutputStream bytes = Files.newOutputStream(draft);
        OutputStream plain =
            file.toString().endsWith(".gz") ? new GZIPOutputStream(bytes, 1 << 16) : bytes;
        Writer lines = new BufferedWriter(new OutputStreamWriter(plain, StandardCharsets.UTF_8))) {
      connection.setAutoCommit(false);
      connection.setTransactionIsolation(Connection.TRANSACTION_REPEATABLE_READ);
      long rows =
          write(connection, new Range(connection, from, to, ArchivedRows.all(connection)), lines);
      lines.flush();
      if (plain instanceof GZIPOutputStream zip) {
        zip.finish();
      }
      sync(draft);
      Files.move(draft, file, StandardCopyOption.REPLACE_EXISTING);
      sync(Objects.requireNonNull(file.toAbsolutePath().getParent(), "the folder"));
      return rows;
    }
  }

  /** To the disk: who drops rows because they are in the file must not lose both. */
  private static void sync(Path path) throws IOException {
    try (FileChannel channel = FileChannel.open(path, StandardOpenOption.READ)) {
      channel.force(true);
    }
  }

  private static long write(Connection connection, Range range, Writer to)
      throws SQLException, IOException {
    range.writeScope(now(connection), to);
    for (ChainStart start : Verification.starts(connection)) {
      range.write(start, to);
      range.checkpoints(
          start.chain(), checkpoint -> to.append(LogLine.of(checkpoint)).append('\n'));
    }
    long rows = 0;
    try (Statement statement = connection.createStatement()) {
      statement.setFetchSize(FETCH_ROWS);
      try (ResultSet result =
          statement.executeQuery(
              "select "
                  + AuditRows.COLUMNS
                  + " from audit_event where "
                  + range.condition()
                  + " order by chain, sequence")) {
        while (result.next()) {
          to.append(EventJson.line(read(result))).append('\n');
          rows++;
        }
      }
    }
    return rows;
  }

  /**
   * When the view of the log was taken that the file is of: what was signed before must be in it.
   */
  private static Instant now(Connection connection) throws SQLException {
    try (Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery("select now()")) {
      row.next();
      return row.getObject(1, OffsetDateTime.class).toInstant();
    }
  }

  /** The digest of a file, as hex. */
  static String sha256(Path file) throws IOException {
    try (var bytes = Files.newInputStream(file)) {
      MessageDigest digest = MessageDigest.getInstance("SHA-256");
      byte[] buffer = new byte[1 << 16];
      for (int count = bytes.read(buffer); count >= 0; count = bytes.read(buffer)) {
        digest.update(buffer, 0, count);
      }
      return HexFormat.of().formatHex(digest.digest());
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java has SHA-256", e);
    }
  }

  /** A row with all of {@link AuditRows#COLUMNS}. */
  static StoredEvent read(ResultSet row) throws SQLException {
    long duration = row.getLong("duration_nanos");
    boolean timed = !row.wasNull();
    return new StoredEvent(
        row.getLong("chain"),
        row.getLong("sequence"),
        row.getObject("recorded_at", OffsetDateTime.class).toInstant(),
        HexFormat.of().formatHex(row.getBytes("hash")),
        new AuditEvent(
            row.getObject("occurred_at", OffsetDateTime.class).toInstant(),
            EventKind.of(row.getString("kind")),
            row.getString("action"),
            row.getString("parent"),
            row.getString("tenant"),
            row.getString("session"),
            row.getString("actor"),
            row.getString("role"),
            row.getString("tool"),
            row.getString("risk"),
            row.getString("outcome"),
            row.getString("rule"),
            row.getString("policy"),
            row.getString("sandbox"),
            timed ? duration : null,
            row.getString("status"),
            row.getString("detail")));
  }
}
