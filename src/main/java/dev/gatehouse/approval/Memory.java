package dev.gatehouse.approval;

import dev.gatehouse.action.ApprovalTerms;
import dev.gatehouse.action.Risk;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * A person's approval that holds for later actions, too: those that are the same.
 *
 * @param same digest of what must be the same
 * @param session in which; null for all
 * @param actor the key whose actions they are
 * @param risk the worst at which it holds
 * @param policy the policy that asked; under another one it does not hold
 * @param terms on which it asked; on others it does not hold
 * @param rule the same as a policy file; empty once it is over
 * @param approval the question that was answered
 * @param by the person who answered
 * @param maxUses how often it holds
 * @param uses how often it did
 */
public record Memory(
    String id,
    String tenant,
    String same,
    @Nullable String session,
    String actor,
    String tool,
    Risk risk,
    String policy,
    ApprovalTerms terms,
    String rule,
    String approval,
    String by,
    @Nullable String reason,
    int maxUses,
    int uses,
    Instant createdAt,
    Instant expiresAt) {}
