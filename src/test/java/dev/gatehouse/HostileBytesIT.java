package dev.gatehouse;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.Random;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicLong;
import java.util.logging.Handler;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/**
 * A minute of requests that are nearly right, over real connections, four at once. Another time and
 * seed: {@code -Dgatehouse.fuzz.seconds=600 -Dgatehouse.fuzz.seed=42}.
 */
class HostileBytesIT {
  private static final Duration LIMIT = Duration.ofSeconds(60);
  private static final int WRITERS = 4;
  private static final int ANSWER_MILLIS = 400;
  private static final int MAX_ANSWER_BYTES = 1 << 20;
  private static final InetAddress LOOPBACK = InetAddress.ofLiteral("127.0.0.1");
  private static final Pattern STATUS = Pattern.compile("HTTP/1\\.[01] (\\d{3}) ");

  /** Has everything end that was not ended. */
  private static final byte[] LAST =
      "\r\n\r\nGET /healthz HTTP/1.1\r\nHost: last\r\nConnection: close\r\n\r\n"
          .getBytes(ISO_8859_1);

  @RegisterExtension
  static final RunningServer SERVER =
      new RunningServer()
          .with("GATEHOUSE_HTTP_HEAD_TIMEOUT_MILLIS", "2000")
          .with("GATEHOUSE_HTTP_BODY_TIMEOUT_MILLIS", "2000")
          .with("GATEHOUSE_HTTP_MAX_BODY_BYTES", "100000");

  private final Api api = SERVER.api();
  private final Queue<String> faults = new ConcurrentLinkedQueue<>();
  private final AtomicLong sent = new AtomicLong();

  private List<String> good() {
    String key = "Host: g\r\nAuthorization: Bearer " + api.key("agent") + "\r\n";
    String decision =
        "{\"tool\":\"bash\",\"arguments\":{\"command\":\"ls"
            + " -l\",\"n\":[1,2.5,null,true]},\"session\":\"s1\"}";
    String chunk = Integer.toHexString(decision.length());
    List<String> good = new ArrayList<>();
    good.add("GET /healthz HTTP/1.1\r\nHost: g\r\n\r\n");
    good.add("GET /readyz HTTP/1.0\r\n\r\n");
    good.add(
        "POST /v1/decisions HTTP/1.1\r\n"
            + key
            + "Content-Length: "
            + decision.length()
            + "\r\n\r\n"
            + decision);
    good.add(
        "POST /v1/decisions HTTP/1.1\r\n"
            + key
            + "Transfer-Encoding: chunked\r\nX-Request-ID: abc\r\n\r\n"
            + chunk
            + "\r\n"
            + decision
            + "\r\n0\r\nX-Trailer: 1\r\n\r\n");
    good.add(
        "POST /v1/decisions:batch HTTP/1.1\r\n"
            + key
            + "Content-Length: "
            + (2 * decision.length() + 1)
            + "\r\n\r\n"
            + decision
            + "\n"
            + decision);
    good.add(
        "POST /v1/explain HTTP/1.1\r\n"
            + key
            + "Content-Length: "
            + decision.length()
            + "\r\n\r\n"
            + decision);
    good.add("GET /v1/approvals?state=pending&limit=10 HTTP/1.1\r\n" + key + "\r\n");
    good.add("GET /v1/audit?session=s1&text=a%20b&limit=5 HTTP/1.1\r\n" + key + "\r\n");
    good.add(
        "GET /v1/sandboxes/00000000-0000-0000-0000-000000000000/files?path=%2Fworkspace"
            + " HTTP/1.1\r\n"
            + key
            + "Range: bytes=0-9\r\n\r\n");
    good.add(
        "PUT /v1/sandboxes/00000000-0000-0000-0000-000000000000/files?path=%2Fx HTTP/1.1\r\n"
            + key
            + "Expect: 100-continue\r\nContent-Length: 5\r\n\r\nhello");
    good.add(
        "DELETE /v1/executions/00000000-0000-7000-8000-000000000000 HTTP/1.1\r\n" + key + "\r\n");
    good.add(
        "OPTIONS /v1/executions HTTP/1.1\r\n"
            + key
            + "Origin: http://a.example\r\nAccess-Control-Request-Method: POST\r\n\r\n");
    good.add(
        "GET /v1/ws HTTP/1.1\r\n"
            + key
            + "Connection: Upgrade\r\n"
            + "Upgrade: websocket\r\n"
            + "Sec-WebSocket-Version: 13\r\n"
            + "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
            + "\u0081\u0087\0\0\0\0{\"a\":1}\u0089\u0080\0\0\0\0\u0001\u0081\0\0\0\0{\u0080\u0081\0\0\0\0}"
            + "\u0088\u0082\0\0\0\0\u0003\u00e8");
    good.add(good.get(0) + good.get(2) + good.get(0));
    return good;
  }

