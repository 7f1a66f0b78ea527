package dev.gatehouse.http;

import dev.gatehouse.config.TlsSettings;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.ClientAuth;
import io.vertx.core.json.JsonObject;
import io.vertx.core.net.PemKeyCertOptions;
import io.vertx.core.net.PemTrustOptions;
import io.vertx.core.net.ServerSSLOptions;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.PrivateKey;
import java.security.Signature;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import javax.net.ssl.X509KeyManager;
import javax.net.ssl.X509TrustManager;
import org.jspecify.annotations.Nullable;

/**
 * The listener's certificate, its key and the clients' authority, from their files. What was read
 * is checked before anybody gets it. Reads files, so it is for one worker thread at a time.
 */
public final class TlsFiles {
  private static final int MAX_FILE_BYTES = 1 << 20;
  private static final long HANDSHAKE_SECONDS = 10;

  /** Those with forward secrecy and authenticated encryption, which HTTP/2 asks for, too. */
  private static final List<String> CIPHER_SUITES =
      List.of(
          "TLS_AES_256_GCM_SHA384",
          "TLS_AES_128_GCM_SHA256",
          "TLS_CHACHA20_POLY1305_SHA256",
          "TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384",
          "TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384",
          "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256",
          "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256",
          "TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256",
          "TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256");

  private final Vertx vertx;
  private final TlsSettings settings;
  private final Path certificate;
  private final Path key;
  private Map<Path, Buffer> taken = Map.of();
  private Map<Path, Buffer> before = Map.of();
  private Map<Path, Buffer> refused = Map.of();
  private Map<Path, Buffer> seen = Map.of();

  private TlsFiles(Vertx vertx, TlsSettings settings) {
    this.vertx = vertx;
    this.settings = settings;
    this.certificate = Objects.requireNonNull(settings.certificate());
    this.key = Objects.requireNonNull(settings.key());
  }

  /** Reads nothing yet; null where there is no TLS. */
  public static @Nullable TlsFiles of(Vertx vertx, TlsSettings settings) {
    return settings.isOn() ? new TlsFiles(vertx, settings) : null;
  }

  /**
   * What a listener needs.
   *
   * @param shown of the certificate what everybody may know who connects
   */
  public record Found(ServerSSLOptions options, JsonObject shown) {}

  /**
   * Reads them as they are at the start.
   *
   * @throws IllegalStateException if they cannot be used, with the file and what is wrong
   */
  public Found read() {
    taken = content();
    seen = taken;
    return check(taken);
  }

  /**
   * Reads them again, if they changed since they were last read and are the same as at the last
   * look: certificate and key are not replaced in one step. What cannot be used is told once, and
   * tried again at each look, because its time may come.
   *
   * @throws IllegalStateException if what is there now cannot be used
   */
  Optional<Found> readIfChanged() {
    Map<Path, Buffer> now = content();
    boolean still = now.equals(seen);
    seen = now;
    if (now.equals(taken)) {
      refused = Map.of();
    }
    if (!still || now.equals(taken)) {
      return Optional.empty();
    }
    Found found;
    try {
      found = check(now);
    } catch (IllegalStateException e) {
      if (now.equals(refused)) {
        return Optional.empty();
      }
      refused = now;
      throw e;
    }
    before = taken;
    taken = now;
    return Optional.of(found);
  }

  /**
   * The listener did not take what was read last: it is read again at the next look.
   *
   * @return whether this is the first time that it was not taken
   */
  boolean giveBack() {
    boolean first = !taken.equals(refused);
    refused = taken;
    taken = before;
    return first;
  }

  private Map<Path, Buffer> content() {
    Map<Path, Buffer> content = new LinkedHashMap<>();
    Stream.of(certificate, key, settings.authority())
        .filter(Objects::nonNull)
        .forEach(file -> content.put(file, bytes(file)));
    return content;
  }

  /** Nothing for a file that cannot be read; it is told when it is looked into. */
  private static Buffer bytes(Path file) {
    try (InputStream in = Files.newInputStream(file)) {
      return Buffer.buffer(in.readNBytes(MAX_FILE_BYTES));
    } catch (IOException e) {
      return Buffer.buffer();
    }
  }

