package dev.gatehouse.approval;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.gatehouse.store.Database;
import dev.gatehouse.store.EmbeddedDatabase;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.sqlclient.Tuple;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DueRowsIT {
  private static final int EVENTS = 40;
  private static final int OLD_SECONDS = 15;

  private static <T> T await(Future<T> future) throws Exception {
    return future.await(60, TimeUnit.SECONDS);
  }

  private static List<Long> sequences(List<Moved> moved) {
    return moved.stream().map(one -> one.event().sequence()).sorted().toList();
  }

  @Test
  void whatSeveralServersFindUnrecordedAtTheSameTimeIsGivenToOneOfThem(@TempDir Path data)
      throws Exception {
    Vertx vertx = Vertx.vertx();
    try (EmbeddedDatabase embedded = EmbeddedDatabase.start(data)) {
      // Given
      Database database = await(Database.open(vertx, embedded.connectOptions(), 8));
      await(
          database
              .pool()
              .query(
                  "insert into approval (id, action, tenant, session, actor, tool, risk, digest,"
                      + " policy, state, created_at, expires_at, terms) values ('a', 'b', 't', 's',"
                      + " 'agent', 'bash', 'MEDIUM', 'd', 'p', 'pending', now(), now(),"
                      + " '{\"approvers\": [], \"quorum\": 1, \"timeoutMillis\": 1,"
                      + " \"reasonRequired\": false}')")
              .execute());
      await(
          database
              .pool()
              .preparedQuery(
                  "insert into approval_event (at, tenant, approval, actor, kind, state, detail)"
                      + " select now() - interval '1 minute', 't', 'a', 'agent', 'requested',"
                      + " 'pending', '{}' from generate_series(1, $1)")
              .execute(Tuple.of(EVENTS)));
      DueRows rows = new DueRows(database.pool());

      // When
      List<Future<List<Moved>>> looks = new ArrayList<>();
      for (int server = 0; server < 8; server++) {
        looks.add(rows.takeUnrecorded(OLD_SECONDS, EVENTS / 2));
      }
      List<Moved> taken = new ArrayList<>();
      for (Future<List<Moved>> look : looks) {
        taken.addAll(await(look));
      }
      // Who skipped rows that another one just held comes again.
      taken.addAll(await(rows.takeUnrecorded(OLD_SECONDS, EVENTS)));

      // Then
      assertEquals(LongStream.rangeClosed(1, EVENTS).boxed().toList(), sequences(taken));
      // Who took them may have died: after a while another one is given them.
      await(
          database
              .pool()
              .query("update approval_event set taken_at = taken_at - interval '1 minute'")
              .execute());
      assertEquals(sequences(taken), sequences(await(rows.takeUnrecorded(OLD_SECONDS, EVENTS))));
      await(database.close());
    } finally {
      await(vertx.close());
    }
  }
}
