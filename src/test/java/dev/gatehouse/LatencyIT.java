package dev.gatehouse;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.vertx.core.json.JsonObject;
import java.io.BufferedReader;
import java.io.ByteArrayInputStream;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.net.http.WebSocket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.HdrHistogram.EncodableHistogram;
import org.HdrHistogram.Histogram;
import org.HdrHistogram.HistogramLogReader;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** What a stranger can see of the times that each step takes. */
class LatencyIT {
  private static final Duration LIMIT = Duration.ofSeconds(60);

  @RegisterExtension
  static final RunningServer SERVER =
      new RunningServer()
          .behindOpenPolicy()
          .with(
              "GATEHOUSE_OBJECTIVES",
              "[{name: own, metric: audit.commit, percentile: 50, millis: 0.001}]");

  private final Api api = SERVER.api();

  private void decide() {
    Api.Answer reply =
        api.post(
            "agent",
            "/v1/decisions",
            new JsonObject()
                .put("tool", "bash")
                .put("arguments", new JsonObject().put("command", "ls")));
    assertEquals(200, reply.status());
  }

  private HttpResponse<String> get(String path, String... headers) {
    HttpRequest.Builder request = api.request("agent", path);
    if (headers.length > 0) {
      request.headers(headers);
    }
    try (HttpClient client = HttpClient.newHttpClient()) {
      return client.sendAsync(request.build(), BodyHandlers.ofString()).join();
    }
  }

  /** What a line of the metrics says. */
  private record Metrics(Map<String, Double> lines) {
    double of(String name) {
      return Objects.requireNonNull(lines.get(name), name);
    }
  }

  private Metrics metrics() {
    return new Metrics(
        get("/metrics")
            .body()
            .lines()
            .filter(line -> !line.startsWith("#"))
            .collect(
                Collectors.toMap(
                    line -> line.substring(0, line.lastIndexOf(' ')),
                    line -> Double.parseDouble(line.substring(line.lastIndexOf(' '))))));
  }

  @Test
  void eachPoolTellsItsHitsItsMissesAndHowLongWasWaited() {
    // When
    Metrics now = metrics();

    // Then
    for (String name :
        List.of(
            "size",
            "ready",
            "filling",
            "waiting",
            "hits_total",
            "misses_total",
            "wait_seconds_count",
            "wait_seconds_sum")) {
      double value = now.of("gatehouse_pool_" + name + "{profile=\"default\"}");
      assertTrue(value >= 0, name);
    }
  }

  @Test
  void metricsAreInPrometheusTextAndMoveWithTheWork() {
    // Given
    Metrics before = metrics();
    double decisions = before.of("gatehouse_policy_decide_seconds_count");

    // When
    decide();

    // Then
    Eventually.eventually(
        "the decision is counted",
        LIMIT,
        () -> metrics().of("gatehouse_policy_decide_seconds_count") > decisions);
    Metrics now = metrics();
    assertEquals(
        now.of("gatehouse_audit_commit_seconds_count"),
        now.of("audit_write_duration_seconds_count"));
    assertTrue(now.of("gatehouse_policy_decide_seconds_sum") > 0);
    assertEquals(
        now.of("gatehouse_policy_decide_seconds_count"),
        now.of("gatehouse_policy_decide_seconds_bucket{le=\"+Inf\"}"));
    assertTrue(now.of("gatehouse_eventloop_lag_seconds_count") > 0);
    assertTrue(now.of("process_resident_memory_bytes") > 1 << 20);
    assertEquals(1, now.of("gatehouse_audit_up"));
    assertEquals(1, now.of("gatehouse_engine_up"));
    double below = 0;
    for (String le : List.of("1.0E-6", "1.0E-4", "0.01", "1.0", "30.0")) {
      double upTo = now.of("gatehouse_policy_decide_seconds_bucket{le=\"" + le + "\"}");
      assertTrue(upTo >= below, le);
      below = upTo;
    }
  }

