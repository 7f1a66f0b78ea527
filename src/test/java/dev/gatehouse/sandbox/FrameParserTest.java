package dev.gatehouse.sandbox;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.vertx.core.buffer.Buffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class FrameParserTest {
  private static final int STDOUT = 1;
  private static final int STDERR = 2;

  /** Writes down what it hears. */
  private static final class Heard implements FrameParser.Sink {
    final List<String> words = new ArrayList<>();

    @Override
    public void frame(int type, int number, Buffer payload) {
      words.add(type + "/" + number + ":" + payload.toString(StandardCharsets.ISO_8859_1));
    }

    @Override
    public void diagnostics(Buffer text) {
      words.add("!" + text.toString(StandardCharsets.ISO_8859_1));
    }
  }

  private static Buffer frame(int type, int number, String payload) {
    Buffer bytes = Buffer.buffer(payload, "ISO-8859-1");
    return Buffer.buffer()
        .appendUnsignedInt(5L + bytes.length())
        .appendByte((byte) type)
        .appendInt(number)
        .appendBuffer(bytes);
  }

  private static Buffer block(int stream, Buffer content) {
    return Buffer.buffer()
        .appendByte((byte) stream)
        .appendBytes(new byte[3])
        .appendUnsignedInt(content.length())
        .appendBuffer(content);
  }

  private static List<String> heard(Buffer bytes, int... cuts) {
    Heard heard = new Heard();
    FrameParser parser = new FrameParser(heard);
    int from = 0;
    for (int cut : cuts) {
      parser.accept(bytes.getBuffer(from, cut));
      from = cut;
    }
    parser.accept(bytes.getBuffer(from, bytes.length()));
    return heard.words;
  }

  /** Two frames, the second of which begins in one block and ends in the next, and a complaint. */
  private static Buffer conversation() {
    Buffer second = frame(3, -7, "two\0\u00ff");
    return Buffer.buffer()
        .appendBuffer(block(STDOUT, frame(1, 0, "").appendBuffer(second.getBuffer(0, 2))))
        .appendBuffer(block(STDERR, Buffer.buffer("oops")))
        .appendBuffer(block(STDOUT, Buffer.buffer()))
        .appendBuffer(block(STDOUT, second.getBuffer(2, 10)))
        .appendBuffer(block(STDOUT, second.getBuffer(10, second.length())));
  }

  private static final List<String> CONVERSATION = List.of("1/0:", "!oops", "3/-7:two\0\u00ff");

  @Test
  void hearsTheSameWhereverTheStreamIsCut() {
    // Given
    Buffer bytes = conversation();

    for (int first = 0; first <= bytes.length(); first++) {
      for (int second = first; second <= bytes.length(); second++) {
        // When / Then
        assertEquals(sorted(CONVERSATION), sorted(heard(bytes, first, second)));
      }
    }
  }

  /**
   * Complaints come as they are read, frames when they are whole: only each kind keeps its order.
   */
  private static List<String> sorted(List<String> words) {
    return words.stream().sorted().toList();
  }

  @Test
  void hearsTheSameByteByByte() {
    // Given
    Buffer bytes = conversation();
    int[] cuts = new int[bytes.length()];
    for (int i = 0; i < cuts.length; i++) {
      cuts[i] = i;
    }

    // When / Then
    assertEquals(CONVERSATION, heard(bytes, cuts));
  }

  @Test
  void takesTheLongestFrameAndNoLonger() {
    // Given
    String longest = "x".repeat(FrameParser.MAX_FRAME_BYTES - 5);
    Buffer frame = frame(2, 1, longest);
    Buffer tooLong = frame(2, 1, longest + "x");

    // When / Then: a block is no longer than a frame may be, so it takes two.
    assertEquals(
        List.of("2/1:" + longest),
        heard(
            block(STDOUT, frame.getBuffer(0, 100))
                .appendBuffer(block(STDOUT, frame.getBuffer(100, frame.length())))));
    assertThrows(
        FrameParser.ProtocolException.class, () -> heard(block(STDOUT, tooLong.getBuffer(0, 100))));
  }

  @ParameterizedTest
  @ValueSource(longs = {0, 4, FrameParser.MAX_FRAME_BYTES + 1, 1L << 31, 0xFFFF_FFFFL})
  void refusesAFrameThatClaimsAnImpossibleLength(long claim) {
    // Given
    Buffer bytes = block(STDOUT, Buffer.buffer().appendUnsignedInt(claim).appendBytes(new byte[5]));

    // When / Then: at its first bytes, without waiting for the rest.
    assertThrows(FrameParser.ProtocolException.class, () -> heard(bytes));
  }

  @ParameterizedTest
  @ValueSource(longs = {FrameParser.MAX_FRAME_BYTES + 1, 1L << 31, 0xFFFF_FFFFL})
  void refusesABlockThatClaimsAnImpossibleLength(long claim) {
    // Given
    Buffer bytes = Buffer.buffer().appendByte((byte) 1).appendBytes(new byte[3]);
    bytes.appendUnsignedInt(claim);

    // When / Then
    assertThrows(FrameParser.ProtocolException.class, () -> heard(bytes));
  }

  @Property(tries = 2000)
  void garbageIsHeardOrRefused(@ForAll byte[] garbage, @ForAll @IntRange(max = 300) int cut) {
    try {
      heard(Buffer.buffer(garbage), Math.min(cut, garbage.length));
    } catch (FrameParser.ProtocolException refused) {
      assertTrue(String.valueOf(refused.getMessage()).contains("bytes"));
    }
  }

  @Property(tries = 2000)
  void garbageOfTheGuestIsHeardOrRefused(@ForAll byte[] garbage) {
    garbageIsHeardOrRefused(block(STDOUT, Buffer.buffer(garbage)).getBytes(), garbage.length / 2);
  }

  @Property(tries = 2000)
  void whatIsWrittenIsHeard(
      @ForAll byte type, @ForAll int number, @ForAll byte[] payload, @ForAll int place) {
    // Given
    String text = new String(payload, StandardCharsets.ISO_8859_1);
    Buffer bytes = block(STDOUT, frame(type, number, text));

    // When / Then
    assertEquals(
        List.of(type + "/" + number + ":" + text),
        heard(bytes, Math.floorMod(place, bytes.length())));
  }
}
