package dev.gatehouse;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.gatehouse.RawConnection.Reply;
import io.netty.util.internal.PlatformDependent;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.time.Duration;
import java.util.Random;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Bytes that are hardly HTTP, or come too slowly: refused, the connection closed, no harm done. */
class BadHttpIT {
  @RegisterExtension
  static final RunningServer SERVER =
      new RunningServer()
          .with("GATEHOUSE_HTTP_HEAD_TIMEOUT_MILLIS", "1500")
          .with("GATEHOUSE_HTTP_BODY_TIMEOUT_MILLIS", "1500")
          .with("GATEHOUSE_HTTP_MAX_BODY_BYTES", "100000");

  private final Api api = SERVER.api();

  @AfterAll
  static void theServerIsAsHealthyAsBefore() {
    Problems.assertAsHealthyAsBefore(SERVER.api());
  }

  private RawConnection connect() throws IOException {
    return RawConnection.to(api.port());
  }

  private String head(String... more) {
    StringBuilder head = new StringBuilder("POST /v1/executions HTTP/1.1\r\nHost: gatehouse\r\n");
    head.append("Authorization: Bearer ").append(api.key("agent")).append("\r\n");
    for (String line : more) {
      head.append(line).append("\r\n");
    }
    return head.append("\r\n").toString();
  }

  private static void assertProblem(int status, String code, Reply reply) {
    String shown = reply.status() + " " + reply.headers() + " " + reply.body().encode();
    assertEquals(status, reply.status(), shown);
    assertEquals("application/problem+json", reply.headers().get("content-type"), shown);
    assertEquals(code, reply.body().getString("code"), shown);
    assertEquals(reply.headers().get("x-request-id"), reply.body().getString("requestId"), shown);
    assertTrue(reply.headers().getOrDefault("x-request-id", "").length() >= 8, shown);
  }

  @Test
  void refusesABodyOfOneByteASecond() throws Exception {
    try (RawConnection slow = connect()) {
      // Given
      slow.send(head("Content-Length: 1000"));
      Thread sender = Thread.ofVirtual().start(() -> trickle(slow));

      // When
      Reply reply = slow.reply();

      // Then
      assertProblem(408, "body.too-slow", reply);
      assertEquals("close", reply.headers().get("connection"));
      assertTrue(slow.ended(), "the connection is closed");
      sender.interrupt();
    }
  }

  @Test
  void unpacksNoBody() throws Exception {
    // Given: little that would be much.
    ByteArrayOutputStream packed = new ByteArrayOutputStream();
    try (GZIPOutputStream packing = new GZIPOutputStream(packed)) {
      packing.write(new byte[10_000_000]);
    }
    try (RawConnection client = connect()) {
      // When
      Reply reply =
          client
              .send(head("Content-Encoding: gzip", "Content-Length: " + packed.size()))
              .send(packed.toByteArray())
              .reply();

      // Then
      assertProblem(400, "body.not-utf8", reply);
    }
  }

  @Test
  void refusesAHeadThatTrickles() throws Exception {
    try (RawConnection slow = connect()) {
      // Given
      slow.send("GET /healthz HTTP/1.1\r\nHost: g\r\nX-Slow: ");
      Thread sender = Thread.ofVirtual().start(() -> trickle(slow));

      // When
      Reply reply = slow.reply();

      // Then
      assertEquals(408, reply.status());
      assertEquals("head.too-slow", reply.body().getString("code"));
      assertTrue(slow.ended(), "the connection is closed");
      sender.interrupt();
    }
  }

  @Test
  void refusesASecondHeadThatTricklesAndMayRestBetweenTwo() throws Exception {
    try (RawConnection slow = connect()) {
      // Given
      String ask = "GET /healthz HTTP/1.1\r\nHost: g\r\n\r\n";
      assertEquals(200, slow.send(ask).reply().status());
      java.util.concurrent.locks.LockSupport.parkNanos(Duration.ofSeconds(3).toNanos());
      assertEquals(200, slow.send(ask).reply().status());

      // When
      slow.send("GET /healthz HTTP/1.1\r\n");

      // Then
      assertEquals(408, slow.reply().status());
      assertTrue(slow.ended());
    }
  }

