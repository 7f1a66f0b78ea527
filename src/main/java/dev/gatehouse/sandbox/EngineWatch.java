package dev.gatehouse.sandbox;

import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.net.NetClient;
import io.vertx.core.net.NetSocket;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Whether the engine answers. It is asked now and then, and a stream of its events is held open:
 * its close tells of the engine's end at once, and what it says, of images that may have changed.
 * Confined to the sandbox loop.
 */
final class EngineWatch {
  private static final Logger LOGGER = LoggerFactory.getLogger(EngineWatch.class);
  private static final long PING_MILLIS = 2_000;
  private static final long PING_LIMIT_MILLIS = 5_000;

  /** So long after the engine's end sandboxes that stop have stopped with it. */
  private static final long LOST_NANOS = TimeUnit.SECONDS.toNanos(10);

  /** {@code filters={"type":["image"]}} */
  private static final String EVENTS_OF_IMAGES =
      "GET /events?filters=%7B%22type%22%3A%5B%22image%22%5D%7D HTTP/1.1\r\nHost: engine\r\n\r\n";

  /** Who hears of it. */
  interface Listener {
    void engineAnswersAgain();

    void engineIsAway();

    /** An image was made, named or removed. */
    void imagesChanged();
  }

  private final Vertx vertx;
  private final DockerVerticle docker;
  private final NetClient client;
  private final EngineAddress address;
  private final Listener listener;
  private boolean answers = true;
  private boolean asking;
  private boolean listening;
  private boolean closed;
  private long lostNanos = System.nanoTime() - LOST_NANOS;

  EngineWatch(
      Vertx vertx,
      DockerVerticle docker,
      NetClient client,
      EngineAddress address,
      Listener listener) {
    this.vertx = vertx;
    this.docker = docker;
    this.client = client;
    this.address = address;
    this.listener = listener;
  }

  void start() {
    vertx.setPeriodic(PING_MILLIS, id -> ask());
    listen();
  }

  void close() {
    closed = true;
  }

  /** Whether the engine answered when it was last asked. */
  boolean answers() {
    return answers;
  }

  /** Whether what stops now has stopped because the engine did. */
  boolean isLostOrWas() {
    return !answers || System.nanoTime() - lostNanos < LOST_NANOS;
  }

  private void ask() {
    if (asking || closed) {
      return;
    }
    asking = true;
    docker
        .ping()
        .onComplete(done -> asking = false)
        .timeout(PING_LIMIT_MILLIS, TimeUnit.MILLISECONDS)
        .onComplete(answered -> heard(answered.succeeded()));
  }

  /** Asks now; true if the engine answers. */
  Future<Boolean> look() {
    return docker
        .ping()
        .timeout(PING_LIMIT_MILLIS, TimeUnit.MILLISECONDS)
        .map(true)
        .otherwise(false)
        .onSuccess(this::heard);
  }

  private void heard(boolean answer) {
    if (answer && !listening) {
      listen();
    }
    if (answers == answer || closed) {
      return;
    }
    answers = answer;
    LOGGER.warn("the Docker engine {}", answers ? "answers again" : "is away");
    if (answers) {
      listener.engineAnswersAgain();
    } else {
      listener.engineIsAway();
    }
  }

  private void listen() {
    listening = true;
    client.connect(address.socket()).onSuccess(this::hear).onFailure(failure -> listening = false);
  }

  private void hear(NetSocket socket) {
    // What is said is not read: a look at the images is cheaper than to be wrong about it.
    socket.handler(bytes -> listener.imagesChanged());
    socket.exceptionHandler(failure -> LOGGER.debug("the engine's events failed", failure));
    socket.closeHandler(ignored -> {
      listening = false;
      lostNanos = System.nanoTime();
      ask();
    });
    socket.write(EVENTS_OF_IMAGES);
  }
}
