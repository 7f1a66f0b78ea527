package dev.gatehouse.sandbox;

import dev.gatehouse.Api;
import dev.gatehouse.Api.Answer;
import dev.gatehouse.Server;
import dev.gatehouse.config.Configuration;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.io.InputStream;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * Scenario {@code files}: a whole server with durable audit, over loopback HTTP. Throughput in MiB
 * per second, times in milliseconds, medians over rounds.
 */
public final class FilesBench {
  private static final int ROUNDS = 5;
  private static final int SMALL = 400;
  private static final long GIB = 1L << 30;

  private final HttpClient client =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
  private final Api api;
  private final String sandbox;

  private FilesBench(Api api) {
    this.api = api;
    JsonObject made =
        api.post("agent", "/v1/sandboxes", new JsonObject().put("session", "files")).body();
    this.sandbox = "/v1/sandboxes/" + made.getString("id");
  }

  /** Prints the table. */
  public static void main(String[] args) throws Exception {
    Path data = Files.createTempDirectory("gatehouse-bench");
    Map<String, String> settings = new HashMap<>(System.getenv());
    settings.put("GATEHOUSE_DATA", data.toString());
    settings.put("GATEHOUSE_PORT", "0");
    settings.put("GATEHOUSE_SANDBOX_WARM", "1");
    settings.put("GATEHOUSE_SANDBOX_MEMORY_MIB", "1600");
    settings.put("GATEHOUSE_SANDBOX_WORKSPACE_MIB", "1100");
    EngineAddress engine = EngineAddress.of(System.getenv("DOCKER_HOST"));
    Server server =
        Server.start(Configuration.load(Path.of("conf/gatehouse.yaml"), settings), engine)
            .await(2, TimeUnit.MINUTES);
    try {
      new FilesBench(new Api(server.port(), data)).run();
    } finally {
      server.close().await(2, TimeUnit.MINUTES);
    }
  }

  private void run() throws Exception {
    small();
    throughput();
    beside();
  }

  private void small() throws Exception {
    byte[] content = new byte[1024];
    List<Double> writes = new ArrayList<>();
    List<Double> reads = new ArrayList<>();
    List<Double> stats = new ArrayList<>();
    for (int i = -SMALL / 4; i < SMALL; i++) {
      String file = sandbox + "/files?path=/workspace/small" + Math.floorMod(i, 50);
      double write = time(put(file, BodyPublishers.ofByteArray(content)));
      double read = time(api.request("agent", file).GET().build());
      double stat =
          time(api.request("agent", file.replace("/files?", "/files:stat?")).GET().build());
      if (i >= 0) {
        writes.add(write);
        reads.add(read);
        stats.add(stat);
      }
    }
    print("write of 1 KiB, over HTTP with durable audit", writes);
    print("read of 1 KiB, over HTTP with durable audit", reads);
    print("stat, over HTTP with durable audit", stats);
    JsonObject own =
        api.get("agent", "/latency")
            .body()
            .getJsonObject("metrics")
            .getJsonObject("file.access")
            .getJsonObject("start");
    System.out.printf(
        Locale.ROOT,
        "%-58s %8.3f %8.3f%n",
        "  of this the sandbox itself (stat)",
        own.getDouble("p50") / 1e3,
        own.getDouble("p95") / 1e3);
  }

  private void throughput() throws Exception {
    List<Double> ups = new ArrayList<>();
    List<Double> downs = new ArrayList<>();
    String file = sandbox + "/files?path=/workspace/gib";
    for (int i = 0; i < ROUNDS; i++) {
      api.send(api.request("agent", file).DELETE().build());
      ups.add(GIB / 1048.576 / time(put(file, BodyPublishers.ofInputStream(() -> new Zeros(GIB)))));
      downs.add(GIB / 1048.576 / time(api.request("agent", file).GET().build()));
    }
    print("upload of 1 GiB, MiB/s", ups);
    print("download of 1 GiB, MiB/s", downs);
    long peak =
        java.lang.management.ManagementFactory.getMemoryPoolMXBeans().stream()
            .filter(pool -> pool.getType() == java.lang.management.MemoryType.HEAP)
            .mapToLong(pool -> pool.getPeakUsage().getUsed())
            .sum();
    System.out.printf("  peak heap of server and client together: %d MiB%n", peak >> 20);
  }

  /** What a transfer costs an execution beside it. */
  private void beside() throws Exception {
    JsonObject code = Api.execution("python", "1").put("session", "files");
    overhead(code, 200);
    print("execution in a context, overhead, alone", overhead(code, SMALL));
    AtomicBoolean over = new AtomicBoolean();
    String file = sandbox + "/files?path=/workspace/gib";
    Thread reader =
        Thread.ofPlatform()
            .start(() -> {
              while (!over.get()) {
                try {
                  time(api.request("agent", file).GET().build());
                } catch (IOException | InterruptedException e) {
                  throw new IllegalStateException(e);
                }
              }
            });
    print("the same beside a download", overhead(code, SMALL));
    over.set(true);
    reader.join();
  }

  private List<Double> overhead(JsonObject code, int count) {
    List<Double> times = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      Answer answer = api.post("agent", sandbox + "/executions", code);
      if (answer.status() != 200) {
        throw new IllegalStateException(answer.body().encode());
      }
      times.add(answer.body().getJsonObject("timings").getLong("overheadNanos") / 1e6);
    }
    return times;
  }

  private HttpRequest put(String file, HttpRequest.BodyPublisher content) {
    return api.request("agent", file).PUT(content).build();
  }

  private double time(HttpRequest request) throws IOException, InterruptedException {
    long began = System.nanoTime();
    HttpResponse<InputStream> response = client.send(request, BodyHandlers.ofInputStream());
    byte[] buffer = new byte[1 << 16];
    try (InputStream body = response.body()) {
      while (body.read(buffer) >= 0) {
        // It only counts that it comes.
      }
    }
    if (response.statusCode() >= 300) {
      throw new IllegalStateException(request + " " + response.statusCode());
    }
    return (System.nanoTime() - began) / 1e6;
  }

  private static void print(String title, List<Double> samples) {
    double[] sorted = samples.stream().mapToDouble(Double::doubleValue).toArray();
    Arrays.sort(sorted);
    System.out.printf(
        Locale.ROOT,
        "%-58s %8.3f %8.3f%n",
        title,
        sorted[sorted.length / 2],
        sorted[Math.min(sorted.length - 1, (int) (0.95 * sorted.length))]);
  }

  private static final class Zeros extends InputStream {
    private long left;

    Zeros(long count) {
      left = count;
    }

    @Override
    public int read() {
      return left-- > 0 ? 0 : -1;
    }

    @Override
    public int read(byte[] into, int offset, int length) {
      if (left <= 0) {
        return -1;
      }
      int count = (int) Math.min(length, left);
      left -= count;
      return count;
    }
  }
}
