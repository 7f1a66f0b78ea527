package dev.gatehouse.sandbox;

import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/** What happened to a directory's entries, in order. */
public record FileChanges(List<Change> changes) {
  private static final Set<String> WORDS =
      Set.of(
          "created",
          "modified",
          "written",
          "attributes",
          "deleted",
          "moved-from",
          "moved-to",
          "overflow");

  /**
   * One change.
   *
   * @param path of the entry; where the word is {@code overflow}, because so much happened that
   *     changes were lost, the directory's
   */
  public record Change(String word, GuestPath path) {}

  /**
   * Reads a chunk of a watch.
   *
   * @throws RuntimeException if it makes no sense
   */
  public static FileChanges of(GuestPath directory, Buffer chunk) {
    List<Change> changes = new ArrayList<>();
    for (Object item : new JsonObject(chunk).getJsonArray("changes", new JsonArray())) {
      JsonArray told = (JsonArray) item;
      String word = told.getString(0);
      if (!WORDS.contains(word)) {
        throw new IllegalArgumentException("an unknown change");
      }
      String name = told.getString(1);
      changes.add(new Change(word, name.isEmpty() ? directory : directory.below(name)));
    }
    return new FileChanges(List.copyOf(changes));
  }
}
