package dev.gatehouse.bench;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * One run of wrk, one decision a request.
 *
 * @param rate requests a second that were answered with 2xx
 * @param refused answers with anything else
 * @param p99Millis of what wrk saw: closed-loop, so a stall counts once a connection
 */
public record Wrk(double rate, double p99Millis, long refused) {
  private static final Pattern RATE = Pattern.compile("Requests/sec:\\s+([0-9.]+)");
  private static final Pattern ALL = Pattern.compile("(\\d+) requests in");
  private static final Pattern REFUSED = Pattern.compile("Non-2xx or 3xx responses: (\\d+)");
  private static final Pattern SLOW = Pattern.compile("\\s99%\\s+([0-9.]+)(us|ms|s)");

  /** Loads it; fails on any answer that is none of 2xx. */
  static Wrk load(int port, String path, String key, int connections, int seconds)
      throws IOException, InterruptedException {
    Wrk all = loadBeyond(port, path, key, connections, seconds);
    if (all.refused > 0) {
      throw new IOException(all.refused + " refused");
    }
    return all;
  }

  /** Loads it with more than it may take. */
  static Wrk loadBeyond(int port, String path, String key, int connections, int seconds)
      throws IOException, InterruptedException {
    Process wrk =
        new ProcessBuilder(
                "wrk",
                "-t" + Math.min(2, connections),
                "-c" + connections,
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
    if (wrk.waitFor() != 0 || said.contains("Socket errors")) {
      throw new IOException(said);
    }
    Matcher slow = find(SLOW, said);
    double value = Double.parseDouble(slow.group(1));
    Matcher refusals = REFUSED.matcher(said);
    long refused = refusals.find() ? Long.parseLong(refusals.group(1)) : 0;
    double share = refused / Double.parseDouble(find(ALL, said).group(1));
    return new Wrk(
        Double.parseDouble(find(RATE, said).group(1)) * (1 - share),
        switch (slow.group(2)) {
          case "us" -> value / 1000;
          case "ms" -> value;
          default -> value * 1000;
        },
        refused);
  }

  private static Matcher find(Pattern pattern, String said) throws IOException {
    Matcher matcher = pattern.matcher(said);
    if (!matcher.find()) {
      throw new IOException(said);
    }
    return matcher;
  }
}
