package dev.gatehouse.http;

import dev.gatehouse.action.Actor;
import dev.gatehouse.approval.EventCursor;
import dev.gatehouse.approval.Moved;
import dev.gatehouse.audit.Ahead;
import dev.gatehouse.audit.AuditQuery;
import dev.gatehouse.audit.AuditReader;
import dev.gatehouse.audit.Cursor;
import dev.gatehouse.gate.Questions;
import dev.gatehouse.http.AuditFields.Want;
import dev.gatehouse.http.SocketWatch.Event;
import dev.gatehouse.http.SocketWatch.News;
import dev.gatehouse.http.SocketWatch.Source;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.json.JsonObject;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;

/**
 * What WebSockets watch: the moves of questions and the log, as the same key sees them over HTTP.
 * Confined to one event loop.
 */
final class SocketEvents {
  /** Streams of one event loop that watch at once: each looks into the database now and then. */
  private static final int MAX_WATCHERS = 256;

  /** The most events of one read. */
  private static final int READ_LIMIT = 200;

  private static final int MAX_PLACE_BYTES = 32 << 10;

  private final Vertx vertx;
  private final Questions questions;
  private final AuditReader log;
  private int watchers;

  SocketEvents(Vertx vertx, Questions questions, AuditReader log) {
    this.vertx = vertx;
    this.questions = questions;
    this.log = log;
  }

  /** Begins to watch, after the place given or from now on. */
  Future<SocketReply> watch(SocketConnection by, JsonBody body) {
    String of = body.text("of", Fields.MAX_NAME_BYTES);
    String after = body.text("after", MAX_PLACE_BYTES, "");
    SocketCredit credit = by.streams().creditOf(body);
    Source source =
        switch (of) {
          case "approvals" -> moves(SocketApprovals.anybody(by));
          case "audit" -> rows(AuditFields.query(by.actor(), filter(body), Want.TAIL));
          default -> throw ApiException.of(422, "field.malformed", "of must be approvals or audit");
        };
    body.refuseUnread();
    if (watchers >= MAX_WATCHERS) {
      throw ApiException.retryable(429, "events.watched", "too many watch already", 10);
    }
    // A place that is none is refused here, before a number is taken.
    Future<String> begin = after.isEmpty() ? source.end() : source.after(after).map(known -> after);
    int stream = by.streams().reserve();
    // Before the read of the place: frames that come meanwhile are counted, too.
    watchers++;
    return begin
        .map(place -> {
          open(by, stream, source, place, credit);
          JsonObject reply = new JsonObject().put("cursor", place);
          return new SocketReply(new Answer.Reply(200, reply), stream);
        })
        .onFailure(failure -> watchers--)
        .onComplete(done -> by.streams().release(stream));
  }

  private void open(
      SocketConnection by, int stream, Source source, String place, SocketCredit credit) {
    if (by.isClosing()) {
      watchers--;
      return;
    }
    by.streams()
        .open(
            stream,
            new SocketWatch(stream, vertx, by.streams(), source, place, credit, () -> watchers--));
  }

  private static Map<String, String> filter(JsonBody body) {
    Map<String, String> filter = new HashMap<>();
    body.object("filter")
        .forEach((name, value) -> {
          if (!(value instanceof String text)) {
            throw ApiException.of(422, "field.wrong-type", "filter has texts only");
          }
          filter.put(name, text);
        });
    return filter;
  }

  private Source moves(Actor actor) {
    return new Source() {
      @Override
      public Future<String> end() {
        return questions.end().map(EventCursor::toString);
      }

      @Override
      public Future<News> after(String place) {
        return questions
            .after(actor, known(() -> EventCursor.parse(place)), READ_LIMIT)
            .map(moved -> {
              List<Event> events = new ArrayList<>(moved.size());
              for (Moved one : moved) {
                events.add(new Event(one.event().cursor().toString(), ApprovalWatch.data(one)));
              }
              return new News(events, events.isEmpty() ? place : events.getLast().place());
            });
      }
    };
  }

  private Source rows(AuditQuery query) {
    return new Source() {
      @Override
      public Future<String> end() {
        return log.end().map(Cursor::toString);
      }

      @Override
      public Future<News> after(String place) {
        return log.after(known(() -> Cursor.parse(place)), query, READ_LIMIT)
            .map(ahead -> {
              List<Event> events = new ArrayList<>(ahead.seen().size());
              for (Ahead.Seen seen : ahead.seen()) {
                events.add(new Event(seen.place().toString(), Replies.event(seen.event())));
              }
              return new News(events, ahead.reached().toString());
            });
      }
    };
  }

  private static <T> T known(Supplier<T> place) {
    try {
      return place.get();
    } catch (IllegalArgumentException e) {
      throw ApiException.of(422, "cursor.malformed", String.valueOf(e.getMessage()));
    }
  }
}
