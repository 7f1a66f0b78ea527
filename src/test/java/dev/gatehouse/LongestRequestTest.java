package dev.gatehouse;

import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.gatehouse.config.Configuration;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** When another server's request with an idempotency key is given up. */
class LongestRequestTest {
  @Test
  void oneThatIsHeldInLineAndRunsAsLongAsItMayIsNotGivenUp() {
    Configuration configuration =
        Configuration.load(
            Path.of("conf/gatehouse.yaml"),
            Map.of(
                "GATEHOUSE_LIMITS_MAX_TIMEOUT_MILLIS", "30000",
                "GATEHOUSE_SANDBOX_WAIT_MILLIS", "600000"));

    assertTrue(Server.longestRequestMillis(configuration) > 600_000 + 600_000 + 30_000);
  }
}
