package dev.gatehouse.audit;

import dev.gatehouse.store.Companion;
import io.vertx.core.Future;
import io.vertx.sqlclient.SqlClient;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** A call that takes part in the transaction of events. Confined to the writer's loop. */
final class Part<C, R> {
  private final Companion<C, R> companion;
  private final C call;
  private @Nullable R result;

  Part(Companion<C, R> companion, C call) {
    this.companion = companion;
    this.call = call;
  }

  /** What became of it, once the transaction is committed. */
  R result() {
    return Objects.requireNonNull(result, "not committed");
  }

  /** Sends all, those of one companion together. */
  static Future<?> send(SqlClient transaction, List<Part<?, ?>> parts) {
    Map<Companion<?, ?>, List<Part<?, ?>>> together = new LinkedHashMap<>();
    for (Part<?, ?> part : parts) {
      together.computeIfAbsent(part.companion, first -> new ArrayList<>()).add(part);
    }
    List<Future<?>> sent = new ArrayList<>();
    together.values().forEach(some -> sent.add(sendOfOne(transaction, some)));
    return Future.join(sent);
  }

  @SuppressWarnings("unchecked") // all have the first one's companion, so its types
  private static <C, R> Future<?> sendOfOne(SqlClient transaction, List<Part<?, ?>> some) {
    List<Part<C, R>> parts = new ArrayList<>();
    some.forEach(part -> parts.add((Part<C, R>) part));
    return parts
        .getFirst()
        .companion
        .send(transaction, parts.stream().map(part -> part.call).toList())
        .onSuccess(results -> {
          for (int i = 0; i < parts.size(); i++) {
            parts.get(i).result = results.get(i);
          }
        });
  }
}
