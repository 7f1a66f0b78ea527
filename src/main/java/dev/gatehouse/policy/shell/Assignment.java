package dev.gatehouse.policy.shell;

/**
 * {@code name=value} in front of a command or on its own.
 *
 * @param name the variable
 * @param value what it is set to
 * @param append whether it was {@code +=}
 */
public record Assignment(String name, Word value, boolean append) {}
