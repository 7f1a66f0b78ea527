package dev.gatehouse.http;

import dev.gatehouse.approval.Codes;
import dev.gatehouse.approval.RefusedException;
import dev.gatehouse.approval.TooManyPendingException;
import dev.gatehouse.audit.AuditUnavailableException;
import dev.gatehouse.audit.SlowQueryException;
import dev.gatehouse.gate.AllowanceException;
import dev.gatehouse.gate.DrainingException;
import dev.gatehouse.gate.ObligationException;
import dev.gatehouse.gate.OverloadedException;
import dev.gatehouse.gate.SecretException;
import dev.gatehouse.gate.UnknownExecutionException;
import dev.gatehouse.gate.UnscannableException;
import dev.gatehouse.policy.PolicyException;
import dev.gatehouse.sandbox.Ending;
import dev.gatehouse.sandbox.FileException;
import dev.gatehouse.sandbox.SandboxException;
import dev.gatehouse.sandbox.SteeringException;
import dev.gatehouse.store.StoreBusyException;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.core.json.JsonObject;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Turns failures into {@code application/problem+json}: the one place where that is decided. */
final class Problem {
  private static final Logger LOGGER = LoggerFactory.getLogger(Problem.class);

  static final CharSequence CONTENT_TYPE = HttpHeaders.createOptimized("application/problem+json");

  private Problem() {}

  /** What a failure means to the caller; what nobody foresaw is a 500 without internals. */
  static ApiException of(Throwable failure, String requestId) {
    return switch (failure) {
      case ApiException known -> known;
      case AuditUnavailableException audit ->
          switch (audit.why()) {
            case AWAY ->
                ApiException.retryable(503, "audit.unavailable", audit.getMessage() + "", 1);
            case FULL -> ApiException.retryable(503, "audit.full", audit.getMessage() + "", 1);
          };
      case SlowQueryException slow -> ApiException.of(422, "query.slow", slow.getMessage() + "");
      case SandboxException sandbox -> of(sandbox);
      case FileException file -> of(file);
      case SteeringException steering -> of(steering);
      case UnscannableException unscannable ->
          ApiException.of(403, "policy.unscannable", unscannable.getMessage() + "");
      case AllowanceException tooMuch ->
          ApiException.retryable(
                  429, tooMuch.code(), tooMuch.getMessage() + "", tooMuch.retryAfterSeconds())
              .because(tooMuch.scope());
      case SecretException secret ->
          secret.isKnown()
              ? ApiException.retryable(503, "secret.unavailable", secret.getMessage() + "", 10)
              : ApiException.of(422, "secret.unknown", secret.getMessage() + "");
      case DrainingException draining ->
          ApiException.retryable(503, "server.draining", draining.getMessage() + "", 1);
      case OverloadedException overloaded ->
          ApiException.retryable(503, "executions.exhausted", overloaded.getMessage() + "", 1);
      case ObligationException broken ->
          ApiException.of(
              403, "obligation." + broken.obligation().word(), broken.getMessage() + "");
      case UnknownExecutionException unknown ->
          ApiException.of(404, "execution.not-found", unknown.getMessage() + "");
      case PolicyException policy ->
          ApiException.of(422, "policy.invalid", policy.getMessage() + "");
      case TooManyPendingException pending ->
          ApiException.retryable(429, "approvals.exhausted", pending.getMessage() + "", 30);
      case StoreBusyException busy ->
          ApiException.retryable(503, "store.busy", busy.getMessage() + "", 1);
      case RefusedException refused -> of(refused);
      default -> {
        LOGGER.error("a request failed for a reason nobody foresaw request={}", requestId, failure);
        yield ApiException.of(500, "internal", "something broke; the log has it as " + requestId);
      }
    };
  }

  private static ApiException of(SandboxException failure) {
    String message = String.valueOf(failure.getMessage());
    return switch (failure.kind()) {
      case NOT_FOUND -> ApiException.of(404, "sandbox.not-found", message);
      case ENDED -> {
        Ending ending = failure.ending();
        yield ApiException.of(410, "sandbox.ended", message)
            .because(ending == null ? null : ending.word());
      }
      case QUOTA -> ApiException.retryable(429, "quota.exceeded", message, 1);
      case LANGUAGE -> ApiException.of(422, "language.unavailable", message);
      case PAUSED -> ApiException.of(409, "sandbox.paused", message);
      case IN_USE -> ApiException.of(409, "sandbox.in-use", message);
      case EXHAUSTED -> ApiException.retryable(503, "sandboxes.exhausted", message, 1);
      case SEALED -> ApiException.of(409, "sandbox.sealed", message);
      case NETWORK -> ApiException.retryable(503, "network.unavailable", message, 10);
      case CANCELLED -> ApiException.of(409, "execution.cancelled", message);
      case BUSY -> ApiException.retryable(429, "sandbox.busy", message, 1);
      case ENGINE -> ApiException.retryable(503, "engine.unavailable", message, 2);
    };
  }