  @Test
  void hangsUpOnTheRestOfABodyThatWasRefusedAndDoesNotEnd() throws Exception {
    try (RawConnection slow = connect()) {
      // Given
      slow.send("POST /nowhere HTTP/1.1\r\nHost: g\r\nContent-Length: 1000\r\n\r\n");
      assertEquals(404, slow.reply().status());
      Thread sender = Thread.ofVirtual().start(() -> trickle(slow));

      // When / Then
      assertTrue(slow.ended(), "the connection is closed");
      sender.interrupt();
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
        "GET /healthz HTTP/2.0\r\nHost: g\r\n\r\n",
        "OPTIONS * HTTP/2\r\n\r\n"
      })
  void refusesHttp2WithoutTls(String bytes) throws Exception {
    try (RawConnection connection = connect()) {
      connection.send(bytes);
      assertTrue(connection.reply().status() >= 400);
      assertTrue(connection.ended());
    }
  }

  @Test
  void takesNoNoteOfAnUpgradeToHttp2() throws Exception {
    try (RawConnection connection = connect()) {
      connection.send(
          String.join(
              "\r\n",
              "GET /healthz HTTP/1.1",
              "Host: g",
              "Connection: Upgrade, HTTP2-Settings",
              "Upgrade: h2c",
              "HTTP2-Settings: AAMAAABkAAQAAP__",
              "",
              ""));
      assertEquals(200, connection.reply().status());
    }
  }

  private static void trickle(RawConnection connection) {
    Duration second = Duration.ofSeconds(1);
    try {
      for (int i = 0; i < 60; i++) {
        connection.send("x");
        java.util.concurrent.locks.LockSupport.parkNanos(second.toNanos());
        if (Thread.interrupted()) {
          return;
        }
      }
    } catch (IOException closed) {
      // As expected.
    }
  }

  @Test
  void refusesChunksThatNeverEnd() throws Exception {
    try (RawConnection slow = connect()) {
      slow.send(head("Transfer-Encoding: chunked")).send("1\r\n{\r\n");
      assertProblem(408, "body.too-slow", slow.reply());
      assertTrue(slow.ended());
    }
  }

  @Test
  void refusesTenThousandHeaders() throws Exception {
    // Given
    String[] headers = new String[10_000];
    for (int i = 0; i < headers.length; i++) {
      headers[i] = "X-" + i + ": " + i;
    }

    try (RawConnection connection = connect()) {
      // When
      connection.send(head(headers));

      // Then
      assertProblem(431, "headers.too-large", connection.reply());
      assertTrue(connection.ended());
    }
  }

