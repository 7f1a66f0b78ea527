package dev.gatehouse.http;

import dev.gatehouse.Api;
import dev.gatehouse.Api.Answer;
import dev.gatehouse.Rounds;
import dev.gatehouse.Server;
import dev.gatehouse.config.Configuration;
import dev.gatehouse.sandbox.EngineAddress;
import io.netty.util.internal.PlatformDependent;
import io.vertx.core.json.JsonObject;
import java.io.BufferedReader;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * Scenario {@code followers}: the output of executions to 1,000 WebSockets at once, without and
 * with one among them that reads slowly. The machine does not take 1,000 sandboxes: {@value
 * #EXECUTIONS} executions, four in a sandbox, are followed by up to 16 readers each, every reader
 * by a connection of its own, from a process of its own. Prints how long the quick ones took, what
 * the slow one took, bytes that were lost or came twice, and the server's memory.
 */
public final class FollowersBench {
  private static final int EXECUTIONS = 64;
  private static final int A_SANDBOX = 4;
  private static final int READERS = 1_000;
  private static final int ROUNDS = 3;

  private final Api api;
  private final String key;
  private final int bytes;
  private final Rounds rounds = new Rounds();

  private FollowersBench(Api api, int bytes) {
    this.api = api;
    this.key = api.key("agent");
    this.bytes = bytes;
  }

  /** Prints what each round took; the argument is the bytes of one execution's output. */
  public static void main(String[] args) throws Exception {
    Path data = Files.createTempDirectory("gatehouse-bench");
    Map<String, String> settings = new HashMap<>(System.getenv());
    settings.put("GATEHOUSE_DATA", data.toString());
    settings.put("GATEHOUSE_PORT", "0");
    settings.put("GATEHOUSE_POLICY_DIRECTORY", "src/test/policies/open");
    settings.put("GATEHOUSE_SANDBOX_WARM", "0");
    settings.put("GATEHOUSE_WEBSOCKET_CONNECTIONS_PER_KEY", "" + READERS);
    Server server =
        Server.start(
                Configuration.load(Path.of("conf/gatehouse.yaml"), settings),
                EngineAddress.of(System.getenv("DOCKER_HOST")))
            .await(2, TimeUnit.MINUTES);
    try {
      new FollowersBench(new Api(server.port(), data), Integer.parseInt(args[0])).run();
    } catch (Exception e) {
      // What is under way must not keep the process.
      e.printStackTrace();
      Runtime.getRuntime().halt(1);
    } finally {
      server.close().await(1, TimeUnit.MINUTES);
    }
  }

  private void run() throws Exception {
    List<String> sandboxes = new ArrayList<>();
    for (int next = 0; next < EXECUTIONS / A_SANDBOX; next++) {
      Answer made =
          api.post(
              "agent",
              "/v1/sandboxes",
              new JsonObject().put("session", "s" + next).put("ttlSeconds", 3600));
      sandboxes.add("/v1/sandboxes/" + made.body().getString("id"));
    }
    for (int round = 0; round < ROUNDS; round++) {
      round(sandboxes, 0);
      round(sandboxes, 1);
    }
    sandboxes.forEach(sandbox -> api.delete("agent", sandbox));
    rounds.print("followers: " + EXECUTIONS + " executions, " + READERS + " readers");
  }

  private void round(List<String> sandboxes, int slow) throws Exception {
    String name = slow == 0 ? "all quick: " : "one slow: ";
    List<String> executions = begin(sandboxes);
    Process crowd = crowd(executions, slow);
    long peak = 0;
    try (BufferedReader out = crowd.inputReader();
        var in = crowd.outputWriter()) {
      if (!"connected".equals(out.readLine())) {
        throw new IllegalStateException("the readers are not connected");
      }
      long before = usedBytes();
      in.write('\n');
      in.flush();
      for (String execution : executions) {
        JsonObject go = new JsonObject().put("text", "go\n").put("end", true);
        expect(200, api.post("agent", "/v1/executions/" + execution + "/stdin", go));
      }
      while (!out.ready() && crowd.isAlive()) {
        peak = Math.max(peak, PlatformDependent.usedDirectMemory());
        LockSupport.parkNanos(5_000_000);
      }
      for (String line = out.readLine(); line != null; line = out.readLine()) {
        String[] words = line.split(" ", -1);
        rounds.add(name + words[0] + ", " + words[1], Double.parseDouble(words[2]));
      }
      rounds.add(name + "direct memory at most, MB", peak / 1e6);
      rounds.add(name + "memory that stays, MB", (usedBytes() - before) / 1e6);
    }
    if (crowd.waitFor() != 0) {
      throw new IllegalStateException("the readers failed");
    }
  }

  /** Each waits for a line before it says anything. */
  private List<String> begin(List<String> sandboxes) {
    List<String> executions = new ArrayList<>();
    JsonObject order =
        new JsonObject()
            .put("language", "bash")
            .put("mode", "process")
            .put("interactive", true)
            .put("timeoutMs", 300_000)
            .put("code", "read go; head -c " + bytes + " /dev/zero | tr '\\0' x");
    for (int next = 0; next < EXECUTIONS; next++) {
      String sandbox = sandboxes.get(next % sandboxes.size());
      Answer begun = api.post("agent", sandbox + "/executions?background=true", order);
      expect(201, begun);
      executions.add(begun.body().getString("id"));
    }
    return executions;
  }

  private static void expect(int status, Answer answer) {
    if (answer.status() != status) {
      throw new IllegalStateException(answer.status() + " " + answer.body().encode());
    }
  }

  private Process crowd(List<String> executions, int slow) throws Exception {
    return new ProcessBuilder(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "--enable-native-access=ALL-UNNAMED",
            "--sun-misc-unsafe-memory-access=allow",
            "-cp",
            System.getProperty("java.class.path"),
            FollowersCrowd.class.getName(),
            "" + api.port(),
            key,
            String.join(",", executions),
            "" + READERS,
            "" + slow,
            "" + bytes)
        .redirectError(ProcessBuilder.Redirect.INHERIT)
        .start();
  }

  /** What lives on the heap, and what Netty's buffers take. */
  private static long usedBytes() {
    System.gc();
    return ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed()
        + PlatformDependent.usedDirectMemory();
  }
}
