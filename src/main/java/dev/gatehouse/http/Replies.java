package dev.gatehouse.http;

import dev.gatehouse.action.ApprovalTerms;
import dev.gatehouse.action.Decision;
import dev.gatehouse.action.Obligation;
import dev.gatehouse.action.Reason;
import dev.gatehouse.action.Span;
import dev.gatehouse.approval.AnswersJson;
import dev.gatehouse.approval.Approval;
import dev.gatehouse.approval.Edit;
import dev.gatehouse.approval.Preview;
import dev.gatehouse.approval.TermsJson;
import dev.gatehouse.audit.AuditEvent;
import dev.gatehouse.audit.StoredEvent;
import dev.gatehouse.gate.Passage.Ran;
import dev.gatehouse.gate.Passage.Timings;
import dev.gatehouse.gate.Verdict;
import dev.gatehouse.sandbox.Display;
import dev.gatehouse.sandbox.ExecutionResult;
import dev.gatehouse.sandbox.SandboxInfo;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.List;
import java.util.TreeMap;

/** The JSON that callers see, form by form. */
final class Replies {
  private Replies() {}

  static JsonObject decision(Verdict verdict) {
    JsonObject json = new JsonObject().put("id", verdict.id());
    return json.mergeIn(decision(verdict.decision())).put("tookNanos", verdict.tookNanos());
  }

  static JsonObject decision(Decision decision) {
    JsonArray obligations = new JsonArray();
    decision.obligations().stream().map(Obligation::word).sorted().forEach(obligations::add);
    JsonObject json =
        new JsonObject()
            .put("outcome", decision.outcome().name())
            .put("risk", decision.risk().name())
            .put("score", decision.score())
            .put("reasons", reasons(decision.reasons()))
            .put("reasonsCut", decision.reasonsCut())
            .put("obligations", obligations)
            .put("policy", decision.policy());
    ApprovalTerms terms = decision.terms();
    return terms == null ? json : json.put("approval", TermsJson.of(terms));
  }

  private static JsonArray reasons(List<Reason> reasons) {
    JsonArray array = new JsonArray();
    for (Reason reason : reasons) {
      JsonArray spans = new JsonArray();
      for (Span span : reason.spans()) {
        spans.add(
            new JsonObject()
                .put("argument", span.argument())
                .put("start", span.start())
                .put("end", span.end()));
      }
      array.add(
          new JsonObject()
              .put("rule", reason.rule())
              .put("code", reason.code())
              .put("text", reason.text())
              .put("spans", spans));
    }
    return array;
  }

  static JsonObject execution(Verdict verdict, Ran ran, Timings timings) {
    ExecutionResult result = ran.result();
    JsonObject json =
        new JsonObject()
            .put("id", verdict.id())
            .put("decision", decision(verdict))
            .put("sandbox", place(ran.sandbox()))
            .put("status", result.end().word())
            .put("stdout", result.stdout())
            .put("stderr", result.stderr())
            .put("exitCode", result.exitCode())
            .put("timedOut", result.end() == ExecutionResult.End.TIMED_OUT)
            .put("truncated", result.stdoutCut() || result.stderrCut())
            .put("stdoutTruncated", result.stdoutCut())
            .put("stderrTruncated", result.stderrCut())
            .put("displays", displays(result.displays()))
            .put("displaysTruncated", result.displaysCut())
            .put("stateLost", result.stateLost())
            .put("sandboxEnd", result.sandboxEnd())
            .put(
                "timings",
                new JsonObject()
                    .put("decideNanos", timings.decide())
                    .put("acquireNanos", timings.acquire())
                    .put("runNanos", timings.run())
                    .put("overheadNanos", timings.overhead())
                    .put("recordNanos", timings.record())
                    .put("totalNanos", timings.total()));
    return ran.edit() == null ? json : json.put("edit", edit(ran.edit()));
  }

  private static JsonArray displays(List<Display> displays) {
    JsonArray array = new JsonArray();
    for (Display display : displays) {
      JsonObject data = new JsonObject();
      display.data().forEach(data::put);
      array.add(new JsonObject().put("kind", display.kind()).put("data", data));
    }
    return array;
  }

  /** Where an execution runs. */
  static JsonObject place(SandboxInfo sandbox) {
    return new JsonObject()
        .put("id", sandbox.id())
        .put("runtime", sandbox.runtime())
        .put("warm", sandbox.warm());
  }

