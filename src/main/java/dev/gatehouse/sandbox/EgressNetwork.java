package dev.gatehouse.sandbox;

import dev.gatehouse.config.SandboxSettings;
import dev.gatehouse.sandbox.egress.Egress;
import dev.gatehouse.sandbox.egress.Firewall;
import dev.gatehouse.sandbox.egress.Traffic;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The network that sandboxes with network are put on: a Docker bridge that leads to our proxy and
 * nowhere else. It is made when the first sandbox wants it, and nobody is put on it before two
 * sandboxes have tried in vain to get past the proxy. Confined to the sandbox loop.
 */
final class EgressNetwork {
  private static final Logger LOGGER = LoggerFactory.getLogger(EgressNetwork.class);

  /** So long after a failure nobody tries again: each try starts two sandboxes. */
  private static final long RETRY_NANOS = TimeUnit.SECONDS.toNanos(5);

  /** Where the proxy listens. */
  record Way(String gateway, int port) {}

  private final Vertx vertx;
  private final DockerVerticle docker;
  private final SandboxSettings limits;
  private final Egress egress;
  private final String runtime;
  private final String name;
  private final Firewall firewall;
  private @Nullable Future<Way> way;

  /** What the rules let through since they were last made; null before that. */
  private @Nullable Way letThrough;

  /** The last look at the rules; they are not made anew before it is over. */
  private Future<Void> look = Future.succeededFuture();

  private long failedNanos = System.nanoTime() - RETRY_NANOS;

  /**
   * @param sealedRuntime the runtime of sandboxes without network
   * @param node names this server
   */
  EgressNetwork(
      Vertx vertx,
      DockerVerticle docker,
      SandboxSettings limits,
      Egress egress,
      String sealedRuntime,
      String node) {
    this.vertx = vertx;
    this.docker = docker;
    this.limits = limits;
    this.egress = egress;
    this.runtime = Isolation.egressRuntime(sealedRuntime);
    String tag = tagOf(node);
    this.name = "gh-" + tag;
    this.firewall = new Firewall(vertx, name, "GATEHOUSE-" + tag);
  }

  /** Short, because an interface's name has 15 characters at most. */
  private static String tagOf(String node) {
    try {
      byte[] digest =
          MessageDigest.getInstance("SHA-256").digest(node.getBytes(StandardCharsets.UTF_8));
      return HexFormat.of().formatHex(digest, 0, 4);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java has SHA-256", e);
    }
  }

  /** What all sandboxes did with their network since the start. */
  Traffic traffic() {
    return egress.traffic();
  }

  /** What a sandbox with network is made from, where one without is made from that. */
  Blueprint blueprint(Blueprint sealed) {
    return new Blueprint(sealed.profile(), runtime, sealed.imageId());
  }

  Egress proxy() {
    return egress;
  }

  /**
   * Where to put a sandbox with network, once that network is known to be closed.
   *
   * @param secret what the sandbox says to the proxy
   * @param start starts a sandbox, for the proof
   * @return fails as NETWORK with what is in the way, as EXHAUSTED where the proof finds no room
   */
  Future<Site> site(String secret, Function<Site, Future<LiveSandbox>> start) {
    if (!limits.egress().enabled()) {
      return failed("sandbox.egress.enabled is false");
    }
    return proven(start).map(found -> site(found, secret));
  }

  private Site site(Way found, String secret) {
    String url =
        "http://" + Egress.USER + ":" + secret + "@" + found.gateway() + ":" + found.port();
    List<String> environment =
        Stream.of("HTTP_PROXY=" + url, "HTTPS_PROXY=" + url, "NO_PROXY=localhost,127.0.0.1,::1")
            .flatMap(variable -> Stream.of(variable, lowerCaseName(variable)))
            .toList();
    return new Site(name, environment);
  }

