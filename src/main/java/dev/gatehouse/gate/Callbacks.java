package dev.gatehouse.gate;

import dev.gatehouse.action.Actor;
import dev.gatehouse.action.Role;
import dev.gatehouse.approval.Messages;
import dev.gatehouse.approval.Moved;
import dev.gatehouse.approval.RefusedException;
import dev.gatehouse.approval.RefusedException.Why;
import dev.gatehouse.approval.Said;
import dev.gatehouse.config.ApprovalSettings;
import dev.gatehouse.config.WebhookSecret;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Answers that come by another system, which knows its persons and signs what they say: in their
 * names only, each message once, and not when it is old. A message whose answer was not taken may
 * come again.
 */
public final class Callbacks {
  private final List<ApprovalSettings.Callback> configured;
  private final Keys keys;
  private final Questions questions;
  private final SecondFactor factor;
  private final Messages messages;
  private final InstantSource clock;

  public Callbacks(
      List<ApprovalSettings.Callback> configured,
      Keys keys,
      Questions questions,
      SecondFactor factor,
      Messages messages,
      InstantSource clock) {
    this.configured = List.copyOf(configured);
    this.keys = keys;
    this.questions = questions;
    this.factor = factor;
    this.messages = messages;
    this.clock = clock;
  }

  /** A message as it came. */
  public record Message(String id, long timestampSeconds, Buffer body, String signatures) {}

  /** Who signed a message; nobody if it is not signed, or too old or too new. */
  public Optional<ApprovalSettings.Callback> signer(Message message) {
    long age = clock.instant().getEpochSecond() - message.timestampSeconds();
    if (Math.abs(age) > WebhookSecret.TOLERANCE_SECONDS) {
      return Optional.empty();
    }
    return configured.stream()
        .filter(callback ->
            callback
                .secret()
                .filter(secret ->
                    secret.signed(
                        message.id(),
                        message.timestampSeconds(),
                        message.body().getBytes(),
                        message.signatures()))
                .isPresent())
        .findFirst();
  }

  /**
   * Answers in a person's name.
   *
   * @param approver the person, a holder of an approver's key
   */
  public Future<Moved> answer(
      ApprovalSettings.Callback callback, String messageId, String approver, String id, Said said) {
    Actor holder =
        callback.approvers().contains(approver)
            ? keys.approver(callback.tenant(), approver).orElse(null)
            : null;
    if (holder == null) {
      Actor unknown =
          new Actor(
              callback.tenant(), "callback:" + callback.name(), Role.APPROVER, approver, Set.of());
      return questions.hear(unknown, id, said, Future.failedFuture(notFor(callback, approver)));
    }
    // No key can have such a name: the record shows that it was said through this channel.
    Actor by =
        new Actor(
            holder.tenant(),
            "callback:" + callback.name(),
            Role.APPROVER,
            approver,
            holder.groups());
    Future<Moved> answered =
        messages
            .take(callback.name(), messageId)
            .compose(first ->
                first
                    ? answer(callback, messageId, by, id, said)
                    : Future.failedFuture(
                        new RefusedException(
                            Why.REPLAYED, "this message was taken before, or is being taken")));
    return questions.hear(by, id, said, answered);
  }

  private Future<Moved> answer(
      ApprovalSettings.Callback callback, String messageId, Actor by, String id, Said said) {
    return factor
        .proved(by, said, proved -> questions.answer(by, id, proved))
        // Whatever comes of that: a second answer of the same person is refused anyway.
        .compose(moved ->
            messages
                .settle(callback.name(), messageId)
                .transform(settled -> Future.succeededFuture(moved)))
        .recover(failure ->
            Questions.wasNotStored(failure)
                ? messages
                    .giveBack(callback.name(), messageId)
                    .transform(given -> Future.failedFuture(failure))
                : Future.failedFuture(failure));
  }

  private static RefusedException notFor(ApprovalSettings.Callback callback, String approver) {
    return new RefusedException(Why.NOT_ASKED, callback.name() + " does not speak for " + approver);
  }
}
