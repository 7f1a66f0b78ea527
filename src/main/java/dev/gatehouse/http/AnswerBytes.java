package dev.gatehouse.http;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.internal.buffer.BufferInternal;
import java.util.Arrays;

/**
 * An answer while it is written. Plain bytes, which leave without being copied: a Vert.x buffer
 * checks each access, and copies what it is made of. Hot path; confined to one thread.
 */
final class AnswerBytes {
  private byte[] bytes;
  private int length;

  /**
   * @param expected how many there will be; more only cost a copy
   */
  AnswerBytes(int expected) {
    this.bytes = new byte[expected];
  }

  void add(byte[] more) {
    reserve(more.length);
    System.arraycopy(more, 0, bytes, length, more.length);
    length += more.length;
  }

  void add(char ascii) {
    reserve(1);
    bytes[length++] = (byte) ascii;
  }

  /** Text of ASCII characters only. */
  @SuppressWarnings("deprecation") // for what it does to other characters; it copies but once
  void add(String ascii) {
    int more = ascii.length();
    reserve(more);
    ascii.getBytes(0, more, bytes, length);
    length += more;
  }

  private void reserve(int more) {
    if (length + more > bytes.length) {
      bytes = Arrays.copyOf(bytes, Math.max(length + more, 2 * bytes.length));
    }
  }

  int length() {
    return length;
  }

  /** Copies what was added. */
  void writeTo(ByteBuf out) {
    out.writeBytes(bytes, 0, length);
  }

  /** Gives the bytes away: nothing may be added any more. */
  Buffer give() {
    return BufferInternal.buffer(Unpooled.wrappedBuffer(bytes, 0, length));
  }
}
