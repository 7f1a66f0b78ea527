package dev.gatehouse.http;

import io.netty.channel.Channel;
import io.netty.channel.ChannelOutboundBuffer;
import io.netty.channel.ChannelPipeline;
import io.netty.util.AttributeKey;
import io.vertx.core.http.HttpConnection;
import io.vertx.core.net.impl.ConnectionBase;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * One connection over HTTP: how much of it is under way, and since when it is idle or its client
 * takes nothing. Confined to its event loop.
 */
final class ConnectionWatch {
  private static final AttributeKey<ConnectionWatch> KEY =
      AttributeKey.valueOf(ConnectionWatch.class, "watch");

  /** The handler by which Vert.x limits silence, which says nothing of what is under way. */
  private static final String SILENCE = "idle";

  private static final String WEB_SOCKET = "wsdecoder";

  private final Connections among;
  private final HttpConnection connection;
  private final Channel channel;
  private int underWay;
  private long idleSinceNanos = System.nanoTime();
  private long takenNanos = idleSinceNanos;
  private int firstPiece;
  private long ofFirstPiece;
  private long owedBytes;
  private boolean closing;

  private ConnectionWatch(Connections among, HttpConnection connection, Channel channel) {
    this.among = among;
    this.connection = connection;
    this.channel = channel;
  }

  static ConnectionWatch begin(Connections among, HttpConnection connection, Channel channel) {
    ConnectionWatch watch = new ConnectionWatch(among, connection, channel);
    channel.attr(KEY).set(watch);
    return watch;
  }

  static ConnectionWatch of(HttpConnection connection) {
    return Objects.requireNonNull(of(((ConnectionBase) connection).channel()));
  }

  static @Nullable ConnectionWatch of(Channel channel) {
    return channel.attr(KEY).get();
  }

  /** All of its event loop. */
  Connections among() {
    return among;
  }

  void begin() {
    underWay++;
  }

  void end() {
    underWay--;
    idleSinceNanos = System.nanoTime();
  }

  boolean isWebSocket() {
    return channel.pipeline().get(WEB_SOCKET) != null;
  }

  /** Whether something that was sent has not been taken, by the client's system at least. */
  boolean owes() {
    ChannelOutboundBuffer buffer = channel.unsafe().outboundBuffer();
    return buffer != null && buffer.totalPendingWriteBytes() > 0;
  }

  /** Hangs up if it is idle, or stalled, for too long. */
  void look(long nowNanos, long idleMillis, long stallMillis) {
    ChannelPipeline pipeline = channel.pipeline();
    if (pipeline.get(SILENCE) != null) {
      pipeline.remove(SILENCE);
    }
    if (!owes() || hasTaken()) {
      takenNanos = nowNanos;
    }
    if (since(takenNanos, nowNanos) > stallMillis) {
      HangUp.on(channel);
    } else if (underWay == 0 && since(idleSinceNanos, nowNanos) > idleMillis) {
      hangUp();
    }
  }

  private void hangUp() {
    if (closing) {
      // It would close behind what it still has to send.
      HangUp.on(channel);
    } else {
      closing = true;
      connection.close();
    }
  }

  /** Whether anything of what is to be sent has gone since this was asked last. */
  private boolean hasTaken() {
    ChannelOutboundBuffer buffer = Objects.requireNonNull(channel.unsafe().outboundBuffer());
    int piece = System.identityHashCode(buffer.current());
    long ofPiece = buffer.currentProgress();
    long bytes = buffer.totalPendingWriteBytes();
    boolean taken = piece != firstPiece || ofPiece != ofFirstPiece || bytes != owedBytes;
    firstPiece = piece;
    ofFirstPiece = ofPiece;
    owedBytes = bytes;
    return taken;
  }

  private static long since(long thenNanos, long nowNanos) {
    return TimeUnit.NANOSECONDS.toMillis(nowNanos - thenNanos);
  }
}
