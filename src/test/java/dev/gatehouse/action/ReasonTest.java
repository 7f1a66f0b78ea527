package dev.gatehouse.action;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import org.junit.jupiter.api.Test;

class ReasonTest {
  @Test
  void namesAPlaceOnceHoweverManyConditionsMatchedThere() {
    Span first = new Span("command", 0, 2);
    Span second = new Span("command", 3, 5);

    Reason reason = new Reason("r", "c", "t", List.of(second, first, second, second));

    assertEquals(List.of(second, first), reason.spans());
  }
}
