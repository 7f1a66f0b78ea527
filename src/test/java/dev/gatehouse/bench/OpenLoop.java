package dev.gatehouse.bench;

import java.io.EOFException;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.HdrHistogram.Histogram;

/**
 * Requests at a constant rate, whatever the server does meanwhile. A request's latency is counted
 * from when it was due, not from when a connection was free for it: a stall is paid for by all who
 * would have come during it. (Hyperfoil does the same, but brings a Vert.x and a Netty older than
 * ours, which one class path cannot hold.)
 */
final class OpenLoop {
  private static final InetAddress LOOPBACK = InetAddress.ofLiteral("127.0.0.1");
  private static final long GRACE_NANOS = TimeUnit.SECONDS.toNanos(10);
  private static final long NAP_NANOS = 20_000;
  private static final byte[] BLANK_LINE = {'\r', '\n', '\r', '\n'};
  private static final byte[] LENGTH = "content-length: ".getBytes(StandardCharsets.US_ASCII);

  private final Histogram nanos = new Histogram(3);
  private final Deque<Connection> free = new ArrayDeque<>();
  private final List<Long> perSecond = new ArrayList<>();
  private final byte[] request;
  private long begin;
  private long sent;
  private long answered;
  private long refused;

  private OpenLoop(byte[] request) {
    this.request = request;
  }

  /**
   * What came of it.
   *
   * @param perSecond answers in each second since the begin
   * @param refused answers that were none of 200
   * @param unanswered requests without an answer 10 s after the last was due; in {@code nanos} as
   *     if it had come then
   */
  record Result(Histogram nanos, List<Long> perSecond, long refused, long unanswered) {}

  private static final class Connection {
    final SocketChannel channel;
    final ByteBuffer in = ByteBuffer.allocate(1 << 14);
    long dueNanos;

    Connection(SocketChannel channel) {
      this.channel = channel;
    }
  }

  /** A decision as {@code decisions.lua} has it. */
  static byte[] decision(String path, String key) {
    String body =
        "{\"tool\":\"bash\",\"arguments\":{\"command\":\"ls -la /var/log && wc -l"
            + " /var/log/syslog\"},\"session\":\"s1\"}";
    return ("POST "
            + path
            + " HTTP/1.1\r\nHost: bench\r\nAuthorization: Bearer "
            + key
            + "\r\nContent-Type: application/json\r\nContent-Length: "
            + body.length()
            + "\r\n\r\n"
            + body)
        .getBytes(StandardCharsets.US_ASCII);
  }

  static Result load(int port, byte[] request, int connections, double perSecond, int seconds)
      throws IOException {
    try (Selector selector = Selector.open()) {
      OpenLoop load = new OpenLoop(request);
      List<SocketChannel> channels = new ArrayList<>();
      try {
        for (int i = 0; i < connections; i++) {
          channels.add(load.connect(selector, port));
        }
        return load.run(selector, perSecond, seconds);
      } finally {
        for (SocketChannel channel : channels) {
          channel.close();
        }
      }
    }
  }

  private SocketChannel connect(Selector selector, int port) throws IOException {
    SocketChannel channel = SocketChannel.open(new InetSocketAddress(LOOPBACK, port));
    channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
    channel.configureBlocking(false);
    Connection connection = new Connection(channel);
    channel.register(selector, SelectionKey.OP_READ, connection);
    free.add(connection);
    return channel;
  }

  private Result run(Selector selector, double rate, int seconds) throws IOException {
    long count = Math.round(rate * seconds);
    double gapNanos = 1e9 / rate;
    begin = System.nanoTime();
    long last = begin + seconds * 1_000_000_000L + GRACE_NANOS;
    while (answered < count && System.nanoTime() < last) {
      long now = System.nanoTime();
      while (sent < count && !free.isEmpty() && begin + (long) (sent * gapNanos) <= now) {
        send(free.pop(), begin + (long) (sent++ * gapNanos));
      }
      if (selector.selectNow() == 0) {
        LockSupport.parkNanos(NAP_NANOS);
        continue;
      }
      for (SelectionKey key : selector.selectedKeys()) {
        read((Connection) key.attachment());
      }
      selector.selectedKeys().clear();
    }
    long now = System.nanoTime();
    // Those on their way, then those that found no connection free.
    for (SelectionKey key : selector.keys()) {
      Connection connection = (Connection) key.attachment();
      if (!free.contains(connection)) {
        nanos.recordValue(now - connection.dueNanos);
      }
    }
    for (long unsent = sent; unsent < count; unsent++) {
      nanos.recordValue(now - begin - (long) (unsent * gapNanos));
    }
    return new Result(nanos, perSecond, refused, count - answered);
  }

  private void send(Connection connection, long dueNanos) throws IOException {
    connection.dueNanos = dueNanos;
    ByteBuffer out = ByteBuffer.wrap(request);
    // One request is far smaller than a socket's buffer, which is empty.
    if (connection.channel.write(out) < request.length) {
      throw new IOException("a request did not fit into a socket's buffer");
    }
  }

  private void read(Connection connection) throws IOException {
    ByteBuffer in = connection.in;
    if (connection.channel.read(in) < 0) {
      throw new EOFException("the server hung up");
    }
    int head = find(in, BLANK_LINE, in.position());
    if (head < 0) {
      return;
    }
    int length = find(in, LENGTH, head);
    if (length < 0) {
      throw new IOException("an answer without its length");
    }
    int body = 0;
    for (int i = length + LENGTH.length; in.get(i) >= '0'; i++) {
      body = 10 * body + in.get(i) - '0';
    }
    if (in.position() >= head + BLANK_LINE.length + body) {
      answered(connection);
    }
  }

  private void answered(Connection connection) {
    long now = System.nanoTime();
    nanos.recordValue(Math.max(1, now - connection.dueNanos));
    answered++;
    // HTTP/1.1 200
    refused += connection.in.get(9) == '2' ? 0 : 1;
    int second = (int) ((now - begin) / 1_000_000_000L);
    while (perSecond.size() <= second) {
      perSecond.add(0L);
    }
    perSecond.set(second, perSecond.get(second) + 1);
    connection.in.clear();
    free.push(connection);
  }

  /** Where the bytes begin, before {@code end}; letters in either case; -1 if nowhere. */
  private static int find(ByteBuffer in, byte[] wanted, int end) {
    for (int at = 0; at <= end - wanted.length; at++) {
      int same = 0;
      while (same < wanted.length && lower(in.get(at + same)) == wanted[same]) {
        same++;
      }
      if (same == wanted.length) {
        return at;
      }
    }
    return -1;
  }

  private static int lower(byte value) {
    return value >= 'A' && value <= 'Z' ? value + 32 : value;
  }
}
