package dev.gatehouse.http;

import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * The labels by which a sandbox's user finds it again: few, short, and without control characters.
 */
final class Labels {
  static final int MAX_LABELS = 16;
  static final int MAX_KEY_CHARS = 64;
  static final int MAX_VALUE_CHARS = 256;

  private Labels() {}

  static Map<String, String> read(JsonBody body) {
    Map<String, Object> given = body.object("labels");
    if (given.size() > MAX_LABELS) {
      throw malformed("more than " + MAX_LABELS);
    }
    Map<String, String> labels = new HashMap<>();
    given.forEach((key, value) -> {
      if (!(value instanceof String text)) {
        throw malformed("a value that is no text");
      }
      // A filter has a key, an equals sign, and a value.
      if (!Fields.isName(key) || key.indexOf('=') >= 0) {
        throw malformed("a key that is blank, has control characters or an equals sign");
      }
      labels.put(checked(key, MAX_KEY_CHARS), checked(text, MAX_VALUE_CHARS));
    });
    return labels;
  }

  /** Filters of the form {@code key=value}. */
  static Map<String, String> parse(List<String> filters) {
    if (filters.size() > MAX_LABELS) {
      throw malformed("more than " + MAX_LABELS);
    }
    Map<String, String> labels = new HashMap<>();
    for (String filter : filters) {
      int equals = filter.indexOf('=');
      if (equals < 0) {
        throw malformed("one that is not key=value");
      }
      labels.put(filter.substring(0, equals), filter.substring(equals + 1));
    }
    return labels;
  }

  private static String checked(String text, int maxChars) {
    if (text.length() > maxChars || text.chars().anyMatch(Character::isISOControl)) {
      throw malformed("one that has control characters or is too long");
    }
    return text;
  }

  private static ApiException malformed(String found) {
    return ApiException.of(
        422,
        "labels.malformed",
        "labels have %s; expected up to %d texts, keys of %d and values of %d characters"
            .formatted(found, MAX_LABELS, MAX_KEY_CHARS, MAX_VALUE_CHARS));
  }
}
