package dev.gatehouse.sandbox;

import com.github.dockerjava.api.DockerClient;
import com.github.dockerjava.api.async.ResultCallback;
import com.github.dockerjava.api.model.HostConfig;
import com.github.dockerjava.core.DefaultDockerClientConfig;
import com.github.dockerjava.core.DockerClientImpl;
import com.github.dockerjava.zerodep.ZerodepDockerHttpClient;
import dev.gatehouse.Api;
import dev.gatehouse.Api.Answer;
import dev.gatehouse.Server;
import dev.gatehouse.config.Configuration;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * Scenario {@code sandbox}: a whole server with durable audit, over loopback HTTP, beside the bare
 * engine on the same machine in the same run. Times in milliseconds.
 */
public final class SandboxBench {
  private static final int ROUNDS = 5;
  private static final int WARM = 16;

  private final Api api;
  private final EngineAddress engine;
  private final DockerClient docker;

  private SandboxBench(Api api, EngineAddress engine, DockerClient docker) {
    this.api = api;
    this.engine = engine;
    this.docker = docker;
  }

  /** Prints the table; of all scenarios, or of those that are named. */
  public static void main(String[] args) throws Exception {
    Path data = Files.createTempDirectory("gatehouse-bench");
    Map<String, String> settings = new HashMap<>(System.getenv());
    settings.put("GATEHOUSE_DATA", data.toString());
    settings.put("GATEHOUSE_PORT", "0");
    settings.put("GATEHOUSE_SANDBOX_WARM", String.valueOf(WARM));
    settings.put("GATEHOUSE_LIMITS_EXECUTIONS", "1024");
    settings.put("GATEHOUSE_SANDBOX_PROFILES", "[{name: cold}]");
    EngineAddress engine = EngineAddress.of(System.getenv("DOCKER_HOST"));
    Server server =
        Server.start(Configuration.load(Path.of("conf/gatehouse.yaml"), settings), engine)
            .await(2, TimeUnit.MINUTES);
    DefaultDockerClientConfig config =
        DefaultDockerClientConfig.createDefaultConfigBuilder()
            .withDockerHost(engine.uri().toString())
            .build();
    try (DockerClient docker =
        DockerClientImpl.getInstance(
            config,
            new ZerodepDockerHttpClient.Builder().dockerHost(config.getDockerHost()).build())) {
      new SandboxBench(new Api(server.port(), data), engine, docker).run(Set.of(args));
    } finally {
      server.close().await(2, TimeUnit.MINUTES);
    }
  }

  private interface Scenario {
    void run() throws IOException, InterruptedException;
  }

  private void run(Set<String> wanted) throws IOException, InterruptedException {
    Map<String, Scenario> scenarios = new LinkedHashMap<>();
    scenarios.put("contexts", this::contexts);
    scenarios.put("created", this::created);
    scenarios.put("cold", this::cold);
    scenarios.put("one-shot", this::oneShot);
    scenarios.put("five", this::fiveAtOnce);
    scenarios.put("burst", () -> burst(100));
    System.out.printf("%-58s %8s %8s %8s%n", "", "p50", "p95", "p99");
    for (Map.Entry<String, Scenario> scenario : scenarios.entrySet()) {
      if (wanted.isEmpty() || wanted.contains(scenario.getKey())) {
        scenario.getValue().run();
      }
    }
  }

  /** Code in a resident interpreter: what the server adds to the code's own time. */
  private void contexts() throws IOException, InterruptedException {
    Answer made = create("contexts");
    awaitReady();
    String id = made.body().getString("id");
    for (String language : List.of("python", "javascript", "bash")) {
      int count = language.equals("python") ? 2000 : 400;
      inside(id, language + " context", language, new JsonObject(), count);
    }
    inside(id, "bash, a fresh process", "bash", new JsonObject().put("mode", "process"), 200);
    System.out.println("  the followed report, on a mock: overhead mean 0.32, p95 0.45");
    heldStream(made.body());
    Samples exec = new Samples();
    for (int i = -3; i < 20; i++) {
      long began = System.nanoTime();
      String command =
          docker
              .execCreateCmd("gatehouse-" + id)
              .withCmd("true")
              .withAttachStdout(true)
              .exec()
              .getId();
      docker.execStartCmd(command).exec(new ResultCallback.Adapter<>()).awaitCompletion();
      if (i >= 0) {
        exec.add(System.nanoTime() - began);
      }
    }
    exec.print("docker exec of `true` in the same sandbox, by the API");
    api.delete("agent", "/v1/sandboxes/" + id);
  }