  @Test
  void whoAsksForOpenMetricsGetsThem() {
    HttpResponse<String> reply = get("/metrics", "Accept", "application/openmetrics-text");
    assertTrue(
        reply
            .headers()
            .firstValue("content-type")
            .orElseThrow()
            .startsWith("application/openmetrics-text"));
    assertTrue(reply.body().endsWith("# EOF\n"));
  }

  @Test
  void theStreamHasOneEventASecondWithWhatHappened() throws Exception {
    try (HttpClient client = HttpClient.newHttpClient();
        InputStream in =
            client
                .send(
                    api.request("agent", "/latency/stream").timeout(LIMIT).build(),
                    BodyHandlers.ofInputStream())
                .body();
        BufferedReader lines =
            new BufferedReader(new InputStreamReader(in, StandardCharsets.UTF_8))) {
      long first = decisions(lines);

      // When
      decide();

      // Then
      long now = first;
      for (int event = 0; event < 30 && now == first; event++) {
        now = decisions(lines);
      }
      assertTrue(now > first, now + " decisions");
    }
  }

  @Test
  void theStreamIsThereByWebSocketToo() throws Exception {
    BlockingQueue<String> messages = new LinkedBlockingQueue<>();
    try (HttpClient client = HttpClient.newHttpClient()) {
      WebSocket socket =
          client
              .newWebSocketBuilder()
              .buildAsync(
                  URI.create("ws://127.0.0.1:" + api.port() + "/latency/stream"),
                  new Messages(messages))
              .get(60, TimeUnit.SECONDS);
      long first = decisions(next(messages));

      // When
      decide();

      // Then
      long now = first;
      for (int message = 0; message < 30 && now == first; message++) {
        now = decisions(next(messages));
      }
      assertTrue(now > first, now + " decisions");
      socket.sendClose(WebSocket.NORMAL_CLOSURE, "").get(60, TimeUnit.SECONDS);
    }
  }

  private static String next(BlockingQueue<String> messages) throws InterruptedException {
    return Objects.requireNonNull(messages.poll(60, TimeUnit.SECONDS), "no message came");
  }

  /** Puts pieces together. */
  private static final class Messages implements WebSocket.Listener {
    private final BlockingQueue<String> messages;
    private final StringBuilder begun = new StringBuilder();

    Messages(BlockingQueue<String> messages) {
      this.messages = messages;
    }

    @Override
    public @Nullable CompletionStage<?> onText(WebSocket socket, CharSequence piece, boolean last) {
      begun.append(piece);
      if (last) {
        messages.add(begun.toString());
        begun.setLength(0);
      }
      socket.request(1);
      return null;
    }
  }

  private static long decisions(BufferedReader lines) throws Exception {
    assertEquals("event: latency", lines.readLine());
    String data = lines.readLine();
    assertTrue(data.startsWith("data: "), data);
    assertEquals("", lines.readLine());
    return decisions(data.substring("data: ".length()));
  }

  private static long decisions(String json) {
    return new JsonObject(json)
        .getJsonObject("metrics")
        .getJsonObject("policy.decide")
        .getJsonObject("start")
        .getLong("count");
  }

  @Test
  void decisionsAreCountedByToolAndOutcome() {
    decide();

    String line = "gatehouse_decisions_seconds_count{outcome=\"ALLOW\",tool=\"bash\"}";
    Eventually.eventually("counted", LIMIT, () -> metrics().lines().getOrDefault(line, 0.0) > 0);
    JsonObject tools = api.get("agent", "/latency").body().getJsonObject("tools");
    JsonObject allowed = tools.getJsonObject("bash").getJsonObject("ALLOW");
    assertTrue(allowed.getLong("count") > 0 && allowed.getDouble("mean") > 0, tools.encode());
    assertTrue(allowed.getJsonObject("1m").getDouble("p99") > 0, tools.encode());
    String quantile =
        "gatehouse_decisions_seconds{outcome=\"ALLOW\",tool=\"bash\",quantile=\"0.99\"}";
    assertTrue(metrics().of(quantile) > 0);
  }

