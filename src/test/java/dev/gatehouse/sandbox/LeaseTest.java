package dev.gatehouse.sandbox;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.gatehouse.config.Configuration;
import dev.gatehouse.config.SandboxSettings;
import dev.gatehouse.config.SandboxSettings.Warm;
import dev.gatehouse.sandbox.SandboxInfo.State;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class LeaseTest {
  private static final SandboxSettings LIMITS =
      Configuration.load(Path.of("conf/gatehouse.yaml"), Map.of()).sandbox();

  private final Vertx vertx = Vertx.vertx();
  private final LiveSandbox sandbox =
      new LiveSandbox(
          "s",
          new Blueprint(
              QuotasTest.profile("default", 128, 1, new Warm(0, 0, 0, 1)), "runsc", "sha256:1"),
          vertx,
          new DockerVerticle(EngineAddress.of(null), LIMITS, "node"),
          LIMITS,
          (ended, reason) -> {});
  private final Lease lease =
      new Lease(
          vertx,
          sandbox,
          SandboxOrder.oneShot(new Owner("default", "agent", "s"), "default", 60, null),
          true);

  @AfterEach
  void close() {
    vertx.close().await();
  }

  private static SandboxException.Kind refusal(Future<?> future) {
    return ((SandboxException) future.cause()).kind();
  }

  @Test
  void whileItIsBeingPausedNothingRunsAndAFailureLeavesItRunning() {
    // Given
    Promise<Void> engine = Promise.promise();
    Future<SandboxInfo> paused = lease.change(State.PAUSED, engine::future);

    // When
    Future<String> used = lease.use(() -> Future.succeededFuture("ran"));
    Future<SandboxInfo> again = lease.change(State.RUNNING, Future::succeededFuture);
    engine.fail("the engine cannot");

    // Then
    assertEquals(SandboxException.Kind.PAUSED, refusal(used));
    assertEquals(SandboxException.Kind.IN_USE, refusal(again));
    assertTrue(paused.failed());
    assertEquals(State.RUNNING, lease.info().state());
    assertEquals("ran", lease.use(() -> Future.succeededFuture("ran")).result());
  }

  @Test
  void whatIsUsedIsNotPausedUntilAllUsesAreOver() {
    // Given
    Promise<String> first = Promise.promise();
    Promise<String> second = Promise.promise();
    lease.use(first::future);
    lease.use(second::future);

    // When / Then
    Future<SandboxInfo> refused = lease.change(State.PAUSED, Future::succeededFuture);
    assertEquals(SandboxException.Kind.IN_USE, refusal(refused));
    first.complete("done");
    assertTrue(lease.change(State.PAUSED, Future::succeededFuture).failed());
    second.fail("done as well");
    assertEquals(
        State.PAUSED, lease.change(State.PAUSED, Future::succeededFuture).result().state());
  }

  @Test
  void pausingWhatIsPausedAsksTheEngineForNothing() {
    // Given
    lease.change(State.PAUSED, Future::succeededFuture);

    // When
    Future<SandboxInfo> again =
        lease.change(State.PAUSED, () -> Future.failedFuture("it is paused already"));

    // Then
    assertEquals(State.PAUSED, again.result().state());
    assertFalse(lease.use(() -> Future.succeededFuture("ran")).succeeded());
  }

  @Test
  void aRenewalMovesTheEndToSoLongFromNow() {
    // When
    lease.renew(600);

    // Then
    SandboxInfo info = lease.info();
    assertFalse(info.expiresAt().isBefore(info.createdAt().plusSeconds(600)));
    assertTrue(info.expiresAt().isBefore(info.createdAt().plusSeconds(660)));
  }

  @Test
  void lastWordsComeToAStableReason() {
    assertEquals(Ending.EXPIRED, Ending.of("expired"));
    assertEquals(Ending.KILLED, Ending.of(Ending.BROKE_PROTOCOL + ": a frame of unknown type 9"));
    assertEquals(Ending.KILLED, Ending.of(Ending.DISOBEYED));
    assertEquals(Ending.KILLED, Ending.of(Ending.DISOBEYED_FILES));
    assertEquals(Ending.KILLED, Ending.of(Ending.UNFENCED));
    assertEquals(Ending.DIED, Ending.of(Ending.STOPPED));
  }
}
