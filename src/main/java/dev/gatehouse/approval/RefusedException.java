package dev.gatehouse.approval;

import java.util.Locale;

/** A question cannot be moved as somebody wanted; it stays as it was. */
public final class RefusedException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /** Why. */
  public enum Why {
    /** There is no such question, or not for the caller. */
    NOT_FOUND,
    /** It is answered, over or lapsed. */
    TOO_LATE,
    /** Nobody answers what he asked himself, under whatever key. */
    OWN_ACTION,
    /** The terms name others. */
    NOT_ASKED,
    /** The terms want a reason. */
    REASON_MISSING,
    /** The person has answered; others must. */
    ANSWERED,
    /** Somebody else looks at it. */
    CLAIMED,
    /** The person approved too often within the hour. */
    OVER_BUDGET,
    /** The action is another one than the one approved. */
    MISMATCH,
    /** The action was edited, and the answer may be to what it was before. */
    CHANGED,
    /** What the action did when it was last tried is not what the person saw. */
    EFFECT_CHANGED,
    /** What was asked about cannot be tried before it is answered. */
    NOT_PREVIEWABLE,
    /** It is being tried. */
    PREVIEW_UNDER_WAY,
    /** It was tried as often as it may. */
    PREVIEWS_EXHAUSTED,
    /** What was asked about cannot be edited, or not so. */
    NOT_EDITABLE,
    /** The person's authenticator has not been asked. */
    CODE_MISSING,
    /** It says something else, or what it said was used. */
    CODE_WRONG,
    /** Somebody guesses. */
    TOO_MANY_CODES,
    /** The message it came by was taken before. */
    REPLAYED,
    /** Nobody who could be asked is on duty. */
    OFF_DUTY,
    /** Such an answer is never remembered. */
    NOT_REMEMBERED,
    /** Another policy is active than the one that asked. */
    POLICY_CHANGED,
    /** The action is longer than a person can be asked about. */
    TOO_LONG,
    /** Nobody could tell what would be written. */
    CONTENT_UNKNOWN;

    /** As the audit log has it, e.g. {@code own-action}. */
    public String word() {
      return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
  }

  private final Why why;

  public RefusedException(Why why, String message) {
    super(message, null, false, false);
    this.why = why;
  }

  public Why why() {
    return why;
  }
}
