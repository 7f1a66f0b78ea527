package dev.gatehouse.gate;

import dev.gatehouse.action.Action;
import dev.gatehouse.action.Decision;
import dev.gatehouse.action.EventKind;
import dev.gatehouse.action.Obligation;
import dev.gatehouse.action.Reason;
import dev.gatehouse.audit.AuditEvent;
import dev.gatehouse.audit.redact.Redactor;
import dev.gatehouse.sandbox.Display;
import dev.gatehouse.sandbox.ExecutionResult;
import dev.gatehouse.sandbox.SandboxInfo;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * One action as the audit log tells it, event by event.
 *
 * <p>Long texts are recorded by their beginning, length and keyed digest; standard input and output
 * by length and digest alone, and of the environment only the names, because secrets travel there.
 * Where policy wants a full record, texts, input and output are recorded whole, without secrets.
 */
final class Recorded {
  /** Longest argument text that is recorded whole, in characters. */
  static final int MAX_TEXT_CHARS = 8192;

  /**
   * Longest detail of one event, in characters; beyond it the arguments are left to their digest.
   */
  static final int MAX_DETAIL_CHARS = 65_536;

  private static final int MAX_WORD_CHARS = 512;

  /** Longest output text of one event, in characters. */
  private static final int PART_CHARS = 65_536;

  private static final String STDIN = "stdin";
  private static final String ENV = "env";

  private final Action action;
  private final Verdict verdict;
  private final Redactor redactor;
  private final @Nullable String parent;
  private final boolean whole;

  Recorded(Action action, Verdict verdict, Redactor redactor) {
    this(null, action, verdict, redactor);
  }

  private Recorded(@Nullable String parent, Action action, Verdict verdict, Redactor redactor) {
    this.parent = parent;
    this.action = action;
    this.verdict = verdict;
    this.redactor = redactor;
    this.whole = verdict.decision().obligations().contains(Obligation.FULL_AUDIT);
  }

  /** As an action that belongs to another one, whose id is {@code parent}. */
  static Recorded under(String parent, Action action, Verdict verdict, Redactor redactor) {
    return new Recorded(parent, action, verdict, redactor);
  }

  AuditEvent decision() {
    Decision decision = verdict.decision();
    JsonObject detail =
        new JsonObject()
            .put("arguments", arguments())
            .put("score", decision.score())
            .put("tookNanos", verdict.tookNanos());
    JsonArray reasons = new JsonArray();
    for (Reason reason : decision.reasons()) {
      reasons.add(
          new JsonObject()
              .put("rule", reason.rule())
              .put("code", reason.code())
              .put("text", reason.text()));
    }
    JsonArray obligations = new JsonArray();
    decision.obligations().stream().map(Obligation::word).sorted().forEach(obligations::add);
    detail.put("reasons", reasons).put("obligations", obligations);
    return event(EventKind.DECISION, null, verdict.tookNanos(), null, detail);
  }

  /**
   * The intent.
   *
   * @param approval by which it may run; null where policy allows it
   */
  AuditEvent executionStarted(SandboxInfo sandbox, long timeoutMillis, @Nullable String approval) {
    JsonObject detail =
        new JsonObject()
            .put("digest", ActionDigest.of(action, verdict.decision().policy()))
            .put("runtime", sandbox.runtime())
            .put("image", sandbox.image())
            .put("imageId", sandbox.imageId())
            .put("timeoutMillis", timeoutMillis);
    if (approval != null) {
      detail.put("approval", approval);
    }
    return event(EventKind.EXECUTION_STARTED, sandbox.id(), null, null, detail);
  }

  /**
   * The intent to try it in a throw-away sandbox, for the approvers of a question.
   *
   * @param approval the question
   */
  AuditEvent previewStarted(SandboxInfo sandbox, long timeoutMillis, String approval) {
    JsonObject detail =
        new JsonObject()
            .put("digest", ActionDigest.of(action, verdict.decision().policy()))
            .put("runtime", sandbox.runtime())
            .put("image", sandbox.image())
            .put("imageId", sandbox.imageId())
            .put("timeoutMillis", timeoutMillis)
            .put("preview", approval);
    return event(EventKind.EXECUTION_STARTED, sandbox.id(), null, null, detail);
  }

  AuditEvent executionEnded(SandboxInfo sandbox, ExecutionResult result) {
    JsonObject detail =
        new JsonObject()
            .put("exitCode", result.exitCode())
            .put("codeNanos", result.codeNanos())
            .put("stdout", output(result.stdout(), result.stdoutCut()))
            .put("stderr", output(result.stderr(), result.stderrCut()));
    if (!result.displays().isEmpty()) {
      detail.put(
          "displays",
          output(result.displays().toString(), result.displaysCut())
              .put("count", result.displays().size()));
    }
    if (result.sandboxEnd() != null) {
      detail.put("sandboxEnd", result.sandboxEnd());
    }
    return event(
        EventKind.EXECUTION_ENDED, sandbox.id(), result.runNanos(), result.end().word(), detail);
  }

  /** What the code said, in parts without secrets; nothing unless policy wants a full record. */
  List<AuditEvent> executionOutput(SandboxInfo sandbox, ExecutionResult result) {
    List<AuditEvent> parts = new ArrayList<>();
    if (whole) {
      addOutput("stdout", result.stdout(), sandbox, parts);
      addOutput("stderr", result.stderr(), sandbox, parts);
      for (Display display : result.displays()) {
        display.texts().forEach((type, text) -> addOutput(type, text, sandbox, parts));
      }
    }
    return parts;
  }

