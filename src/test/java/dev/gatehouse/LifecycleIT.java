package dev.gatehouse;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.gatehouse.Api.Answer;
import io.vertx.core.json.JsonObject;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What becomes of a sandbox that somebody holds: it is found, renewed, paused, and ends. */
class LifecycleIT {
  private static final Duration LIMIT = Duration.ofSeconds(60);

  @RegisterExtension
  static final RunningServer SERVER =
      new RunningServer()
          .behindOpenPolicy()
          .with("GATEHOUSE_LIMITS_SANDBOXES", "8")
          .with(
              "GATEHOUSE_KEYS",
              "[%s, %s, %s, %s]"
                  .formatted(
                      TenantApi.entry("ann", "agent", "blue"),
                      TenantApi.entry("bob", "agent", "blue"),
                      TenantApi.entry("boss", "operator", "blue"),
                      TenantApi.entry("clerk", "auditor", "blue")));

  private final TenantApi ann = new TenantApi(SERVER, "ann");
  private final TenantApi bob = new TenantApi(SERVER, "bob");
  private final TenantApi boss = new TenantApi(SERVER, "boss");
  private final TenantApi clerk = new TenantApi(SERVER, "clerk");

  @AfterEach
  void nothingIsHeldAnyMore() {
    for (String id : ids(boss.get("/v1/sandboxes"))) {
      boss.delete("/v1/sandboxes/" + id);
    }
    Eventually.eventually(
        "all are gone",
        LIMIT,
        () -> {
          JsonObject sandbox = boss.get("/healthz").body().getJsonObject("sandbox");
          return sandbox.getInteger("leased") + sandbox.getInteger("removing") == 0;
        });
  }

  private static JsonObject wish(String session) {
    return new JsonObject().put("session", session);
  }

  private static String create(TenantApi who, JsonObject wish) {
    Answer answer = who.create(wish);
    assertEquals(201, answer.status(), answer.body().encode());
    return answer.body().getString("id");
  }

  private static Answer run(TenantApi who, String id, String language, String code) {
    return who.post(
        "/v1/sandboxes/" + id + "/executions",
        new JsonObject().put("language", language).put("code", code));
  }

  private static List<String> ids(Answer page) {
    assertEquals(200, page.status(), page.body().encode());
    return page.body().getJsonArray("sandboxes").stream()
        .map(sandbox -> ((JsonObject) sandbox).getString("id"))
        .toList();
  }

  /** The kinds of the events of one sandbox's life, with their status where they have one. */
  private List<String> events(String id) {
    return clerk.get("/v1/audit?sandbox=" + id).body().getJsonArray("events").stream()
        .map(event -> (JsonObject) event)
        .filter(event -> event.getString("kind").startsWith("sandbox."))
        .map(event ->
            event.getString("kind")
                + (event.getString("status") == null ? "" : " " + event.getString("status"))
                + (event.getString("actor") == null ? "" : " by " + event.getString("actor")))
        .sorted()
        .toList();
  }

