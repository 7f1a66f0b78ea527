package dev.gatehouse.action;

import java.util.Map;

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
 */
public record Action(
    Actor actor,
    String session,
    String tool,
    Map<String, Object> arguments,
    Map<String, Object> context) {}
