package dev.gatehouse.policy.text;

import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * Decoders as tolerant as the programs that attackers use: blanks and padding do not matter. A
 * result is null where the text is not in the encoding. Bytes come out as UTF-8 text if they are,
 * else as Latin-1.
 */
public final class Encodings {

  private Encodings() {}

  /** RFC 4648 base64, also the URL-safe alphabet. */
  public static @Nullable String base64(String text) {
    return bits(text, 6);
  }

  /** RFC 4648 base32. */
  public static @Nullable String base32(String text) {
    return bits(text, 5);
  }

  private static @Nullable String bits(String text, int width) {
    byte[] out = new byte[text.length() * width / 8 + 1];
    int length = 0;
    int buffer = 0;
    int held = 0;
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c == '=' || c <= ' ') {
        continue;
      }
      int value = width == 6 ? digit64(c) : digit32(c);
      if (value < 0) {
        return null;
      }
      buffer = (buffer << width) | value;
      held += width;
      if (held >= 8) {
        held -= 8;
        out[length++] = (byte) (buffer >>> held);
        buffer &= (1 << held) - 1;
      }
    }
    return text(out, length);
  }

  private static int digit64(char c) {
    if (c >= 'A' && c <= 'Z') {
      return c - 'A';
    }
    if (c >= 'a' && c <= 'z') {
      return c - 'a' + 26;
    }
    if (c >= '0' && c <= '9') {
      return c - '0' + 52;
    }
    return c == '+' || c == '-' ? 62 : c == '/' || c == '_' ? 63 : -1;
  }

  private static int digit32(char c) {
    if (c >= 'A' && c <= 'Z') {
      return c - 'A';
    }
    if (c >= 'a' && c <= 'z') {
      return c - 'a';
    }
    return c >= '2' && c <= '7' ? c - '2' + 26 : -1;
  }

  /**
   * Hexadecimal digits; blanks, {@code \x}, {@code 0x}, commas and colons between pairs are
   * skipped.
   */
  public static @Nullable String hex(String text) {
    byte[] out = new byte[text.length() / 2 + 1];
    int length = 0;
    int high = -1;
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c <= ' ' || c == ',' || c == ':' || c == '\\' || c == 'x' || c == 'X') {
        continue;
      }
      if (c == '0' && high < 0 && i + 1 < text.length() && text.charAt(i + 1) == 'x') {
        continue;
      }
      int digit = Character.digit(c, 16);
      if (digit < 0) {
        return null;
      }
      if (high < 0) {
        high = digit;
      } else {
        out[length++] = (byte) (high << 4 | digit);
        high = -1;
      }
    }
    return high >= 0 ? null : text(out, length);
  }

  /** Turns letters by thirteen places. */
  public static String rot13(String text) {
    StringBuilder out = new StringBuilder(text.length());
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c >= 'a' && c <= 'z') {
        c = (char) ('a' + (c - 'a' + 13) % 26);
      } else if (c >= 'A' && c <= 'Z') {
        c = (char) ('A' + (c - 'A' + 13) % 26);
      }
      out.append(c);
    }
    return out.toString();
  }

  /** The bytes as UTF-8 text if they are that, else as Latin-1. */
  public static String text(byte[] bytes, int length) {
    String utf8 = new String(bytes, 0, length, StandardCharsets.UTF_8);
    return utf8.indexOf('\uFFFD') < 0
        ? utf8
        : new String(bytes, 0, length, StandardCharsets.ISO_8859_1);
  }
}
