package dev.gatehouse.gate;

import dev.gatehouse.action.Actor;
import dev.gatehouse.action.EventKind;
import dev.gatehouse.action.Outcome;
import dev.gatehouse.audit.AuditEvent;
import dev.gatehouse.audit.AuditLog;
import dev.gatehouse.config.Configuration;
import dev.gatehouse.latency.Standing;
import dev.gatehouse.sandbox.Ending;
import dev.gatehouse.sandbox.Isolation;
import dev.gatehouse.sandbox.SandboxInfo;
import dev.gatehouse.sandbox.egress.Access;
import io.vertx.core.Future;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.time.Clock;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Records what happens without anybody asking. May be used from any event loop. */
public final class Lifecycle {
  private static final Logger LOGGER = LoggerFactory.getLogger(Lifecycle.class);

  private final AuditLog audit;
  private final String node;

  public Lifecycle(AuditLog audit, String node) {
    this.audit = audit;
    this.node = node;
  }

  /**
   * A sandbox ended. The end of a one-shot sandbox is part of its execution's own story, and who
   * deletes one has recorded that.
   */
  public void sandboxEnded(SandboxInfo sandbox, Ending ending, String text) {
    if (ending == Ending.DONE || ending == Ending.DELETED) {
      return;
    }
    record(destroyed(sandbox, ending, text));
  }

  static AuditEvent destroyed(SandboxInfo sandbox, Ending ending, String text) {
    return new AuditEvent(
        Instant.now(),
        EventKind.SANDBOX_DESTROYED,
        sandbox.id(),
        null,
        sandbox.owner().tenant(),
        sandbox.owner().session(),
        sandbox.owner().actor(),
        null,
        null,
        null,
        null,
        null,
        null,
        sandbox.id(),
        null,
        ending.word(),
        new JsonObject().put("reason", text).encode());
  }

  /**
   * A sandbox tried to reach another machine, or what it had open there ended. What may go is
   * committed before the first byte goes.
   */
  public Future<Void> networkAccessed(SandboxInfo sandbox, Access access) {
    boolean closed = access.step() == Access.Step.CLOSED;
    JsonObject detail =
        new JsonObject()
            .put("method", access.method())
            .put("target", access.target())
            .put("address", access.address());
    if (closed) {
      detail.put("bytesUp", access.bytesUp()).put("bytesDown", access.bytesDown());
    }
    if (access.times() > 1) {
      detail.put("times", access.times());
    }
    AuditEvent event =
        new AuditEvent(
            Instant.now(),
            closed ? EventKind.NETWORK_CLOSED : EventKind.NETWORK_ACCESSED,
            access.attempt(),
            null,
            sandbox.owner().tenant(),
            sandbox.owner().session(),
            sandbox.owner().actor(),
            null,
            null,
            null,
            access.step() == Access.Step.REFUSED ? Outcome.DENY.name() : Outcome.ALLOW.name(),
            access.entry(),
            null,
            sandbox.id(),
            access.duration().toNanos(),
            access.status(),
            detail.encode());
    return closed ? audit.after(List.of(event)) : audit.before(List.of(event));
  }

  /** Records the start and the settings in effect, in one commit. */
  public Future<Void> serverStarted(
      Isolation isolation, String policy, Configuration configuration) {
    JsonObject settings = EffectiveSettings.of(configuration);
    return audit.before(
        List.of(
            server(
                EventKind.CONFIGURATION,
                policy,
                new JsonObject()
                    // Of the whole, so that a change of what is not shown can be told too.
                    .put("hmac", audit.redactor().fingerprint(configuration.toString()))
                    .put("settings", settings)),
            server(
                EventKind.SERVER_STARTED,
                policy,
                new JsonObject()
                    .put("runtime", isolation.runtime())
                    .put("gvisor", isolation.gvisor()))));
  }

  /**
   * Another policy is active.
   *
   * @param by who changed it: an operator's name, or {@code files}
   */
  Future<Void> policyChanged(String before, String after, String by) {
    return audit.after(
        List.of(
            server(
                EventKind.POLICY_CHANGED,
                after,
                new JsonObject().put("before", before).put("by", by))));
  }

  /** A promise about what steps cost is broken. */
  public void objectiveBreached(Standing standing) {
    record(
        server(
            EventKind.ALERT,
            "slo:" + standing.name(),
            null,
            new JsonObject()
                .put("of", standing.of())
                .put("window", standing.window())
                .put("unit", standing.unit())
                .put("target", standing.target())
                .put("current", standing.current())
                .put("count", standing.count())));
  }

  /**
   * Keys are valid that were not, or the other way round. Of the keys themselves it tells nothing.
   */
  Future<Void> keysChanged(List<Keys.Changed> changes) {
    return audit.after(changes.stream().map(Lifecycle::keyChanged).toList());
  }

  private static AuditEvent keyChanged(Keys.Changed changed) {
    Actor actor = changed.key().actor();
    return AuditEvent.ofKey(
        Instant.now(),
        EventKind.KEY_CHANGED,
        actor,
        changed.change().name().toLowerCase(Locale.ROOT),
        new JsonObject()
            .put("holder", actor.holder())
            .put("groups", new JsonArray(actor.groups().stream().sorted().toList())));
  }

  /** The listener uses another certificate from now on. */
  public Future<Void> certificateTaken(JsonObject certificate) {
    return certificate("taken", new JsonObject().put("certificate", certificate));
  }

  /** What stands in place of the listener's certificate cannot be used, and the old one stays. */
  public Future<Void> certificateRefused(String why) {
    return certificate("refused", new JsonObject().put("reason", why));
  }

  private Future<Void> certificate(String change, JsonObject detail) {
    return audit.after(List.of(server(EventKind.CONFIGURATION, null, detail.put("tls", change))));
  }

  public Future<Void> serverStopped() {
    return audit.after(List.of(server(EventKind.SERVER_STOPPED, null, new JsonObject())));
  }

  /** What records the use of keys; the caller flushes it now and then. */
  public KeyUse keyUse() {
    return new KeyUse(node, Clock.systemUTC(), this::record);
  }

  /** What records who asks for too much; the caller flushes it now and then. */
  public AllowanceUse allowanceUse() {
    return new AllowanceUse(Clock.systemUTC(), this::record);
  }

  private AuditEvent server(EventKind kind, @Nullable String policy, JsonObject detail) {
    return server(kind, null, policy, detail);
  }

  private AuditEvent server(
      EventKind kind, @Nullable String rule, @Nullable String policy, JsonObject detail) {
    return AuditEvent.ofServer(Instant.now(), kind, node, rule, policy, detail);
  }

  private void record(AuditEvent event) {
    audit
        .after(List.of(event))
        .onFailure(late -> LOGGER.warn("an event waits for its commit: {}", late.getMessage()));
  }
}
