package dev.gatehouse;

import io.netty.pkitesting.X509Bundle;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.time.Duration;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/** A running server that speaks TLS, its certificate's files, and clients that trust it. */
final class TlsServer implements BeforeAllCallback, AfterAllCallback {
  private final Authority authority = Authority.named("the server's authority");
  private final Path folder;
  private final Path certificate;
  private final Path key;
  private final RunningServer server = new RunningServer();
  private X509Bundle own = authority.server();

  TlsServer() {
    try {
      folder = Files.createTempDirectory("gatehouse-tls");
    } catch (IOException e) {
      throw new AssertionError(e);
    }
    certificate = folder.resolve("certificate.pem");
    key = folder.resolve("key.pem");
    with("GATEHOUSE_TLS_CERTIFICATE", certificate.toString());
    with("GATEHOUSE_TLS_KEY", key.toString());
  }

  TlsServer with(String variable, String value) {
    server.with(variable, value);
    return this;
  }

  /** Clients show a certificate of that authority, or may. */
  TlsServer withClients(String word, Authority clients) {
    return with("GATEHOUSE_TLS_CLIENTS", word)
        .with(
            "GATEHOUSE_TLS_AUTHORITY",
            Authority.write(folder.resolve("clients.pem"), clients.pem()).toString());
  }

  RunningServer running() {
    return server;
  }

  Authority authority() {
    return authority;
  }

  Path folder() {
    return folder;
  }

  Path certificate() {
    return certificate;
  }

  Path key() {
    return key;
  }

  /** The certificate that it should have. */
  X509Certificate own() {
    return own.getCertificate();
  }

  /** Puts another certificate and its key into place, one after the other. */
  void use(X509Bundle bundle) {
    own = bundle;
    Authority.write(certificate, bundle.getCertificatePathPEM());
    Authority.write(key, bundle.getPrivateKeyPEM());
  }

  /** Puts what it should have into place again. */
  void restore() {
    use(own);
  }

  int port() {
    return server.api().port();
  }

  /** A client over one connection pool of its own. */
  Api api(HttpClient.Version version, SSLContext context) {
    HttpClient client =
        HttpClient.newBuilder()
            .version(version)
            .sslContext(context)
            .connectTimeout(Duration.ofSeconds(10))
            .build();
    return new Api(client, URI.create("https://127.0.0.1:" + port()), server.data());
  }

  /** A connection by that context, after its handshake. */
  SSLSocket connect(SSLContext context) throws IOException {
    SSLSocket socket = (SSLSocket) context.getSocketFactory().createSocket("127.0.0.1", port());
    socket.setSoTimeout(30_000);
    socket.startHandshake();
    return socket;
  }

  /** Asks for its health over a connection; gives the status. */
  static int ask(SSLSocket socket) throws IOException {
    return RawConnection.over(socket)
        .send("GET /healthz HTTP/1.1\r\nHost: g\r\n\r\n")
        .reply()
        .status();
  }

  /** The certificate that a new connection gets. */
  X509Certificate seen(SSLContext context) {
    try (SSLSocket socket = connect(context)) {
      return (X509Certificate) socket.getSession().getPeerCertificates()[0];
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  @Override
  public void beforeAll(ExtensionContext context) throws Exception {
    restore();
    server.beforeAll(context);
  }

  @Override
  public void afterAll(ExtensionContext context) throws Exception {
    server.afterAll(context);
  }
}
