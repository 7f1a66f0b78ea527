package dev.gatehouse.sandbox;

import dev.gatehouse.sandbox.SandboxQuery.Page;
import dev.gatehouse.sandbox.SandboxQuery.Place;
import dev.gatehouse.sandbox.egress.AllowList;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The sandboxes in somebody's hands, and what is known of those that were. Confined to the loop.
 */
final class Leases {
  private final Vertx vertx;
  private final DockerVerticle docker;
  private final Map<String, Lease> leases = new HashMap<>();
  private final Tombstones tombstones = new Tombstones();

  Leases(Vertx vertx, DockerVerticle docker) {
    this.vertx = vertx;
    this.docker = docker;
  }

  int size() {
    return leases.size();
  }

  /** Puts a sandbox into its owner's hands. */
  SandboxInfo register(LiveSandbox sandbox, SandboxOrder order, boolean warm) {
    Lease lease = new Lease(vertx, sandbox, order, warm);
    leases.put(sandbox.id, lease);
    return lease.info();
  }

  /** Whether the sandbox is or was in somebody's hands until {@link #end}. */
  boolean has(LiveSandbox sandbox) {
    return leases.containsKey(sandbox.id);
  }

  /** Whether it is in somebody's hands and has network. */
  boolean hasNetwork(LiveSandbox sandbox) {
    Lease lease = leases.get(sandbox.id);
    return lease != null && lease.hasNetwork();
  }

  Future<SandboxInfo> find(String id, Claim claim) {
    return claimed(id, claim).map(Lease::info);
  }

  /** Whether it gave a sign of life when it was handed out. */
  Future<Boolean> lives(String id) {
    Lease lease = leases.get(id);
    return lease == null ? Future.succeededFuture(false) : lease.sandbox().lives();
  }

  /** The sandbox, if that language may be run in it now. */
  Future<SandboxInfo> runnable(String id, Claim claim, Language language) {
    return claimed(id, claim)
        .compose(lease ->
            lease.profile().languages().contains(language.word())
                ? lease.use(() -> Future.succeededFuture(lease.info()))
                : Future.failedFuture(
                    new SandboxException(
                        SandboxException.Kind.LANGUAGE,
                        "sandboxes of profile "
                            + lease.profile().name()
                            + " run "
                            + lease.profile().languages())));
  }

  Page list(SandboxQuery query) {
    List<SandboxInfo> found =
        leases.values().stream()
            .filter(lease -> lease.sandbox().alive())
            .map(Lease::info)
            .filter(query::matches)
            .sorted(Comparator.comparing(Place::of))
            .limit(query.limit() + 1L)
            .toList();
    if (found.size() <= query.limit()) {
      return new Page(found, null);
    }
    List<SandboxInfo> page = found.subList(0, query.limit());
    return new Page(page, Place.of(page.getLast()));
  }

  /** Does something in a sandbox; fails as PAUSED where that cannot be. */
  <T> Future<T> use(String id, Claim claim, Function<LiveSandbox, Future<T>> work) {
    return claimed(id, claim).compose(lease -> lease.use(() -> work.apply(lease.sandbox())));
  }

  Future<SandboxInfo> renew(String id, Claim claim, long ttlSeconds) {
    return claimed(id, claim)
        .map(lease -> {
          lease.renew(ttlSeconds);
          return lease.info();
        });
  }

  /** Notes where a sandbox may go; who calls tells the proxy. */
  Future<SandboxInfo> changeNetwork(String id, Claim claim, AllowList allow) {
    return claimed(id, claim)
        .map(lease -> {
          lease.changeNetwork(allow);
          return lease.info();
        });
  }

  Future<SandboxInfo> pause(String id, Claim claim) {
    return claimed(id, claim)
        .compose(lease ->
            lease.change(
                SandboxInfo.State.PAUSED, () -> docker.pause(lease.sandbox().container())));
  }

  Future<SandboxInfo> resume(String id, Claim claim) {
    return claimed(id, claim)
        .compose(lease ->
            lease.change(
                SandboxInfo.State.RUNNING, () -> docker.resume(lease.sandbox().container())));
  }

  Future<SandboxInfo> delete(String id, Claim claim, Ending ending) {
    return claimed(id, claim)
        .map(lease -> {
          SandboxInfo info = lease.info();
          lease.sandbox().end(ending.word());
          return info;
        });
  }

  private Future<Lease> claimed(String id, Claim claim) {
    Lease lease = leases.get(id);
    if (lease == null || !claim.matches(lease.owner())) {
      return Future.failedFuture(tombstones.why(id, claim));
    }
    return lease.sandbox().alive()
        ? Future.succeededFuture(lease)
        : Future.failedFuture(
            new SandboxException(SandboxException.Kind.ENDED, "the sandbox is ending"));
  }

  /** Takes a sandbox that ended out of its owner's hands; null if it was in nobody's. */
  @Nullable Lease end(LiveSandbox sandbox, Ending ending, String text) {
    Lease lease = leases.remove(sandbox.id);
    if (lease != null) {
      lease.stopClocks();
      tombstones.put(sandbox.id, lease.owner(), ending, text);
    }
    return lease;
  }

  /** Ends those that have network. */
  void endNetworked(String reason) {
    List.copyOf(leases.values()).stream()
        .filter(Lease::hasNetwork)
        .forEach(lease -> lease.sandbox().end(reason));
  }

  void endAll(Ending ending) {
    List.copyOf(leases.values()).forEach(lease -> lease.sandbox().end(ending.word()));
  }
}
