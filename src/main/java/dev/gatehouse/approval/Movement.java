package dev.gatehouse.approval;

import dev.gatehouse.approval.RefusedException.Why;
import dev.gatehouse.store.Gathering;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.sqlclient.SqlClient;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Function;

/**
 * Moves questions: finds how one stands, has a move decided on that, and stores it unless the
 * question was moved since; then it is decided again. May be used from any event loop; what is
 * found and moved at the same time goes to the database together.
 */
final class Movement {
  /** Every failed try is another's success, and a question is not moved so often. */
  private static final int MAX_TRIES = 250;

  private final Gathering<LookUpRows.Name, Optional<Approval>> found;
  private final Gathering<Move, Move.Outcome> moves;
  private final Upkeep upkeep;
  private final Consumer<Approval> tell;

  /**
   * Starts nothing.
   *
   * @param tell hears of each question that was moved
   */
  Movement(
      Vertx vertx,
      SqlClient client,
      Gathering.Bounds bounds,
      Upkeep upkeep,
      Consumer<Approval> tell) {
    this.found = new Gathering<>(vertx, bounds, new LookUpRows(client));
    this.moves = new Gathering<>(vertx, bounds, new MoveRows(client));
    this.upkeep = upkeep;
    this.tell = tell;
  }

  /** The question of that id, if the tenant has it. */
  Future<Optional<Approval>> find(String tenant, String id) {
    return found.call(new LookUpRows.Name(tenant, id));
  }

  /**
   * Moves the question of that id.
   *
   * @param move what is done with it as it stands; throws why it may not be moved
   */
  Future<Moved> move(String tenant, String id, Function<Approval, Move> move) {
    return move(tenant, id, move, MAX_TRIES);
  }

  private Future<Moved> move(String tenant, String id, Function<Approval, Move> move, int tries) {
    return find(tenant, id)
        .compose(known -> store(known.orElseThrow(Movement::notFound), move, tries));
  }

  private static RefusedException notFound() {
    return new RefusedException(Why.NOT_FOUND, "there is no such approval");
  }

  /** Moves a question that was just seen, without looking first. */
  Future<Moved> moveKnown(Approval known, Function<Approval, Move> move) {
    return Future.succeededFuture(known).compose(seen -> store(seen, move, MAX_TRIES));
  }

  private Future<Moved> store(Approval known, Function<Approval, Move> move, int tries) {
    return moves
        .call(move.apply(known))
        .compose(outcome ->
            switch (outcome) {
              case Move.Done(Moved moved) -> {
                tell.accept(moved.approval());
                yield Future.succeededFuture(moved);
              }
              case Move.OverBudget(long answers) ->
                  Future.failedFuture(
                      new RefusedException(
                          Why.OVER_BUDGET,
                          "you answered "
                              + answers
                              + " questions within the hour, and can only deny now"));
              case Move.Gone() ->
                  tries == 0
                      ? Future.failedFuture(
                          new IllegalStateException("approval " + known.id() + " never rests"))
                      // Moved meanwhile, or lapsed.
                      : upkeep
                          .expireDue()
                          .compose(expired -> move(known.tenant(), known.id(), move, tries - 1));
            });
  }
}
