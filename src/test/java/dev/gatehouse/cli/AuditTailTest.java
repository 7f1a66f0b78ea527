package dev.gatehouse.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import org.junit.jupiter.api.Test;

class AuditTailTest {
  /** The first part of a longer answer. */
  private static final String BEGINNING =
      """
      HTTP/1.1 200 OK\r
      Content-Type: text/event-stream\r
      Content-Length: 1000\r
      \r
      id: 7:3

      """;

  private static void answerAndBreak(ServerSocket server) {
    try (Socket socket = server.accept()) {
      socket.getInputStream().read();
      socket.getOutputStream().write(BEGINNING.getBytes(StandardCharsets.US_ASCII));
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }

  @Test
  void saysWhereToGoOnWhenTheConnectionBreaks() throws IOException {
    try (ServerSocket server = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      // Given
      Thread.ofVirtual().start(() -> answerAndBreak(server));
      ByteArrayOutputStream said = new ByteArrayOutputStream();
      PrintStream print = new PrintStream(said, true, StandardCharsets.UTF_8);

      // When
      int code =
          new AuditCommand(Map.of("GATEHOUSE_KEY", "any"))
              .run(
                  new String[] {"tail", "--url", "http://127.0.0.1:" + server.getLocalPort()},
                  print,
                  print);

      // Then
      String text = said.toString(StandardCharsets.UTF_8);
      assertEquals(1, code, text);
      assertTrue(text.contains("the connection broke, go on with --after 7:3"), text);
    }
  }
}
