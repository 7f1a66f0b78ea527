package dev.gatehouse.audit;

import dev.gatehouse.action.Actor;
import dev.gatehouse.action.EventKind;
import dev.gatehouse.audit.redact.Redactor;
import io.vertx.core.json.DecodeException;
import io.vertx.core.json.JsonObject;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * One row of the audit log before it has its place in a chain.
 *
 * <p>Every text is made storable on construction: NUL and unpaired surrogates, which PostgreSQL
 * refuses, become U+FFFD, so that no hostile text can stop the log. Names longer than {@value
 * #MAX_NAME_CHARS} characters are cut.
 *
 * @param occurredAt when, to the microsecond
 * @param action id of the action the event belongs to
 * @param parent id of what the action belongs to, e.g. the sandbox's creation
 * @param durationNanos how long it took, in nanoseconds
 * @param status how it ended, e.g. {@code exited}, {@code unknown}
 * @param detail JSON text
 */
public record AuditEvent(
    Instant occurredAt,
    EventKind kind,
    String action,
    @Nullable String parent,
    String tenant,
    @Nullable String session,
    @Nullable String actor,
    @Nullable String role,
    @Nullable String tool,
    @Nullable String risk,
    @Nullable String outcome,
    @Nullable String rule,
    @Nullable String policy,
    @Nullable String sandbox,
    @Nullable Long durationNanos,
    @Nullable String status,
    String detail) {

  static final int MAX_NAME_CHARS = 512;

  public AuditEvent {
    occurredAt = occurredAt.truncatedTo(ChronoUnit.MICROS);
    action = StorableText.of(action, MAX_NAME_CHARS);
    parent = name(parent);
    tenant = StorableText.of(tenant, MAX_NAME_CHARS);
    session = name(session);
    actor = name(actor);
    role = name(role);
    tool = name(tool);
    risk = name(risk);
    outcome = name(outcome);
    rule = name(rule);
    policy = name(policy);
    sandbox = name(sandbox);
    status = name(status);
    detail = StorableText.of(detail, Integer.MAX_VALUE);
  }

  /**
   * Something that concerns the server as a whole.
   *
   * @param about what it is about, e.g. the server's name
   */
  public static AuditEvent ofServer(
      Instant occurredAt,
      EventKind kind,
      String about,
      @Nullable String rule,
      @Nullable String policy,
      JsonObject detail) {
    return new AuditEvent(
        occurredAt,
        kind,
        about,
        null,
        AuditLog.SERVER_TENANT,
        null,
        null,
        null,
        null,
        null,
        null,
        rule,
        policy,
        null,
        null,
        null,
        detail.encode());
  }

  /** Something that concerns a key, and none of its actions. */
  public static AuditEvent ofKey(
      Instant occurredAt, EventKind kind, Actor key, @Nullable String status, JsonObject detail) {
    return new AuditEvent(
        occurredAt,
        kind,
        key.name(),
        null,
        key.tenant(),
        null,
        key.name(),
        key.role().word(),
        null,
        null,
        null,
        null,
        null,
        null,
        null,
        status,
        detail.encode());
  }

  /**
   * The detail; as {@code text} where it is no JSON object, which only somebody who tampered wrote.
   */
  public JsonObject detailJson() {
    try {
      return new JsonObject(detail);
    } catch (DecodeException e) {
      return new JsonObject().put("text", detail);
    }
  }

  private static @Nullable String name(@Nullable String text) {
    return text == null ? null : StorableText.of(text, MAX_NAME_CHARS);
  }

  /** The same without secrets; itself if there are none. */
  AuditEvent redacted(Redactor redactor) {
    String cleanSession = session == null ? null : redactor.text(session);
    String cleanTool = tool == null ? null : redactor.text(tool);
    String cleanDetail = redactor.json(detail);
    if (Objects.equals(cleanSession, session)
        && Objects.equals(cleanTool, tool)
        && cleanDetail.equals(detail)) {
      return this;
    }
    return new AuditEvent(
        occurredAt,
        kind,
        action,
        parent,
        tenant,
        cleanSession,
        actor,
        role,
        cleanTool,
        risk,
        outcome,
        rule,
        policy,
        sandbox,
        durationNanos,
        status,
        cleanDetail);
  }

  /** Roughly how much memory the event takes while it waits, in bytes. */
  int weight() {
    return 512 + 2 * detail.length();
  }
}
