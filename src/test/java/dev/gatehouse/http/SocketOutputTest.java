package dev.gatehouse.http;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.channel.embedded.EmbeddedChannel;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import java.util.Arrays;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class SocketOutputTest {
  private static final int FULL_BYTES = 100;

  private final Vertx vertx = Vertx.vertx();
  private final EmbeddedChannel channel = new EmbeddedChannel();
  private final AtomicInteger drained = new AtomicInteger();
  private final SocketOutput output =
      new SocketOutput(channel, vertx.getOrCreateContext(), FULL_BYTES, drained::incrementAndGet);

  @AfterEach
  void stop() throws Exception {
    channel.finishAndReleaseAll();
    vertx.close().await(20, TimeUnit.SECONDS);
  }

  private static Buffer letters(int count) {
    return Buffer.buffer("x".repeat(count));
  }

  private byte[] sent() {
    ByteBuf out = channel.readOutbound();
    byte[] bytes = ByteBufUtil.getBytes(out);
    out.release();
    return bytes;
  }

  @Test
  void framesOfOneTurnLeaveTogetherWithTheLengthsThatTheProtocolHas() {
    // Given
    output.ping();
    output.text(letters(125));
    output.text(letters(126));
    output.binary(letters(16), letters(70_000));

    // When
    output.flush();

    // Then
    byte[] all = sent();
    assertEquals(2 + (2 + 125) + (4 + 126) + (10 + 70_016), all.length);
    assertArrayEquals(new byte[] {(byte) 0x89, 0, (byte) 0x81, 125, 'x'}, Arrays.copyOf(all, 5));
    assertEquals((byte) 0x81, all[129]);
    assertEquals(126, all[130]);
    assertEquals((byte) 0x82, all[259]);
    assertEquals(127, all[260]);
  }

  @Test
  void whatIsTakenAtOnceMakesRoomAtOnce() {
    // Given: more than may be on its way.
    output.text(letters(FULL_BYTES + 1));
    assertTrue(output.isFull());

    // When: this channel takes it before the call returns.
    output.flush();

    // Then
    assertFalse(output.isFull());
    assertEquals(1, drained.get());
    assertEquals(0, output.stalledMillis(System.nanoTime()));
  }

  @Test
  void nothingIsSentBehindTheEnd() {
    // Given
    output.text(letters(1));
    output.close(SocketClose.TOO_LARGE);

    // When
    output.text(letters(1));
    output.flush();

    // Then
    byte[] all = sent();
    assertEquals((byte) 0x88, all[3]);
    assertEquals(1009, ((all[5] & 0xFF) << 8) | (all[6] & 0xFF));
    assertNull(channel.readOutbound());
  }
}
