package dev.gatehouse.policy.sql;

/**
 * One statement in a form that patterns can rely on: words in lower case, one blank between two
 * words or signs, no comments, literals empty ({@code ''}), quoted names in double quotes.
 *
 * <p>A statement inside another one stands for itself, and leaves {@code ( )} where it was: {@code
 * delete from t where id in ( )} and {@code select id from u}.
 *
 * @param text the statement, without its semicolon
 * @param start where it begins in the text that was read
 * @param end where it ends, exclusive
 */
public record SqlStatement(String text, int start, int end) {}
