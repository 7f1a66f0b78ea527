package dev.gatehouse.config;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TotpSecretTest {
  /** RFC 6238, appendix B: the text 12345678901234567890. */
  private static final String TEXT = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ";

  private final TotpSecret secret = TotpSecret.of(TEXT);

  @Test
  void hasTheCodesOfTheStandardsAppendix() {
    // The appendix has eight digits; of six they are the last ones.
    assertEquals("287082", secret.code(Instant.ofEpochSecond(59)));
    assertEquals("081804", secret.code(Instant.ofEpochSecond(1111111109)));
    assertEquals("050471", secret.code(Instant.ofEpochSecond(1111111111)));
    assertEquals("005924", secret.code(Instant.ofEpochSecond(1234567890)));
    assertEquals("279037", secret.code(Instant.ofEpochSecond(2000000000)));
    assertEquals("353130", secret.code(Instant.ofEpochSecond(20000000000L)));
  }

  @Test
  void acceptsTheCodesOfOneStepAroundAndSaysWhichTheyAre() {
    assertEquals(OptionalLong.of(1), secret.step("287082", Instant.ofEpochSecond(59)));
    assertEquals(OptionalLong.of(1), secret.step("287082", Instant.ofEpochSecond(89)));
    assertEquals(OptionalLong.of(1), secret.step("287082", Instant.ofEpochSecond(29)));
    assertEquals(OptionalLong.empty(), secret.step("287082", Instant.ofEpochSecond(90)));
    assertEquals(OptionalLong.empty(), secret.step("287083", Instant.ofEpochSecond(59)));
    assertEquals(OptionalLong.empty(), secret.step("", Instant.ofEpochSecond(59)));
    assertEquals(OptionalLong.empty(), secret.step("94287082", Instant.ofEpochSecond(59)));
  }

  @Test
  void readsAFileAsAuthenticatorsAreToldAndShowsNothingOfIt(@TempDir Path folder) throws Exception {
    Path file = folder.resolve("totp");
    Files.writeString(file, "gezd gnbv gy3t qojq gezd gnbv gy3t qojq====\n");

    assertEquals("287082", TotpSecret.read(file).code(Instant.ofEpochSecond(59)));
    assertFalse(TotpSecret.read(file).toString().contains("GEZD"));
    for (String bad : new String[] {"", "GEZDGNBVGY3TQOJQ", TEXT + "1", "A".repeat(300)}) {
      Files.writeString(file, bad);
      assertThrows(IllegalArgumentException.class, () -> TotpSecret.read(file), bad);
    }
    assertThrows(IllegalArgumentException.class, () -> TotpSecret.read(folder.resolve("missing")));
  }
}
