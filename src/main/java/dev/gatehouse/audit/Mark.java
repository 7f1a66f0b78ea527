package dev.gatehouse.audit;

import java.util.Objects;

/**
 * What something other than the rows knows about a chain.
 *
 * @param sequence a row that was there
 * @param hash that row's hash
 * @param last whether it was the chain's last
 * @param source who knows it, for the reader of a report
 */
@SuppressWarnings("ArrayRecordComponent") // never compared
record Mark(long chain, long sequence, byte[] hash, boolean last, String source) {
  /** What the start of a chain knows about its node's chain before it, which must be there. */
  static Mark lastBefore(ChainStart start) {
    return new Mark(
        Objects.requireNonNull(start.previousChain(), "previousChain"),
        start.previousSequence(),
        start.previousHash(),
        true,
        "the start of chain " + start.chain());
  }
}
