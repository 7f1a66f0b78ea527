package dev.gatehouse.approval;

import dev.gatehouse.action.Actor;
import dev.gatehouse.action.ApprovalTerms;
import dev.gatehouse.action.Risk;
import dev.gatehouse.approval.Approval.State;
import dev.gatehouse.approval.RefusedException.Why;
import dev.gatehouse.config.Configuration;
import dev.gatehouse.store.Database;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.internal.VertxInternal;
import io.vertx.core.json.JsonObject;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The questions that wait for persons, and the rights that come of them, kept in PostgreSQL, which
 * any number of servers may share. May be used from any event loop; futures complete on the
 * caller's.
 *
 * <p>A move is decided on one version of a question and stored only if that is still the version
 * and the time is not over, so of moves that race exactly one wins; the others are decided again on
 * what it left, and then refused. Futures fail with {@link RefusedException} where a move may not
 * be made.
 */
public final class Approvals {
  /** Longest reason, in characters. */
  public static final int MAX_REASON_CHARS = 2000;

  /** Most of one page. */
  public static final int MAX_PAGE = 500;

  /** Every failed try is another's success, and a question is not moved so often. */
  private static final int MAX_TRIES = 250;

  private static final int LOOKED_UP_AT_ONCE = 1000;

  /** Far longer than a message's time stamp is good for. */
  private static final long MESSAGES_KEPT_SECONDS = 86_400;

  private final Vertx vertx;
  private final ApprovalRows rows;
  private final Memories memories;
  private final Messages messages;
  private final Codes codes;
  private final Answering answering;
  private final Upkeep upkeep;
  private final Configuration.Approval settings;
  private final int maxPending;
  private final ApprovalVerticle clock;
  private final Waiters waiters = new Waiters();
  private @Nullable Hints hints;

  /** Records what no request records; what succeeds is in the audit log. */
  public interface Listener {
    /** A question or right has lapsed, others are asked, or the same again; heard by one server. */
    Future<Void> lapsed(Moved moved);

    /** Nobody has said that the audit log has this: its server may have died. */
    Future<Void> unrecorded(Moved moved);
  }

  private Approvals(
      Vertx vertx,
      Database database,
      Configuration.Approval settings,
      int maxPending,
      Listener listener) {
    this.vertx = vertx;
    this.rows = new ApprovalRows(database.pool());
    this.memories = new Memories(database.pool());
    this.messages = new Messages(database.pool());
    this.codes = new Codes(database.pool());
    this.settings = settings;
    this.maxPending = maxPending;
    this.answering = new Answering(rows, settings);
    this.upkeep = new Upkeep(rows, listener, this::tell);
    this.clock = new ApprovalVerticle(this::turn);
  }

  /** Starts the clock that expires what nobody answered or used. */
  public static Future<Approvals> start(
      Vertx vertx,
      Database database,
      Configuration.Approval settings,
      int maxPending,
      Listener listener) {
    Approvals approvals = new Approvals(vertx, database, settings, maxPending, listener);
    return Hints.start(vertx, database.options(), database.pool(), approvals::heard)
        .compose(hints -> {
          approvals.hints = hints;
          return vertx.deployVerticle(approvals.clock);
        })
        .map(approvals);
  }

  /** Stops the clock; what is pending stays so. */
  public Future<Void> close() {
    return vertx
        .undeploy(clock.deploymentID())
        .compose(stopped -> upkeep.markRecorded())
        .eventually(() -> hints == null ? Future.succeededFuture() : hints.close());
  }

  /** The answers that hold for later actions, too. */
  public Memories memories() {
    return memories;
  }

  /** Which messages with answers were taken. */
  public Messages messages() {
    return messages;
  }

  /** The use of persons' one-time codes. */
  public Codes codes() {
    return codes;
  }

  /** A question that was asked; without an event where an identical one was open already. */
  public record Asked(Approval approval, @Nullable ApprovalEvent event) {}

  /**
   * Asks, or joins an identical question that is open. Of the question given, the times are the
   * store's to say.
   */
  public Future<Asked> open(Approval question) {
    int length = question.arguments() == null ? 0 : question.arguments().length();
    if (length > settings.argumentBytes()) {
      return Future.failedFuture(tooLong());
    }
    return joinOrOpen(question, 3);
  }

