package dev.gatehouse.policy.python;

import dev.gatehouse.policy.python.PythonValue.Kind;
import dev.gatehouse.policy.text.Encodings;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.zip.InflaterInputStream;
import org.jspecify.annotations.Nullable;

/**
 * Operators and functions that make strings out of strings. What cannot be computed is a hole or
 * unknown.
 */
final class Computed {
  private static final int MAX_UNPACKED = 1 << 16;
  private static final int MAX_REPEAT = 4096;

  private Computed() {}

  static PythonValue binary(PythonDraft draft, char operator, PythonValue left, PythonValue right) {
    if ((Values.isChoice(left) || Values.isChoice(right))
        && !draft.charge(left.items().size() + (long) right.items().size())) {
      return PythonValue.UNKNOWN;
    }
    if (Values.isChoice(left)) {
      List<PythonValue> results = new ArrayList<>();
      for (PythonValue one : left.items()) {
        results.add(binary(draft, operator, one, right));
      }
      return Values.choice(results);
    }
    if (Values.isChoice(right)) {
      List<PythonValue> results = new ArrayList<>();
      for (PythonValue one : right.items()) {
        results.add(binary(draft, operator, left, one));
      }
      return Values.choice(results);
    }
    return switch (operator) {
      case '+' -> plus(draft, left, right);
      case '%' -> left.isText() ? percent(draft, left, right) : arithmetic(operator, left, right);
      case '/' -> path(left, right);
      case '*' -> repeat(draft, left, right);
      case '-', '^' -> arithmetic(operator, left, right);
      default -> PythonValue.UNKNOWN;
    };
  }

  private static PythonValue arithmetic(char operator, PythonValue left, PythonValue right) {
    long a = Values.number(left);
    long b = Values.number(right);
    if (a == Long.MIN_VALUE || b == Long.MIN_VALUE) {
      return PythonValue.UNKNOWN;
    }
    return switch (operator) {
      case '+' -> Values.number(a + b);
      case '-' -> Values.number(a - b);
      case '^' -> Values.number(a ^ b);
      case '*' ->
          Math.abs(a) < 1L << 30 && Math.abs(b) < 1L << 30
              ? Values.number(a * b)
              : PythonValue.UNKNOWN;
      case '%' -> b == 0 ? PythonValue.UNKNOWN : Values.number(Math.floorMod(a, b));
      default -> PythonValue.UNKNOWN;
    };
  }

  private static PythonValue plus(PythonDraft draft, PythonValue left, PythonValue right) {
    if (left.kind() == Kind.SEQUENCE && right.kind() == Kind.SEQUENCE) {
      if (!draft.charge(left.items().size() + (long) right.items().size())) {
        return PythonValue.UNKNOWN;
      }
      List<PythonValue> items = new ArrayList<>(left.items());
      items.addAll(right.items());
      return Values.sequence(items);
    }
    if (!left.isText() && !right.isText()) {
      return arithmetic('+', left, right);
    }
    Kind kind = left.isText() ? left.kind() : right.kind();
    String a = left.isText() ? left.text() : Values.constant(left);
    String b = right.isText() ? right.text() : Values.constant(right);
    if (!draft.charge(a.length() + (long) b.length())) {
      return Values.of(kind, Values.HOLE);
    }
    if (a.endsWith(Values.HOLE) && b.equals(Values.HOLE)) {
      return Values.of(kind, a);
    }
    return Values.of(kind, a + b);
  }

  private static PythonValue path(PythonValue left, PythonValue right) {
    boolean isLeft = left.kind() == Kind.OBJECT && left.type().startsWith("pathlib.");
    if (!isLeft) {
      return PythonValue.UNKNOWN;
    }
    return Values.object(left.type(), join(left.text(), Values.textFor(right)), left.call());
  }

  static String join(String base, String more) {
    if (more.startsWith("/") || base.isEmpty()) {
      return more;
    }
    return base.endsWith("/") ? base + more : base + "/" + more;
  }

  private static PythonValue repeat(PythonDraft draft, PythonValue left, PythonValue right) {
    long times = left.isText() ? Values.number(right) : Values.number(left);
    PythonValue text = left.isText() ? left : right;
    if (!text.isText()) {
      return arithmetic('*', left, right);
    }
    if (times < 0 || times > MAX_REPEAT || !draft.charge(times * text.text().length())) {
      return Values.of(text.kind(), Values.HOLE);
    }
    return Values.of(text.kind(), text.text().repeat((int) times));
  }

