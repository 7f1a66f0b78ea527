package dev.gatehouse;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.github.dockerjava.api.model.Container;
import dev.gatehouse.Api.Answer;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ThreadLocalRandom;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The main program is killed: nothing that was acknowledged is lost, nothing is left behind. */
@SuppressWarnings("NullAway.Init")
class CrashIT {
  private static final Duration LIMIT = Duration.ofSeconds(60);
  private static final Map<String, String> SETTINGS =
      Map.of("GATEHOUSE_POLICY_DIRECTORY", "src/test/policies/open");

  private Path data;
  private ServerProcess server;

  @BeforeEach
  void makeData() throws IOException {
    data = Files.createTempDirectory("gatehouse-crash");
  }

  @AfterEach
  void stopAndDelete() throws IOException {
    server.stop();
    ServerProcess.deleteTree(data);
  }

  @Test
  void whatWasAcknowledgedSurvivesEveryKillAndWhatWasNotIsMarkedUnknownOnce() {
    // Given
    Map<String, Integer> acknowledged = new ConcurrentHashMap<>();
    server = ServerProcess.start(data, SETTINGS);

    for (int round = 0; round < 5; round++) {
      // When
      List<Thread> load = load(server.api(), acknowledged, "round-" + round);
      int before = acknowledged.size();
      Eventually.eventually("some work is done", LIMIT, () -> acknowledged.size() > before + 3);
      int more = ThreadLocalRandom.current().nextInt(8);
      Eventually.eventually("a random point", LIMIT, () -> acknowledged.size() > before + 3 + more);
      server.kill();
      load.forEach(CrashIT::join);
      server = ServerProcess.start(data, SETTINGS);

      // Then
      assertNothingIsLeftOfEarlierRuns();
      assertAcknowledgedIsRecorded(acknowledged);
      assertEveryIntentHasOneEnd("round-" + round);
    }

    // When
    server.kill();
    server = ServerProcess.start(data, SETTINGS);

    // Then
    assertAcknowledgedIsRecorded(acknowledged);
    int unknown = 0;
    for (int round = 0; round < 5; round++) {
      unknown += assertEveryIntentHasOneEnd("round-" + round);
    }
    assertTrue(unknown > 0, "five kills under load, and none hit an execution");
    assertEquals("42\n", server.api().run("python", "print(6*7)").getString("stdout"));
  }

  @Test
  void theEndOfASandboxThatWasHeldIsRecordedOnce() {
    // Given
    server = ServerProcess.start(data, SETTINGS);
    HeldSandbox held = HeldSandbox.of(server.api(), "held");
    HeldSandbox deleted = HeldSandbox.of(server.api(), "deleted");
    deleted.delete();

    // When
    for (int round = 0; round < 2; round++) {
      server.kill();
      server = ServerProcess.start(data, SETTINGS);
    }

    // Then
    assertEquals(List.of("server-died"), endsOf(held));
    assertEquals(List.of("deleted"), endsOf(deleted));
  }

  private List<String> endsOf(HeldSandbox sandbox) {
    return events("kind=sandbox.destroyed&sandbox=" + sandbox.id()).stream()
        .map(event -> event.getString("status"))
        .toList();
  }

  @Test
  void aKeyOutlivesAKill() {
    // Given
    server = ServerProcess.start(data, SETTINGS);
    Answer done = withKey("done", "echo $RANDOM$RANDOM");
    CompletableFuture<Answer> cut = server.api().sendLater(keyed("cut", "sleep 60"));
    Eventually.eventually(
        "it runs",
        LIMIT,
        () ->
            server
                    .api()
                    .get("auditor", "/v1/audit?kind=execution.started&session=cut")
                    .body()
                    .getJsonArray("events")
                    .size()
                == 1);

    // When
    server.kill();
    cut.handle((answer, failure) -> answer).join();
    server = ServerProcess.start(data, SETTINGS);

    // Then
    assertEquals(done.body(), withKey("done", "echo $RANDOM$RANDOM").body());
    Answer unknown = withKey("cut", "sleep 60");
    assertEquals(409, unknown.status());
    assertEquals("idempotency.unknown", unknown.code());
  }

