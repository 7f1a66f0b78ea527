package dev.gatehouse.audit;

import dev.gatehouse.audit.proof.Checkpoint;
import dev.gatehouse.audit.proof.CheckpointKey;
import dev.gatehouse.audit.proof.Merkle;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import io.vertx.pgclient.PgConnectOptions;
import java.io.IOException;
import java.security.PublicKey;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Proofs for somebody who has a public key and not the log: that one event is in it, or that one
 * checkpoint continues another. Each is one JSON object. Making one blocks, and reads the hashes of
 * the whole chain.
 */
public final class Proofs {
  private static final HexFormat HEX = HexFormat.of();

  private Proofs() {}

  /** Proves that an event is under the chain's newest checkpoint. */
  public static String ofEvent(PgConnectOptions options, long chain, long sequence)
      throws SQLException, IOException {
    try (Connection connection = Verification.connect(options)) {
      Checkpoint checkpoint = newest(connection, chain);
      if (sequence < 1 || sequence > checkpoint.size()) {
        throw new IOException(
            "the checkpoints of chain " + chain + " do not cover row " + sequence);
      }
      Merkle merkle = new Merkle();
      List<byte[]> hashes = hashes(connection, chain, checkpoint.size());
      List<byte[]> path =
          merkle.inclusion((int) sequence - 1, hashes.stream().map(merkle::leaf).toList());
      return new JsonObject()
          .put("inclusion", LogLine.json(checkpoint))
          .put("event", EventJson.line(event(connection, chain, sequence)))
          .put("previous", HEX.formatHex(previous(connection, chain, sequence, hashes)))
          .put("path", path(path))
          .encode();
    }
  }

  /** Proves that the chain's newest checkpoint continues the one of that size. */
  public static String ofGrowth(PgConnectOptions options, long chain, long size)
      throws SQLException, IOException {
    try (Connection connection = Verification.connect(options)) {
      Checkpoint newest = newest(connection, chain);
      Checkpoint old =
          checkpoint(
              CheckpointRows.of(connection, chain, size),
              "chain " + chain + " has no checkpoint of size " + size);
      Merkle merkle = new Merkle();
      List<byte[]> leaves =
          hashes(connection, chain, newest.size()).stream().map(merkle::leaf).toList();
      return new JsonObject()
          .put("consistency", LogLine.json(newest))
          .put("old", LogLine.json(old))
          .put("path", path(merkle.consistency((int) size, leaves)))
          .encode();
    }
  }

  /** Whether the text is a proof. */
  public static boolean isProof(String text) {
    return text.startsWith("{\"inclusion\":") || text.startsWith("{\"consistency\":");
  }

  /**
   * Whether a proof holds, by these keys alone: for an event, that its content has the hash that
   * the signed tree has at its place.
   *
   * @throws IOException if the text is no proof
   */
  public static boolean holds(String text, Map<String, PublicKey> keys) throws IOException {
    try {
      return check(new JsonObject(text), keys);
    } catch (RuntimeException e) {
      throw new IOException("not a proof: " + e.getMessage(), e);
    }
  }

  /** The event that a proof is about, as a line of JSON; empty for the proof of a growth. */
  public static String event(String text) {
    return new JsonObject(text).getString("event", "");
  }

  private static boolean check(JsonObject proof, Map<String, PublicKey> keys) throws IOException {
    List<byte[]> path = new ArrayList<>();
    proof.getJsonArray("path").forEach(step -> path.add(HEX.parseHex(String.valueOf(step))));
    Merkle merkle = new Merkle();
    if (proof.containsKey("inclusion")) {
      Checkpoint checkpoint = LogLine.checkpoint(proof.getJsonObject("inclusion"));
      StoredEvent event = EventJson.read(proof.getString("event"));
      byte[] hash = new RowHash().of(HEX.parseHex(proof.getString("previous")), event);
      return CheckpointKey.signed(checkpoint, keys)
          && event.chain() == checkpoint.chain()
          && HEX.formatHex(hash).equals(event.hash())
          && merkle.includes(
              event.sequence() - 1, merkle.leaf(hash), checkpoint.size(), checkpoint.root(), path);
    }
    Checkpoint newest = LogLine.checkpoint(proof.getJsonObject("consistency"));
    Checkpoint old = LogLine.checkpoint(proof.getJsonObject("old"));
    return CheckpointKey.signed(newest, keys)
        && CheckpointKey.signed(old, keys)
        && old.chain() == newest.chain()
        && merkle.extend(old.size(), old.root(), newest.size(), newest.root(), path);
  }

  private static StoredEvent event(Connection connection, long chain, long sequence)
      throws SQLException {
    try (PreparedStatement statement =
        connection.prepareStatement(
            "select " + AuditRows.COLUMNS + " from audit_event where chain = ? and sequence = ?")) {
      statement.setLong(1, chain);
      statement.setLong(2, sequence);
      try (ResultSet rows = statement.executeQuery()) {
        rows.next();
        return LogFile.read(rows);
      }
    }
  }

  /** The hash that the row's own hash covers. */
  private static byte[] previous(
      Connection connection, long chain, long sequence, List<byte[]> hashes)
      throws SQLException, IOException {
    if (sequence > 1) {
      return hashes.get((int) sequence - 2);
    }
    for (ChainStart start : Verification.starts(connection)) {
      if (start.chain() == chain) {
        return new RowHash().of(start);
      }
    }
    throw new IOException("nothing tells where chain " + chain + " begins");
  }

  private static Checkpoint newest(Connection connection, long chain)
      throws SQLException, IOException {
    return checkpoint(
        CheckpointRows.upTo(connection, chain, Long.MAX_VALUE),
        "chain " + chain + " has no checkpoint yet");
  }

  private static Checkpoint checkpoint(@Nullable Checkpoint found, String otherwise)
      throws IOException {
    if (found == null) {
      throw new IOException(otherwise);
    }
    return found;
  }

  private static List<byte[]> hashes(Connection connection, long chain, long size)
      throws SQLException, IOException {
    List<byte[]> hashes = new ArrayList<>();
    try (PreparedStatement statement =
        connection.prepareStatement(
            "select hash from audit_event where chain = ? and sequence <= ? order by sequence")) {
      statement.setLong(1, chain);
      statement.setLong(2, size);
      try (ResultSet rows = statement.executeQuery()) {
        while (rows.next()) {
          hashes.add(rows.getBytes(1));
        }
      }
    }
    if (hashes.size() != size) {
      throw new IOException("rows of chain " + chain + " are archived: proofs need all of them");
    }
    return hashes;
  }

  private static JsonArray path(List<byte[]> path) {
    JsonArray steps = new JsonArray();
    path.forEach(step -> steps.add(HEX.formatHex(step)));
    return steps;
  }
}
