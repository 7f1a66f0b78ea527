package dev.gatehouse;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.gatehouse.Api.Answer;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.http.HttpClient;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A server that is told to stop by SIGTERM, as a process of its own. */
class DrainIT {
  private static final Duration LIMIT = Duration.ofSeconds(60);
  private static final JsonObject TOOL = new JsonObject().put("tool", "bash");

  private static Map<String, String> settings(int leadMillis, int deadlineMillis) {
    return Map.of(
        "GATEHOUSE_POLICY_DIRECTORY",
        "src/test/policies/rotated",
        "GATEHOUSE_SANDBOX_WARM",
        "1",
        "GATEHOUSE_DRAIN_LEAD_MILLIS",
        "" + leadMillis,
        "GATEHOUSE_DRAIN_DEADLINE_MILLIS",
        "" + deadlineMillis);
  }

  /** What stops the server while the test goes on. */
  private static CompletableFuture<Void> stop(ServerProcess server) {
    return CompletableFuture.runAsync(server::stop, task -> Thread.ofVirtual().start(task));
  }

  private static void awaitDraining(Api api) {
    Eventually.eventually(
        "it says that it drains",
        LIMIT,
        () -> {
          Answer ready = api.get("agent", "/readyz");
          return ready.status() == 503 && ready.body().getBoolean("draining");
        });
  }

  private static String started(Api api) {
    JsonArray started =
        api.get("auditor", "/v1/audit?kind=execution.started").body().getJsonArray("events");
    return started.isEmpty() ? "" : started.getJsonObject(0).getString("action");
  }

  /** How an execution's end is recorded, as the next server tells it. */
  private static String endOf(Path data, String action) {
    ServerProcess next = ServerProcess.start(data, settings(0, 0));
    try {
      return endOf(next.api(), action);
    } finally {
      next.stop();
    }
  }

  private static String endOf(Api api, String action) {
    JsonArray ends =
        api.get("auditor", "/v1/audit?kind=execution.ended&action=" + action)
            .body()
            .getJsonArray("events");
    assertEquals(1, ends.size(), ends.encode());
    return ends.getJsonObject(0).getString("status");
  }

  @Test
  void whatRunsEndsWhatIsNewIsRefusedAndNobodysConnectionIs(@TempDir Path data) throws Exception {
    // Given
    ServerProcess server = ServerProcess.start(data, settings(15_000, 60_000));
    Api api = server.api();
    try (SocketClient socket = SocketClient.as(api, "agent")) {
      JsonObject reply =
          socket.ask(
              201,
              "execute",
              Api.execution("bash", "echo begun; read x; echo got $x").put("interactive", true));
      int stream = reply.getInteger("stream");
      socket.awaitOutput(stream, "begun");
      CompletableFuture<Answer> running =
          api.postLater("agent", "/v1/executions", Api.execution("bash", "sleep 8; echo slept"));
      Eventually.eventually("it runs", LIMIT, () -> !started(api).isEmpty());
      AtomicBoolean going = new AtomicBoolean(true);
      AtomicInteger refusedConnections = new AtomicInteger();

      // When
      CompletableFuture<Void> stopping = stop(server);
      awaitDraining(api);

      // Then: new connections are taken, new work is not, on any connection.
      CompletableFuture<Void> knocking =
          CompletableFuture.runAsync(
              () -> knock(api, going, refusedConnections), task -> Thread.ofVirtual().start(task));
      Answer refused = api.post("agent", "/v1/executions", Api.execution("bash", "echo new"));
      Problems.assertProblem(503, "server.draining", refused);
      assertTrue(refused.response().headers().firstValue("Retry-After").isPresent());
      assertEquals("close", refused.response().headers().firstValue("Connection").orElse(""));
      Problems.assertProblem(503, "server.draining", api.post("agent", "/v1/decisions", TOOL));
      assertEquals(200, api.get("agent", "/v1/policies").status());
      going.set(false);
      knocking.join();
      assertEquals(0, refusedConnections.get());

      // The peer is told where to resume, is refused what is new, and may go on with what runs.
      JsonObject told = socket.awaitType("draining");
      assertEquals(stream, told.getJsonArray("streams").getJsonObject(0).getInteger("stream"));
      assertEquals("6-0", told.getJsonArray("streams").getJsonObject(0).getString("cursor"));
      JsonObject no = socket.ask(503, "decide", TOOL);
      assertEquals("server.draining", no.getJsonObject("body").getString("code"));
      assertEquals(
          "server.draining",
          socket
              .ask(503, "execute", Api.execution("bash", "echo new"))
              .getJsonObject("body")
              .getString("code"));
      String execution = reply.getJsonObject("body").getString("id");
      socket.ask(
          200,
          "stdin",
          new JsonObject().put("execution", execution).put("text", "it\n").put("end", true));
      assertEquals("exited", socket.awaitEnd(stream).getJsonObject("body").getString("status"));
      assertEquals("begun\ngot it\n", socket.output(stream, 1));
      assertEquals("slept\n", running.join().body().getString("stdout"));
      assertEquals(
          "close", running.join().response().headers().firstValue("Connection").orElse(""));
      assertEquals(1001, socket.awaitClose());
      stopping.join();
      assertEquals("exited", endOf(data, execution));
    }
  }

