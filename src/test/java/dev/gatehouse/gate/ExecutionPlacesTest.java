package dev.gatehouse.gate;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

class ExecutionPlacesTest {
  @Test
  void previewsLeaveRoomForExecutions() {
    // Given
    ExecutionPlaces places = new ExecutionPlaces(8);

    // When, then
    assertTrue(places.tryEnterPreview());
    assertTrue(places.tryEnterPreview());
    assertFalse(places.tryEnterPreview());
    for (int i = 0; i < 6; i++) {
      assertTrue(places.tryEnter());
    }
    assertFalse(places.tryEnter());
    assertEquals(8, places.taken());
  }

  @Test
  void aPreviewNeedsAPlaceLikeAnyExecution() {
    // Given
    ExecutionPlaces places = new ExecutionPlaces(1);
    assertTrue(places.tryEnter());

    // When, then
    assertFalse(places.tryEnterPreview());
    places.leave();
    assertTrue(places.tryEnterPreview());
    places.leavePreview();
    assertEquals(0, places.taken());
    assertTrue(places.tryEnterPreview());
  }
}
