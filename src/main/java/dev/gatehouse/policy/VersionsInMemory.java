package dev.gatehouse.policy;

import java.io.IOException;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Versions that end with the process. */
final class VersionsInMemory implements VersionStore {
  private final Map<String, Map<String, String>> texts = new HashMap<>();
  private @Nullable Standing standing;

  @Override
  public void keep(String digest, Map<String, String> files) {
    texts.putIfAbsent(digest, Map.copyOf(files));
  }

  @Override
  public Map<String, String> read(String digest) throws IOException {
    Map<String, String> files = texts.get(digest);
    if (files == null) {
      throw new IOException("version " + digest + " is not kept");
    }
    return files;
  }

  @Override
  public @Nullable Standing standing() {
    return standing;
  }

  @Override
  public void write(Standing next) {
    standing = next;
    texts.keySet().retainAll(next.versions());
  }
}
