package dev.gatehouse.approval;

import org.jspecify.annotations.Nullable;

/**
 * What a person says to a question.
 *
 * @param reason null for none
 * @param digest of the action that the person saw; null if he does not say. Once somebody has
 *     edited the action it must be said
 * @param channel how it came, e.g. {@code http}
 * @param address from where, as the channel knows it
 */
public record Said(
    boolean approves,
    @Nullable String reason,
    @Nullable String digest,
    String channel,
    String address) {
  /** Something said by HTTP of what the person saw, whatever it was. */
  public static Said byHttp(boolean approves, @Nullable String reason, String address) {
    return new Said(approves, reason, null, "http", address);
  }
}
