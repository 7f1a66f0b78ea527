package dev.gatehouse;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HexFormat;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Clients behind a proxy that says where they are from, and others who say so. */
class ProxyProtocolIT {
  private static final Duration LIMIT = Duration.ofSeconds(30);
  private static final String TRUSTED = "['127.0.0.1/32', 'fd00::/8']";
  private static final byte[] SIGNATURE = HexFormat.of().parseHex("0d0a0d0a000d0a515549540a");
  private static final String ASK = "GET /healthz HTTP/1.1\r\nHost: g\r\nConnection: close\r\n\r\n";
  private static final String STRANGE = "GET /v1/policies HTTP/1.1\r\nHost: g\r\n\r\n";

  @RegisterExtension
  static final RunningServer PLAIN =
      new RunningServer()
          .withNothingReady()
          .with("GATEHOUSE_PROXY_PROTOCOL", TRUSTED)
          .with("GATEHOUSE_HTTP_HEAD_TIMEOUT_MILLIS", "1500");

  @RegisterExtension
  static final TlsServer TLS = new TlsServer().with("GATEHOUSE_PROXY_PROTOCOL", TRUSTED);

  /** The header of version 2: a TCP connection over IPv4. */
  private static byte[] version2(int command, String from) throws IOException {
    return ByteBuffer.allocate(28)
        .put(SIGNATURE)
        .put((byte) (0x20 | command))
        .put((byte) 0x11)
        .putShort((short) 12)
        .put(InetAddress.ofLiteral(from).getAddress())
        .put(new byte[] {10, 0, 0, 1})
        .putShort((short) 40_000)
        .putShort((short) 443)
        .array();
  }

  private static RawConnection connect() throws IOException {
    return RawConnection.to(PLAIN.api().port());
  }

  /** Who is refused is recorded with the address that he came from. */
  private static void assertRecordedFrom(String address, Reading events) {
    Eventually.eventually(
        "a refusal from " + address,
        LIMIT,
        () -> {
          try {
            return events.read().contains("\"" + address + "\"");
          } catch (IOException e) {
            throw new AssertionError(e);
          }
        });
  }

  private interface Reading {
    String read() throws IOException;
  }

  private static String refusals(RawConnection connection, Path data) throws IOException {
    String key = Files.readString(data.resolve("keys").resolve("auditor")).strip();
    return connection
        .send(
            "GET /v1/audit?tenant=(server)&kind=key.refused HTTP/1.1\r\n"
                + "Host: g\r\n"
                + "Authorization: Bearer "
                + key
                + "\r\n\r\n")
        .reply()
        .body()
        .encode();
  }

  @Test
  void whatVersion1SaysIsWhereTheClientIsFrom() throws Exception {
    try (RawConnection connection = connect()) {
      // When
      connection.send("PROXY TCP4 203.0.113.7 10.0.0.1 40000 443\r\n" + STRANGE);

      // Then
      assertEquals(401, connection.reply().status());
      assertRecordedFrom("203.0.113.7", () -> refusals(connection, PLAIN.data()));
    }
  }

  @Test
  void whatVersion2SaysIsWhereTheClientIsFromAlsoBeforeTls() throws Exception {
    // Given
    Socket plain = new Socket(InetAddress.ofLiteral("127.0.0.1"), TLS.port());
    plain.getOutputStream().write(version2(1, "203.0.113.8"));
    try (SSLSocket socket =
        (SSLSocket)
            TLS.authority()
                .trusting(null)
                .getSocketFactory()
                .createSocket(plain, "127.0.0.1", TLS.port(), true)) {
      RawConnection connection = RawConnection.over(socket);

      // When
      connection.send(STRANGE);

      // Then
      assertEquals(401, connection.reply().status());
      assertRecordedFrom("203.0.113.8", () -> refusals(connection, TLS.running().data()));
    }
  }

  @Test
  void theProxysOwnConnectionsAreTaken() throws Exception {
    try (RawConnection local = connect()) {
      local.send(version2(0, "203.0.113.9")).send(ASK);
      assertEquals(200, local.reply().status());
    }
    try (RawConnection unknown = connect()) {
      unknown.send("PROXY UNKNOWN\r\n" + ASK);
      assertEquals(200, unknown.reply().status());
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        ASK,
        "PROXY\r\n" + ASK,
        "PROXY TCP4\r\n" + ASK,
        "PROXY TCP4 203.0.113.7 10.0.0.1 40000\r\n" + ASK,
        "PROXY TCP4 203.0.113.777 10.0.0.1 40000 443\r\n" + ASK,
        "PROXY TCP4 gatehouse 10.0.0.1 40000 443\r\n" + ASK,
        "PROXY TCP4 203.0.113.7 10.0.0.1 65536 443\r\n" + ASK,
        "PROXY TCP4 203.0.113.7 10.0.0.1 -1 443\r\n" + ASK,
        "PROXY TCP6 203.0.113.7 10.0.0.1 40000 443\r\n" + ASK,
        "PROXY TCP4 203.0.113.7 10.0.0.1 40000 443 and more and more and more and more and more and"
            + " more and more and more and more\r\n"
            + ASK,
        "proxy tcp4 203.0.113.7 10.0.0.1 40000 443\r\n" + ASK,
        "PROXY TCP4 203.0.113.7 10.0.0.1 40000 443\n" + ASK
      })
  void aHeaderOfVersion1ThatIsNoneEndsTheConnection(String sent) throws Exception {
    try (RawConnection connection = connect()) {
      connection.send(sent);
      assertTrue(connection.ended(), "it is closed without a word");
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        // Version 3; a command and a family that are none; UDP; an address that is cut.
        "31110000",
        "2f11000c",
        "21f1000c",
        "2112000ccb0071070a0000019c4001bb",
        "21110004cb007107"
      })
  void aHeaderOfVersion2ThatIsNoneEndsTheConnection(String hex) throws Exception {
    try (RawConnection connection = connect()) {
      connection.send(SIGNATURE).send(HexFormat.of().parseHex(hex)).send(ASK);
      assertTrue(connection.ended(), "it is closed without a word");
    }
  }

  @Test
  void aHeaderThatDoesNotComeEndsTheConnection() throws Exception {
    try (RawConnection begun = connect();
        RawConnection silent = connect()) {
      begun.send("PROXY TCP4 203.");
      assertTrue(begun.ended());
      assertTrue(silent.ended());
    }
  }

  @Test
  void whoIsNoTrustedProxyIsHungUpOnWhateverHeSays() throws Exception {
    InetAddress other = InetAddress.ofLiteral("127.0.0.2");
    try (RawConnection connection = RawConnection.from(other, PLAIN.api().port())) {
      connection.send("PROXY TCP4 127.0.0.1 10.0.0.1 40000 443\r\n" + ASK);
      assertTrue(connection.ended(), "it is closed without a word");
    }
    try (RawConnection proxy = connect()) {
      proxy.send("PROXY TCP4 127.0.0.1 10.0.0.1 40000 443\r\n" + ASK);
      RawConnection.Reply reply = proxy.reply();
      assertEquals(200, reply.status());
      assertEquals("up", reply.body().getJsonObject("audit", new JsonObject()).getString("store"));
    }
  }
}
