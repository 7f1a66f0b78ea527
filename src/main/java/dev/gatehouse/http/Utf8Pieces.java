package dev.gatehouse.http;

import io.vertx.core.buffer.Buffer;
import java.nio.charset.StandardCharsets;

/**
 * Text of bytes that come in pieces, cut anywhere: a character that is not whole yet waits for its
 * rest; what is not UTF-8 is replaced. Confined to one thread.
 */
final class Utf8Pieces {
  private Buffer waiting = Buffer.buffer();

  /** The text that is complete with this piece; may be empty. */
  String next(Buffer piece) {
    Buffer all = waiting.length() == 0 ? piece : waiting.copy().appendBuffer(piece);
    int end = all.length() - unfinished(all);
    waiting = all.getBuffer(end, all.length());
    return all.getString(0, end, StandardCharsets.UTF_8.name());
  }

  /** What is left at the end: nothing, or a replacement for a character that was cut. */
  String rest() {
    return waiting.toString(StandardCharsets.UTF_8);
  }

  /** Without the beginning of a character whose rest may still come. */
  static Buffer whole(Buffer bytes) {
    return bytes.getBuffer(0, bytes.length() - unfinished(bytes));
  }

  /** Bytes at the end that may be the beginning of a character: 0 to 3. */
  static int unfinished(Buffer bytes) {
    for (int back = 1; back <= Math.min(3, bytes.length()); back++) {
      int last = bytes.getUnsignedByte(bytes.length() - back);
      if (last >= 0xC0) {
        int wanted = last >= 0xF0 ? 4 : last >= 0xE0 ? 3 : 2;
        return back < wanted ? back : 0;
      }
      if (last < 0x80) {
        return 0;
      }
    }
    return 0;
  }
}
