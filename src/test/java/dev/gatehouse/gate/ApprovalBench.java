package dev.gatehouse.gate;

import static dev.gatehouse.gate.ApprovalServers.ADA;
import static dev.gatehouse.gate.ApprovalServers.await;
import static dev.gatehouse.gate.ApprovalServers.within;

import dev.gatehouse.approval.Approval;
import dev.gatehouse.approval.Said;
import dev.gatehouse.bench.Caller;
import dev.gatehouse.bench.Figures;
import dev.gatehouse.bench.Pace;
import dev.gatehouse.bench.ServerUnderLoad;
import dev.gatehouse.bench.Unit;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.json.JsonObject;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Semaphore;
import org.HdrHistogram.Histogram;

/** The approvals' figures on an embedded PostgreSQL with fsync on. */
public final class ApprovalBench {
  private static final Future<Void> NEVER_GONE = Promise.<Void>promise().future();
  private static final long HOUR = 3_600_000;
  private static final int WARM_UP = 300;
  private static final int ANSWERS_AT_ONCE = 256;
  private static final JsonObject APPROVES = new JsonObject().put("decision", "approve");

  private final int answers;
  private final int pending;
  private final int rounds = Pace.current().rounds();
  private final Figures figures = Figures.of("approvals");

  private ApprovalBench(int answers, int pending) {
    this.answers = answers;
    this.pending = pending;
  }

  /** {@code [ANSWERS A ROUND] [PENDING]}. */
  public static void main(String[] args) throws Exception {
    ApprovalBench bench =
        new ApprovalBench(
            args.length > 0 ? Integer.parseInt(args[0]) : 300,
            args.length > 1 ? Integer.parseInt(args[1]) : Pace.current().of(10_000));
    try (ApprovalServers servers =
        new ApprovalServers(
            1,
            Map.of(
                "GATEHOUSE_APPROVAL_QUESTIONS_PER_HOUR", "1000000",
                "GATEHOUSE_APPROVAL_PENDING_PER_AGENT", "1000000",
                "GATEHOUSE_LIMITS_PENDING_APPROVALS", "1000000"))) {
      for (int round = -1; round < bench.rounds; round++) {
        bench.release(servers, round);
      }
      bench.many(servers);
    }
    bench.overHttp();
    bench.figures.close();
    System.exit(0);
  }

  /** From the answer's arrival at the gate to the release of who waits. */
  private void release(ApprovalServers servers, int round) {
    Histogram released = new Histogram(3);
    Histogram recorded = new Histogram(3);
    Histogram commit = new Histogram(3);
    for (int i = 0; i < answers; i++) {
      Approval question = servers.ask("release " + round + " " + i, within(HOUR));
      Future<Approval> waiting = servers.approvals(0).await(question, HOUR, NEVER_GONE);
      long[] end = new long[1];
      long start = System.nanoTime();
      Future<Approval> heard = waiting.onSuccess(answer -> end[0] = System.nanoTime());
      await(servers.questions(0).answer(ADA, question.id(), Said.byHttp(true, null, "bench")));
      long done = System.nanoTime();
      await(heard);
      long before = System.nanoTime();
      servers.query("update approval set asked = 1 where id = '" + question.id() + "'");
      released.recordValue(end[0] - start);
      recorded.recordValue(done - start);
      commit.recordValue(System.nanoTime() - before);
    }
    if (round >= 0) {
      figures.times("approval.release", released, commit);
      figures.times("approval.recorded", recorded, commit);
    }
  }

  private void many(ApprovalServers servers) throws Exception {
    long before = heap();
    List<Approval> questions = new ArrayList<>();
    long start = System.nanoTime();
    List<Future<Approval>> asked = new ArrayList<>();
    Semaphore places = new Semaphore(ANSWERS_AT_ONCE);
    for (int i = 0; i < pending; i++) {
      places.acquire();
      asked.add(
          servers
              .questions(0)
              .ask(
                  servers.nextId(),
                  ApprovalServers.action("many " + i),
                  servers.verdict(within(HOUR)))
              .onComplete(done -> places.release()));
    }
    for (Future<Approval> one : asked) {
      questions.add(await(one));
    }
    asked.clear();
    figures.add("approval.pending.asked", Unit.PER_SECOND, pending / seconds(start));

    Histogram page = new Histogram(3);
    for (int i = -50; i < 300; i++) {
      long asking = System.nanoTime();
      await(servers.questions(0).page(ADA, null, "", 50));
      if (i >= 0) {
        page.recordValue(System.nanoTime() - asking);
      }
    }
    figures.times("approval.pending.page", page);

    List<Future<Approval>> waiting = new ArrayList<>();
    for (Approval question : questions) {
      waiting.add(servers.approvals(0).await(question, HOUR, NEVER_GONE));
    }
    await(servers.questions(0).find(ADA, questions.get(0).id()));
    long waited = heap();
    figures.add("approval.pending.memory", Unit.COUNT, (waited - before) / (double) pending);

    long releasing = System.nanoTime();
    for (Approval question : questions) {
      places.acquire();
      servers
          .questions(0)
          .answer(ADA, question.id(), Said.byHttp(true, null, "bench"))
          .onComplete(done -> places.release());
    }
    for (Future<Approval> one : waiting) {
      await(one);
    }
    figures.add("approval.pending.released", Unit.PER_SECOND, pending / seconds(releasing));
  }

  /** From before the approver's request to after the agent's reply: both clients' time included. */
  private void overHttp() throws Exception {
    Map<String, String> settings =
        Map.of(
            "GATEHOUSE_SANDBOX_WARM", "0",
            "GATEHOUSE_APPROVAL_QUESTIONS_PER_HOUR", "1000000",
            "GATEHOUSE_POLICY_DIRECTORY", "src/test/policies/asking");
    Histogram released = new Histogram(3);
    try (ServerUnderLoad server = ServerUnderLoad.start(settings);
        Caller agent = server.caller("agent");
        Caller waiter = server.caller("agent");
        Caller approver = server.caller("approver");
        ExecutorService thread = Executors.newSingleThreadExecutor()) {
      for (int i = -WARM_UP; i < rounds * answers; i++) {
        JsonObject body = new JsonObject().put("language", "bash").put("code", "echo " + i);
        String path =
            "/v1/approvals/" + agent.post("/v1/executions", body, 202).getString("approvalId");
        var waiting =
            thread.submit(() -> {
              String state = waiter.get(path + "?wait=60s").getString("state");
              long heard = System.nanoTime();
              if (!"approved".equals(state)) {
                throw new IllegalStateException("the agent was told " + state);
              }
              return heard;
            });
        // The request must be there before it is answered: a whole one more is on the way.
        agent.get(path);
        long start = System.nanoTime();
        approver.post(path + "/decision", APPROVES, 200);
        long end = waiting.get();
        if (i < 0) {
          continue;
        }
        released.recordValue(end - start);
        if ((i + 1) % answers == 0) {
          figures.times("approval.http", released);
          released.reset();
        }
      }
    }
  }

  private static double seconds(long since) {
    return (System.nanoTime() - since) / 1e9;
  }

  private static long heap() {
    for (int i = 0; i < 3; i++) {
      System.gc();
    }
    Runtime runtime = Runtime.getRuntime();
    return runtime.totalMemory() - runtime.freeMemory();
  }
}
