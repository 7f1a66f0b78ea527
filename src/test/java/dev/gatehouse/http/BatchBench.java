package dev.gatehouse.http;

import dev.gatehouse.Server;
import dev.gatehouse.bench.Figures;
import dev.gatehouse.bench.Pace;
import dev.gatehouse.bench.Unit;
import dev.gatehouse.config.Configuration;
import dev.gatehouse.sandbox.EngineAddress;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadInfo;
import java.lang.management.ThreadMXBean;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Scenario {@code batch}: {@code POST /v1/decisions:batch} over loopback on one connection,
 * tool-name decisions, recording of plain decisions off and on, beside a server that parses the
 * same NDJSON with the same parser and does nothing else. Rounds alternate.
 */
public final class BatchBench {
  private static final InetAddress LOOPBACK = InetAddress.ofLiteral("127.0.0.1");
  private static final int LINES = Pace.current().of(300_000);

  private BatchBench() {}

  /** Prints decisions a second of both, and their ratio. */
  public static void main(String[] args) throws Exception {
    byte[] lines = lines();
    Target plain = start("off");
    Target recorded = start("on");
    Vertx vertx = Vertx.vertx();
    HttpServer parseOnly = parseOnly(vertx).listen().await(10, TimeUnit.SECONDS);
    try (Figures figures = Figures.of("batch")) {
      for (int round = -2; round < Pace.current().rounds(); round++) {
        long before = loopNanos();
        double parsed = perSecond(parseOnly.actualPort(), "/", plain.key(), lines);
        long between = loopNanos();
        double decided = perSecond(plain, lines);
        long after = loopNanos();
        double kept = perSecond(recorded, lines);
        if (round >= 0) {
          figures.add("batch", Unit.PER_SECOND, decided, parsed);
          figures.add("batch.recorded", Unit.PER_SECOND, kept, parsed);
          figures.add(
              "batch.processor",
              Unit.NANOS,
              (after - between) / (double) LINES,
              (between - before) / (double) LINES);
        }
      }
    } finally {
      plain.server().close().await(1, TimeUnit.MINUTES);
      recorded.server().close().await(1, TimeUnit.MINUTES);
      vertx.close().await(10, TimeUnit.SECONDS);
    }
  }

  private record Target(Server server, String key) {}

  private static Target start(String recorded) throws Exception {
    Path data = Files.createTempDirectory("gatehouse-bench");
    Map<String, String> settings = new HashMap<>(System.getenv());
    settings.put("GATEHOUSE_DATA", data.toString());
    settings.put("GATEHOUSE_PORT", "0");
    settings.put("GATEHOUSE_SANDBOX_WARM", "0");
    settings.put("GATEHOUSE_AUDIT_DECISIONS", recorded);
    Server server =
        Server.start(
                Configuration.load(Path.of("conf/gatehouse.yaml"), settings),
                EngineAddress.of(System.getenv("DOCKER_HOST")))
            .await(2, TimeUnit.MINUTES);
    return new Target(server, Files.readString(data.resolve("keys/agent")).strip());
  }

  /** Processor time of all event loops: what other work on the machine takes is not in it. */
  private static long loopNanos() {
    ThreadMXBean threads = ManagementFactory.getThreadMXBean();
    long nanos = 0;
    for (ThreadInfo thread : threads.getThreadInfo(threads.getAllThreadIds())) {
      if (thread != null && thread.getThreadName().startsWith("vert.x-eventloop")) {
        nanos += threads.getThreadCpuTime(thread.getThreadId());
      }
    }
    return nanos;
  }

  private static byte[] lines() {
    StringBuilder lines = new StringBuilder();
    for (int i = 0; i < LINES; i++) {
      lines
          .append("{\"tool\":\"web_search\",\"arguments\":{\"query\":\"release notes ")
          .append(i % 1000)
          .append("\"},\"session\":\"s1\",\"context\":{}}\n");
    }
    return lines.toString().getBytes(StandardCharsets.UTF_8);
  }

  private static HttpServer parseOnly(Vertx vertx) {
    return vertx
        .createHttpServer(
            new HttpServerOptions().setHost("127.0.0.1").setPort(0).setMaxChunkSize(64 << 10))
        .requestHandler(request -> {
          LineSplitter splitter = new LineSplitter(1 << 20);
          int[] parsed = new int[1];
          request.handler(chunk -> splitter.accept(chunk, line -> parsed[0] += parse(line)));
          request.endHandler(end -> request.response().end(Buffer.buffer(parsed[0] + " lines\n")));
        });
  }

  private static int parse(@Nullable Buffer line) {
    JsonBody body = JsonBody.parse(line);
    body.text("tool", 256);
    body.text("session", 256, "");
    body.object("arguments");
    body.object("context");
    body.refuseUnread();
    return 1;
  }

  private static double perSecond(Target target, byte[] lines)
      throws IOException, InterruptedException {
    return perSecond(target.server().port(), "/v1/decisions:batch", target.key(), lines);
  }

  private static double perSecond(int port, String path, String key, byte[] lines)
      throws IOException, InterruptedException {
    try (Socket socket = new Socket(LOOPBACK, port)) {
      long start = System.nanoTime();
      Thread sender = Thread.ofPlatform().start(() -> send(socket, path, key, lines));
      InputStream in = new BufferedInputStream(socket.getInputStream(), 1 << 16);
      byte[] sink = new byte[1 << 16];
      int read = in.read(sink);
      String head = new String(sink, 0, Math.max(read, 0), StandardCharsets.ISO_8859_1);
      if (!head.startsWith("HTTP/1.1 200")) {
        throw new IOException(head);
      }
      while (read > 0) {
        read = in.read(sink);
      }
      sender.join();
      return LINES / ((System.nanoTime() - start) / 1e9);
    }
  }

  private static void send(Socket socket, String path, String key, byte[] lines) {
    try {
      OutputStream out = socket.getOutputStream();
      String head =
          "POST "
              + path
              + " HTTP/1.1\r\nHost: bench\r\nConnection: close\r\nAuthorization: Bearer "
              + key
              + "\r\nContent-Length: "
              + lines.length
              + "\r\n\r\n";
      out.write(head.getBytes(StandardCharsets.US_ASCII));
      out.write(lines);
      out.flush();
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }
}
