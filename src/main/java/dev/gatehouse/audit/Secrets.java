package dev.gatehouse.audit;

import dev.gatehouse.audit.proof.CheckpointKey;
import dev.gatehouse.audit.redact.Redactor;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;

/** What the log keeps in files of its own: the key that signs, and the one that hides secrets. */
record Secrets(CheckpointKey key, Redactor redactor) {
  private static final String REDACTION_KEY = "redaction.key";
  private static final int KEY_BYTES = 32;

  /** Opens both, making them first where they are not there. Blocks. */
  static Secrets open(Path directory, boolean emails) throws IOException {
    CheckpointKey key = CheckpointKey.open(directory);
    Path file = directory.resolve(REDACTION_KEY);
    if (Files.notExists(file)) {
      byte[] random = new byte[KEY_BYTES];
      new SecureRandom().nextBytes(random);
      Path draft = directory.resolve("." + REDACTION_KEY);
      Files.deleteIfExists(draft);
      Files.createFile(
          draft,
          PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
      Files.write(draft, random, StandardOpenOption.WRITE);
      Files.move(draft, file, StandardCopyOption.ATOMIC_MOVE);
    }
    byte[] redaction = Files.readAllBytes(file);
    if (redaction.length < KEY_BYTES) {
      throw new IOException(file + " has " + redaction.length + " bytes, expected " + KEY_BYTES);
    }
    return new Secrets(key, new Redactor(redaction, emails));
  }
}
