package dev.gatehouse.gate;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class ExecutionPlacesTest {
  private static final int LIMIT = 8;

  private final AtomicLong clock = new AtomicLong();
  private final ExecutionPlaces places = new ExecutionPlaces(LIMIT, clock::get);

  private int enter(String tenant, int times) {
    int entered = 0;
    for (int n = 0; n < times; n++) {
      entered += places.tryEnter(tenant) ? 1 : 0;
    }
    return entered;
  }

  @Test
  void whoIsAloneMayHaveAll() {
    assertEquals(LIMIT, enter("red", 2 * LIMIT));
    assertEquals(LIMIT, places.taken());
  }

  @Test
  void aPlaceThatComesFreeIsForWhoHasLessThanItsShare() {
    // Given
    enter("red", LIMIT);
    assertFalse(places.tryEnter("blue"));

    // When
    places.leave("red");

    // Then
    assertFalse(places.tryEnter("red"));
    assertTrue(places.tryEnter("blue"));
  }

  @Test
  void twoThatAskOnAndOnHaveHalfEachInTheEnd() {
    // Given
    enter("red", LIMIT);
    int blue = enter("blue", 1);

    // When: what ends is asked for again by red first.
    for (int n = 0; n < LIMIT; n++) {
      places.leave("red");
      enter("red", 1);
      blue += enter("blue", 1);
    }

    // Then
    assertEquals(LIMIT / 2, blue);
    assertEquals(LIMIT, places.taken());
  }

  @Test
  void nothingIsKeptForWhoAsksNoMore() {
    // Given
    enter("red", LIMIT);
    assertFalse(places.tryEnter("blue"));
    places.leave("red");

    // When
    clock.addAndGet(ExecutionPlaces.KEPT_NANOS + 1);

    // Then
    assertTrue(places.tryEnter("red"));
  }

  @Test
  void whatOthersLeaveMayBeHad() {
    assertEquals(1, enter("blue", 1));
    clock.addAndGet(ExecutionPlaces.KEPT_NANOS + 1);
    assertEquals(LIMIT - 1, enter("red", LIMIT));
  }

  @Test
  void previewsLeaveRoomForExecutions() {
    assertTrue(places.tryEnterPreview("red"));
    assertTrue(places.tryEnterPreview("red"));
    assertFalse(places.tryEnterPreview("red"));
    assertEquals(LIMIT - 2, enter("red", LIMIT));
    assertEquals(LIMIT, places.taken());
  }

  @Test
  void aPreviewNeedsAPlaceLikeAnyExecution() {
    // Given
    enter("red", LIMIT);

    // When, then
    assertFalse(places.tryEnterPreview("red"));
    places.leave("red");
    assertTrue(places.tryEnterPreview("red"));
    places.leavePreview("red");
    assertEquals(LIMIT - 1, places.taken());
    assertTrue(places.tryEnterPreview("red"));
  }
}
