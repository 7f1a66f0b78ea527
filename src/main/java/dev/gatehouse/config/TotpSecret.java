package dev.gatehouse.config;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.time.Instant;
import java.util.Arrays;
import java.util.Locale;
import java.util.OptionalLong;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.jspecify.annotations.Nullable;

/**
 * What a person's authenticator knows: codes of six digits that change every 30 seconds, by
 * HMAC-SHA1 (RFC 6238 with its defaults, which is what authenticators do). Never shown.
 */
public final class TotpSecret {
  private static final String ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
  private static final int BITS = 5;

  /** RFC 4226, section 4: at least 128 bits. */
  private static final int MIN_BYTES = 16;

  private static final int MAX_BYTES = 128;
  private static final long STEP_SECONDS = 30;
  private static final int MODULUS = 1_000_000;

  /** RFC 6238, section 5.2: one step for clocks and networks. */
  private static final int STEPS_AROUND = 1;

  private final byte[] secret;

  private TotpSecret(byte[] secret) {
    this.secret = secret;
  }

  /**
   * Reads 16 to 128 bytes in Base32, as authenticators are told them.
   *
   * @throws IllegalArgumentException if that is not what the file holds
   */
  public static TotpSecret read(Path file) {
    try {
      return of(Files.readString(file));
    } catch (IOException e) {
      throw new IllegalArgumentException("the file cannot be read", e);
    }
  }

  static TotpSecret of(String base32) {
    String text = base32.replaceAll("[\\s=]", "").toUpperCase(Locale.ROOT);
    ByteBuffer bytes = ByteBuffer.allocate(text.length() * BITS / Byte.SIZE);
    int buffer = 0;
    int bits = 0;
    for (int i = 0; i < text.length(); i++) {
      int value = ALPHABET.indexOf(text.charAt(i));
      if (value < 0) {
        throw new IllegalArgumentException("the secret is not Base32");
      }
      buffer = (buffer << BITS | value) & 0xfff;
      bits += BITS;
      if (bits >= Byte.SIZE) {
        bits -= Byte.SIZE;
        bytes.put((byte) (buffer >> bits));
      }
    }
    if (bytes.capacity() < MIN_BYTES || bytes.capacity() > MAX_BYTES) {
      throw new IllegalArgumentException("the secret is too short or too long");
    }
    return new TotpSecret(bytes.array());
  }

  /** The time step whose code it is, of those around now; empty for none. */
  public OptionalLong step(String code, Instant now) {
    byte[] given = code.getBytes(StandardCharsets.UTF_8);
    long current = now.getEpochSecond() / STEP_SECONDS;
    OptionalLong found = OptionalLong.empty();
    for (long step = current - STEPS_AROUND; step <= current + STEPS_AROUND; step++) {
      if (MessageDigest.isEqual(code(step).getBytes(StandardCharsets.UTF_8), given)) {
        found = OptionalLong.of(step);
      }
    }
    return found;
  }

  /** RFC 4226, section 5.3. */
  private String code(long step) {
    try {
      Mac mac = Mac.getInstance("HmacSHA1");
      mac.init(new SecretKeySpec(secret, "HmacSHA1"));
      ByteBuffer hash = ByteBuffer.wrap(mac.doFinal(ByteBuffer.allocate(8).putLong(step).array()));
      int offset = hash.get(hash.capacity() - 1) & 0xf;
      return String.format(
          Locale.ROOT, "%06d", (hash.getInt(offset) & Integer.MAX_VALUE) % MODULUS);
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("every Java has HMAC-SHA1", e);
    }
  }

  /** The code of a moment, as an authenticator shows it. */
  public String code(Instant now) {
    return code(now.getEpochSecond() / STEP_SECONDS);
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof TotpSecret totp && MessageDigest.isEqual(secret, totp.secret);
  }

  @Override
  public int hashCode() {
    return Arrays.hashCode(secret);
  }

  @Override
  public String toString() {
    return "(secret)";
  }
}
