package dev.gatehouse;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.gatehouse.Api.Answer;
import io.vertx.core.json.JsonObject;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Three tenants on a machine with memory for three sandboxes. */
class QuotaIT {
  private static final Duration LIMIT = Duration.ofSeconds(60);

  @RegisterExtension
  static final RunningServer SERVER =
      new RunningServer()
          .behindOpenPolicy()
          .with("GATEHOUSE_SANDBOX_WARM", "1")
          .with("GATEHOUSE_SANDBOX_WAIT_MILLIS", "110000")
          .with("GATEHOUSE_LIMITS_MEMORY_MIB", "1600")
          .with("GATEHOUSE_LIMITS_TENANTS", "[{name: small, sandboxes: 2}]")
          .with("GATEHOUSE_SANDBOX_PROFILES", "[{name: large, memoryMiB: 1500}]")
          .with(
              "GATEHOUSE_KEYS",
              "[%s, %s, %s]"
                  .formatted(
                      TenantApi.entry("blue", "agent", "blue"),
                      TenantApi.entry("red", "agent", "red"),
                      TenantApi.entry("small", "agent", "small")));

  private final TenantApi blue = new TenantApi(SERVER, "blue");
  private final TenantApi red = new TenantApi(SERVER, "red");
  private final TenantApi small = new TenantApi(SERVER, "small");

  private static JsonObject wish() {
    return new JsonObject().put("session", "s");
  }

  private JsonObject pools() {
    return blue.get("/healthz").body().getJsonObject("sandbox");
  }

  private void awaitWaiting(int count) {
    Eventually.eventually(count + " wait", LIMIT, () -> pools().getInteger("waiting") == count);
  }

  private static void delete(TenantApi tenant, Answer created) {
    assertEquals(201, created.status(), created.body().encode());
    assertEquals(200, tenant.delete("/v1/sandboxes/" + created.body().getString("id")).status());
  }

  @AfterEach
  void nothingIsHeld() {
    Eventually.eventually(
        "one stands ready, none is held",
        LIMIT,
        () ->
            pools().getInteger("leased") == 0
                && pools().getInteger("ready") == 1
                && pools().getInteger("removing") == 0);
    assertEquals(512, pools().getInteger("memoryMiB"));
    assertEquals(1600, pools().getInteger("memoryLimitMiB"));
  }

  @Test
  void aTenantAboveItsQuotaIsToldToComeBackLaterAndOthersAreServed() {
    // Given
    Answer first = small.create(wish());
    Answer second = small.create(wish());

    // When
    Answer refused = small.create(wish());
    Answer other = blue.create(wish());

    // Then
    assertEquals(429, refused.status(), refused.body().encode());
    assertEquals("quota.exceeded", refused.code());
    assertEquals("1", refused.response().headers().firstValue("Retry-After").orElse(""));
    delete(blue, other);
    delete(small, first);
    Eventually.eventually(
        "its place is free again",
        LIMIT,
        () -> {
          Answer again = small.create(wish());
          if (again.status() != 201) {
            assertEquals("quota.exceeded", again.code(), again.body().encode());
            return false;
          }
          delete(small, again);
          return true;
        });
    delete(small, second);
  }

  @Test
  void whatDoesNotFitTheMachineWaitsAndTenantsComeInTurn() {
    // Given
    List<Answer> held = IntStream.range(0, 3).mapToObj(n -> blue.create(wish())).toList();
    List<CompletableFuture<Answer>> greedy = new ArrayList<>();
    for (int n = 1; n <= 4; n++) {
      greedy.add(blue.createLater(wish()));
      awaitWaiting(n);
    }
    CompletableFuture<Answer> modest = red.createLater(wish());
    awaitWaiting(5);

    // When
    delete(blue, held.get(0));
    delete(blue, held.get(1));

    // Then
    Answer served = modest.join();
    assertEquals(201, served.status(), served.body().encode());
    assertTrue(
        greedy.stream().filter(CompletableFuture::isDone).count() <= 1,
        "red came fifth, and is second in turn");
    delete(red, served);
    delete(blue, held.get(2));
    greedy.forEach(later -> delete(blue, later.join()));
  }

  @Test
  void whoWantsMuchIsNotOvertakenForEverAndWarmOnesMakeRoomForHim() {
    // Given
    Answer held = blue.create(wish());
    Eventually.eventually("one stands ready", LIMIT, () -> pools().getInteger("ready") == 1);

    // When
    CompletableFuture<Answer> large = blue.createLater(wish().put("profile", "large"));
    Eventually.eventually("it made room", LIMIT, () -> pools().getInteger("ready") == 0);
    List<CompletableFuture<Answer>> behind =
        IntStream.range(0, 3).mapToObj(n -> red.createLater(wish())).toList();
    awaitWaiting(4);
    delete(blue, held);

    // Then
    Answer served = large.join();
    assertEquals("large", served.body().getString("profile"), served.body().encode());
    assertTrue(behind.stream().noneMatch(CompletableFuture::isDone), "they wait behind it");
    delete(blue, served);
    behind.forEach(one -> delete(red, one.join()));
  }

  @Test
  void moreThanTheMachineHasIsNeverPromised() {
    // When
    List<CompletableFuture<Answer>> all =
        IntStream.range(0, 9).mapToObj(n -> (n % 2 == 0 ? blue : red).createLater(wish())).toList();
    boolean[] deleted = new boolean[all.size()];
    int most = 0;
    for (int left = all.size(); left > 0; ) {
      most = Math.max(most, pools().getInteger("memoryMiB"));
      for (int n = 0; n < deleted.length; n++) {
        if (!deleted[n] && all.get(n).isDone()) {
          delete(n % 2 == 0 ? blue : red, all.get(n).join());
          deleted[n] = true;
          left--;
        }
      }
    }

    // Then
    assertTrue(most <= 1600, most + " MiB");
  }
}
