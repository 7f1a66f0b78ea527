package dev.gatehouse.audit;

import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.time.Instant;
import java.util.HexFormat;

/** The lines of an exported file: events, and what is needed to check them. */
final class LogLine {
  private static final HexFormat HEX = HexFormat.of();
  private static final String START = "{\"start\":";
  private static final String FOLLOWS = "{\"follows\":";

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
  static String follows(long chain, long sequence, String hash) {
    return FOLLOWS
        + new JsonObject().put("chain", chain).put("sequence", sequence).put("hash", hash).encode()
        + "}";
  }

  /**
   * Tells a verifier what a line says.
   *
   * @param row to be used for it
   * @throws IOException if it is none of ours
   */
  static void read(String line, CanonicalRow row, Verifier verifier) throws IOException {
    if (line.startsWith(START)) {
      verifier.start(start(new JsonObject(line).getJsonObject("start")));
    } else if (line.startsWith(FOLLOWS)) {
      JsonObject follows = new JsonObject(line).getJsonObject("follows");
      verifier.resume(
          follows.getLong("chain"),
          follows.getLong("sequence"),
          HEX.parseHex(follows.getString("hash")));
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
