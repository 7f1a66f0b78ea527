package dev.gatehouse.config;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class WebhookSecretTest {
  private static final String TEXT = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
  private static final String ID = "msg_p5jXN8AQM9LWM0D4loKWxJek";
  private static final long TIME = 1614265330;
  private static final byte[] BODY = "{\"test\": 2432232314}".getBytes(StandardCharsets.UTF_8);

  /** The example of the specification's reference libraries. */
  private static final String SIGNATURE = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=";

  private final WebhookSecret secret = WebhookSecret.of(TEXT);

  @Test
  void signsAsTheStandardDoes() {
    assertEquals(SIGNATURE, secret.sign(ID, TIME, BODY));
  }

  @Test
  void acceptsOneRightSignatureOfSeveralAndNothingElse() {
    assertTrue(secret.signed(ID, TIME, BODY, SIGNATURE));
    assertTrue(secret.signed(ID, TIME, BODY, "v1,AAAA v2,x " + SIGNATURE));
    assertFalse(secret.signed(ID, TIME, BODY, ""));
    assertFalse(secret.signed(ID, TIME, BODY, SIGNATURE.substring(3)));
    assertFalse(secret.signed(ID + "x", TIME, BODY, SIGNATURE));
    assertFalse(secret.signed(ID, TIME + 1, BODY, SIGNATURE));
    assertFalse(secret.signed(ID, TIME, new byte[] {'{'}, SIGNATURE));
    assertFalse(secret.signed(ID, TIME, BODY, "x ".repeat(10) + SIGNATURE));
  }

  @Test
  void readsAFileAndShowsNothingOfIt(@TempDir Path folder) throws Exception {
    Path file = folder.resolve("secret");
    Files.writeString(file, TEXT + "\n");

    assertEquals(SIGNATURE, WebhookSecret.read(file).sign(ID, TIME, BODY));
    assertFalse(WebhookSecret.read(file).toString().contains("MfKQ"));
    for (String bad : new String[] {"", "whsec_", "whsec_AAAA", TEXT.substring(6), "whsec_%"}) {
      Files.writeString(file, bad);
      assertThrows(IllegalArgumentException.class, () -> WebhookSecret.read(file), bad);
    }
    assertThrows(
        IllegalArgumentException.class, () -> WebhookSecret.read(folder.resolve("missing")));
  }
}