  @Test
  void toolsThatAgentsInventDoNotGrowWhatIsCounted() {
    for (int i = 0; i < 300; i++) {
      JsonObject invented = new JsonObject().put("tool", "invented-" + i);
      assertEquals(200, api.post("agent", "/v1/decisions", invented).status());
    }

    Eventually.eventually(
        "the rest are others",
        LIMIT,
        () -> api.get("agent", "/latency").body().getJsonObject("tools").containsKey("other"));
    assertTrue(api.get("agent", "/latency").body().getJsonObject("tools").size() <= 65);
  }

  @Test
  void repliesTellWhatTheStagesTook() {
    HttpResponse<String> decided =
        api.post("agent", "/v1/decisions", new JsonObject().put("tool", "bash")).response();
    HttpResponse<String> ran =
        api.post("agent", "/v1/executions", Api.execution("python", "1")).response();

    assertTrue(timing(decided).matches("decide;dur=[0-9.]+, record;dur=[0-9.]+"), timing(decided));
    assertTrue(
        timing(ran)
            .matches(
                "decide;dur=[0-9.]+, acquire;dur=[0-9.]+, run;dur=[0-9.]+, record;dur=[0-9.]+,"
                    + " total;dur=[0-9.]+"),
        timing(ran));
  }

  private static String timing(HttpResponse<String> reply) {
    return reply.headers().firstValue("Server-Timing").orElse("");
  }

  @Test
  void sandboxesAndTheirFilesAreMeasured() {
    double created = metrics().of("gatehouse_sandbox_create_seconds_count");
    double accessed = metrics().of("gatehouse_file_access_seconds_count");

    HeldSandbox sandbox = HeldSandbox.of(api, "measured");
    Api.Answer listed = api.get("agent", sandbox.path() + "/files:list?path=/tmp&session=measured");
    assertEquals(200, listed.status(), listed.body().encode());
    sandbox.delete();

    Eventually.eventually(
        "both moved",
        LIMIT,
        () ->
            metrics().of("gatehouse_file_access_seconds_count") > accessed
                && metrics().of("gatehouse_sandbox_create_seconds_count") > created);
  }

  @Test
  void memoryIsThereInAllItsParts() {
    System.gc();

    Eventually.eventually(
        "the old objects were collected",
        LIMIT,
        () ->
            api.get("agent", "/latency").body().getJsonObject("memory").getLong("liveHeapBytes")
                > 0);
    JsonObject memory = api.get("agent", "/latency").body().getJsonObject("memory");
    assertTrue(memory.getLong("residentBytes") > memory.getLong("liveHeapBytes"), memory.encode());
    assertTrue(memory.getLong("directBytes") > 0, memory.encode());
    assertEquals(0, memory.getLong("growthBytesAnHour"));
  }

  @Test
  void whatTheEdgeItselfTakesIsMeasured() {
    Metrics before = metrics();
    double parsed = before.of("gatehouse_http_parse_seconds_count");
    double replied = before.of("gatehouse_http_reply_seconds_count");

    api.run("python", "1");

    Eventually.eventually(
        "both moved",
        LIMIT,
        () ->
            metrics().of("gatehouse_http_parse_seconds_count") > parsed
                && metrics().of("gatehouse_http_reply_seconds_count") > replied);
  }

  @Test
  void sandboxesThatAreGoneAreCounted() {
    double gone = metrics().of("sandbox_cleanup_total");

    api.run("python", "1");

    Eventually.eventually("it is gone", LIMIT, () -> metrics().of("sandbox_cleanup_total") > gone);
    assertEquals(0, metrics().of("harombe_network_connections_total{status=\"allowed\"}"));
    assertEquals(0, metrics().of("harombe_network_dns_queries_total"));
  }

