package dev.gatehouse.http;

import dev.gatehouse.action.Actor;
import dev.gatehouse.action.Role;
import dev.gatehouse.gate.Key;
import dev.gatehouse.gate.KeyUse;
import dev.gatehouse.gate.Keys;
import io.vertx.core.Handler;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.ext.web.RoutingContext;
import java.util.Arrays;
import java.util.List;
import java.util.function.Supplier;

/** Who calls: the bearer key, before anything else of the request is looked at. */
final class Authentication implements Handler<RoutingContext> {
  private static final String KEY = "key";
  private static final String SCHEME = "Bearer ";

  private final Keys keys;
  private final KeyUse keyUse;

  Authentication(Keys keys, KeyUse keyUse) {
    this.keys = keys;
    this.keyUse = keyUse;
  }

  @Override
  public void handle(RoutingContext context) {
    try {
      context.put(KEY, of(context.request()));
    } catch (ApiException e) {
      context.fail(e);
      return;
    }
    context.next();
  }

  /** The key that a request carries in its header; a 401 if it carries none. */
  Key of(HttpServerRequest request) {
    List<String> headers = request.headers().getAll(HttpHeaders.AUTHORIZATION);
    if (headers.isEmpty()) {
      throw refused(
          "key.missing", "expected the header Authorization: Bearer <key>", caller(request));
    }
    String header = headers.get(0);
    // Of two keys a proxy in front may have looked at the other one.
    if (headers.size() > 1 || !header.regionMatches(true, 0, SCHEME, 0, SCHEME.length())) {
      throw refused("key.malformed", "expected one Authorization: Bearer <key>", caller(request));
    }
    return of(header.substring(SCHEME.length()).strip(), () -> caller(request));
  }

  /**
   * The key that was presented; a 401 if it is nobody's.
   *
   * @param caller the address that it came from
   */
  Key of(String presented, Supplier<String> caller) {
    Key key =
        keys.authenticate(presented)
            .orElseThrow(() -> refused("key.unknown", "no such key", caller.get()));
    keyUse.used(key.actor());
    return key;
  }

  static String caller(HttpServerRequest request) {
    return String.valueOf(request.remoteAddress().hostAddress());
  }

  private ApiException refused(String code, String text, String caller) {
    keyUse.refused(code, caller);
    return ApiException.of(401, code, text);
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
