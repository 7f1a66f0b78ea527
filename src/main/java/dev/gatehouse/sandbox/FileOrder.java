package dev.gatehouse.sandbox;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * One operation on a sandbox's files.
 *
 * @param <T> what it comes to
 */
public final class FileOrder<T> {
  /** Most entries of a page, and most matches of a search. */
  public static final int MAX_LIMIT = 1000;

  /** What a write's argument is called that says what its content is. */
  public static final String SHA256 = "sha256";

  /** How an operation takes part in the sandbox's time. */
  enum Lane {
    /** Has one answer. */
    SHORT,
    /** Has content, as much as there is. */
    TRANSFER,
    /** Goes on until it is cancelled. */
    WATCH
  }

  /**
   * Which bytes of a file.
   *
   * @param first the first one's place; -1 for the last {@code last} bytes
   * @param last the last one's place
   */
  public record Range(long first, long last) {}

  private final String word;
  private final GuestPath path;
  private final boolean changes;
  private final Lane lane;
  private final JsonObject request;
  private final Map<String, Object> arguments = new LinkedHashMap<>();
  private final Function<JsonObject, T> reader;

  private FileOrder(
      String word,
      GuestPath path,
      boolean changes,
      Lane lane,
      JsonObject request,
      Function<JsonObject, T> reader) {
    this.word = word;
    this.path = path;
    this.changes = changes;
    this.lane = lane;
    this.request = request.put("op", word).put("path", path.latin());
    this.reader = reader;
    arguments.put("path", path.text());
  }

  public static FileOrder<FileEntry> stat(GuestPath path) {
    return looking("stat", path, new JsonObject(), told -> FileEntry.of(path, told));
  }

  /**
   * Lists a directory's entries.
   *
   * @param after the name after which to go on, each byte as the character of its value; empty at
   *     the beginning
   */
  public static FileOrder<FilePage> list(GuestPath path, String after, int limit) {
    return looking(
        "list",
        path,
        new JsonObject().put("after", after).put("limit", limit),
        told -> page(path, limit, told));
  }

  /**
   * Finds entries below a directory.
   *
   * @param glob for names, with {@code *} and {@code ?}; its bytes each as the character of its
   *     value
   * @param content what a file must have; empty to look at names only
   */
  public static FileOrder<FileMatches> search(
      GuestPath path, String glob, String content, int limit) {
    FileOrder<FileMatches> order =
        looking(
            "search",
            path,
            new JsonObject().put("name", glob).put("content", content).put("limit", limit),
            told -> matches(path, limit, told));
    order.arguments.put("name", GuestPath.text(glob));
    if (!content.isEmpty()) {
      order.arguments.put("content", GuestPath.text(content));
    }
    return order;
  }

  /**
   * Reads a file, or a part of it.
   *
   * @param range null for the whole
   * @param tag the range holds for a file of this tag, for another one the whole is read; null for
   *     any
   */
  public static FileOrder<Long> read(GuestPath path, @Nullable Range range, @Nullable String tag) {
    JsonObject request = new JsonObject();
    FileOrder<Long> order =
        new FileOrder<>("read", path, false, Lane.TRANSFER, request, told -> 0L);
    if (range != null) {
      request.put("range", new JsonArray().add(range.first()).add(range.last()));
      order.with("range", List.of(range.first(), range.last()));
    }
    if (tag != null) {
      request.put("tag", tag);
      order.with("tag", tag);
    }
    return order;
  }

  /**
   * Writes a file; it is in its place when it is whole, not before.
   *
   * @param parents whether missing directories are made
   * @param sha256 of the content, in lower-case hex, as policy and persons see it: whoever gives
   *     the content holds to that; null where none was said
   */
  public static FileOrder<FileEntry> write(
      GuestPath path, int mode, boolean overwrite, boolean parents, @Nullable String sha256) {
    FileOrder<FileEntry> order =
        new FileOrder<FileEntry>(
                "write",
                path,
                true,
                Lane.TRANSFER,
                new JsonObject()
                    .put("mode", mode)
                    .put("overwrite", overwrite)
                    .put("parents", parents),
                told -> FileEntry.of(path, told))
            .with("mode", Integer.toOctalString(mode))
            .with("overwrite", overwrite)
            .with("parents", parents);
    return sha256 == null ? order : order.with(SHA256, sha256);
  }

