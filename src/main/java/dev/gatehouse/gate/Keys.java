package dev.gatehouse.gate;

import dev.gatehouse.action.Actor;
import dev.gatehouse.action.Role;
import dev.gatehouse.config.Configuration;
import dev.gatehouse.config.KeySettings;
import dev.gatehouse.config.TotpSecret;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * The bearer keys, held as SHA-256 hashes. A key is long and random, so a plain hash keeps it as
 * well as a slow one would. Immutable.
 */
public final class Keys {
  private static final int KEY_BYTES = 32;
  private static final String DEFAULT_TENANT = "default";

  private static final class Entry {
    final byte[] sha256;
    final Actor actor;
    final Optional<TotpSecret> authenticator;

    Entry(byte[] sha256, Actor actor, Optional<TotpSecret> authenticator) {
      this.sha256 = sha256;
      this.actor = actor;
      this.authenticator = authenticator;
    }
  }

  private final List<Entry> entries;

  private Keys(List<Entry> entries) {
    this.entries = List.copyOf(entries);
  }

  /**
   * The configured keys; where there are none and only this machine can connect, one key a role,
   * made at the first start below {@code keys/} in the data directory, each readable by its owner
   * alone.
   *
   * @throws IllegalStateException if there are none and others can connect
   */
  public static Keys open(Configuration configuration) throws IOException {
    List<Entry> entries = new ArrayList<>();
    for (KeySettings key : configuration.keys()) {
      entries.add(
          new Entry(
              HexFormat.of().parseHex(key.sha256()),
              new Actor(
                  key.tenant(),
                  key.name(),
                  key.role(),
                  key.holder().isEmpty() ? key.name() : key.holder(),
                  Set.copyOf(key.groups())),
              key.totp()));
    }
    if (entries.isEmpty()) {
      if (!configuration.listensOnLoopbackOnly()) {
        throw new IllegalStateException(
            "no keys are configured and "
                + configuration.host()
                + " can be reached from other machines: write keys, or listen on 127.0.0.1");
      }
      for (Role role : Role.values()) {
        Path file = configuration.data().resolve("keys").resolve(role.word());
        String key = Files.exists(file) ? read(file) : make(file, role);
        entries.add(
            new Entry(sha256(key), new Actor(DEFAULT_TENANT, role.word(), role), Optional.empty()));
      }
    }
    return new Keys(entries);
  }

  private static String read(Path file) throws IOException {
    String key = Files.readString(file).strip();
    if (key.length() < KEY_BYTES) {
      throw new IllegalStateException(
          file + " holds no key: delete it, and the next start makes a new one");
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

  /** Whose key it is. Takes the same time whether the key is known or not. */
  public Optional<Actor> authenticate(String key) {
    byte[] presented = sha256(key);
    Actor found = null;
    for (Entry entry : entries) {
      if (MessageDigest.isEqual(entry.sha256, presented)) {
        found = entry.actor;
      }
    }
    return Optional.ofNullable(found);
  }

  /** An approver, by the name of a person who holds such a key; of several keys the first one's. */
  public Optional<Actor> approver(String tenant, String holder) {
    return entries.stream()
        .map(entry -> entry.actor)
        .filter(actor ->
            actor.role() == Role.APPROVER
                && actor.tenant().equals(tenant)
                && actor.holder().equals(holder))
        .findFirst();
  }

  /** The authenticator of a person, with whichever key of his it was configured. */
  Optional<TotpSecret> authenticator(String tenant, String holder) {
    return entries.stream()
        .filter(entry -> entry.actor.tenant().equals(tenant) && entry.actor.holder().equals(holder))
        .flatMap(entry -> entry.authenticator.stream())
        .findFirst();
  }

  private static byte[] sha256(String key) {
    try {
      return MessageDigest.getInstance("SHA-256").digest(key.getBytes(StandardCharsets.UTF_8));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java has SHA-256", e);
    }
  }
}