  @Test
  void whateverComesTheServerAnswersOthersAndIsWellAfterwards() throws Exception {
    // Given
    long seed = Long.getLong("gatehouse.fuzz.seed", new Random().nextLong());
    long endNanos = System.nanoTime() + Long.getLong("gatehouse.fuzz.seconds", 60) * 1_000_000_000L;
    System.out.println("seed " + seed);
    Blocked blocked = new Blocked();
    Logger checker = Logger.getLogger("io.vertx.core.impl.BlockedThreadChecker");
    checker.addHandler(blocked);
    assertEquals(200, api.get("agent", "/readyz").status());
    int before = connections();

    // When
    List<Thread> writers = new ArrayList<>();
    List<String> good = good();
    for (int i = 0; i < WRITERS; i++) {
      HostileBytes bytes = new HostileBytes(seed + i, good);
      writers.add(Thread.ofVirtual().start(() -> write(bytes, endNanos)));
    }
    while (System.nanoTime() < endNanos && faults.isEmpty()) {
      // Meanwhile others are served.
      assertEquals(200, api.get("agent", "/v1/approvals").status(), "seed " + seed);
    }
    for (Thread writer : writers) {
      writer.join();
    }
    checker.removeHandler(blocked);

    // Then
    System.out.println("sent " + sent);
    assertEquals(List.of(), List.copyOf(faults), "seed " + seed);
    assertEquals(List.of(), List.copyOf(blocked.said), "no event loop was blocked, seed " + seed);
    Eventually.eventually(
        "no connection is left, seed " + seed, LIMIT, () -> connections() <= before);
    Problems.assertAsHealthyAsBefore(api);
  }

  private void write(HostileBytes hostile, long endNanos) {
    while (System.nanoTime() < endNanos && faults.isEmpty()) {
      byte[] bytes = hostile.next();
      try {
        String answer = answer(hostile, bytes);
        sent.incrementAndGet();
        Matcher statuses = STATUS.matcher(answer);
        while (statuses.find()) {
          int status = Integer.parseInt(statuses.group(1));
          // An HTTP that is yet to be invented, or a method or coding that nobody knows.
          if (status >= 500 && status != 501) {
            faults.add(status + " to " + shown(bytes) + " in " + answer);
          }
        }
      } catch (IOException e) {
        faults.add(e + " at " + shown(bytes));
      }
    }
  }

  private static String shown(byte[] bytes) {
    return new String(bytes, ISO_8859_1)
        .replace("\r", "\\r")
        .replace("\n", "\\n")
        .replace("\0", "\\0");
  }

  private static String answer(HostileBytes hostile, byte[] bytes) throws IOException {
    try (Socket socket = new Socket()) {
      socket.connect(new InetSocketAddress(LOOPBACK, SERVER.api().port()), 30_000);
      socket.setSoTimeout(ANSWER_MILLIS);
      socket.setTcpNoDelay(true);
      try {
        for (int from = 0; from < bytes.length; ) {
          int length = hostile.piece(bytes.length - from);
          socket.getOutputStream().write(bytes, from, length);
          from += length;
        }
        if (hostile.hangsUp()) {
          return "";
        }
        socket.getOutputStream().write(LAST);
      } catch (java.net.SocketException closed) {
        // It hung up in the middle, as it may.
      }
      return read(socket);
    }
  }

  private static String read(Socket socket) throws IOException {
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    byte[] some = new byte[16 << 10];
    try {
      for (int read = 0; read >= 0 && all.size() < MAX_ANSWER_BYTES; ) {
        read = socket.getInputStream().read(some);
        all.write(some, 0, Math.max(0, read));
      }
    } catch (SocketTimeoutException | java.net.SocketException waits) {
      // It waits for more than was sent, or hung up.
    }
    return all.toString(ISO_8859_1);
  }

  /** Connections of the server's port that are open, as the kernel has them. */
  private static int connections() {
    String port = ":%04X ".formatted(SERVER.api().port());
    int count = 0;
    for (String table : List.of("/proc/self/net/tcp", "/proc/self/net/tcp6")) {
      try {
        for (String line : Files.readAllLines(Path.of(table))) {
          String[] columns = line.strip().split("\\s+", -1);
          // ESTABLISHED, or closed by the client alone.
          boolean open = columns[3].equals("01") || columns[3].equals("08");
          if (open && (columns[1] + " ").endsWith(port)) {
            count++;
          }
        }
      } catch (IOException e) {
        throw new AssertionError(e);
      }
    }
    return count;
  }

  /** What Vert.x says of event loops that are held up. */
  private static final class Blocked extends Handler {
    private final Queue<String> said = new ConcurrentLinkedQueue<>();

    @Override
    public void publish(LogRecord record) {
      said.add(record.getMessage());
    }

    @Override
    public void flush() {}

    @Override
    public void close() {}
  }
}
