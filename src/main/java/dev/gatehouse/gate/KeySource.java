package dev.gatehouse.gate;

import dev.gatehouse.action.Actor;
import dev.gatehouse.action.Role;
import dev.gatehouse.config.Configuration;
import dev.gatehouse.config.ConfigurationFile;
import dev.gatehouse.config.KeySettings;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Where keys come from: the configuration's {@code keys}; where there are none and only this
 * machine can connect, one key a role, made below {@code keys/} in the data directory, each
 * readable by its owner alone. Where others can connect and only issuers of tokens are configured,
 * there are none. Reads and writes files, so it is for one worker thread at a time.
 */
public final class KeySource {
  private static final int KEY_BYTES = 32;
  private static final String DEFAULT_TENANT = "default";
  private static final byte[] NONE = {};

  private final Configuration atStart;
  private final @Nullable ConfigurationFile file;
  private boolean configured;
  private byte[] taken = NONE;
  private byte[] seen = NONE;

  /**
   * Reads nothing yet.
   *
   * @param file what is read again for its keys; null where only made keys can change
   */
  public KeySource(Configuration atStart, @Nullable ConfigurationFile file) {
    this.atStart = atStart;
    this.file = file;
  }

  /**
   * Reads them as they are at the start.
   *
   * @throws IllegalStateException if there are none and others can connect
   */
  List<Key> read() throws IOException {
    return of(atStart);
  }

  /**
   * Reads them again, if they changed since they were last read and are the same as at the last
   * look: a file is not taken while it is being written. What cannot be used is told once.
   *
   * @throws RuntimeException if what is there now cannot be used
   */
  Optional<List<Key>> readIfChanged() throws IOException {
    byte[] now = content();
    boolean still = Arrays.equals(now, seen);
    seen = now;
    if (!still || Arrays.equals(now, taken)) {
      return Optional.empty();
    }
    taken = now;
    Configuration fresh = file == null ? atStart : file.load();
    if (!Arrays.equals(content(), now)) {
      // It is being written after all.
      taken = NONE;
      return Optional.empty();
    }
    if (fresh.keys().isEmpty() && configured) {
      // An emptied file would else hand the server to whoever reads its data directory.
      throw new IllegalStateException(
          "keys were configured, and there are none any more: that takes a restart");
    }
    return Optional.of(of(fresh));
  }

  private List<Key> of(Configuration configuration) throws IOException {
    configured = !configuration.keys().isEmpty();
    return configured ? configuration.keys().stream().map(KeySource::configured).toList() : made();
  }

  private static Key configured(KeySettings key) {
    return new Key(
        HexFormat.of().parseHex(key.sha256()),
        new Actor(
            key.tenant(),
            key.name(),
            key.role(),
            key.holder().isEmpty() ? key.name() : key.holder(),
            Set.copyOf(key.groups())),
        key.totp());
  }

  private List<Key> made() throws IOException {
    if (!atStart.listensOnLoopbackOnly() && !atStart.issuers().isEmpty()) {
      return List.of();
    }
    if (!atStart.listensOnLoopbackOnly()) {
      throw new IllegalStateException(
          "no keys are configured and "
              + atStart.host()
              + " can be reached from other machines: write keys, or listen on 127.0.0.1");
    }
    List<Key> keys = new ArrayList<>();
    for (Role role : Role.values()) {
      Path place = place(role);
      String key = Files.exists(place) ? read(place) : make(place, role);
      keys.add(
          new Key(
              Keys.sha256(key), new Actor(DEFAULT_TENANT, role.word(), role), Optional.empty()));
    }
    return keys;
  }

  private Path place(Role role) {
    return atStart.data().resolve("keys").resolve(role.word());
  }

  private static String read(Path file) throws IOException {
    String key = Files.readString(file).strip();
    if (key.length() < KEY_BYTES) {
      throw new IllegalStateException(file + " holds no key: delete it, and a new one is made");
    }
    return key;
  }

  private static String make(Path file, Role role) throws IOException {
    byte[] random = new byte[KEY_BYTES];
    new SecureRandom().nextBytes(random);
    String key =
        "gh_" + role.word() + "_" + Base64.getUrlEncoder().withoutPadding().encodeToString(random);
    Files.createDirectories(
        file.getParent(),
        PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
    // Written beside and moved, so that a crash leaves no half a key.
    Path draft = file.resolveSibling("." + role.word());
    Files.deleteIfExists(draft);
    Files.createFile(
        draft, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
    Files.writeString(draft, key + "\n", StandardOpenOption.WRITE, StandardOpenOption.DSYNC);
    Files.move(draft, file);
    return key;
  }

  /** A hash of all that is read. */
  private byte[] content() throws IOException {
    MessageDigest digest = Keys.sha256();
    if (file != null) {
      add(digest, file.path());
    }
    if (!configured) {
      for (Role role : Role.values()) {
        add(digest, place(role));
      }
    }
    return digest.digest();
  }

  private static void add(MessageDigest digest, Path file) throws IOException {
    try {
      byte[] bytes = Files.readAllBytes(file);
      digest.update(("file " + bytes.length + "\n").getBytes(StandardCharsets.UTF_8));
      digest.update(bytes);
    } catch (NoSuchFileException e) {
      digest.update("none\n".getBytes(StandardCharsets.UTF_8));
    }
  }
}
