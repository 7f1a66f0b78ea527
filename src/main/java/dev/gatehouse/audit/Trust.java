package dev.gatehouse.audit;

import dev.gatehouse.audit.proof.Checkpoint;
import dev.gatehouse.audit.proof.CheckpointKey;
import java.io.IOException;
import java.nio.file.Path;
import java.security.PublicKey;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What a verifier believes without the log: public keys, and checkpoints that were kept elsewhere.
 */
public record Trust(Map<String, PublicKey> keys, List<Checkpoint> kept, String source) {
  /**
   * Reads both from files. Blocks.
   *
   * @param keys a directory of public keys, or the one that has it as {@code public/}
   * @param kept a file of checkpoints; null for none
   */
  public static Trust read(Path keys, @Nullable Path kept) throws IOException {
    return new Trust(
        CheckpointKey.publicKeys(keys),
        kept == null ? List.of() : LogLine.checkpoints(kept),
        String.valueOf(kept));
  }
}
