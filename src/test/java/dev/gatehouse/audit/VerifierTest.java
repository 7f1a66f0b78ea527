package dev.gatehouse.audit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.gatehouse.audit.Verifier.Fault;
import dev.gatehouse.audit.Verifier.Finding;
import dev.gatehouse.audit.Verifier.Report;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

class VerifierTest {
  private static final int ROWS = 20;

  private final List<StoredEvent> rows = new ArrayList<>(Events.stored(ROWS));

  private static void tell(Verifier verifier, StoredEvent event) {
    CanonicalRow row = new CanonicalRow();
    row.set(event.chain(), event.sequence(), event.recordedAt(), event.event());
    verifier.row(
        event.chain(),
        event.sequence(),
        HexFormat.of().parseHex(event.hash()),
        row.bytes(),
        0,
        row.length());
  }

  private static Report verify(List<StoredEvent> rows, Mark... marks) {
    Verifier verifier = new Verifier();
    verifier.start(Events.START);
    Arrays.stream(marks).forEach(verifier::mark);
    rows.forEach(row -> tell(verifier, row));
    return verifier.finish();
  }

  private Mark markAt(int sequence, boolean last) {
    byte[] hash = HexFormat.of().parseHex(rows.get(sequence - 1).hash());
    return new Mark(7, sequence, hash, null, last, "a checkpoint");
  }

  private static void assertFound(Report report, Fault fault, long sequence) {
    Finding finding = report.findings().get(0);
    assertEquals(1, report.faults(), report.toString());
    assertEquals(fault, finding.fault());
    assertEquals(7, finding.chain());
    assertEquals(sequence, finding.sequence());
  }

  @Test
  void findsNothingWrongWithAChainAsItWasWritten() {
    Report report = verify(rows, markAt(10, false), markAt(ROWS, true));

    assertTrue(report.intact(), report.toString());
    assertEquals(ROWS, report.rows());
    assertEquals(1, report.chains());
  }

  @Test
  void namesTheRowWhoseContentWasChanged() {
    // Given
    StoredEvent row = rows.get(4);
    rows.set(
        4,
        new StoredEvent(
            7, 5, row.recordedAt(), row.hash(), Events.decision("action-5", "{\"n\":6}")));

    // Then
    assertFound(verify(rows), Fault.CHANGED, 5);
  }

  @Test
  void namesTheFollowerOfARowThatWasChangedTogetherWithItsHash() {
    // Given
    List<AuditEvent> events = new ArrayList<>(rows.stream().map(StoredEvent::event).toList());
    events.set(4, Events.decision("action-5", "{\"n\":6}"));
    rows.set(4, Events.stored(Events.START, events).get(4));

    // Then
    assertFound(verify(rows), Fault.CHANGED, 6);
  }

  @Test
  void aWholeRewrittenChainContradictsACheckpointKeptElsewhere() {
    // Given
    Mark mark = markAt(ROWS, false);
    List<AuditEvent> events = new ArrayList<>(rows.stream().map(StoredEvent::event).toList());
    events.set(4, Events.decision("action-5", "{\"n\":6}"));

    // Then
    assertFound(verify(Events.stored(Events.START, events), mark), Fault.CONTRADICTED, ROWS);
  }

  @Test
  void namesMissingRows() {
    // Given
    rows.subList(5, 8).clear();

    // When
    Report report = verify(rows);

    // Then
    assertFound(report, Fault.MISSING, 6);
    assertEquals("rows 6 to 8 are missing", report.findings().get(0).text());
  }

  @Test
  void namesTheFirstRowIfItIsMissing() {
    rows.remove(0);
    assertFound(verify(rows), Fault.MISSING, 1);
  }

  @Test
  void namesARowThatIsThereTwice() {
    rows.add(6, rows.get(5));
    assertFound(verify(rows), Fault.INSERTED, 6);
  }

  @Test
  void namesARowThatStandsInAnotherPlace() {
    rows.add(7, rows.remove(5));
    assertFound(verify(rows), Fault.REORDERED, 6);
  }

  @Test
  void findsATruncatedTailAgainstACheckpoint() {
    // Given
    Mark mark = markAt(ROWS, false);
    rows.subList(15, ROWS).clear();

    // Then
    assertFound(verify(rows, mark), Fault.TRUNCATED, 16);
  }

  @Test
  void findsAChainThatIsGoneAsAWhole() {
    assertFound(verify(List.of(), markAt(ROWS, false)), Fault.TRUNCATED, 1);
  }

  @Test
  void findsRowsAppendedToAChainThatHadEnded() {
    assertFound(verify(rows, markAt(15, true)), Fault.INSERTED, 16);
  }

  @Test
  void findsAChangedBeginning() {
    // Given
    ChainStart other =
        new ChainStart(7, "elsewhere", Events.START.startedAt(), null, 0, new byte[32]);
    Verifier verifier = new Verifier();
    verifier.start(other);

    // When
    rows.forEach(row -> tell(verifier, row));

    // Then
    assertFound(verifier.finish(), Fault.CHANGED, 1);
  }

  @Property(tries = 2000)
  void findsEveryFlippedBit(
      @ForAll @IntRange(min = 0, max = ROWS - 1) int index,
      @ForAll @IntRange(min = 0, max = 100_000) int at) {
    // Given
    StoredEvent event = rows.get(index);
    CanonicalRow row = new CanonicalRow();
    row.set(event.chain(), event.sequence(), event.recordedAt(), event.event());
    byte[] flipped = Arrays.copyOf(row.bytes(), row.length());
    byte[] hash = HexFormat.of().parseHex(event.hash());
    int bit = at % (8 * (flipped.length + hash.length));
    if (bit < 8 * flipped.length) {
      flipped[bit / 8] ^= (byte) (1 << bit % 8);
    } else {
      hash[bit / 8 - flipped.length] ^= (byte) (1 << bit % 8);
    }

    // When
    Verifier verifier = new Verifier();
    verifier.start(Events.START);
    rows.subList(0, index).forEach(before -> tell(verifier, before));
    verifier.row(7, event.sequence(), hash, flipped, 0, flipped.length);
    rows.subList(index + 1, ROWS).forEach(after -> tell(verifier, after));

    // Then
    assertFound(verifier.finish(), Fault.CHANGED, event.sequence());
  }
}
