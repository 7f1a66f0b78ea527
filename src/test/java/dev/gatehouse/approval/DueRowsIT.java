package dev.gatehouse.approval;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import dev.gatehouse.DatabaseTemplate;
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

  private static void insert(Database database, String what) throws Exception {
    await(
        database
            .pool()
            .query(
                "insert into approval (id, action, tenant, session, actor, tool, risk, digest,"
                    + " policy, state, created_at, expires_at, decided_at, terms, arguments,"
                    + " preview_shown) "
                    + what)
            .execute());
  }

  private static void event(Database database, String of) throws Exception {
    await(
        database
            .pool()
            .query(
                "insert into approval_event (at, tenant, approval, actor, kind, state, detail,"
                    + " recorded) "
                    + of)
            .execute());
  }

  private static long count(Database database, String table) throws Exception {
    return await(database.pool().query("select count(*) from " + table).execute())
        .iterator()
        .next()
        .getLong(0);
  }

  @Test
  void whatIsReadForEventsHasNoArguments(@TempDir Path data) throws Exception {
    Vertx vertx = Vertx.vertx();
    DatabaseTemplate.copyTo(data);
    try (EmbeddedDatabase embedded = EmbeddedDatabase.start(data)) {
      // Given
      Database database = await(Database.open(vertx, embedded.connectOptions(), 2));
      String terms =
          "'{\"approvers\": [], \"quorum\": 1, \"timeoutMillis\": 60000, \"reasonRequired\": false,"
              + " \"remindMillis\": 60000, \"escalation\": [[\"ada\"]]}'";
      insert(
          database,
          "select 'q' || i, 'b', 't', 's', 'agent', 'bash', 'MEDIUM', 'd' || i, 'p', 'pending',"
              + " now(), now() + (i - 1) * interval '1 hour', null, "
              + terms
              + ", repeat('x', 262144), repeat('y', 262144) from generate_series(1, 2) i");
      await(
          database.pool().query("update approval set remind_at = now() where id = 'q2'").execute());
      event(
          database,
          "values (now() - interval '1 minute', 't', 'q1', 'agent', 'requested', 'pending', '{}',"
              + " false)");
      DueRows rows = new DueRows(database.pool());

      // When
      List<Moved> read = new ArrayList<>(await(rows.takeUnrecorded(OLD_SECONDS, 10)));
      read.addAll(await(rows.escalateDue(10)));
      read.addAll(await(rows.remindDue(10)));
      ApprovalRows events = new ApprovalRows(database.pool());
      read.addAll(await(events.after(new EventCursor(0, 0), "t", null, 10)));

      // Then
      assertEquals(
          List.of("requested", "escalated", "reminded", "requested", "escalated", "reminded"),
          read.stream().map(one -> one.event().kind()).toList());
      for (Moved one : read) {
        assertNull(one.approval().arguments());
        assertNull(one.approval().preview());
      }
      await(database.close());
    } finally {
      await(vertx.close());
    }
  }

  @Test
  void whatIsOldIsForgottenFromTheStartOnHoweverMuchItIs(@TempDir Path data) throws Exception {
    Vertx vertx = Vertx.vertx();
    DatabaseTemplate.copyTo(data);
    try (EmbeddedDatabase embedded = EmbeddedDatabase.start(data)) {
      // Given: what is over for long, what is not, and what the audit log does not have yet.
      Database database = await(Database.open(vertx, embedded.connectOptions(), 2));
      insert(
          database,
          "select 'q' || i, 'b', 't', 's', 'agent', 'bash', 'MEDIUM', 'd', 'p', 'denied', now(),"
              + " now(), now() - case when i > 10100 then interval '1 day' else interval '31 days'"
              + " end, '{\"approvers\": [], \"quorum\": 1, \"timeoutMillis\": 1,"
              + " \"reasonRequired\": false}', null, null from generate_series(1, 10110) i");
      event(
          database,
          "select now() - interval '31 days', 't', 'q' || i, 'agent', 'decided', 'denied', '{}', i"
              + " > 5 from generate_series(1, 10100) i");
      Upkeep upkeep =
          new Upkeep(
              new DueRows(database.pool()),
              new Approvals.Listener() {
                @Override
                public Future<Void> lapsed(Moved moved) {
                  return Future.succeededFuture();
                }

                @Override
                public Future<Void> unrecorded(Moved moved) {
                  return Future.failedFuture("not now");
                }
              },
              told -> {});

      // When
      boolean all = await(upkeep.turn(Future::succeededFuture));
      boolean then = await(upkeep.turn(Future::succeededFuture));

      // Then
      assertEquals(List.of(false, true), List.of(all, then));
      assertEquals(15, count(database, "approval"));
      assertEquals(5, count(database, "approval_event"));
      assertEquals(false, await(upkeep.turn(Future::succeededFuture)));
      await(database.close());
    } finally {
      await(vertx.close());
    }
  }

  @Test
  void whatSeveralServersFindUnrecordedAtTheSameTimeIsGivenToOneOfThem(@TempDir Path data)
      throws Exception {
    Vertx vertx = Vertx.vertx();
    DatabaseTemplate.copyTo(data);
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
