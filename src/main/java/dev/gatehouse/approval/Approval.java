package dev.gatehouse.approval;

import dev.gatehouse.action.ApprovalTerms;
import dev.gatehouse.action.Risk;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * A question to persons: may this action run? Once approved it is the right to run it, once.
 *
 * @param action id of the action asked about
 * @param actor the name of the key that asked
 * @param holder the person behind that key
 * @param digest SHA-256 of what exactly was asked about and under which policy, as hex
 * @param same digest of what an answer that is remembered would hold for
 * @param demand digest of the risk and terms with which policy asked, whatever became of them
 * @param terms what it takes to release it
 * @param reasons why policy asks, a JSON list
 * @param context the circumstances, a JSON object
 * @param arguments what the tool is given, canonical JSON; null once the question is over
 * @param edit what an approver made of it; null if nobody changed it
 * @param version how often it was moved
 * @param asked how many requests wait for this answer
 * @param claimedBy the person who looks at it; null for none
 * @param answers what persons said so far, oldest first
 * @param expiresAt when the question lapses, or, once approved, the right
 * @param decidedAt when it was answered for good, or ended; null until then
 * @param preview what it did when it was last tried; null for never, or for something else
 */
public record Approval(
    String id,
    String action,
    String tenant,
    String session,
    String actor,
    String holder,
    String tool,
    Risk risk,
    String digest,
    String same,
    String policy,
    String demand,
    ApprovalTerms terms,
    String reasons,
    String context,
    @Nullable String arguments,
    @Nullable Edit edit,
    State state,
    int version,
    int asked,
    @Nullable String claimedBy,
    List<Answer> answers,
    Instant createdAt,
    Instant expiresAt,
    @Nullable Instant decidedAt,
    @Nullable Preview preview) {

  /** Where the question stands. */
  public enum State {
    PENDING,
    /** Somebody looks at it; anybody who may can still answer. */
    CLAIMED,
    /** It may run, once, until it expires. */
    APPROVED,
    DENIED,
    EXPIRED,
    CANCELLED,
    /** The right was taken; whether the action ran, the audit log knows. */
    CONSUMED;

    /** The lower-case word that is stored and shown. */
    public String word() {
      return name().toLowerCase(Locale.ROOT);
    }

    static State of(String word) {
      return valueOf(word.toUpperCase(Locale.ROOT));
    }
  }

  public Approval {
    answers = List.copyOf(answers);
  }

  /** The digest of the action that runs if it is approved. */
  public String runs() {
    return edit == null ? digest : edit.digest();
  }

  /**
   * The same question about what an approver made of the action. What was said before was said of
   * something else, so it counts no more.
   */
  Approval edited(Edit by, Risk worst, ApprovalTerms both) {
    ApprovalTerms terms = worst == Risk.CRITICAL ? both.withReason() : both;
    return new Approval(
        id, action, tenant, session, actor, holder, tool, worst, digest, same, policy, demand,
        terms, reasons, context, arguments, by, state, version, asked, claimedBy, List.of(),
        createdAt, expiresAt, decidedAt, null);
  }

  /** The same question, with what its action did when it was tried. */
  Approval previewed(Preview made) {
    return new Approval(
        id, action, tenant, session, actor, holder, tool, risk, digest, same, policy, demand, terms,
        reasons, context, arguments, edit, state, version, asked, claimedBy, answers, createdAt,
        expiresAt, decidedAt, made);
  }

  /** Whether it still waits for an answer. */
  public boolean isOpen() {
    return state == State.PENDING || state == State.CLAIMED;
  }
}
