package dev.gatehouse.http;

import dev.gatehouse.action.Actor;
import dev.gatehouse.action.Role;
import dev.gatehouse.approval.Approval;
import dev.gatehouse.store.IdempotencyKeys;
import dev.gatehouse.store.IdempotencyKeys.Claim;
import io.vertx.core.Future;
import io.vertx.core.Handler;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.web.RoutingContext;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.List;
import java.util.function.BooleanSupplier;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The header {@code Idempotency-Key} of requests that create or run: the first one with a key is
 * done, and its reply committed before it leaves; later ones get that reply. A request that failed
 * before anything was done gives its key back. Stands behind the body's handler and before the
 * routes.
 */
final class Idempotency implements Handler<RoutingContext> {
  private static final Logger LOGGER = LoggerFactory.getLogger(Idempotency.class);
  private static final String HEADER = "Idempotency-Key";
  private static final String REPLAYED = "Idempotency-Replayed";
  static final int MAX_KEY_BYTES = 255;
  private static final Pattern KEY = Pattern.compile("[!-~]{1," + MAX_KEY_BYTES + "}");

  /** A key that this request is the first with. */
  private static final class Claimed {
    private final IdempotencyKeys keys;
    private final Actor actor;
    private final String key;
    private BooleanSupplier begun = () -> false;

    Claimed(IdempotencyKeys keys, Actor actor, String key) {
      this.keys = keys;
      this.actor = actor;
      this.key = key;
    }
  }

  private final IdempotencyKeys keys;

  Idempotency(IdempotencyKeys keys) {
    this.keys = keys;
  }

  @Override
  public void handle(RoutingContext context) {
    List<String> given = context.request().headers().getAll(HEADER);
    if (given.isEmpty()) {
      context.next();
      return;
    }
    String key = checked(given.size() > 1 ? "" : given.getFirst());
    Actor actor = Authentication.require(context, Role.AGENT);
    keys.claim(actor, key, fingerprint(context))
        .onComplete(
            claim -> answer(context, new Claimed(keys, actor, key), claim),
            failure -> context.fail(unavailable()));
  }

  static ApiException unavailable() {
    return ApiException.retryable(
        503, "idempotency.unavailable", "the key cannot be looked up now", 1);
  }

  /** A key that may be one. */
  static String checked(String key) {
    if (!KEY.matcher(key).matches()) {
      throw ApiException.of(
          400, "idempotency.malformed", "expected one Idempotency-Key of 1 to 255 visible letters");
    }
    return key;
  }

  private static void answer(RoutingContext context, Claimed claimed, Claim claim) {
    switch (claim) {
      case Claim.First first -> {
        context.put(HEADER, claimed);
        context.next();
      }
      case Claim.Done done -> replay(context, done);
      case Claim.Underway _, Claim.Taken _, Claim.Unknown _ -> context.fail(refusal(claim));
    }
  }

  /** What is told to whoever is not the first with a key, and cannot be told what it came to. */
  static ApiException refusal(Claim claim) {
    return switch (claim) {
      case Claim.Underway _ ->
          ApiException.retryable(
              409, "idempotency.underway", "the first request with this key is not done", 1);
      case Claim.Taken _ ->
          ApiException.of(422, "idempotency.taken", "this key was used for a different request");
      case Claim.Unknown _ ->
          ApiException.of(
              409,
              "idempotency.unknown",
              "the first request with this key was begun and its end was not seen; the audit log"
                  + " has what is known of it");
      case Claim.First _, Claim.Done _ -> throw new IllegalArgumentException("it is no refusal");
    };
  }

  private static void replay(RoutingContext context, Claim.Done done) {
    context.response().putHeader(REPLAYED, "true");
    Answer.Reply reply = new Answer.Reply(done.status(), new JsonObject(done.reply()));
    if (ExecutionRoutes.streams(context)) {
      new ExecutionStream(context).end(reply);
    } else {
      Answer.send(context, reply.status(), reply.body());
    }
  }

  private static Buffer fingerprint(RoutingContext context) {
    HttpServerRequest request = context.request();
    Buffer body = context.body().buffer();
    return hash(request.method() + " " + request.uri(), body == null ? Buffer.buffer() : body);
  }

  /** What tells a request from others. */
  static Buffer hash(String line, Buffer body) {
    try {
      MessageDigest digest = MessageDigest.getInstance("SHA-256");
      digest.update((line + "\n").getBytes(StandardCharsets.UTF_8));
      digest.update(body.getBytes());
      return Buffer.buffer(digest.digest());
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }

  /** A failure after this holds is one of something that was begun: the key is not given back. */
  static void begunIf(RoutingContext context, BooleanSupplier begun) {
    Claimed claimed = claimed(context);
    if (claimed != null) {
      claimed.begun = begun;
    }
  }

  /**
   * Whether a reply is the one that all get who come again. A question that was taken back, perhaps
   * with its connection, has no answer: it may be asked again.
   */
  static boolean isKept(Answer.Reply reply) {
    JsonObject question = reply.body().getJsonObject("approval");
    return question == null
        || !question.getString("state", "").equals(Approval.State.CANCELLED.word());
  }

  /**
   * Commits a reply before it leaves, or gives the key back where nothing came of it; without a key
   * it is the reply at once.
   */
  static Future<Answer.Reply> keep(RoutingContext context, Answer.Reply reply) {
    Claimed claimed = claimed(context);
    if (claimed != null && !isKept(reply)) {
      return release(context).map(reply);
    }
    return claimed == null
        ? Future.succeededFuture(reply)
        : claimed
            .keys
            .keep(claimed.actor, claimed.key, reply.status(), reply.body().encode())
            .map(reply)
            .recover(failure -> {
              // It was done, and recorded: the caller hears of it all the same.
              LOGGER.warn("a reply is not kept for its key: {}", failure.getMessage());
              return Future.succeededFuture(reply);
            });
  }

  /** Gives the key of a request that failed back, unless something was begun. */
  static Future<Void> release(RoutingContext context) {
    Claimed claimed = claimed(context);
    if (claimed == null || claimed.begun.getAsBoolean()) {
      return Future.succeededFuture();
    }
    return claimed
        .keys
        .release(claimed.actor, claimed.key)
        .otherwise(failure -> {
          LOGGER.warn("a key is not given back: {}", failure.getMessage());
          return null;
        });
  }

  private static @Nullable Claimed claimed(RoutingContext context) {
    return context.get(HEADER);
  }
}