  private static PythonValue percent(PythonDraft draft, PythonValue format, PythonValue value) {
    List<PythonValue> arguments = value.kind() == Kind.SEQUENCE ? value.items() : List.of(value);
    String text = format.text();
    StringBuilder out = new StringBuilder(text.length() + 16);
    int next = 0;
    int at = 0;
    while (at < text.length()) {
      char c = text.charAt(at++);
      if (c != '%' || at >= text.length()) {
        out.append(c);
        continue;
      }
      if (text.charAt(at) == '%') {
        out.append('%');
        at++;
        continue;
      }
      String key = null;
      if (text.charAt(at) == '(') {
        int close = text.indexOf(')', at);
        key = close < 0 ? "" : text.substring(at + 1, close);
        at = close < 0 ? text.length() : close + 1;
      }
      while (at < text.length() && "-+ #0123456789.*".indexOf(text.charAt(at)) >= 0) {
        at++;
      }
      char verb = at < text.length() ? text.charAt(at) : 's';
      at++;
      PythonValue argument =
          key != null
              ? lookup(value, key)
              : next < arguments.size() ? arguments.get(next++) : PythonValue.UNKNOWN;
      String piece = verb == 'c' ? character(argument) : Values.textFor(argument);
      if (!draft.charge(piece.length() + 1L)) {
        return Values.of(format.kind(), Values.HOLE);
      }
      out.append(piece);
    }
    return Values.of(format.kind(), out.toString());
  }

  private static String character(PythonValue value) {
    long code = Values.number(value);
    return code >= 0 && code <= 0x10ffff ? Character.toString((int) code) : Values.textFor(value);
  }

  static PythonValue lookup(PythonValue mapping, String key) {
    if (mapping.kind() == Kind.MAPPING) {
      for (int i = 0; i + 1 < mapping.items().size(); i += 2) {
        if (mapping.items().get(i).text().equals(key)) {
          return mapping.items().get(i + 1);
        }
      }
    }
    return PythonValue.UNKNOWN;
  }

  /** The items that iterating over a value yields; null if they are not known. */
  static @Nullable List<PythonValue> items(PythonValue value) {
    if (value.kind() == Kind.SEQUENCE) {
      return value.items();
    }
    if (value.kind() == Kind.MAPPING) {
      List<PythonValue> keys = new ArrayList<>();
      for (int i = 0; i < value.items().size(); i += 2) {
        keys.add(value.items().get(i));
      }
      return keys;
    }
    if (value.isKnownText() && value.text().length() <= 512) {
      List<PythonValue> items = new ArrayList<>(value.text().length());
      for (int i = 0; i < value.text().length(); i++) {
        items.add(
            value.kind() == Kind.BYTES
                ? Values.number(value.text().charAt(i))
                : PythonValue.string(value.text().substring(i, i + 1)));
      }
      return items;
    }
    return null;
  }

  static PythonValue slice(PythonDraft draft, PythonValue value, List<PythonValue> parts) {
    if (!value.isText() && value.kind() != Kind.SEQUENCE) {
      return PythonValue.UNKNOWN;
    }
    int length = value.isText() ? value.text().length() : value.items().size();
    long step = parts.size() > 2 ? bound(parts.get(2), 1) : 1;
    if ((value.isText() && value.text().indexOf(PythonValue.HOLE) >= 0)
        || step == 0
        || step == Long.MIN_VALUE
        || !draft.charge(length)) {
      return value.isText() ? Values.of(value.kind(), Values.HOLE) : PythonValue.UNKNOWN;
    }
    long from = index(bound(parts.get(0), step > 0 ? 0 : length - 1L), length);
    long to = bound(parts.get(1), step > 0 ? length : -1L - length);
    if (from == Long.MIN_VALUE || to == Long.MIN_VALUE) {
      return value.isText() ? Values.of(value.kind(), Values.HOLE) : PythonValue.UNKNOWN;
    }
    to = step < 0 && to < -length ? -1 : index(to, length);
    from = Math.max(step > 0 ? 0 : -1, Math.min(from, step > 0 ? length : length - 1L));
    to = Math.max(-1, Math.min(to, length));
    StringBuilder out = new StringBuilder();
    List<PythonValue> items = new ArrayList<>();
    for (long i = from; step > 0 ? i < to : i > to; i += step) {
      if (i < 0 || i >= length) {
        break;
      }
      if (value.isText()) {
        out.append(value.text().charAt((int) i));
      } else {
        items.add(value.items().get((int) i));
      }
    }
    return value.isText() ? Values.of(value.kind(), out.toString()) : Values.sequence(items);
  }

