package dev.gatehouse;

import io.vertx.core.json.JsonObject;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/** A bare TCP connection to the server, for what no HTTP client would send. */
final class RawConnection implements AutoCloseable {
  private static final int LIMIT_MILLIS = 30_000;
  private static final InetAddress LOOPBACK = InetAddress.ofLiteral("127.0.0.1");

  private final Socket socket;

  private RawConnection(Socket socket) {
    this.socket = socket;
  }

  static RawConnection to(int port) throws IOException {
    Socket socket = new Socket();
    socket.connect(new InetSocketAddress(LOOPBACK, port), LIMIT_MILLIS);
    socket.setSoTimeout(LIMIT_MILLIS);
    socket.setTcpNoDelay(true);
    return new RawConnection(socket);
  }

  /** One that was made already, perhaps with TLS. */
  static RawConnection over(Socket socket) {
    return new RawConnection(socket);
  }

  /** One that comes from another address of this machine. */
  static RawConnection from(InetAddress address, int port) throws IOException {
    Socket socket = new Socket();
    socket.bind(new InetSocketAddress(address, 0));
    socket.connect(new InetSocketAddress(LOOPBACK, port), LIMIT_MILLIS);
    socket.setSoTimeout(LIMIT_MILLIS);
    return new RawConnection(socket);
  }

  /** One whose own buffer is small. */
  static RawConnection slowTo(int port) throws IOException {
    Socket socket = new Socket();
    socket.setReceiveBufferSize(8 << 10);
    socket.connect(new InetSocketAddress(LOOPBACK, port), LIMIT_MILLIS);
    socket.setSoTimeout(LIMIT_MILLIS);
    return new RawConnection(socket);
  }

  /** Sends; fails when the server has hung up. */
  void write(byte[] bytes) throws IOException {
    socket.getOutputStream().write(bytes);
  }

  /** A reply: its status, headers by lower-case name, and JSON. */
  record Reply(int status, Map<String, String> headers, JsonObject body) {}

  /** Sends; a server that has closed already does not mind. */
  RawConnection send(byte[] bytes) throws IOException {
    try {
      socket.getOutputStream().write(bytes);
      socket.getOutputStream().flush();
    } catch (SocketException e) {
      // It hung up in the middle: what it said before can still be read.
    }
    return this;
  }

  RawConnection send(String text) throws IOException {
    return send(text.getBytes(StandardCharsets.ISO_8859_1));
  }

  /** The next reply; fails if the connection ends before. */
  Reply reply() throws IOException {
    InputStream in = socket.getInputStream();
    List<String> lines = head(in).lines().filter(line -> !line.isEmpty()).toList();
    Map<String, String> headers = new TreeMap<>();
    for (String line : lines.subList(1, lines.size())) {
      int colon = line.indexOf(':');
      headers.put(
          line.substring(0, colon).toLowerCase(Locale.ROOT), line.substring(colon + 1).strip());
    }
    int length = Integer.parseInt(headers.getOrDefault("content-length", "0"));
    String body = new String(in.readNBytes(length), StandardCharsets.UTF_8);
    return new Reply(
        // HTTP/1.1 200 OK
        Integer.parseInt(lines.get(0).substring(9, 12)),
        headers,
        body.isEmpty() ? new JsonObject() : new JsonObject(body));
  }

  private static String head(InputStream in) throws IOException {
    ByteArrayOutputStream head = new ByteArrayOutputStream();
    while (!head.toString(StandardCharsets.ISO_8859_1).endsWith("\r\n\r\n")) {
      int next = in.read();
      if (next < 0) {
        throw new AssertionError("the connection ended after: " + head);
      }
      head.write(next);
    }
    return head.toString(StandardCharsets.ISO_8859_1);
  }

  /** What comes until a text has come; fails if the connection ends before. */
  String readUntil(String text) throws IOException {
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    while (!all.toString(StandardCharsets.ISO_8859_1).contains(text)) {
      byte[] some = new byte[8 << 10];
      int read = socket.getInputStream().read(some);
      if (read < 0) {
        throw new AssertionError("the connection ended after: " + all);
      }
      all.write(some, 0, read);
    }
    return all.toString(StandardCharsets.ISO_8859_1);
  }

  /** Whether the server has closed, with nothing more to read; waits for it. */
  boolean ended() throws IOException {
    try {
      return socket.getInputStream().read() < 0;
    } catch (SocketException reset) {
      return true;
    }
  }

  @Override
  public void close() throws IOException {
    socket.close();
  }
}
