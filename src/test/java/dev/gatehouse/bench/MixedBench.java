package dev.gatehouse.bench;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.HdrHistogram.Histogram;

/**
 * Scenario {@code mixed}: for a minute all at once, each at its constant rate: decisions, code in a
 * held sandbox, executions in sandboxes of their own, questions that a person answers, files, pages
 * of the log. Latency is from when each was due.
 */
public final class MixedBench {
  private static final int SECONDS = 60;
  private static final int DECISIONS_PER_SECOND = 2_000;
  private static final int CONNECTIONS = 32;

  private final ServerUnderLoad server;
  private final Figures figures;

  /** Decisions that were refused or not answered. */
  private long lost;

  private MixedBench(ServerUnderLoad server, Figures figures) {
    this.server = server;
    this.figures = figures;
  }

  /** Measures. */
  public static void main(String[] args) throws Exception {
    try (Figures figures = Figures.of("mixed");
        ServerUnderLoad server =
            ServerUnderLoad.start(
                Map.of(
                    "GATEHOUSE_SANDBOX_WARM", "4",
                    "GATEHOUSE_APPROVAL_QUESTIONS_PER_HOUR", "1000000"))) {
      new MixedBench(server, figures).run();
    }
  }

  private interface Work {
    void once(int number) throws IOException;
  }

  /** One kind of work with connections of its own. */
  private record Kind(String name, double perSecond, Work work) {}

  private void run() throws Exception {
    Pace pace = Pace.current();
    int seconds = Math.max(3, pace.of(SECONDS) / pace.rounds());
    List<Long> perSecond = new ArrayList<>();
    try (Caller agent = server.caller("agent");
        Caller files = server.caller("agent");
        Caller asker = server.caller("agent");
        Caller approver = server.caller("approver");
        Caller one = server.caller("agent");
        Caller auditor = server.caller("auditor")) {
      JsonObject made = agent.post("/v1/sandboxes", new JsonObject().put("session", "mixed"), 201);
      String sandbox = "/v1/sandboxes/" + made.getString("id");
      List<Kind> kinds =
          List.of(
              new Kind("execution", 20, n -> agent.post(sandbox + "/executions", code("1"), 200)),
              new Kind("file", 10, n -> files.get(sandbox + "/files:stat?path=/tmp&session=mixed")),
              new Kind("approval", 5, n -> ask(asker, approver)),
              new Kind("one-shot", 0.5, n -> one.post("/v1/executions", code("1"), 200)),
              new Kind("audit-page", 5, n -> auditor.get("/v1/audit?limit=50")));
      load(kinds, Math.max(3, pace.of(6)));
      lost = 0;
      Map<String, Long> before = counts(agent);
      for (int round = 0; round < pace.rounds(); round++) {
        Map<String, Histogram> times = new TreeMap<>();
        perSecond.addAll(load(kinds, seconds, times));
        times.forEach((kind, nanos) -> figures.times("mixed." + kind, nanos));
      }
      LockSupport.parkNanos(TimeUnit.SECONDS.toNanos(2));
      Map<String, Long> after = counts(agent);
      before.entrySet().removeIf(metric -> !metric.getValue().equals(after.get(metric.getKey())));
      System.out.println("did not move: " + before.keySet());
      figures.add("mixed.decisions-lost", Unit.COUNT, (double) lost);
      figures.add("mixed.metrics-that-did-not-move", Unit.COUNT, before.size());
      figures.seconds("mixed.decisions", perSecond);
    }
  }

  private List<Long> load(List<Kind> kinds, int seconds) throws Exception {
    return load(kinds, seconds, new TreeMap<>());
  }

  /** Everything at once; adds each kind's times, and tells the decisions of each second. */
  private List<Long> load(List<Kind> kinds, int seconds, Map<String, Histogram> times)
      throws Exception {
    try (ExecutorService threads = Executors.newCachedThreadPool()) {
      Map<String, Future<Histogram>> running = new HashMap<>();
      for (Kind kind : kinds) {
        running.put(kind.name(), threads.submit(() -> load(kind, seconds)));
      }
      OpenLoop.Result decisions =
          OpenLoop.load(
              server.port(),
              OpenLoop.decision("/v1/decisions", server.key("agent")),
              CONNECTIONS,
              DECISIONS_PER_SECOND,
              seconds);
      lost += decisions.refused() + decisions.unanswered();
      times.put("decision", decisions.nanos());
      for (Map.Entry<String, Future<Histogram>> one : running.entrySet()) {
        times.put(one.getKey(), one.getValue().get());
      }
      return decisions.perSecond().subList(0, Math.min(seconds, decisions.perSecond().size()));
    }
  }

  /** Gives up when it took three times as long; what is left has waited since it was due. */
  private static Histogram load(Kind kind, int seconds) throws IOException {
    Histogram nanos = new Histogram(3);
    long begin = System.nanoTime();
    long last = begin + 3L * seconds * 1_000_000_000L;
    int count = (int) Math.max(1, kind.perSecond() * seconds);
    for (int n = 0; n < count; n++) {
      long due = begin + (long) (n / kind.perSecond() * 1e9);
      for (long wait = due - System.nanoTime(); wait > 0; wait = due - System.nanoTime()) {
        LockSupport.parkNanos(wait);
      }
      if (System.nanoTime() < last) {
        kind.work().once(n);
      }
      nanos.recordValue(System.nanoTime() - due);
    }
    return nanos;
  }

  private static JsonObject code(String python) {
    return new JsonObject().put("language", "python").put("code", python).put("session", "mixed");
  }

  /** Asks and waits, while a person finds the question and says no. */
  private static void ask(Caller asker, Caller approver) throws IOException {
    JsonObject wish =
        new JsonObject()
            .put("language", "bash")
            .put("code", "echo " + System.nanoTime())
            .put("session", "mixed")
            .put("network", new JsonObject().put("allow", new JsonArray().add("example.org")));
    CompletableFuture<Integer> asked = new CompletableFuture<>();
    Thread.ofVirtual()
        .start(() -> {
          try {
            asker.send("POST", "/v1/executions", wish.encode(), "Prefer: wait=30\r\n");
            asked.complete(asker.status());
          } catch (IOException e) {
            asked.completeExceptionally(e);
          }
        });
    JsonArray pending = new JsonArray();
    while (pending.isEmpty() && !asked.isDone()) {
      pending = approver.get("/v1/approvals?state=pending&limit=1").getJsonArray("approvals");
    }
    if (!pending.isEmpty()) {
      String id = pending.getJsonObject(0).getString("id");
      JsonObject no = new JsonObject().put("decision", "deny").put("reason", "bench");
      approver.post("/v1/approvals/" + id + "/decision", no, 200);
    }
    if (asked.join() != 403) {
      throw new IOException("a question was answered with " + asked.join());
    }
  }

  /** How often each metric was measured so far. */
  private static Map<String, Long> counts(Caller caller) throws IOException {
    JsonObject metrics = caller.get("/latency").getJsonObject("metrics");
    Map<String, Long> counts = new TreeMap<>();
    for (String metric : metrics.fieldNames()) {
      counts.put(metric, metrics.getJsonObject(metric).getJsonObject("start").getLong("count"));
    }
    return counts;
  }
}
