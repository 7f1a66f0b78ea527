package dev.gatehouse.http;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * A request's JSON object, read strictly: each field once, none that is not known, each of its
 * type, valid UTF-8, no unpaired surrogate, nesting bounded. A fault is an {@link ApiException}.
 *
 * <p>Fields are read one by one, then {@link #refuseUnread()}. Confined to one thread.
 */
final class JsonBody {
  /** How deep objects and lists may nest. */
  static final int MAX_DEPTH = 64;

  private static final int MAX_QUOTE_CHARS = 200;

  private static final JsonFactory FACTORY =
      JsonFactory.builder()
          .streamReadConstraints(
              StreamReadConstraints.builder()
                  .maxNestingDepth(MAX_DEPTH)
                  .maxStringLength(Integer.MAX_VALUE)
                  .maxNumberLength(100)
                  .build())
          .build();

  private final Map<String, @Nullable Object> fields;
  private final List<String> asked = new ArrayList<>(8);
  private int found;

  private JsonBody(Map<String, @Nullable Object> fields) {
    this.fields = fields;
  }

  /** Parses a body that must be one JSON object in UTF-8. */
  static JsonBody parse(@Nullable Buffer body) {
    if (body == null || body.length() == 0) {
      throw ApiException.of(400, "body.missing", "expected a JSON object as body");
    }
    String text = utf8(body.getBytes());
    try (JsonParser parser = FACTORY.createParser(text)) {
      if (parser.nextToken() != JsonToken.START_OBJECT) {
        throw ApiException.of(400, "body.not-an-object", "expected a JSON object as body");
      }
      Map<String, @Nullable Object> fields = object(parser);
      if (parser.nextToken() != null) {
        throw ApiException.of(400, "body.not-json", "there is more after the JSON object");
      }
      return new JsonBody(fields);
    } catch (IOException e) {
      throw ApiException.of(400, "body.not-json", "the body is not JSON: " + firstLine(e));
    }
  }

  /** Whether that is what is wrong with a body: that it is no text at all. */
  static boolean isNoText(ApiException fault) {
    return fault.code().equals("body.not-utf8");
  }

  private static String utf8(byte[] bytes) {
    String text = new String(bytes, StandardCharsets.UTF_8);
    // A replacement character is either the sender's own or the sign that something was replaced.
    if (text.indexOf('\uFFFD') >= 0) {
      try {
        StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes));
      } catch (CharacterCodingException e) {
        throw ApiException.of(400, "body.not-utf8", "the body is not valid UTF-8");
      }
    }
    return text;
  }

  private static String firstLine(IOException e) {
    String message = String.valueOf(e.getMessage());
    String line = message.lines().findFirst().orElse("").strip();
    // The parser quotes what it found, which may be long.
    return line.substring(0, Math.min(MAX_QUOTE_CHARS, line.length()));
  }

  private static Map<String, @Nullable Object> object(JsonParser parser) throws IOException {
    Map<String, @Nullable Object> fields = new LinkedHashMap<>();
    while (parser.nextToken() != JsonToken.END_OBJECT) {
      String name = checked(parser.currentName());
      parser.nextToken();
      int before = fields.size();
      fields.put(name, value(parser));
      if (fields.size() == before) {
        throw ApiException.of(
            400, "body.duplicate-field", "a field is written twice: " + shortened(name));
      }
    }
    return fields;
  }

  private static @Nullable Object value(JsonParser parser) throws IOException {
    return switch (parser.currentToken()) {
      case START_OBJECT -> object(parser);
      case START_ARRAY -> {
        List<@Nullable Object> items = new ArrayList<>();
        while (parser.nextToken() != JsonToken.END_ARRAY) {
          items.add(value(parser));
        }
        yield items;
      }
      case VALUE_STRING -> checked(parser.getText());
      case VALUE_NUMBER_INT -> parser.getNumberValue();
      case VALUE_NUMBER_FLOAT -> finite(parser.getDoubleValue());
      case VALUE_TRUE -> true;
      case VALUE_FALSE -> false;
      case VALUE_NULL -> null;
      default -> throw ApiException.of(400, "body.not-json", "the body is not JSON");
    };
  }

  /** No JSON could say an infinite number again. */
  private static double finite(double number) {
    if (Double.isInfinite(number)) {
      throw ApiException.of(422, "number.out-of-range", "a number is beyond what a double holds");
    }
    return number;
  }

  /** Escapes can spell half a character; no UTF-8 can carry it further. */
  private static String checked(String text) {
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (Character.isHighSurrogate(c)
          && i + 1 < text.length()
          && Character.isLowSurrogate(text.charAt(i + 1))) {
        i++;
      } else if (Character.isSurrogate(c)) {
        throw ApiException.of(422, "text.unpaired-surrogate", "a text has half a character");
      }
    }
    return text;
  }

  /** Text that must be there, without NUL, of at most {@code maxBytes} bytes of UTF-8. */
  String text(String field, int maxBytes) {
    if (!has(field)) {
      throw ApiException.of(422, "field.missing", field + " is missing, expected text");
    }
    return textOf(field, maxBytes);
  }

  /** Text that may be left out. */
  String text(String field, int maxBytes, String otherwise) {
    if (!has(field)) {
      return otherwise;
    }
    return textOf(field, maxBytes);
  }

  private String textOf(String field, int maxBytes) {
    if (!(fields.get(field) instanceof String text)) {
      throw wrongType(field, "text");
    }
    return bounded(field, text, maxBytes);
  }

  private static String bounded(String field, String text, int maxBytes) {
    if (text.indexOf('\0') >= 0) {
      throw ApiException.of(422, "text.nul", field + " has a NUL character");
    }
    // No character takes more than three bytes, so a short text need not be encoded to be measured.
    if (text.length() > maxBytes / 3
        && (text.length() > maxBytes || text.getBytes(StandardCharsets.UTF_8).length > maxBytes)) {
      throw ApiException.of(
          413, "field.too-long", field + " is longer than " + maxBytes + " bytes");
    }
    return text;
  }

  /** True or false; false if it is left out. */
  boolean flag(String field) {
    return flag(field, false);
  }

  /** True or false; may be left out. */
  boolean flag(String field, boolean otherwise) {
    if (!has(field)) {
      return otherwise;
    }
    if (!(fields.get(field) instanceof Boolean flag)) {
      throw wrongType(field, "true or false");
    }
    return flag;
  }

  /** A whole number between {@code min} and {@code max} that may be left out. */
  long wholeNumber(String field, long min, long max, long otherwise) {
    if (!has(field)) {
      return otherwise;
    }
    Object value = fields.get(field);
    if (!(value instanceof Integer || value instanceof Long || value instanceof BigInteger)) {
      throw wrongType(field, "a whole number");
    }
    long number = ((Number) value).longValue();
    if (value instanceof BigInteger || number < min || number > max) {
      throw ApiException.of(
          422, "field.out-of-range", field + " is " + value + ", expected " + min + " to " + max);
    }
    return number;
  }

  /** An object of any JSON values that may be left out. */
  @SuppressWarnings("unchecked")
  Map<String, Object> object(String field) {
    if (!has(field)) {
      return Map.of();
    }
    if (!(fields.get(field) instanceof Map<?, ?> map)) {
      throw wrongType(field, "an object");
    }
    return (Map<String, Object>) map;
  }

  /** An object with fields of its own that may be left out; null if it is. */
  @Nullable JsonBody inner(String field) {
    return fields.containsKey(field) ? new JsonBody(new LinkedHashMap<>(object(field))) : null;
  }

  /** A list of texts that must be there. */
  List<String> texts(String field) {
    if (!has(field)) {
      throw ApiException.of(422, "field.missing", field + " is missing, expected a list of texts");
    }
    if (!(fields.get(field) instanceof List<?> list)) {
      throw wrongType(field, "a list of texts");
    }
    List<String> texts = new ArrayList<>(list.size());
    for (Object item : list) {
      if (!(item instanceof String text)) {
        throw wrongType(field + "[" + texts.size() + "]", "text");
      }
      texts.add(text);
    }
    return texts;
  }

  /** An object of texts that may be left out; names as environment variables have them. */
  Map<String, String> environment(String field, int maxBytes) {
    Map<String, String> environment = new LinkedHashMap<>();
    int bytes = 0;
    for (Map.Entry<String, Object> entry : object(field).entrySet()) {
      if (!entry.getKey().matches("[A-Za-z_][A-Za-z0-9_]{0,255}")) {
        throw ApiException.of(
            422, "env.name", field + " has a name that is not a variable's: letters, digits, _");
      }
      if (!(entry.getValue() instanceof String text)) {
        throw wrongType(field + "." + entry.getKey(), "text");
      }
      bounded(field + "." + entry.getKey(), text, maxBytes);
      bytes += entry.getKey().length() + text.length();
      if (bytes > maxBytes) {
        throw ApiException.of(413, "field.too-long", field + " is longer than " + maxBytes);
      }
      environment.put(entry.getKey(), text);
    }
    return environment;
  }

  /** All but some fields, in the order of their names. */
  Buffer without(Set<String> names) {
    TreeMap<String, @Nullable Object> rest = new TreeMap<>(fields);
    rest.keySet().removeAll(names);
    return new JsonObject(rest).toBuffer();
  }

  /** Refuses the body if it has a field that nobody asked for. */
  void refuseUnread() {
    if (found < fields.size()) {
      String unknown =
          fields.keySet().stream().filter(name -> !asked.contains(name)).findFirst().orElse("");
      throw ApiException.of(422, "field.unknown", "there is no field " + shortened(unknown));
    }
  }

  private boolean has(String field) {
    asked.add(field);
    boolean there = fields.containsKey(field);
    if (there) {
      found++;
    }
    return there;
  }

  private static String shortened(String name) {
    return name.substring(0, Math.min(64, name.length()));
  }

  private static ApiException wrongType(String field, String expected) {
    return ApiException.of(
        422, "field.wrong-type", field + " has the wrong type, expected " + expected);
  }
}
