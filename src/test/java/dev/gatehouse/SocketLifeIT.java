package dev.gatehouse;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.net.SocketException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** How long a connection of {@code /v1/ws} lives with a client that is silent, idle or slow. */
class SocketLifeIT {
  private static final Duration LIMIT = Duration.ofSeconds(30);
  private static final int PING_MILLIS = 1000;

  @RegisterExtension
  static final RunningServer SERVER =
      new RunningServer()
          .withNothingReady()
          .behindOpenPolicy()
          .with("GATEHOUSE_WEBSOCKET_PING_MILLIS", "" + PING_MILLIS)
          .with("GATEHOUSE_WEBSOCKET_IDLE_MILLIS", "6000")
          .with("GATEHOUSE_WEBSOCKET_STALL_MILLIS", "1500")
          .with("GATEHOUSE_WEBSOCKET_SEND_BUFFER_BYTES", "32768");

  private final Api api = SERVER.api();

  @Test
  void whoAnswersPingsLivesUntilItIsIdle() {
    try (SocketClient client = SocketClient.as(api, "agent")) {
      // When
      assertEquals(4440, client.awaitClose());

      // Then
      assertTrue(client.pings() >= 3, "pings: " + client.pings());
    }
  }

  @Test
  void whatIsFollowedKeepsTheConnection() {
    try (SocketClient idle = SocketClient.as(api, "agent");
        SocketClient busy = SocketClient.as(api, "agent")) {
      JsonObject begun =
          busy.ask(201, "execute", Api.execution("bash", "read x").put("interactive", true));

      // When
      idle.awaitClose();
      Eventually.eventually("longer than that", LIMIT, () -> busy.pings() >= 9);

      // Then
      assertFalse(busy.isClosed());
      busy.ask(
          200,
          "stdin",
          new JsonObject()
              .put("execution", begun.getJsonObject("body").getString("id"))
              .put("end", true));
      busy.awaitEnd(begun.getInteger("stream"));
    }
  }

  @Test
  void whoGivesNoSignOfLifeIsClosed() throws Exception {
    try (RawConnection raw = RawConnection.to(api.port())) {
      upgrade(raw);
      // Pings come, and are not answered.
      raw.readUntil("no sign of life");
    }
  }

  @Test
  void aMessageInPiecesMustEnd() throws Exception {
    try (RawConnection raw = RawConnection.to(api.port())) {
      // Given
      upgrade(raw);
      raw.write(piece(0x01));

      // When: piece comes after piece, and none is the last.
      Thread.ofVirtual()
          .start(() ->
              Eventually.eventually("the connection is gone", LIMIT, () -> !takes(raw, piece(0))));

      // Then
      assertTrue(
          raw.readUntil("a message did not end in time").contains(SocketClient.closeFrame(4443)));
    }
  }

  /** One masked byte of a message that goes on. */
  private static byte[] piece(int opcode) {
    return new byte[] {(byte) opcode, (byte) 0x81, 0, 0, 0, 0, ' '};
  }

  private static boolean takes(RawConnection raw, byte[] bytes) {
    try {
      raw.write(bytes);
      return true;
    } catch (IOException e) {
      return false;
    }
  }

  @Test
  void whoTakesNothingIsHungUpOnAndSlowsNobody() throws Exception {
    try (RawConnection slow = RawConnection.slowTo(api.port());
        SocketClient fast = SocketClient.as(api, "agent")) {
      // Given: far more answers than the sockets in between hold.
      upgrade(slow);
      byte[] frame = frame("{\"id\":\"1\",\"type\":\"dance\"}");
      Thread flood =
          Thread.ofVirtual()
              .start(() -> assertThrows(SocketException.class, () -> floodUntilReset(slow, frame)));

      // When
      long worst = 0;
      int rounds = 0;
      while (flood.isAlive()) {
        long begin = System.nanoTime();
        fast.ask(
            200,
            "decide",
            new JsonObject()
                .put("tool", "bash")
                .put("arguments", new JsonObject().put("command", "ls")));
        worst = Math.max(worst, System.nanoTime() - begin);
        rounds++;
      }

      // Then
      assertTrue(flood.join(LIMIT));
      assertTrue(rounds > 10, "the other one was answered " + rounds + " times");
      assertTrue(worst < LIMIT.toNanos() / 10, "and waited at most " + worst + " ns");
    }
  }

  private static void floodUntilReset(RawConnection slow, byte[] frame) throws Exception {
    while (true) {
      slow.write(frame);
    }
  }

  private void upgrade(RawConnection raw) throws Exception {
    String head =
        String.join(
            "\r\n",
            "GET /v1/ws HTTP/1.1",
            "Host: x",
            "Connection: Upgrade",
            "Upgrade: websocket",
            "Sec-WebSocket-Version: 13",
            "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
            "Authorization: Bearer " + api.key("agent"),
            "",
            "");
    assertEquals(101, raw.send(head).reply().status());
  }

  private static byte[] frame(String text) {
    byte[] payload = text.getBytes(StandardCharsets.UTF_8);
    byte[] frame = new byte[payload.length + 6];
    frame[0] = (byte) 0x81;
    frame[1] = (byte) (0x80 | payload.length);
    System.arraycopy(payload, 0, frame, 6, payload.length);
    return frame;
  }
}