  private RefusedException tooLong() {
    return new RefusedException(
        Why.TOO_LONG,
        "nobody can be asked about arguments longer than "
            + settings.argumentBytes()
            + " bytes of JSON");
  }

  private Future<Asked> joinOrOpen(Approval question, int tries) {
    return rows.join(question.tenant(), question.digest())
        .compose(joined -> {
          if (joined.isPresent()) {
            return Future.succeededFuture(new Asked(joined.get(), null));
          }
          return rows.open(question, maxPending, settings.pendingPerAgent())
              .compose(opened -> {
                if (opened.isPresent()) {
                  tell(opened.get().approval());
                  return Future.succeededFuture(
                      new Asked(opened.get().approval(), opened.get().event()));
                }
                return tries == 0
                    ? Future.failedFuture(
                        new TooManyPendingException(settings.pendingPerAgent(), maxPending))
                    // Another request opened it meanwhile, or one that has lapsed is in the way.
                    : upkeep.expireDue().compose(expired -> joinOrOpen(question, tries - 1));
              });
        });
  }

  /** The question of that id, if the tenant has it. */
  public Future<Optional<Approval>> find(String tenant, String id) {
    return rows.find(tenant, id);
  }

  /**
   * A page, oldest first, without arguments.
   *
   * @param state null for all that wait for an answer
   * @param actor null for everybody's
   * @param after the last id of the page before; empty for the first
   */
  public Future<List<Approval>> page(
      String tenant, @Nullable State state, @Nullable String actor, String after, int limit) {
    return rows.page(tenant, state, actor, after, limit);
  }

  /** Where the events end now. */
  public Future<EventCursor> end() {
    return rows.end();
  }

  /**
   * The events after a place, in their order.
   *
   * @param actor null for everybody's
   */
  public Future<List<Moved>> after(
      EventCursor cursor, String tenant, @Nullable String actor, int limit) {
    return rows.after(cursor, tenant, actor, limit);
  }

  /** Answers; of several who must agree the last one's answer releases. */
  public Future<Moved> answer(Actor by, String id, Said said) {
    return answering
        .withinBudget(by, said.approves())
        .compose(within -> move(by.tenant(), id, question -> answering.answer(question, by, said)));
  }

  /**
   * What policy says of an action that an approver edited.
   *
   * @param arguments what the tool shall be given, canonical JSON
   * @param digest of the action with them
   * @param terms on which policy asks about it; null where it allows it
   */
  public record Edited(String arguments, String digest, Risk risk, @Nullable ApprovalTerms terms) {}

  /** Refuses whoever may not answer a question now. */
  public void refuseUnheard(Actor by, Approval question) {
    Moves.heard(question, by);
  }

  /**
   * Approves another action than the one asked about, on the terms of both. Of several who must
   * agree the others are asked about the edited action.
   */
  public Future<Moved> edit(Actor by, String id, Edited edited, Said said) {
    if (edited.arguments().length() > settings.argumentBytes()) {
      return Future.failedFuture(tooLong());
    }
    return answering
        .withinBudget(by, true)
        .compose(within ->
            move(by.tenant(), id, question -> answering.edit(question, by, edited, said)));
  }

  /** Says that a person looks at it. */
  public Future<Moved> claim(Actor by, String id) {
    return move(
        by.tenant(),
        id,
        question -> {
          Moves.claimed(question, by);
          return rows.move(
              question,
              State.CLAIMED,
              by.holder(),
              question.answers(),
              null,
              null,
              "claimed",
              by.holder(),
              new JsonObject());
        });
  }

  /**
   * Takes a question or an unused right back.
   *
   * @param why one word for the record
   */
  public Future<Moved> cancel(String tenant, String id, String by, String why) {
    return move(tenant, id, question -> cancel(question, by, why, null));
  }

  private Future<Optional<Moved>> cancel(
      Approval question, String by, String why, @Nullable Integer asked) {
    Moves.cancelled(question);
    return rows.move(
        question,
        State.CANCELLED,
        question.claimedBy(),
        question.answers(),
        null,
        asked,
        "cancelled",
        by,
        new JsonObject().put("why", why));
  }

