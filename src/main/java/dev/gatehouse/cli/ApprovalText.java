package dev.gatehouse.cli;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A question as lines of text: all of it, nothing cut, nothing hidden. */
final class ApprovalText {
  private static final int WIDTH = 100;

  private final List<String> lines = new ArrayList<>();

  private ApprovalText() {}

  static List<String> of(JsonObject approval) {
    ApprovalText text = new ApprovalText();
    for (String field :
        List.of("id", "state", "risk", "actor", "session", "tool", "createdAt", "expiresAt")) {
      text.field("", field, approval.getValue(field));
    }
    JsonArray reasons = approval.getJsonArray("reasons", new JsonArray());
    for (int i = 0; i < reasons.size(); i++) {
      JsonObject reason = reasons.getJsonObject(i);
      text.field("", "why", reason.getString("text") + " (" + reason.getString("rule") + ")");
    }
    text.field("", "terms", approval.getValue("terms"));
    text.field("", "answers", approval.getValue("answers"));
    text.field("", "context", approval.getValue("context"));
    text.field("", "digest", approval.getValue("digest"));
    text.field("", "arguments", approval.getValue("arguments"));
    if (approval.getValue("edit") != null) {
      text.field("", "edited: this runs, not the above", approval.getValue("edit"));
    }
    return text.lines;
  }

  private void field(String indent, String name, @Nullable Object value) {
    String label = indent + VisibleText.of(name) + ":";
    switch (value) {
      case null -> lines.add(label + " none");
      case JsonObject object -> {
        lines.add(label);
        object.forEach(entry -> field(indent + "  ", entry.getKey(), entry.getValue()));
      }
      case JsonArray array -> {
        lines.add(label);
        for (int i = 0; i < array.size(); i++) {
          field(indent + "  ", Integer.toString(i + 1), array.getValue(i));
        }
      }
      case String string when string.length() > WIDTH || string.indexOf('\n') >= 0 -> {
        lines.add(label);
        // Each line is marked, so that no text can pretend to be a field.
        for (String line : string.split("\n", -1)) {
          wrapped(indent + "  | ", VisibleText.of(line));
        }
      }
      default -> lines.add(label + " " + VisibleText.of(String.valueOf(value)));
    }
  }

  /** A long line is continued on the next ones, with another mark. */
  private void wrapped(String margin, String line) {
    String mark = margin;
    int from = 0;
    do {
      int to = Math.min(line.length(), from + WIDTH);
      if (to < line.length() && Character.isHighSurrogate(line.charAt(to - 1))) {
        to--;
      }
      lines.add(mark + line.substring(from, to));
      mark = margin.replace('|', '>');
      from = to;
    } while (from < line.length());
  }
}