  private Answer withKey(String key, String code) {
    return server.api().send(keyed(key, code));
  }

  private HttpRequest keyed(String key, String code) {
    return server
        .api()
        .request("agent", "/v1/executions")
        .header("Idempotency-Key", key)
        .POST(BodyPublishers.ofString(Api.execution("bash", code).put("session", key).encode()))
        .build();
  }

  @Test
  void whatWasPausedAtTheKillIsRemovedByTheNextStartToo() {
    // Given
    server = ServerProcess.start(data, SETTINGS);
    Answer held =
        server.api().post("agent", "/v1/sandboxes", new JsonObject().put("session", "paused"));
    String path = "/v1/sandboxes/" + held.body().getString("id");
    assertEquals(200, server.api().post("agent", path + ":pause", new JsonObject()).status());

    // When
    server.kill();
    server = ServerProcess.start(data, SETTINGS);

    // Then
    assertNothingIsLeftOfEarlierRuns();
    Answer gone = server.api().get("agent", path);
    assertEquals(410, gone.status(), gone.body().encode());
    assertEquals("server-died", gone.body().getString("reason"));
    assertEquals(410, server.api().delete("agent", path).status());
    assertEquals(410, server.api().get("agent", path + "?session=paused").status());
    assertEquals(404, server.api().get("agent", path + "?session=other").status());
  }

  /** Clients that keep running code, quick and slow, until the server is gone. */
  private static List<Thread> load(Api api, Map<String, Integer> acknowledged, String session) {
    return IntStream.range(0, 4)
        .mapToObj(client -> Thread.ofVirtual().start(() -> ask(api, acknowledged, session, client)))
        .toList();
  }

  private static void ask(Api api, Map<String, Integer> acknowledged, String session, int client) {
    try {
      for (int n = 0; ; n++) {
        int exit = (client * 50 + n) % 200;
        String code = (client == 0 ? "sleep 1; exit " : "exit ") + exit;
        JsonObject body = Api.execution("bash", code).put("session", session);
        Answer answer =
            api.send(
                api.request("agent", "/v1/executions")
                    .POST(BodyPublishers.ofString(body.encode()))
                    .build());
        if (answer.status() == 200) {
          assertEquals(exit, answer.body().getInteger("exitCode"));
          acknowledged.put(answer.body().getString("id"), exit);
        }
      }
    } catch (AssertionError e) {
      if (!(e.getCause() instanceof IOException)) {
        throw e;
      }
      // The server was killed: this client's last request was never answered.
    }
  }

  private void assertNothingIsLeftOfEarlierRuns() {
    Eventually.eventually(
        "the new pool's containers are there, and no others",
        LIMIT,
        () -> {
          List<Container> containers = EngineContainers.ofNode(node());
          return containers.size() == 2
              && containers.stream().allMatch(container -> container.getState().equals("running"));
        });
    assertEquals(1, postmasters(), "one PostgreSQL works on this cluster");
  }

  private void assertAcknowledgedIsRecorded(Map<String, Integer> acknowledged) {
    new HashMap<>(acknowledged)
        .forEach((id, exit) -> {
          List<JsonObject> ends =
              events("action=" + id).stream()
                  .filter(event -> event.getString("kind").equals("execution.ended"))
                  .toList();
          assertEquals(1, ends.size(), id);
          assertEquals("exited", ends.get(0).getString("status"), ends.toString());
          assertEquals(exit, ends.get(0).getJsonObject("detail").getInteger("exitCode"));
        });
  }

