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
 * @param trace what the request belongs to; null for none
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
    @Nullable AllowList network,
    @Nullable String trace) {
  public ExecutionOrder {
    env = Map.copyOf(env);
  }

  /** What its tool is given. */
  ExecutionArguments arguments() {
    String stdin = input instanceof StandardInput.Given given ? given.text() : "";
    return new ExecutionArguments(language, code, stdin, env, network);
  }

  /** The same with what its tool is given in an action; fails if that is not all that runs then. */
  ExecutionOrder with(Map<String, Object> given) {
    ExecutionArguments arguments = ExecutionArguments.of(language, given);
    boolean endless = !(input instanceof StandardInput.Given);
    if (!arguments.toMap().equals(given) || (endless && !arguments.stdin().isEmpty())) {
      throw new IllegalStateException("an execution cannot be given exactly what was approved");
    }
    return new ExecutionOrder(
        language,
        mode,
        profile,
        arguments.code(),
        session,
        timeoutMillis,
        arguments.env(),
        endless ? input : new StandardInput.Given(arguments.stdin()),
        arguments.network(),
        trace);
  }
}
