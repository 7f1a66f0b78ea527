package dev.gatehouse.approval;

import dev.gatehouse.action.Actor;
import dev.gatehouse.action.ApprovalTerms;
import dev.gatehouse.action.Risk;
import dev.gatehouse.approval.Approval.State;
import dev.gatehouse.config.ApprovalSettings;
import dev.gatehouse.store.Companion;
import dev.gatehouse.store.Database;
import dev.gatehouse.store.Gathering;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.json.JsonObject;
import io.vertx.sqlclient.Pool;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
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

  /** Most of what goes to the database in one statement. */
  private static final int CALLS_AT_ONCE = 128;

  private static final long BYTES_AT_ONCE = 4L << 20;
  private static final long WAITING_BYTES = 64L << 20;
  private static final int STATEMENT_MILLIS = 10_000;

  /** Between looks at what another server moves just now, and how many. */
  private static final long LOOK_MILLIS = 20;

  private static final int MAX_LOOKS = 100;

  /** Far longer than a message's time stamp is good for. */
  private static final long MESSAGES_KEPT_SECONDS = 86_400;

  private final Vertx vertx;
  private final ApprovalRows rows;
  private final Memories memories;
  private final Messages messages;
  private final Codes codes;
  private final PreviewRows previews;
  private final Answering answering;
  private final Upkeep upkeep;
  private final Opening opening;
  private final Movement movement;
  private final Awaiting awaiting;
  private final ApprovalSettings settings;
  private final ApprovalVerticle clock;
  private final Waiters waiters = new Waiters();
  private final Looks looks = new Looks();
  private final Consumptions consumptions = new Consumptions();
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
      ApprovalSettings settings,
      int maxPending,
      Listener listener) {
    Pool pool = database.pool();
    Gathering.Bounds bounds =
        new Gathering.Bounds(
            CALLS_AT_ONCE, BYTES_AT_ONCE, settings.queueCalls(), WAITING_BYTES, STATEMENT_MILLIS);
    this.vertx = vertx;
    this.rows = new ApprovalRows(pool);
    this.memories = new Memories(pool);
    this.messages = new Messages(pool);
    this.codes = new Codes(pool);
    this.previews = new PreviewRows(pool);
    this.settings = settings;
    this.answering = new Answering(settings, looks);
    this.upkeep = new Upkeep(new DueRows(pool), listener, this::tell);
    this.opening = new Opening(vertx, pool, bounds, settings, maxPending, upkeep, this::tell);
    this.movement = new Movement(vertx, pool, bounds, upkeep, this::tell);
    this.awaiting = new Awaiting(vertx, rows, movement, waiters);
    this.clock = new ApprovalVerticle(this::turn);
  }

  /** Starts the clock that expires what nobody answered or used. */
  public static Future<Approvals> start(
      Vertx vertx,
      Database database,
      ApprovalSettings settings,
      int maxPending,
      Listener listener) {
    Approvals approvals = new Approvals(vertx, database, settings, maxPending, listener);
    return Hints.start(vertx, database.options(), database.pool(), approvals.awaiting::heard)
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
    return opening.ask(question);
  }

  /** The question of that id, if the tenant has it. */
  public Future<Optional<Approval>> find(String tenant, String id) {
    return movement.find(tenant, id);
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

  /** A person is shown a question, whole: from now on it can be read. */
  public void shown(Approval question, Actor by) {
    looks.add(question, by, Instant.now());
  }

  /** Answers; of several who must agree the last one's answer releases. */
  public Future<Moved> answer(Actor by, String id, Said said) {
    return movement.move(by.tenant(), id, question -> answering.answer(question, by, said));
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
      return Future.failedFuture(opening.tooLong());
    }
    return movement.move(by.tenant(), id, question -> answering.edit(question, by, edited, said));
  }

  /**
   * Lets a preview begin, one of a question at a time; fails where none may.
   *
   * @param most so many previews a question
   * @param millis it takes no longer than that
   * @return its number
   */
  public Future<Integer> beginPreview(Approval question, int most, long millis) {
    return previews.begin(question.tenant(), question.id(), most, millis);
  }

  /** Takes a preview back that came to nothing. */
  public Future<Void> giveBackPreview(Approval question, int number) {
    return previews.giveBack(question.id(), number);
  }

  /** Ends a preview that ran, and of which nothing is kept. */
  public Future<Void> endPreview(Approval question, int number) {
    return previews.end(question.id(), number);
  }

  /** Keeps what a question's action did when it was tried, as a rule wanted. */
  public Future<Moved> preview(Approval question, Preview preview) {
    return movement.move(
        question.tenant(), question.id(), known -> Moves.preview(known, preview, null));
  }

  /** Keeps what a question's action did when it was tried, as a person wanted. */
  public Future<Moved> preview(Approval question, Preview preview, Actor by, Origin from) {
    JsonObject said = from.withKey(by.name());
    return movement.move(
        question.tenant(), question.id(), known -> Moves.preview(known, preview, said));
  }

  /** Says that a person looks at it. */
  public Future<Moved> claim(Actor by, String id, Origin from) {
    return movement.move(by.tenant(), id, question -> Moves.claim(question, by, from));
  }

  /** Takes a question, as it was just seen, or an unused right back. */
  public Future<Moved> cancel(Approval seen, Actor by, Origin from) {
    JsonObject said = why("cancelled").mergeIn(from.withKey(by.name()));
    return movement.moveKnown(seen, question -> Moves.cancel(question, by.name(), said, null));
  }

  private static JsonObject why(String word) {
    return new JsonObject().put("why", word);
  }

  /** One who waits goes; the question is cancelled with the last one, and only then given. */
  public Future<Optional<Moved>> leave(Approval approval) {
    return rows.leave(approval.id())
        .compose(othersWait ->
            othersWait ? Future.succeededFuture(Optional.empty()) : leaveAsLast(approval));
  }

  private Future<Optional<Moved>> leaveAsLast(Approval approval) {
    return movement
        .move(
            approval.tenant(),
            approval.id(),
            question -> Moves.cancel(question, question.actor(), why("caller-gone"), 1))
        .map(Optional::of)
        .recover(failure ->
            failure instanceof RefusedException refused
                    && refused.why() == RefusedException.Why.CHANGED
                // Somebody joined meanwhile.
                ? leave(approval)
                : Future.failedFuture(failure));
  }

  /** What uses rights up, in the transactions that record what they are used for. */
  public Companion<Consumption, Optional<Moved>> consumptions() {
    return consumptions;
  }

  /**
   * Hears what became of a use, once its transaction is committed.
   *
   * @return fails with {@link RightGoneException} where the right was used otherwise, taken back,
   *     or had lapsed
   */
  public Future<Moved> consumed(Consumption use, Optional<Moved> done) {
    if (done.isPresent()) {
      tell(done.get().approval());
      return Future.succeededFuture(done.get());
    }
    return gone(use.move().before(), MAX_LOOKS)
        .compose(now -> Future.failedFuture(new RightGoneException(now)));
  }

  /** What became of a right; one that has lapsed may have to be moved first, here or elsewhere. */
  private Future<Approval> gone(Approval seen, int looks) {
    return upkeep
        .expireDue()
        .compose(expired -> find(seen.tenant(), seen.id()))
        .compose(found -> {
          Approval now = found.orElse(seen);
          return now.state() != State.APPROVED || looks == 0
              ? Future.succeededFuture(now)
              : vertx
                  .timer(LOOK_MILLIS, TimeUnit.MILLISECONDS)
                  .compose(later -> gone(seen, looks - 1));
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
    return awaiting.await(question, millis, gone);
  }

  /** Requests that wait here for a person now. */
  public int waiting() {
    return waiters.size();
  }

  /** Says that the audit log has an event. */
  public void recorded(ApprovalEvent event) {
    upkeep.recorded(event);
  }

  private Future<Void> turn() {
    return upkeep
        .turn(awaiting::lookUpAll)
        .compose(forgets ->
            forgets
                ? memories
                    .forget(Upkeep.KEPT_DAYS)
                    .compose(forgotten -> messages.forget(MESSAGES_KEPT_SECONDS))
                : Future.succeededFuture());
  }
}
