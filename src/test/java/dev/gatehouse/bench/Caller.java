package dev.gatehouse.bench;

import io.vertx.core.json.JsonObject;
import java.io.BufferedInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.Locale;

/**
 * One kept connection, one request after the other, as little of its own as can be: what it takes
 * is in every figure. Confined to one thread.
 */
public final class Caller implements AutoCloseable {
  private static final InetAddress LOOPBACK = InetAddress.ofLiteral("127.0.0.1");

  private final Socket socket;
  private final InputStream in;
  private final String head;
  private int status;

  Caller(int port, String key) throws IOException {
    socket = new Socket(LOOPBACK, port);
    socket.setTcpNoDelay(true);
    in = new BufferedInputStream(socket.getInputStream(), 1 << 14);
    head =
        " HTTP/1.1\r\nHost: bench\r\nAuthorization: Bearer "
            + key
            + "\r\nContent-Type: application/json\r\nContent-Length: ";
  }

  /** The body of the answer to a GET. */
  public JsonObject get(String path) throws IOException {
    return new JsonObject(send("GET", path, ""));
  }

  public JsonObject post(String path, JsonObject body) throws IOException {
    return new JsonObject(send("POST", path, body.encode()));
  }

  public JsonObject delete(String path) throws IOException {
    return new JsonObject(send("DELETE", path, ""));
  }

  /** As {@link #post}; fails unless the answer has this status. */
  public JsonObject post(String path, JsonObject body, int expected) throws IOException {
    String answer = send("POST", path, body.encode());
    if (status != expected) {
      throw new IOException(status + " " + answer);
    }
    return new JsonObject(answer);
  }

  /** The last answer's status. */
  public int status() {
    return status;
  }

  private String send(String method, String path, String body) throws IOException {
    return send(method, path, body, "");
  }

  /** Sends, with more lines of the head, and reads the whole answer. */
  String send(String method, String path, String body, String more) throws IOException {
    int length = body.getBytes(StandardCharsets.UTF_8).length;
    String request = method + " " + path + head + length + "\r\n" + more + "\r\n" + body;
    socket.getOutputStream().write(request.getBytes(StandardCharsets.UTF_8));
    String first = line();
    if (!first.startsWith("HTTP/1.1 ")) {
      throw new IOException(first);
    }
    status = Integer.parseInt(first.substring(9, 12));
    return body(path);
  }

  private String body(String path) throws IOException {
    int length = 0;
    for (String line = line(); !line.isEmpty(); line = line()) {
      String lower = line.toLowerCase(Locale.ROOT);
      if (lower.startsWith("content-length:")) {
        length = Integer.parseInt(line.substring(line.indexOf(':') + 1).strip());
      } else if (lower.startsWith("transfer-encoding:")) {
        throw new IOException("an answer in chunks: " + path);
      }
    }
    byte[] answer = in.readNBytes(length);
    if (answer.length < length) {
      throw new EOFException(path);
    }
    return new String(answer, StandardCharsets.UTF_8);
  }

  private String line() throws IOException {
    StringBuilder line = new StringBuilder();
    for (int next = in.read(); next != '\n'; next = in.read()) {
      if (next < 0) {
        throw new EOFException("the server hung up");
      }
      if (next != '\r') {
        line.append((char) next);
      }
    }
    return line.toString();
  }

  @Override
  public void close() throws IOException {
    socket.close();
  }
}
