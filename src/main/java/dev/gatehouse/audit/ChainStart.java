package dev.gatehouse.audit;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * Where a chain begins: on which node, and where that node's chain before it stood.
 *
 * @param previousChain null for a node's first chain
 * @param previousSequence the last row of the previous chain, 0 if it had none
 * @param previousHash that row's hash
 */
@SuppressWarnings("ArrayRecordComponent") // never compared
record ChainStart(
    long chain,
    String node,
    Instant startedAt,
    @Nullable Long previousChain,
    long previousSequence,
    byte[] previousHash) {}
