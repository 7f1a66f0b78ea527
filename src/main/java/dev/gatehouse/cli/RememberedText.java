package dev.gatehouse.cli;

import io.vertx.core.json.JsonObject;
import java.util.ArrayList;
import java.util.List;

/** What is remembered, or would be, as lines of text; the rule whole. */
final class RememberedText {
  private RememberedText() {}

  /** What is remembered. */
  static List<String> of(JsonObject memory) {
    List<String> lines = new ArrayList<>();
    lines.add(
        VisibleText.of(
            "%s  by %s for %s: %s, used %d of %d times, until %s"
                .formatted(
                    memory.getString("id"),
                    memory.getString("by"),
                    memory.getString("actor"),
                    memory.getString("tool"),
                    memory.getInteger("uses"),
                    memory.getInteger("maxUses"),
                    memory.getString("expiresAt"))));
    addRule(memory, lines);
    return lines;
  }

  /** What would be. */
  static List<String> ofOffer(JsonObject offer) {
    List<String> lines = new ArrayList<>();
    JsonObject radius = offer.getJsonObject("blastRadius");
    lines.add(
        VisibleText.of(
            "%s will be allowed this %d times within %d seconds, in %s"
                .formatted(
                    offer.getString("actor"),
                    offer.getInteger("uses"),
                    offer.getLong("seconds"),
                    offer.getString("scope").equals("session")
                        ? "this session"
                        : "every session")));
    lines.add(
        "in the last %d days that was asked %d times in %d sessions"
            .formatted(
                radius.getInteger("days"),
                radius.getLong("questions"),
                radius.getLong("sessions")));
    addRule(offer, lines);
    return lines;
  }

  private static void addRule(JsonObject from, List<String> lines) {
    from.getString("rule").lines().forEach(line -> lines.add("  | " + VisibleText.of(line)));
  }
}