  @Test
  void aRenewedSandboxOutlivesItsFirstTimeAndEveryChangeIsInTheLogBeforeItsReply() {
    // Given
    String id = create(ann, wish("s").put("ttlSeconds", 8));

    // When
    Answer renewed =
        ann.post("/v1/sandboxes/" + id + ":renew", new JsonObject().put("ttlSeconds", 600));

    // Then
    assertEquals(200, renewed.status(), renewed.body().encode());
    assertTrue(
        Instant.parse(renewed.body().getString("expiresAt"))
            .isAfter(Instant.now().plusSeconds(500)));
    assertEquals(List.of("sandbox.created by ann", "sandbox.renewed by ann"), events(id));
    Instant firstEnd = Instant.parse(renewed.body().getString("createdAt")).plusSeconds(9);
    Eventually.eventually("its first time is over", LIMIT, () -> Instant.now().isAfter(firstEnd));
    assertEquals(200, ann.get("/v1/sandboxes/" + id).status());
    assertEquals(200, ann.delete("/v1/sandboxes/" + id).status());
    assertTrue(events(id).contains("sandbox.destroyed deleted by ann"), events(id) + "");
    assertEquals(
        410,
        ann.post("/v1/sandboxes/" + id + ":renew", new JsonObject().put("ttlSeconds", 9)).status());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{\"ttlSeconds\": 0}",
        "{\"ttlSeconds\": 86401}",
        "{\"ttlSeconds\": \"9\"}",
        "{\"ttl\": 9}",
        "[]",
        ""
      })
  void aRenewalThatMakesNoSenseChangesNothing(String body) {
    // Given
    String id = create(ann, wish("s"));
    String before = ann.get("/v1/sandboxes/" + id).body().getString("expiresAt");

    // When
    Answer refused =
        SERVER
            .api()
            .send(
                HttpRequest.newBuilder(
                        URI.create(
                            "http://127.0.0.1:"
                                + SERVER.api().port()
                                + "/v1/sandboxes/"
                                + id
                                + ":renew"))
                    .header("Authorization", "Bearer ann")
                    .POST(BodyPublishers.ofString(body))
                    .build());

    // Then
    assertTrue(Set.of(400, 422).contains(refused.status()), refused.body().encode());
    assertEquals(before, ann.get("/v1/sandboxes/" + id).body().getString("expiresAt"));
    assertEquals(List.of("sandbox.created by ann"), events(id));
  }

  @Test
  void aPausedSandboxRunsNothingKeepsItsMemoryAndGoesOnWhenItIsResumed() {
    // Given
    String id = create(ann, wish("s"));
    assertEquals(200, run(ann, id, "python", "kept = 42").status());

    // When
    Answer paused = ann.post("/v1/sandboxes/" + id + ":pause", new JsonObject());
    Answer refused = run(ann, id, "python", "print(kept)");
    Answer again = ann.post("/v1/sandboxes/" + id + ":pause", new JsonObject());
    String seen = ann.get("/v1/sandboxes/" + id).body().getString("state");
    Answer resumed = ann.post("/v1/sandboxes/" + id + ":resume", new JsonObject());

    // Then
    assertEquals("paused", paused.body().getString("state"), paused.body().encode());
    assertEquals(409, refused.status(), refused.body().encode());
    assertEquals("sandbox.paused", refused.code());
    assertEquals(200, again.status());
    assertEquals("paused", seen);
    assertEquals("running", resumed.body().getString("state"), resumed.body().encode());
    assertEquals("42\n", run(ann, id, "python", "print(kept)").body().getString("stdout"));
    assertEquals(
        List.of(
            "sandbox.created by ann",
            "sandbox.paused by ann",
            "sandbox.paused by ann",
            "sandbox.resumed by ann"),
        events(id));
  }

  @Test
  void aSandboxInWhichCodeRunsIsNotPausedAndTheLogSaysThatItWasNot() {
    // Given
    String id = create(ann, wish("s"));
    var running =
        CompletableFuture.supplyAsync(
            () -> run(ann, id, "bash", "sleep 10; echo done"),
            task -> Thread.ofVirtual().start(task));
    Eventually.eventually(
        "it runs",
        LIMIT,
        () -> clerk.get("/v1/audit?sandbox=" + id).body().encode().contains("execution.started"));

    // When
    Answer refused = ann.post("/v1/sandboxes/" + id + ":pause", new JsonObject());

    // Then
    if (refused.status() == 200) {
      // The intent is in the log a moment before the code runs.
      assertEquals(409, running.join().status());
    } else {
      assertEquals(409, refused.status(), refused.body().encode());
      assertEquals("sandbox.in-use", refused.code());
      assertEquals("done\n", running.join().body().getString("stdout"));
      assertTrue(events(id).contains("sandbox.paused failed by ann"), events(id) + "");
    }
  }

