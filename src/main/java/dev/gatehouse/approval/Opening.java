package dev.gatehouse.approval;

import dev.gatehouse.approval.RefusedException.Why;
import dev.gatehouse.config.ApprovalSettings;
import dev.gatehouse.store.Gathering;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.sqlclient.SqlClient;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * Asks: opens a question, or joins an identical one that is open. May be used from any event loop;
 * what is asked at the same time goes to the database together.
 */
final class Opening {
  private static final int MAX_TRIES = 3;

  private final Gathering<Approval, Optional<Moved>> opens;
  private final Gathering<JoinRows.Same, Optional<Approval>> joins;
  private final ApprovalSettings settings;
  private final int maxPending;
  private final Upkeep upkeep;
  private final Consumer<Approval> tell;

  /**
   * Starts nothing.
   *
   * @param tell hears of each question that was opened
   */
  Opening(
      Vertx vertx,
      SqlClient client,
      Gathering.Bounds bounds,
      ApprovalSettings settings,
      int maxPending,
      Upkeep upkeep,
      Consumer<Approval> tell) {
    this.opens =
        new Gathering<>(
            vertx, bounds, new OpenRows(client, maxPending, settings.pendingPerAgent()));
    this.joins = new Gathering<>(vertx, bounds, new JoinRows(client));
    this.settings = settings;
    this.maxPending = maxPending;
    this.upkeep = upkeep;
    this.tell = tell;
  }

  /** Asks; of the question given, the times are the store's to say. */
  Future<Approvals.Asked> ask(Approval question) {
    int length = question.arguments() == null ? 0 : question.arguments().length();
    return length > settings.argumentBytes()
        ? Future.failedFuture(tooLong())
        : ask(question, MAX_TRIES);
  }

  /** Why nobody is asked about more. */
  RefusedException tooLong() {
    return new RefusedException(
        Why.TOO_LONG,
        "nobody can be asked about arguments longer than "
            + settings.argumentBytes()
            + " bytes of JSON");
  }

  private Future<Approvals.Asked> ask(Approval question, int tries) {
    return opens
        .call(question)
        .compose(opened -> {
          if (opened.isPresent()) {
            tell.accept(opened.get().approval());
            return Future.succeededFuture(
                new Approvals.Asked(opened.get().approval(), opened.get().event()));
          }
          return joins
              .call(JoinRows.Same.of(question))
              .compose(joined ->
                  joined.isPresent()
                      ? Future.succeededFuture(new Approvals.Asked(joined.get(), null))
                      : again(question, tries));
        });
  }

  /** A limit was reached, or one that has lapsed is in the way, or has been answered meanwhile. */
  private Future<Approvals.Asked> again(Approval question, int tries) {
    return tries == 0
        ? Future.failedFuture(new TooManyPendingException(settings.pendingPerAgent(), maxPending))
        : upkeep.expireDue().compose(expired -> ask(question, tries - 1));
  }
}
