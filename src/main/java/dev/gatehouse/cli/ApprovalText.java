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
    JsonObject preview = approval.getJsonObject("preview");
    if (preview != null) {
      text.preview(preview);
    }
    return text.lines;
  }

  /** What it did when it was tried; a file a line. */
  private void preview(JsonObject preview) {
    JsonObject known = preview.getJsonObject("did");
    JsonObject did = known == null ? new JsonObject() : known.copy();
    JsonObject files = (JsonObject) did.remove("files");
    lines.add("tried in a sandbox that reaches nobody and was thrown away:");
    for (String name : List.of("effect", "of", "number", "by", "at")) {
      field("  ", name, preview.getValue(name));
    }
    did.forEach(entry -> field("  ", entry.getKey(), entry.getValue()));
    for (String kind : List.of("made", "changed", "removed")) {
      JsonArray entries =
          files == null ? new JsonArray() : files.getJsonArray(kind, new JsonArray());
      for (int i = 0; i < entries.size(); i++) {
        JsonObject file = entries.getJsonObject(i);
        String target = file.getString("target");
        field(
            "  ",
            kind,
            "%s (%s, %d bytes, mode %s, sha256 %s)"
                    .formatted(
                        file.getString("path"),
                        file.getString("type"),
                        file.getLong("size"),
                        file.getString("mode"),
                        file.getString("sha256"))
                + (target == null ? "" : " -> " + target));
      }
    }
    if (files != null && !files.getBoolean("whole", false)) {
      field("  ", "files", files.getInteger("seen") + " at least: not all are listed");
    }
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
