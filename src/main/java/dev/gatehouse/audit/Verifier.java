package dev.gatehouse.audit;

import dev.gatehouse.audit.proof.Checkpoint;
import dev.gatehouse.audit.proof.CheckpointKey;
import dev.gatehouse.audit.proof.Frontier;
import java.security.PublicKey;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Checks rows against their hashes, and chains against what is known of them from elsewhere. Told
 * first what is known, then the rows of each chain in their order, chains mixed as they come.
 *
 * <p>Plain Java, no I/O; memory grows with the number of chains and findings, not with the rows.
 * Confined to one thread.
 */
public final class Verifier {
  /** Beyond it findings are counted, not kept. */
  private static final int MAX_FINDINGS = 1_000;

  /** What is wrong with a row. */
  public enum Fault {
    CHANGED,
    MISSING,
    INSERTED,
    REORDERED,
    TRUNCATED,
    CONTRADICTED
  }

  /**
   * Something that is not as it was written.
   *
   * @param sequence the first row it is about
   */
  public record Finding(Fault fault, long chain, long sequence, String text) {}

  /**
   * What came out.
   *
   * @param archived rows that are in the archive, and were taken on trust
   * @param outside checkpoints kept elsewhere that are of no row of the file
   * @param faults how many findings there are, those not kept included
   */
  public record Report(
      long rows,
      long archived,
      int chains,
      int checkpoints,
      int outside,
      long faults,
      List<Finding> findings) {
    public boolean intact() {
      return faults == 0;
    }
  }

  /** A chain as far as it was read. */
  private static final class Link {
    final TreeMap<Long, List<Mark>> marks = new TreeMap<>();
    final TreeMap<Long, Long> gaps = new TreeMap<>();

    /** The checkpoints at the ends of rows that are in the archive, by the first of those rows. */
    final Map<Long, Checkpoint> archive = new HashMap<>();

    long sequence = -1;
    byte @Nullable [] hash;

    /** The Merkle tree of the rows; null where not all of them were there. */
    @Nullable Frontier tree;

    /** Of a row that was changed, the hash it should have; its follower may be built on either. */
    byte @Nullable [] otherHash;
  }

  private final Map<Long, Link> links = new HashMap<>();
  private final RowHash hashes = new RowHash();
  private final List<Finding> findings = new ArrayList<>();
  private long faults;
  private long rows;
  private long archivedRows;
  private int outside;
  private int checkpoints;

  /** A chain begins here. */
  void start(ChainStart start) {
    resume(start.chain(), 0, hashes.of(start), new Frontier());
  }

  /**
   * The rows of a chain begin after this one.
   *
   * @param tree the Merkle tree up to there, if it is known
   */
  void resume(long chain, long sequence, byte[] hash, @Nullable Frontier tree) {
    Link link = link(chain);
    link.sequence = sequence;
    link.hash = hash;
    link.tree = tree;
  }

  /** A checkpoint, which counts only if one of the keys signed it. */
  void checkpoint(Checkpoint checkpoint, String source, Map<String, PublicKey> keys) {
    if (!CheckpointKey.signed(checkpoint, keys)) {
      found(
          Fault.CONTRADICTED,
          checkpoint.chain(),
          checkpoint.size(),
          "no known key signed the checkpoint of row " + checkpoint.size() + " in " + source);
      return;
    }
    if (!checkpoint.frontierFits()) {
      found(
          Fault.CONTRADICTED,
          checkpoint.chain(),
          checkpoint.size(),
          "the tree of the checkpoint of row "
              + checkpoint.size()
              + " in "
              + source
              + " was changed");
    }
    checkpoints++;
    mark(Mark.of(checkpoint, source));
  }

  /**
   * Rows of a chain are in the archive. Where they are missing, they are taken on trust if known
   * keys signed that they were moved, and the last of them.
   */
  void archived(ArchivedRows rows, String source, Map<String, PublicKey> keys) {
    Checkpoint end = rows.end();
    if (!rows.signed(keys)) {
      found(
          Fault.CONTRADICTED,
          end.chain(),
          rows.first(),
          "no known key signed that rows "
              + rows.first()
              + " to "
              + end.size()
              + " went to the archive, as "
              + source
              + " has it");
      return;
    }
    link(end.chain()).archive.put(rows.first(), end);
  }

  /** A checkpoint that was kept elsewhere is of no row that should be here. */
  void outside() {
    outside++;
  }

  /** Something outside the rows knows how a chain looked. */
  void mark(Mark mark) {
    link(mark.chain()).marks.computeIfAbsent(mark.sequence(), at -> new ArrayList<>()).add(mark);
  }

  /** The next row of the file or table, by its canonical bytes. */
  void row(long chain, long sequence, byte[] hash, byte[] canonical, int offset, int length) {
    rows++;
    Link link = link(chain);
    if (link.sequence >= 0 && sequence <= link.sequence) {
      late(link, chain, sequence);
      return;
    }
    passArchived(link, chain, sequence);
    if (link.sequence < 0) {
      found(Fault.MISSING, chain, 0, "nothing tells what row " + sequence + " follows");
    } else if (sequence > link.sequence + 1) {
      link.gaps.put(link.sequence + 1, sequence - 1);
      link.hash = null;
      link.tree = null;
    }
    check(link, chain, sequence, hash, canonical, offset, length);
    link.sequence = sequence;
    if (link.tree != null) {
      link.tree.add(hash);
    }
    checkMarks(link, chain, sequence, hash);
  }

