package dev.gatehouse.http;

import dev.gatehouse.action.Actor;
import dev.gatehouse.action.Role;
import dev.gatehouse.gate.KeyUse;
import dev.gatehouse.gate.Keys;
import io.vertx.core.Handler;
import io.vertx.core.http.HttpHeaders;
import io.vertx.ext.web.RoutingContext;
import java.util.Arrays;
import java.util.List;

/** Who calls: the bearer key, before anything else of the request is looked at. */
final class Authentication implements Handler<RoutingContext> {
  private static final String ACTOR = "actor";
  private static final String SCHEME = "Bearer ";

  private final Keys keys;
  private final KeyUse keyUse;

  Authentication(Keys keys, KeyUse keyUse) {
    this.keys = keys;
    this.keyUse = keyUse;
  }

  @Override
  public void handle(RoutingContext context) {
    List<String> headers = context.request().headers().getAll(HttpHeaders.AUTHORIZATION);
    if (headers.isEmpty()) {
      refuse(context, "key.missing", "expected the header Authorization: Bearer <key>");
      return;
    }
    String header = headers.get(0);
    // Of two keys a proxy in front may have looked at the other one.
    if (headers.size() > 1 || !header.regionMatches(true, 0, SCHEME, 0, SCHEME.length())) {
      refuse(context, "key.malformed", "expected one Authorization: Bearer <key>");
      return;
    }
    keys.authenticate(header.substring(SCHEME.length()).strip())
        .ifPresentOrElse(
            actor -> {
              keyUse.used(actor);
              context.put(ACTOR, actor);
              context.next();
            },
            () -> refuse(context, "key.unknown", "no such key"));
  }

  private void refuse(RoutingContext context, String code, String text) {
    keyUse.refused(code, String.valueOf(context.request().remoteAddress().hostAddress()));
    context.fail(ApiException.of(401, code, text));
  }

  /** The caller, if the role is one of those; anybody else is refused. */
  static Actor require(RoutingContext context, Role... roles) {
    Actor actor = context.get(ACTOR);
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
