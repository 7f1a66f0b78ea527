package dev.gatehouse.gate;

import dev.gatehouse.sandbox.Language;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Code an agent wants to run.
 *
 * @param session null where it is the sandbox's
 */
public record ExecutionOrder(
    Language language,
    String code,
    @Nullable String session,
    long timeoutMillis,
    Map<String, String> env,
    String stdin) {
  public ExecutionOrder {
    env = Map.copyOf(env);
  }
}
