package dev.gatehouse.config;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.Base64;
import java.util.Optional;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * What both sides of a webhook know: HMAC-SHA256 over id, time and body, in the form of the <a
 * href="https://www.standardwebhooks.com">Standard Webhooks</a>. Never shown.
 */
public final class WebhookSecret {
  /** Header: unique for each message, the same whenever it is sent again. */
  public static final String ID = "webhook-id";

  /** Header: when it was signed, in seconds since the epoch. */
  public static final String TIMESTAMP = "webhook-timestamp";

  /** Header: signatures, with spaces between them. */
  public static final String SIGNATURE = "webhook-signature";

  /** How far the clocks of both sides may be apart, in seconds. */
  public static final long TOLERANCE_SECONDS = 300;

  private static final String PREFIX = "whsec_";
  private static final String VERSION = "v1,";
  private static final int MIN_BYTES = 24;
  private static final int MAX_BYTES = 64;
  private static final int MAX_SIGNATURES = 10;

  private final byte[] secret;

  private WebhookSecret(byte[] secret) {
    this.secret = secret;
  }

  /**
   * Reads {@code whsec_} and 24 to 64 bytes in Base64.
   *
   * @throws IllegalArgumentException if that is not what the file holds
   */
  public static WebhookSecret read(Path file) {
    try {
      return of(Files.readString(file).strip());
    } catch (IOException e) {
      throw new IllegalArgumentException("the file cannot be read", e);
    }
  }

  /** The secret in the file that an entry names. */
  static Optional<WebhookSecret> of(Settings.Entry entry) {
    return entry.required(
        "secretFile",
        "the path of a file with whsec_ and 24 to 64 bytes in Base64",
        Optional.empty(),
        text -> Optional.of(read(Path.of(text))));
  }

  static WebhookSecret of(String text) {
    byte[] secret =
        Base64.getDecoder().decode(text.startsWith(PREFIX) ? text.substring(PREFIX.length()) : "?");
    if (secret.length < MIN_BYTES || secret.length > MAX_BYTES) {
      throw new IllegalArgumentException("the secret is too short or too long");
    }
    return new WebhookSecret(secret);
  }

  /** The signature of a message. */
  public String sign(String id, long timestampSeconds, byte[] body) {
    return VERSION + Base64.getEncoder().encodeToString(hmac(id, timestampSeconds, body));
  }

  /** Whether one of the signatures of a message is by this secret; whichever, it takes as long. */
  public boolean signed(String id, long timestampSeconds, byte[] body, String signatures) {
    byte[] expected = sign(id, timestampSeconds, body).getBytes(StandardCharsets.UTF_8);
    boolean found = false;
    String[] each = signatures.split(" ", MAX_SIGNATURES + 1);
    for (int i = 0; i < Math.min(each.length, MAX_SIGNATURES); i++) {
      found |= MessageDigest.isEqual(expected, each[i].getBytes(StandardCharsets.UTF_8));
    }
    return found;
  }

  private byte[] hmac(String id, long timestampSeconds, byte[] body) {
    try {
      Mac mac = Mac.getInstance("HmacSHA256");
      mac.init(new SecretKeySpec(secret, "HmacSHA256"));
      mac.update((id + "." + timestampSeconds + ".").getBytes(StandardCharsets.UTF_8));
      return mac.doFinal(body);
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("every Java has HMAC-SHA256", e);
    }
  }

  @Override
  public String toString() {
    return "(secret)";
  }
}
