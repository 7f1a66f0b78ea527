package dev.gatehouse.gate;

import dev.gatehouse.sandbox.Language;
import dev.gatehouse.sandbox.egress.AllowList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What the tool is given where code is to run: the part of an order that a person approves, and may
 * edit.
 *
 * @param network where it may go; null for nowhere, and where the sandbox is there already
 */
public record ExecutionArguments(
    Language language,
    String code,
    String stdin,
    Map<String, String> env,
    @Nullable AllowList network) {
  private static final String STDIN = "stdin";
  private static final String ENV = "env";
  private static final String NETWORK = "network";
  private static final String ALLOW = "allow";

  public ExecutionArguments {
    env = Map.copyOf(env);
  }

  /** What the code is called among the arguments of a language's tool. */
  public static String codeName(Language language) {
    return language == Language.BASH ? "command" : "code";
  }

  /** As an action has them. */
  Map<String, Object> toMap() {
    Map<String, Object> arguments = new HashMap<>();
    arguments.put(codeName(language), code);
    if (!stdin.isEmpty()) {
      arguments.put(STDIN, stdin);
    }
    if (!env.isEmpty()) {
      arguments.put(ENV, env);
    }
    putNetwork(arguments, network);
    return arguments;
  }

  static void putNetwork(Map<String, Object> arguments, @Nullable AllowList allow) {
    if (allow != null) {
      arguments.put(NETWORK, Map.of(ALLOW, allow.texts()));
    }
  }

  /** Whether the arguments of an action say where it may go. */
  static boolean hasNetwork(Map<String, Object> arguments) {
    return arguments.containsKey(NETWORK);
  }

  /** What {@link #toMap} made; fails on anything else. */
  static ExecutionArguments of(Language language, Map<String, Object> arguments) {
    Map<String, String> env = new HashMap<>();
    if (arguments.get(ENV) instanceof Map<?, ?> map) {
      map.forEach((name, value) -> env.put((String) name, (String) value));
    }
    AllowList network = null;
    if (arguments.get(NETWORK) instanceof Map<?, ?> map && map.get(ALLOW) instanceof List<?> list) {
      network = AllowList.parse(list.stream().map(String.class::cast).toList());
    }
    if (!(arguments.get(codeName(language)) instanceof String code)) {
      throw new IllegalArgumentException("no arguments of an execution");
    }
    return new ExecutionArguments(
        language, code, arguments.get(STDIN) instanceof String in ? in : "", env, network);
  }
}
