package dev.gatehouse;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.gatehouse.Api.Answer;
import dev.gatehouse.RawHttp2.Frame;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.ByteArrayOutputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpClient.Version;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** HTTP/2: the same interface, many requests on one connection, and clients who abuse that. */
class Http2IT {
  private static final Duration LIMIT = Duration.ofSeconds(30);
  private static final int MAX_STREAMS = 250;
  private static final int NO_ERROR = 0;
  private static final int REFUSED_STREAM = 7;
  private static final int ENHANCE_YOUR_CALM = 11;
  private static final byte[] HEALTH = RawHttp2.head("GET", "/healthz", Map.of());
  private static final byte[] CANCEL = {0, 0, 0, 8};

  @RegisterExtension
  static final TlsServer SERVER =
      new TlsServer()
          .with("GATEHOUSE_HTTP_BODY_TIMEOUT_MILLIS", "1500")
          .with("GATEHOUSE_POLICY_DIRECTORY", "src/test/policies/rotated");

  @RegisterExtension
  static final RunningServer CLEAR = new RunningServer().with("GATEHOUSE_HTTP2_CLEAR_TEXT", "true");

  private final Api api = SERVER.api(Version.HTTP_2, SERVER.authority().trusting(null));

  private static JsonObject decision(int number) {
    return new JsonObject()
        .put("tool", "bash")
        .put("arguments", new JsonObject().put("command", "echo " + number))
        .put("session", "many");
  }

  private static JsonObject code(String code) {
    return new JsonObject().put("language", "bash").put("code", code).put("session", "s1");
  }

  private JsonArray events(String query) {
    return api.get("auditor", "/v1/audit?" + query).body().getJsonArray("events");
  }

  @Test
  void manyDecisionsOnOneConnectionAreEachAnsweredAndRecorded() {
    // When
    List<CompletableFuture<Answer>> asked =
        IntStream.range(0, 200)
            .mapToObj(i -> api.postLater("agent", "/v1/decisions", decision(i)))
            .toList();

    // Then
    asked.forEach(one -> {
      Answer answer = one.join();
      assertEquals(200, answer.status(), answer.body().encode());
      assertEquals(Version.HTTP_2, answer.response().version());
    });
    assertEquals(200, events("kind=decision&session=many&limit=1000").size());
  }

  @Test
  void eventsComeAsTheyHappenWhileOthersAreAnswered() throws Exception {
    // Given
    Iterator<String> lines =
        api.stream(api.request("auditor", "/v1/audit/tail?session=seen").build()).iterator();
    assertTrue(lines.next().startsWith("id: "));

    // When
    Answer answer = api.post("agent", "/v1/decisions", decision(1).put("session", "seen"));

    // Then
    String line = lines.next();
    while (!line.contains(answer.body().getString("id"))) {
      line = lines.next();
    }
    assertTrue(line.startsWith("data: "), line);
  }

  @Test
  void aHeldRequestIsAnsweredWhenAPersonIsAndHoldsUpNoOther() {
    // Given
    CompletableFuture<Answer> held =
        api.sendLater(
            api.request("agent", "/v1/executions")
                .header("Prefer", "wait=600")
                .POST(BodyPublishers.ofString(code("echo asked").encode()))
                .build());
    Eventually.eventually(
        "the question is there",
        LIMIT,
        () -> events("kind=approval.requested&session=s1").size() == 1);
    assertEquals(200, api.get("agent", "/readyz").status());
    assertFalse(held.isDone());
    String approval =
        api.get("approver", "/v1/approvals?state=pending")
            .body()
            .getJsonArray("approvals")
            .getJsonObject(0)
            .getString("id");

    // When
    api.post(
        "approver",
        "/v1/approvals/" + approval + "/decision",
        new JsonObject().put("decision", "approve").put("reason", "I looked at it"));

    // Then
    Answer answer = held.join();
    assertEquals(200, answer.status(), answer.body().encode());
    assertEquals("asked\n", answer.body().getString("stdout"));
    assertEquals(Version.HTTP_2, answer.response().version());
  }

