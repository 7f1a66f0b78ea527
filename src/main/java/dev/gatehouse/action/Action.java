package dev.gatehouse.action;

import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What an agent asks for. Everything but {@link #actor} is the agent's own word: hostile input.
 *
 * <p>Arguments and context are JSON values: {@link String}, {@link Boolean}, {@link Integer},
 * {@link Long}, {@link Double}, {@link java.math.BigInteger}, {@link Map} with string keys, {@link
 * java.util.List}, and null. Whoever builds an action does not change them afterwards.
 *
 * @param actor who asks, as authenticated
 * @param session the agent's conversation; sandboxes and rates are kept by it
 * @param tool what is to be used, e.g. {@code bash}
 * @param arguments what the tool is given
 * @param context what else the caller says of the circumstances, e.g. MCP annotations
 * @param trace what the request belongs to, as W3C Trace Context has it; nothing that is judged,
 *     asked about or approved. Null for none
 */
public record Action(
    Actor actor,
    String session,
    String tool,
    Map<String, Object> arguments,
    Map<String, Object> context,
    @Nullable String trace) {

  /** One that belongs to no trace. */
  public Action(
      Actor actor,
      String session,
      String tool,
      Map<String, Object> arguments,
      Map<String, Object> context) {
    this(actor, session, tool, arguments, context, null);
  }

  /** The same with other arguments. */
  public Action with(Map<String, Object> others) {
    return new Action(actor, session, tool, others, context, trace);
  }
}