  @Test
  void thePausedSandboxsTimeGoesOnAndItsEndLeavesNothing() {
    // Given
    String id = create(ann, wish("s").put("ttlSeconds", 8));

    // When
    assertEquals(200, ann.post("/v1/sandboxes/" + id + ":pause", new JsonObject()).status());

    // Then
    awaitEnd(id, "expired");
    Eventually.eventually(
        "its container is gone",
        LIMIT,
        () ->
            EngineContainers.ofNode(SERVER.node()).stream()
                .noneMatch(one -> one.getNames()[0].contains(id)));
  }

  private void awaitEnd(String id, String reason) {
    Eventually.eventually(
        id + " has ended",
        LIMIT,
        () ->
            ann.get("/v1/sandboxes/" + id).status() == 410
                && ann.get("/v1/sandboxes/" + id).body().getString("reason") != null);
    Answer gone = ann.get("/v1/sandboxes/" + id);
    assertEquals("sandbox.ended", gone.code());
    assertEquals(reason, gone.body().getString("reason"), gone.body().encode());
  }

  @Test
  void aSandboxThatNobodyUsesEndsAsIdleAndOneThatIsUsedLivesOn() {
    // Given
    String unused = create(ann, wish("s").put("idleSeconds", 2));
    String busy = create(ann, wish("s").put("idleSeconds", 6));
    var running =
        CompletableFuture.supplyAsync(
            () -> run(ann, busy, "bash", "sleep 12; echo awake"),
            task -> Thread.ofVirtual().start(task));
    String used = create(ann, wish("s").put("idleSeconds", 6));
    Instant longer = Instant.now().plusSeconds(10);

    // When
    Eventually.eventually(
        "the unused one has ended",
        LIMIT,
        () -> {
          assertEquals(200, run(ann, used, "python", "1").status());
          return ann.get("/v1/sandboxes/" + unused).status() == 410
              && Instant.now().isAfter(longer);
        });

    // Then
    awaitEnd(unused, "idle");
    assertEquals("awake\n", running.join().body().getString("stdout"));
    awaitEnd(used, "idle");
    Eventually.eventually(
        "its end is in the log",
        LIMIT,
        () -> events(unused).contains("sandbox.destroyed idle by ann"));
  }

  @Test
  void aGoneSandboxSaysWhyAndOnlyToWhoHeldIt() {
    // Given
    String deleted = create(ann, wish("s"));
    String hungry = create(ann, wish("s"));
    String forger = create(ann, wish("s"));
    String suicide = create(ann, wish("s"));

    // When
    ann.delete("/v1/sandboxes/" + deleted);
    run(ann, hungry, "python", "x = 'x' * (2 << 30)");
    run(ann, forger, "python", "open('/proc/1/fd/1', 'wb', 0).write(b'\\xff' * 64); input()");
    run(ann, suicide, "bash", "kill -9 1");

    // Then
    awaitEnd(deleted, "deleted");
    awaitEnd(hungry, "out-of-memory");
    awaitEnd(forger, "killed-by-policy");
    awaitEnd(suicide, "died");
    assertEquals(404, bob.get("/v1/sandboxes/" + deleted).status());
    assertEquals(410, boss.get("/v1/sandboxes/" + deleted).status());
  }

