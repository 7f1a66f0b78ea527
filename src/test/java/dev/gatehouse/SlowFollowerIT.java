package dev.gatehouse;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.http.HttpRequest;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Who follows an execution's output and takes nothing of it. */
class SlowFollowerIT {
  private static final Duration LIMIT = Duration.ofSeconds(60);

  /** More than the sockets in between hold. */
  private static final int OUTPUT = 16 << 20;

  @RegisterExtension
  static final RunningServer SERVER =
      new RunningServer()
          .withNothingReady()
          .behindOpenPolicy()
          .with("GATEHOUSE_SANDBOX_OUTPUT_BYTES", String.valueOf(OUTPUT))
          .with("GATEHOUSE_HTTP_BODY_TIMEOUT_MILLIS", "1000");

  private final Api api = SERVER.api();

  @Test
  void isHungUpOnAndTheOthersGetAll() throws Exception {
    // Given
    HeldSandbox sandbox = HeldSandbox.of(api, "slow");
    String code = "head -c %d /dev/zero | tr '\\0' x".formatted(OUTPUT);
    BackgroundRun run = BackgroundRun.of(api, sandbox, sandbox.request("bash", code, 60_000));
    run.awaitEnd("exited");

    try (Socket slow = new Socket()) {
      // When
      slow.setReceiveBufferSize(8 << 10);
      slow.connect(new InetSocketAddress(InetAddress.ofLiteral("127.0.0.1"), api.port()));
      slow.setSoTimeout((int) LIMIT.toMillis());
      HttpRequest request = api.request("agent", run.path() + "/output").build();
      String head =
          "GET %s HTTP/1.1\r\nHost: x\r\nAccept: text/event-stream\r\nAuthorization: %s\r\n\r\n"
              .formatted(
                  request.uri().getPath(),
                  request.headers().firstValue("Authorization").orElseThrow());
      slow.getOutputStream().write(head.getBytes(StandardCharsets.US_ASCII));
      assertEquals('H', slow.getInputStream().read());
      String whole = api.get("agent", run.path()).body().getString("stdout");

      // Then
      assertEquals(OUTPUT, whole.length());
      Eventually.eventually("hung up on", LIMIT, () -> isReset(slow));
      long taken = slow.getInputStream().transferTo(OutputStream.nullOutputStream());
      assertTrue(taken < OUTPUT, "it got no more than the sockets held: " + taken);
    }
  }

  /** Whether what is written finds nobody at the other end. */
  private static boolean isReset(Socket socket) {
    try {
      socket.getOutputStream().write('\n');
      return false;
    } catch (IOException gone) {
      return true;
    }
  }
}
