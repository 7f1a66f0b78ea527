package dev.gatehouse.sandbox;

import java.util.Map;

/**
 * Code to run.
 *
 * @param keepState whether it runs in the sandbox's interpreter of that language, which remembers,
 *     or in a process of its own
 * @param timeoutMillis after this the code and all it started is killed
 */
public record ExecutionRequest(
    Language language,
    String code,
    String stdin,
    Map<String, String> env,
    long timeoutMillis,
    boolean keepState) {
  public ExecutionRequest {
    env = Map.copyOf(env);
  }
}
