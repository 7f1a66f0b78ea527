package dev.gatehouse;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.netty.pkitesting.X509Bundle;
import java.io.IOException;
import java.time.Duration;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Clients that must show a certificate, and an authority that is replaced. */
class MutualTlsIT {
  private static final Duration LIMIT = Duration.ofSeconds(30);
  private static final Authority CLIENTS = Authority.named("the clients' authority");

  @RegisterExtension
  static final TlsServer SERVER = new TlsServer().withClients("require", CLIENTS);

  private static boolean isServed(X509Bundle own) {
    try {
      return TlsIT.askOnce(SERVER, own) == 200;
    } catch (IOException e) {
      return false;
    }
  }

  @Test
  void whoShowsNoCertificateOrAStrangersIsRefused() throws Exception {
    X509Bundle strange = Authority.named("the clients' authority").client("ann");
    assertThrows(IOException.class, () -> TlsIT.askOnce(SERVER, null));
    assertThrows(IOException.class, () -> TlsIT.askOnce(SERVER, strange));
    assertEquals(200, TlsIT.askOnce(SERVER, CLIENTS.client("ann")));
  }

  @Test
  void anotherAuthorityCountsForNewConnections() throws Exception {
    // Given
    X509Bundle before = CLIENTS.client("ann");
    Authority next = Authority.named("the next authority");
    try (SSLSocket open = SERVER.connect(SERVER.authority().trusting(before))) {
      assertEquals(200, TlsServer.ask(open));

      // When
      Authority.write(SERVER.folder().resolve("clients.pem"), next.pem());

      // Then
      Eventually.eventually(
          "those of the next are served", LIMIT, () -> isServed(next.client("ann")));
      assertThrows(IOException.class, () -> TlsIT.askOnce(SERVER, before));
      assertEquals(200, TlsServer.ask(open), "the open connection goes on");
    } finally {
      Authority.write(SERVER.folder().resolve("clients.pem"), CLIENTS.pem());
      Eventually.eventually("as it was", LIMIT, () -> isServed(before));
    }
  }
}
