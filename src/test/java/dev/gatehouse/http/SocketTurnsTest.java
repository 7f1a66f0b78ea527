package dev.gatehouse.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.gatehouse.Eventually;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class SocketTurnsTest {
  private static final Duration LIMIT = Duration.ofSeconds(30);
  private static final int ASKED = 400;

  private final Vertx vertx = Vertx.vertx();
  private final Context loop = vertx.getOrCreateContext();
  private final AtomicBoolean full = new AtomicBoolean();
  private final SocketTurns turns = new SocketTurns(loop, full::get);
  private final Queue<Promise<Integer>> begun = new ArrayDeque<>();
  private final AtomicInteger answered = new AtomicInteger();

  @AfterEach
  void close() throws Exception {
    vertx.close().await(30, TimeUnit.SECONDS);
  }

  private <T> T onLoop(java.util.function.Supplier<T> work) {
    CompletableFuture<T> done = new CompletableFuture<>();
    loop.runOnContext(turn -> done.complete(work.get()));
    return done.join();
  }

  private int ask() {
    for (int n = 0; n < ASKED; n++) {
      turns
          .take(() -> {
            Promise<Integer> one = Promise.promise();
            begun.add(one);
            return one.future();
          })
          .onSuccess(answer -> answered.incrementAndGet());
    }
    return begun.size();
  }

  @Test
  void fewAreUnderWayAtOnceAndAllAreAnswered() {
    // When
    assertEquals(SocketTurns.MOST, onLoop(this::ask));

    // Then
    Eventually.eventually(
        "all are answered",
        LIMIT,
        () -> {
          onLoop(() -> {
            assertTrue(begun.size() <= SocketTurns.MOST);
            while (!begun.isEmpty()) {
              begun.remove().complete(1);
            }
            return true;
          });
          return answered.get() == ASKED;
        });
  }

  @Test
  void nothingBeginsWhileTheClientTakesNothing() {
    // Given
    full.set(true);

    // When
    assertEquals(0, onLoop(this::ask));
    full.set(false);
    onLoop(() -> {
      turns.goOn();
      return true;
    });

    // Then
    assertEquals(SocketTurns.MOST, onLoop(begun::size));
  }

  @Test
  void whatIsThrownIsAFailure() {
    Future<Integer> failed =
        onLoop(() ->
            turns.take(() -> {
              throw new IllegalStateException("no");
            }));

    assertTrue(failed.failed());
  }
}
