package dev.gatehouse;

import io.netty.pkitesting.CertificateBuilder;
import io.netty.pkitesting.X509Bundle;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.time.Duration;
import java.time.Instant;
import javax.net.ssl.SSLContext;
import org.jspecify.annotations.Nullable;

/** A certificate authority, and what it signs. */
final class Authority {
  private final X509Bundle root;

  private Authority(X509Bundle root) {
    this.root = root;
  }

  static Authority named(String name) {
    return new Authority(
        built(() ->
            new CertificateBuilder()
                .subject("CN=" + name)
                .setIsCertificateAuthority(true)
                .buildSelfSigned()));
  }

  private interface Building {
    X509Bundle build() throws Exception;
  }

  private static X509Bundle built(Building building) {
    try {
      return building.build();
    } catch (Exception e) {
      throw new AssertionError(e);
    }
  }

  /** A server's, for this machine. */
  X509Bundle server() {
    return built(() -> forServer().buildIssuedBy(root));
  }

  /** A server's that was good until yesterday. */
  X509Bundle expired() {
    Instant now = Instant.now();
    return built(() ->
        forServer()
            .notBefore(now.minus(Duration.ofDays(9)))
            .notAfter(now.minus(Duration.ofDays(1)))
            .buildIssuedBy(root));
  }

  private static CertificateBuilder forServer() {
    return new CertificateBuilder()
        .subject("CN=gatehouse")
        .addSanDnsName("localhost")
        .addSanIpAddress("127.0.0.1")
        .addExtendedKeyUsageServerAuth();
  }

  X509Bundle client(String name) {
    return built(() ->
        new CertificateBuilder()
            .subject("CN=" + name)
            .addExtendedKeyUsageClientAuth()
            .buildIssuedBy(root));
  }

  String pem() {
    return root.getCertificatePEM();
  }

  /** What a client needs that trusts this authority, and shows a certificate if it has one. */
  SSLContext trusting(@Nullable X509Bundle own) {
    try {
      SSLContext context = SSLContext.getInstance("TLS");
      context.init(
          own == null ? null : own.toKeyManagerFactory().getKeyManagers(),
          root.toTrustManagerFactory().getTrustManagers(),
          null);
      return context;
    } catch (GeneralSecurityException e) {
      throw new AssertionError(e);
    }
  }

  static Path write(Path file, String text) {
    try {
      return Files.writeString(file, text);
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }
}
