package dev.gatehouse.http;

import dev.gatehouse.Rounds;
import dev.gatehouse.Server;
import dev.gatehouse.config.Configuration;
import dev.gatehouse.sandbox.EngineAddress;
import io.vertx.core.AbstractVerticle;
import io.vertx.core.DeploymentOptions;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.buffer.Buffer;
import java.io.IOException;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Scenarios {@code decisions}: {@code POST /v1/decisions}, each recorded before its reply, by wrk
 * with 64 connections, beside a bare handler on as many event loops that reads the same body and
 * answers the same bytes; and {@code decisions-unrecorded}, where plain decisions leave no event.
 * Rounds alternate.
 */
public final class DecisionBench {
  private static final int WARM_UP_ROUNDS = 6;
  private static final int ROUNDS = 5;
  private static final Pattern RATE = Pattern.compile("Requests/sec:\\s+([0-9.]+)");
  private static final Pattern SLOW = Pattern.compile("\\s99%\\s+([0-9.]+)(us|ms|s)");
  private static final String BODY =
      "{\"tool\":\"bash\",\"arguments\":{\"command\":\"ls -la /var/log && wc -l"
          + " /var/log/syslog\"},\"session\":\"s1\"}";

  private final int seconds;
  private final boolean recorded;
  private final String key;
  private final Rounds rounds = new Rounds();

  private DecisionBench(int seconds, boolean recorded, String key) {
    this.seconds = seconds;
    this.recorded = recorded;
    this.key = key;
  }

  /**
   * Prints requests a second of both, and their ratio.
   *
   * @param args seconds a round; {@code on} or {@code off}, whether plain decisions are recorded
   */
  public static void main(String[] args) throws Exception {
    Path data = Files.createTempDirectory("gatehouse-bench");
    Map<String, String> settings = new HashMap<>(System.getenv());
    settings.put("GATEHOUSE_DATA", data.toString());
    settings.put("GATEHOUSE_PORT", "0");
    settings.put("GATEHOUSE_AUDIT_DECISIONS", args[1]);
    Server server =
        Server.start(
                Configuration.load(Path.of("conf/gatehouse.yaml"), settings),
                EngineAddress.of(System.getenv("DOCKER_HOST")))
            .await(2, TimeUnit.MINUTES);
    DecisionBench bench =
        new DecisionBench(
            Integer.parseInt(args[0]),
            args[1].equals("on"),
            Files.readString(data.resolve("keys/agent")).strip());
    Vertx vertx = Vertx.builder().with(new VertxOptions().setPreferNativeTransport(true)).build();
    int barePort = bench.startBare(vertx, bench.answer(server.port()));
    try {
      bench.run(server.port(), barePort);
    } finally {
      server.close().await(1, TimeUnit.MINUTES);
      vertx.close().await(10, TimeUnit.SECONDS);
    }
  }

  private void run(int port, int barePort) throws IOException, InterruptedException {
    // The server fills its pool meanwhile, and the compiler has far more to do than for the bare
    // one.
    for (int round = 0; round < WARM_UP_ROUNDS; round++) {
      wrkUnchecked(port, "/v1/decisions");
    }
    wrk(barePort, "/");
    for (int round = 0; round < ROUNDS; round++) {
      String ours = wrk(port, "/v1/decisions");
      String bare = wrk(barePort, "/");
      rounds.add(recorded ? "decisions/s (at least 20,000)" : "decisions/s", rate(ours));
      rounds.add("p99, ms", millis(ours));
      rounds.add("bare handler, requests/s", rate(bare));
      rounds.add("bare handler, p99, ms", millis(bare));
      rounds.add(
          recorded ? "ratio (at least 0.4)" : "ratio (at least 0.85)", rate(ours) / rate(bare));
    }
    rounds.print(
        recorded
            ? "decision and durable audit, wrk, 64 connections"
            : "decision without an event, wrk, 64 connections");
  }

  /** What the server says to the request that wrk makes. */
  private HttpResponse<String> answer(int port) throws IOException, InterruptedException {
    try (HttpClient client = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build()) {
      HttpResponse<String> answer =
          client.send(
              HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + "/v1/decisions"))
                  .header("Authorization", "Bearer " + key)
                  .header("Content-Type", "application/json")
                  .POST(HttpRequest.BodyPublishers.ofString(BODY))
                  .build(),
              HttpResponse.BodyHandlers.ofString());
      // A question to a person would be recorded whatever the setting.
      if (answer.statusCode() != 200 || answer.body().contains("\"outcome\":\"ASK\"")) {
        throw new IOException(answer.body());
      }
      return answer;
    }
  }

  private int startBare(Vertx vertx, HttpResponse<String> answer) throws Exception {
    Buffer bytes = Buffer.buffer(answer.body());
    Map<String, String> headers = new HashMap<>();
    answer
        .headers()
        .map()
        .forEach((name, values) -> {
          if (!name.equalsIgnoreCase("content-length")) {
            headers.put(name, values.getFirst());
          }
        });
    int port;
    try (ServerSocket free = new ServerSocket(0)) {
      port = free.getLocalPort();
    }
    vertx
        .deployVerticle(
            () -> new Bare(port, headers, bytes),
            new DeploymentOptions().setInstances(Runtime.getRuntime().availableProcessors()))
        .await(10, TimeUnit.SECONDS);
    return port;
  }

  private static final class Bare extends AbstractVerticle {
    private final int port;
    private final Map<String, String> headers;
    private final Buffer bytes;

    Bare(int port, Map<String, String> headers, Buffer bytes) {
      this.port = port;
      this.headers = headers;
      this.bytes = bytes;
    }

    @Override
    public void start() throws Exception {
      vertx
          .createHttpServer()
          .requestHandler(request ->
              request
                  .body()
                  .onSuccess(body -> {
                    headers.forEach(request.response()::putHeader);
                    request.response().end(bytes);
                  }))
          .listen(port, "127.0.0.1");
    }
  }

  private String wrk(int port, String path) throws IOException, InterruptedException {
    String said = wrkUnchecked(port, path);
    if (said.contains("Non-2xx") || said.contains("Socket errors") || rate(said) == 0) {
      throw new IOException(said);
    }
    return said;
  }

  private String wrkUnchecked(int port, String path) throws IOException, InterruptedException {
    Process wrk =
        new ProcessBuilder(
                "wrk",
                "-t2",
                "-c64",
                "-d" + seconds + "s",
                "--latency",
                "-s",
                "bench/decisions.lua",
                "http://127.0.0.1:" + port + path,
                "--",
                key)
            .redirectErrorStream(true)
            .start();
    String said = new String(wrk.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    if (wrk.waitFor() != 0) {
      throw new IOException(said);
    }
    return said;
  }

  private static double rate(String said) {
    return Double.parseDouble(find(RATE, said).group(1));
  }

  private static double millis(String said) {
    Matcher found = find(SLOW, said);
    double value = Double.parseDouble(found.group(1));
    return switch (found.group(2)) {
      case "us" -> value / 1000;
      case "ms" -> value;
      default -> value * 1000;
    };
  }

  private static Matcher find(Pattern pattern, String said) {
    Matcher matcher = pattern.matcher(said);
    if (!matcher.find()) {
      throw new IllegalStateException(said);
    }
    return matcher;
  }
}
