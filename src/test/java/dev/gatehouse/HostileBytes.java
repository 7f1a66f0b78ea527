package dev.gatehouse;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.ByteArrayOutputStream;
import java.util.List;
import java.util.Random;

/** Requests that are nearly right: good ones, cut, repeated, mixed and sprinkled. */
final class HostileBytes {
  /** What parsers disagree about. */
  private static final List<String> SPICES =
      List.of(
          "\r\n",
          "\n",
          "\r",
          "\r\n\r\n",
          "\n\n",
          " ",
          "\t",
          "\0",
          ":",
          ": ",
          ",",
          ";",
          "%",
          "%00",
          "%0d%0a",
          "\u00ff",
          "\u00c0\u00af",
          "\u00ed\u00a0\u0080",
          "{",
          "}",
          "[[[[[[[[",
          "\"",
          "\\u0000",
          "\\ud800",
          "Content-Length: 0\r\n",
          "Content-Length: 5\r\n",
          "Content-Length: -1\r\n",
          "Content-Length: 99999999999999999999\r\n",
          "Transfer-Encoding: chunked\r\n",
          "Transfer-Encoding: identity\r\n",
          "Transfer-Encoding : chunked\r\n",
          " folded\r\n",
          "Host: other\r\n",
          "Connection: close\r\n",
          "Connection: Upgrade\r\n",
          "Upgrade: websocket\r\n",
          "Upgrade: h2c\r\n",
          "Expect: 100-continue\r\n",
          "Expect: nonsense\r\n",
          "Range: bytes=0-\r\n",
          "Content-Encoding: gzip\r\n",
          "Trailer: X\r\n",
          "TE: trailers\r\n",
          "Prefer: wait=0\r\n",
          "Idempotency-Key: k\r\n",
          "Last-Event-ID: x\r\n",
          "traceparent: 00-0-0-0\r\n",
          "0\r\n\r\n",
          "5\r\nhello\r\n",
          "ffffffff\r\n",
          "5;ext=\"\r\n\"\r\nhello\r\n",
          "1e400",
          "-0",
          "123456789012345678901234567890",
          "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
          "\u0016\u0003\u0001\u0000\u0005hello");

  private final Random random;
  private final List<byte[]> good;

  /**
   * Makes them.
   *
   * @param good what is mutated
   */
  HostileBytes(long seed, List<String> good) {
    this.random = new Random(seed);
    this.good = good.stream().map(text -> text.getBytes(ISO_8859_1)).toList();
  }

  /** The next one; the same seed gives the same ones. */
  byte[] next() {
    byte[] bytes = any();
    int changes = 1 + random.nextInt(4);
    for (int i = 0; i < changes; i++) {
      bytes = changed(bytes);
    }
    return bytes;
  }

  /** In how many pieces something is sent, and how long each is. */
  int piece(int left) {
    return random.nextInt(3) == 0 ? 1 + random.nextInt(left) : left;
  }

  /** Whether the client is to hang up before it has read anything. */
  boolean hangsUp() {
    return random.nextInt(8) == 0;
  }

  private byte[] any() {
    return good.get(random.nextInt(good.size()));
  }

  private byte[] changed(byte[] bytes) {
    int from = random.nextInt(bytes.length + 1);
    int to = Math.min(bytes.length, from + random.nextInt(40));
    return switch (random.nextInt(7)) {
      case 0 -> joined(bytes, 0, from, spice(), bytes, from);
      case 1 -> joined(bytes, 0, from, new byte[0], bytes, to);
      case 2 -> joined(bytes, 0, to, new byte[0], bytes, from);
      case 3 -> joined(bytes, 0, from, noise(), bytes, to);
      case 4 -> joined(bytes, 0, from, new byte[0], any(), 0);
      case 5 -> joined(bytes, 0, from, repeated(), bytes, from);
      default -> flipped(bytes);
    };
  }

  private byte[] spice() {
    return SPICES.get(random.nextInt(SPICES.size())).getBytes(ISO_8859_1);
  }

  private byte[] repeated() {
    String spice = SPICES.get(random.nextInt(SPICES.size()));
    return spice.repeat(1 + random.nextInt(400)).getBytes(ISO_8859_1);
  }

  private byte[] noise() {
    byte[] noise = new byte[random.nextInt(64)];
    random.nextBytes(noise);
    return noise;
  }

  private byte[] flipped(byte[] bytes) {
    byte[] flipped = bytes.clone();
    if (flipped.length > 0) {
      flipped[random.nextInt(flipped.length)] ^= (byte) (1 << random.nextInt(8));
    }
    return flipped;
  }

  private static byte[] joined(
      byte[] head, int from, int to, byte[] middle, byte[] tail, int tailFrom) {
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    all.write(head, from, to - from);
    all.writeBytes(middle);
    all.write(tail, tailFrom, tail.length - tailFrom);
    return all.toByteArray();
  }
}
