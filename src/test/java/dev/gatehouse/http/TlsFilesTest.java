package dev.gatehouse.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.gatehouse.Eventually;
import dev.gatehouse.config.TlsSettings;
import io.netty.pkitesting.CertificateBuilder;
import io.netty.pkitesting.X509Bundle;
import io.vertx.core.Vertx;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TlsFilesTest {
  private static final Duration LIMIT = Duration.ofSeconds(30);

  private final Vertx vertx = Vertx.vertx();
  private final TlsFiles files;
  private final Path certificate;
  private final Path key;

  TlsFilesTest(@TempDir Path folder) {
    certificate = folder.resolve("tls.crt");
    key = folder.resolve("tls.key");
    files =
        Objects.requireNonNull(
            TlsFiles.of(vertx, new TlsSettings(certificate, key, TlsSettings.Clients.NONE, null)));
  }

  @BeforeEach
  void oneThatIsGood() throws Exception {
    write(Instant.now().minusSeconds(60));
    files.read();
  }

  @AfterEach
  void close() throws Exception {
    vertx.close().await(30, TimeUnit.SECONDS);
  }

  private void write(Instant notBefore) throws Exception {
    X509Bundle bundle =
        new CertificateBuilder()
            .subject("CN=gatehouse")
            .setIsCertificateAuthority(true)
            .notBefore(notBefore)
            .notAfter(notBefore.plus(Duration.ofDays(1)))
            .buildSelfSigned();
    Files.writeString(certificate, bundle.getCertificatePEM());
    Files.writeString(key, bundle.getPrivateKeyPEM());
  }

  @Test
  void oneWhoseTimeComesIsRefusedOnceAndTakenThen() throws Exception {
    // Given
    write(Instant.now().plusSeconds(3));

    // When
    assertEquals(Optional.empty(), files.readIfChanged());
    assertThrows(IllegalStateException.class, files::readIfChanged);

    // Then: it is not told again, and taken in the end.
    Eventually.eventually("it is taken", LIMIT, () -> files.readIfChanged().isPresent());
    assertEquals(Optional.empty(), files.readIfChanged());
  }

  @Test
  void whatTheListenerDidNotTakeIsReadAgain() throws Exception {
    // Given
    write(Instant.now().minusSeconds(30));
    assertEquals(Optional.empty(), files.readIfChanged());
    assertTrue(files.readIfChanged().isPresent());

    // When
    assertTrue(files.giveBack());

    // Then
    assertTrue(files.readIfChanged().isPresent());
    assertFalse(files.giveBack());
  }
}