  private static long bound(PythonValue value, long otherwise) {
    return value.kind() == Kind.NONE ? otherwise : Values.number(value);
  }

  private static long index(long index, int length) {
    return index < 0 && index >= -length ? index + length : index;
  }

  /** Methods of strings and bytes; null if the method is none of those that can be computed. */
  static @Nullable PythonValue method(
      PythonDraft draft, PythonValue receiver, String method, PythonCall call) {
    String text = receiver.text();
    PythonValue first = call.positional(0);
    PythonValue second = call.positional(1);
    Kind kind = receiver.kind();
    if (!draft.charge(text.length())) {
      return Values.of(kind, Values.HOLE);
    }
    return switch (method) {
      case "join" -> joined(draft, receiver, first);
      case "format" -> format(draft, receiver, call);
      case "lower", "casefold" -> Values.of(kind, text.toLowerCase(Locale.ROOT));
      case "upper" -> Values.of(kind, text.toUpperCase(Locale.ROOT));
      case "swapcase" -> Values.of(kind, swapped(text));
      case "strip" ->
          Values.of(kind, first == null ? text.strip() : strip(text, first, true, true));
      case "lstrip" ->
          Values.of(kind, first == null ? text.stripLeading() : strip(text, first, true, false));
      case "rstrip" ->
          Values.of(kind, first == null ? text.stripTrailing() : strip(text, first, false, true));
      case "encode" -> Values.of(Kind.BYTES, text);
      case "decode" -> decode(draft, receiver, first);
      case "hex" -> PythonValue.UNKNOWN;
      case "replace" -> replace(draft, receiver, first, second);
      case "split" -> split(receiver, first);
      case "zfill", "ljust", "rjust", "center", "expandtabs", "title", "capitalize" ->
          Values.of(kind, Values.HOLE);
      default -> null;
    };
  }