  private static ApiException of(FileException failure) {
    int status =
        switch (failure.kind()) {
          case DENIED -> 403;
          case NOT_FOUND -> 404;
          case EXISTS,
              IS_DIRECTORY,
              NOT_DIRECTORY,
              NOT_EMPTY,
              SYMLINK,
              NOT_REGULAR,
              SHRUNK,
              CANCELLED ->
              409;
          case RANGE -> 416;
          case OTHER_PLACE, INTO_ITSELF, TOO_LONG, TOO_DEEP, OTHER_CONTENT, FAILED -> 422;
          case TOO_SLOW -> 504;
          case NO_SPACE -> 507;
        };
    return ApiException.of(status, "file." + failure.kind().word(), failure.getMessage() + "");
  }

  private static ApiException of(SteeringException failure) {
    String word = failure.why().word();
    String message = String.valueOf(failure.getMessage());
    return switch (failure.why()) {
      case NOT_BEGUN, OVERTAKEN -> ApiException.retryable(409, word, message, 1);
      case ENDED, NOT_INTERACTIVE, NO_TERMINAL, CLOSED -> ApiException.of(409, word, message);
      case ENDLESS -> ApiException.of(422, word, message);
      case FULL -> ApiException.retryable(429, word, message, 1);
    };
  }

  private static ApiException of(RefusedException refused) {
    String message = String.valueOf(refused.getMessage());
    return switch (refused.why()) {
      case NOT_FOUND -> ApiException.of(404, "approval.not-found", message);
      case TOO_LATE -> ApiException.of(409, "approval.too-late", message);
      case OWN_ACTION -> ApiException.of(403, "approval.own-action", message);
      case NOT_ASKED -> ApiException.of(403, "approval.not-asked", message);
      case REASON_MISSING -> ApiException.of(422, "approval.reason-missing", message);
      case ANSWERED -> ApiException.of(409, "approval.answered", message);
      case CLAIMED -> ApiException.of(409, "approval.claimed", message);
      case OVER_BUDGET -> ApiException.retryable(429, "approval.budget", message, 60);
      case MISMATCH -> ApiException.of(409, "approval.mismatch", message);
      case CHANGED -> ApiException.of(409, "approval.changed", message);
      case EFFECT_CHANGED -> ApiException.of(409, "approval.effect-changed", message);
      case NOT_PREVIEWABLE -> ApiException.of(422, "approval.not-previewable", message);
      case PREVIEW_UNDER_WAY ->
          ApiException.retryable(409, "approval.preview-under-way", message, 1);
      case PREVIEWS_EXHAUSTED -> ApiException.of(409, "approval.previews-exhausted", message);
      case NOT_EDITABLE -> ApiException.of(422, "approval.not-editable", message);
      case CODE_MISSING -> ApiException.of(403, "approval.code-missing", message);
      case CODE_WRONG -> ApiException.of(403, "approval.code-wrong", message);
      case TOO_MANY_CODES ->
          ApiException.retryable(429, "approval.codes", message, Codes.WINDOW_SECONDS);
      case REPLAYED -> ApiException.of(409, "callback.replayed", message);
      case OFF_DUTY -> ApiException.of(403, "approval.off-duty", message);
      case NOT_REMEMBERED -> ApiException.of(422, "approval.not-remembered", message);
      case POLICY_CHANGED -> ApiException.of(409, "approval.policy-changed", message);
      case TOO_LONG -> ApiException.of(413, "approval.too-long", message);
      case CONTENT_UNKNOWN -> ApiException.of(422, "approval.content-unknown", message);
    };
  }

  /** Writes the answer, unless something was written already. */
  static void send(HttpServerResponse response, ApiException problem, String requestId) {
    if (response.ended() || response.closed()) {
      return;
    }
    if (response.headWritten()) {
      response.reset();
      return;
    }
    response
        .setStatusCode(problem.status())
        .putHeader(HttpHeaders.CONTENT_TYPE, CONTENT_TYPE)
        .putHeader(RequestId.HEADER, requestId);
    if (problem.retryAfterSeconds() != null) {
      response.putHeader(HttpHeaders.RETRY_AFTER, problem.retryAfterSeconds().toString());
    }
    if (problem.status() == 401) {
      response.putHeader("WWW-Authenticate", "Bearer");
    }
    response.end(body(problem).put("requestId", requestId).toBuffer());
  }

  static JsonObject body(ApiException problem) {
    JsonObject body =
        new JsonObject()
            .put("type", "about:blank")
            .put("title", HttpResponseStatus.valueOf(problem.status()).reasonPhrase())
            .put("status", problem.status())
            .put("code", problem.code())
            .put("detail", problem.getMessage());
    return problem.reason() == null ? body : body.put("reason", problem.reason());
  }
}
