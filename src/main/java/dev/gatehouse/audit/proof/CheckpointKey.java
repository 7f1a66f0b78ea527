package dev.gatehouse.audit.proof;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.MessageDigest;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.Signature;
import java.security.spec.PKCS8EncodedKeySpec;
import java.security.spec.X509EncodedKeySpec;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Base64;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The Ed25519 key of this node. {@code signing.key} is its owner's alone; the public keys of this
 * and all earlier ones are beside it in {@code public/}. A new one is made where there is none: to
 * rotate, move {@code signing.key} away and restart.
 */
public final class CheckpointKey {
  private static final String PRIVATE = "signing.key";
  private static final String PUBLIC = "public";
  private static final int ID_BYTES = 8;

  private final PrivateKey key;
  private final String id;

  private CheckpointKey(PrivateKey key, String id) {
    this.key = key;
    this.id = id;
  }

  /** Opens the key in a directory, making it first where there is none. Blocks. */
  public static CheckpointKey open(Path directory) throws IOException {
    try {
      Files.createDirectories(
          directory,
          PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
      Files.createDirectories(directory.resolve(PUBLIC));
      Path file = directory.resolve(PRIVATE);
      if (Files.notExists(file)) {
        make(directory, file);
      }
      String[] lines = Files.readString(file).strip().split("\n", -1);
      KeyFactory factory = KeyFactory.getInstance("Ed25519");
      return new CheckpointKey(
          factory.generatePrivate(
              new PKCS8EncodedKeySpec(Base64.getDecoder().decode(lines[1].strip()))),
          lines[0].strip());
    } catch (GeneralSecurityException | IllegalArgumentException | IndexOutOfBoundsException e) {
      throw new IOException(directory.resolve(PRIVATE) + " is not a signing key", e);
    }
  }

  private static void make(Path directory, Path file) throws IOException, GeneralSecurityException {
    KeyPair pair = KeyPairGenerator.getInstance("Ed25519").generateKeyPair();
    byte[] encoded = pair.getPublic().getEncoded();
    String id = id(encoded);
    Files.writeString(
        directory.resolve(PUBLIC).resolve(id + ".pub"),
        Base64.getEncoder().encodeToString(encoded) + "\n");
    // Written beside and moved, so that a crash leaves no half a key.
    Path draft = directory.resolve("." + PRIVATE);
    Files.deleteIfExists(draft);
    Files.createFile(
        draft, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
    Files.writeString(
        draft,
        id + "\n" + Base64.getEncoder().encodeToString(pair.getPrivate().getEncoded()) + "\n",
        StandardOpenOption.WRITE);
    Files.move(draft, file, StandardCopyOption.ATOMIC_MOVE);
  }

  /** The public keys below a directory, by their ids. Blocks. */
  public static Map<String, PublicKey> publicKeys(Path directory) throws IOException {
    Map<String, PublicKey> keys = new HashMap<>();
    Path folder =
        Files.isDirectory(directory.resolve(PUBLIC)) ? directory.resolve(PUBLIC) : directory;
    if (!Files.isDirectory(folder)) {
      return keys;
    }
    try (var files = Files.newDirectoryStream(folder, "*.pub")) {
      for (Path file : files) {
        byte[] encoded = Base64.getDecoder().decode(Files.readString(file).strip());
        keys.put(
            id(encoded),
            KeyFactory.getInstance("Ed25519").generatePublic(new X509EncodedKeySpec(encoded)));
      }
    } catch (GeneralSecurityException | IllegalArgumentException e) {
      throw new IOException(folder + " has a file that is no public key", e);
    }
    return keys;
  }

  /** Whether one of the keys signed it. */
  public static boolean signed(Checkpoint checkpoint, Map<String, PublicKey> keys) {
    return signed(
        Checkpoint.content(
            checkpoint.chain(),
            checkpoint.size(),
            checkpoint.hash(),
            checkpoint.root(),
            checkpoint.madeAt()),
        checkpoint.signature(),
        keys.get(checkpoint.key()));
  }

  /** Whether one of the keys signed it. */
  public static boolean signed(ArchiveSeal seal, Map<String, PublicKey> keys) {
    try {
      return signed(
          ArchiveSeal.content(
              seal.epochDay(), seal.chain(), seal.first(), seal.last(), seal.hash(), seal.sha256()),
          seal.signature(),
          keys.get(seal.key()));
    } catch (IllegalArgumentException e) {
      // The file's digest is not even hex.
      return false;
    }
  }

  private static boolean signed(byte[] content, byte[] signed, @Nullable PublicKey key) {
    if (key == null) {
      return false;
    }
    try {
      Signature signature = Signature.getInstance("Ed25519");
      signature.initVerify(key);
      signature.update(content);
      return signature.verify(signed);
    } catch (GeneralSecurityException e) {
      return false;
    }
  }

  /** The first eight bytes of the public key's SHA-256, as hex. */
  public String id() {
    return id;
  }

  /** Signs what is so now. */
  public Checkpoint sign(
      long chain, long size, byte[] hash, byte[] root, byte[] frontier, Instant now) {
    Instant madeAt = now.truncatedTo(ChronoUnit.MICROS);
    return new Checkpoint(
        chain,
        size,
        hash,
        root,
        frontier,
        madeAt,
        id,
        signature(Checkpoint.content(chain, size, hash, root, madeAt)));
  }

  /** Signs that rows are in the archive. */
  public ArchiveSeal sign(
      long epochDay, long chain, long first, long last, byte[] hash, String sha256) {
    return new ArchiveSeal(
        epochDay,
        chain,
        first,
        last,
        hash,
        sha256,
        id,
        signature(ArchiveSeal.content(epochDay, chain, first, last, hash, sha256)));
  }

  private byte[] signature(byte[] content) {
    try {
      Signature signature = Signature.getInstance("Ed25519");
      signature.initSign(key);
      signature.update(content);
      return signature.sign();
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("the signing key does not sign", e);
    }
  }

  private static String id(byte[] encoded) throws GeneralSecurityException {
    byte[] sha256 = MessageDigest.getInstance("SHA-256").digest(encoded);
    return HexFormat.of().formatHex(sha256, 0, ID_BYTES);
  }
}
