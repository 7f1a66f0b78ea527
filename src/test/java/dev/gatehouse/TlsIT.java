package dev.gatehouse;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.netty.pkitesting.X509Bundle;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.http.HttpClient.Version;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.stream.Stream;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLSocket;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The listener's certificate: what is spoken with it, and how it is replaced without a restart. */
class TlsIT {
  private static final Duration LIMIT = Duration.ofSeconds(30);
  private static final Authority CLIENTS = Authority.named("the clients' authority");

  @RegisterExtension
  static final TlsServer SERVER =
      new TlsServer()
          .withClients("request", CLIENTS)
          .with("GATEHOUSE_POLICY_DIRECTORY", "src/test/policies/open");

  private final SSLContext trusting = SERVER.authority().trusting(null);
  private final Api api = SERVER.api(Version.HTTP_1_1, trusting);

  @AfterEach
  void theGoodFilesAreBack() {
    SERVER.restore();
    Eventually.eventually("the good one", LIMIT, () -> SERVER.seen(trusting).equals(SERVER.own()));
  }

  private long recorded(String change, String word) {
    return api
        .get("auditor", "/v1/audit?tenant=(server)&kind=configuration")
        .body()
        .getJsonArray("events")
        .stream()
        .map(event -> ((JsonObject) event).getJsonObject("detail"))
        .filter(detail -> change.equals(detail.getString("tls")))
        .filter(detail -> detail.encode().contains(word))
        .count();
  }

  @Test
  void theMainJobIsDoneOverTls() {
    assertEquals("42\n", api.run("python", "print(6*7)").getString("stdout"));
  }

  @Test
  void whoSpeaksPlainHttpIsToldNothing() throws Exception {
    try (RawConnection plain = RawConnection.to(SERVER.port())) {
      plain.send("GET /healthz HTTP/1.1\r\nHost: g\r\n\r\n");
      assertThrows(AssertionError.class, plain::reply, "no HTTP comes back");
    }
  }

  @Test
  void newConnectionsGetTheNewCertificateAndOldOnesGoOn() throws Exception {
    try (SSLSocket old = SERVER.connect(trusting)) {
      // Given
      assertEquals(200, TlsServer.ask(old));
      X509Bundle fresh = SERVER.authority().server();
      String serial = fresh.getCertificate().getSerialNumber().toString(16);

      // When
      SERVER.use(fresh);

      // Then
      Eventually.eventually(
          "new connections get it",
          LIMIT,
          () -> SERVER.seen(trusting).equals(fresh.getCertificate()));
      assertEquals(200, TlsServer.ask(old), "the old connection is as it was");
      Eventually.eventually("it is recorded", LIMIT, () -> recorded("taken", serial) == 1);
    }
  }

  /** What may stand in the files, and a word of what is said of it. */
  private static Stream<Bad> badFiles() {
    X509Bundle other = SERVER.authority().server();
    X509Bundle expired = SERVER.authority().expired();
    Path certificate = SERVER.certificate();
    Path key = SERVER.key();
    return Stream.of(
        new Bad(Map.of(certificate, ""), "certificate.pem cannot be read, or is empty"),
        new Bad(Map.of(key, ""), "key.pem cannot be read, or is empty"),
        new Bad(Map.of(certificate, "no certificate\n"), "cannot be used"),
        new Bad(Map.of(key, "no key\n"), "cannot be used"),
        new Bad(Map.of(key, other.getPrivateKeyPEM()), "is not the key of"),
        new Bad(Map.of(certificate, other.getCertificatePathPEM()), "is not the key of"),
        new Bad(
            Map.of(certificate, expired.getCertificatePathPEM(), key, expired.getPrivateKeyPEM()),
            "cannot be used: NotAfter"),
        new Bad(Map.of(SERVER.folder().resolve("clients.pem"), "no more\n"), "clients.pem"));
  }

  record Bad(Map<Path, String> files, String said) {}