  @Test
  void moreWatchersThanThereIsRoomForAreSentAway() throws Exception {
    List<InputStream> open = new ArrayList<>();
    HttpClient client = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
    try {
      int status = 200;
      // Each event loop has room for a hundred.
      while (status == 200 && open.size() <= 100 * Runtime.getRuntime().availableProcessors()) {
        HttpResponse<InputStream> reply =
            client.send(
                api.request("agent", "/latency/stream").build(), BodyHandlers.ofInputStream());
        open.add(reply.body());
        status = reply.statusCode();
      }
      assertEquals(429, status);
      assertTrue(open.size() > 100);
    } finally {
      for (InputStream stream : open) {
        stream.close();
      }
      client.shutdownNow();
    }
  }

  @Test
  void histogramsAreThereAsFiles() throws Exception {
    // Given
    decide();
    Eventually.eventually(
        "sampled", LIMIT, () -> metrics().of("gatehouse_policy_decide_seconds_count") > 0);

    // When / Then
    String hgrm = get("/latency.hgrm?metric=policy.decide").body();
    assertTrue(hgrm.contains("Percentile") && hgrm.contains("#[Mean"), hgrm);
    HistogramLogReader reader =
        new HistogramLogReader(
            new ByteArrayInputStream(get("/latency.hlog").body().getBytes(StandardCharsets.UTF_8)));
    long count = 0;
    while (reader.hasNext()) {
      EncodableHistogram interval = reader.nextIntervalHistogram();
      if ("policy.decide".equals(interval.getTag())) {
        count += ((Histogram) interval).getTotalCount();
      }
    }
    assertTrue(count > 0);
  }

  @Test
  void manyStrangersAtOnceAllGetThemAndHoldNobodyUp() {
    try (HttpClient client = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build()) {
      List<CompletableFuture<HttpResponse<String>>> replies = new ArrayList<>();
      for (int i = 0; i < 100; i++) {
        for (String path :
            List.of("/metrics", "/latency.hlog", "/latency.hgrm?metric=audit.commit")) {
          replies.add(
              client.sendAsync(
                  HttpRequest.newBuilder(api.request("agent", path).build().uri()).build(),
                  BodyHandlers.ofString()));
        }
      }
      decide();
      for (CompletableFuture<HttpResponse<String>> reply : replies) {
        assertEquals(200, reply.join().statusCode());
        assertFalse(reply.join().body().isEmpty());
      }
    }
  }

  @Test
  void aMetricThatIsNoneIsRefused() {
    Api.Answer reply = api.get("agent", "/latency.hgrm?metric=nothing");
    assertEquals(422, reply.status());
    assertEquals("query.invalid", reply.code());
  }

  @Test
  void aBrokenObjectiveIsAnAlertInTheLog() {
    // No commit to a disk takes less than a microsecond; a decision in warm code may.
    for (int i = 0; i < 10; i++) {
      decide();
    }
    Eventually.eventually("the log has the alert", LIMIT, () -> !alerts().isEmpty());
    JsonObject alert = alerts().getFirst();
    assertEquals("slo:own", alert.getString("rule"));
    JsonObject detail = alert.getJsonObject("detail");
    assertEquals("audit.commit", detail.getString("of"));
    assertTrue(detail.getDouble("current") > detail.getDouble("target"), detail.encode());
  }

  private List<JsonObject> alerts() {
    return api
        .get("auditor", "/v1/audit?kind=alert&tenant=(server)")
        .body()
        .getJsonArray("events")
        .stream()
        .map(JsonObject.class::cast)
        .toList();
  }

  @Test
  void objectivesAreShownToWhoHasAKey() throws Exception {
    List<String> names =
        api.get("agent", "/v1/slo").body().getJsonArray("objectives").stream()
            .map(one -> ((JsonObject) one).getString("name"))
            .toList();
    assertEquals(
        List.of(
            "audit-write-p95",
            "audit-write-p99",
            "execution-overhead",
            "sandbox-creation",
            "classification",
            "rule-evaluation",
            "own",
            "throughput",
            "memory-growth"),
        names);
    try (HttpClient client = HttpClient.newHttpClient()) {
      assertEquals(
          401,
          client
              .send(
                  HttpRequest.newBuilder(api.request("agent", "/v1/slo").build().uri()).build(),
                  BodyHandlers.discarding())
              .statusCode());
    }
  }
}