  /** One who waits goes; the question is cancelled with the last one, and only then given. */
  public Future<Optional<Moved>> leave(Approval approval) {
    return rows.leave(approval.id())
        .compose(othersWait ->
            othersWait
                ? Future.succeededFuture(Optional.empty())
                : move(
                        approval.tenant(),
                        approval.id(),
                        question -> cancel(question, question.actor(), "caller-gone", 1))
                    .map(Optional::of));
  }

  /** Takes the right to run the action of that digest: once, whoever else tries. */
  public Future<Moved> consume(Approval approval, String digest) {
    return move(
        approval.tenant(),
        approval.id(),
        question -> {
          Moves.consumed(question, digest);
          return rows.move(
              question,
              State.CONSUMED,
              question.claimedBy(),
              question.answers(),
              null,
              null,
              "consumed",
              question.actor(),
              new JsonObject());
        });
  }

  private Future<Moved> move(
      String tenant, String id, Function<Approval, Future<Optional<Moved>>> move) {
    return move(tenant, id, move, MAX_TRIES);
  }

  private Future<Moved> move(
      String tenant, String id, Function<Approval, Future<Optional<Moved>>> move, int tries) {
    return rows.find(tenant, id)
        .compose(found ->
            move.apply(
                found.orElseThrow(
                    () -> new RefusedException(Why.NOT_FOUND, "there is no such approval"))))
        .compose(moved -> {
          if (moved.isPresent()) {
            tell(moved.get().approval());
            return Future.succeededFuture(moved.get());
          }
          return tries == 0
              ? Future.failedFuture(new IllegalStateException("approval " + id + " never rests"))
              // Moved meanwhile, or lapsed.
              : upkeep.expireDue().compose(expired -> move(tenant, id, move, tries - 1));
        });
  }

  private void tell(Approval approval) {
    waiters.settle(approval);
    if (hints != null) {
      hints.tell(approval.id());
    }
  }

  /**
   * Waits for an answer, from whichever server it comes.
   *
   * @param gone when it completes nobody waits any more
   * @return how the question stands after the answer, or after the time
   */
  public Future<Approval> await(Approval question, long millis, Future<?> gone) {
    if (!question.isOpen() || millis <= 0) {
      return Future.succeededFuture(question);
    }
    Promise<Approval> answer = ((VertxInternal) vertx).getOrCreateContext().promise();
    waiters.add(question.id(), answer);
    // It may have been answered before anybody waited.
    find(question.tenant(), question.id()).onSuccess(now -> now.ifPresent(waiters::settle));
    long timer = vertx.setTimer(millis, id -> answer.tryComplete(question));
    gone.onComplete(left -> answer.tryComplete(question));
    return answer
        .future()
        .onComplete(done -> {
          vertx.cancelTimer(timer);
          waiters.remove(question.id(), answer);
        })
        .compose(then ->
            then.isOpen()
                ? find(question.tenant(), question.id()).map(now -> now.orElse(then))
                : Future.succeededFuture(then));
  }

  /** Says that the audit log has an event. */
  public void recorded(ApprovalEvent event) {
    upkeep.recorded(event);
  }

  private void heard(List<String> ids) {
    lookUp(ids.stream().filter(waiters::isAwaited).toList());
  }

  /** Looks how those questions stand that somebody here waits for. */
  private Future<Void> lookUp(List<String> ids) {
    Future<Void> done = Future.succeededFuture();
    for (int from = 0; from < ids.size(); from += LOOKED_UP_AT_ONCE) {
      List<String> some = ids.subList(from, Math.min(ids.size(), from + LOOKED_UP_AT_ONCE));
      done =
          done.compose(before -> rows.settled(some))
              .map(settled -> {
                settled.forEach(waiters::settle);
                return null;
              });
    }
    return done;
  }

  private Future<Void> turn() {
    return upkeep
        .turn(() -> lookUp(waiters.ids()))
        .compose(forgets ->
            forgets
                ? memories
                    .forget(Upkeep.KEPT_DAYS)
                    .compose(forgotten -> messages.forget(MESSAGES_KEPT_SECONDS))
                : Future.succeededFuture());
  }
}
