package dev.gatehouse.http;

import dev.gatehouse.sandbox.FileChanges;
import dev.gatehouse.sandbox.FileEntry;
import dev.gatehouse.sandbox.FileMatches;
import dev.gatehouse.sandbox.FilePage;
import dev.gatehouse.sandbox.GuestPath;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.Locale;

/**
 * The JSON of files. A path that is no UTF-8 is shown with U+FFFD, and then {@code encodedPath} has
 * it byte for byte, as it stands in a URL.
 */
final class FileReplies {
  private FileReplies() {}

  static JsonObject entry(FileEntry entry) {
    JsonObject json =
        path(entry.path())
            .put("name", entry.path().name())
            .put("type", entry.type())
            .put("size", entry.size())
            .put("mode", String.format(Locale.ROOT, "%04o", entry.mode()))
            .put("modifiedAt", entry.modifiedAt().toString());
    if (entry.isFile()) {
      json.put("etag", etag(entry));
    }
    return entry.target() == null ? json : json.put("target", entry.target());
  }

  static String etag(FileEntry entry) {
    return '"' + entry.tag() + '"';
  }

  static JsonObject page(FilePage page) {
    JsonArray entries = new JsonArray();
    page.entries().forEach(entry -> entries.add(entry(entry)));
    return new JsonObject()
        .put("entries", entries)
        .put("next", page.next() == null ? null : FileQuery.cursor(page.next()));
  }

  static JsonObject matches(FileMatches found) {
    JsonArray matches = new JsonArray();
    for (FileMatches.Match match : found.matches()) {
      JsonObject json = path(match.path());
      FileMatches.Place place = match.place();
      if (place != null) {
        json.put("line", place.line()).put("offset", place.offset()).put("text", place.text());
      }
      matches.add(json);
    }
    return new JsonObject().put("matches", matches).put("truncated", found.cut());
  }

  static JsonObject change(FileChanges.Change change) {
    return new JsonObject().put("change", change.word()).mergeIn(path(change.path()));
  }

  private static JsonObject path(GuestPath path) {
    JsonObject json = new JsonObject().put("path", path.text());
    return path.isText() ? json : json.put("encodedPath", path.encoded());
  }
}
