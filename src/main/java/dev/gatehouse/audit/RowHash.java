package dev.gatehouse.audit;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;

/**
 * The hashes of a chain: SHA-256 over a name that says what is hashed and in which version, the
 * hash before, and the canonical bytes. Confined to one thread.
 */
final class RowHash {
  static final int BYTES = 32;

  private static final byte[] EVENT = domain("gatehouse.audit.event.v1");
  private static final byte[] START = domain("gatehouse.audit.chain.v1");
  private static final byte[] NOTHING = new byte[BYTES];

  private final MessageDigest digest;
  private final CanonicalRow row = new CanonicalRow();

  RowHash() {
    try {
      digest = MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java has SHA-256", e);
    }
  }

  /** The hash of the row that follows the one whose hash is {@code previous}. */
  byte[] of(byte[] previous, byte[] canonical, int offset, int length) {
    digest.update(EVENT);
    digest.update(previous);
    digest.update(canonical, offset, length);
    return digest.digest();
  }

  /** As above, of an event. */
  byte[] of(byte[] previous, StoredEvent event) {
    row.set(event.chain(), event.sequence(), event.recordedAt(), event.event());
    return of(previous, row.bytes(), 0, row.length());
  }

  /** What the first row of a chain follows. */
  byte[] of(ChainStart start) {
    digest.update(START);
    digest.update(start.previousChain() == null ? NOTHING : start.previousHash());
    digest.update(
        (start.chain()
                + " "
                + start.previousChain()
                + " "
                + start.previousSequence()
                + " "
                + CanonicalRow.micros(start.startedAt())
                + " "
                + start.node())
            .getBytes(StandardCharsets.UTF_8));
    return digest.digest();
  }

  private static byte[] domain(String name) {
    return (name + "\0").getBytes(StandardCharsets.US_ASCII);
  }
}
