package dev.gatehouse.gate;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TokenBucketTest {
  private static final long SECOND = 1_000_000_000L;

  private static int taken(TokenBucket bucket, long now, int tries) {
    return (int) IntStream.range(0, tries).filter(n -> bucket.take(1, now, 0) == 0).count();
  }

  @ParameterizedTest
  @ValueSource(longs = {0, 12_345, -SECOND, Long.MAX_VALUE - SECOND / 2, Long.MIN_VALUE})
  void aBurstIsThereAtOnceAndThenTokensComeSteadily(long start) {
    // Given
    TokenBucket bucket = new TokenBucket(10, 5, start);

    // When / Then
    assertEquals(5, taken(bucket, start, 100));
    assertEquals(0, taken(bucket, start + SECOND / 10 - 1, 100));
    assertEquals(1, taken(bucket, start + SECOND / 10, 100));
    assertEquals(3, taken(bucket, start + SECOND * 4 / 10, 100));
    assertEquals(5, taken(bucket, start + 100 * SECOND, 100), "no more than the burst is kept");
  }

  @Test
  void withoutABurstItIsWhatComesInASecond() {
    assertEquals(10, taken(new TokenBucket(10, 0, 0), 0, 100));
    assertEquals(1, taken(new TokenBucket(0.5, 0, 0), 0, 100), "one at least");
  }

  @Test
  void whoIsRefusedHearsWhenThereIsOneAgainAndHasTakenNone() {
    // Given
    TokenBucket bucket = new TokenBucket(2, 1, 0);
    bucket.take(1, 0, 0);

    // When
    long first = bucket.take(1, 0, 0);
    long second = bucket.take(1, 0, 0);

    // Then
    assertEquals(-SECOND / 2, first);
    assertEquals(first, second);
    assertEquals(0, bucket.take(1, SECOND / 2, 0));
  }

  @Test
  void whoIsPatientIsToldHowLongToWaitAndOthersComeAfterHim() {
    // Given
    TokenBucket bucket = new TokenBucket(10, 10, 0);

    // When
    long wait = bucket.take(30, 0, 10 * SECOND);

    // Then
    assertEquals(2 * SECOND, wait);
    assertTrue(bucket.take(1, 0, 0) < 0);
    assertEquals(-22 * SECOND / 10, bucket.take(2, 0, SECOND), "by then 32 were taken");
    bucket.give(30);
    assertEquals(10, taken(bucket, 0, 100));
  }

  @Test
  void noLimitIsNone() {
    assertEquals(1000, taken(new TokenBucket(0, 1, 0), 0, 1000));
  }

  /** Under contention a token must be neither lost nor given twice. */
  @Test
  void ofManyThreadsTogetherExactlyTheBurstIsTaken() {
    // Given
    TokenBucket bucket = new TokenBucket(1, 10_000, 0);
    AtomicInteger taken = new AtomicInteger();

    // When
    Stream<Thread> threads =
        IntStream.range(0, 8)
            .mapToObj(
                n -> Thread.ofPlatform().start(() -> taken.addAndGet(taken(bucket, 0, 5_000))))
            .toList()
            .stream();
    threads.forEach(TokenBucketTest::join);

    // Then
    assertEquals(10_000, taken.get());
  }

  private static void join(Thread thread) {
    try {
      thread.join();
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }
}