  private Found check(Map<Path, Buffer> content) {
    content.forEach((file, bytes) -> {
      if (bytes.length() == 0) {
        throw new IllegalStateException(file + " cannot be read, or is empty");
      }
    });
    PemKeyCertOptions own =
        new PemKeyCertOptions()
            .addCertValue(content.get(certificate))
            .addKeyValue(content.get(key));
    ServerSSLOptions options = new ServerSSLOptions();
    options
        .setUseAlpn(true)
        .setEnabledSecureTransportProtocols(Set.of("TLSv1.3", "TLSv1.2"))
        .setSslHandshakeTimeout(HANDSHAKE_SECONDS)
        .setKeyCertOptions(own);
    CIPHER_SUITES.forEach(options::addEnabledCipherSuite);
    X509Certificate leaf = leaf(own);
    Path authority = settings.authority();
    if (authority != null) {
      PemTrustOptions trust = new PemTrustOptions().addCertValue(content.get(authority));
      requireCertificates(trust, authority);
      options.setTrustOptions(trust);
    }
    options.setClientAuth(
        switch (settings.clients()) {
          case NONE -> ClientAuth.NONE;
          case REQUEST -> ClientAuth.REQUEST;
          case REQUIRE -> ClientAuth.REQUIRED;
        });
    return new Found(options, shown(leaf));
  }

  /** The server's own certificate, if the key is its key and its time is now. */
  private X509Certificate leaf(PemKeyCertOptions own) {
    try {
      X509KeyManager keys = (X509KeyManager) own.getKeyManagerFactory(vertx).getKeyManagers()[0];
      for (String type : List.of("EC", "RSA")) {
        String[] aliases = keys.getServerAliases(type, null);
        if (aliases != null) {
          X509Certificate leaf = keys.getCertificateChain(aliases[0])[0];
          leaf.checkValidity();
          requireKey(leaf, keys.getPrivateKey(aliases[0]));
          return leaf;
        }
      }
    } catch (IllegalStateException e) {
      throw e;
    } catch (Exception e) {
      // Of what is no PEM, and of a key, the cause says nothing that is secret, only its place.
      throw new IllegalStateException(
          certificate + " and " + key + " cannot be used: " + e.getMessage(), e);
    }
    throw new IllegalStateException(certificate + " has no certificate for an RSA or EC key");
  }

  private void requireKey(X509Certificate leaf, PrivateKey secret) throws GeneralSecurityException {
    String algorithm = secret.getAlgorithm().equals("EC") ? "SHA256withECDSA" : "SHA256withRSA";
    byte[] text = "gatehouse".getBytes(StandardCharsets.US_ASCII);
    Signature signing = Signature.getInstance(algorithm);
    signing.initSign(secret);
    signing.update(text);
    byte[] signature = signing.sign();
    boolean matches = leaf.getPublicKey().getAlgorithm().equals(secret.getAlgorithm());
    if (matches) {
      Signature verifying = Signature.getInstance(algorithm);
      verifying.initVerify(leaf.getPublicKey());
      verifying.update(text);
      matches = verifying.verify(signature);
    }
    if (!matches) {
      throw new IllegalStateException(key + " is not the key of " + certificate);
    }
  }

  private void requireCertificates(PemTrustOptions trust, Path authority) {
    int count;
    try {
      count =
          ((X509TrustManager) trust.getTrustManagerFactory(vertx).getTrustManagers()[0])
              .getAcceptedIssuers()
              .length;
    } catch (Exception e) {
      throw new IllegalStateException(authority + " cannot be used: " + e.getMessage(), e);
    }
    if (count == 0) {
      throw new IllegalStateException(authority + " has no certificate");
    }
  }

  private static JsonObject shown(X509Certificate leaf) {
    List<String> names = new ArrayList<>();
    try {
      if (leaf.getSubjectAlternativeNames() != null) {
        leaf.getSubjectAlternativeNames().forEach(name -> names.add(String.valueOf(name.get(1))));
      }
      return new JsonObject()
          .put("subject", leaf.getSubjectX500Principal().getName())
          .put("names", String.join(" ", names))
          .put("serial", leaf.getSerialNumber().toString(16))
          .put("notAfter", leaf.getNotAfter().toInstant().toString())
          .put(
              "sha256",
              HexFormat.of()
                  .formatHex(MessageDigest.getInstance("SHA-256").digest(leaf.getEncoded())));
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("the certificate cannot be shown: " + e.getMessage(), e);
    }
  }
}
