package dev.gatehouse.http;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.vertx.core.Context;
import io.vertx.core.buffer.Buffer;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * What one client is sent. Frames that are made in one turn of the event loop leave in one write:
 * they are put together here, below Vert.x, which would flush each. Hot path.
 *
 * <p>Confined to the connection's event loop.
 */
final class SocketOutput {
  private static final int TEXT = 0x1;
  private static final int BINARY = 0x2;
  private static final int CLOSE = 0x8;
  private static final int PING = 0x9;
  private static final int FINAL = 0x80;
  private static final int USUAL_BYTES = 1024;

  private final Channel channel;
  private final Context loop;
  private final int fullBytes;
  private final Runnable onDrained;
  private @Nullable ByteBuf gathered;
  private boolean flushing;
  private boolean wasFull;
  private boolean ended;
  private long onTheWayBytes;
  private long takenNanos;

  /**
   * @param fullBytes bytes on their way above which it is full
   * @param onDrained told when it was full and is so no more
   */
  SocketOutput(Channel channel, Context loop, int fullBytes, Runnable onDrained) {
    this.channel = channel;
    this.loop = loop;
    this.fullBytes = fullBytes;
    this.onDrained = onDrained;
  }

  /** Adds a text frame of three parts. */
  void text(byte[] begin, AnswerBytes middle, byte[] end) {
    ByteBuf out = begin(TEXT, begin.length + middle.length() + end.length);
    out.writeBytes(begin);
    middle.writeTo(out);
    out.writeBytes(end);
  }

  void text(Buffer json) {
    begin(TEXT, json.length()).writeBytes(json.getBytes());
  }

  /** Adds a binary frame of a header and what it is about. */
  void binary(Buffer header, Buffer bytes) {
    begin(BINARY, header.length() + bytes.length())
        .writeBytes(header.getBytes())
        .writeBytes(bytes.getBytes());
  }

  void ping() {
    begin(PING, 0);
  }

  /** Says why the connection ends, where Vert.x would end it without a word. */
  void close(SocketClose why) {
    byte[] reason = why.reason().getBytes(StandardCharsets.US_ASCII);
    begin(CLOSE, Short.BYTES + reason.length).writeShort(why.code()).writeBytes(reason);
    end();
  }

  private ByteBuf begin(int opcode, int length) {
    if (ended) {
      return Unpooled.buffer(length);
    }
    ByteBuf out = gathered;
    if (out == null) {
      out = channel.alloc().buffer(Math.max(USUAL_BYTES, length + 10));
      gathered = out;
      if (onTheWayBytes == 0) {
        takenNanos = System.nanoTime();
      }
    }
    out.writeByte(FINAL | opcode);
    if (length < 126) {
      out.writeByte(length);
    } else if (length <= 0xFFFF) {
      out.writeByte(126).writeShort(length);
    } else {
      out.writeByte(127).writeLong(length);
    }
    return out;
  }

  /** Sends what was added, at the end of this turn of the loop. */
  void flushSoon() {
    if (!flushing) {
      flushing = true;
      loop.runOnContext(turn -> flush());
    }
  }

  /** Sends what was added. */
  void flush() {
    flushing = false;
    ByteBuf out = gathered;
    gathered = null;
    if (out == null) {
      return;
    }
    int bytes = out.readableBytes();
    onTheWayBytes += bytes;
    // Before it is sent, because it may be taken at once.
    wasFull |= isFull();
    channel.writeAndFlush(out).addListener(done -> taken(bytes));
  }

  private void taken(int bytes) {
    onTheWayBytes -= bytes;
    takenNanos = System.nanoTime();
    if (wasFull && !isFull()) {
      wasFull = false;
      onDrained.run();
    }
  }

  /** Whether nothing was added since the last flush. */
  boolean isEmpty() {
    return gathered == null;
  }

  /** Whether the client takes what it is sent, by whomever, as far as can be seen from here. */
  boolean isTaken() {
    return channel.isWritable();
  }

  /** Whether the client should take something before there is more. */
  boolean isFull() {
    ByteBuf out = gathered;
    return onTheWayBytes + (out == null ? 0 : out.readableBytes()) >= fullBytes;
  }

  /** For how long the client has taken nothing of what is on its way; 0 if there is nothing. */
  long stalledMillis(long nowNanos) {
    return onTheWayBytes == 0 ? 0 : TimeUnit.NANOSECONDS.toMillis(nowNanos - takenNanos);
  }

  /** Takes nothing more; what was added still leaves. */
  void end() {
    flush();
    ended = true;
  }

  /** Ends the connection at once, whatever the client has not taken. */
  void hangUp() {
    ended = true;
    HangUp.on(channel);
  }
}
