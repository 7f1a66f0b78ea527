package dev.gatehouse.gate;

import io.vertx.core.buffer.Buffer;
import java.nio.charset.StandardCharsets;

/**
 * What was typed to one program, so that what is typed next is judged together with it: a command
 * may come in pieces. Only one piece is on its way at a time. May be used from any thread.
 */
final class TypedText {
  /** How much of what was typed before is judged again, in characters; the latest. */
  static final int MAX_EARLIER_CHARS = 16 << 10;

  private String earlier = "";
  private boolean cut;
  private long pieces;
  private boolean underWay;

  /**
   * A piece as it is judged.
   *
   * @param piece what is to be sent; what is not UTF-8 replaced, NUL left out as shells do
   * @param whole the piece with what was typed before it
   * @param cut whether something that was typed before is not in it
   * @param number of pieces that were sent before
   */
  record Judged(String piece, String whole, boolean cut, long number) {}

  synchronized Judged with(Buffer bytes) {
    String piece = bytes.toString(StandardCharsets.UTF_8).replace("\0", "");
    return new Judged(piece, earlier + piece, cut, pieces);
  }

  /** Puts a judged piece on its way; false if another was sent since, or is on its way. */
  synchronized boolean begin(Judged judged) {
    if (underWay || judged.number() != pieces) {
      return false;
    }
    underWay = true;
    return true;
  }

  synchronized void sent(Judged judged) {
    underWay = false;
    pieces++;
    earlier = judged.whole();
    if (earlier.length() > MAX_EARLIER_CHARS) {
      cut = true;
      earlier = earlier.substring(earlier.length() - MAX_EARLIER_CHARS);
    }
  }

  synchronized void notSent() {
    underWay = false;
  }
}