  @Test
  void aRequestThatIsResetWhileItIsHeldTakesItsQuestionBack() throws Exception {
    try (RawHttp2 raw = RawHttp2.to(SERVER)) {
      // Given
      Map<String, String> held = new HashMap<>(authorization());
      held.put("prefer", "wait=600");
      byte[] head = RawHttp2.head("POST", "/v1/executions", held);
      byte[] body =
          code("echo asked and reset")
              .put("session", "reset")
              .encode()
              .getBytes(StandardCharsets.UTF_8);
      raw.send(RawHttp2.HEADERS, RawHttp2.END_HEADERS, 1, head);
      raw.send(RawHttp2.DATA, RawHttp2.END_STREAM, 1, body);
      Eventually.eventually(
          "the question is there",
          LIMIT,
          () -> events("kind=approval.requested&session=reset").size() == 1);

      // When
      raw.send(RawHttp2.RST_STREAM, 0, 1, CANCEL);

      // Then
      Eventually.eventually(
          "it is taken back",
          LIMIT,
          () -> events("kind=approval.cancelled&session=reset").size() == 1);
    }
  }

  @Test
  void aSlowBodyEndsItsRequestAlone() throws Exception {
    try (RawHttp2 raw = RawHttp2.to(SERVER)) {
      // Given
      byte[] upload = RawHttp2.head("POST", "/v1/decisions", authorization());
      raw.send(RawHttp2.HEADERS, RawHttp2.END_HEADERS, 1, upload);
      raw.send(RawHttp2.DATA, 0, 1, new byte[] {'{'});

      // When
      Frame refusal = raw.next(RawHttp2.DATA, RawHttp2.GOAWAY);

      // Then
      assertEquals(1, refusal.stream());
      String problem = new String(refusal.payload(), StandardCharsets.UTF_8);
      assertTrue(problem.contains("body.too-slow"), problem);
      Frame end = raw.next(RawHttp2.RST_STREAM, RawHttp2.GOAWAY);
      assertEquals(1, end.stream());
      assertEquals(NO_ERROR, end.code());
      raw.send(RawHttp2.HEADERS, RawHttp2.END_STREAM | RawHttp2.END_HEADERS, 3, HEALTH);
      assertEquals(3, raw.next(RawHttp2.DATA, RawHttp2.GOAWAY).stream());
    }
  }

  @Test
  void aWebSocketTakesHttp11() {
    Problems.assertProblem(426, "websocket.expected", api.get("agent", "/v1/ws"));
  }

  @Test
  void moreStreamsThanTheServerTakesAreRefusedAndTheOthersAnswered() throws Exception {
    try (RawHttp2 raw = RawHttp2.to(SERVER)) {
      // Given
      Frame settings = raw.next(RawHttp2.SETTINGS);
      assertEquals(MAX_STREAMS, setting(settings, 3));
      byte[] upload = RawHttp2.head("POST", "/v1/decisions", authorization());

      // When: requests whose bodies do not come.
      ByteArrayOutputStream all = new ByteArrayOutputStream();
      for (int i = 0; i <= MAX_STREAMS; i++) {
        all.writeBytes(RawHttp2.frame(RawHttp2.HEADERS, RawHttp2.END_HEADERS, 2 * i + 1, upload));
      }
      raw.trySend(all.toByteArray());

      // Then
      Frame refused = raw.next(RawHttp2.RST_STREAM, RawHttp2.GOAWAY);
      assertEquals(RawHttp2.RST_STREAM, refused.type());
      assertEquals(2 * MAX_STREAMS + 1, refused.stream());
      assertEquals(REFUSED_STREAM, refused.code());
    }
  }

  private static Map<String, String> authorization() {
    return Map.of("authorization", "Bearer " + SERVER.running().api().key("agent"));
  }

  private static long setting(Frame settings, int id) {
    ByteBuffer payload = ByteBuffer.wrap(settings.payload());
    while (payload.hasRemaining()) {
      int found = payload.getShort();
      int value = payload.getInt();
      if (found == id) {
        return value;
      }
    }
    return -1;
  }

