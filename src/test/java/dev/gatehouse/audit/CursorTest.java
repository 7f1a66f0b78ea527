package dev.gatehouse.audit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class CursorTest {
  @ParameterizedTest
  @ValueSource(strings = {"", "7:3", "5:10,7:3", "6:read", "6:read,1:5,7:3"})
  void isWrittenAsItWasRead(String text) {
    assertEquals(text, Cursor.parse(text).toString());
  }

  @Test
  void takesWhatIsOlderThanItsOldestChainAsRead() {
    assertEquals(4, Cursor.parse("5:10,7:3").through());
    assertEquals(0, Cursor.parse("").through());
    assertEquals(6, Cursor.parse("6:read,1:5,7:3").through());
  }

  @Test
  void knowsWhichRowsWereSeen() {
    Cursor place = Cursor.parse("6:read,3:5,7:3");

    assertTrue(place.isBehind(3, 5));
    assertFalse(place.isBehind(3, 6));
    assertTrue(place.isBehind(6, 100));
    assertFalse(place.isBehind(8, 1));
  }

  @ParameterizedTest
  @ValueSource(strings = {"x", "1", "1:", ":1", "1:2,", "1:unread"})
  void refusesWhatIsNoPlace(String text) {
    assertThrows(IllegalArgumentException.class, () -> Cursor.parse(text));
  }

  @Test
  void refusesAClientsPlaceInMoreThanAThousandChainsAndReadsItsOwn() {
    Map<Long, Long> places = new HashMap<>();
    for (long chain = 1; chain <= 1_001; chain++) {
      places.put(chain, 1L);
    }
    Cursor large = new Cursor(places);

    assertThrows(IllegalArgumentException.class, () -> Cursor.parse(large.toString()));
    assertEquals(large, Cursor.stored(large.toString()));
  }
}
