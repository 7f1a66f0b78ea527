package dev.gatehouse.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The cases of W3C Trace Context, section 2.2. */
class TraceTest {
  private static final String TRACE = "0af7651916cd43dd8448eb211c80319c";
  private static final String PARENT = "b7ad6b7169203331";
  private static final String GOOD = "00-" + TRACE + "-" + PARENT + "-01";

  @ParameterizedTest
  @ValueSource(
      strings = {GOOD, "00-" + TRACE + "-" + PARENT + "-00", "00-" + TRACE + "-" + PARENT + "-ff"})
  void takesVersion00AsItIs(String given) {
    assertEquals(given, Trace.checked(given));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "01-" + TRACE + "-" + PARENT + "-01",
        "cc-" + TRACE + "-" + PARENT + "-01-what-the-future-will-be-like",
        "fe-" + TRACE + "-" + PARENT + "-01-"
      })
  void takesALaterVersionAsVersion00(String given) {
    assertEquals(GOOD, Trace.checked(given));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "00",
        TRACE,
        "ff-" + TRACE + "-" + PARENT + "-01",
        "0-" + TRACE + "-" + PARENT + "-01-",
        "00-" + TRACE + "-" + PARENT,
        "00-" + TRACE + "-" + PARENT + "-1",
        "00-" + TRACE + "-" + PARENT + "-01-",
        "00-" + TRACE + "-" + PARENT + "-011",
        "01-" + TRACE + "-" + PARENT + "-01.what",
        "00-" + TRACE + "-" + PARENT + "-0x",
        "00-00000000000000000000000000000000-" + PARENT + "-01",
        "00-" + TRACE + "-0000000000000000-01",
        "00-0AF7651916CD43DD8448EB211C80319C-" + PARENT + "-01",
        "00-0af7651916cd43dd8448eb211c80319-" + PARENT + "-01-",
        "00_" + TRACE + "_" + PARENT + "_01",
        " " + GOOD,
        GOOD + " "
      })
  void takesNoNoteOfWhatIsMalformed(String given) {
    assertNull(Trace.checked(given));
  }

  @Property
  void whateverIsTakenCanBeGivenToAShell(@ForAll String end) {
    String taken = Trace.checked("42-" + TRACE + "-" + PARENT + "-01" + end);
    if (taken != null) {
      assertEquals(GOOD, taken);
    }
  }
}
