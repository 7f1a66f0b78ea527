package dev.gatehouse.sandbox;

import dev.gatehouse.sandbox.ExecutionRequest.Mode;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.json.JsonObject;
import io.vertx.core.net.NetServer;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.NetworkInterface;
import java.net.SocketException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;

/**
 * Two sandboxes on the network: one listens, the other tries to reach it, the proxy, and a port
 * that is opened for the purpose on every address of the host. It must reach the proxy and nothing
 * else.
 *
 * <p>What the second one says is believed: both run our code alone and are thrown away.
 */
final class EgressProof {
  private static final int NEIGHBOUR_PORT = 4242;
  private static final int TRY_MILLIS = 15_000;

  /** Enough to find a hole; a host with many containers has many addresses. */
  private static final int MAX_ADDRESSES = 16;

  /** Stays open after the execution, as the interpreter stays; the kernel accepts without it. */
  private static final String LISTEN =
      """
      import socket
      listener = socket.create_server(("0.0.0.0", %d))
      socket.create_connection(("127.0.0.1", %d), 5).close()
      """
          .formatted(NEIGHBOUR_PORT, NEIGHBOUR_PORT);

  /** Connects to all at once, and says who answered within a second. */
  private static final String TRY =
      """
      import errno, json, os, select, socket, time
      pending, reached = {}, {}
      for target in os.environ["TARGETS"].split():
          host, port = target.split(":")
          s = socket.socket()
          s.setblocking(False)
          reached[target] = False
          if s.connect_ex((host, int(port))) in (0, errno.EINPROGRESS):
              pending[s] = target
      end = time.monotonic() + 1
      while pending and time.monotonic() < end:
          _, ready, _ = select.select([], list(pending), [], end - time.monotonic())
          for s in ready:
              reached[pending.pop(s)] = s.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR) == 0
      print(json.dumps(reached))
      """;

  private final Vertx vertx;
  private final DockerVerticle docker;
  private final Supplier<Future<LiveSandbox>> start;
  private final Site site;
  private final EgressNetwork.Way way;
  private final List<LiveSandbox> sandboxes = new ArrayList<>();

  EgressProof(
      Vertx vertx,
      DockerVerticle docker,
      Supplier<Future<LiveSandbox>> start,
      Site site,
      EgressNetwork.Way way) {
    this.vertx = vertx;
    this.docker = docker;
    this.start = start;
    this.site = site;
    this.way = way;
  }

  /** Succeeds if the network is closed; fails with the hole that was found. */
  Future<Void> run() {
    NetServer decoy = vertx.createNetServer().connectHandler(socket -> socket.close());
    return decoy
        .listen(0, "0.0.0.0")
        // Both are over before one fails the proof: the other would be left.
        .compose(listening -> Future.join(begin(), begin()))
        .compose(both -> attempt(both.resultAt(0), both.resultAt(1), decoy.actualPort()))
        .eventually(() -> {
          sandboxes.forEach(sandbox -> sandbox.end("the network was tried"));
          return decoy.close();
        });
  }

  private Future<LiveSandbox> begin() {
    return start.get().onSuccess(sandboxes::add);
  }

  private Future<Void> attempt(LiveSandbox neighbour, LiveSandbox tries, int decoyPort) {
    String runtime = tries.blueprint.runtime();
    if (runtime.startsWith("runsc") && !tries.ready.future().result().contains("gVisor")) {
      return Future.failedFuture("the runtime " + runtime + " is not gVisor");
    }
    String proxy = way.gateway() + ":" + way.port();
    return Future.all(
            docker.addressOn(neighbour.container(), site.network()),
            vertx.executeBlocking(EgressProof::hostAddresses, false),
            python(neighbour, LISTEN, Map.of()))
        .compose(found -> {
          List<String> closed = new ArrayList<>();
          closed.add(found.<String>resultAt(0) + ":" + NEIGHBOUR_PORT);
          found.<List<String>>resultAt(1).forEach(address -> closed.add(address + ":" + decoyPort));
          closed.add(way.gateway() + ":" + decoyPort);
          return python(tries, TRY, Map.of("TARGETS", proxy + " " + String.join(" ", closed)))
              .map(said -> judge(new JsonObject(said), proxy, closed));
        });
  }

  private static Void judge(JsonObject reached, String proxy, List<String> closed) {
    for (String target : closed) {
      if (!Boolean.FALSE.equals(reached.getBoolean(target))) {
        throw new IllegalStateException(
            "a sandbox on it reached " + target + ", where only the proxy may be reached");
      }
    }
    if (!Boolean.TRUE.equals(reached.getBoolean(proxy))) {
      throw new IllegalStateException(
          "a sandbox on it cannot reach the proxy at " + proxy + ": another firewall refuses");
    }
    return null;
  }

  private static Future<String> python(LiveSandbox in, String code, Map<String, String> env) {
    return in.execute(
            new ExecutionRequest(
                Language.PYTHON, code, StandardInput.Given.NOTHING, env, TRY_MILLIS, Mode.CONTEXT),
            ExecutionFollower.silent())
        .map(result -> {
          if (!Integer.valueOf(0).equals(result.exitCode())) {
            throw new IllegalStateException(
                "the trial did not run: " + result.end().word() + " " + result.stderr());
          }
          return result.stdout();
        });
  }

  private static List<String> hostAddresses() throws SocketException {
    return NetworkInterface.networkInterfaces()
        .flatMap(NetworkInterface::inetAddresses)
        .filter(address -> address instanceof Inet4Address && !address.isLoopbackAddress())
        .map(InetAddress::getHostAddress)
        .distinct()
        .limit(MAX_ADDRESSES)
        .toList();
  }
}
