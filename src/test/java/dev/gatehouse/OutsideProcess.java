package dev.gatehouse;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.channel.socket.DatagramPacket;
import io.netty.handler.codec.dns.DatagramDnsQuery;
import io.netty.handler.codec.dns.DatagramDnsQueryDecoder;
import io.netty.handler.codec.dns.DatagramDnsResponse;
import io.netty.handler.codec.dns.DatagramDnsResponseEncoder;
import io.netty.handler.codec.dns.DefaultDnsQuestion;
import io.netty.handler.codec.dns.DefaultDnsRawRecord;
import io.netty.handler.codec.dns.DnsQuestion;
import io.netty.handler.codec.dns.DnsRecordType;
import io.netty.handler.codec.dns.DnsResponseCode;
import io.netty.handler.codec.dns.DnsSection;
import java.io.IOException;
import java.io.InputStream;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * What is outside, run in a network namespace of its own: a web server, one that keeps what it was
 * sent, one that echoes, and a name server whose names lead to good and bad places.
 */
final class OutsideProcess {
  static final String ADDRESS = "198.51.100.2";
  static final String PRIVATE_ADDRESS = "10.77.0.2";
  static final String GATE_ADDRESS = "198.51.100.1";
  static final int WEB = 80;
  static final int ECHO = 443;
  static final int KEEPS = 8081;

  private static final Map<String, List<String>> NAMES =
      Map.ofEntries(
          Map.entry("ok.test", List.of(ADDRESS)),
          Map.entry("a.ok.test", List.of(ADDRESS)),
          Map.entry("a.b.ok.test", List.of(ADDRESS)),
          Map.entry("evilok.test", List.of(ADDRESS)),
          Map.entry("other.test", List.of(ADDRESS)),
          Map.entry("loopback.test", List.of("127.0.0.1")),
          Map.entry("metadata.test", List.of("169.254.169.254")),
          Map.entry("private.test", List.of(PRIVATE_ADDRESS)),
          Map.entry("gate.test", List.of(GATE_ADDRESS)),
          Map.entry("unspecified.test", List.of("0.0.0.0")),
          Map.entry("mapped.test", List.of("::ffff:127.0.0.1")),
          Map.entry("loopback6.test", List.of("::1")),
          Map.entry("mixed.test", List.of("127.0.0.1", "169.254.169.254", ADDRESS)),
          // Leads elsewhere each time it is asked for.
          Map.entry("rebinding.test", List.of(ADDRESS, "127.0.0.1")));

  private final Map<String, AtomicInteger> questions = new ConcurrentHashMap<>();
  private final Queue<String> kept = new ConcurrentLinkedQueue<>();

  private OutsideProcess() {}

  public static void main(String[] arguments) throws IOException {
    new OutsideProcess().run();
  }

  private void run() throws IOException {
    HttpServer web = HttpServer.create(new InetSocketAddress(WEB), 1024);
    web.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
    web.createContext("/", this::answer);
    web.start();
    DatagramSocket names = new DatagramSocket(53);
    Thread.ofPlatform().start(() -> serveNames(names));
    serve(ECHO, OutsideProcess::echo);
    serve(KEEPS, this::keep);
    System.out.println("ready");
    // Ends with whoever started it.
    while (System.in.read() >= 0) {}
    System.exit(0);
  }

