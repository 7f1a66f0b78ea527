package dev.gatehouse;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.gatehouse.Api.Answer;
import io.vertx.core.json.JsonObject;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/**
 * Six times as many at once as stand ready; {@code bench/sandbox} has a hundred against sixteen.
 */
class BurstIT {
  private static final Duration LIMIT = Duration.ofMinutes(2);
  private static final int WARM = 8;
  private static final int BURST = 48;

  @RegisterExtension
  static final RunningServer SERVER =
      new RunningServer()
          .behindOpenPolicy()
          .with("GATEHOUSE_SANDBOX_WARM", String.valueOf(WARM))
          .with("GATEHOUSE_SANDBOX_WARM_MAXIMUM", String.valueOf(WARM + 1))
          .with("GATEHOUSE_SANDBOX_WAIT_MILLIS", "110000");

  private final Api api = SERVER.api();

  private JsonObject pool() {
    return api.get("agent", "/healthz")
        .body()
        .getJsonObject("sandbox")
        .getJsonObject("pools")
        .getJsonObject("default");
  }

  private static boolean isFull(JsonObject pool) {
    return pool.getInteger("ready").equals(pool.getInteger("size"));
  }

  @Test
  void allSucceedTheFirstFromThePoolAndTheRestInLineAndThePoolGrowsForTheNextBurst() {
    // Given
    Eventually.eventually("full", LIMIT, () -> pool().getInteger("ready") == WARM);

    // When
    List<Answer> answers =
        IntStream.range(0, BURST)
            .mapToObj(n ->
                api.postLater(
                    "agent", "/v1/executions", Api.execution("python", "print(" + n + ")")))
            .toList()
            .stream()
            .map(CompletableFuture::join)
            .toList();

    // Then
    for (int n = 0; n < BURST; n++) {
      assertEquals(n + "\n", answers.get(n).body().getString("stdout"), answers.get(n).body() + "");
    }
    JsonObject pool = pool();
    assertTrue(pool.getLong("hits") >= WARM, pool.encode());
    assertEquals(BURST, pool.getLong("hits") + pool.getLong("misses"));
    assertTrue(pool.getDouble("waitMaxMillis") >= pool.getDouble("waitMeanMillis"));
    assertEquals(0, pool.getInteger("waiting"));
    assertEquals(WARM + 1, pool.getInteger("size"));
    // It may sink again before it is full, on a machine on which that takes long.
    Eventually.eventually("full again", LIMIT, () -> isFull(pool()));
  }
}
