package dev.gatehouse.http;

import dev.gatehouse.action.Actor;
import dev.gatehouse.store.IdempotencyKeys;
import dev.gatehouse.store.IdempotencyKeys.Claim;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.JsonObject;
import java.util.Set;
import java.util.function.BooleanSupplier;
import java.util.function.Predicate;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The field {@value #FIELD} of what a WebSocket starts or sends to what runs: as over HTTP the
 * first request with a key is done, and its reply committed before it leaves; later ones, on
 * whichever connection, get that reply. A request by which nothing was done gives its key back.
 */
final class SocketIdempotency {
  private static final Logger LOGGER = LoggerFactory.getLogger(SocketIdempotency.class);
  private static final String FIELD = "idempotency_key";

  /** What may differ when somebody asks for the same again. */
  private static final Set<String> OF_THE_FRAME =
      Set.of(FIELD, "id", "credit", "waitMs", "respondAsync", "traceparent");

  private final IdempotencyKeys keys;

  SocketIdempotency(IdempotencyKeys keys) {
    this.keys = keys;
  }

  /**
   * What a frame says of its key; empty for none.
   *
   * @param fingerprint of all that the key stands for
   */
  record Wish(String key, Buffer fingerprint) {}

  static Wish wish(JsonBody body) {
    String key = body.text(FIELD, Idempotency.MAX_KEY_BYTES, "");
    return key.isEmpty()
        ? new Wish("", Buffer.buffer())
        : new Wish(Idempotency.checked(key), Idempotency.hash("", body.without(OF_THE_FRAME)));
  }

  /**
   * Does it, or tells what it came to.
   *
   * @param first does it
   * @param counts whether by such a reply something was done
   * @param begun whether, where it failed, something was done: the key is not given back then
   * @return the reply, which opened no stream
   */
  Future<SocketReply> once(
      Actor actor,
      Wish wish,
      Supplier<Future<Answer.Reply>> first,
      Predicate<Answer.Reply> counts,
      BooleanSupplier begun) {
    if (wish.key().isEmpty()) {
      return first.get().map(SocketReply::of);
    }
    return keys.claim(actor, wish.key(), wish.fingerprint())
        .recover(failure -> Future.failedFuture(Idempotency.unavailable()))
        .compose(claim ->
            switch (claim) {
              case Claim.First _ ->
                  begin(actor, wish.key(), first, counts, begun).map(SocketReply::of);
              case Claim.Done done ->
                  Future.succeededFuture(
                      SocketReply.again(
                          new Answer.Reply(done.status(), new JsonObject(done.reply()))));
              case Claim.Underway _, Claim.Taken _, Claim.Unknown _ ->
                  Future.failedFuture(Idempotency.refusal(claim));
            });
  }

  private Future<Answer.Reply> begin(
      Actor actor,
      String key,
      Supplier<Future<Answer.Reply>> first,
      Predicate<Answer.Reply> counts,
      BooleanSupplier begun) {
    return Future.succeededFuture()
        .compose(claimed -> first.get())
        .recover(failure ->
            (begun.getAsBoolean() ? Future.<Void>succeededFuture() : release(actor, key))
                .compose(free -> Future.failedFuture(failure)))
        .compose(reply ->
            (counts.test(reply) ? keep(actor, key, reply) : release(actor, key)).map(reply));
  }

  private Future<Void> keep(Actor actor, String key, Answer.Reply reply) {
    return keys.keep(actor, key, reply.status(), reply.body().encode())
        .otherwise(failure -> {
          // It was done, and recorded: the caller hears of it all the same.
          LOGGER.warn("a reply is not kept for its key: {}", failure.getMessage());
          return null;
        });
  }

  private Future<Void> release(Actor actor, String key) {
    return keys.release(actor, key)
        .otherwise(failure -> {
          LOGGER.warn("a key is not given back: {}", failure.getMessage());
          return null;
        });
  }
}
