package dev.gatehouse.sandbox.egress;

import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * What comes in from the sandboxes' bridge: to the proxy, or nowhere. An internal Docker network
 * still reaches every port of the host, on every address the host has, and with bridge netfilter
 * off its neighbours too; so these rules stand in the table that is asked first, before connection
 * tracking, address translation and routing, and for the proxy's sake in INPUT, ahead of a host
 * firewall that would drop what it does not know.
 *
 * <p>Needs root and the {@code iptables} that the engine needs as well. The rules outlive this
 * process: {@link #remove} takes them away.
 */
public final class Firewall {
  private static final long COMMAND_SECONDS = 20;
  private static final Path IPV6 = Path.of("/proc/net/if_inet6");
  private static final String LOCK_SECONDS = "10";

  /** Where the rules' chain is gone to from. */
  private record Place(String program, String table, String from) {}

  private static final Place IPV4_RAW = new Place("iptables", "raw", "PREROUTING");
  private static final Place IPV4_INPUT = new Place("iptables", "filter", "INPUT");
  private static final Place IPV6_RAW = new Place("ip6tables", "raw", "PREROUTING");
  private static final List<Place> PLACES = List.of(IPV4_RAW, IPV4_INPUT, IPV6_RAW);

  private final Vertx vertx;
  private final String bridge;
  private final String chain;

  /**
   * @param bridge the bridge's interface; it need not exist yet
   * @param chain the name of the rules' chain, different on each server of a machine
   */
  public Firewall(Vertx vertx, String bridge, String chain) {
    this.vertx = vertx;
    this.bridge = bridge;
    this.chain = chain;
  }

  /** Lets nothing in from the bridge. */
  public Future<Void> close() {
    return apply(List.of());
  }

  /** Lets in what goes to the proxy, and nothing else. */
  public Future<Void> open(String address, int port) {
    return apply(accept(address, port));
  }

  private List<String> accept(String address, int port) {
    return List.of(
        "-A %s -d %s/32 -p tcp -m tcp --dport %d -j ACCEPT".formatted(chain, address, port));
  }

  private Future<Void> apply(List<String> accepts) {
    return restore("iptables-restore", List.of("raw", "filter"), accepts)
        .compose(done -> jump(IPV4_RAW))
        .compose(done -> jump(IPV4_INPUT))
        .compose(done ->
            Files.exists(IPV6)
                ? restore("ip6tables-restore", List.of("raw"), List.of())
                    .compose(closed -> jump(IPV6_RAW))
                : Future.succeededFuture());
  }

  /** Replaces the chain's rules at one stroke. */
  private Future<Void> restore(String program, List<String> tables, List<String> accepts) {
    List<String> lines = new ArrayList<>();
    for (String table : tables) {
      lines.add("*" + table);
      lines.add(":" + chain + " - [0:0]");
      lines.addAll(accepts);
      lines.add("-A " + chain + " -j DROP");
      lines.add("COMMIT");
    }
    return run(String.join("\n", lines) + "\n", program, "--noflush", "-w", LOCK_SECONDS)
        .mapEmpty();
  }

  private Future<Void> jump(Place place) {
    return on(place, "-C", place.from(), "-i", bridge, "-j", chain)
        .recover(missing -> on(place, "-I", place.from(), "1", "-i", bridge, "-j", chain))
        .mapEmpty();
  }

  /** Whether the rules that {@link #open} made still stand, in every place where they must. */
  public Future<Boolean> stands(String address, int port) {
    List<String> accepts = accept(address, port);
    return stands(IPV4_RAW, accepts)
        .compose(raw -> raw ? stands(IPV4_INPUT, accepts) : Future.succeededFuture(false))
        .compose(both ->
            both && Files.exists(IPV6)
                ? stands(IPV6_RAW, List.of())
                : Future.succeededFuture(both));
  }

  private Future<Boolean> stands(Place place, List<String> accepts) {
    List<String> rules = new ArrayList<>();
    rules.add("-A %s -i %s -j %s".formatted(place.from(), bridge, chain));
    rules.addAll(accepts);
    rules.add("-A " + chain + " -j DROP");
    return on(place, "-S")
        .map(printed ->
            printed
                .lines()
                .filter(line -> line.startsWith("-A ") && line.contains(chain))
                .toList()
                .equals(rules));
  }

  /** Takes all of them away. Only where the bridge is gone: what was held back would go through. */
  public Future<Void> remove() {
    return Future.join(PLACES.stream().map(this::remove).toList()).mapEmpty();
  }

  /** What is not there need not be removed. */
  private Future<Void> remove(Place place) {
    return on(place, "-S", chain)
        .compose(there ->
            drop(place, "-D", place.from(), "-i", bridge, "-j", chain)
                .compose(out -> drop(place, "-F", chain))
                .compose(out -> drop(place, "-X", chain)))
        .otherwiseEmpty();
  }

  private Future<Void> drop(Place place, String... what) {
    return on(place, what).otherwise("").mapEmpty();
  }

  private Future<String> on(Place place, String... what) {
    List<String> command =
        new ArrayList<>(List.of(place.program(), "-w", LOCK_SECONDS, "-t", place.table()));
    command.addAll(List.of(what));
    return run("", command.toArray(String[]::new));
  }

  /** Runs a command; gives what it printed, fails with that if it failed. */
  private Future<String> run(String input, String... command) {
    return vertx
        .executeBlocking(() -> start(input, command), false)
        .compose(process ->
            Future.fromCompletionStage(process.onExit(), vertx.getOrCreateContext())
                .timeout(COMMAND_SECONDS, TimeUnit.SECONDS)
                .onFailure(late -> process.destroyForcibly())
                .map(exited -> outputOf(exited, command[0])));
  }

  private static Process start(String input, String... command) throws IOException {
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    try (OutputStream stdin = process.getOutputStream()) {
      stdin.write(input.getBytes(StandardCharsets.UTF_8));
    }
    return process;
  }

  private static String outputOf(Process exited, String program) {
    try {
      // It has ended: all it printed is here already.
      String printed = new String(exited.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      if (exited.exitValue() != 0) {
        throw new IllegalStateException(program + " failed: " + printed.strip());
      }
      return printed;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
