package dev.gatehouse.http;

import dev.gatehouse.sandbox.GuestPath;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.HashMap;
import java.util.Map;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The parameters of a request on files: bytes, because a file's name may be any. Each may be given
 * once, and none that nobody reads.
 */
final class FileQuery {
  private static final Pattern OCTAL = Pattern.compile("0?[0-7]{1,3}");
  private static final Pattern SHA256 = Pattern.compile("[0-9a-f]{64}");
  private static final Pattern NUMBER = Pattern.compile("\\d{1,9}");

  /** Values whose characters are the bytes' values. */
  private final Map<String, String> given = new HashMap<>();

  private FileQuery() {}

  /** Reads what stands behind the question mark. */
  static FileQuery parse(@Nullable String query) {
    FileQuery read = new FileQuery();
    if (query == null || query.isEmpty()) {
      return read;
    }
    for (String parameter : query.split("&", -1)) {
      int equals = parameter.indexOf('=');
      String name = decoded(equals < 0 ? parameter : parameter.substring(0, equals));
      String value = equals < 0 ? "" : decoded(parameter.substring(equals + 1));
      if (read.given.put(name, value) != null) {
        throw malformed(name, "is given twice");
      }
    }
    return read;
  }

  private static String decoded(String text) {
    StringBuilder latin = new StringBuilder(text.length());
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c == '%') {
        int high = i + 2 < text.length() ? Character.digit(text.charAt(i + 1), 16) : -1;
        int low = i + 2 < text.length() ? Character.digit(text.charAt(i + 2), 16) : -1;
        if (high < 0 || low < 0) {
          throw ApiException.of(422, "query.malformed", "a % without two hex digits");
        }
        latin.append((char) (16 * high + low));
        i += 2;
      } else if (c > '~' || c < ' ') {
        throw ApiException.of(422, "query.malformed", "bytes beyond ASCII are written as %XX");
      } else {
        latin.append(c == '+' ? ' ' : c);
      }
    }
    return latin.toString();
  }

  private static ApiException malformed(String name, String what) {
    return ApiException.of(422, "query.malformed", name + " " + what);
  }

  /** The id of a question that was asked earlier; empty for none. */
  String approval() {
    String latin = given.remove("approval");
    return latin == null ? "" : latin;
  }

  /** A path that must be given. */
  GuestPath path(String name) {
    String latin = given.remove(name);
    if (latin == null) {
      throw malformed(name, "is missing");
    }
    try {
      return GuestPath.parse(latin);
    } catch (GuestPath.BadPathException e) {
      throw ApiException.of(422, "path.refused", String.valueOf(e.getMessage()));
    }
  }

  /** As {@link #path}, but none of the places themselves. */
  GuestPath pathInside(String name) {
    GuestPath path = path(name);
    if (path.isRoot()) {
      throw ApiException.of(422, "path.refused", "this is not possible with a place itself");
    }
    return path;
  }

  /** A text's bytes, each as the character of its value. */
  String bytes(String name, int maxBytes, String otherwise) {
    String latin = given.remove(name);
    if (latin == null) {
      return otherwise;
    }
    if (latin.isEmpty() || latin.length() > maxBytes) {
      throw malformed(name, "must have 1 to " + maxBytes + " bytes");
    }
    return latin;
  }

  boolean flag(String name, boolean otherwise) {
    String value = given.remove(name);
    if (value == null) {
      return otherwise;
    }
    return switch (value) {
      case "true", "" -> true;
      case "false" -> false;
      default -> throw malformed(name, "must be true or false");
    };
  }

  int number(String name, int min, int max, int otherwise) {
    String value = given.remove(name);
    if (value == null) {
      return otherwise;
    }
    int number = NUMBER.matcher(value).matches() ? Integer.parseInt(value) : -1;
    if (number < min || number > max) {
      throw malformed(name, "must be from " + min + " to " + max);
    }
    return number;
  }

  int mode(String name, int otherwise) {
    String value = given.remove(name);
    if (value == null) {
      return otherwise;
    }
    if (!OCTAL.matcher(value).matches()) {
      throw malformed(name, "must be octal, as 644");
    }
    return Integer.parseInt(value, 8);
  }

  /** A SHA-256 in lower-case hex; null where it is not given. */
  @Nullable String sha256(String name) {
    String value = given.remove(name);
    if (value != null && !SHA256.matcher(value).matches()) {
      throw malformed(name, "must be 64 digits of lower-case hex");
    }
    return value;
  }

  /** The name, as bytes, where an earlier page ended; empty for the beginning. */
  String cursor() {
    String cursor = given.remove("cursor");
    if (cursor == null) {
      return "";
    }
    try {
      return new String(Base64.getUrlDecoder().decode(cursor), StandardCharsets.ISO_8859_1);
    } catch (IllegalArgumentException e) {
      throw ApiException.of(
          422, "cursor.malformed", "cursor is not one that an earlier reply gave");
    }
  }

  /** What {@link #cursor()} reads. */
  static String cursor(String name) {
    return Base64.getUrlEncoder()
        .withoutPadding()
        .encodeToString(name.getBytes(StandardCharsets.ISO_8859_1));
  }

  @Nullable String session() {
    String latin = given.remove("session");
    return Fields.sessionIfGiven(
        latin == null
            ? null
            : new String(latin.getBytes(StandardCharsets.ISO_8859_1), StandardCharsets.UTF_8));
  }

  void refuseUnread() {
    if (!given.isEmpty()) {
      throw ApiException.of(
          422, "query.unknown", "no parameter here is called " + given.keySet().iterator().next());
    }
  }
}
