package dev.gatehouse.sandbox;

import java.util.Map;

/**
 * Code to run.
 *
 * @param timeoutMillis after this the code and all it started is killed
 */
public record ExecutionRequest(
    Language language,
    String code,
    StandardInput input,
    Map<String, String> env,
    long timeoutMillis,
    Mode mode) {
  public ExecutionRequest {
    env = Map.copyOf(env);
  }

  /** Where code runs; the supervisor is told by {@link #code()}, as in inside/execution.py. */
  public enum Mode {
    /** In a process of its own, the only one that its sandbox will ever run. */
    ONE_SHOT,
    /** In the sandbox's interpreter of that language, which remembers. */
    CONTEXT,
    /** In a process of its own, in a sandbox that goes on. */
    PROCESS;

    byte code() {
      return switch (this) {
        case ONE_SHOT -> 0;
        case CONTEXT -> 1;
        case PROCESS -> 2;
      };
    }
  }
}