  private void inside(String id, String title, String language, JsonObject more, int count) {
    JsonObject request =
        Api.execution(language, language.equals("bash") ? ":" : "1")
            .put("session", "contexts")
            .mergeIn(more);
    Samples overhead = new Samples();
    Samples wall = new Samples();
    for (int i = -count / 4; i < count; i++) {
      long began = System.nanoTime();
      Answer answer = api.post("agent", "/v1/sandboxes/" + id + "/executions", request);
      long took = System.nanoTime() - began;
      if (answer.status() != 200 || answer.body().getInteger("exitCode") != 0) {
        throw new IllegalStateException(answer.body().encode());
      }
      if (i >= 0) {
        overhead.add(answer.body().getJsonObject("timings").getLong("overheadNanos"));
        wall.add(took);
      }
    }
    overhead.print(title + ", overhead (run less the code's own time)");
    wall.print(title + ", over HTTP with durable audit");
  }

  /** What a word to the inside and back costs with nothing of ours in between. */
  private void heldStream(JsonObject like) throws IOException {
    Samples trips = new Samples();
    try (HeldStream stream =
        new HeldStream(docker, engine, like.getString("imageId"), like.getString("runtime"))) {
      for (int i = -500; i < 2000; i++) {
        long nanos = stream.roundTripNanos();
        if (i >= 0) {
          trips.add(nanos);
        }
      }
    }
    trips.print("the bare engine: 16 bytes to `cat` and back, stream held");
    bareProcess();
  }

  /**
   * What the machine takes to wake another process and be woken by it, without Docker or gVisor.
   */
  private static void bareProcess() throws IOException {
    Samples trips = new Samples();
    Process cat = new ProcessBuilder("cat").start();
    byte[] bytes = new byte[16];
    try (OutputStream in = cat.getOutputStream();
        InputStream out = cat.getInputStream()) {
      for (int i = -500; i < 2000; i++) {
        long began = System.nanoTime();
        in.write(bytes);
        in.flush();
        if (out.readNBytes(bytes.length).length < bytes.length) {
          throw new IOException("cat ended");
        }
        if (i >= 0) {
          trips.add(System.nanoTime() - began);
        }
      }
    }
    trips.print("this machine: 16 bytes to a process's `cat` and back");
  }

  private void created() {
    Samples hits = new Samples();
    for (int i = -8 * ROUNDS; i < 16 * ROUNDS; i++) {
      awaitReady();
      long began = System.nanoTime();
      Answer answer = create("created");
      if (i >= 0) {
        hits.add(System.nanoTime() - began);
      }
      api.delete("agent", "/v1/sandboxes/" + answer.body().getString("id"));
    }
    hits.print("create from the warm pool, over HTTP with durable audit");
    JsonObject metrics = api.get("agent", "/latency").body().getJsonObject("metrics");
    printMetric(metrics, "sandbox.acquire", "  of this the pool itself");
    printMetric(metrics, "sandbox.create", "create and start of a container, in the background");
  }

  /** No sandbox of this profile ever stands ready. Beside it the bare engine, by turns. */
  private void cold() throws InterruptedException {
    Samples cold = new Samples();
    Samples raw = new Samples();
    Samples run = new Samples();
    for (int i = -1; i < 2 * ROUNDS; i++) {
      awaitReady();
      long began = System.nanoTime();
      Answer answer =
          api.post(
              "agent",
              "/v1/sandboxes",
              new JsonObject().put("session", "cold").put("profile", "cold"));
      long created = System.nanoTime();
      api.delete("agent", "/v1/sandboxes/" + answer.body().getString("id"));
      awaitReady();
      long rawBegan = System.nanoTime();
      String container = bareContainer(answer.body(), "sleep", "100");
      docker.startContainerCmd(container).exec();
      long started = System.nanoTime();
      docker.removeContainerCmd(container).withForce(true).exec();
      awaitReady();
      long runBegan = System.nanoTime();
      String other = bareContainer(answer.body(), "true");
      docker.startContainerCmd(other).exec();
      docker.waitContainerCmd(other).start().awaitStatusCode();
      docker.removeContainerCmd(other).withForce(true).exec();
      long ran = System.nanoTime();
      if (i >= 0) {
        cold.add(created - began);
        raw.add(started - rawBegan);
        run.add(ran - runBegan);
      }
    }
    cold.print("create where none stands ready, over HTTP, until it listens");
    raw.print("the bare engine: create and start, by the API");
    run.print("the bare engine: create, start, `true`, remove (docker run)");
  }

