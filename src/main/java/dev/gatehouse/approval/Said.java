package dev.gatehouse.approval;

import org.jspecify.annotations.Nullable;

/**
 * What a person says to a question.
 *
 * @param reason null for none
 * @param digest of the action that the person saw; null if he does not say. Once somebody has
 *     edited the action it must be said
 * @param effect digest of what the action did when it was tried, as the person saw it; null if he
 *     does not say. It is bound to that, where it is said
 * @param code of the person's authenticator; null for none
 * @param proved whether that was right, or none is asked of the person
 * @param from how it came
 */
public record Said(
    boolean approves,
    @Nullable String reason,
    @Nullable String digest,
    @Nullable String effect,
    @Nullable String code,
    boolean proved,
    Origin from) {
  /** Something said by HTTP of what the person saw, whatever it was. */
  public static Said byHttp(boolean approves, @Nullable String reason, String address) {
    return new Said(approves, reason, null, null, null, false, new Origin("http", address));
  }

  /** The same, by a person who has proved to be one. */
  public Said asProved() {
    return new Said(approves, reason, digest, effect, code, true, from);
  }

  /** The same, of an action that did that when it was tried, and nothing else. */
  public Said ofEffect(String did) {
    return new Said(approves, reason, digest, did, code, proved, from);
  }
}
