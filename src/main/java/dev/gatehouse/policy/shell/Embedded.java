package dev.gatehouse.policy.shell;

/**
 * Program text of another language that the shell text hands to its interpreter: {@code python3 -c
 * '..'}, a here-document into {@code perl}.
 *
 * @param language which language
 * @param text the program; parts that cannot be computed are one {@link Word#HOLE} each
 * @param known whether the text is complete
 * @param command index of the command that runs it
 * @param start where in the given text it comes from
 * @param end where that ends, exclusive
 */
public record Embedded(
    Language language, String text, boolean known, int command, int start, int end) {}
