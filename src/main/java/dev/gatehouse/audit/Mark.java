package dev.gatehouse.audit;

import dev.gatehouse.audit.proof.Checkpoint;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What something other than the rows knows about a chain.
 *
 * @param sequence a row that was there
 * @param hash that row's hash
 * @param root the root of the Merkle tree up to that row, if it is known
 * @param last whether it was the chain's last
 * @param source who knows it, for the reader of a report
 */
@SuppressWarnings("ArrayRecordComponent") // never compared
record Mark(
    long chain, long sequence, byte[] hash, byte @Nullable [] root, boolean last, String source) {
  /** What the start of a chain knows about its node's chain before it, which must be there. */
  static Mark lastBefore(ChainStart start) {
    return new Mark(
        Objects.requireNonNull(start.previousChain(), "previousChain"),
        start.previousSequence(),
        start.previousHash(),
        null,
        true,
        "the start of chain " + start.chain());
  }

  static Mark of(Checkpoint checkpoint, String source) {
    return new Mark(
        checkpoint.chain(),
        checkpoint.size(),
        checkpoint.hash(),
        checkpoint.root(),
        false,
        "the checkpoint of " + checkpoint.madeAt() + " in " + source);
  }
}
