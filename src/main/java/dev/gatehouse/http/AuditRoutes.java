package dev.gatehouse.http;

import dev.gatehouse.action.Actor;
import dev.gatehouse.action.Role;
import dev.gatehouse.audit.AuditLog;
import dev.gatehouse.audit.StoredEvent;
import io.vertx.core.Future;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import java.util.List;

/** {@code GET /v1/audit}: the story of one action, or of one session. */
final class AuditRoutes {
  private final AuditLog audit;

  AuditRoutes(AuditLog audit) {
    this.audit = audit;
  }

  void addTo(Router router) {
    router.get("/v1/audit").handler(context -> Answer.with(context, () -> find(context)));
  }

  private Future<Answer.Reply> find(RoutingContext context) {
    Actor actor = Authentication.require(context, Role.AUDITOR, Role.OPERATOR);
    String action = context.request().getParam("action");
    String session = context.request().getParam("session");
    String asked = action == null ? session : action;
    if (asked == null || (action != null && session != null) || !Fields.isName(asked)) {
      throw ApiException.of(422, "query.invalid", "expected ?action=<id> or ?session=<name>");
    }
    Future<List<StoredEvent>> events =
        action != null
            ? audit.ofAction(actor.tenant(), asked)
            : audit.ofSession(actor.tenant(), asked);
    return Answer.ok(events, AuditRoutes::page);
  }

  private static JsonObject page(List<StoredEvent> events) {
    JsonArray array = new JsonArray();
    events.forEach(event -> array.add(Replies.event(event)));
    return new JsonObject().put("events", array);
  }
}
