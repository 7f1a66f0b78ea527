package dev.gatehouse.sandbox;

import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.DecodeException;
import io.vertx.core.json.JsonObject;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.UnaryOperator;
import java.util.regex.Pattern;

/**
 * Something that code showed beside its output, as in a notebook: its last value, or a figure.
 *
 * @param kind {@code result}, {@code display} or {@code figure}
 * @param data the same thing in one or more forms: media type to text, images in base64
 */
public record Display(String kind, Map<String, String> data) {
  /** So many an execution are kept. */
  static final int MOST = 64;

  static final int MOST_FORMS = 16;
  private static final Pattern KIND = Pattern.compile("result|display|figure");
  private static final Pattern MEDIA_TYPE = Pattern.compile("[a-z]{1,32}/[a-z0-9.+-]{1,64}");

  public Display {
    data = Collections.unmodifiableMap(new TreeMap<>(data));
  }

  /**
   * Reads a line for each; what is none, because it was cut or because the guest made it up, is
   * passed over.
   *
   * @param length bytes to look at, at most
   */
  static List<Display> readAll(Buffer lines, int length) {
    List<Display> displays = new ArrayList<>();
    int end = Math.min(length, lines.length());
    int start = 0;
    for (int i = 0; i < end && displays.size() < MOST; i++) {
      if (lines.getByte(i) == '\n') {
        read(lines.slice(start, i), displays);
        start = i + 1;
      }
    }
    return displays;
  }

  private static void read(Buffer line, List<Display> displays) {
    try {
      JsonObject json = new JsonObject(line);
      String kind = json.getString("kind", "");
      Map<String, String> data = new TreeMap<>();
      for (Map.Entry<String, Object> form : json.getJsonObject("data", new JsonObject())) {
        if (form.getValue() instanceof String text
            && data.size() < MOST_FORMS
            && MEDIA_TYPE.matcher(form.getKey()).matches()) {
          data.put(form.getKey(), text);
        }
      }
      if (KIND.matcher(kind).matches() && !data.isEmpty()) {
        displays.add(new Display(kind, data));
      }
    } catch (DecodeException | ClassCastException e) {
      // The guest's word, and no sense in it.
    }
  }

  /** The forms that a person or a program can read as text. */
  public Map<String, String> texts() {
    Map<String, String> texts = new TreeMap<>(data);
    texts.keySet().removeIf(type -> type.startsWith("image/") && !type.endsWith("xml"));
    return texts;
  }

  /** The same with other texts; images are left as they are. */
  Display withTexts(UnaryOperator<String> change) {
    Map<String, String> changed = new TreeMap<>(data);
    texts().forEach((type, text) -> changed.put(type, change.apply(text)));
    return new Display(kind, changed);
  }
}
