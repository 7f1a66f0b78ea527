package dev.gatehouse.http;

import io.vertx.core.buffer.Buffer;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Cuts a stream of bytes into lines, LF or CR LF, without the ends. A line longer than the limit is
 * told as null once, and skipped to its end. Confined to one thread.
 */
final class LineSplitter {
  private final int maxLineBytes;
  private Buffer begun = Buffer.buffer();
  private boolean skipping;

  LineSplitter(int maxLineBytes) {
    this.maxLineBytes = maxLineBytes;
  }

  /** Takes the next bytes; hands out every line that ends in them. */
  void accept(Buffer chunk, Consumer<@Nullable Buffer> lines) {
    byte[] bytes = chunk.getBytes();
    int start = 0;
    for (int i = 0; i < bytes.length; i++) {
      if (bytes[i] == '\n') {
        end(chunk, start, i, lines);
        start = i + 1;
      }
    }
    if (start < bytes.length && !skipping) {
      begun.appendBuffer(chunk, start, bytes.length - start);
      if (begun.length() > maxLineBytes) {
        begun = Buffer.buffer();
        skipping = true;
        lines.accept(null);
      }
    }
  }

  private void end(Buffer chunk, int start, int end, Consumer<@Nullable Buffer> lines) {
    if (skipping) {
      skipping = false;
      return;
    }
    Buffer line = chunk.slice(start, end);
    if (begun.length() > 0) {
      line = begun.appendBuffer(chunk, start, end - start);
      begun = Buffer.buffer();
    }
    int length = line.length();
    if (length > 0 && line.getByte(length - 1) == '\r') {
      length--;
    }
    if (length > maxLineBytes) {
      lines.accept(null);
    } else if (length > 0) {
      lines.accept(line.slice(0, length));
    }
  }

  /** The last line, which may have no end. */
  void finish(Consumer<@Nullable Buffer> lines) {
    if (begun.length() > 0 && !skipping) {
      lines.accept(begun);
    }
    begun = Buffer.buffer();
  }
}
