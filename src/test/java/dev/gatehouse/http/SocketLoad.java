package dev.gatehouse.http;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Semaphore;
import org.HdrHistogram.Histogram;

/** What {@link SocketBench} loads a server with, over plain sockets. */
public final class SocketLoad {
  /** A decision that needs the tool's name alone. */
  static final String TOOL =
      "\"tool\":\"web_search\",\"arguments\":{\"query\":\"release notes\"},\"session\":\"s1\"}";

  /** A decision that needs a command's structure. */
  static final String SHELL =
      "\"tool\":\"bash\",\"arguments\":{\"command\":\"ls -la /var/log && wc -l"
          + " /var/log/syslog\"},\"session\":\"s1\"}";

  private static final InetAddress LOOPBACK = InetAddress.ofLiteral("127.0.0.1");
  private static final int WINDOW = 2_048;
  private static final int BURST = 128;
  private static final int WARM_UP_SECONDS = 4;
  private static final byte[] MASK = {0x11, 0x22, 0x33, 0x44};

  /** Where a reply has its status: ids are all of one length. */
  private static final int STATUS_AT =
      "{\"id\":\"r0000000\",\"type\":\"reply\",\"status\":".length();

  private SocketLoad() {}

  /** So many decisions on one connection, {@value #WINDOW} under way at most: how many a second. */
  static double pipelined(int port, String path, String key, String decision, int decisions)
      throws IOException, InterruptedException {
    try (Socket socket = new Socket(LOOPBACK, port)) {
      socket.setTcpNoDelay(true);
      OutputStream out = socket.getOutputStream();
      out.write(handshake(path, key));
      DataInputStream in =
          new DataInputStream(new BufferedInputStream(socket.getInputStream(), 1 << 18));
      upgraded(in);
      List<byte[]> bursts = bursts(decision);
      Semaphore room = new Semaphore(WINDOW);
      int count = decisions / BURST * BURST;
      long begin = System.nanoTime();
      Thread writer = Thread.ofPlatform().start(() -> write(out, bursts, room, count / BURST));
      byte[] payload = new byte[1 << 16];
      for (int answered = 0; answered < count; ) {
        int length = header(in);
        in.readFully(payload, 0, length);
        if (payload[2] == 'i') {
          if (payload[STATUS_AT] != '2') {
            throw new IOException(new String(payload, 0, length, StandardCharsets.UTF_8));
          }
          answered++;
          if (answered % BURST == 0) {
            room.release(BURST);
          }
        }
      }
      long took = System.nanoTime() - begin;
      writer.join();
      return count / (took / 1e9);
    }
  }

