package dev.gatehouse;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.HexFormat;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The cases of RFC 6455 that concern a server, in the order of its sections 5 to 8. */
class FramesIT {
  private static final Duration LIMIT = Duration.ofSeconds(30);
  private static final String ASK = "{\"id\":\"1\",\"type\":\"dance\"}";
  private static final int FINAL = 0x80;
  private static final int TEXT = 1;
  private static final int CLOSE = 8;
  private static final int PING = 9;
  private static final int PONG = 10;

  @RegisterExtension
  static final RunningServer SERVER =
      new RunningServer().withNothingReady().with("GATEHOUSE_WEBSOCKET_MAX_FRAME_BYTES", "20000");

  private final Api api = SERVER.api();

  @AfterAll
  static void theServerIsAsHealthyAsBefore() {
    Problems.assertAsHealthyAsBefore(SERVER.api());
  }

  @Test
  void framesThatComeWithTheHandshakeAreNotLost() throws Exception {
    try (RawConnection raw = RawConnection.to(api.port())) {
      byte[] frames = all(frame(TEXT, ASK.substring(0, 9)), frame(FINAL, ASK.substring(9)));
      raw.send(all(handshake().getBytes(UTF_8), frames));
      raw.readUntil("type.unknown");
    }
  }

  private String handshake() {
    return "GET /v1/ws HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
        + "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
        + "Authorization: Bearer "
        + api.key("agent")
        + "\r\n\r\n";
  }

  private RawConnection open() throws IOException {
    RawConnection raw = RawConnection.to(api.port());
    int status = raw.send(handshake()).reply().status();
    assertEquals(101, status);
    raw.readUntil("\"hello\"");
    return raw;
  }

  /** A frame with a mask that changes every byte. */
  private static byte[] frame(int head, byte[] payload) {
    ByteBuffer frame = ByteBuffer.allocate(payload.length + 14).put((byte) head);
    if (payload.length < 126) {
      frame.put((byte) (0x80 | payload.length));
    } else if (payload.length < 1 << 16) {
      frame.put((byte) (0x80 | 126)).putShort((short) payload.length);
    } else {
      frame.put((byte) (0x80 | 127)).putLong(payload.length);
    }
    byte[] mask = {0x12, (byte) 0x9F, 0x55, (byte) 0xE3};
    frame.put(mask);
    for (int i = 0; i < payload.length; i++) {
      frame.put((byte) (payload[i] ^ mask[i % 4]));
    }
    byte[] bytes = new byte[frame.position()];
    frame.flip().get(bytes);
    return bytes;
  }

  private static byte[] frame(int head, String payload) {
    return frame(head, payload.getBytes(UTF_8));
  }

  private static byte[] all(byte[]... frames) {
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    for (byte[] frame : frames) {
      all.writeBytes(frame);
    }
    return all.toByteArray();
  }

  private static byte[] closing(int code, String reason) {
    byte[] text = reason.getBytes(UTF_8);
    return frame(
        FINAL | CLOSE,
        ByteBuffer.allocate(2 + text.length).putShort((short) code).put(text).array());
  }

  private static Arguments wrong(String what, int code, byte[]... frames) {
    return Arguments.of(what, code, all(frames));
  }

