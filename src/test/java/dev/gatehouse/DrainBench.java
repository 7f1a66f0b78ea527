package dev.gatehouse;

import dev.gatehouse.Api.Answer;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;

/**
 * Scenario {@code drain}: a server of its own process, told to stop by SIGTERM while {@value
 * #EXECUTIONS} executions run, each a process in one of {@value #SANDBOXES} held sandboxes, and
 * while a client connects again and again. They end during the drain, when each is sent a line.
 * Prints how many ends the log of the next server lacks, and how many connections were refused
 * before the listener was due to close.
 */
public final class DrainBench {
  private static final int EXECUTIONS = 500;
  private static final int SANDBOXES = 36;
  private static final int LEAD_MILLIS = 3_000;
  private static final int AT_ONCE = 50;
  private static final int ROUNDS = 3;

  private DrainBench() {}

  /** Prints the rounds' figures. */
  public static void main(String[] args) throws Exception {
    Rounds rounds = new Rounds();
    for (int round = 0; round < ROUNDS; round++) {
      round(rounds);
    }
    rounds.print("drain: " + EXECUTIONS + " executions in " + SANDBOXES + " sandboxes");
    System.exit(0);
  }

  private static Map<String, String> settings() {
    Map<String, String> settings = new HashMap<>();
    settings.put("GATEHOUSE_POLICY_DIRECTORY", "src/test/policies/open");
    settings.put("GATEHOUSE_SANDBOX_WARM", "0");
    settings.put("GATEHOUSE_LIMITS_EXECUTIONS", "" + EXECUTIONS);
    // What is measured is what is lost, not how fast a busy machine begins.
    settings.put("GATEHOUSE_AUDIT_COMMIT_TIMEOUT_MILLIS", "60000");
    settings.put("GATEHOUSE_WEBSOCKET_MAX_STREAMS", "" + EXECUTIONS);
    settings.put("GATEHOUSE_DRAIN_LEAD_MILLIS", "" + LEAD_MILLIS);
    settings.put("GATEHOUSE_DRAIN_DEADLINE_MILLIS", "120000");
    return settings;
  }

  private static void round(Rounds rounds) throws IOException {
    Path data = Files.createTempDirectory("gatehouse-bench");
    ServerProcess server = ServerProcess.start(data, settings());
    Api api = server.api();
    try (SocketClient socket = SocketClient.as(api, "agent")) {
      List<String> executions = begin(api, socket);
      long begun = System.nanoTime();
      CompletableFuture<Void> stopping =
          CompletableFuture.runAsync(server::stop, task -> Thread.ofVirtual().start(task));
      CompletableFuture<int[]> knocking =
          CompletableFuture.supplyAsync(
              () -> knock(api.port(), begun), task -> Thread.ofVirtual().start(task));
      socket.awaitType("draining");
      int[] knocks = knocking.join();
      for (String execution : executions) {
        socket.request(
            "stdin",
            new JsonObject().put("execution", execution).put("text", "go\n").put("end", true));
      }
      int close = socket.awaitClose();
      stopping.join();
      rounds.add("from SIGTERM to the end, s", (System.nanoTime() - begun) / 1e9);
      rounds.add("executions told as ended to the peer", (double) ends(socket));
      rounds.add("close code", close);
      rounds.add("connections accepted before the listener closed", knocks[0]);
      rounds.add("connections refused before the listener closed", knocks[1]);
    } finally {
      server.stop();
    }
    rounds.add("executions lost", (double) (EXECUTIONS - recorded(data)));
  }

  private static List<String> begin(Api api, SocketClient socket) {
    List<String> sandboxes = new ArrayList<>();
    for (int next = 0; next < SANDBOXES; next++) {
      sandboxes.add(HeldSandbox.of(api, "s" + next, 3600).id());
    }
    List<String> executions = new ArrayList<>();
    for (int first = 0; first < EXECUTIONS; first += AT_ONCE) {
      List<String> requests = new ArrayList<>();
      for (int next = first; next < first + AT_ONCE; next++) {
        requests.add(socket.request("execute", order(sandboxes.get(next % SANDBOXES))));
      }
      requests.forEach(request -> executions.add(begun(socket.reply(request))));
    }
    return executions;
  }

  private static JsonObject order(String sandbox) {
    return new JsonObject()
        .put("language", "bash")
        .put("mode", "process")
        .put("sandbox", sandbox)
        .put("interactive", true)
        .put("timeoutMs", 600_000)
        .put("code", "read go; echo $go");
  }

  private static String begun(JsonObject reply) {
    if (reply.getInteger("status") != 201) {
      throw new IllegalStateException(reply.encode());
    }
    return reply.getJsonObject("body").getString("id");
  }

  /** Connects until the listener is due to close: how often that went well, and how often not. */
  private static int[] knock(int port, long begun) {
    int[] counts = new int[2];
    while (System.nanoTime() - begun < LEAD_MILLIS * 900_000L) {
      try (Socket knock = new Socket(InetAddress.getLoopbackAddress(), port)) {
        counts[0] += knock.isConnected() ? 1 : 0;
      } catch (IOException refused) {
        counts[1]++;
      }
    }
    return counts;
  }

  private static long ends(SocketClient socket) {
    return socket.frames().stream()
        .filter(frame -> "end".equals(frame.getString("type")))
        .filter(frame -> "exited".equals(frame.getJsonObject("body").getString("status")))
        .count();
  }

  /** Executions that ended by themselves, as the log has it. */
  private static long recorded(Path data) {
    ServerProcess next = ServerProcess.start(data, settings());
    try {
      Answer statistics =
          next.api().get("auditor", "/v1/audit/statistics?kind=execution.ended&by=status");
      JsonArray groups = statistics.body().getJsonArray("groups");
      return groups.stream()
          .map(JsonObject.class::cast)
          .filter(group -> "exited".equals(group.getString("value")))
          .mapToLong(group -> group.getLong("count"))
          .sum();
    } finally {
      next.stop();
    }
  }
}
