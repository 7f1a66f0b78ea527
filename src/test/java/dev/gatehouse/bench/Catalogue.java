package dev.gatehouse.bench;

import java.util.ArrayList;
import java.util.List;

/**
 * The table's rows: the followed report's in its own order, then what it has not. Bounds are the
 * report's figures, or what this project asks of itself where that is more.
 */
final class Catalogue {
  static final List<Row> ROWS = rows();

  private static final String INSERT = "one bare insert, one commit";
  private static final String UNNEST = "bare insert of unnest arrays";
  private static final String ENGINE = "a word to `cat` in a bare container";
  private static final String EXEC = "docker exec";
  private static final String RUN = "docker run";
  private static final String CREATE = "create and start by the engine's API";
  private static final String VERTX = "bare Vert.x, same bytes";

  private Catalogue() {}

  private static List<Row> rows() {
    List<Row> rows = new ArrayList<>();
    audit(rows);
    sandboxes(rows);
    policy(rows);
    memory(rows);
    throughput(rows);
    own(rows);
    return List.copyOf(rows);
  }

  private static void audit(List<Row> rows) {
    String name = "Audit logging";
    rows.add(
        Row.of(name, "one durable write, mean", "audit.write.mean")
            .reported("< 10 ms", "0.56 ms")
            .bound(0.5)
            .beside(INSERT)
            .inCi(4));
    rows.add(
        Row.of(name, "p95", "audit.write.p95")
            .reported("< 10 ms", "0.74 ms")
            .bound(0.74)
            .beside(INSERT));
    rows.add(
        Row.of(name, "p99", "audit.write.p99")
            .reported("< 10 ms", "1.30 ms")
            .bound(1.3)
            .beside(INSERT));
    rows.add(
        Row.of(name, "events a second, 256 writers", "audit.throughput")
            .reported("> 1,000/s", "1,700/s, computed")
            .bound(50_000)
            .ratio(0.7)
            .beside(UNNEST)
            .inCi(0.33));
    rows.add(
        Row.of(name, "events a second, in bulk", "audit.bulk")
            .bound(120_000)
            .beside(UNNEST)
            .inCi(0.33));
  }

  private static void sandboxes(List<Row> rows) {
    String code = "Code execution";
    rows.add(
        Row.of(code, "overhead, resident Python, mean", "execution.context.python.overhead.mean")
            .mocked("< 100 ms", "0.32 ms")
            .bound(0.32)
            .beside(ENGINE)
            .inCi(8));
    rows.add(
        Row.of(code, "p95", "execution.context.python.overhead.p95")
            .mocked("< 100 ms", "0.45 ms")
            .bound(0.45)
            .beside(ENGINE));
    rows.add(
        Row.of(code, "over HTTP with durable audit, p50", "execution.context.python.p50")
            .beside(EXEC)
            .inCi(0.12));
    rows.add(
        Row.of(code, "resident JavaScript, p50", "execution.context.javascript.p50").beside(EXEC));
    rows.add(Row.of(code, "resident bash, p50", "execution.context.bash.p50").beside(EXEC));
    rows.add(
        Row.of(code, "a process of its own, p50", "execution.process.p50").bound(100).beside(EXEC));
    rows.add(
        Row.of(code, "one-shot, Python, p50", "execution.one-shot.python.p50")
            .bound(100)
            .beside(RUN));
    rows.add(
        Row.of(code, "one-shot, bash, p50", "execution.one-shot.bash.p50").bound(100).beside(RUN));
    String creation = "Sandbox creation";
    rows.add(
        Row.of(creation, "one stands ready, p50", "sandbox.warm.p50")
            .mocked("< 3 s", "< 1 ms")
            .bound(3)
            .beside(CREATE));
    rows.add(
        Row.of(creation, "none stands ready, p50", "sandbox.cold.p50")
            .mocked("< 3 s", "2 to 3 s expected")
            .bound(1_000)
            .beside(CREATE));
    String concurrent = "Concurrent sandboxes";
    rows.add(
        Row.of(concurrent, "5 at once, asked to answered", "sandbox.concurrent.5")
            .mocked("5", "102 ms, mocks that sleep 100")
            .bound(102)
            .beside("5 docker run at once"));
    rows.add(
        Row.of(concurrent, "20 at once", "sandbox.concurrent.20").beside("20 docker run at once"));
    rows.add(Row.of(concurrent, "100 at once", "sandbox.concurrent.100"));
    rows.add(Row.of(concurrent, "of 100, failed", "sandbox.concurrent.100.failed").bound(0));
  }

