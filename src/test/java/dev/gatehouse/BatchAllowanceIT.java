package dev.gatehouse;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.vertx.core.json.JsonObject;
import java.net.http.HttpRequest.BodyPublishers;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** A batch of more decisions than its tenant may have at once. */
class BatchAllowanceIT {
  private static final int PER_SECOND = 1_000;
  private static final int LINES = 2_000;

  @RegisterExtension
  static final RunningServer SERVER =
      new RunningServer()
          .withNothingReady()
          .behindOpenPolicy()
          .with("GATEHOUSE_LIMITS_TENANT_DECISIONS_PER_SECOND", "" + PER_SECOND)
          .with("GATEHOUSE_LIMITS_TENANT_DECISIONS_BURST", "1");

  private final Api api = SERVER.api();

  @Test
  void itsLinesWaitAndAllAreAnswered() {
    // Given
    JsonObject action =
        new JsonObject()
            .put("tool", "bash")
            .put("arguments", new JsonObject().put("command", "ls"));

    // When
    long begin = System.nanoTime();
    List<JsonObject> answers =
        api.lines(
            api.request("agent", "/v1/decisions:batch")
                .POST(BodyPublishers.ofString((action.encode() + "\n").repeat(LINES)))
                .build());
    long tookNanos = System.nanoTime() - begin;

    // Then
    assertEquals(LINES, answers.size());
    answers.forEach(answer -> assertTrue(answer.containsKey("outcome"), answer.encode()));
    // Tokens do not come faster, however slow the machine is.
    assertTrue(tookNanos >= (LINES - 2) * 1_000_000_000L / PER_SECOND, tookNanos + " ns");
  }
}
