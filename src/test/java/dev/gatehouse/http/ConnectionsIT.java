package dev.gatehouse.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.gatehouse.Eventually;
import io.vertx.core.Context;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerRequest;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A whole answer of many megabytes, and clients on real sockets that take it or do not. */
class ConnectionsIT {
  private static final Duration LIMIT = Duration.ofSeconds(30);
  private static final int STALL_MILLIS = 3_000;
  private static final int ANSWER_BYTES = 64 << 20;

  private final Vertx vertx = Vertx.vertx();
  private final Context loop = vertx.getOrCreateContext();
  private final Connections connections = new Connections(60_000, STALL_MILLIS);
  private final AtomicInteger gone = new AtomicInteger();
  private int port;

  @BeforeEach
  void aServer() throws Exception {
    CompletableFuture<HttpServer> listening = new CompletableFuture<>();
    loop.runOnContext(turn -> {
      connections.watch(loop);
      vertx
          .createHttpServer()
          .connectionHandler(connection -> {
            connections.add(connection);
            connection.closeHandler(closed -> gone.incrementAndGet());
          })
          .requestHandler(this::answer)
          .listen(0, "127.0.0.1")
          .onComplete(listening::complete, listening::completeExceptionally);
    });
    port = listening.get(30, TimeUnit.SECONDS).actualPort();
  }

  private void answer(HttpServerRequest request) {
    ConnectionWatch watch = connections.begin(request);
    request.response().endHandler(ended -> connections.end(watch));
    request.response().end(Buffer.buffer(new byte[ANSWER_BYTES]));
  }

  @AfterEach
  void noServer() throws Exception {
    vertx.close().await(30, TimeUnit.SECONDS);
  }

  private Socket asked(int receiveBytes) throws Exception {
    Socket socket = new Socket();
    socket.setReceiveBufferSize(receiveBytes);
    socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 30_000);
    socket.setSoTimeout(30_000);
    socket
        .getOutputStream()
        .write("GET / HTTP/1.1\r\nHost: g\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
    return socket;
  }

  private boolean isQuiet() {
    CompletableFuture<Boolean> quiet = new CompletableFuture<>();
    loop.runOnContext(turn -> quiet.complete(connections.isQuiet()));
    return quiet.join();
  }

  @Test
  void whoTakesNothingOfOneAnswerIsHungUpOn() throws Exception {
    try (Socket slow = asked(8 << 10)) {
      assertTrue(slow.isConnected());
      Eventually.eventually("it is hung up on", LIMIT, () -> gone.get() == 1);
    }
  }

  @Test
  void whoTakesALittleNowAndThenIsNot() throws Exception {
    try (Socket steady = asked(1 << 20)) {
      // Given: what lasts for several times as long as nobody may take nothing.
      InputStream in = steady.getInputStream();
      AtomicInteger taken = new AtomicInteger();
      for (int slow = 1; slow <= 3; slow++) {
        int hungUpOn = slow;
        try (Socket other = asked(8 << 10)) {
          assertTrue(other.isConnected());
          Eventually.eventually(
              "another one is hung up on",
              LIMIT,
              () -> {
                taken.addAndGet(read(in, 64 << 10));
                return gone.get() >= hungUpOn;
              });
        }
        assertEquals(hungUpOn, gone.get());
      }

      // Then: the rest comes.
      assertEquals(ANSWER_BYTES, taken.get() + read(in, ANSWER_BYTES - taken.get()));
      Eventually.eventually("all of it was taken", LIMIT, this::isQuiet);
    }
  }

  private static int read(InputStream in, int most) {
    try {
      return in.readNBytes(most).length;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
