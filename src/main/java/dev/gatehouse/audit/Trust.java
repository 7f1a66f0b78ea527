package dev.gatehouse.audit;

import dev.gatehouse.audit.proof.Checkpoint;
import dev.gatehouse.audit.proof.CheckpointKey;
import dev.gatehouse.config.AuditSettings;
import java.io.IOException;
import java.nio.file.Path;
import java.security.PublicKey;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What a verifier believes without the log: public keys, and checkpoints that were kept elsewhere.
 */
public record Trust(Map<String, PublicKey> keys, List<Checkpoint> kept, String source) {
  /**
   * The folders that are believed where nobody says otherwise: the server's own, and the one that
   * {@code audit.checkpoints.trustedKeys} names for the other servers of the database.
   */
  public static List<Path> folders(Path data, AuditSettings settings) {
    List<Path> folders = new ArrayList<>(List.of(data.resolve(AuditLog.DIRECTORY)));
    Path trusted = settings.checkpoints().trustedKeys();
    if (trusted != null) {
      folders.add(trusted);
    }
    return folders;
  }

  /** As {@link #read(List, Path)}, with one folder of keys. */
  public static Trust read(Path folder, @Nullable Path kept) throws IOException {
    return read(List.of(folder), kept);
  }

  /**
   * Reads both from files. Blocks.
   *
   * @param folders directories of public keys, or those that have one as {@code public/}
   * @param kept a file of checkpoints; null for none
   */
  public static Trust read(List<Path> folders, @Nullable Path kept) throws IOException {
    Map<String, PublicKey> keys = new HashMap<>();
    for (Path folder : folders) {
      keys.putAll(CheckpointKey.publicKeys(folder));
    }
    return new Trust(
        keys, kept == null ? List.of() : LogLine.checkpoints(kept), String.valueOf(kept));
  }
}
