package dev.gatehouse.gate;

import dev.gatehouse.sandbox.ExecutionRequest.Mode;
import dev.gatehouse.sandbox.Language;
import dev.gatehouse.sandbox.StandardInput;
import dev.gatehouse.sandbox.egress.AllowList;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Code an agent wants to run.
 *
 * @param mode where it runs in a sandbox that is held; in one of its own it is always the only one
 * @param profile the kind of sandbox, where it is one of its own
 * @param session null where it is the sandbox's
 * @param network where it may go; null for nowhere, and where the sandbox is there already
 */
public record ExecutionOrder(
    Language language,
    Mode mode,
    String profile,
    String code,
    @Nullable String session,
    long timeoutMillis,
    Map<String, String> env,
    StandardInput input,
    @Nullable AllowList network) {
  public ExecutionOrder {
    env = Map.copyOf(env);
  }
}
