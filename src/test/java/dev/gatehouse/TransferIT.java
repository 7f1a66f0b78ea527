package dev.gatehouse;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Files larger than all the memory that the server has. */
class TransferIT {
  private static final long BYTES = 256L << 20;

  /** Clients that hold a download and take nothing. */
  private static final int STALLED = 15;

  @TempDir Path data;

  @Test
  void aFileLargerThanTheServersMemoryGoesUpAndDownBesideClientsWhoStall() throws Exception {
    // Given
    ServerProcess server =
        ServerProcess.start(
            data,
            Map.of(
                "JAVA_TOOL_OPTIONS",
                "-Xmx96m -XX:MaxDirectMemorySize=48m -Dio.netty.maxDirectMemory=50331648",
                "GATEHOUSE_POLICY_DIRECTORY",
                "src/test/policies/open",
                "GATEHOUSE_SANDBOX_WORKSPACE_MIB",
                "300"));
    try {
      SandboxFilesApi files =
          new SandboxFilesApi(server.api(), HeldSandbox.of(server.api(), "large"));
      RandomBytes up = new RandomBytes(BYTES);
      DigestInputStream sent = new DigestInputStream(up, sha256());

      // When
      HttpRequest write =
          files
              .request("?path=/workspace/large")
              .PUT(BodyPublishers.ofInputStream(() -> sent))
              .build();
      HttpResponse<String> written = files.later(write, BodyHandlers.ofString()).join();
      assertEquals(201, written.statusCode(), written.body() + server.log());
      HttpRequest read = files.request("?path=/workspace/large").GET().build();
      for (int i = 0; i < STALLED; i++) {
        assertEquals(200, files.later(read, BodyHandlers.ofInputStream()).join().statusCode());
      }
      HttpResponse<InputStream> came = files.later(read, BodyHandlers.ofInputStream()).join();
      DigestInputStream received = new DigestInputStream(came.body(), sha256());
      long count = received.transferTo(java.io.OutputStream.nullOutputStream());

      // Then
      assertEquals(BYTES, count);
      assertEquals(hex(sent), hex(received));
      assertFalse(server.log().contains("OutOfMemory"), server.log());
      assertEquals(200, server.api().get("agent", "/healthz").status());
    } finally {
      server.stop();
    }
  }

  private static String hex(DigestInputStream stream) {
    return HexFormat.of().formatHex(stream.getMessageDigest().digest());
  }

  private static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new AssertionError(e);
    }
  }

  /** So many bytes that do not repeat soon. */
  private static final class RandomBytes extends InputStream {
    private final java.util.SplittableRandom random = new java.util.SplittableRandom(1);
    private long left;

    RandomBytes(long count) {
      left = count;
    }

    @Override
    public int read() throws IOException {
      throw new UncheckedIOException(new IOException("by the byte"));
    }

    @Override
    public int read(byte[] into, int offset, int length) {
      if (left == 0) {
        return -1;
      }
      int count = (int) Math.min(length, left);
      byte[] some = new byte[count];
      random.nextBytes(some);
      System.arraycopy(some, 0, into, offset, count);
      left -= count;
      return count;
    }
  }
}
