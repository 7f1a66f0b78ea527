package dev.gatehouse.sandbox.egress;

import dev.gatehouse.action.Ids;
import dev.gatehouse.config.SandboxSettings;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.VerticleBase;
import io.vertx.core.http.HttpConnection;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.core.json.JsonObject;
import io.vertx.core.net.NetSocket;
import java.net.InetAddress;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The proxy that sandboxes with network speak to. It listens on the address of their bridge, knows
 * each sandbox by the address it comes from and by a credential besides, and hears nobody else.
 *
 * <p>The order of an attempt: credential, rate, target, list, look-up, address, record, connect.
 * All state is confined to the verticle's event loop; {@link Egress} brings callers there.
 */
final class ProxyVerticle extends VerticleBase {
  static final int MAX_HEAD_BYTES = 16_384;
  static final int MAX_LINE_BYTES = 8_192;

  private static final Logger LOGGER = LoggerFactory.getLogger(ProxyVerticle.class);
  private static final long SECOND_MILLIS = 1_000;
  private static final int OWN_ADDRESSES_SECONDS = 5;
  private static final int BACKLOG = 1024;
  private static final int MAX_SHOWN_CHARS = 300;

  private final SandboxSettings.Egress limits;
  private final Traffic traffic = new Traffic();
  private final Ids ids = new Ids();
  private final Map<String, Guest> guestsByAddress = new HashMap<>();
  private final Map<String, String> addressesById = new HashMap<>();
  private final Map<HttpConnection, Caller> callers = new HashMap<>();
  private @Nullable HttpServer server;
  private OwnAddresses own;
  private Names names;
  private Outside outside;
  private long strangers;
  private int seconds;

  @SuppressWarnings("NullAway.Init")
  ProxyVerticle(SandboxSettings.Egress limits) {
    this.limits = limits;
  }

  @Override
  public Future<?> start() {
    own = new OwnAddresses(vertx);
    names = new Names(vertx, limits.resolver(), traffic);
    outside = new Outside(vertx, limits);
    vertx.setPeriodic(SECOND_MILLIS, id -> sweep());
    return own.refresh();
  }

  @Override
  public Future<?> stop() {
    List.copyOf(addressesById.keySet()).forEach(this::dismiss);
    return closeServer().eventually(outside::close).eventually(names::close);
  }

  Traffic traffic() {
    return traffic;
  }

  Context loop() {
    return context;
  }

  /** Listens on the bridge's address, and there alone; gives the port. */
  Future<Integer> listen(String address) {
    return closeServer()
        .compose(closed -> own.refresh())
        .compose(refreshed -> {
          server =
              vertx
                  .createHttpServer(
                      new HttpServerOptions()
                          .setHost(address)
                          .setPort(0)
                          .setAcceptBacklog(BACKLOG)
                          .setMaxHeaderSize(MAX_HEAD_BYTES)
                          .setMaxInitialLineLength(MAX_LINE_BYTES)
                          .setHttp2ClearTextEnabled(false)
                          .setHandle100ContinueAutomatically(false))
                  .connectionHandler(this::greet)
                  .requestHandler(this::handle);
          return server.listen();
        })
        .map(HttpServer::actualPort);
  }

  private Future<Void> closeServer() {
    HttpServer old = server;
    server = null;
    return old == null ? Future.succeededFuture() : old.close();
  }

  /** From now on a sandbox may speak to the proxy. */
  void admit(
      String id,
      String address,
      String secret,
      AllowList allow,
      BooleanSupplier lives,
      Access.Journal journal) {
    guestsByAddress.put(
        address,
        new Guest(id, secret, allow, lives, journal, limits.maxBytes(), limits.attemptsPerSecond()));
    addressesById.put(id, address);
  }

  /** Replaces the sandbox's list; what it has open and may no longer have is closed. */
  void change(String id, AllowList allow) {
    Guest guest = guestsByAddress.get(addressesById.get(id));
    if (guest != null) {
      guest.change(allow);
    }
  }

  /** The sandbox ended: all it has open is closed. */
  void dismiss(String id) {
    String address = addressesById.remove(id);
    Guest guest = address == null ? null : guestsByAddress.remove(address);
    if (guest != null) {
      guest.dismiss();
    }
  }

