package dev.gatehouse.audit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertSame;

import dev.gatehouse.action.EventKind;
import io.vertx.core.json.JsonObject;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.StringReader;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Rows that another version wrote, or somebody who tampered: they are read and told all the same.
 */
class StrangeRowsTest {
  private static StoredEvent stored(EventKind kind, String detail) {
    return Events.stored(Events.START, List.of(Events.of(kind, "action", detail))).get(0);
  }

  @Test
  void aKindOfAnotherVersionKeepsItsWordAndItsHash() throws IOException {
    StoredEvent written = stored(EventKind.of("moon.landed"), "{}");

    StoredEvent read = EventJson.read(EventJson.line(written));

    assertEquals("moon.landed", read.event().kind().word());
    String file = LogLine.of(Events.START) + "\n" + EventJson.line(written) + "\n";
    Trust trust = new Trust(Map.of(), List.of(), "");
    assertEquals(
        List.of(),
        Verification.ofFile(new BufferedReader(new StringReader(file)), trust).findings());
    assertSame(EventKind.DECISION, EventKind.of("decision"));
    assertFalse(EventKind.isKnown("moon.landed"));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"", "text", "[1]", "{\"a\":", "{} {}", "{\"a\":1},\"tenant\":\"other\"", "{\n}"})
  void aDetailThatIsNoJsonMakesNoOtherLineAndIsReadBack(String detail) throws IOException {
    StoredEvent written = stored(EventKind.EXECUTION_ENDED, detail);

    String line = EventJson.line(written);

    assertEquals("default", new JsonObject(line).getString("tenant"));
    assertEquals(detail, EventJson.read(line).event().detail());
    assertNotNull(OtlpSpans.of(List.of(written), "node"));
    assertNotNull(written.event().detailJson());
  }

  @Test
  void aSpanOfAnotherTypeIsNone() {
    StoredEvent written = stored(EventKind.EXECUTION_ENDED, "{\"traceId\":7,\"spanId\":{\"a\":1}}");

    assertNotNull(OtlpSpans.of(List.of(written), "node"));
  }
}