  private void answer(HttpExchange exchange) throws IOException {
    byte[] body = exchange.getRequestBody().readAllBytes();
    String path = exchange.getRequestURI().getPath();
    byte[] reply =
        switch (path) {
          case "/hello" -> bytes("hello\n");
          case "/kept" -> bytes(String.join("", kept));
          case "/questions" ->
              bytes(String.valueOf(asked(exchange.getRequestURI().getQuery()).get()));
          case "/large" -> new byte[4 << 20];
          default ->
              bytes(
                  exchange.getRequestMethod()
                      + " "
                      + exchange.getRequestURI()
                      + "\n"
                      + exchange.getRequestHeaders().entrySet()
                      + "\n"
                      + body.length
                      + "\n"
                      + new String(body, 0, Math.min(100, body.length), StandardCharsets.UTF_8));
        };
    exchange.getResponseHeaders().set("X-Outside", "yes");
    exchange.sendResponseHeaders(200, reply.length == 0 ? -1 : reply.length);
    exchange.getResponseBody().write(reply);
    exchange.close();
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  private interface Conversation {
    void with(Socket socket) throws IOException;
  }

  private static void serve(int port, Conversation conversation) throws IOException {
    ServerSocket server = new ServerSocket(port, 1024);
    Thread.ofPlatform()
        .start(() -> {
          while (true) {
            try {
              Socket socket = server.accept();
              Thread.ofVirtual().start(() -> converse(conversation, socket));
            } catch (IOException e) {
              return;
            }
          }
        });
  }

  private static void converse(Conversation conversation, Socket socket) {
    try (socket) {
      conversation.with(socket);
    } catch (IOException e) {
      // The other side left.
    }
  }

  private static void echo(Socket socket) throws IOException {
    byte[] piece = new byte[8192];
    InputStream in = socket.getInputStream();
    for (int n = in.read(piece); n > 0; n = in.read(piece)) {
      socket.getOutputStream().write(piece, 0, n);
    }
  }

  /** Answers once, and keeps all that comes until the other side closes. */
  private void keep(Socket socket) throws IOException {
    byte[] piece = new byte[8192];
    InputStream in = socket.getInputStream();
    boolean answered = false;
    for (int n = in.read(piece); n > 0; n = in.read(piece)) {
      kept.add(new String(piece, 0, n, StandardCharsets.ISO_8859_1));
      if (!answered) {
        answered = true;
        socket.getOutputStream().write(bytes("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"));
      }
    }
  }

  private AtomicInteger asked(String name) {
    return questions.computeIfAbsent(name, n -> new AtomicInteger());
  }

  private void serveNames(DatagramSocket socket) {
    byte[] buffer = new byte[1500];
    while (true) {
      try {
        java.net.DatagramPacket packet = new java.net.DatagramPacket(buffer, buffer.length);
        socket.receive(packet);
        byte[] reply =
            reply(
                Arrays.copyOf(buffer, packet.getLength()),
                (InetSocketAddress) packet.getSocketAddress(),
                (InetSocketAddress) socket.getLocalSocketAddress());
        socket.send(new java.net.DatagramPacket(reply, reply.length, packet.getSocketAddress()));
      } catch (IOException e) {
        return;
      }
    }
  }

  private byte[] reply(byte[] bytes, InetSocketAddress from, InetSocketAddress to)
      throws IOException {
    EmbeddedChannel codec =
        new EmbeddedChannel(new DatagramDnsQueryDecoder(), new DatagramDnsResponseEncoder());
    codec.writeInbound(new DatagramPacket(Unpooled.wrappedBuffer(bytes), to, from));
    DatagramDnsQuery query = codec.readInbound();
    DnsQuestion question = query.recordAt(DnsSection.QUESTION);
    String name = question.name().toLowerCase(Locale.ROOT).replaceAll("\\.$", "");
    boolean four = question.type().equals(DnsRecordType.A);
    int times = four ? asked(name).getAndIncrement() : asked(name).get();
    DatagramDnsResponse response = new DatagramDnsResponse(to, from, query.id());
    response.addRecord(
        DnsSection.QUESTION, new DefaultDnsQuestion(question.name(), question.type()));
    List<String> addresses = NAMES.getOrDefault(name, List.of());
    if (addresses.isEmpty()) {
      response.setCode(DnsResponseCode.NXDOMAIN);
    } else if (name.startsWith("rebinding")) {
      addresses = List.of(addresses.get(times % addresses.size()));
    }
    for (String address : addresses) {
      byte[] raw = raw(address);
      if (raw.length == (four ? 4 : 16)) {
        response.addRecord(
            DnsSection.ANSWER,
            new DefaultDnsRawRecord(
                question.name(), question.type(), 0, Unpooled.wrappedBuffer(raw)));
      }
    }
    codec.writeOutbound(response);
    DatagramPacket encoded = codec.readOutbound();
    byte[] reply = new byte[encoded.content().readableBytes()];
    encoded.content().readBytes(reply);
    encoded.release();
    query.release();
    codec.finishAndReleaseAll();
    return reply;
  }

  private static byte[] raw(String address) throws IOException {
    if (!address.startsWith("::ffff:")) {
      return InetAddress.getByName(address).getAddress();
    }
    // Java would make four bytes of it.
    byte[] mapped = new byte[16];
    mapped[10] = -1;
    mapped[11] = -1;
    System.arraycopy(InetAddress.getByName(address.substring(7)).getAddress(), 0, mapped, 12, 4);
    return mapped;
  }
}