  private static void policy(List<Row> rows) {
    String classification = "Risk classification";
    rows.add(
        Row.of(classification, "three rules, mean", "policy.classification.mean")
            .reported("< 50 ms", "100 ns")
            .bound(100));
    rows.add(
        Row.of(classification, "p95", "policy.classification.p95")
            .reported("< 50 ms", "200 ns")
            .bound(200));
    rows.add(
        Row.of(classification, "p99", "policy.classification.p99")
            .reported("< 50 ms", "200 ns")
            .bound(200));
    rows.add(
        Row.of(classification, "one thread, computed of the mean", "policy.classification.rate")
            .reported("", "601,249/s")
            .bound(601_249));
    rows.add(
        Row.of(classification, "1,000 rules, by the tool's name", "policy.built-in.tool.mean")
            .bound(50));
    rows.add(
        Row.of(classification, "100 bytes of shell, p50", "policy.built-in.shell.p50")
            .bound(3_000));
    rows.add(Row.of(classification, "2 kB of Python, p50", "policy.built-in.python.p50").bound(25));
    rows.add(
        Row.of(classification, "a mebibyte of nesting, p50", "policy.built-in.hostile.p50")
            .bound(25));
    String rules = "Rules with conditions";
    rows.add(
        Row.of(rules, "two rules, mean", "policy.conditions.mean")
            .reported("< 50 ms", "500 ns")
            .bound(500));
    rows.add(
        Row.of(rules, "p95", "policy.conditions.p95").reported("< 50 ms", "600 ns").bound(600));
    for (int count : new int[] {10, 100, 1_000, 10_000}) {
      Row row =
          Row.of(rules, "%,d rules".formatted(count), "policy.rules." + count)
              .beside("as many patterns one by one");
      rows.add(count == 1_000 ? row.bound(20) : row);
    }
  }

  private static void memory(List<Row> rows) {
    String name = "Memory growth";
    rows.add(
        Row.of(name, "live heap, 1,000,000 events", "memory.events")
            .mocked("< 5 % in 24 h", "0.7 to 0.9 %, objects counted")
            .bound(1));
    rows.add(
        Row.of(name, "live heap, 1,000 sandboxes", "memory.cycles")
            .mocked("< 5 % in 24 h", "0.7 to 0.9 %, objects counted")
            .bound(5));
    rows.add(Row.of(name, "sandboxes left over", "memory.cycles.sandboxes-left").bound(0));
  }

  private static void throughput(List<Row> rows) {
    String name = "Throughput";
    rows.add(
        Row.of(name, "decisions, recorded before the reply", "decisions")
            .reported("", "its test failed")
            .bound(35_000)
            .ratio(0.4)
            .beside(VERTX)
            .inCi(0.08));
    rows.add(Row.of(name, "p99", "decisions.p99").bound(12).beside(VERTX));
    rows.add(Row.of(name, "audit async", "decisions-async").bound(55_000).ratio(0.6).beside(VERTX));
    rows.add(
        Row.of(name, "at half of that rate, p99", "decisions.open-loop.half.p99").beside(VERTX));
    rows.add(Row.of(name, "at 80 % of it, p99", "decisions.open-loop.most.p99").beside(VERTX));
    rows.add(
        Row.of(name, "a batch, not recorded", "batch")
            .ratio(0.7)
            .beside("parsing the same lines")
            .inCi(0.2));
    rows.add(
        Row.of(name, "a batch, recorded", "batch.recorded")
            .beside("parsing the same lines")
            .inCi(0.013));
    String socket = "bare Vert.x WebSocket";
    rows.add(Row.of(name, "one WebSocket, recorded", "websocket.durable").beside(socket));
    rows.add(Row.of(name, "one WebSocket, audit async", "websocket.async").beside(socket));
    rows.add(Row.of(name, "5,000 WebSockets, p99", "websocket.crowd.p99"));
  }

  private static void own(List<Row> rows) {
    String scaling = "Scaling";
    for (int connections : new int[] {1, 4, 16, 64, 256, 1024}) {
      rows.add(
          Row.of(
                  scaling,
                  "%,d connections".formatted(connections),
                  "scaling.connections." + connections)
              .beside(VERTX));
    }
    rows.add(Row.of(scaling, "lost from peak, 64 to 1,024", "scaling.lost").bound(10));
    for (int loops = 1; loops <= 64; loops *= 2) {
      rows.add(
          Row.of(scaling, loops + " event loops", "scaling.event-loops." + loops).beside(VERTX));
    }
    String approvals = "Approvals";
    String update = "one durable update";
    rows.add(
        Row.of(approvals, "answer to release, p50", "approval.release.p50")
            .bound(2)
            .beside(update));
    rows.add(Row.of(approvals, "p99", "approval.release.p99").bound(10).beside(update));
    rows.add(
        Row.of(approvals, "over HTTP, both clients included, p50", "approval.http.p50").bound(2));
    rows.add(Row.of(approvals, "p99", "approval.http.p99").bound(10));
    rows.add(Row.of(approvals, "a page of 10,000, p50", "approval.pending.page.p50").bound(5));
    rows.add(Row.of(approvals, "10,000 released", "approval.pending.released").bound(3_334));
    rows.add(
        Row.of(approvals, "bytes, one of them and its wait", "approval.pending.memory")
            .bound(5_000));
    String mixed = "Mixed load, 60 s";
    for (String kind :
        List.of("decision", "execution", "one-shot", "approval", "file", "audit-page")) {
      rows.add(Row.of(mixed, kind + ", p99", "mixed." + kind + ".p99"));
    }
    rows.add(Row.of(mixed, "decisions lost", "mixed.decisions-lost").bound(0));
    rows.add(
        Row.of(mixed, "metrics that did not move", "mixed.metrics-that-did-not-move").bound(0));
    rows.add(Row.of("Measuring", "one record", "latency.record.mean").bound(15));
    String jvm = "a JVM's -version";
    rows.add(Row.of("Start", "to ready", "start").beside(jvm));
    rows.add(Row.of("Start", "to ready, AOT cache", "start.aot").bound(500).beside(jvm));
  }
}