  @Test
  void whoTakesBackRequestAfterRequestIsHungUpOnAndOthersAreServed() throws Exception {
    try (RawHttp2 raw = RawHttp2.to(SERVER)) {
      // Given
      byte[] upload = RawHttp2.head("POST", "/v1/decisions", authorization());
      List<CompletableFuture<Answer>> others = new ArrayList<>();

      // When
      int sent = 0;
      boolean open = true;
      while (open && sent < 100_000) {
        ByteArrayOutputStream some = new ByteArrayOutputStream();
        for (int i = 0; i < 50; i++, sent++) {
          int stream = 2 * sent + 1;
          some.writeBytes(RawHttp2.frame(RawHttp2.HEADERS, RawHttp2.END_HEADERS, stream, upload));
          some.writeBytes(RawHttp2.frame(RawHttp2.RST_STREAM, 0, stream, CANCEL));
        }
        open = raw.trySend(some.toByteArray());
        if (others.size() < 50) {
          others.add(
              api.postLater("agent", "/v1/decisions", decision(sent).put("session", "floods")));
        }
      }

      // Then
      Frame goodbye = raw.next(RawHttp2.GOAWAY);
      assertTrue(!open || goodbye.type() == RawHttp2.GOAWAY, "it is hung up on after " + sent);
      if (goodbye.type() == RawHttp2.GOAWAY) {
        assertEquals(ENHANCE_YOUR_CALM, goodbye.code());
      }
      others.forEach(one -> assertEquals(200, one.join().status()));
    }
    assertEquals("42\n", api.run("bash", "echo 42").getString("stdout"));
  }

  @Test
  void whoPingsWithoutReadingIsHungUpOn() throws Exception {
    try (RawHttp2 raw = RawHttp2.to(SERVER)) {
      // Given
      byte[] ping = RawHttp2.frame(RawHttp2.PING, 0, 0, new byte[8]);
      ByteArrayOutputStream many = new ByteArrayOutputStream();
      for (int i = 0; i < 1000; i++) {
        many.writeBytes(ping);
      }

      // When
      int rounds = 0;
      while (raw.trySend(many.toByteArray()) && rounds < 100_000) {
        rounds++;
      }

      // Then
      assertTrue(rounds < 100_000, "it is hung up on");
    }
    assertEquals(200, api.get("agent", "/readyz").status());
  }

  @Test
  void headsWithoutEndAreRefused() throws Exception {
    try (RawHttp2 raw = RawHttp2.to(SERVER)) {
      // Given
      raw.send(RawHttp2.HEADERS, RawHttp2.END_STREAM, 1, HEALTH);

      // When
      int sent = 0;
      byte[] piece = RawHttp2.frame(RawHttp2.CONTINUATION, 0, 1, new byte[] {});
      while (raw.trySend(piece) && sent < 100_000) {
        sent++;
      }

      // Then
      assertTrue(sent < 100_000, "it is hung up on");
    }
  }

  @Test
  void aHeadAboveTheCapIsRefusedAndTheConnectionGoesOn() throws Exception {
    try (RawHttp2 raw = RawHttp2.to(SERVER)) {
      // Given
      byte[] big = RawHttp2.head("GET", "/healthz", Map.of("x-long", "x".repeat(17 << 10)));
      int first = 16_000;

      // When
      raw.send(RawHttp2.HEADERS, RawHttp2.END_STREAM, 1, java.util.Arrays.copyOf(big, first));
      raw.send(
          RawHttp2.CONTINUATION,
          RawHttp2.END_HEADERS,
          1,
          java.util.Arrays.copyOfRange(big, first, big.length));
      raw.send(RawHttp2.HEADERS, RawHttp2.END_STREAM | RawHttp2.END_HEADERS, 3, HEALTH);

      // Then
      Frame refused = raw.next(RawHttp2.HEADERS, RawHttp2.RST_STREAM, RawHttp2.GOAWAY);
      assertEquals(1, refused.stream(), "a " + refused.type());
      Frame answered = raw.next(RawHttp2.DATA);
      while (answered.stream() != 3) {
        answered = raw.next(RawHttp2.DATA);
      }
      assertTrue(answered.payload().length > 0);
    }
  }

  @Test
  void withoutTlsItIsSpokenWhereThatWasAskedForAndNowhereElse() throws Exception {
    try (HttpClient client = HttpClient.newBuilder().version(Version.HTTP_2).build()) {
      assertEquals(Version.HTTP_2, health(client, CLEAR.api().port()).version());
    }
  }

  static HttpResponse<String> health(HttpClient client, int port) throws Exception {
    return client.send(
        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + "/healthz")).build(),
        BodyHandlers.ofString());
  }
}
