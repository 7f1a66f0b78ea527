package dev.gatehouse.policy;

import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.gatehouse.action.Action;
import dev.gatehouse.policy.HostileTexts.Hostile;
import java.util.function.IntFunction;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Whatever a text repeats, a decision takes time in proportion to its length. */
class HostileTextTest {
  /** Twice the text may take so many times as long. */
  private static final double MOST = 2.2;

  /** Characters of the shorter text. */
  private static final int LENGTH = 1 << 16;

  private static Policy policy;

  @BeforeAll
  static void warmUp() {
    policy = PolicyBenchmark.load();
    HostileTexts.all().forEach(hostile -> Growth.medianNanos(deciding(hostile).apply(LENGTH), 3));
  }

  @ParameterizedTest
  @MethodSource("dev.gatehouse.policy.HostileTexts#all")
  void timeGrowsNoFasterThanTheText(Hostile hostile) {
    double growth = Growth.ofDoubling(deciding(hostile), LENGTH, MOST);

    assertTrue(growth <= MOST, () -> "twice the text takes " + growth + " times as long");
  }

  private static IntFunction<Runnable> deciding(Hostile hostile) {
    return length -> {
      Action action = hostile.action(length);
      return () -> policy.decide(action);
    };
  }
}
