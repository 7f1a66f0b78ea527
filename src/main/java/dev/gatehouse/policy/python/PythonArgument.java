package dev.gatehouse.policy.python;

/**
 * One argument of a call.
 *
 * @param keyword its name, or empty if it is positional; {@code *} and {@code **} for unpacked ones
 * @param value what it stands for
 * @param start where it starts in the given text
 * @param end where it ends, exclusive
 */
public record PythonArgument(String keyword, PythonValue value, int start, int end) {}
