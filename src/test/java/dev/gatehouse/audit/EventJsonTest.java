package dev.gatehouse.audit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;

class EventJsonTest {
  @Property
  void anEventComesBackToTheByte(@ForAll String action, @ForAll String text) throws IOException {
    // Given
    String detail = new JsonObject().put("text", text).put("list", List.of(1, 2.5)).encode();
    StoredEvent event =
        Events.stored(Events.START, List.of(Events.decision(action, detail))).get(0);

    // When
    String line = EventJson.line(event);

    // Then
    assertEquals(event, EventJson.read(line));
    assertFalse(line.contains("\n"));
  }

  @Property
  void aDetailThatIsNoObjectComesBackToo(@ForAll String detail) throws IOException {
    StoredEvent event = Events.stored(Events.START, List.of(Events.decision("a", detail))).get(0);
    assertEquals(event, EventJson.read(EventJson.line(event)));
  }

  @Test
  void refusesWhatIsNoEvent() {
    assertThrows(IOException.class, () -> EventJson.read("{}"));
    assertThrows(IOException.class, () -> EventJson.read("no JSON"));
  }
}
