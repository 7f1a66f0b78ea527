package dev.gatehouse.gate;

import dev.gatehouse.action.EventKind;
import dev.gatehouse.audit.AuditEvent;
import dev.gatehouse.audit.AuditQuery;
import dev.gatehouse.audit.AuditReader;
import dev.gatehouse.sandbox.Claim;
import dev.gatehouse.sandbox.Ending;
import dev.gatehouse.sandbox.PastSandboxes;
import io.vertx.core.Future;
import io.vertx.core.json.JsonObject;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The ends of sandboxes as the audit log has them: those that ended before the server was started,
 * too. May be used from any event loop.
 */
public final class RecordedEnds implements PastSandboxes {
  /** As long as every sandbox's id; no other is looked for. */
  private static final int ID_CHARS = 36;

  private final AuditReader log;

  public RecordedEnds(AuditReader log) {
    this.log = log;
  }

  @Override
  public Future<Optional<Ended>> find(String id, Claim claim) {
    if (id.length() != ID_CHARS) {
      return Future.succeededFuture(Optional.empty());
    }
    return last(EventKind.SANDBOX_DESTROYED, id, claim.tenant(), null, claim.session())
        .compose(end -> {
          if (end.isEmpty() || claim.actor() == null) {
            return Future.succeededFuture(end);
          }
          // Who ended it need not be whose it was.
          return last(EventKind.SANDBOX_CREATED, id, claim.tenant(), claim.actor(), claim.session())
              .map(own -> own.isPresent() ? end : Optional.<AuditEvent>empty());
        })
        .map(end -> end.flatMap(RecordedEnds::read));
  }

  private Future<Optional<AuditEvent>> last(
      EventKind kind, String id, String tenant, @Nullable String actor, @Nullable String session) {
    Map<String, String> equal = new HashMap<>(Map.of("kind", kind.word(), "sandbox", id));
    if (actor != null) {
      equal.put("actor", actor);
    }
    if (session != null) {
      equal.put("session", session);
    }
    return log.page(new AuditQuery(tenant, equal, Map.of(), null, null, null, null, false, null, 1))
        .map(page -> page.events().stream().findFirst().map(stored -> stored.event()));
  }

  private static Optional<Ended> read(AuditEvent end) {
    String word = String.valueOf(end.status());
    String text = new JsonObject(String.valueOf(end.detail())).getString("reason", word);
    return Ending.named(word).map(ending -> new Ended(ending, text));
  }
}
