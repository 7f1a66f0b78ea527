package dev.gatehouse.store;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.pgclient.PgException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

@SuppressWarnings("NullAway.Init")
class GatheringTest {
  private static final Gathering.Bounds WIDE = new Gathering.Bounds(100, 1000, 100, 1000, 60_000);

  private Vertx vertx;
  private Context context;
  private Batches batches;
  private Gathering<String, String> calledFromWithin;

  /**
   * What was sent, each answered by the test. A call's bytes are its length, its key what it has
   * before a dash.
   */
  private static final class Batches implements Gathering.Statement<String, String> {
    private final List<List<String>> sent = new ArrayList<>();
    private final List<Promise<List<String>>> replies = new ArrayList<>();

    @Override
    public Future<List<String>> send(List<String> calls) {
      Promise<List<String>> reply = Promise.promise();
      sent.add(calls);
      replies.add(reply);
      return reply.future();
    }

    @Override
    public int bytes(String call) {
      return call.length();
    }

    @Override
    public Object key(String call) {
      return call.split("-", 2)[0];
    }

    void answer(int batch) {
      replies.get(batch).complete(sent.get(batch).stream().map(call -> "did " + call).toList());
    }
  }

  @BeforeEach
  void start() {
    vertx = Vertx.vertx();
    context = vertx.getOrCreateContext();
    batches = new Batches();
  }

  @AfterEach
  void stop() throws Exception {
    vertx.close().await(20, TimeUnit.SECONDS);
  }

  /** Does something on one event loop, whose futures are complete when it returns. */
  private <T> T on(Callable<T> work) throws Exception {
    CompletableFuture<T> done = new CompletableFuture<>();
    context.runOnContext(now -> {
      try {
        done.complete(work.call());
      } catch (Exception e) {
        done.completeExceptionally(e);
      }
    });
    return done.get(20, TimeUnit.SECONDS);
  }

  private Gathering<String, String> gathering(Gathering.Bounds bounds) {
    return new Gathering<>(vertx, bounds, batches);
  }

  private List<Future<String>> call(Gathering<String, String> gathering, String... calls)
      throws Exception {
    return on(() -> Stream.of(calls).map(gathering::call).toList());
  }

  private void answer(int batch) throws Exception {
    on(() -> {
      batches.answer(batch);
      return batch;
    });
  }

  private void fail(int batch, Throwable failure) throws Exception {
    on(() -> {
      batches.replies.get(batch).fail(failure);
      return batch;
    });
  }

  private static String get(Future<String> future) throws Exception {
    return future.await(20, TimeUnit.SECONDS);
  }

  private static Throwable failureOf(Future<String> future) throws Exception {
    return future
        .map(done -> new AssertionError("it succeeded: " + done))
        .<Throwable>map(error -> error)
        .otherwise(failure -> failure)
        .await(20, TimeUnit.SECONDS);
  }

  @Test
  void aSingleCallLeavesAtOnceAndWhatComesMeanwhileGoesTogether() throws Exception {
    // Given
    Gathering<String, String> gathering = gathering(WIDE);
    List<Future<String>> calls = call(gathering, "a", "b", "c");
    assertEquals(List.of(List.of("a")), batches.sent);

    // When
    answer(0);

    // Then
    assertEquals(List.of(List.of("a"), List.of("b", "c")), batches.sent);
    answer(1);
    assertEquals("did a", get(calls.get(0)));
    assertEquals("did c", get(calls.get(2)));
    call(gathering, "d");
    assertEquals(List.of("d"), batches.sent.get(2));
  }

  @Test
  void aBatchIsBoundedInNumberAndInBytes() throws Exception {
    // Given
    call(
        gathering(new Gathering.Bounds(2, 5, 100, 1000, 60_000)),
        "a",
        "b",
        "c",
        "dd",
        "eeee",
        "ffffffff");

    // When
    for (int i = 0; i < 4; i++) {
      answer(i);
    }

    // Then
    assertEquals(
        List.of(
            List.of("a"), List.of("b", "c"), List.of("dd"), List.of("eeee"), List.of("ffffffff")),
        batches.sent);
  }

  @Test
  void ofCallsWithOneKeyABatchHasTheEarliestAlone() throws Exception {
    // Given
    call(gathering(WIDE), "a", "k-1", "k-2", "b", "k-3");

    // When
    for (int i = 0; i < 3; i++) {
      answer(i);
    }

    // Then
    assertEquals(
        List.of(List.of("a"), List.of("k-1", "b"), List.of("k-2"), List.of("k-3")), batches.sent);
  }