  private void greet(HttpConnection connection) {
    Guest guest = guestsByAddress.get(connection.remoteAddress().hostAddress());
    if (guest == null) {
      strangers++;
      connection.close();
      return;
    }
    if (guest.callers.size() >= limits.maxConnections()) {
      guest.turnAway();
      connection.close();
      return;
    }
    Caller caller = new Caller(guest, connection);
    guest.callers.add(caller);
    callers.put(connection, caller);
    connection.closeHandler(closed -> {
      callers.remove(connection);
      caller.closed();
    });
  }

  /** A connection that became a tunnel tells its end in another way. */
  private @Nullable Void follow(NetSocket inside, HttpServerRequest request) {
    inside.closeHandler(closed -> {
      Caller caller = callers.remove(request.connection());
      if (caller != null) {
        caller.guest.callers.remove(caller);
      }
    });
    return null;
  }

  private void handle(HttpServerRequest request) {
    Caller caller = callers.get(request.connection());
    if (caller == null) {
      request.connection().close();
      return;
    }
    caller.begins();
    request.pause();
    if (!request.method().equals(HttpMethod.CONNECT)) {
      request.response().endHandler(sent -> caller.ends());
    }
    // Composed, so that an exception too becomes an answer.
    Future.succeededFuture()
        .compose(begun -> attempt(caller, request))
        .onFailure(failure -> answer(request, failure));
  }

  private Future<Void> attempt(Caller caller, HttpServerRequest request) {
    Guest guest = caller.guest;
    String credential = request.getHeader(HttpHeaders.PROXY_AUTHORIZATION);
    if (!guest.mayTry()) {
      throw new RefusedException(
          Refusal.TOO_MANY_ATTEMPTS, "more than " + limits.attemptsPerSecond() + " in a second");
    }
    if (credential == null) {
      // How clients ask what is wanted: no attempt yet.
      throw new RefusedException(Refusal.CREDENTIAL, "the proxy's credential is missing");
    }
    return Future.succeededFuture()
        .map(begun -> {
          if (!guest.hasCredential(credential)) {
            throw new RefusedException(Refusal.CREDENTIAL, "the credential is not this sandbox's");
          }
          return cross(guest, request);
        })
        .recover(failure -> refused(guest, request, failure))
        .compose(crossing -> {
          caller.carries(crossing);
          return go(crossing, request);
        });
  }

  /** The crossing that the request asks for, if the list allows its target. */
  private Crossing cross(Guest guest, HttpServerRequest request) {
    Target target = Requests.target(request);
    if (guest.usedUp()) {
      throw new RefusedException(
          Refusal.TOO_MANY_BYTES, "the sandbox has moved its " + limits.maxBytes() + " bytes");
    }
    AllowEntry entry =
        guest
            .allow()
            .entryFor(target)
            .orElseThrow(() ->
                new RefusedException(
                    Refusal.NOT_ALLOWED, target + " is not in the sandbox's list"));
    return new Crossing(ids.next(), guest, traffic, request.method().name(), target, entry.text());
  }

  /** Records a refusal that came before there was a crossing. */
  private <T> Future<T> refused(Guest guest, HttpServerRequest request, Throwable failure) {
    traffic.refuse();
    Refusal why = failure instanceof RefusedException known ? known.refusal() : Refusal.MALFORMED;
    String uri = request.uri();
    return guest
        .journal
        .record(
            new Access(
                Access.Step.REFUSED,
                ids.next(),
                shortened(request.method().name()),
                shortened(authorityOf(uri)),
                null,
                null,
                why.word(),
                0,
                0,
                Duration.ZERO,
                1))
        .transform(recorded -> Future.failedFuture(failure));
  }

  /** Of a URL only what is before its path: the rest may hold secrets. */
  private static String authorityOf(String uri) {
    int scheme = uri.indexOf("://");
    int start = scheme < 0 ? 0 : scheme + 3;
    int end = start;
    while (end < uri.length() && "/?#".indexOf(uri.charAt(end)) < 0) {
      end++;
    }
    return uri.substring(
        uri.lastIndexOf('@', end) >= start ? uri.lastIndexOf('@', end) + 1 : start, end);
  }

  private static String shortened(String text) {
    return text.substring(0, Math.min(MAX_SHOWN_CHARS, text.length()));
  }

