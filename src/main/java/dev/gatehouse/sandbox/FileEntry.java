package dev.gatehouse.sandbox;

import io.vertx.core.json.JsonObject;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * A file, a directory or whatever else has a name in a sandbox, as the sandbox tells it.
 *
 * @param type {@code file}, {@code directory}, {@code symlink}, {@code fifo}, {@code socket},
 *     {@code device} or {@code other}
 * @param size in bytes
 * @param mode the permission bits
 * @param tag another one for another content, as far as size and time of change tell
 * @param target of a symbolic link, as {@link GuestPath#text()} would show it; else null
 * @param created whether it was not there before the operation that tells of it
 */
public record FileEntry(
    GuestPath path,
    String type,
    long size,
    int mode,
    Instant modifiedAt,
    String tag,
    @Nullable String target,
    boolean created) {
  private static final int PERMISSIONS = 07777;
  private static final int MAX_TAG_CHARS = 64;

  /**
   * Reads the sandbox's word for it.
   *
   * @throws FrameParser.ProtocolException if it makes no sense
   */
  static FileEntry of(GuestPath path, JsonObject told) {
    String type = told.getString("type", "");
    String tag = told.getString("tag", "");
    long size = told.getLong("size", -1L);
    if (!isType(type) || !isTag(tag) || size < 0) {
      throw new FrameParser.ProtocolException("an entry that makes no sense");
    }
    String target = told.getString("target");
    return new FileEntry(
        path,
        type,
        size,
        told.getInteger("mode", 0) & PERMISSIONS,
        Instant.ofEpochSecond(0, told.getLong("modified", 0L)),
        tag,
        target == null ? null : GuestPath.text(target),
        told.getBoolean("created", false));
  }

  public boolean isFile() {
    return type.equals("file");
  }

  private static boolean isType(String type) {
    return switch (type) {
      case "file", "directory", "symlink", "fifo", "socket", "device", "other" -> true;
      default -> false;
    };
  }

  /** It goes into a header. */
  private static boolean isTag(String tag) {
    return tag.length() <= MAX_TAG_CHARS
        && tag.chars().allMatch(c -> (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || c == '-');
  }
}