  /** Returns how many of the session's executions are of unknown outcome. */
  private int assertEveryIntentHasOneEnd(String session) {
    List<JsonObject> events = events("session=" + session);
    Map<String, String> ends = new HashMap<>();
    for (JsonObject event : events) {
      if (event.getString("kind").equals("execution.ended")) {
        assertEquals(
            null, ends.put(event.getString("action"), event.getString("status")), "ended twice");
      }
    }
    for (JsonObject event : events) {
      if (event.getString("kind").equals("execution.started")) {
        assertTrue(ends.containsKey(event.getString("action")), event.encode());
      }
    }
    return (int) ends.values().stream().filter("unknown"::equals).count();
  }

  private List<JsonObject> events(String query) {
    JsonArray events =
        server.api().get("auditor", "/v1/audit?" + query).body().getJsonArray("events");
    return events.stream().map(JsonObject.class::cast).toList();
  }

  @Test
  void theContainersOfAKilledServerEndByThemselves() {
    // Given
    server = ServerProcess.start(data, SETTINGS);
    HeldSandbox plain = HeldSandbox.of(server.api(), "plain");
    HeldSandbox stubborn = HeldSandbox.of(server.api(), "stubborn");
    List<CompletableFuture<Answer>> asked =
        List.of(
            plain.askLater(plain.request("bash", "sleep 1000", 600_000)),
            stubborn.askLater(
                stubborn.request("bash", "trap '' TERM HUP INT; sleep 1000", 600_000)));
    Eventually.eventually(
        "two run",
        LIMIT,
        () -> server.api().get("agent", "/healthz").body().getInteger("executions") == 2);

    // When
    server.kill();

    // Then
    Eventually.eventually(
        "both clients know",
        LIMIT,
        () -> asked.stream().allMatch(CompletableFuture::isCompletedExceptionally));
    Eventually.eventually(
        "no container of the node runs",
        LIMIT,
        () ->
            EngineContainers.ofNode(node()).stream()
                .noneMatch(container -> container.getState().equals("running")));
    server = ServerProcess.start(data, SETTINGS);
    assertNothingIsLeftOfEarlierRuns();
  }

  @Test
  void aStartThatIsKilledAtAnyPointDoesNotSpoilTheDataDirectory() {
    for (int step = 0; step < 4; step++) {
      // When
      server = ServerProcess.launch(data, SETTINGS);
      ServerProcess starting = server;
      String sign =
          List.of(
                  "lock",
                  "postgres/password",
                  "postgres/cluster/base",
                  "postgres/cluster/PG_VERSION")
              .get(step);
      Eventually.eventually(
          sign,
          LIMIT,
          () -> Files.exists(data.resolve(sign)) || starting.log().contains("listens"));
      server.kill();
    }
    server = ServerProcess.start(data, SETTINGS);

    // Then
    assertEquals("42\n", server.api().run("python", "print(6*7)").getString("stdout"));
    assertNothingIsLeftOfEarlierRuns();
  }

  @Test
  void aSecondServerOnTheSameDataDirectoryRefusesToStartAndTheFirstDoesNotNotice() {
    // Given
    server = ServerProcess.start(data, SETTINGS);
    HeldSandbox held = HeldSandbox.of(server.api(), "held");

    // When
    ServerProcess second = ServerProcess.launch(data, SETTINGS);

    // Then
    assertNotEquals(0, second.exitCode());
    assertTrue(second.log().contains("another Gatehouse works on"), second.log());
    assertEquals("on\n", held.run("bash", "echo on").getString("stdout"));
    assertEquals("42\n", server.api().run("python", "print(6*7)").getString("stdout"));
  }

  private String node() {
    try {
      return Files.readString(data.resolve("node")).strip();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private long postmasters() {
    return ProcessHandle.allProcesses()
        .filter(
            process -> process.info().commandLine().orElse("").contains(data + "/postgres/cluster"))
        .count();
  }

  private static void join(Thread thread) {
    try {
      thread.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AssertionError(e);
    }
  }
}