  private static String swapped(String text) {
    StringBuilder out = new StringBuilder(text.length());
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      out.append(Character.isUpperCase(c) ? Character.toLowerCase(c) : Character.toUpperCase(c));
    }
    return out.toString();
  }

  private static String strip(String text, PythonValue letters, boolean front, boolean back) {
    int from = 0;
    int to = text.length();
    while (front && from < to && letters.text().indexOf(text.charAt(from)) >= 0) {
      from++;
    }
    while (back && to > from && letters.text().indexOf(text.charAt(to - 1)) >= 0) {
      to--;
    }
    return text.substring(from, to);
  }

  private static PythonValue joined(
      PythonDraft draft, PythonValue separator, @Nullable PythonValue sequence) {
    List<PythonValue> items = sequence == null ? null : items(sequence);
    if (items == null) {
      return Values.of(separator.kind(), Values.HOLE);
    }
    StringBuilder out = new StringBuilder();
    for (int i = 0; i < items.size(); i++) {
      String text = Values.textFor(items.get(i));
      if (!draft.charge(text.length() + separator.text().length())) {
        return Values.of(separator.kind(), Values.HOLE);
      }
      if (i > 0) {
        out.append(separator.text());
      }
      out.append(text);
    }
    return Values.of(separator.kind(), out.toString());
  }

  private static PythonValue format(PythonDraft draft, PythonValue receiver, PythonCall call) {
    String text = receiver.text();
    StringBuilder out = new StringBuilder(text.length() + 16);
    int next = 0;
    int at = 0;
    while (at < text.length()) {
      char c = text.charAt(at++);
      if ((c == '{' || c == '}') && at < text.length() && text.charAt(at) == c) {
        out.append(c);
        at++;
        continue;
      }
      if (c != '{') {
        out.append(c);
        continue;
      }
      int close = text.indexOf('}', at);
      if (close < 0) {
        break;
      }
      int stop = at;
      while (stop < close && text.charAt(stop) != ':' && text.charAt(stop) != '!') {
        stop++;
      }
      String field = text.substring(at, stop);
      PythonValue value;
      if (field.isEmpty()) {
        value = call.positional(next++);
      } else if (Character.isDigit(field.charAt(0)) && field.length() < 5) {
        long index = Values.number(Values.of(Kind.NUMBER, field));
        value = index < 0 ? null : call.positional((int) index);
      } else {
        value = call.keyword(field);
      }
      String piece = value == null ? Values.HOLE : Values.textFor(value);
      if (!draft.charge(piece.length() + 1L)) {
        return PythonValue.string(Values.HOLE);
      }
      out.append(piece);
      at = close + 1;
    }
    return PythonValue.string(out.toString());
  }

  private static PythonValue replace(
      PythonDraft draft,
      PythonValue receiver,
      @Nullable PythonValue from,
      @Nullable PythonValue to) {
    if (from == null
        || to == null
        || !from.isKnownText()
        || !to.isText()
        || from.text().isEmpty()) {
      return Values.of(receiver.kind(), Values.HOLE);
    }
    long most =
        receiver.text().length()
            + (long) (receiver.text().length() / from.text().length()) * to.text().length();
    return draft.charge(most)
        ? Values.of(receiver.kind(), receiver.text().replace(from.text(), to.text()))
        : Values.of(receiver.kind(), Values.HOLE);
  }

  private static PythonValue split(PythonValue receiver, @Nullable PythonValue separator) {
    String text = receiver.text();
    List<PythonValue> items = new ArrayList<>();
    String by = separator == null || !separator.isKnownText() ? " " : separator.text();
    if (by.isEmpty()) {
      return PythonValue.UNKNOWN;
    }
    int at = 0;
    while (at <= text.length() && items.size() < 256) {
      int end = text.indexOf(by, at);
      end = end < 0 ? text.length() : end;
      if (separator != null || end > at) {
        items.add(Values.of(receiver.kind(), text.substring(at, end)));
      }
      at = end + by.length();
    }
    return Values.sequence(items);
  }

  private static PythonValue decode(
      PythonDraft draft, PythonValue receiver, @Nullable PythonValue codec) {
    String name = codec == null ? "utf-8" : codec.text();
    return codec(draft, receiver.text(), name);
  }

  /** Decodes by the name of a codec. */
  static PythonValue codec(PythonDraft draft, String text, String codec) {
    String name = codec.toLowerCase(Locale.ROOT).replace('-', '_');
    return switch (name) {
      case "base64", "base64_codec", "base_64" -> decoded(draft, Encodings.base64(text));
      case "hex", "hex_codec" -> decoded(draft, Encodings.hex(text));
      case "rot13", "rot_13" -> decoded(draft, Encodings.rot13(text));
      case "zlib", "zip", "zlib_codec" -> decoded(draft, inflate(text));
      case "unicode_escape", "string_escape" ->
          PythonValue.string(Literals.unescape(text, 0, text.length()));
      default -> PythonValue.string(text);
    };
  }

  static PythonValue decoded(PythonDraft draft, @Nullable String text) {
    if (text == null) {
      return PythonValue.string(Values.HOLE);
    }
    if (tells(text)) {
      draft.facts.add(PythonFact.DECODED);
    }
    return PythonValue.string(text);
  }

  /**
   * Whether a text that was decoded can be one that was to be hidden: not a mere handful of bytes
   * that are no text.
   */
  private static boolean tells(String text) {
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c >= 127 || (c < ' ' && c != '\n' && c != '\t' && c != '\r')) {
        return text.length() > 64;
      }
    }
    return text.length() > 2;
  }

  static @Nullable String inflate(String text) {
    try (InflaterInputStream stream =
        new InflaterInputStream(
            new ByteArrayInputStream(text.getBytes(StandardCharsets.ISO_8859_1)))) {
      byte[] bytes = stream.readNBytes(MAX_UNPACKED);
      return Encodings.text(bytes, bytes.length);
    } catch (IOException e) {
      return null;
    }
  }
}
