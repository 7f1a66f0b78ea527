package dev.gatehouse.policy;

import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.gatehouse.action.Action;
import dev.gatehouse.policy.HostileTexts.Hostile;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Whatever a text repeats, a decision takes time in proportion to its length. */
class HostileTextTest {
  private static final int ROUNDS = 5;

  private static Policy policy;

  @BeforeAll
  static void load() {
    policy = PolicyBenchmark.load();
    HostileTexts.all().forEach(hostile -> HostileTexts.medianNanos(policy, text(hostile, 14), 3));
  }

  /**
   * Sixteen times the text takes sixteen times as long, or less where a limit is met; a quadratic
   * step would take 256 times as long.
   */
  @ParameterizedTest
  @MethodSource("dev.gatehouse.policy.HostileTexts#all")
  void timeGrowsNoFasterThanTheText(Hostile hostile) {
    // When
    long little = HostileTexts.medianNanos(policy, text(hostile, 14), ROUNDS);
    long much = HostileTexts.medianNanos(policy, text(hostile, 18), ROUNDS);

    // Then
    assertTrue(much < 64 * little, () -> much + " ns against " + little + " ns");
  }

  private static Action text(Hostile hostile, int bits) {
    return hostile.action(1 << bits);
  }
}
