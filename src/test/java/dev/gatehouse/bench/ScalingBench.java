package dev.gatehouse.bench;

import java.io.IOException;
import java.util.Map;

/**
 * Scenario {@code scaling}: recorded decisions by wrk over 1 to 1,024 connections, and on fewer
 * event loops than the machine has processors; a bare handler beside each.
 */
public final class ScalingBench {
  private static final String PATH = "/v1/decisions";
  private static final int[] CONNECTIONS = {1, 4, 16, 64, 256, 1024};
  private static final int USUAL = 64;
  private static final int SECONDS = 2;

  private final Figures figures;
  private final Pace pace = Pace.current();
  private final int rounds = Math.min(2, pace.rounds());

  private ScalingBench(Figures figures) {
    this.figures = figures;
  }

  /** Measures. */
  public static void main(String[] args) throws Exception {
    try (Figures figures = Figures.of("scaling")) {
      ScalingBench bench = new ScalingBench(figures);
      int processors = Runtime.getRuntime().availableProcessors();
      for (int loops = 1; loops < processors; loops *= 2) {
        bench.eventLoops(loops);
      }
      bench.connections(processors);
    }
  }

  private static ServerUnderLoad start(int eventLoops) throws IOException {
    return ServerUnderLoad.start(
        Map.of("GATEHOUSE_SANDBOX_WARM", "0"), "-XX:ActiveProcessorCount=" + eventLoops);
  }

  private void eventLoops(int loops) throws Exception {
    try (ServerUnderLoad server = start(loops);
        BareServer bare = BareServer.like(server.port(), server.key("agent"), loops)) {
      warmUp(server, bare);
      for (int round = 0; round < rounds; round++) {
        measure("scaling.event-loops." + loops, server, bare, USUAL);
      }
    }
  }

  private void connections(int processors) throws Exception {
    try (ServerUnderLoad server = start(processors);
        BareServer bare = BareServer.like(server.port(), server.key("agent"), processors)) {
      warmUp(server, bare);
      for (int round = 0; round < rounds; round++) {
        double peak = 0;
        double least = Double.MAX_VALUE;
        for (int connections : CONNECTIONS) {
          double rate = measure("scaling.connections." + connections, server, bare, connections);
          peak = Math.max(peak, rate);
          least = connections < USUAL ? least : Math.min(least, rate);
        }
        figures.add("scaling.lost", Unit.PERCENT, 100 * (1 - least / peak));
      }
    }
  }

  private void warmUp(ServerUnderLoad server, BareServer bare) throws Exception {
    Wrk.load(server.port(), PATH, server.key("agent"), USUAL, pace.of(10));
    Wrk.load(bare.port(), "/", "-", USUAL, pace.of(3));
  }

  private double measure(String figure, ServerUnderLoad server, BareServer bare, int connections)
      throws IOException, InterruptedException {
    int seconds = connections < USUAL ? 1 : SECONDS;
    double ours = Wrk.load(server.port(), PATH, server.key("agent"), connections, seconds).rate();
    double beside = Wrk.load(bare.port(), "/", "-", connections, seconds).rate();
    figures.add(figure, Unit.PER_SECOND, ours, beside);
    return ours;
  }
}
