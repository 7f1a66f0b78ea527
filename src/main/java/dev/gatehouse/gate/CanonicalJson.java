package dev.gatehouse.gate;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.math.MathContext;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * JSON in the one form of RFC 8785: equal values have equal bytes, whatever order and spelling they
 * came in. Whole numbers that a double cannot hold keep all their digits, where the RFC would round
 * them: two different values never get the same text.
 */
final class CanonicalJson {
  private static final HexFormat HEX = HexFormat.of();

  private final StringBuilder text = new StringBuilder();

  private CanonicalJson() {}

  /**
   * The text of a value made of maps, lists, texts, numbers, booleans and null.
   *
   * @throws IllegalArgumentException for anything else
   */
  static String of(@Nullable Object value) {
    CanonicalJson json = new CanonicalJson();
    json.write(value);
    return json.text.toString();
  }

  private void write(@Nullable Object value) {
    switch (value) {
      case null -> text.append("null");
      case String string -> string(string);
      case Boolean bool -> text.append(bool);
      case Integer number -> text.append(number);
      case Long number -> text.append(number);
      case BigInteger number -> text.append(number);
      case Double number -> text.append(number(number));
      case Map<?, ?> map -> object(map);
      case List<?> list -> array(list);
      default -> throw new IllegalArgumentException("no JSON value: " + value.getClass());
    }
  }

  private void object(Map<?, ?> map) {
    // By UTF-16 code units, which is how Java compares texts.
    TreeMap<String, @Nullable Object> sorted = new TreeMap<>();
    map.forEach((name, value) -> sorted.put((String) name, value));
    text.append('{');
    String comma = "";
    for (Map.Entry<String, @Nullable Object> entry : sorted.entrySet()) {
      text.append(comma);
      string(entry.getKey());
      text.append(':');
      write(entry.getValue());
      comma = ",";
    }
    text.append('}');
  }

  private void array(List<?> list) {
    text.append('[');
    String comma = "";
    for (Object item : list) {
      text.append(comma);
      write(item);
      comma = ",";
    }
    text.append(']');
  }

  private void string(String string) {
    text.append('"');
    for (int i = 0; i < string.length(); i++) {
      char c = string.charAt(i);
      switch (c) {
        case '"' -> text.append("\\\"");
        case '\\' -> text.append("\\\\");
        case '\b' -> text.append("\\b");
        case '\f' -> text.append("\\f");
        case '\n' -> text.append("\\n");
        case '\r' -> text.append("\\r");
        case '\t' -> text.append("\\t");
        default -> {
          if (c < 0x20) {
            text.append("\\u").append(HEX.toHexDigits(c));
          } else {
            text.append(c);
          }
        }
      }
    }
    text.append('"');
  }

  /** As ECMAScript writes it: the shortest digits that are read back as the same double. */
  private static String number(double value) {
    if (Double.isNaN(value) || Double.isInfinite(value)) {
      throw new IllegalArgumentException("no JSON number: " + value);
    }
    if (value == 0) {
      return "0";
    }
    BigDecimal shortest = shortest(Math.abs(value));
    String digits = shortest.unscaledValue().toString();
    int point = digits.length() - shortest.scale();
    String sign = value < 0 ? "-" : "";
    if (point > 0 && point <= 21) {
      return point >= digits.length()
          ? sign + digits + "0".repeat(point - digits.length())
          : sign + digits.substring(0, point) + "." + digits.substring(point);
    }
    if (point > -6 && point <= 0) {
      return sign + "0." + "0".repeat(-point) + digits;
    }
    String fraction = digits.length() == 1 ? "" : "." + digits.substring(1);
    int exponent = point - 1;
    return sign + digits.charAt(0) + fraction + "e" + (exponent < 0 ? "" : "+") + exponent;
  }

  private static BigDecimal shortest(double value) {
    BigDecimal digits = new BigDecimal(Double.toString(value)).stripTrailingZeros();
    // Java writes two digits at least, where one may do: 4.9E-324 is 5e-324.
    BigDecimal one = digits.round(new MathContext(1)).stripTrailingZeros();
    return one.doubleValue() == value ? one : digits;
  }
}