  @ParameterizedTest
  @MethodSource("badFiles")
  void whatCannotBeUsedReplacesNothing(Bad bad) throws Exception {
    // Given
    Path authority = SERVER.folder().resolve("clients.pem");
    String authorityBefore = Files.readString(authority);
    long before = recorded("refused", bad.said());

    // When
    bad.files().forEach(Authority::write);

    // Then
    Eventually.eventually(
        "it is recorded: " + bad.said(),
        LIMIT,
        () -> recorded("refused", bad.said()) == before + 1);
    assertEquals(SERVER.own(), SERVER.seen(trusting));
    assertEquals(200, api.get("agent", "/readyz").status());
    Authority.write(authority, authorityBefore);
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 2})
  void whatIsOlderThanTls12IsRefused(int minor) throws Exception {
    // Given: a hello of SSL 3.0, TLS 1.0 or TLS 1.1; no client that is kept would send it.
    byte[] hello = new byte[50];
    byte[] head = {22, 3, 1, 0, (byte) (hello.length - 5), 1, 0, 0, (byte) (hello.length - 9)};
    System.arraycopy(head, 0, hello, 0, head.length);
    hello[9] = 3;
    hello[10] = (byte) minor;
    // Behind 32 random bytes and no session: one cipher suite, no compression.
    byte[] tail = {0, 0, 2, (byte) 0xC0, 0x13, 1, 0};
    System.arraycopy(tail, 0, hello, 43, tail.length);

    try (Socket socket = new Socket(InetAddress.ofLiteral("127.0.0.1"), SERVER.port())) {
      // When
      socket.setSoTimeout(30_000);
      socket.getOutputStream().write(hello);

      // Then: a fatal alert, protocol_version.
      byte[] alert = socket.getInputStream().readNBytes(7);
      assertArrayEquals(new byte[] {2, 70}, new byte[] {alert[5], alert[6]});
      assertEquals(21, alert[0]);
    }
  }

  @Test
  void suitesWithoutForwardSecrecyOrAuthenticatedEncryptionAreRefused() throws Exception {
    for (String suite :
        new String[] {
          "TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA256", "TLS_ECDHE_ECDSA_WITH_AES_256_CBC_SHA384"
        }) {
      try (SSLSocket socket =
          (SSLSocket) trusting.getSocketFactory().createSocket("127.0.0.1", SERVER.port())) {
        socket.setEnabledProtocols(new String[] {"TLSv1.2"});
        socket.setEnabledCipherSuites(new String[] {suite});
        assertThrows(SSLException.class, socket::startHandshake, suite);
      }
    }
  }

  @Test
  void whoMayShowACertificateMustShowAGoodOne() throws Exception {
    // Given
    X509Bundle good = CLIENTS.client("ann");
    // Of the same name, or the client would not show it.
    X509Bundle strange = Authority.named("the clients' authority").client("ann");

    // When / Then
    try (SSLSocket none = SERVER.connect(trusting);
        SSLSocket known = SERVER.connect(SERVER.authority().trusting(good))) {
      assertEquals(200, TlsServer.ask(none));
      assertEquals(200, TlsServer.ask(known));
    }
    assertThrows(IOException.class, () -> askOnce(SERVER, strange));
  }

  /** In TLS 1.3 a client learns only by its first answer that it was refused. */
  static int askOnce(TlsServer server, @Nullable X509Bundle own) throws IOException {
    try (SSLSocket socket = server.connect(server.authority().trusting(own))) {
      // As it is, without the kindness of RawConnection towards those who hang up.
      socket
          .getOutputStream()
          .write("GET /healthz HTTP/1.1\r\nHost: g\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
      if (socket.getInputStream().read() < 0) {
        throw new IOException("it hung up");
      }
      return 200;
    }
  }

  @Test
  void aStartWithAnotherKeyIsRefused(@TempDir Path directory) throws Exception {
    // Given
    Path certificate =
        Authority.write(
            directory.resolve("c"), SERVER.authority().server().getCertificatePathPEM());
    Path key =
        Authority.write(directory.resolve("k"), SERVER.authority().server().getPrivateKeyPEM());
    String yaml = "tls: {certificate: %s, key: %s}\n".formatted(certificate, key);

    // When
    DatabaseTemplate.copyFor(directory.resolve("data"), Map.of());
    try (GatehouseProcess gatehouse = GatehouseProcess.start(directory, yaml, Map.of())) {

      // Then
      assertEquals(1, gatehouse.awaitExit(), gatehouse.log());
      assertTrue(
          gatehouse.log().contains(key + " is not the key of " + certificate), gatehouse.log());
    }
  }
}
