package dev.gatehouse.sandbox;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.gatehouse.config.Configuration;
import dev.gatehouse.config.SandboxSettings;
import dev.gatehouse.config.SandboxSettings.Warm;
import io.vertx.core.Vertx;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;

class PoolTest {
  private static final Warm WARM = new Warm(4, 2, 6, 3);
  private static final Blueprint OLD =
      new Blueprint(QuotasTest.profile("default", 128, 1, WARM), "runsc", "sha256:1");
  private static final Blueprint NEW =
      new Blueprint(QuotasTest.profile("default", 128, 1, WARM), "runsc", "sha256:2");
  private static final Vertx VERTX = Vertx.vertx();

  private final AtomicInteger ids = new AtomicInteger();
  private long nanos;
  private final Pool pool = new Pool(OLD, () -> nanos);

  @AfterAll
  static void close() {
    VERTX.close().await();
  }

  private LiveSandbox add() {
    SandboxSettings limits = Configuration.load(Path.of("conf/gatehouse.yaml"), Map.of()).sandbox();
    LiveSandbox sandbox =
        new LiveSandbox(
            "s" + ids.incrementAndGet(),
            pool.blueprint(),
            VERTX,
            new DockerVerticle(EngineAddress.of(null), limits, "node"),
            limits,
            (ended, reason) -> pool.forget(ended));
    pool.add(sandbox);
    return sandbox;
  }

  @Test
  void belowTheMinimumItIsFilledAtOnceAndAboveItInQuietMomentsOnly() {
    assertTrue(pool.wantsMore(false));
    add();
    assertTrue(pool.wantsMore(false));
    add();
    assertFalse(pool.wantsMore(false), "the minimum stands ready");
    assertTrue(pool.wantsMore(true));
    pool.starting();
    pool.starting();
    assertFalse(pool.wantsMore(true), "two stand ready, two are on their way");
  }

  @Test
  void whileCodeRunsWhatIsAboveTheMinimumIsStartedOneByOne() {
    add();
    assertEquals(Pool.FILLING_AT_ONCE, pool.startsAtOnce(true), "the minimum does not stand ready");
    add();
    assertEquals(1, pool.startsAtOnce(true));
    assertEquals(Pool.FILLING_AT_ONCE, pool.startsAtOnce(false));
  }

  @Test
  void whoMissesMakesItLargerUpToTheMaximumAndCalmMakesItSmallerAgain() {
    // Given
    for (int n = 0; n < 5; n++) {
      pool.missed();
    }
    assertEquals(6, pool.gauges(0).size());
    for (int n = 0; n < 6; n++) {
      add();
    }
    assertNull(pool.surplus());

    // When
    nanos += TimeUnit.SECONDS.toNanos(31);
    LiveSandbox first = pool.surplus();

    // Then
    assertEquals(5, pool.gauges(0).size());
    assertTrue(pool.standingReady().contains(first));
    pool.forget(Objects.requireNonNull(first));
    assertNull(pool.surplus(), "one at a time");
    for (int n = 0; n < 9; n++) {
      nanos += TimeUnit.SECONDS.toNanos(31);
      pool.surplus();
    }
    assertEquals(4, pool.gauges(0).size(), "never below the target");
  }

  @Test
  void itIsNotCalmWhileOneWhoMissedStillWaits() {
    // Given
    pool.missed();

    // When
    nanos += TimeUnit.SECONDS.toNanos(31);
    pool.served(nanos);
    pool.surplus();

    // Then
    assertEquals(5, pool.gauges(0).size());
    nanos += TimeUnit.SECONDS.toNanos(31);
    pool.surplus();
    assertEquals(4, pool.gauges(0).size());
  }

  @Test
  void oneThatDiedIsNeverHandedOut() {
    // Given
    LiveSandbox dead = add();
    LiveSandbox living = add();
    pool.forget(dead);
    dead.end("killed");
    pool.add(dead);
    LiveSandbox alsoDead = add();
    alsoDead.end("killed");

    // When / Then
    assertEquals(living, pool.take());
    assertNull(pool.take());
    assertEquals(1, pool.hits());
  }

  @Test
  void rebuildingDrainsItAndMakesTheNextOnesAnew() {
    // Given
    List<LiveSandbox> before = List.of(add(), add());

    // When
    List<LiveSandbox> drained = pool.rebuild(NEW);

    // Then
    assertEquals(before, drained);
    assertNull(pool.take());
    assertEquals(NEW, pool.blueprint());
    assertTrue(pool.wantsMore(false));
  }
}