  private Future<Void> go(Crossing crossing, HttpServerRequest request) {
    return find(crossing)
        .compose(found -> crossing.open())
        .compose(recorded -> {
          crossing.check();
          return request.method().equals(HttpMethod.CONNECT)
              ? outside.tunnel(request, crossing).map(inside -> follow(inside, request))
              : outside.forward(request, crossing);
        })
        .recover(failure ->
            crossing
                .fail(
                    failure instanceof RefusedException known
                        ? known.refusal()
                        : Refusal.UNREACHABLE)
                .transform(recorded -> Future.failedFuture(failure)));
  }

  /** Looks the target up, once, and takes the first address that may be gone to. */
  private Future<Void> find(Crossing crossing) {
    Target target = crossing.target();
    InetAddress literal = target.host().address();
    Future<List<InetAddress>> resolved =
        literal == null
            ? names.resolve(target.host().name())
            : Future.succeededFuture(List.of(literal));
    return resolved.map(addresses -> {
      if (addresses.isEmpty()) {
        throw new RefusedException(Refusal.UNKNOWN_NAME, target.host().name() + " is not known");
      }
      Refusal why = Refusal.ADDRESS;
      for (InetAddress address : addresses) {
        crossing.found(address);
        if (own.contains(address)) {
          why = Refusal.OWN_ADDRESS;
        } else if (crossing.isPermitted()) {
          return null;
        }
      }
      throw new RefusedException(why, target + " is at an address that this sandbox may not reach");
    });
  }

  private static void answer(HttpServerRequest request, Throwable failure) {
    HttpServerResponse response = request.response();
    if (response.closed() || response.ended()) {
      return;
    }
    if (response.headWritten()) {
      request.connection().close();
      return;
    }
    Refusal refusal =
        failure instanceof RefusedException known ? known.refusal() : Refusal.UNREACHABLE;
    if (!(failure instanceof RefusedException)) {
      LOGGER.debug("an answer did not come", failure);
    }
    if (refusal == Refusal.CREDENTIAL) {
      response.putHeader(HttpHeaders.PROXY_AUTHENTICATE, "Basic realm=\"gatehouse\"");
    }
    response
        .setStatusCode(refusal.status())
        .putHeader(HttpHeaders.CONTENT_TYPE, "application/problem+json")
        // The body of what was refused is not read to its end.
        .putHeader(HttpHeaders.CONNECTION, HttpHeaders.CLOSE)
        .end(
            new JsonObject()
                .put("status", refusal.status())
                .put("code", "egress." + refusal.word())
                .put(
                    "detail",
                    failure instanceof RefusedException
                        ? failure.getMessage()
                        : "the other side ended the exchange")
                .toBuffer())
        .onComplete(sent -> request.connection().close());
  }

  /** Ends what has taken too long, and tells of what was too much. */
  private void sweep() {
    long now = System.nanoTime();
    long idle = TimeUnit.MILLISECONDS.toNanos(limits.idleTimeoutMillis());
    long longest = TimeUnit.SECONDS.toNanos(limits.maxConnectionSeconds());
    for (Guest guest : List.copyOf(guestsByAddress.values())) {
      for (Crossing crossing : List.copyOf(guest.crossings)) {
        if (crossing.idleNanos(now) > idle) {
          crossing.cut("idle");
        } else if (crossing.ageNanos(now) > longest) {
          crossing.cut("too-long");
        }
      }
      for (Caller caller : List.copyOf(guest.callers)) {
        if (caller.idleNanos(now) > idle) {
          caller.close();
        }
      }
      tellTurnedAway(guest);
    }
    if (++seconds % OWN_ADDRESSES_SECONDS == 0) {
      own.refresh().onFailure(failure -> LOGGER.warn("the interfaces cannot be read", failure));
      if (strangers > 0) {
        LOGGER.warn("connections from no sandbox were closed count={}", strangers);
        strangers = 0;
      }
    }
  }

  private void tellTurnedAway(Guest guest) {
    int count = guest.nextSecond();
    if (count > 0) {
      guest
          .journal
          .record(
              new Access(
                  Access.Step.REFUSED,
                  ids.next(),
                  "",
                  "",
                  null,
                  null,
                  Refusal.TOO_MANY_ATTEMPTS.word(),
                  0,
                  0,
                  Duration.ofSeconds(1),
                  count))
          .onFailure(late -> LOGGER.warn("a refusal waits for its commit: {}", late.getMessage()));
    }
  }
}