  @Test
  void agentsFindTheirOwnByLabelSessionProfileAndStateAndOperatorsAllOfTheTenant() {
    // Given
    JsonObject labels = new JsonObject().put("team", "a").put("run", "1");
    String first = create(ann, wish("one").put("labels", labels));
    String second =
        create(ann, wish("two").put("labels", new JsonObject().put("team", "a").put("x", "=")));
    String bobs = create(bob, wish("one").put("labels", labels));
    ann.post("/v1/sandboxes/" + second + ":pause", new JsonObject());

    // When / Then
    assertEquals(List.of(first, second), ids(ann.get("/v1/sandboxes")));
    assertEquals(List.of(bobs), ids(bob.get("/v1/sandboxes")));
    assertEquals(List.of(first, second, bobs), ids(boss.get("/v1/sandboxes")));
    assertEquals(List.of(first, second), ids(ann.get("/v1/sandboxes?label=team%3Da")));
    assertEquals(List.of(first), ids(ann.get("/v1/sandboxes?label=team%3Da&label=run%3D1")));
    assertEquals(List.of(second), ids(ann.get("/v1/sandboxes?label=x%3D%3D")));
    assertEquals(List.of(first, bobs), ids(boss.get("/v1/sandboxes?session=one")));
    assertEquals(List.of(second), ids(boss.get("/v1/sandboxes?state=paused")));
    assertEquals(List.of(first, bobs), ids(boss.get("/v1/sandboxes?state=running")));
    assertEquals(3, ids(boss.get("/v1/sandboxes?profile=default")).size());
    assertEquals(List.of(), ids(boss.get("/v1/sandboxes?profile=other")));
    JsonObject shown = ann.get("/v1/sandboxes/" + first).body();
    assertEquals(labels, shown.getJsonObject("labels"));
    assertEquals("default", shown.getString("profile"));
  }

  @Test
  void pagesHaveEachSandboxOnceAlsoIfSomeEndBetweenThem() {
    // Given
    List<String> made = IntStream.range(0, 5).mapToObj(n -> create(ann, wish("s" + n))).toList();

    // When
    List<String> seen = new ArrayList<>();
    String cursor = "";
    do {
      Answer page =
          ann.get("/v1/sandboxes?limit=2" + (cursor.isEmpty() ? "" : "&cursor=" + cursor));
      seen.addAll(ids(page));
      cursor = page.body().getString("cursor", "");
      if (seen.size() == 2) {
        ann.delete("/v1/sandboxes/" + made.get(1));
      }
    } while (cursor != null && !cursor.isEmpty());

    // Then
    assertEquals(made, seen);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "state=asleep",
        "limit=0",
        "limit=1001",
        "limit=x",
        "cursor=1",
        "cursor=x-y",
        "label=x",
        "colour=red",
        "session=%01",
        "cursor=999999999999999999-z"
      })
  void aQuestionThatMakesNoSenseIsRefused(String query) {
    assertEquals(422, ann.get("/v1/sandboxes?" + query).status());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{\"labels\": {\"a\": 1}}",
        "{\"labels\": {\"\": \"x\"}}",
        "{\"labels\": {\"a\": \"\\u0001\"}}",
        "{\"labels\": []}",
        "{\"idleSeconds\": -1}",
        "{\"labels\": {\"=a\": \"x\"}}",
        "{\"profile\": \"no\"}",
        "{\"profile\": 1}"
      })
  void aWishThatCannotBeIsRefused(String body) {
    // When
    Answer refused = ann.create(new JsonObject(body));

    // Then
    assertEquals(422, refused.status(), refused.body().encode());
  }

  @Test
  void labelsAreBounded() {
    // Given
    JsonObject many = new JsonObject();
    IntStream.range(0, 17).forEach(n -> many.put("k" + n, "v"));

    // When / Then
    for (JsonObject labels :
        List.of(
            many,
            new JsonObject().put("k".repeat(65), "v"),
            new JsonObject().put("k", "v".repeat(257)))) {
      Answer refused = ann.create(wish("s").put("labels", labels));
      assertEquals("labels.malformed", refused.code(), refused.body().encode());
    }
  }

  @Test
  void nobodyElseRenewsPausesOrResumesIt() {
    // Given
    String id = create(ann, wish("s"));

    // When / Then
    for (String change : new TreeSet<>(Set.of("pause", "resume", "renew"))) {
      Answer refused = bob.post("/v1/sandboxes/" + id + ":" + change, new JsonObject());
      assertEquals(404, refused.status(), refused.body().encode());
      assertFalse(refused.body().encode().contains(id));
    }
    assertEquals(200, boss.post("/v1/sandboxes/" + id + ":pause", new JsonObject()).status());
    assertNull(ann.get("/v1/sandboxes/" + id).body().getString("reason"));
    assertTrue(events(id).contains("sandbox.paused by boss"));
  }
}