  static JsonObject sandbox(SandboxInfo sandbox) {
    return new JsonObject()
        .put("id", sandbox.id())
        .put("state", sandbox.state().word())
        .put("session", sandbox.owner().session())
        .put("profile", sandbox.profile())
        .put("runtime", sandbox.runtime())
        .put("image", sandbox.image())
        .put("imageId", sandbox.imageId())
        .put("warm", sandbox.warm())
        .put(
            "network",
            sandbox.allow() == null ? null : new JsonObject().put("allow", sandbox.allow()))
        .put("labels", new JsonObject(new TreeMap<>(sandbox.labels())))
        .put("createdAt", sandbox.createdAt().toString())
        .put("expiresAt", sandbox.expiresAt().toString())
        .put("idleSeconds", sandbox.idleSeconds());
  }

  static JsonObject waiting(Verdict verdict, Approval approval) {
    return new JsonObject()
        .put("id", verdict.id())
        .put("decision", decision(verdict))
        .put("approvalId", approval.id())
        .put("approval", approval(approval));
  }

  /** A question without what it is about in full. */
  static JsonObject approval(Approval approval) {
    JsonArray answers = new JsonArray();
    approval.answers().forEach(answer -> answers.add(AnswersJson.shown(answer)));
    JsonObject json =
        new JsonObject()
            .put("id", approval.id())
            .put("state", approval.state().word())
            .put("action", approval.action())
            .put("session", approval.session())
            .put("actor", approval.actor())
            .put("tool", approval.tool())
            .put("risk", approval.risk().name())
            .put("digest", approval.digest())
            .put("edit", approval.edit() == null ? null : editor(approval.edit()))
            .put("preview", approval.preview() == null ? null : preview(approval.preview()))
            .put("policy", approval.policy())
            .put("terms", TermsJson.of(approval.terms()))
            .put("reasons", new JsonArray(approval.reasons()))
            .put("asked", approval.asked())
            .put("claimedBy", approval.claimedBy())
            .put("answers", answers)
            .put("createdAt", approval.createdAt().toString())
            .put("expiresAt", approval.expiresAt().toString());
    return approval.decidedAt() == null
        ? json
        : json.put("decidedAt", approval.decidedAt().toString());
  }

  /** That an action was tried, and what its effect's digest is. */
  private static JsonObject preview(Preview preview) {
    return new JsonObject()
        .put("effect", preview.effect())
        .put("of", preview.of())
        .put("number", preview.number())
        .put("by", preview.by())
        .put("at", preview.at().toString());
  }

  /** The same with what it did, where that is still known. */
  private static JsonObject did(Preview preview) {
    String shown = preview.shown();
    return preview(preview).put("did", shown == null ? null : new JsonObject(shown));
  }

  private static JsonObject editor(Edit edit) {
    return new JsonObject()
        .put("by", edit.by())
        .put("at", edit.at().toString())
        .put("digest", edit.digest());
  }

  /** What an approver made of an action, whole where it is still known. */
  private static JsonObject edit(Edit edit) {
    String arguments = edit.arguments();
    return editor(edit).put("arguments", arguments == null ? null : new JsonObject(arguments));
  }

  /** A question with all that a person must see. */
  static JsonObject question(Approval approval) {
    JsonObject json = asked(approval);
    return approval.preview() == null ? json : json.put("preview", did(approval.preview()));
  }

  /** A question as the agent may see it that asked. */
  static JsonObject asked(Approval approval) {
    String arguments = approval.arguments();
    return approval(approval)
        .put("edit", approval.edit() == null ? null : edit(approval.edit()))
        .put("context", new JsonObject(approval.context()))
        .put("arguments", arguments == null ? null : new JsonObject(arguments));
  }

  static JsonObject event(StoredEvent stored) {
    AuditEvent event = stored.event();
    return new JsonObject()
        .put("chain", stored.chain())
        .put("sequence", stored.sequence())
        .put("recordedAt", stored.recordedAt().toString())
        .put("hash", stored.hash())
        .put("occurredAt", event.occurredAt().toString())
        .put("kind", event.kind().word())
        .put("action", event.action())
        .put("parent", event.parent())
        .put("tenant", event.tenant())
        .put("session", event.session())
        .put("actor", event.actor())
        .put("role", event.role())
        .put("tool", event.tool())
        .put("risk", event.risk())
        .put("outcome", event.outcome())
        .put("rule", event.rule())
        .put("policy", event.policy())
        .put("sandbox", event.sandbox())
        .put("durationNanos", event.durationNanos())
        .put("status", event.status())
        .put("detail", event.detailJson());
  }
}
