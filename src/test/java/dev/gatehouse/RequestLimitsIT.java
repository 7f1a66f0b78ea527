package dev.gatehouse;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.gatehouse.Api.Answer;
import io.vertx.core.json.JsonObject;
import java.time.Duration;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** What a key may ask for whatever it asks: requests, and bytes. */
class RequestLimitsIT {
  private static final Duration LIMIT = Duration.ofSeconds(30);

  @RegisterExtension
  static final RunningServer SERVER =
      new RunningServer()
          .behindOpenPolicy()
          .with("GATEHOUSE_LIMITS_KEY_REQUESTS_PER_SECOND", "0.001")
          .with("GATEHOUSE_LIMITS_KEY_REQUESTS_BURST", "3")
          .with("GATEHOUSE_LIMITS_TENANT_BYTES_PER_SECOND", "10")
          .with("GATEHOUSE_LIMITS_TENANT_BYTES_BURST", "20000")
          .with(
              "GATEHOUSE_KEYS",
              "["
                  + String.join(
                      ", ",
                      Stream.of("asker asks", "other asks", "socket talks", "sender sends")
                          .map(key -> key.split(" ", 2))
                          .map(key ->
                              "{name: %s, tenant: %s, role: agent, sha256: %s}"
                                  .formatted(key[0], key[1], ApprovalKeys.sha256("key-" + key[0])))
                          .toList())
                  + ", {name: server, role: auditor, tenant: sends, sha256: "
                  + ApprovalKeys.sha256("key-server")
                  + "}]");

  private static TenantApi as(String name) {
    return new TenantApi(SERVER, "key-" + name);
  }

  private static JsonObject action(int length) {
    return new JsonObject()
        .put("tool", "bash")
        .put("arguments", new JsonObject().put("command", "echo " + "x".repeat(length)));
  }

  @Test
  void requestsAboveTheRateAreRefusedWhateverTheyAskFor() {
    // Given
    TenantApi asker = as("asker");
    assertEquals(200, asker.get("/v1/sandboxes").status());
    assertEquals(404, asker.get("/v1/approvals/none").status());
    assertEquals(200, asker.post("/v1/decisions", action(1)).status());

    // When
    Answer refused = asker.get("/v1/sandboxes");

    // Then
    assertEquals(429, refused.status(), refused.body().encode());
    assertEquals("rate.exceeded", refused.code());
    assertEquals("key", refused.body().getString("reason"));
    assertTrue(refused.response().headers().firstValue("Retry-After").isPresent());
    assertEquals(200, as("other").get("/v1/sandboxes").status());
  }

  @Test
  void requestsByWebSocketCountToo() {
    try (SocketClient client = SocketClient.open(SERVER.api(), "key-socket")) {
      // When
      List<Integer> statuses =
          IntStream.range(0, 5).mapToObj(n -> client.request("decide", action(1))).toList().stream()
              .map(id -> client.reply(id).getInteger("status"))
              .toList();

      // Then
      assertEquals(List.of(200, 200, 200, 429, 429), statuses);
      assertFalse(client.isClosed());
    }
  }

  @Test
  void bytesThatAreTooManyAreOwedByTheTenant() {
    // When
    Answer large = as("sender").post("/v1/decisions", action(40_000));

    // Then
    assertEquals(200, large.status(), large.body().encode());
    Eventually.eventually(
        "what was sent is owed",
        LIMIT,
        () -> {
          Answer refused = as("server").get("/v1/audit?kind=limit.exceeded");
          return refused.status() == 429
              && refused.body().getString("reason").equals("tenant")
              && refused.body().getString("detail").contains("bytes");
        });
  }
}