  @Test
  void aFailedBatchFailsEachOfItsCallersAndTheNextOneGoes() throws Exception {
    // Given
    Gathering<String, String> gathering = gathering(WIDE);
    List<Future<String>> calls = call(gathering, "a", "b", "c");
    answer(0);
    IllegalStateException lost = new IllegalStateException("connection lost");
    Future<String> next = call(gathering, "d").get(0);

    // When
    fail(1, lost);

    // Then
    assertSame(lost, failureOf(calls.get(1)));
    assertSame(lost, failureOf(calls.get(2)));
    answer(2);
    assertEquals("did d", get(next));
  }

  @Test
  void aRefusedValueFailsItsCallerAlone() throws Exception {
    // Given
    List<Future<String>> calls = call(gathering(WIDE), "a", "good", "bad", "fine");
    answer(0);
    PgException refused = new PgException("invalid text", "ERROR", "22P05", "");

    // When
    fail(1, refused);
    answer(2);
    fail(3, refused);
    answer(4);

    // Then
    assertEquals(
        List.of(List.of("good"), List.of("bad"), List.of("fine")), batches.sent.subList(2, 5));
    assertEquals("did good", get(calls.get(1)));
    assertSame(refused, failureOf(calls.get(2)));
    assertEquals("did fine", get(calls.get(3)));
  }

  @Test
  void moreThanMayWaitIsRefused() throws Exception {
    // When
    List<Future<String>> inNumber =
        call(gathering(new Gathering.Bounds(9, 9, 2, 100, 60_000)), "a", "b", "c", "d");
    List<Future<String>> inBytes =
        call(gathering(new Gathering.Bounds(9, 9, 100, 4, 60_000)), "a", "bbb", "cc", "d");

    // Then
    assertInstanceOf(StoreBusyException.class, failureOf(inNumber.get(3)));
    assertTrue(!inNumber.get(2).isComplete());
    assertInstanceOf(StoreBusyException.class, failureOf(inBytes.get(2)));
    assertTrue(!inBytes.get(3).isComplete());
  }

  @Test
  void aBatchThatNeverReturnsHoldsNobodyLongerThanItMay() throws Exception {
    // Given: the second call comes before the time of the first begins to run.
    List<Future<String>> second = new ArrayList<>();
    AtomicInteger sent = new AtomicInteger();
    calledFromWithin =
        new Gathering<>(
            vertx,
            new Gathering.Bounds(9, 9, 9, 9, 50),
            new Gathering.Statement<>() {
              @Override
              public Future<List<String>> send(List<String> calls) {
                if (sent.incrementAndGet() == 1) {
                  second.add(calledFromWithin.call("b"));
                }
                return Promise.<List<String>>promise().future();
              }

              @Override
              public int bytes(String call) {
                return call.length();
              }

              @Override
              public Object key(String call) {
                return call;
              }
            });

    // When
    Future<String> first = on(() -> calledFromWithin.call("a"));

    // Then
    failureOf(first);
    assertInstanceOf(StoreBusyException.class, failureOf(second.getFirst()));
    assertEquals(1, sent.get());
  }

  @Test
  void aStatementThatCannotBeMadeFailsItsCallers() throws Exception {
    // Given
    Gathering<String, String> broken =
        new Gathering<>(
            vertx,
            WIDE,
            new Gathering.Statement<>() {
              @Override
              public Future<List<String>> send(List<String> calls) {
                return calls.contains("short")
                    ? Future.succeededFuture(List.of())
                    : Future.failedFuture(new IllegalStateException("cannot be made"));
              }

              @Override
              public int bytes(String call) {
                return 1;
              }

              @Override
              public Object key(String call) {
                return call;
              }
            });

    // When
    List<Future<String>> calls = call(broken, "a", "short");

    // Then
    assertInstanceOf(IllegalStateException.class, failureOf(calls.get(0)));
    assertEquals("0 results of 1 calls", failureOf(calls.get(1)).getMessage());
  }

  @Test
  void eachFutureCompletesOnItsCallersContext() throws Exception {
    // Given
    Gathering<String, String> gathering = gathering(WIDE);
    ConcurrentLinkedQueue<Boolean> own = new ConcurrentLinkedQueue<>();
    List<CompletableFuture<Void>> heard = new ArrayList<>();
    for (String call : List.of("a", "b", "c", "d")) {
      Context caller = vertx.getOrCreateContext();
      CompletableFuture<Void> done = new CompletableFuture<>();
      CompletableFuture<Void> called = new CompletableFuture<>();
      heard.add(done);
      caller.runOnContext(now -> {
        gathering
            .call(call)
            .onComplete(result -> {
              own.add(caller.equals(Vertx.currentContext()));
              done.complete(null);
            });
        called.complete(null);
      });
      called.get(20, TimeUnit.SECONDS);
    }

    // When
    answer(0);
    answer(1);

    // Then
    for (CompletableFuture<Void> done : heard) {
      done.get(20, TimeUnit.SECONDS);
    }
    assertEquals(List.of(true, true, true, true), List.copyOf(own));
  }
}
