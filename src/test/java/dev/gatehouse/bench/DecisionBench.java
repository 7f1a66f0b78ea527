package dev.gatehouse.bench;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.LockSupport;

/**
 * Scenarios {@code decisions}, {@code decisions-async} and {@code decisions-unrecorded}: {@code
 * POST /v1/decisions}, each recorded before its reply, or queued for the log, or without an event;
 * by wrk with 64 connections, beside a bare handler on as many event loops that reads the same body
 * and answers the same bytes. Then the same at 50 and 80 % of that, whether or not the server keeps
 * up. Rounds alternate.
 */
public final class DecisionBench {
  private static final int CONNECTIONS = 64;
  private static final String PATH = "/v1/decisions";

  private final String name;
  private final int seconds;
  private final ServerUnderLoad server;
  private final String key;
  private final Figures figures;

  private DecisionBench(String name, int seconds, ServerUnderLoad server, Figures figures)
      throws IOException {
    this.name = name;
    this.seconds = seconds;
    this.server = server;
    this.key = server.key("agent");
    this.figures = figures;
  }

  /**
   * Measures.
   *
   * @param args {@code durable}, {@code async} or {@code unrecorded}; and seconds a round
   */
  public static void main(String[] args) throws Exception {
    String kind = args[0];
    int seconds = args.length > 1 ? Integer.parseInt(args[1]) : 3;
    String name = kind.equals("durable") ? "decisions" : "decisions-" + kind;
    try (Figures figures = Figures.of(name);
        ServerUnderLoad server = ServerUnderLoad.start(settings(kind))) {
      new DecisionBench(name, seconds, server, figures)
          .run(kind.equals("durable") && Pace.current() != Pace.CI);
    }
  }

  private static Map<String, String> settings(String kind) {
    return switch (kind) {
      case "durable" -> Map.of("GATEHOUSE_SANDBOX_WARM", "0");
      case "async" -> Map.of("GATEHOUSE_SANDBOX_WARM", "0", "GATEHOUSE_AUDIT_DURABILITY", "async");
      case "unrecorded" ->
          Map.of("GATEHOUSE_SANDBOX_WARM", "0", "GATEHOUSE_AUDIT_DECISIONS", "off");
      default -> throw new IllegalArgumentException("durable, async or unrecorded, not " + kind);
    };
  }

  private void run(boolean openLoop) throws Exception {
    int loops = Runtime.getRuntime().availableProcessors();
    Pace pace = Pace.current();
    try (BareServer bare = BareServer.like(server.port(), key, loops)) {
      // The compiler has far more to do than for the bare one.
      Wrk.loadBeyond(server.port(), PATH, key, CONNECTIONS, pace.of(10));
      Wrk.load(bare.port(), "/", key, CONNECTIONS, pace.of(3));
      List<Double> rates = new ArrayList<>();
      for (int round = 0; round < pace.rounds(); round++) {
        awaitEmptyQueue();
        Wrk ours = Wrk.loadBeyond(server.port(), PATH, key, CONNECTIONS, seconds);
        refused(ours);
        Wrk beside = Wrk.load(bare.port(), "/", key, CONNECTIONS, seconds);
        rates.add(ours.rate());
        figures.add(name, Unit.PER_SECOND, ours.rate(), beside.rate());
        figures.add(name + ".p99", Unit.MILLIS, ours.p99Millis(), beside.p99Millis());
      }
      if (openLoop) {
        double peak = Figure.median(rates);
        atRate(bare, "half", peak * 0.5);
        atRate(bare, "most", peak * 0.8);
      }
    }
  }

  /** What one round left for the log's writer is no burden on the next. */
  private void awaitEmptyQueue() throws IOException {
    try (Caller caller = server.caller("agent")) {
      while (caller.get("/healthz").getJsonObject("audit").getInteger("queuedEvents") > 0) {
        LockSupport.parkNanos(20_000_000);
      }
    }
  }

  /** Who waits for the log comes no faster than it writes; who does not is told when it is full. */
  private void refused(Wrk ours) throws IOException {
    if (!name.equals("decisions-async") && ours.refused() > 0) {
      throw new IOException(ours.refused() + " refused");
    }
    figures.add(name + ".refused", Unit.COUNT, (double) ours.refused());
  }

  private void atRate(BareServer bare, String share, double rate) throws IOException {
    for (int round = 0; round < Math.min(3, Pace.current().rounds()); round++) {
      OpenLoop.Result ours = atRate(server.port(), PATH, rate);
      String figure = name + ".open-loop." + share;
      figures.times(figure, ours.nanos(), atRate(bare.port(), "/", rate).nanos());
      // What came after the last was due is no whole second.
      figures.seconds(
          figure, ours.perSecond().subList(0, Math.min(seconds, ours.perSecond().size())));
    }
  }

  private OpenLoop.Result atRate(int port, String path, double rate) throws IOException {
    OpenLoop.Result result =
        OpenLoop.load(port, OpenLoop.decision(path, key), CONNECTIONS, rate, seconds);
    if (result.refused() > 0) {
      throw new IOException(result.refused() + " refused at " + rate + "/s");
    }
    return result;
  }
}
