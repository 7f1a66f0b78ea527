package dev.gatehouse.audit;

import dev.gatehouse.audit.proof.ArchiveSeal;
import dev.gatehouse.audit.proof.Checkpoint;
import dev.gatehouse.audit.proof.Frontier;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.PublicKey;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** The lines of an exported file: events, and what is needed to check them. */
final class LogLine {
  private static final HexFormat HEX = HexFormat.of();
  private static final String START = "{\"start\":";
  private static final String CHECKPOINT = "{\"checkpoint\":";
  private static final String FOLLOWS = "{\"follows\":";
  private static final String WHOLE = "{\"whole\":";
  private static final String ENDS = "{\"ends\":";
  private static final String ARCHIVED = "{\"archived\":";

  private LogLine() {}

  /** A chain begins in this file. */
  static String of(ChainStart start) {
    return START
        + new JsonObject()
            .put("chain", start.chain())
            .put("node", start.node())
            .put("startedAt", start.startedAt().toString())
            .put("previousChain", start.previousChain())
            .put("previousSequence", start.previousSequence())
            .put("previousHash", HEX.formatHex(start.previousHash()))
            .encode()
        + "}";
  }

  /** The rows of a chain in this file follow a row that is not in it. */
  static String follows(long chain, long sequence, String hash, @Nullable String frontier) {
    JsonObject follows =
        new JsonObject().put("chain", chain).put("sequence", sequence).put("hash", hash);
    if (frontier != null) {
      follows.put("frontier", frontier);
    }
    return FOLLOWS + follows.encode() + "}";
  }

  /** Rows of a chain went to the archive, and are not in this file. */
  static String of(ArchivedRows rows) {
    return ARCHIVED
        + new JsonObject()
            .put("epochDay", rows.seal().epochDay())
            .put("first", rows.first())
            .put("sha256", rows.seal().sha256())
            .put("key", rows.seal().key())
            .put("signature", HEX.formatHex(rows.seal().signature()))
            .put("end", json(rows.end()))
            .encode()
        + "}";
  }

  /** The file has all of the log as it was at a moment. */
  static String whole(Instant at) {
    return WHOLE + new JsonObject().put("at", at.toString()).encode() + "}";
  }

  /** The file has rows of this chain, up to this one. */
  static String ends(long chain, long last) {
    return ENDS + new JsonObject().put("chain", chain).put("last", last).encode() + "}";
  }

  /**
   * Takes a line that says what the file has.
   *
   * @return whether the line is one of them
   */
  static boolean read(String line, FileScope scope) throws IOException {
    try {
      if (line.startsWith(WHOLE)) {
        scope.whole(Instant.parse(new JsonObject(line).getJsonObject("whole").getString("at")));
        return true;
      }
      if (line.startsWith(ENDS)) {
        JsonObject ends = new JsonObject(line).getJsonObject("ends");
        scope.ends(ends.getLong("chain"), ends.getLong("last"));
        return true;
      }
      return false;
    } catch (RuntimeException e) {
      throw new IOException(String.valueOf(e.getMessage()), e);
    }
  }

  static String of(Checkpoint checkpoint) {
    return CHECKPOINT + json(checkpoint).encode() + "}";
  }

  static JsonObject json(Checkpoint checkpoint) {
    return new JsonObject()
        .put("chain", checkpoint.chain())
        .put("size", checkpoint.size())
        .put("hash", HEX.formatHex(checkpoint.hash()))
        .put("root", HEX.formatHex(checkpoint.root()))
        .put("frontier", HEX.formatHex(checkpoint.frontier()))
        .put("madeAt", checkpoint.madeAt().toString())
        .put("key", checkpoint.key())
        .put("signature", HEX.formatHex(checkpoint.signature()));
  }

  static Checkpoint checkpoint(JsonObject json) {
    return new Checkpoint(
        json.getLong("chain"),
        json.getLong("size"),
        HEX.parseHex(json.getString("hash")),
        HEX.parseHex(json.getString("root")),
        HEX.parseHex(json.getString("frontier")),
        Instant.parse(json.getString("madeAt")),
        json.getString("key"),
        HEX.parseHex(json.getString("signature")));
  }

  /** The checkpoints of a file that the server appends them to; other lines are left out. */
  static List<Checkpoint> checkpoints(Path file) throws IOException {
    List<Checkpoint> checkpoints = new ArrayList<>();
    for (String line : Files.readAllLines(file)) {
      if (line.startsWith(CHECKPOINT)) {
        checkpoints.add(checkpoint(new JsonObject(line).getJsonObject("checkpoint")));
      }
    }
    return checkpoints;
  }

  /** Whether a line is of an event, and not of the head of a file. */
  static boolean isEvent(String line) {
    return Stream.of(START, FOLLOWS, ARCHIVED, CHECKPOINT, WHOLE, ENDS).noneMatch(line::startsWith);
  }

  /**
   * Tells a verifier what a line says.
   *
   * @param row to be used for it
   * @param keys those that may have signed checkpoints
   * @throws IOException if it is none of ours
   */
  static void read(String line, CanonicalRow row, Verifier verifier, Map<String, PublicKey> keys)
      throws IOException {
    try {
      tell(line, row, verifier, keys);
    } catch (RuntimeException e) {
      // Whatever a damaged line makes of our types.
      throw new IOException(String.valueOf(e.getMessage()), e);
    }
  }

  private static void tell(
      String line, CanonicalRow row, Verifier verifier, Map<String, PublicKey> keys)
      throws IOException {
    if (line.startsWith(START)) {
      verifier.start(start(new JsonObject(line).getJsonObject("start")));
    } else if (line.startsWith(FOLLOWS)) {
      JsonObject follows = new JsonObject(line).getJsonObject("follows");
      verifier.resume(
          follows.getLong("chain"),
          follows.getLong("sequence"),
          HEX.parseHex(follows.getString("hash")),
          follows.containsKey("frontier")
              ? Frontier.of(
                  follows.getLong("sequence"), HEX.parseHex(follows.getString("frontier")))
              : null);
    } else if (line.startsWith(ARCHIVED)) {
      verifier.archived(
          archived(new JsonObject(line).getJsonObject("archived")), "this file", keys);
    } else if (line.startsWith(CHECKPOINT)) {
      verifier.checkpoint(
          checkpoint(new JsonObject(line).getJsonObject("checkpoint")), "this file", keys);
    } else {
      StoredEvent event = EventJson.read(line);
      row.set(event.chain(), event.sequence(), event.recordedAt(), event.event());
      verifier.row(
          event.chain(),
          event.sequence(),
          HEX.parseHex(event.hash()),
          row.bytes(),
          0,
          row.length());
    }
  }

  private static ArchivedRows archived(JsonObject json) {
    Checkpoint end = checkpoint(json.getJsonObject("end"));
    return new ArchivedRows(
        end,
        new ArchiveSeal(
            json.getLong("epochDay"),
            end.chain(),
            json.getLong("first"),
            end.size(),
            end.hash(),
            json.getString("sha256"),
            json.getString("key"),
            HEX.parseHex(json.getString("signature"))),
        "");
  }

  private static ChainStart start(JsonObject json) {
    return new ChainStart(
        json.getLong("chain"),
        json.getString("node"),
        Instant.parse(json.getString("startedAt")),
        json.getLong("previousChain"),
        json.getLong("previousSequence"),
        HEX.parseHex(json.getString("previousHash")));
  }
}
