package dev.gatehouse.sandbox;

import dev.gatehouse.bench.Caller;
import dev.gatehouse.bench.Figures;
import dev.gatehouse.bench.Pace;
import dev.gatehouse.bench.ServerUnderLoad;
import dev.gatehouse.bench.Unit;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.locks.LockSupport;
import org.HdrHistogram.Histogram;

/**
 * Scenario {@code sandbox}: a whole server with durable audit, over loopback HTTP, beside the bare
 * engine with the same image and runtime in the same round.
 */
public final class SandboxBench {
  private static final int WARM = 16;

  private final ServerUnderLoad server;
  private final Caller agent;
  private final BareEngine engine;
  private final Figures figures;
  private final Pace pace = Pace.current();

  private SandboxBench(ServerUnderLoad server, Caller agent, BareEngine engine, Figures figures) {
    this.server = server;
    this.agent = agent;
    this.engine = engine;
    this.figures = figures;
  }

  /** Measures all scenarios, or those that are named. */
  public static void main(String[] args) throws Exception {
    Map<String, String> settings =
        Map.of(
            "GATEHOUSE_SANDBOX_WARM", String.valueOf(WARM),
            "GATEHOUSE_LIMITS_EXECUTIONS", "1024",
            "GATEHOUSE_SANDBOX_WAIT_MILLIS", "120000",
            "GATEHOUSE_SANDBOX_PROFILES", "[{name: cold}]");
    try (Figures figures = Figures.of("sandbox");
        ServerUnderLoad server = ServerUnderLoad.start(settings);
        Caller agent = server.caller("agent")) {
      JsonObject like = agent.post("/v1/sandboxes", session("first"), 201);
      agent.delete("/v1/sandboxes/" + like.getString("id"));
      try (BareEngine engine =
          new BareEngine(like.getString("imageId"), like.getString("runtime"))) {
        new SandboxBench(server, agent, engine, figures).run(Set.of(args));
      }
    }
  }

  private interface Scenario {
    void run() throws Exception;
  }

  private void run(Set<String> wanted) throws Exception {
    Map<String, Scenario> scenarios = new LinkedHashMap<>();
    scenarios.put("contexts", this::contexts);
    scenarios.put("one-shot", this::oneShot);
    scenarios.put("warm", this::warm);
    scenarios.put("cold", this::cold);
    scenarios.put("five", () -> together(5, pace.rounds(), true));
    scenarios.put("twenty", () -> together(20, Math.min(2, pace.rounds()), true));
    scenarios.put("hundred", () -> together(100, Math.min(2, pace.rounds()), false));
    for (Map.Entry<String, Scenario> scenario : scenarios.entrySet()) {
      if (wanted.isEmpty() || wanted.contains(scenario.getKey())) {
        System.out.println(scenario.getKey());
        scenario.getValue().run();
      }
    }
  }

  private static JsonObject session(String session) {
    return new JsonObject().put("session", session);
  }

  private static JsonObject execution(String language) {
    return session("bench")
        .put("language", language)
        .put("code", language.equals("bash") ? ":" : "1");
  }

  /** Code in a resident interpreter and in a process, beside `docker exec` in the same sandbox. */
  private void contexts() throws IOException, InterruptedException {
    JsonObject made = agent.post("/v1/sandboxes", session("bench"), 201);
    String id = made.getString("id");
    String path = "/v1/sandboxes/" + id + "/executions";
    awaitReady();
    try (HeldStream stream = engine.heldStream()) {
      for (int round = -1; round < pace.rounds(); round++) {
        Histogram words = new Histogram(3);
        for (int i = 0; i < pace.of(800); i++) {
          words.recordValue(stream.roundTripNanos());
        }
        Histogram execs = new Histogram(3);
        for (int i = 0; i < pace.of(6); i++) {
          execs.recordValue(engine.execNanos("gatehouse-" + id));
        }
        for (String language : List.of("python", "javascript", "bash")) {
          Histogram overhead = new Histogram(3);
          Histogram wall =
              executions(
                  path,
                  execution(language),
                  pace.of(language.equals("python") ? 800 : 200),
                  overhead);
          if (round >= 0) {
            String figure = "execution.context." + language;
            figures.times(figure, wall, execs);
            figures.times(figure + ".overhead", overhead, words);
          }
        }
        JsonObject process = execution("bash").put("mode", "process");
        Histogram wall = executions(path, process, pace.of(40), new Histogram(3));
        if (round >= 0) {
          figures.times("execution.process", wall, execs);
        }
      }
    }
    agent.delete("/v1/sandboxes/" + id);
  }

