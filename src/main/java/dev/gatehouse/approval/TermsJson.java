package dev.gatehouse.approval;

import dev.gatehouse.action.ApprovalTerms;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.ArrayList;
import java.util.List;

/** Terms of approval as JSON: in replies, in events and in the store. */
public final class TermsJson {
  private TermsJson() {}

  /** The terms as an object of {@code approvers, quorum, timeoutMillis, reasonRequired}. */
  public static JsonObject of(ApprovalTerms terms) {
    JsonArray approvers = new JsonArray();
    terms.approvers().forEach(list -> approvers.add(new JsonArray(list)));
    return new JsonObject()
        .put("approvers", approvers)
        .put("quorum", terms.quorum())
        .put("timeoutMillis", terms.timeoutMillis())
        .put("reasonRequired", terms.reasonRequired());
  }

  /** What {@link #of} wrote; fails on anything else. */
  static ApprovalTerms read(JsonObject json) {
    List<List<String>> approvers = new ArrayList<>();
    for (Object list : json.getJsonArray("approvers")) {
      approvers.add(((JsonArray) list).stream().map(String.class::cast).toList());
    }
    return new ApprovalTerms(
        approvers,
        json.getInteger("quorum"),
        json.getLong("timeoutMillis"),
        json.getBoolean("reasonRequired"));
  }
}
