package dev.gatehouse.http;

import dev.gatehouse.action.Actor;
import dev.gatehouse.action.Role;
import dev.gatehouse.gate.Callers;
import dev.gatehouse.gate.Key;
import dev.gatehouse.gate.KeyUse;
import dev.gatehouse.gate.jwt.TokenException;
import io.vertx.core.Future;
import io.vertx.core.Handler;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.ext.web.RoutingContext;
import java.util.Arrays;
import java.util.List;
import java.util.function.Supplier;

/** Who calls: the bearer key or token, before anything else of the request is looked at. */
final class Authentication implements Handler<RoutingContext> {
  private static final String KEY = "key";
  private static final String SCHEME = "Bearer ";
  private static final int RETRY_SECONDS = 1;

  private final Callers callers;
  private final KeyUse keyUse;

  Authentication(Callers callers, KeyUse keyUse) {
    this.callers = callers;
    this.keyUse = keyUse;
  }

  @Override
  public void handle(RoutingContext context) {
    Future<Key> known = of(context.request());
    if (known.isComplete()) {
      known.onComplete(key -> go(context, key), context::fail);
      return;
    }
    // What comes meanwhile is for whoever reads the body: he is there, or has paused it again, when
    // the end of this turn lets it go on.
    context.request().pause();
    known
        .onComplete(checked -> context.request().resume())
        .onComplete(key -> go(context, key), context::fail);
  }

  private static void go(RoutingContext context, Key key) {
    context.put(KEY, key);
    context.next();
  }

  /**
   * The key that a request carries in its header; fails with a 401 if it carries none. Complete at
   * once, but for a token that is seen for the first time.
   */
  Future<Key> of(HttpServerRequest request) {
    List<String> headers = request.headers().getAll(HttpHeaders.AUTHORIZATION);
    if (headers.isEmpty()) {
      return refused(
          "key.missing", "expected the header Authorization: Bearer <key>", () -> caller(request));
    }
    String header = headers.get(0);
    // Of two keys a proxy in front may have looked at the other one.
    if (headers.size() > 1 || !header.regionMatches(true, 0, SCHEME, 0, SCHEME.length())) {
      return refused(
          "key.malformed", "expected one Authorization: Bearer <key>", () -> caller(request));
    }
    return of(header.substring(SCHEME.length()).strip(), () -> caller(request));
  }

  /**
   * The key that was presented; fails with a 401 if it is nobody's.
   *
   * @param caller the address that it came from
   */
  Future<Key> of(String presented, Supplier<String> caller) {
    Key known = callers.known(presented).orElse(null);
    if (known != null) {
      keyUse.used(known.actor());
      return Future.succeededFuture(known);
    }
    if (!callers.mayBeToken(presented)) {
      return refused("key.unknown", "no such key", caller);
    }
    return callers
        .check(presented)
        .onSuccess(key -> keyUse.used(key.actor()))
        .recover(failure ->
            failure instanceof TokenException token
                ? refused(token, caller)
                : Future.failedFuture(failure));
  }

  static String caller(HttpServerRequest request) {
    return String.valueOf(request.remoteAddress().hostAddress());
  }

  private Future<Key> refused(String code, String text, Supplier<String> caller) {
    keyUse.refused(code, caller.get());
    return Future.failedFuture(ApiException.of(401, code, text));
  }

  private Future<Key> refused(TokenException token, Supplier<String> caller) {
    String code = token.why().code();
    String text = String.valueOf(token.getMessage());
    keyUse.refused(code, caller.get());
    return Future.failedFuture(
        token.isTemporary()
            ? ApiException.retryable(503, code, text, RETRY_SECONDS)
            : ApiException.of(401, code, text));
  }

  /** The caller, if the role is one of those; anybody else is refused. */
  static Actor require(RoutingContext context, Role... roles) {
    return require(key(context).actor(), roles);
  }

  /** The key that a request was made with. */
  static Key key(RoutingContext context) {
    return context.get(KEY);
  }

  static Actor require(Actor actor, Role... roles) {
    List<Role> allowed = Arrays.asList(roles);
    if (!allowed.contains(actor.role())) {
      throw ApiException.of(
          403,
          "role.wrong",
          "this needs a key of role "
              + String.join(" or ", allowed.stream().map(Role::word).toList())
              + ", yours is "
              + actor.role().word());
    }
    return actor;
  }
}