  private Histogram executions(String path, JsonObject request, int count, Histogram overhead)
      throws IOException {
    Histogram wall = new Histogram(3);
    for (int i = 0; i < count; i++) {
      long began = System.nanoTime();
      JsonObject answer = agent.post(path, request, 200);
      wall.recordValue(System.nanoTime() - began);
      if (answer.getInteger("exitCode") != 0) {
        throw new IOException(answer.encode());
      }
      overhead.recordValue(answer.getJsonObject("timings").getLong("overheadNanos"));
    }
    return wall;
  }

  /** A sandbox for one execution, beside `docker run`. */
  private void oneShot() throws Exception {
    for (int round = -1; round < pace.rounds(); round++) {
      Histogram runs = new Histogram(3);
      awaitReady();
      runs.recordValue(engine.runNanos());
      for (String language : List.of("python", "bash")) {
        Histogram wall = new Histogram(3);
        for (int i = 0; i < 3; i++) {
          awaitReady();
          long began = System.nanoTime();
          agent.post("/v1/executions", execution(language), 200);
          wall.recordValue(System.nanoTime() - began);
        }
        if (round >= 0) {
          figures.times("execution.one-shot." + language, wall, runs);
        }
      }
    }
  }

  /** One stands ready. */
  private void warm() throws IOException {
    created("sandbox.warm", session("warm"), 6);
  }

  /** None of this profile ever stands ready. */
  private void cold() throws IOException {
    created("sandbox.cold", session("cold").put("profile", "cold"), 2);
  }

  private void created(String figure, JsonObject wish, int count) throws IOException {
    for (int round = -1; round < pace.rounds(); round++) {
      Histogram ours = new Histogram(3);
      for (int i = 0; i < count; i++) {
        awaitReady();
        long began = System.nanoTime();
        JsonObject made = agent.post("/v1/sandboxes", wish, 201);
        ours.recordValue(System.nanoTime() - began);
        agent.delete("/v1/sandboxes/" + made.getString("id"));
      }
      Histogram bare = new Histogram(3);
      for (int i = 0; i < 2; i++) {
        awaitReady();
        bare.recordValue(engine.createNanos());
      }
      if (round >= 0) {
        figures.times(figure, ours, bare);
      }
    }
  }

  /** So many who each want a sandbox, one execution, and its end, beside as many `docker run`. */
  private void together(int size, int rounds, boolean beside) throws Exception {
    String figure = "sandbox.concurrent." + size;
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      for (int round = size < 20 ? -1 : 0; round < rounds; round++) {
        awaitReady();
        // New ones each round: on a slow machine they would be closed as idle between two.
        List<Caller> callers = new ArrayList<>();
        for (int i = 0; i < size; i++) {
          callers.add(server.caller("agent"));
        }
        long began = System.nanoTime();
        long failed =
            threads.invokeAll(callers.stream().map(SandboxBench::oneExecution).toList()).stream()
                .filter(done -> !value(done))
                .count();
        double took = (System.nanoTime() - began) / 1e6;
        for (Caller caller : callers) {
          caller.close();
        }
        double bare = beside && round >= 0 ? engine.runsMillis(threads, size) : Double.NaN;
        if (round >= 0) {
          if (beside) {
            figures.add(figure, Unit.MILLIS, took, bare);
          } else {
            figures.add(figure, Unit.MILLIS, took);
          }
          figures.add(figure + ".failed", Unit.COUNT, (double) failed);
        }
      }
    }
  }

  private static Callable<Boolean> oneExecution(Caller caller) {
    return () -> {
      caller.post("/v1/executions", execution("python"));
      return caller.status() == 200;
    };
  }

  static <T> T value(Future<T> done) {
    try {
      return done.get();
    } catch (ExecutionException | InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  /** The pool is full and quiet: what a hit costs, not what a start beside it costs. */
  private void awaitReady() throws IOException {
    try (Caller asking = server.caller("agent")) {
      JsonObject sandbox = asking.get("/healthz").getJsonObject("sandbox");
      while (sandbox.getInteger("ready") < WARM
          || sandbox.getInteger("starting") + sandbox.getInteger("removing") > 0) {
        LockSupport.parkNanos(20_000_000);
        sandbox = asking.get("/healthz").getJsonObject("sandbox");
      }
    }
  }
}
