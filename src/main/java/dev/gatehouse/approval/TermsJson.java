package dev.gatehouse.approval;

import dev.gatehouse.action.ApprovalTerms;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.ArrayList;
import java.util.List;

/** Terms of approval as JSON: in replies, in events and in the store. */
public final class TermsJson {
  private TermsJson() {}

  /**
   * The terms as an object of {@code approvers, quorum, timeoutMillis, reasonRequired} and, where
   * there is one, {@code escalation}.
   */
  public static JsonObject of(ApprovalTerms terms) {
    JsonObject json =
        new JsonObject()
            .put("approvers", lists(terms.approvers()))
            .put("quorum", terms.quorum())
            .put("timeoutMillis", terms.timeoutMillis())
            .put("reasonRequired", terms.reasonRequired());
    return terms.escalation().isEmpty() ? json : json.put("escalation", lists(terms.escalation()));
  }

  private static JsonArray lists(List<List<String>> lists) {
    JsonArray array = new JsonArray();
    lists.forEach(list -> array.add(new JsonArray(list)));
    return array;
  }

  /** What {@link #of} wrote; fails on anything else. */
  static ApprovalTerms read(JsonObject json) {
    return new ApprovalTerms(
        lists(json.getJsonArray("approvers")),
        json.getInteger("quorum"),
        json.getLong("timeoutMillis"),
        json.getBoolean("reasonRequired"),
        lists(json.getJsonArray("escalation", new JsonArray())));
  }

  private static List<List<String>> lists(JsonArray array) {
    List<List<String>> lists = new ArrayList<>();
    for (Object list : array) {
      lists.add(((JsonArray) list).stream().map(String.class::cast).toList());
    }
    return lists;
  }
}
