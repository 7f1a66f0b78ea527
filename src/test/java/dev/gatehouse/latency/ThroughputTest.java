package dev.gatehouse.latency;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.gatehouse.latency.Standing.State;
import org.junit.jupiter.api.Test;

class ThroughputTest {
  private static final long SECOND = 1_000_000_000L;

  private final Throughput throughput = new Throughput();

  @Test
  void saysNothingOfALogThatWasNeverBusy() {
    throughput.add(5, SECOND / 2);

    assertEquals(State.NO_DATA, throughput.sample().state());
  }

  @Test
  void countsWhatWasCommittedByTheTimeItTook() {
    throughput.add(3_000, 2 * SECOND);

    Standing standing = throughput.sample();

    assertEquals(State.MET, standing.state());
    assertEquals(1_500, standing.current());
    assertEquals(0.5, standing.budgetLeft());
  }

  @Test
  void breaksWhereTheLogIsSlowerThanItsTarget() {
    throughput.add(1_800, 2 * SECOND);

    assertEquals(State.BREACHED, throughput.sample().state());
  }

  @Test
  void forgetsWhatIsOlderThanFiveMinutes() {
    throughput.add(100, 2 * SECOND);
    assertEquals(State.BREACHED, throughput.sample().state());

    for (int second = 1; second < Windows.FIVE_MINUTES; second++) {
      assertEquals(State.BREACHED, throughput.sample().state());
    }

    assertEquals(State.NO_DATA, throughput.sample().state());
  }
}
