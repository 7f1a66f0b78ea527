package dev.gatehouse.gate;

import dev.gatehouse.action.Actor;
import dev.gatehouse.action.EventKind;
import dev.gatehouse.approval.Approval;
import dev.gatehouse.approval.ApprovalEvent;
import dev.gatehouse.approval.Approvals;
import dev.gatehouse.approval.Moved;
import dev.gatehouse.approval.RefusedException;
import dev.gatehouse.approval.Said;
import dev.gatehouse.approval.TermsJson;
import dev.gatehouse.audit.AuditEvent;
import dev.gatehouse.audit.AuditLog;
import dev.gatehouse.audit.AuditQuery;
import io.vertx.core.Future;
import io.vertx.core.json.JsonObject;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The moves of questions as the audit log tells them. A move and its event are committed together,
 * the audit log has it a moment later; where a server dies in between, another one finds the event
 * and records it then.
 */
public final class ApprovalRecord implements Approvals.Listener {
  private static final String EVENT = "event";
  private static final String APPROVER = "approver";

  private final AuditLog audit;

  public ApprovalRecord(AuditLog audit) {
    this.audit = audit;
  }

  @Override
  public Future<Void> lapsed(Moved moved) {
    return audit.after(List.of(of(moved)));
  }

  @Override
  public Future<Void> unrecorded(Moved moved) {
    AuditEvent event = of(moved);
    AuditQuery sameKind =
        new AuditQuery(
            event.tenant(),
            Map.of("kind", event.kind().word()),
            Map.of(),
            event.action(),
            null,
            null,
            null,
            true,
            null,
            AuditQuery.MAX_LIMIT);
    return audit
        .reader()
        .page(sameKind)
        .compose(known ->
            known.events().stream()
                    .map(stored -> new JsonObject(stored.event().detail()))
                    .anyMatch(detail -> isOf(moved.event(), detail))
                ? Future.succeededFuture()
                : audit.after(List.of(event)));
  }

  private static boolean isOf(ApprovalEvent event, JsonObject detail) {
    return Long.valueOf(event.sequence()).equals(detail.getLong(EVENT));
  }

  /** A move as an event of the action that was asked about. */
  static AuditEvent of(Moved moved) {
    Approval approval = moved.approval();
    ApprovalEvent event = moved.event();
    JsonObject detail =
        new JsonObject(event.detail())
            .put("approval", approval.id())
            .put("digest", approval.digest())
            .put(EVENT, event.sequence());
    EventKind kind = kind(event.kind());
    if (kind == EventKind.APPROVAL_REQUESTED) {
      detail
          .put("terms", TermsJson.of(approval.terms()))
          .put("expiresAt", approval.expiresAt().toString());
    }
    return new AuditEvent(
        event.at(),
        kind,
        approval.action(),
        null,
        approval.tenant(),
        approval.session(),
        event.by() == null ? approval.actor() : event.by(),
        role(kind, event),
        approval.tool(),
        approval.risk().name(),
        null,
        null,
        approval.policy(),
        null,
        Duration.between(approval.createdAt(), event.at()).toNanos(),
        event.state().word(),
        detail.encode());
  }

  /** An answer that was not taken. */
  static AuditEvent refused(Approval question, Actor by, Said said, RefusedException why) {
    return new AuditEvent(
        Instant.now(),
        EventKind.APPROVAL_REFUSED,
        question.action(),
        null,
        question.tenant(),
        question.session(),
        by.holder(),
        by.role().word(),
        question.tool(),
        question.risk().name(),
        null,
        null,
        question.policy(),
        null,
        null,
        why.why().word(),
        new JsonObject()
            .put("approval", question.id())
            .put("digest", question.digest())
            .put("decision", said.approves() ? "approve" : "deny")
            .put("why", why.getMessage())
            .put("reason", said.reason())
            .put("key", by.name())
            .put("channel", said.from().channel())
            .put("address", said.from().address())
            .encode());
  }

  private static EventKind kind(String word) {
    return switch (word) {
      case "requested" -> EventKind.APPROVAL_REQUESTED;
      case "claimed" -> EventKind.APPROVAL_CLAIMED;
      case "previewed" -> EventKind.APPROVAL_PREVIEWED;
      case "decided" -> EventKind.APPROVAL_DECIDED;
      case "escalated" -> EventKind.APPROVAL_ESCALATED;
      case "reminded" -> EventKind.APPROVAL_REMINDED;
      case "expired" -> EventKind.APPROVAL_EXPIRED;
      case "cancelled" -> EventKind.APPROVAL_CANCELLED;
      case "consumed" -> EventKind.APPROVAL_CONSUMED;
      default -> throw new IllegalArgumentException("no approval event is called " + word);
    };
  }

  private static @Nullable String role(EventKind kind, ApprovalEvent event) {
    return switch (kind.word()) {
      case "approval.claimed", "approval.decided" -> APPROVER;
      case "approval.requested", "approval.consumed" -> "agent";
      // A rule, or an approver.
      case "approval.previewed" -> event.by() == null ? null : APPROVER;
      default -> null;
    };
  }
}
