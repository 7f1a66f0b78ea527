package dev.gatehouse.approval;

import dev.gatehouse.action.ApprovalTerms;
import dev.gatehouse.action.Hours;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.time.DayOfWeek;
import java.time.LocalTime;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/** Terms of approval as JSON: in replies, in events and in the store. */
public final class TermsJson {
  private TermsJson() {}

  /**
   * The terms as an object of {@code approvers, quorum, timeoutMillis, reasonRequired} and, where
   * there are any, {@code escalation}, {@code remindMillis}, {@code duty} and {@code preview}.
   */
  public static JsonObject of(ApprovalTerms terms) {
    JsonObject json =
        new JsonObject()
            .put("approvers", lists(terms.approvers()))
            .put("quorum", terms.quorum())
            .put("timeoutMillis", terms.timeoutMillis())
            .put("reasonRequired", terms.reasonRequired());
    if (!terms.escalation().isEmpty()) {
      json.put("escalation", lists(terms.escalation()));
    }
    if (terms.remindMillis() > 0) {
      json.put("remindMillis", terms.remindMillis());
    }
    if (!terms.duty().isEmpty()) {
      JsonArray duty = new JsonArray();
      terms.duty().forEach(hours -> duty.add(hours(hours)));
      json.put("duty", duty);
    }
    if (terms.preview()) {
      json.put("preview", true);
    }
    return json;
  }

  private static JsonObject hours(Hours hours) {
    JsonArray days = new JsonArray();
    hours.days().stream().sorted().forEach(day -> days.add(day.name().toLowerCase(Locale.ROOT)));
    return new JsonObject()
        .put("from", hours.from().toString())
        .put("to", hours.to().toString())
        .put("days", days)
        .put("zone", hours.zone().getId());
  }

  private static Hours hours(JsonObject json) {
    Set<DayOfWeek> days = new HashSet<>();
    for (Object day : json.getJsonArray("days")) {
      days.add(DayOfWeek.valueOf(((String) day).toUpperCase(Locale.ROOT)));
    }
    return new Hours(
        LocalTime.parse(json.getString("from")),
        LocalTime.parse(json.getString("to")),
        days,
        ZoneId.of(json.getString("zone")));
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
        lists(json.getJsonArray("escalation", new JsonArray())),
        json.getLong("remindMillis", 0L),
        json.getJsonArray("duty", new JsonArray()).stream()
            .map(hours -> hours((JsonObject) hours))
            .toList(),
        json.getBoolean("preview", false));
  }

  private static List<List<String>> lists(JsonArray array) {
    List<List<String>> lists = new ArrayList<>();
    for (Object list : array) {
      lists.add(((JsonArray) list).stream().map(String.class::cast).toList());
    }
    return lists;
  }
}
