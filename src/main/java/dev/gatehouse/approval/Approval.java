package dev.gatehouse.approval;

import dev.gatehouse.action.ApprovalTerms;
import dev.gatehouse.action.Risk;
import java.time.Instant;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * A question to a person: may this action run?
 *
 * @param action id of the action asked about
 * @param digest SHA-256 of what exactly was asked about and under which policy, as hex
 * @param terms what it takes to release it
 * @param decidedAt when it left {@link State#PENDING}; null until then
 */
public record Approval(
    String id,
    String action,
    String tenant,
    String session,
    String actor,
    String tool,
    Risk risk,
    String digest,
    String policy,
    ApprovalTerms terms,
    State state,
    Instant createdAt,
    Instant expiresAt,
    @Nullable Instant decidedAt) {

  /** Where the question stands. */
  public enum State {
    PENDING,
    EXPIRED;

    /** The lower-case word that is stored and shown. */
    public String word() {
      return name().toLowerCase(Locale.ROOT);
    }
  }
}