  public static FileOrder<FileEntry> make(GuestPath path, boolean parents) {
    return changing(
            "make",
            path,
            new JsonObject().put("parents", parents),
            told -> FileEntry.of(path, told))
        .with("parents", parents);
  }

  public static FileOrder<FileEntry> move(GuestPath path, GuestPath to, boolean overwrite) {
    return changing(
            "move",
            path,
            new JsonObject().put("to", to.latin()).put("overwrite", overwrite),
            told -> FileEntry.of(to, told))
        .with("to", to.text())
        .with("overwrite", overwrite);
  }

  /** Removes; gives how many entries. */
  public static FileOrder<Long> remove(GuestPath path, boolean recursive) {
    return changing(
            "remove",
            path,
            new JsonObject().put("recursive", recursive),
            told -> Math.max(0, told.getLong("removed", 0L)))
        .with("recursive", recursive);
  }

  /** Tells the changes of a directory's entries, chunk by chunk, each {@link FileChanges}. */
  public static FileOrder<Long> watch(GuestPath path) {
    return new FileOrder<>("watch", path, false, Lane.WATCH, new JsonObject(), told -> 0L);
  }

  private static <T> FileOrder<T> looking(
      String word, GuestPath path, JsonObject request, Function<JsonObject, T> reader) {
    return new FileOrder<>(word, path, false, Lane.SHORT, request, reader);
  }

  private static <T> FileOrder<T> changing(
      String word, GuestPath path, JsonObject request, Function<JsonObject, T> reader) {
    return new FileOrder<>(word, path, true, Lane.SHORT, request, reader);
  }

  private FileOrder<T> with(String argument, Object value) {
    arguments.put(argument, value);
    return this;
  }

  private static FilePage page(GuestPath directory, int limit, JsonObject told) {
    List<FileEntry> entries = new ArrayList<>();
    for (Object item : told.getJsonArray("entries", new JsonArray())) {
      JsonObject entry = (JsonObject) item;
      entries.add(FileEntry.of(directory.below(entry.getString("name", "")), entry));
    }
    checkCount(entries.size(), limit);
    return new FilePage(List.copyOf(entries), told.getString("more"));
  }

  private static FileMatches matches(GuestPath directory, int limit, JsonObject told) {
    List<FileMatches.Match> matches = new ArrayList<>();
    for (Object item : told.getJsonArray("matches", new JsonArray())) {
      JsonObject match = (JsonObject) item;
      matches.add(
          new FileMatches.Match(
              directory.below(match.getString("path", "")),
              match.containsKey("line")
                  ? new FileMatches.Place(
                      match.getLong("line"),
                      match.getLong("offset", 0L),
                      GuestPath.text(match.getString("text", "")))
                  : null));
    }
    checkCount(matches.size(), limit);
    return new FileMatches(List.copyOf(matches), told.getBoolean("cut", false));
  }

  private static void checkCount(int count, int limit) {
    if (count > limit) {
      throw new FrameParser.ProtocolException("more than was asked for");
    }
  }

  /** What is done: read, write, stat and so on. */
  public String word() {
    return word;
  }

  public GuestPath path() {
    return path;
  }

  /** What is asked, as policy and readers of the log see it. */
  public Map<String, Object> arguments() {
    return arguments;
  }

  /** Whether it changes anything. */
  public boolean changes() {
    return changes;
  }

  /** Whether it has one answer, and a small one. */
  public boolean isShort() {
    return lane == Lane.SHORT;
  }

  /** Whether the answer has what is in files. */
  public boolean disclosesContent() {
    return word.equals("read") || request.getString("content", "").length() > 0;
  }

  Lane lane() {
    return lane;
  }

  /** As it goes to the sandbox. */
  JsonObject request() {
    return request;
  }

  /** Reads the sandbox's answer; fails with a {@link RuntimeException} if it makes no sense. */
  T result(JsonObject told) {
    return reader.apply(told);
  }
}
