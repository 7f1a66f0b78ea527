package dev.gatehouse.action;

import java.security.SecureRandom;
import java.util.UUID;

/** Makes ids: UUIDs of version 7, so that later ones sort later, with 74 unguessable bits. */
public final class Ids {
  private static final SecureRandom RANDOM = new SecureRandom();

  private Ids() {}

  /** A new id. May be called from any thread. */
  public static String next() {
    byte[] random = new byte[10];
    RANDOM.nextBytes(random);
    long high =
        (System.currentTimeMillis() << 16)
            | 0x7000
            | ((random[0] & 0x0F) << 8)
            | (random[1] & 0xFF);
    long low = 0x8000_0000_0000_0000L | ((random[2] & 0x3FL) << 56);
    for (int i = 3; i < random.length; i++) {
      low |= (random[i] & 0xFFL) << (8 * (9 - i));
    }
    return new UUID(high, low).toString();
  }
}