  /** Goes on behind rows that are in the archive, as long as they stand before this one. */
  private void passArchived(Link link, long chain, long before) {
    for (Checkpoint end = link.archive.get(link.sequence + 1);
        link.sequence >= 0 && end != null && end.size() > link.sequence && end.size() < before;
        end = link.archive.get(link.sequence + 1)) {
      archivedRows += end.size() - link.sequence;
      link.sequence = end.size();
      link.hash = end.hash();
      link.otherHash = null;
      link.tree = Frontier.of(end.size(), end.frontier());
      checkMarks(link, chain, end.size(), end.hash());
    }
  }

  private void check(
      Link link, long chain, long sequence, byte[] hash, byte[] canonical, int offset, int length) {
    byte[] previous = link.hash;
    byte[] other = link.otherHash;
    link.hash = hash;
    link.otherHash = null;
    if (previous == null) {
      return;
    }
    byte[] expected = hashes.of(previous, canonical, offset, length);
    if (Arrays.equals(expected, hash)) {
      return;
    }
    if (other != null && Arrays.equals(hashes.of(other, canonical, offset, length), hash)) {
      return;
    }
    link.otherHash = expected;
    found(
        Fault.CHANGED,
        chain,
        sequence,
        "row " + sequence + " was changed, or the one before it together with its hash");
  }

  private void late(Link link, long chain, long sequence) {
    Map.Entry<Long, Long> gap = link.gaps.floorEntry(sequence);
    if (gap == null || gap.getValue() < sequence) {
      found(Fault.INSERTED, chain, sequence, "row " + sequence + " is there more than once");
      return;
    }
    link.gaps.remove(gap.getKey());
    if (gap.getKey() < sequence) {
      link.gaps.put(gap.getKey(), sequence - 1);
    }
    if (sequence < gap.getValue()) {
      link.gaps.put(sequence + 1, gap.getValue());
    }
    found(
        Fault.REORDERED, chain, sequence, "row " + sequence + " stands after row " + link.sequence);
  }

  private void checkMarks(Link link, long chain, long sequence, byte[] hash) {
    if (link.marks.isEmpty()) {
      return;
    }
    List<Mark> here = link.marks.remove(sequence);
    if (here == null) {
      return;
    }
    for (Mark mark : here) {
      byte[] root = mark.root();
      if (!Arrays.equals(mark.hash(), hash)
          || (root != null && link.tree != null && !Arrays.equals(root, link.tree.root()))) {
        found(
            Fault.CONTRADICTED,
            chain,
            sequence,
            "row " + sequence + " is not the row that " + mark.source() + " knows");
      }
      if (mark.last()) {
        link.marks.put(Long.MAX_VALUE, List.of(mark));
      }
    }
  }

  /** Says what came out; nothing may be told afterwards. */
  public Report finish() {
    int chains = 0;
    for (Map.Entry<Long, Link> entry : links.entrySet()) {
      Link link = entry.getValue();
      long chain = entry.getKey();
      passArchived(link, chain, Long.MAX_VALUE);
      chains += link.sequence >= 0 ? 1 : 0;
      link.gaps.forEach((from, to) ->
          found(Fault.MISSING, chain, from, "rows " + from + " to " + to + " are missing"));
      finishMarks(link, chain);
    }
    findings.sort(
        java.util.Comparator.comparingLong(Finding::chain).thenComparingLong(Finding::sequence));
    return new Report(
        rows, archivedRows, chains, checkpoints, outside, faults, List.copyOf(findings));
  }

  private void finishMarks(Link link, long chain) {
    for (Map.Entry<Long, List<Mark>> entry : link.marks.entrySet()) {
      for (Mark mark : entry.getValue()) {
        if (entry.getKey() == Long.MAX_VALUE) {
          if (link.sequence > mark.sequence()) {
            found(
                Fault.INSERTED,
                chain,
                mark.sequence() + 1,
                "rows after "
                    + mark.sequence()
                    + ", where the chain ended according to "
                    + mark.source());
          }
        } else if (mark.sequence() > link.sequence) {
          found(
              Fault.TRUNCATED,
              chain,
              Math.max(link.sequence, 0) + 1,
              "the chain ends at row "
                  + Math.max(link.sequence, 0)
                  + ", but "
                  + mark.source()
                  + " knows "
                  + mark.sequence());
        }
      }
    }
  }

  /** Something is wrong that was seen elsewhere. */
  void found(Fault fault, long chain, long sequence, String text) {
    faults++;
    if (findings.size() < MAX_FINDINGS) {
      findings.add(new Finding(fault, chain, sequence, text));
    }
  }

  private Link link(long chain) {
    return links.computeIfAbsent(chain, unknown -> new Link());
  }
}
