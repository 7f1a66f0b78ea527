package dev.gatehouse.gate;

import io.vertx.core.json.DecodeException;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * What a sandbox's workspace held, as inside/listing.py told. After code ran there it is the
 * guest's word: whatever is no listing, or longer than one may be, is refused.
 *
 * @param seen how many there are, those that are not listed included
 * @param cut whether there may be more than it looked at
 */
record FileListing(Map<String, Entry> entries, int seen, boolean cut) {
  /** Most files that are counted. */
  static final int MAX_SEEN = 50_000;

  private static final int MAX_TEXT_CHARS = 512;
  private static final int MAX_MODE = 07777;

  FileListing {
    entries = new TreeMap<>(entries);
  }

  /**
   * One file.
   *
   * @param sha256 of its content; null where it is no file, or too large
   * @param target where a link leads; null for none
   */
  record Entry(String type, long size, int mode, @Nullable String sha256, @Nullable String target) {
    JsonObject json(String path) {
      return new JsonObject()
          .put("path", path)
          .put("type", type)
          .put("size", size)
          .put("mode", Integer.toOctalString(mode))
          .put("sha256", sha256)
          .put("target", target);
    }
  }

  /**
   * Reads what was told.
   *
   * @param most entries that it may have
   * @throws IllegalArgumentException if it makes no sense
   */
  static FileListing read(String told, int most) {
    Map<String, Entry> entries = new TreeMap<>();
    String[] lines = told.split("\n", most + 2);
    try {
      for (int i = 0; i < lines.length; i++) {
        JsonObject line = new JsonObject(lines[i]);
        if (line.containsKey("seen")) {
          boolean last = i == lines.length - 1 || (i == lines.length - 2 && lines[i + 1].isEmpty());
          int seen = line.getInteger("seen");
          if (!last || seen < entries.size() || seen > MAX_SEEN) {
            break;
          }
          return new FileListing(entries, seen, line.getBoolean("cut"));
        }
        if (i == most) {
          break;
        }
        entries.put(bounded(line.getString("path")), entry(line));
      }
    } catch (DecodeException | ClassCastException | NullPointerException e) {
      throw new IllegalArgumentException("the sandbox told no listing of its files", e);
    }
    throw new IllegalArgumentException("the sandbox told no whole listing of its files");
  }

  private static Entry entry(JsonObject line) {
    String sha256 = line.getString("sha256");
    String target = line.getString("target");
    long size = line.getLong("size");
    int mode = line.getInteger("mode");
    if (size < 0 || mode < 0 || mode > MAX_MODE) {
      throw new IllegalArgumentException("the sandbox told of a file that there cannot be");
    }
    return new Entry(
        bounded(line.getString("type")),
        size,
        mode,
        sha256 == null ? null : bounded(sha256),
        target == null ? null : bounded(target));
  }

  private static String bounded(String text) {
    return text.length() <= MAX_TEXT_CHARS ? text : text.substring(0, MAX_TEXT_CHARS) + "…";
  }

  /** What is other than before: {@code made}, {@code changed}, {@code removed}. */
  JsonObject since(FileListing before) {
    JsonArray made = new JsonArray();
    JsonArray changed = new JsonArray();
    JsonArray removed = new JsonArray();
    entries.forEach((path, entry) -> {
      Entry was = before.entries.get(path);
      if (was == null) {
        made.add(entry.json(path));
      } else if (!was.equals(entry)) {
        changed.add(entry.json(path));
      }
    });
    boolean whole = !cut && seen == entries.size();
    before.entries.forEach((path, was) -> {
      // What is not listed may be there all the same.
      if (whole && !entries.containsKey(path)) {
        removed.add(was.json(path));
      }
    });
    return new JsonObject()
        .put("made", made)
        .put("changed", changed)
        .put("removed", removed)
        .put("seen", seen)
        .put("whole", whole && !before.cut && before.seen == before.entries.size());
  }
}
