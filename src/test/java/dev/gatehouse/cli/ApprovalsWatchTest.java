package dev.gatehouse.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.net.httpserver.HttpServer;
import dev.gatehouse.Eventually;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.Test;

/** What {@code approvals watch} makes of streams that end, break or say why they end. */
class ApprovalsWatchTest {
  private static final Duration LIMIT = Duration.ofSeconds(30);
  private static final String BEGIN = "id: 7.0\n: from here on\n\n";

  private final List<String> asked = new CopyOnWriteArrayList<>();
  private final ByteArrayOutputStream out = new ByteArrayOutputStream();
  private final ByteArrayOutputStream err = new ByteArrayOutputStream();

  private static String event(String place) {
    return "id: "
        + place
        + "\nevent: requested\ndata: {\"at\":\"now\",\"event\":\"requested\",\"approval\":"
        + "{\"id\":\"q"
        + place
        + "\",\"state\":\"pending\",\"risk\":\"LOW\",\"actor\":\"a\",\"tool\":\"bash\",\"reasons\":[]}}\n\n";
  }

  /** Watches a server that answers so, one after the other, and then no more. */
  private int watch(boolean breaks, String... streams) throws IOException {
    HttpServer server =
        HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext(
        "/v1/approvals/events",
        exchange -> {
          String query = exchange.getRequestURI().getQuery();
          asked.add(query == null ? "" : query);
          int nth = asked.size() - 1;
          if (nth >= streams.length) {
            exchange.sendResponseHeaders(503, -1);
            exchange.close();
            return;
          }
          byte[] text = streams[nth].getBytes(StandardCharsets.UTF_8);
          // One byte more than comes is a stream that breaks.
          exchange.sendResponseHeaders(200, breaks ? text.length + 1 : text.length);
          exchange.getResponseBody().write(text);
          if (breaks) {
            exchange.getResponseBody().flush();
            Eventually.eventually(
                "the event is seen", LIMIT, () -> printed().contains("q7." + (nth + 1)));
          }
          exchange.close();
        });
    server.start();
    try {
      return new ApprovalsCommand(Map.of("GATEHOUSE_KEY", "key"), null, 1)
          .run(
              new String[] {"watch", "--url", "http://127.0.0.1:" + server.getAddress().getPort()},
              new PrintStream(out, true, StandardCharsets.UTF_8),
              new PrintStream(err, true, StandardCharsets.UTF_8));
    } finally {
      server.stop(0);
    }
  }

  private String printed() {
    return out.toString(StandardCharsets.UTF_8);
  }

  @Test
  void goesOnBehindTheLastEventWhereAServerStoppedAndEndsWithOneInTheEnd() throws IOException {
    // When
    int status = watch(false, BEGIN + event("7.1"), event("7.2"));

    // Then
    assertEquals(1, status);
    assertEquals(List.of("", "after=7.1", "after=7.2"), asked.subList(0, 3));
    assertTrue(printed().contains("q7.1") && printed().contains("q7.2"), printed());
  }

  @Test
  void goesOnWhereAConnectionBreaks() throws IOException {
    // When
    int status = watch(true, BEGIN + event("7.1"), event("7.2"));

    // Then
    assertEquals(1, status);
    assertEquals(List.of("", "after=7.1", "after=7.2"), asked.subList(0, 3));
  }

  @Test
  void endsWithTheProblemThatTheServerSays() throws IOException {
    // When
    int status = watch(false, BEGIN + "event: problem\ndata: {\"code\":\"key.removed\"}\n\n");

    // Then
    assertEquals(1, status);
    assertEquals(List.of(""), asked);
    assertTrue(err.toString(StandardCharsets.UTF_8).contains("key.removed"));
  }
}