  private static String lowerCaseName(String variable) {
    int equals = variable.indexOf('=');
    return variable.substring(0, equals).toLowerCase(Locale.ROOT) + variable.substring(equals);
  }

  private Future<Way> proven(Function<Site, Future<LiveSandbox>> start) {
    Future<Way> known = way;
    if (known == null) {
      return prove(start);
    }
    return known
        .compose(found ->
            docker
                .hasNetwork(name)
                .compose(there -> there ? stands(found) : Future.succeededFuture(false)))
        .compose(stands -> {
          if (stands) {
            return known;
          }
          if (known.equals(way)) {
            LOGGER.warn("the sandboxes' network or its rules were changed: they are made anew");
            return prove(start);
          }
          return way == null ? failed("the network is being made anew") : way;
        });
  }

  private Future<Way> prove(Function<Site, Future<LiveSandbox>> start) {
    if (System.nanoTime() - failedNanos < RETRY_NANOS) {
      return failed("a moment ago it could not be made");
    }
    Way before = letThrough;
    letThrough = null;
    Future<Way> proof =
        look.transform(looked -> docker.machine())
            .compose(machine ->
                machine.runtimes().contains(runtime)
                    ? firewall.close()
                    : failed(
                        "the engine has no runtime "
                            + runtime
                            + ": docker/register-runtimes adds it"))
            .compose(closed -> docker.network(name))
            .compose(gateway ->
                egress
                    .listen(gateway)
                    .compose(
                        port -> firewall.open(gateway, port).map(opened -> new Way(gateway, port)))
                    .onSuccess(opened -> letThrough = opened))
            .compose(found -> {
              Site site = site(found, "none");
              return new EgressProof(vertx, docker, () -> start.apply(site), site, found)
                  .run()
                  .map(found);
            })
            .recover(failure ->
                isLackOfRoom(failure)
                    ? Future.failedFuture(failure)
                    : failed("sandboxes can have no network: " + failure.getMessage()));
    way = proof;
    proof.onFailure(failure -> {
      way = null;
      if (!isLackOfRoom(failure)) {
        failedNanos = System.nanoTime();
      }
      if (letThrough == null) {
        // Those that are on the network are still watched over.
        letThrough = before;
      }
      LOGGER.warn("{}", failure.getMessage());
    });
    return proof;
  }

  private static boolean isLackOfRoom(Throwable failure) {
    return failure instanceof SandboxException why && why.kind() == SandboxException.Kind.EXHAUSTED;
  }

  /**
   * Looks whether the rules still stand, and puts them back where somebody took them away: until
   * then what is on the network reaches the host. Fails if they cannot be put back.
   */
  Future<Void> watch() {
    Way opened = letThrough;
    if (opened == null || !look.isComplete()) {
      return Future.succeededFuture();
    }
    look = stands(opened).compose(stands -> stands ? Future.succeededFuture() : putBack(opened));
    return look;
  }

  private Future<Boolean> stands(Way opened) {
    return firewall.stands(opened.gateway(), opened.port()).otherwise(false);
  }

  private Future<Void> putBack(Way opened) {
    LOGGER.warn("the rules of the sandboxes' network were changed: they are put back");
    return firewall
        .open(opened.gateway(), opened.port())
        .compose(made -> stands(opened))
        .compose(stands ->
            stands ? Future.succeededFuture() : failed("the rules do not stay where they are put"));
  }

  /** Removes what is left on the engine and in the host's rules, of this run or an earlier one. */
  Future<Void> remove() {
    letThrough = null;
    // The rules are made first: there may be some without a network.
    return docker
        .hasNetwork(name)
        .compose(there -> there ? docker.removeNetwork(name) : Future.succeededFuture())
        .compose(removed -> firewall.remove());
  }

  Future<Void> close() {
    return egress.close().eventually(this::remove);
  }

  private static <T> Future<T> failed(String message) {
    return Future.failedFuture(new SandboxException(SandboxException.Kind.NETWORK, message));
  }
}