  private static Stream<Arguments> protocolErrors() {
    byte[] ask = frame(FINAL | TEXT, ASK);
    byte[] badText = {'{', (byte) 0xC0, (byte) 0xAF, '}'};
    Stream<Arguments> single =
        Stream.of(
            wrong("5.2 RSV1 without an extension", 1002, frame(FINAL | 0x40 | TEXT, ASK)),
            wrong("5.2 RSV2", 1002, frame(FINAL | 0x20 | TEXT, ASK)),
            wrong("5.2 RSV3", 1002, frame(FINAL | 0x10 | TEXT, ASK)),
            wrong("5.2 RSV1 of a control frame", 1002, frame(FINAL | 0x40 | PING, "")),
            wrong(
                "5.2 a length that is longer than it must be",
                1002,
                HexFormat.of().parseHex("81fe000012345678")),
            wrong(
                "5.2 a length of 64 bits that is negative",
                1002,
                HexFormat.of().parseHex("81ffffffffffffffffff12345678")),
            wrong(
                "5.2 a length that nobody takes",
                1009,
                HexFormat.of().parseHex("81ff7fffffffffffffff12345678")),
            wrong("5.3 no mask", 1002, HexFormat.of().parseHex("81027b7d")),
            wrong("5.4 a continuation of nothing", 1002, frame(FINAL, "x"), ask),
            wrong("5.4 a continuation of nothing that goes on", 1002, frame(0, "x"), ask),
            wrong("5.4 a message within another", 1002, frame(TEXT, "{"), ask),
            wrong("5.5 a control frame in pieces", 1002, frame(PING, "x")),
            wrong("5.5 a close in pieces", 1002, frame(CLOSE, "")),
            wrong("5.5 a ping of 126 bytes", 1002, frame(FINAL | PING, "x".repeat(126))),
            wrong("5.5 a close of 126 bytes", 1002, closing(1000, "x".repeat(124))),
            wrong("5.5.1 a close of one byte", 1002, frame(FINAL | CLOSE, "x")),
            wrong("5.6 binary", 1003, frame(FINAL | 2, "x")),
            wrong("8.1 text that is no UTF-8", 1007, frame(FINAL | TEXT, badText)),
            wrong(
                "8.1 text that is half a character",
                1007,
                frame(FINAL | TEXT, new byte[] {'{', (byte) 0xE2, (byte) 0x82})),
            wrong(
                "8.1 text in pieces that is no UTF-8",
                1007,
                frame(TEXT, new byte[] {(byte) 0xE2}),
                frame(FINAL, "{}")),
            wrong(
                "8.1 half a surrogate",
                1007,
                frame(FINAL | TEXT, new byte[] {'"', (byte) 0xED, (byte) 0xA0, (byte) 0x80, '"'})),
            wrong(
                "7.1.6 a reason that is no UTF-8",
                1007,
                frame(FINAL | CLOSE, new byte[] {3, (byte) 0xE8, (byte) 0xC0, (byte) 0xAF})),
            wrong("10.4 a frame above the cap", 1009, frame(FINAL | TEXT, " ".repeat(20_001))));
    Stream<Arguments> opcodes =
        IntStream.of(3, 4, 5, 6, 7, 11, 12, 13, 14, 15)
            .mapToObj(opcode -> wrong("5.2 opcode " + opcode, 1002, frame(FINAL | opcode, "")));
    Stream<Arguments> codes =
        IntStream.of(0, 999, 1004, 1005, 1006, 1015, 1016, 1100, 2000, 2999)
            .mapToObj(code -> wrong("7.4 a close with " + code, 1002, closing(code, "")));
    return Stream.of(single, opcodes, codes).flatMap(one -> one);
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("protocolErrors")
  void whatBreaksTheProtocolEndsTheConnectionByItsCode(String what, int code, byte[] frames)
      throws Exception {
    try (RawConnection raw = open()) {
      raw.send(frames);
      raw.readUntil(SocketClient.closeFrame(code));
      raw.send(frame(FINAL | TEXT, ASK));
      assertTrue(raw.ended(), "nothing comes behind it");
    }
  }

  private static Stream<Arguments> goodFrames() {
    String euro = ASK.replace("dance", "dance €");
    byte[] bytes = euro.getBytes(UTF_8);
    byte[][] single = new byte[bytes.length][];
    for (int i = 0; i < bytes.length; i++) {
      int head = (i == 0 ? TEXT : 0) | (i == bytes.length - 1 ? FINAL : 0);
      single[i] = frame(head, new byte[] {bytes[i]});
    }
    return Stream.of(
        Arguments.of("5.4 in pieces, amid characters", all(single)),
        Arguments.of(
            "5.4 with control frames in between",
            all(
                frame(TEXT, ASK.substring(0, 5)),
                frame(FINAL | PING, "between"),
                frame(0, ASK.substring(5, 9)),
                frame(FINAL | PONG, "unasked"),
                frame(FINAL, ASK.substring(9)))),
        Arguments.of(
            "5.4 with empty pieces",
            all(frame(TEXT, ""), frame(0, ""), frame(0, ASK), frame(FINAL, ""))),
        Arguments.of(
            "5.5.2 a ping of 125 bytes",
            all(frame(FINAL | PING, "x".repeat(125)), frame(FINAL | TEXT, ASK))),
        Arguments.of(
            "5.5.3 a pong that nobody asked for",
            all(frame(FINAL | PONG, "x"), frame(FINAL | TEXT, ASK))));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("goodFrames")
  void whatIsUnusualIsUnderstood(String what, byte[] frames) throws Exception {
    try (RawConnection raw = open()) {
      raw.send(frames);
      raw.readUntil("type.unknown");
    }
    // The same byte by byte.
    try (RawConnection raw = open()) {
      for (byte one : frames) {
        raw.send(new byte[] {one});
      }
      raw.readUntil("type.unknown");
    }
  }

  @Test
  void aPingIsAnsweredByItsOwnBytes() throws Exception {
    try (RawConnection raw = open()) {
      raw.send(frame(FINAL | PING, "are you there"));
      raw.readUntil("\u008A\rare you there");
    }
  }

  @ParameterizedTest
  @ValueSource(
      ints = {1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 3000, 3999, 4000, 4999})
  void aCloseIsAnsweredByItsCode(int code) throws Exception {
    try (RawConnection raw = open()) {
      raw.send(closing(code, "bye"));
      raw.readUntil(SocketClient.closeFrame(code));
      assertTrue(raw.ended());
    }
  }

  @Test
  void aCloseWithoutACodeIsAnsweredAndWhatComesBehindItIsNotRead() throws Exception {
    try (RawConnection raw = open()) {
      raw.send(all(frame(FINAL | CLOSE, ""), frame(FINAL | TEXT, ASK)));
      raw.readUntil("\u0088");
      assertTrue(raw.ended());
    }
  }

  @Test
  void aConnectionThatEndsInAFrameLeavesNothingBehind() throws Exception {
    byte[] whole = frame(FINAL | TEXT, ASK);
    for (int sent = 1; sent < whole.length; sent++) {
      try (RawConnection raw = open()) {
        raw.send(java.util.Arrays.copyOf(whole, sent));
      }
    }
    assertEquals(200, api.get("agent", "/readyz").status());
  }

  @Test
  void whoPingsAndReadsNothingIsHungUpOn() throws Exception {
    try (RawConnection raw = RawConnection.slowTo(api.port())) {
      // Given
      raw.send(handshake()).reply();
      byte[][] pings = new byte[1000][];
      java.util.Arrays.fill(pings, frame(FINAL | PING, "x".repeat(125)));
      byte[] many = all(pings);

      // When
      int rounds = 0;
      while (rounds < 1000 && isTaken(raw, many)) {
        rounds++;
      }

      // Then
      assertTrue(rounds < 1000, "it takes no more after " + rounds + " times 131 kB");
    }
    Eventually.eventually("it lives", LIMIT, () -> api.get("agent", "/readyz").status() == 200);
  }

  private static boolean isTaken(RawConnection raw, byte[] bytes) {
    try {
      raw.write(bytes);
      return true;
    } catch (IOException hungUp) {
      return false;
    }
  }
}
