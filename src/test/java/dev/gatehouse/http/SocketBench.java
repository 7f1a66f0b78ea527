package dev.gatehouse.http;

import dev.gatehouse.Eventually;
import dev.gatehouse.Server;
import dev.gatehouse.bench.Figures;
import dev.gatehouse.bench.Pace;
import dev.gatehouse.bench.Unit;
import dev.gatehouse.config.Configuration;
import dev.gatehouse.sandbox.EngineAddress;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import java.lang.management.BufferPoolMXBean;
import java.lang.management.ManagementFactory;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * Scenario {@code websocket}: decisions pipelined on one WebSocket, with durable and with async
 * audit (a burst that the log's queue holds: for longer nothing is faster than its writer), beside
 * a bare Vert.x WebSocket that answers each frame with as many bytes; then a crowd of WebSockets
 * with a decision a second each, from a process of its own, and what each costs here. Rounds
 * alternate.
 */
public final class SocketBench {
  private static final int CROWD = 5_000;
  private static final int CROWD_ROUNDS = 1;
  private static final int CROWD_SECONDS = 12;
  private static final int ANSWER_BYTES = 430;

  private final Figures figures = Figures.of("websocket");
  private final int decisions;

  private SocketBench(int decisions) {
    this.decisions = decisions;
  }

  /** A server that the load goes to. */
  private record Target(String name, Server server, String key) {}

  /** Prints decisions a second, and what the crowd waits and costs. */
  public static void main(String[] args) throws Exception {
    SocketBench bench = new SocketBench(Integer.parseInt(args[0]));
    Target durable = start("durable", Map.of());
    Target async = start("async", Map.of("GATEHOUSE_AUDIT_DURABILITY", "async"));
    Vertx vertx = Vertx.builder().with(new VertxOptions().setPreferNativeTransport(true)).build();
    HttpServer bare = bare(vertx).listen().await(10, TimeUnit.SECONDS);
    try {
      bench.pipelined(List.of(durable, async), bare.actualPort());
      bench.crowd(durable);
      bench.figures.close();
    } catch (Exception e) {
      // What is under way must not keep the process.
      e.printStackTrace();
      Runtime.getRuntime().halt(1);
    } finally {
      async.server().close().await(1, TimeUnit.MINUTES);
      durable.server().close().await(1, TimeUnit.MINUTES);
      vertx.close().await(10, TimeUnit.SECONDS);
    }
  }

  private static Target start(String name, Map<String, String> more) throws Exception {
    Path data = Files.createTempDirectory("gatehouse-bench");
    Map<String, String> settings = new HashMap<>(System.getenv());
    settings.put("GATEHOUSE_DATA", data.toString());
    settings.put("GATEHOUSE_PORT", "0");
    settings.put("GATEHOUSE_SANDBOX_WARM", "0");
    settings.put("GATEHOUSE_WEBSOCKET_CONNECTIONS_PER_KEY", "" + CROWD);
    settings.putAll(more);
    Server server =
        Server.start(
                Configuration.load(Path.of("conf/gatehouse.yaml"), settings),
                EngineAddress.of(System.getenv("DOCKER_HOST")))
            .await(2, TimeUnit.MINUTES);
    return new Target(name, server, Files.readString(data.resolve("keys/agent")).strip());
  }

  /** As Vert.x does it: a text message for a text message. */
  private static HttpServer bare(Vertx vertx) {
    String answer = "{\"id\":\"r0000000\",\"type\":\"reply\",\"status\":200,";
    String padded = answer + " ".repeat(ANSWER_BYTES - answer.length());
    return vertx
        .createHttpServer(
            new HttpServerOptions()
                .setHost("127.0.0.1")
                .setPort(0)
                .setPerMessageWebSocketCompressionSupported(false)
                .setPerFrameWebSocketCompressionSupported(false))
        .webSocketHandler(socket ->
            socket.textMessageHandler(text -> {
              if (text.startsWith("{\"id\"")) {
                socket.writeTextMessage(padded);
              }
            }));
  }

  private void pipelined(List<Target> targets, int barePort) throws Exception {
    for (int round = -1; round < Pace.current().rounds(); round++) {
      double bare = SocketLoad.pipelined(barePort, "/", "none", SocketLoad.TOOL, decisions);
      for (Target target : targets) {
        double tools = decisions(target, SocketLoad.TOOL);
        double shell = decisions(target, SocketLoad.SHELL);
        if (round >= 0) {
          figures.add("websocket." + target.name(), Unit.PER_SECOND, tools, bare);
          figures.add("websocket.shell." + target.name(), Unit.PER_SECOND, shell, bare);
        }
      }
    }
  }

  private double decisions(Target target, String decision) throws Exception {
    int port = target.server().port();
    double rate = SocketLoad.pipelined(port, "/v1/ws", target.key(), decision, decisions);
    awaitEmptyQueue(port);
    return rate;
  }

  /** What one round left for the log's writer is no burden on the next. */
  private static void awaitEmptyQueue(int port) {
    HttpRequest health =
        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + "/healthz")).build();
    try (HttpClient client = HttpClient.newHttpClient()) {
      Eventually.eventually(
          "the log's writer is done",
          Duration.ofMinutes(1),
          () ->
              client
                  .sendAsync(health, BodyHandlers.ofString())
                  .join()
                  .body()
                  .contains("\"queuedEvents\":0"));
    }
  }

  private void crowd(Target target) throws Exception {
    Path java = Path.of(System.getProperty("java.home"), "bin", "java");
    for (int round = 0; round < CROWD_ROUNDS; round++) {
      long before = usedBytes();
      Process load =
          new ProcessBuilder(
                  java.toString(),
                  "-cp",
                  System.getProperty("java.class.path"),
                  SocketLoad.class.getName(),
                  "" + target.server().port(),
                  target.key(),
                  "" + CROWD,
                  "" + CROWD_SECONDS)
              .redirectError(ProcessBuilder.Redirect.INHERIT)
              .start();
      try (var out = load.inputReader();
          var in = load.outputWriter()) {
        for (String line = out.readLine(); line != null; line = out.readLine()) {
          String[] words = line.split(" ", -1);
          if (words[0].equals("connected")) {
            figures.add(
                "websocket.crowd.bytes", Unit.COUNT, (usedBytes() - before) / (double) CROWD);
            in.write('\n');
            in.flush();
          } else {
            figures.add(
                "websocket.crowd." + words[0],
                Unit.valueOf(words[1]),
                Double.parseDouble(words[2]));
          }
        }
      }
      if (load.waitFor() != 0) {
        throw new IllegalStateException("the crowd failed");
      }
    }
  }

  /** What lives on the heap, and what the system's buffers take. */
  private static long usedBytes() {
    System.gc();
    long direct =
        ManagementFactory.getPlatformMXBeans(BufferPoolMXBean.class).stream()
            .mapToLong(BufferPoolMXBean::getMemoryUsed)
            .sum();
    return ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed()
        + direct
        + io.netty.util.internal.PlatformDependent.usedDirectMemory();
  }
}