  @Test
  void refusesOneHeaderThatIsTooLong() throws Exception {
    try (RawConnection connection = connect()) {
      connection.send(head("X-Long: " + "x".repeat(1 << 20)));
      assertProblem(431, "headers.too-large", connection.reply());
      assertTrue(connection.ended());
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {5_000, 1 << 20})
  void refusesALongRequestLine(int length) throws Exception {
    try (RawConnection connection = connect()) {
      connection.send("GET /v1/sandboxes/" + "x".repeat(length) + " HTTP/1.1\r\nHost: g\r\n\r\n");
      assertProblem(414, "path.too-long", connection.reply());
      assertTrue(connection.ended());
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "Content-Length: 2\r\nContent-Length: 3",
        "Content-Length: 2, 3",
        "Content-Length: -1",
        "Content-Length: +2",
        "Content-Length: 2x",
        "Content-Length: 99999999999999999999",
        "Content-Length: 2\r\nTransfer-Encoding: chunked",
        "Transfer-Encoding: chunked\r\nContent-Length: 2",
        "Transfer-Encoding: identity, chunked\r\nContent-Length: 2",
        "Transfer-Encoding: xchunked",
        "Transfer-Encoding: chunked, identity",
        "Transfer-Encoding : chunked",
        "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked",
        "X\u0000Y: 1",
        "Content-Length 2"
      })
  void refusesWhatTwoReadersCouldReadDifferently(String headers) throws Exception {
    try (RawConnection connection = connect()) {
      // When: the second request is in the body for one reader, and after it for the other.
      connection.send(head(headers) + "0\r\n\r\nGET /healthz HTTP/1.1\r\nHost: smuggled\r\n\r\n");

      // Then
      assertProblem(400, "request.invalid", connection.reply());
      assertTrue(connection.ended(), "nothing after it is read as a request");
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "\u0016\u0003\u0001\u0002\u0000\u0001\u0000\u0001\u00fc\u0003\u0003\r\n\r\n",
        "hello\r\n\r\n",
        "GET /healthz\r\n\r\n",
        "GET /healthz HTTP/1.1 x\r\n\r\n",
        "\u0000\u0001\u0002\u0003\r\n\r\n"
      })
  void refusesWhatIsNotHttp(String bytes) throws Exception {
    try (RawConnection connection = connect()) {
      connection.send(bytes);
      assertProblem(400, "request.invalid", connection.reply());
      assertTrue(connection.ended());
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "Host: `g\r\n",
        "Host: a b\r\n",
        "Host: g:port\r\n",
        "Host: g/x\r\n",
        "Host: g\r\nHost: g\r\n",
        "Host: g\r\nHost: h\r\n"
      })
  void refusesWhatIsForNoHostOrForTwo(String headers) throws Exception {
    try (RawConnection connection = connect()) {
      connection.send("GET /healthz HTTP/1.1\r\n" + headers + "\r\n");
      assertProblem(400, "request.invalid", connection.reply());
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"/v1/sandboxes/%/files", "/v1/sandboxes/%zz", "/v1/approvals/%E0%80%AF%"})
  void refusesAPathWithBrokenEscapes(String path) throws Exception {
    try (RawConnection connection = connect()) {
      connection.send(head().replace("POST /v1/executions", "GET " + path));
      Reply reply = connection.reply();
      assertTrue(reply.status() >= 400 && reply.status() < 500, reply.toString());
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        // RFC 9112, 5.1 and 5.2: a space before the colon, a bare CR or NUL, what is no name.
        "X-A : 1",
        "X-A: 1\rX-B: 2",
        "X-A: \u0000",
        "X-A\u00e4: 1",
        "X(A): 1",
        ": 1",
        "\u0001: 1",
        "X-A",
        // 5.2: a folded line is one with a space.
        "Content-Length: 1\r\n 0",
        "Host: g\r\nHost: h",
        // 6.1: lengths and codings that two readers read differently.
        "Content-Length: 0x2",
        "Content-Length: 1_0",
        "Content-Length: ",
        "Transfer-Encoding: chunked, chunked",
        "Transfer-Encoding: gzip, chunked",
        "Transfer-Encoding: chunked;q=1",
        "Transfer-Encoding:\u000bchunked",
        "Transfer-Encoding: \"chunked\"",
        "Transfer-Encoding\t: chunked",
        "Transfer-Encoding: cow"
      })
  void whatOneReaderTakesAndAnotherDoesNotIsNoSecondRequest(String headers) throws Exception {
    try (RawConnection connection = connect()) {
      // When: what follows is a body, or more chunks, for one reader and a request for another.
      connection.send(
          head(headers.stripTrailing())
              + "0\r\n\r\nGET /healthz HTTP/1.1\r\nHost: smuggled\r\n\r\n");

      // Then
      assertProblem(400, "request.invalid", connection.reply());
      assertTrue(connection.ended(), "nothing after it is read as a request");
    }
  }

  @Test
  void refusesAnHttpThatIsYetToBeInvented() throws Exception {
    try (RawConnection connection = connect()) {
      connection.send("GET /healthz HTTP/9.9\r\n\r\n");
      assertEquals(501, connection.reply().status());
      assertTrue(connection.ended());
    }
  }

  @Test
  void survivesGarbage() throws Exception {
    // Given
    Random random = new Random(42);
    byte[] garbage = new byte[100_000];

    for (int i = 0; i < 20; i++) {
      // When
      random.nextBytes(garbage);
      try (RawConnection connection = connect()) {
        connection.send(garbage).send("\r\n\r\n");

        // Then
        assertTrue(connection.reply().status() >= 400);
        assertTrue(connection.ended());
      }
    }
  }

  @Test
  void refusesABodyAboveTheCapBeforeItHasCome() throws Exception {
    try (RawConnection connection = connect()) {
      connection.send(head("Content-Length: 100001"));
      assertProblem(413, "body.too-large", connection.reply());
    }
  }

  @Test
  void refusesChunksAboveTheCap() throws Exception {
    try (RawConnection connection = connect()) {
      connection.send(head("Transfer-Encoding: chunked"));
      String chunk = "4000\r\n" + "x".repeat(0x4000) + "\r\n";
      for (int i = 0; i < 7; i++) {
        connection.send(chunk);
      }
      assertProblem(413, "body.too-large", connection.reply());
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"zz\r\n", "-1\r\n", "ffffffffffffffffffff\r\n", "2;\u0000\r\n{}zz\r\n"})
  void hangsUpOnChunksThatAreNone(String chunk) throws Exception {
    try (RawConnection connection = connect()) {
      connection.send(head("Transfer-Encoding: chunked") + chunk);
      assertTrue(connection.ended());
    }
  }

  @Test
  void aConnectionThatEndsInTheMiddleLeavesNothingBehind() throws Exception {
    // Given
    String code = "{\"language\":\"python\",\"code\":\"print(1)\"}";

    for (int sent = 0; sent < code.length(); sent += 5) {
      // When
      try (RawConnection connection = connect()) {
        connection.send(head("Content-Length: " + code.length()) + code.substring(0, sent));
      }
    }

    // Then
    Problems.assertAsHealthyAsBefore(api);
  }

  @Test
  void anExecutionWhoseCallerHangsUpEndsAndIsRecorded() throws Exception {
    // Given
    String code =
        "{\"language\":\"bash\",\"session\":\"hung-up\",\"code\":\"sleep 20; echo late\"}";

    // When
    try (RawConnection connection = connect()) {
      connection.send(head("Content-Length: " + code.length()) + code);
      Eventually.eventually(
          "it runs",
          Duration.ofSeconds(20),
          () -> api.get("agent", "/healthz").body().getInteger("executions") == 1);
    }

    // Then
    Problems.assertAsHealthyAsBefore(api);
    Eventually.eventually(
        "its outcome is recorded",
        Duration.ofSeconds(20),
        () ->
            api.get("auditor", "/v1/audit?session=hung-up")
                .body()
                .getJsonArray("events")
                .encode()
                .contains("execution.ended"));
  }

  @Test
  void whoAsksOnAndOnWithoutReadingIsNotReadFromAndGetsEveryAnswerAfterwards() throws Exception {
    // Given: requests for hundreds of megabytes, and a small buffer.
    int count = 2_000;
    int length = Integer.parseInt(document().headers().get("content-length"));
    String ask = "GET /openapi.json HTTP/1.1\r\nHost: g\r\n\r\n";
    try (RawConnection slow = RawConnection.slowTo(api.port())) {
      long before = directBytes();

      // When
      slow.send(ask.repeat(count));
      for (int i = 0; i < 20; i++) {
        assertEquals(200, api.get("agent", "/readyz").status());
      }

      // Then
      long held = directBytes() - before;
      assertTrue(held < 50L * length, held + " bytes are held");
      for (int i = 0; i < count / 20; i++) {
        assertEquals(200, slow.reply().status());
      }
    }
  }

  private Reply document() throws IOException {
    try (RawConnection connection = connect()) {
      return connection.send("GET /openapi.json HTTP/1.1\r\nHost: g\r\n\r\n").reply();
    }
  }

  /** What Netty's buffers in this JVM hold outside of the heap. */
  private static long directBytes() {
    return PlatformDependent.usedDirectMemory();
  }

  @Test
  void requestsInOnePipelineAreAnsweredInOrder() throws Exception {
    try (RawConnection connection = connect()) {
      // When
      connection.send(head("Content-Length: 2") + "[]" + head("Content-Length: 2") + "{}");

      // Then
      assertProblem(400, "body.not-an-object", connection.reply());
      assertProblem(422, "field.missing", connection.reply());
    }
  }

  @Test
  void aKeyIsAskedForBeforeTheBodyIsRead() throws Exception {
    try (RawConnection connection = connect()) {
      connection.send(
          "POST /v1/executions HTTP/1.1\r\nHost: g\r\nContent-Length: 100000000000\r\n\r\n");
      Reply reply = connection.reply();
      assertProblem(401, "key.missing", reply);
      assertFalse(reply.body().encode().contains("gh_"));
    }
  }
}
