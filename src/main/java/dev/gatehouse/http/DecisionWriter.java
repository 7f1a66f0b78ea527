package dev.gatehouse.http;

import dev.gatehouse.action.Decision;
import dev.gatehouse.action.Reason;
import dev.gatehouse.gate.Verdict;
import io.vertx.core.json.JsonObject;
import java.nio.charset.StandardCharsets;
import java.util.IdentityHashMap;

/**
 * Writes decisions as JSON. Decisions that the policy shares between actions are encoded once. Hot
 * path; confined to one event loop.
 */
final class DecisionWriter {
  /** Beyond this the remembered ones are forgotten: a policy has few decisions without spans. */
  private static final int MAX_REMEMBERED_BYTES = 1 << 20;

  private static final byte[] ID = "{\"id\":\"".getBytes(StandardCharsets.US_ASCII);
  private static final byte[] TOOK = ",\"tookNanos\":".getBytes(StandardCharsets.US_ASCII);

  private final IdentityHashMap<Decision, byte[]> remembered = new IdentityHashMap<>();
  private int rememberedBytes;

  /** Appends one JSON object. */
  void append(AnswerBytes out, Verdict verdict) {
    out.add(ID);
    out.add(verdict.id());
    out.add(middle(verdict.decision()));
    out.add(TOOK);
    out.add(Long.toString(verdict.tookNanos()));
    out.add('}');
  }

  /** All but the id and the time taken, from the id's closing quote on. */
  private byte[] middle(Decision decision) {
    byte[] known = remembered.get(decision);
    if (known != null) {
      return known;
    }
    byte[] encoded = encode(decision);
    if (hasNoSpans(decision)) {
      if (rememberedBytes > MAX_REMEMBERED_BYTES) {
        remembered.clear();
        rememberedBytes = 0;
      }
      remembered.put(decision, encoded);
      rememberedBytes += encoded.length;
    }
    return encoded;
  }

  private static byte[] encode(Decision decision) {
    JsonObject json = Replies.decision(decision);
    String text = json.encode();
    return ("\"," + text.substring(1, text.length() - 1)).getBytes(StandardCharsets.UTF_8);
  }

  private static boolean hasNoSpans(Decision decision) {
    for (Reason reason : decision.reasons()) {
      if (!reason.spans().isEmpty()) {
        return false;
      }
    }
    return true;
  }
}
