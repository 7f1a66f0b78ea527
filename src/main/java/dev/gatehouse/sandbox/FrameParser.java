package dev.gatehouse.sandbox;

import io.vertx.core.buffer.Buffer;

/**
 * Cuts the supervisor's words out of the engine's stream. Two layers: the engine wraps what the
 * container writes in blocks of a stream number and a length; the supervisor writes frames of a
 * length, a type, an execution's number and a payload, which begin and end anywhere in the blocks.
 *
 * <p>Everything is the guest's word: lengths are bounded, and what breaks a bound is refused.
 * Confined to one thread.
 */
final class FrameParser {
  /** Frames longer than this are a guest's nonsense; the supervisor's own stay below 80 KiB. */
  static final int MAX_FRAME_BYTES = 256 << 10;

  private static final int BLOCK_HEADER = 8;
  private static final int FRAME_HEADER = 9;
  private static final int STDOUT = 1;

  /** Where frames go. */
  interface Sink {
    void frame(int type, int number, Buffer payload);

    /** What the supervisor wrote to its standard error: never in normal life. */
    void diagnostics(Buffer text);
  }

  /** The guest does not speak the protocol. */
  static final class ProtocolException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    ProtocolException(String message) {
      super(message, null, false, false);
    }
  }

  private final Sink sink;
  private Buffer blocks = Buffer.buffer();
  private Buffer frames = Buffer.buffer();

  FrameParser(Sink sink) {
    this.sink = sink;
  }

  /**
   * Takes bytes as they came from the engine.
   *
   * @throws ProtocolException if they cannot be what the supervisor would write
   */
  void accept(Buffer bytes) {
    blocks.appendBuffer(bytes);
    int position = 0;
    while (blocks.length() - position >= BLOCK_HEADER) {
      int stream = blocks.getByte(position);
      long length = blocks.getUnsignedInt(position + 4);
      if (length > MAX_FRAME_BYTES) {
        throw new ProtocolException("the engine announced a block of " + length + " bytes");
      }
      if (blocks.length() - position - BLOCK_HEADER < length) {
        break;
      }
      int begin = position + BLOCK_HEADER;
      position = begin + (int) length;
      Buffer content = blocks.slice(begin, position);
      if (stream == STDOUT) {
        frames.appendBuffer(content);
      } else {
        sink.diagnostics(content);
      }
    }
    blocks = rest(blocks, position);
    cutFrames();
  }

  private void cutFrames() {
    int position = 0;
    while (frames.length() - position >= FRAME_HEADER) {
      long length = frames.getUnsignedInt(position);
      if (length < FRAME_HEADER - 4 || length > MAX_FRAME_BYTES) {
        throw new ProtocolException("a frame claims to be " + length + " bytes long");
      }
      int end = position + 4 + (int) length;
      if (frames.length() < end) {
        break;
      }
      int type = frames.getByte(position + 4);
      int number = frames.getInt(position + 5);
      sink.frame(type, number, frames.getBuffer(position + FRAME_HEADER, end));
      position = end;
    }
    frames = rest(frames, position);
  }

  private static Buffer rest(Buffer buffer, int position) {
    if (position == 0) {
      return buffer;
    }
    return position == buffer.length()
        ? Buffer.buffer()
        : buffer.getBuffer(position, buffer.length());
  }
}
