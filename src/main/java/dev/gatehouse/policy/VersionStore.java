package dev.gatehouse.policy;

import java.io.IOException;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Keeps versions of the policy by digest, and which one is active. Used by one thread at a time.
 */
interface VersionStore {
  /**
   * Keeps a version; nothing happens if it is kept already.
   *
   * @param digest of {@code texts}
   * @param texts file texts by name
   */
  void keep(String digest, Map<String, String> texts) throws IOException;

  /**
   * The file texts of a version, by name.
   *
   * @throws IOException if it is not kept, or is not what its digest says
   */
  Map<String, String> read(String digest) throws IOException;

  /** What was last written by {@link #write}; null if nothing ever was. */
  @Nullable Standing standing() throws IOException;

  /** Says which version is active, all at once, and forgets versions that it does not name. */
  void write(Standing standing) throws IOException;
}
