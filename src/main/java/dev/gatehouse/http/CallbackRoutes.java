package dev.gatehouse.http;

import dev.gatehouse.approval.Approvals;
import dev.gatehouse.approval.Origin;
import dev.gatehouse.approval.Said;
import dev.gatehouse.config.ApprovalSettings;
import dev.gatehouse.config.WebhookSecret;
import dev.gatehouse.gate.Callbacks;
import dev.gatehouse.gate.Callbacks.Message;
import dev.gatehouse.gate.KeyUse;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import io.vertx.ext.web.handler.BodyHandler;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * {@code POST /v1/approvals/{id}/callback}: an answer that another system signed, as Standard
 * Webhooks have it. It needs no key, and a key is of no use here.
 */
final class CallbackRoutes {
  private static final String PATH = "/v1/approvals/:id/callback";
  private static final int MAX_BODY_BYTES = 65_536;

  private final Callbacks callbacks;
  private final KeyUse keyUse;
  private final BodyDeadline deadline;

  CallbackRoutes(Callbacks callbacks, KeyUse keyUse, BodyDeadline deadline) {
    this.callbacks = callbacks;
    this.keyUse = keyUse;
    this.deadline = deadline;
  }

  /** To be added before keys are asked for. */
  void addTo(Router router) {
    router.post(PATH).handler(deadline);
    router
        .post(PATH)
        .handler(BodyHandler.create(false).setBodyLimit(MAX_BODY_BYTES))
        .handler(deadline::arrived)
        .handler(context -> Answer.with(context, () -> answer(context)));
  }

  private Future<Answer.Reply> answer(RoutingContext context) {
    Message message = message(context);
    ApprovalSettings.Callback callback =
        callbacks
            .signer(message)
            .orElseThrow(() ->
                refused(
                    context,
                    "signature.wrong",
                    "no callback that is configured has signed this, or not now"));
    JsonBody body = JsonBody.parse(context.body().buffer());
    String approver = body.text("approver", Fields.MAX_NAME_BYTES);
    boolean approves = ApprovalAnswer.approves(body);
    String reason = body.text("reason", Approvals.MAX_REASON_CHARS, "").strip();
    // What was shown elsewhere may have changed: an approval says what it is of.
    String digest =
        approves
            ? body.text("digest", Fields.MAX_NAME_BYTES)
            : body.text("digest", Fields.MAX_NAME_BYTES, "");
    String code = body.text("code", Fields.MAX_NAME_BYTES, "");
    body.refuseUnread();
    Said said =
        new Said(
            approves,
            reason.isEmpty() ? null : reason,
            digest.isEmpty() ? null : digest,
            null,
            code.isEmpty() ? null : code,
            false,
            new Origin("webhook", context.request().remoteAddress().hostAddress()));
    return Answer.ok(
        callbacks.answer(callback, message.id(), approver, ApprovalRoutes.id(context), said),
        ApprovalAnswer::decided);
  }

  private Message message(RoutingContext context) {
    HttpServerRequest request = context.request();
    String id = only(request, WebhookSecret.ID);
    String timestamp = only(request, WebhookSecret.TIMESTAMP);
    String signatures = only(request, WebhookSecret.SIGNATURE);
    if (id == null || timestamp == null || signatures == null) {
      throw refused(
          context,
          "signature.missing",
          "expected the headers webhook-id, webhook-timestamp and webhook-signature, once each");
    }
    if (!Fields.isName(id)
        || id.length() > Fields.MAX_NAME_BYTES
        || !timestamp.matches("\\d{1,12}")) {
      throw refused(context, "signature.malformed", "webhook-id or webhook-timestamp is none");
    }
    Buffer body = context.body().buffer();
    return new Message(
        id, Long.parseLong(timestamp), body == null ? Buffer.buffer() : body, signatures);
  }

  /** A header that is there once; of two somebody else may have looked at the other one. */
  private static @Nullable String only(HttpServerRequest request, String header) {
    List<String> values = request.headers().getAll(header);
    return values.size() == 1 ? values.get(0) : null;
  }

  private ApiException refused(RoutingContext context, String code, String text) {
    keyUse.refused(code, String.valueOf(context.request().remoteAddress().hostAddress()));
    return ApiException.of(401, code, text);
  }
}
