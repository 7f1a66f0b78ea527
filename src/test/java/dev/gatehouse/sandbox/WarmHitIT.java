package dev.gatehouse.sandbox;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.gatehouse.Eventually;
import dev.gatehouse.config.Configuration;
import dev.gatehouse.latency.LatencyRegistry;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** The way of a hit, seen from the loop on which it goes. */
@SuppressWarnings("NullAway.Init")
class WarmHitIT {
  private static final Duration LIMIT = Duration.ofSeconds(60);
  private static final int WARM = 3;
  private static final Configuration CONFIGURATION =
      Configuration.load(
          Path.of("conf/gatehouse.yaml"), Map.of("GATEHOUSE_SANDBOX_WARM", String.valueOf(WARM)));

  private static Vertx vertx;
  private static Sandboxes sandboxes;

  @BeforeAll
  static void start() throws Exception {
    vertx = Vertx.vertx();
    sandboxes =
        Sandboxes.start(
                vertx,
                EngineAddress.of(System.getenv("DOCKER_HOST")),
                CONFIGURATION.sandbox(),
                CONFIGURATION.limits(),
                UUID.randomUUID().toString(),
                new LatencyRegistry(),
                (sandbox, ending, text) -> {},
                (sandbox, access) -> Future.succeededFuture(),
                (id, claim) -> Future.succeededFuture(Optional.empty()))
            .await(60, TimeUnit.SECONDS);
  }

  @AfterAll
  static void stop() throws Exception {
    sandboxes.close().await(60, TimeUnit.SECONDS);
    vertx.close().await(60, TimeUnit.SECONDS);
  }

  private static void awaitFull() {
    Eventually.eventually(
        "the pool is full and nothing is under way",
        LIMIT,
        () -> {
          PoolGauges gauges = sandboxes.gauges();
          return gauges.ready() == WARM && gauges.starting() + gauges.removing() == 0;
        });
  }

  /** What one turn of the loop came to. */
  private record Turn(boolean served, boolean warm, long engineCalls) {}

  private static Turn take(int count) {
    CompletableFuture<Turn> turn = new CompletableFuture<>();
    SandboxVerticle verticle = sandboxes.verticle();
    Owner owner = new Owner("default", "agent", "s");
    verticle
        .loop()
        .runOnContext(ignored -> {
          long before = sandboxes.engineCalls();
          List<Future<SandboxInfo>> leases =
              IntStream.range(0, count)
                  .mapToObj(n ->
                      verticle.lease(
                          SandboxOrder.oneShot(owner, "default", 60, null),
                          ExecutionFollower.silent()))
                  .toList();
          turn.complete(
              new Turn(
                  leases.stream().allMatch(Future::succeeded),
                  leases.stream().allMatch(lease -> lease.succeeded() && lease.result().warm()),
                  sandboxes.engineCalls() - before));
          leases.forEach(lease ->
              lease.onSuccess(info ->
                  verticle
                      .leases()
                      .delete(info.id(), new Claim("default", null, null), Ending.DONE)));
        });
    return turn.join();
  }

  @Test
  void aHitIsServedInTheTurnInWhichItIsAskedForWithoutACallToTheEngine() {
    // Given
    awaitFull();

    // When
    Turn turn = take(1);

    // Then
    assertEquals(new Turn(true, true, 0), turn);
  }

  @Test
  void alsoTheLastOneThatStandsReadyIsHandedOutWithoutACallToTheEngine() {
    // Given
    awaitFull();

    // When
    Turn turn = take(WARM);

    // Then
    assertEquals(new Turn(true, true, 0), turn);
    awaitFull();
    assertTrue(sandboxes.engineCalls() > 0);
  }

  @Test
  void allThatStandReadyGiveASignOfLifeAsOftenAsTheyAreAsked() {
    // Given
    awaitFull();
    CompletableFuture<Integer> answered = new CompletableFuture<>();

    // When
    SandboxVerticle verticle = sandboxes.verticle();
    verticle
        .loop()
        .runOnContext(ignored -> {
          Pool pool = verticle.pools().of("default");
          List<Future<Void>> answers =
              pool.standingReady().stream()
                  .map(one -> one.ping().compose(answer -> one.ping()))
                  .toList();
          Future.all(answers)
              .onSuccess(all -> answered.complete(all.size()))
              .onFailure(answered::completeExceptionally);
        });

    // Then
    assertEquals(WARM, answered.orTimeout(30, TimeUnit.SECONDS).join());
  }

  @Test
  void aMissIsNotServedInItsTurnAndAsksTheEngine() {
    // Given
    awaitFull();

    // When
    Turn turn = take(WARM + 1);

    // Then
    assertEquals(new Turn(false, false, 1), turn);
  }
}
