package dev.gatehouse;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.net.Socket;
import java.net.SocketException;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Map;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;

/** HTTP/2 frame by frame, for what no client would send. */
final class RawHttp2 implements AutoCloseable {
  static final int DATA = 0;
  static final int HEADERS = 1;
  static final int RST_STREAM = 3;
  static final int SETTINGS = 4;
  static final int PING = 6;
  static final int GOAWAY = 7;
  static final int CONTINUATION = 9;

  static final int END_STREAM = 1;
  static final int END_HEADERS = 4;

  private static final String PREFACE = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

  /** One frame; {@code type} is -1 where the connection ended. */
  @SuppressWarnings("ArrayRecordComponent") // compared by nobody
  record Frame(int type, int flags, int stream, byte[] payload) {
    /** The code of a frame that ends a stream or the connection. */
    int code() {
      return ByteBuffer.wrap(payload).getInt(type == GOAWAY ? 4 : 0);
    }
  }

  private final Socket socket;
  private final DataInputStream in;

  private RawHttp2(Socket socket) throws IOException {
    this.socket = socket;
    this.in = new DataInputStream(socket.getInputStream());
  }

  /** A connection for which both sides agreed on HTTP/2; says its preface and its settings. */
  static RawHttp2 to(TlsServer server) throws IOException {
    SSLSocket socket =
        (SSLSocket)
            server
                .authority()
                .trusting(null)
                .getSocketFactory()
                .createSocket("127.0.0.1", server.port());
    SSLParameters parameters = socket.getSSLParameters();
    parameters.setApplicationProtocols(new String[] {"h2"});
    socket.setSSLParameters(parameters);
    socket.setSoTimeout(30_000);
    socket.startHandshake();
    if (!socket.getApplicationProtocol().equals("h2")) {
      throw new AssertionError("it speaks " + socket.getApplicationProtocol());
    }
    RawHttp2 connection = new RawHttp2(socket);
    connection.write(PREFACE.getBytes(US_ASCII));
    connection.send(SETTINGS, 0, 0, new byte[0]);
    return connection;
  }

  private void write(byte[] bytes) throws IOException {
    socket.getOutputStream().write(bytes);
  }

  static byte[] frame(int type, int flags, int stream, byte[] payload) {
    return ByteBuffer.allocate(9 + payload.length)
        .put((byte) (payload.length >> 16))
        .putShort((short) payload.length)
        .put((byte) type)
        .put((byte) flags)
        .putInt(stream)
        .put(payload)
        .array();
  }

  void send(int type, int flags, int stream, byte[] payload) throws IOException {
    write(frame(type, flags, stream, payload));
  }

  /** Sends; gives whether the connection still takes it. */
  boolean trySend(byte[] frames) {
    try {
      write(frames);
      return true;
    } catch (IOException e) {
      return false;
    }
  }

  /** A request's head in HPACK, all of it literal. */
  static byte[] head(String method, String path, Map<String, String> more) {
    ByteArrayOutputStream block = new ByteArrayOutputStream();
    for (List<String> field :
        List.of(
            List.of(":method", method),
            List.of(":scheme", "https"),
            List.of(":path", path),
            List.of(":authority", "localhost"))) {
      literal(block, field.get(0), field.get(1));
    }
    more.forEach((name, value) -> literal(block, name, value));
    return block.toByteArray();
  }

  private static void literal(ByteArrayOutputStream block, String name, String value) {
    block.write(0);
    text(block, name);
    text(block, value);
  }

  /** A length of seven bits, and more where it does not fit (RFC 7541, section 5.1). */
  private static void text(ByteArrayOutputStream block, String text) {
    int rest = text.length() - 127;
    if (rest < 0) {
      block.write(text.length());
    } else {
      block.write(127);
      for (; rest >= 128; rest >>= 7) {
        block.write((rest & 127) | 128);
      }
      block.write(rest);
    }
    block.writeBytes(text.getBytes(US_ASCII));
  }

  /** The next frame. */
  Frame next() throws IOException {
    try {
      int length = (in.readUnsignedByte() << 16) | in.readUnsignedShort();
      int type = in.readUnsignedByte();
      int flags = in.readUnsignedByte();
      int stream = in.readInt();
      return new Frame(type, flags, stream, in.readNBytes(length));
    } catch (EOFException | SocketException | SSLException e) {
      return new Frame(-1, 0, 0, new byte[0]);
    }
  }

  /** The next frame of one of the types; the end of the connection counts, too. */
  Frame next(int... types) throws IOException {
    while (true) {
      Frame frame = next();
      if (frame.type() < 0) {
        return frame;
      }
      for (int type : types) {
        if (frame.type() == type) {
          return frame;
        }
      }
    }
  }

  @Override
  public void close() throws IOException {
    socket.close();
  }
}