  private static void write(OutputStream out, List<byte[]> bursts, Semaphore room, int count) {
    try {
      for (int next = 0; next < count; next++) {
        room.acquire(BURST);
        out.write(bursts.get(next % bursts.size()));
      }
    } catch (IOException e) {
      throw new IllegalStateException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** Twice as many ids as can be under way. */
  private static List<byte[]> bursts(String decision) {
    List<byte[]> bursts = new ArrayList<>();
    for (int first = 0; first < 2 * WINDOW; first += BURST) {
      ByteArrayOutputStream burst = new ByteArrayOutputStream();
      for (int id = first; id < first + BURST; id++) {
        burst.writeBytes(frame(id, decision));
      }
      bursts.add(burst.toByteArray());
    }
    return bursts;
  }

  private static byte[] handshake(String path, String key) {
    return ("GET "
            + path
            + " HTTP/1.1\r\nHost: bench\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
            + "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
            + "Authorization: Bearer "
            + key
            + "\r\n\r\n")
        .getBytes(StandardCharsets.US_ASCII);
  }

  private static void upgraded(DataInputStream in) throws IOException {
    StringBuilder head = new StringBuilder();
    while (head.indexOf("\r\n\r\n") < 0) {
      head.append((char) in.readByte());
    }
    if (!head.toString().startsWith("HTTP/1.1 101")) {
      throw new IOException(head.toString());
    }
  }

  private static byte[] frame(int id, String decision) {
    byte[] payload =
        String.format(Locale.ROOT, "{\"id\":\"r%07d\",\"type\":\"decide\",%s", id, decision)
            .getBytes(StandardCharsets.UTF_8);
    ByteBuffer frame = ByteBuffer.allocate(payload.length + 8);
    frame.put((byte) 0x81);
    if (payload.length < 126) {
      frame.put((byte) (0x80 | payload.length));
    } else {
      frame.put((byte) (0x80 | 126)).putShort((short) payload.length);
    }
    frame.put(MASK);
    for (int i = 0; i < payload.length; i++) {
      frame.put((byte) (payload[i] ^ MASK[i % 4]));
    }
    byte[] bytes = new byte[frame.position()];
    frame.flip().get(bytes);
    return bytes;
  }

  private static int header(DataInputStream in) throws IOException {
    in.readByte();
    int length = in.readUnsignedByte();
    return length < 126 ? length : length == 126 ? in.readUnsignedShort() : (int) in.readLong();
  }

  /**
   * A crowd: prints {@code connected}, goes on at a byte of input, at last prints rates and
   * percentiles.
   */
  public static void main(String[] args) throws Exception {
    new Crowd(Integer.parseInt(args[0]), args[1], Integer.parseInt(args[2]))
        .run(Integer.parseInt(args[3]));
  }

  /** Connections with one decision a second each, spread over the second. */
  private static final class Crowd {
    private final int port;
    private final String key;
    private final int size;
    private final Histogram micros = new Histogram(60_000_000L, 2);
    private final ByteBuffer read = ByteBuffer.allocateDirect(1 << 16);
    private long refused;

    Crowd(int port, String key, int size) {
      this.port = port;
      this.key = key;
      this.size = size;
    }

    /** One connection: when it asked, and whether it waits. */
    private static final class Member {
      final SocketChannel channel;
      long askedNanos;
      boolean waits;
      long replies;

      Member(SocketChannel channel) {
        this.channel = channel;
      }
    }

    void run(int seconds) throws IOException {
      List<Member> members = new ArrayList<>();
      try (Selector selector = Selector.open()) {
        for (int i = 0; i < size; i++) {
          members.add(connect(selector));
        }
        System.out.println("connected");
        if (System.in.read() < 0) {
          return;
        }
        long begin = System.nanoTime();
        long gapNanos = 1_000_000_000L / size;
        long asked = 0;
        ByteBuffer frame = ByteBuffer.wrap(frame(1, TOOL));
        long end = begin + seconds * 1_000_000_000L;
        for (long now = begin; now < end; now = System.nanoTime()) {
          for (; begin + asked * gapNanos <= now; asked++) {
            Member member = members.get((int) (asked % size));
            if (!member.waits) {
              member.waits = true;
              // From when it was due: a late one counts as late.
              member.askedNanos = begin + asked * gapNanos;
              member.channel.write(frame.rewind());
            }
          }
          selector.select(key -> reply((Member) key.attachment()), 1);
        }
        long answers = micros.getTotalCount();
        System.out.printf(
            Locale.ROOT, "rate PER_SECOND %f%n", answers / (double) (seconds - WARM_UP_SECONDS));
        System.out.printf(Locale.ROOT, "p50 MILLIS %f%n", micros.getValueAtPercentile(50) / 1e3);
        System.out.printf(Locale.ROOT, "p99 MILLIS %f%n", micros.getValueAtPercentile(99) / 1e3);
        System.out.printf(Locale.ROOT, "refused COUNT %d%n", refused);
      }
    }

    private Member connect(Selector selector) throws IOException {
      SocketChannel channel = SocketChannel.open(new InetSocketAddress(LOOPBACK, port));
      channel.write(ByteBuffer.wrap(handshake("/v1/ws", key)));
      String said = "";
      while (!said.contains("\"hello\"")) {
        read.clear();
        channel.read(read);
        read.flip();
        said += StandardCharsets.ISO_8859_1.decode(read);
      }
      channel.configureBlocking(false);
      Member member = new Member(channel);
      channel.register(selector, SelectionKey.OP_READ, member);
      return member;
    }

    /** A reply comes in one read; a ping is none. */
    private void reply(Member member) {
      try {
        read.clear();
        if (member.channel.read(read) < 0) {
          throw new IllegalStateException("a connection was closed");
        }
        read.flip();
        String said = StandardCharsets.ISO_8859_1.decode(read).toString();
        if (said.contains("\"reply\"")) {
          member.waits = false;
          member.replies++;
          if (!said.contains("\"status\":200")) {
            refused++;
          } else if (member.replies > WARM_UP_SECONDS) {
            micros.recordValue((System.nanoTime() - member.askedNanos) / 1000);
          }
        }
      } catch (IOException e) {
        throw new IllegalStateException(e);
      }
    }
  }
}
