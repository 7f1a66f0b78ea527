package dev.gatehouse.policy;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.function.IntUnaryOperator;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The measure itself, on loops whose growth is known. */
class GrowthTest {
  private static final int SIZE = 4_000;

  /** So often the loop runs before it is measured: what is compiled in between halves its time. */
  private static final int WARM_UP = 100;

  private int sum;

  @BeforeEach
  void warmUp() {
    for (int i = 0; i < WARM_UP; i++) {
      sum += times(400 * SIZE);
    }
  }

  @Test
  void whatLooksAtEachItemOnceTakesTwiceAsLong() {
    assertEquals(2.0, growth(size -> times(400 * size)), 0.6);
  }

  @Test
  void whatLooksAtAllItemsForEachTakesFourTimesAsLong() {
    assertEquals(4.0, growth(size -> times(size * size / 8)), 1.2);
  }

  @Test
  void whatMeetsALimitTakesNoLonger() {
    assertEquals(1.0, growth(size -> times(400 * SIZE)), 0.3);
  }

  /** Of none of these is the first figure enough: all attempts are made. */
  private double growth(IntUnaryOperator loop) {
    return Growth.ofDoubling(size -> () -> sum += loop.applyAsInt(size), SIZE, 0);
  }

  /** Each turn needs the result of the one before, so that none can be left out. */
  private static int times(int turns) {
    int state = turns;
    for (int i = 0; i < turns; i++) {
      state = state * 31 + (state >>> 7);
    }
    return state;
  }
}
