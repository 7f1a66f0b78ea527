package dev.gatehouse.policy;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.SortedMap;

/** The name of a policy by its content. */
final class PolicyDigest {
  private PolicyDigest() {}

  /** {@code sha256:} and 64 hex digits over names, lengths and texts of all files in order. */
  static String of(SortedMap<String, String> files) {
    try {
      MessageDigest digest = MessageDigest.getInstance("SHA-256");
      files.forEach((name, text) -> {
        add(digest, name.getBytes(UTF_8));
        add(digest, text.getBytes(UTF_8));
      });
      return "sha256:" + HexFormat.of().formatHex(digest.digest());
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java runtime has SHA-256", e);
    }
  }

  private static void add(MessageDigest digest, byte[] bytes) {
    digest.update(ByteBuffer.allocate(Integer.BYTES).putInt(0, bytes.length));
    digest.update(bytes);
  }
}
