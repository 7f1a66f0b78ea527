package dev.gatehouse.approval;

import dev.gatehouse.approval.Move.Done;
import dev.gatehouse.approval.Move.Outcome;
import dev.gatehouse.store.Companion;
import io.vertx.core.Future;
import io.vertx.sqlclient.SqlClient;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Uses rights up: of several uses of one right the first is done, if it still is one. */
final class Consumptions implements Companion<Consumption, Optional<Moved>> {
  @Override
  public Future<List<Optional<Moved>>> send(SqlClient transaction, List<Consumption> calls) {
    Map<String, Move> first = new LinkedHashMap<>();
    calls.forEach(call -> first.putIfAbsent(call.move().before().id(), call.move()));
    List<Move> moves = List.copyOf(first.values());
    return new MoveRows(transaction)
        .send(moves)
        .map(outcomes -> {
          IdentityHashMap<Move, Outcome> made = new IdentityHashMap<>();
          for (int i = 0; i < moves.size(); i++) {
            made.put(moves.get(i), outcomes.get(i));
          }
          return calls.stream().map(call -> moved(made.get(call.move()))).toList();
        });
  }

  private static Optional<Moved> moved(@Nullable Outcome outcome) {
    return outcome instanceof Done(Moved moved) ? Optional.of(moved) : Optional.empty();
  }
}