  private static void knock(Api api, AtomicBoolean going, AtomicInteger refused) {
    while (going.get()) {
      try (Socket knock = new Socket(InetAddress.getLoopbackAddress(), api.port())) {
        assertTrue(knock.isConnected());
      } catch (IOException e) {
        refused.incrementAndGet();
      }
    }
  }

  @Test
  void whatIsNotOverAtTheDeadlineIsEndedAndRecorded(@TempDir Path data) {
    // Given
    ServerProcess server = ServerProcess.start(data, settings(0, 500));
    Api api = server.api();
    CompletableFuture<Answer> endless =
        api.postLater("agent", "/v1/executions", Api.execution("bash", "sleep 600"));
    Eventually.eventually("it runs", LIMIT, () -> !started(api).isEmpty());
    String action = started(api);
    CompletableFuture<Answer> held = hold(api, "echo asked", "wait=60");
    CompletableFuture<Answer> resumable = hold(api, "echo asked, too", "wait=60, respond-async");
    Eventually.eventually("two persons are asked", LIMIT, () -> pending(api).size() == 2);

    // When
    server.stop();

    // Then
    for (CompletableFuture<Answer> one : List.of(endless, held, resumable)) {
      assertTrue(one.handle((answer, hungUp) -> true).join());
    }
    ServerProcess next = ServerProcess.start(data, settings(0, 0));
    try {
      String end = endOf(next.api(), action);
      assertFalse(end.isEmpty() || end.equals("unknown"), "its end was seen: " + end);
      assertEquals(1, questions(next.api(), "cancelled").size());
      JsonArray open = questions(next.api(), "pending");
      assertEquals(1, open.size(), open.encode());
      String question = "/v1/approvals/" + open.getJsonObject(0).getString("id");
      assertEquals(
          "echo asked, too",
          next.api()
              .get("approver", question)
              .body()
              .getJsonObject("arguments")
              .getString("command"));
      JsonObject approves = new JsonObject().put("decision", "approve");
      assertEquals(200, next.api().post("approver", question + "/decision", approves).status());
    } finally {
      next.stop();
    }
  }

  private static CompletableFuture<Answer> hold(Api api, String code, String prefer) {
    return api.sendLater(
        api.request("agent", "/v1/executions")
            .header("Prefer", prefer)
            .POST(BodyPublishers.ofString(Api.execution("bash", code).encode()))
            .build());
  }

  @Test
  void aHeldRequestIsAnsweredWhenAPersonDoes(@TempDir Path data) {
    // Given
    ServerProcess server = ServerProcess.start(data, settings(10_000, 60_000));
    Api api = server.api();
    CompletableFuture<Answer> held = hold(api, "echo asked", "wait=60");
    Eventually.eventually("a person is asked", LIMIT, () -> !pending(api).isEmpty());

    // When
    CompletableFuture<Void> stopping = stop(server);
    awaitDraining(api);
    String question = pending(api).getJsonObject(0).getString("id");
    Answer answered =
        api.post(
            "approver",
            "/v1/approvals/" + question + "/decision",
            new JsonObject().put("decision", "approve"));

    // Then
    assertEquals(200, answered.status(), answered.body().encode());
    assertEquals("asked\n", held.join().body().getString("stdout"));
    stopping.join();
  }

  @Test
  void aDownloadComesToItsEnd(@TempDir Path data) throws Exception {
    // Given: more than the sockets in between hold, of which the client has the beginning.
    int length = 48 << 20;
    ServerProcess server = ServerProcess.start(data, settings(0, 60_000));
    Api api = server.api();
    HeldSandbox sandbox = HeldSandbox.of(api, "s1");
    Answer made =
        sandbox.ask(
            sandbox.request("bash", "head -c " + length + " /dev/zero > /workspace/long", 30_000));
    assertEquals(0, made.body().getInteger("exitCode"), made.body().encode());
    HttpResponse<InputStream> download =
        HttpClient.newHttpClient()
            .send(
                api.request("agent", sandbox.path() + "/files?session=s1&path=/workspace/long")
                    .GET()
                    .build(),
                BodyHandlers.ofInputStream());
    try (InputStream in = download.body()) {
      AtomicLong taken = new AtomicLong(read(in, 1));

      // When
      CompletableFuture<Void> stopping = stop(server);
      Eventually.eventually("nobody can connect", LIMIT, () -> !accepts(api));
      long saidGoodbyeNanos = System.nanoTime() + 3_000_000_000L;
      Eventually.eventually(
          "it would have been cut",
          LIMIT,
          () -> {
            taken.addAndGet(read(in, 16 << 10));
            return System.nanoTime() > saidGoodbyeNanos;
          });

      // Then
      assertFalse(stopping.isDone());
      assertEquals(length, taken.get() + read(in, length));
      stopping.join();
    }
  }

  private static boolean accepts(Api api) {
    try (Socket knock = new Socket(InetAddress.getLoopbackAddress(), api.port())) {
      return knock.isConnected();
    } catch (IOException e) {
      return false;
    }
  }

  private static long read(InputStream in, int most) {
    try {
      return in.readNBytes(most).length;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static JsonArray pending(Api api) {
    return questions(api, "pending");
  }

  private static JsonArray questions(Api api, String state) {
    return api.get("operator", "/v1/approvals?state=" + state).body().getJsonArray("approvals");
  }
}
