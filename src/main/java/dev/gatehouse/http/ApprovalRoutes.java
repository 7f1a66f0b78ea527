package dev.gatehouse.http;

import dev.gatehouse.action.Actor;
import dev.gatehouse.action.Role;
import dev.gatehouse.approval.Approval;
import dev.gatehouse.approval.Approvals;
import io.vertx.core.Future;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import java.util.Optional;

/** {@code GET /v1/approvals/{id}}: how a question stands. */
final class ApprovalRoutes {
  private final Approvals approvals;

  ApprovalRoutes(Approvals approvals) {
    this.approvals = approvals;
  }

  void addTo(Router router) {
    router.get("/v1/approvals/:id").handler(context -> Answer.with(context, () -> find(context)));
  }

  private Future<Answer.Reply> find(RoutingContext context) {
    Actor actor =
        Authentication.require(context, Role.AGENT, Role.APPROVER, Role.OPERATOR, Role.AUDITOR);
    String id = context.pathParam("id");
    Future<Optional<Approval>> approval =
        Fields.isName(id)
            ? approvals.find(actor.tenant(), id)
            : Future.succeededFuture(Optional.empty());
    return Answer.ok(
        approval.map(found ->
            found
                .filter(known -> maySee(actor, known))
                .orElseThrow(
                    () -> ApiException.of(404, "approval.not-found", "there is no such approval"))),
        Replies::approval);
  }

  private static boolean maySee(Actor actor, Approval approval) {
    return actor.role() != Role.AGENT || actor.name().equals(approval.actor());
  }
}