  private String bareContainer(JsonObject like, String... command) {
    return docker
        .createContainerCmd(like.getString("imageId"))
        .withEntrypoint(command)
        .withHostConfig(
            new HostConfig()
                .withRuntime(like.getString("runtime"))
                .withNetworkMode("none")
                .withReadonlyRootfs(true)
                .withMemory(512L << 20))
        .exec()
        .getId();
  }

  private static void printMetric(JsonObject metrics, String name, String title) {
    JsonObject times = metrics.getJsonObject(name).getJsonObject("start");
    System.out.printf(
        Locale.ROOT,
        "%-58s %8.3f %8.3f %8.3f%n",
        title,
        times.getDouble("p50") / 1e3,
        times.getDouble("p95") / 1e3,
        times.getDouble("p99") / 1e3);
  }

  private void oneShot() {
    for (String language : List.of("python", "bash")) {
      Samples wall = new Samples();
      for (int i = -3 * ROUNDS; i < 6 * ROUNDS; i++) {
        awaitReady();
        long began = System.nanoTime();
        api.run(language, language.equals("bash") ? ":" : "1");
        if (i >= 0) {
          wall.add(System.nanoTime() - began);
        }
      }
      wall.print("one-shot " + language + ", sandbox of its own, over HTTP");
    }
  }

  private void fiveAtOnce() {
    Samples wall = new Samples();
    for (int i = -ROUNDS; i < 2 * ROUNDS; i++) {
      awaitReady();
      long began = System.nanoTime();
      atOnce(5);
      if (i >= 0) {
        wall.add(System.nanoTime() - began);
      }
    }
    wall.print("five at once: created, one execution each, released");
    System.out.println("  the followed report, on mocks that sleep 100: 102");
  }

  private void burst(int size) {
    awaitReady();
    long began = System.nanoTime();
    List<Answer> answers = atOnce(size);
    double seconds = (System.nanoTime() - began) / 1e9;
    long succeeded = answers.stream().filter(answer -> answer.status() == 200).count();
    Samples total = new Samples();
    for (Answer answer : answers) {
      if (answer.status() == 200) {
        total.add(answer.body().getJsonObject("timings").getLong("totalNanos"));
      }
    }
    total.print(size + " one-shot executions at once, pool of " + WARM);
    System.out.printf(
        Locale.ROOT,
        "  %d of %d succeeded, %.1f sandboxes a second%n",
        succeeded,
        size,
        succeeded / seconds);
  }

  private List<Answer> atOnce(int size) {
    List<CompletableFuture<Answer>> running = new ArrayList<>();
    for (int i = 0; i < size; i++) {
      running.add(api.postLater("agent", "/v1/executions", Api.execution("python", "1")));
    }
    return running.stream().map(CompletableFuture::join).toList();
  }

  private Answer create(String session) {
    Answer answer = api.post("agent", "/v1/sandboxes", new JsonObject().put("session", session));
    if (answer.status() != 201) {
      throw new IllegalStateException(answer.body().encode());
    }
    return answer;
  }

  /** The pool is full and quiet: what a hit costs, not what a start beside it costs. */
  private void awaitReady() {
    JsonObject sandbox = api.get("agent", "/healthz").body().getJsonObject("sandbox");
    while (sandbox.getInteger("ready") < WARM || sandbox.getInteger("starting") > 0) {
      LockSupport.parkNanos(20_000_000);
      sandbox = api.get("agent", "/healthz").body().getJsonObject("sandbox");
    }
  }

  private static final class Samples {
    private final List<Long> nanos = new ArrayList<>();

    void add(long sample) {
      nanos.add(sample);
    }

    void print(String title) {
      long[] sorted = nanos.stream().mapToLong(Long::longValue).toArray();
      Arrays.sort(sorted);
      System.out.printf(
          Locale.ROOT,
          "%-58s %8.3f %8.3f %8.3f%n",
          title,
          at(sorted, 0.5),
          at(sorted, 0.95),
          at(sorted, 0.99));
    }

    private static double at(long[] sorted, double share) {
      return sorted.length == 0
          ? Double.NaN
          : sorted[Math.min(sorted.length - 1, (int) (share * sorted.length))] / 1e6;
    }
  }
}