  private void addOutput(
      String stream, String output, SandboxInfo sandbox, List<AuditEvent> parts) {
    // Before it is cut: a secret must not be cut in two.
    String clean = redactor.text(output);
    int start = 0;
    for (int part = 1; start < clean.length(); part++) {
      int end = Math.min(clean.length(), start + PART_CHARS);
      if (end < clean.length() && Character.isHighSurrogate(clean.charAt(end - 1))) {
        end--;
      }
      parts.add(
          event(
              EventKind.EXECUTION_OUTPUT,
              sandbox.id(),
              null,
              null,
              new JsonObject()
                  .put("stream", stream)
                  .put("part", part)
                  .put("text", clean.substring(start, end))));
      start = end;
    }
  }

  /** The end of an execution whose code never ran. */
  AuditEvent executionNotStarted(@Nullable String sandbox, String why) {
    return event(
        EventKind.EXECUTION_ENDED,
        sandbox,
        null,
        ExecutionResult.End.NOT_STARTED.word(),
        new JsonObject().put("reason", why));
  }

  /**
   * What came of sending something to an execution.
   *
   * @param status {@code sent}, or the reason it was not
   */
  AuditEvent executionSteered(SandboxInfo sandbox, String status) {
    return event(EventKind.EXECUTION_STEERED, sandbox.id(), null, status, new JsonObject());
  }

  AuditEvent sandboxCreated(SandboxInfo sandbox) {
    return event(
        EventKind.SANDBOX_CREATED,
        sandbox.id(),
        null,
        null,
        new JsonObject()
            .put("runtime", sandbox.runtime())
            .put("profile", sandbox.profile())
            .put("image", sandbox.image())
            .put("imageId", sandbox.imageId())
            .put("warm", sandbox.warm())
            .put("expiresAt", sandbox.expiresAt().toString())
            .put("allow", sandbox.allow())
            .put("idleSeconds", sandbox.idleSeconds()));
  }

  /**
   * What a file operation came to.
   *
   * @param status {@code done}, or the reason it was not
   * @param bytes of content that went through
   */
  AuditEvent fileAccessed(SandboxInfo sandbox, String path, String status, long bytes, long nanos) {
    return event(
        EventKind.FILE_ACCESSED,
        sandbox.id(),
        nanos,
        status,
        new JsonObject().put("path", path).put("bytes", bytes));
  }

  AuditEvent networkChanged(
      @Nullable List<String> before, @Nullable List<String> after, SandboxInfo sandbox) {
    return event(
        EventKind.NETWORK_CHANGED,
        sandbox.id(),
        null,
        null,
        new JsonObject().put("before", before).put("after", after));
  }

  private AuditEvent event(
      EventKind kind,
      @Nullable String sandbox,
      @Nullable Long durationNanos,
      @Nullable String status,
      JsonObject detail) {
    Decision decision = verdict.decision();
    String trace = action.trace();
    if (trace != null) {
      // Each a word of its own, to be searched for.
      detail.put("traceId", trace.substring(3, 35)).put("spanId", trace.substring(36, 52));
    }
    return new AuditEvent(
        Instant.now(),
        kind,
        verdict.id(),
        parent,
        action.actor().tenant(),
        action.session(),
        action.actor().name(),
        action.actor().role().word(),
        action.tool(),
        decision.risk().name(),
        decision.outcome().name(),
        decision.reasons().get(0).rule(),
        decision.policy(),
        sandbox,
        durationNanos,
        status,
        bounded(detail));
  }

  private String bounded(JsonObject detail) {
    String text = detail.encode();
    // What is recorded whole is bounded by what a request and an output may have.
    if (whole || text.length() <= MAX_DETAIL_CHARS) {
      return text;
    }
    detail.put("arguments", new JsonObject().put("hmac", redactor.fingerprint(text)));
    detail.put("cut", text.length());
    String cut = detail.encode();
    return cut.length() <= MAX_DETAIL_CHARS ? cut : "{\"cut\":" + text.length() + "}";
  }

  private JsonObject arguments() {
    JsonObject recorded = new JsonObject();
    action
        .arguments()
        .forEach((name, value) -> {
          if (isDigestAlone(name) && value instanceof String text && !whole) {
            recorded.put(name, digest(text));
          } else if (name.equals(ENV) && value instanceof Map<?, ?> env) {
            recorded.put(name, new JsonArray(List.copyOf(env.keySet())));
          } else {
            recorded.put(name, shortened(value));
          }
        });
    return recorded;
  }

  /** Whether an argument's text is not for the log: it may have secrets, or is there already. */
  private boolean isDigestAlone(String name) {
    return name.equals(STDIN)
        || (action.tool().equals(ExecutionSteering.STDIN) && name.equals(ExecutionSteering.JUDGED));
  }

  private @Nullable Object shortened(@Nullable Object value) {
    if (value instanceof String text && !whole && text.length() > MAX_TEXT_CHARS) {
      return digest(text).put("head", head(text));
    }
    if (value instanceof Map<?, ?> map) {
      JsonObject inner = new JsonObject();
      map.forEach((key, item) -> inner.put(String.valueOf(key), shortened(item)));
      return inner;
    }
    if (value instanceof List<?> list) {
      JsonArray inner = new JsonArray();
      list.forEach(item -> inner.add(shortened(item)));
      return inner;
    }
    return value;
  }

  /** The beginning, cut between words where there are any, so that no secret is cut in two. */
  private static String head(String text) {
    for (int end = MAX_TEXT_CHARS; end > MAX_TEXT_CHARS - MAX_WORD_CHARS; end--) {
      if (Character.isWhitespace(text.charAt(end))) {
        return text.substring(0, end);
      }
    }
    return text.substring(0, MAX_TEXT_CHARS);
  }

  private JsonObject output(String text, boolean cut) {
    return digest(text).put("cut", cut);
  }

  private JsonObject digest(String text) {
    return new JsonObject().put("chars", text.length()).put("hmac", redactor.fingerprint(text));
  }
}
