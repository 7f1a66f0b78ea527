package dev.gatehouse.gate;

import dev.gatehouse.action.Actor;
import dev.gatehouse.action.EventKind;
import dev.gatehouse.action.Role;
import dev.gatehouse.audit.AuditEvent;
import dev.gatehouse.audit.AuditLog;
import dev.gatehouse.sandbox.Claim;
import dev.gatehouse.sandbox.Ending;
import dev.gatehouse.sandbox.SandboxInfo;
import dev.gatehouse.sandbox.SandboxQuery;
import dev.gatehouse.sandbox.Sandboxes;
import io.vertx.core.Future;
import io.vertx.core.json.JsonObject;
import java.time.Instant;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The lives of sandboxes that agents hold, after their creation. Every change is recorded before it
 * is answered, and before it takes effect unless it ends the sandbox: an end is never put off.
 *
 * <p>May be used from any event loop; futures complete on the caller's.
 */
public final class HeldSandboxes {
  private static final String FAILED = "failed";

  private final Sandboxes sandboxes;
  private final AuditLog audit;

  public HeldSandboxes(Parts parts) {
    this.sandboxes = parts.sandboxes();
    this.audit = parts.audit();
  }

  /** Operators reach every sandbox of their tenant, everybody else his own. */
  public static Claim claimOf(Actor actor, @Nullable String session) {
    return new Claim(actor.tenant(), actor.role() == Role.OPERATOR ? null : actor.name(), session);
  }

  public Future<SandboxInfo> find(Actor actor, String id, @Nullable String session) {
    return sandboxes.find(id, claimOf(actor, session));
  }

  public Future<SandboxQuery.Page> list(SandboxQuery query) {
    return sandboxes.list(query);
  }

  /** Its time to live begins anew, with another length. */
  public Future<SandboxInfo> renew(
      Actor actor, String id, @Nullable String session, long ttlSeconds) {
    return change(
        actor,
        id,
        session,
        EventKind.SANDBOX_RENEWED,
        new JsonObject().put("ttlSeconds", ttlSeconds),
        claim -> sandboxes.renew(id, claim, ttlSeconds));
  }

  /** Takes the processor from it; it keeps its memory, and its time to live goes on. */
  public Future<SandboxInfo> pause(Actor actor, String id, @Nullable String session) {
    return change(
        actor,
        id,
        session,
        EventKind.SANDBOX_PAUSED,
        new JsonObject(),
        claim -> sandboxes.pause(id, claim));
  }

  public Future<SandboxInfo> resume(Actor actor, String id, @Nullable String session) {
    return change(
        actor,
        id,
        session,
        EventKind.SANDBOX_RESUMED,
        new JsonObject(),
        claim -> sandboxes.resume(id, claim));
  }

  public Future<SandboxInfo> delete(Actor actor, String id, @Nullable String session) {
    return sandboxes
        .delete(id, claimOf(actor, session), Ending.DELETED)
        .compose(sandbox ->
            audit
                .after(
                    List.of(
                        event(
                            actor,
                            sandbox,
                            EventKind.SANDBOX_DESTROYED,
                            Ending.DELETED.word(),
                            new JsonObject())))
                .map(sandbox));
  }

  private Future<SandboxInfo> change(
      Actor actor,
      String id,
      @Nullable String session,
      EventKind kind,
      JsonObject detail,
      Function<Claim, Future<SandboxInfo>> change) {
    Claim claim = claimOf(actor, session);
    return sandboxes
        .find(id, claim)
        .compose(sandbox ->
            audit
                .before(List.of(event(actor, sandbox, kind, null, detail)))
                .compose(committed ->
                    change.apply(claim).recover(failure -> tell(actor, sandbox, kind, failure))));
  }

  /** The log has a change that did not take place: it is told so. */
  private Future<SandboxInfo> tell(
      Actor actor, SandboxInfo sandbox, EventKind kind, Throwable failure) {
    JsonObject detail = new JsonObject().put("reason", String.valueOf(failure.getMessage()));
    return audit
        .after(List.of(event(actor, sandbox, kind, FAILED, detail)))
        .transform(recorded -> Future.failedFuture(failure));
  }

  private static AuditEvent event(
      Actor actor,
      SandboxInfo sandbox,
      EventKind kind,
      @Nullable String status,
      JsonObject detail) {
    return new AuditEvent(
        Instant.now(),
        kind,
        sandbox.id(),
        null,
        sandbox.owner().tenant(),
        sandbox.owner().session(),
        actor.name(),
        actor.role().word(),
        null,
        null,
        null,
        null,
        null,
        sandbox.id(),
        null,
        status,
        detail.encode());
  }
}
