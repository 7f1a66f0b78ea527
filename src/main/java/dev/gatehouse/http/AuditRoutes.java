package dev.gatehouse.http;

import dev.gatehouse.action.Role;
import dev.gatehouse.audit.AuditLog;
import dev.gatehouse.audit.AuditQuery;
import dev.gatehouse.audit.AuditReader;
import dev.gatehouse.audit.Cursor;
import dev.gatehouse.audit.EventFormat;
import dev.gatehouse.http.AuditFields.Want;
import io.vertx.core.Future;
import io.vertx.core.MultiMap;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * {@code /v1/audit}: pages, statistics, exports and the live tail. Agents see their own session.
 * Confined to one event loop.
 */
final class AuditRoutes {
  /** Clients of one event loop that watch the log at once. */
  private static final int MAX_WATCHERS = 256;

  /** The most events that one read shows to a watcher. */
  private static final int TAIL_EVENTS = 500;

  private final AuditReader reader;
  private final Origins origins;
  private int watchers;

  AuditRoutes(AuditLog audit, Origins origins) {
    this.reader = audit.reader();
    this.origins = origins;
  }

  void addTo(Router router) {
    router.get("/v1/audit").handler(context -> Answer.with(context, () -> page(context)));
    router
        .get("/v1/audit/statistics")
        .handler(context -> Answer.with(context, () -> statistics(context)));
    router
        .get("/v1/audit/dead-letters")
        .handler(context -> Answer.with(context, () -> deadLetters(context)));
    router.get("/v1/audit/export").handler(this::export);
    router.get("/v1/audit/tail").handler(this::tail);
  }

  private Future<Answer.Reply> page(RoutingContext context) {
    AuditQuery query = query(context, Want.PAGE);
    return Answer.ok(
        reader.page(query),
        page -> {
          JsonArray array = new JsonArray();
          page.events().forEach(event -> array.add(Replies.event(event)));
          return new JsonObject()
              .put("events", array)
              .put("next", page.more() ? AuditQuery.cursor(page.events().getLast()) : null);
        });
  }

  private Future<Answer.Reply> statistics(RoutingContext context) {
    AuditQuery query = query(context, Want.STATISTICS);
    String by = context.request().getParam("by", "tool");
    try {
      return Answer.ok(
          reader.statistics(query, by),
          known ->
              new JsonObject()
                  .put("by", by)
                  .put("groups", known.groups())
                  .put("more", known.more()));
    } catch (IllegalArgumentException e) {
      throw ApiException.of(422, "query.invalid", String.valueOf(e.getMessage()));
    }
  }

  private Future<Answer.Reply> deadLetters(RoutingContext context) {
    Authentication.require(context, Role.AUDITOR, Role.OPERATOR);
    AuditQuery query = query(context, Want.DEAD_LETTERS);
    return Answer.ok(
        reader.deadLetters(query.tenant(), query.limit()),
        letters -> new JsonObject().put("deadLetters", letters));
  }

  private void export(RoutingContext context) {
    EventFormat format;
    AuditQuery query;
    try {
      query = query(context, Want.EXPORT);
      format = EventFormat.of(context.request().getParam("format", "ndjson"));
    } catch (ApiException e) {
      context.fail(e);
      return;
    } catch (IllegalArgumentException e) {
      context.fail(ApiException.of(422, "query.invalid", String.valueOf(e.getMessage())));
      return;
    }
    OpenCalls.cutWithKey(context);
    new AuditExport(context, reader::page, format, AuditTail.STALL_MILLIS).from(query);
  }

  private void tail(RoutingContext context) {
    AuditQuery query;
    Cursor after;
    try {
      query = query(context, Want.TAIL);
      after = place(context.request());
      if (isWebSocket(context.request())) {
        origins.requireKnown(context.request());
      }
    } catch (ApiException e) {
      context.fail(e);
      return;
    }
    if (watchers >= MAX_WATCHERS) {
      context.fail(
          ApiException.retryable(
              429, "tail.too-many", "more than " + MAX_WATCHERS + " watch the log", 10));
      return;
    }
    watchers++;
    Connections.goesOnForEver(context);
    Future<Cursor> begin = after == null ? reader.end() : Future.succeededFuture(after);
    watcher(context, begin)
        .compose(watcher ->
            new AuditTail(
                    context.vertx(),
                    place -> reader.after(place, query, TAIL_EVENTS),
                    watcher,
                    AuditTail.STALL_MILLIS)
                .follow(begin))
        .onComplete(
            gone -> watchers--,
            failure -> {
              watchers--;
              context.fail(failure);
            });
  }

  /** A request can become a WebSocket only at once; for the other there can still be a problem. */
  private static Future<Watcher> watcher(RoutingContext context, Future<Cursor> begin) {
    HttpServerRequest request = context.request();
    return isWebSocket(request)
        ? request
            .toWebSocket()
            .map(socket -> {
              WebSocketWatcher watcher = new WebSocketWatcher(context.vertx(), request, socket);
              OpenCalls.endWithKey(
                  context, socket, () -> watcher.revoke(Authentication.key(context)));
              return watcher;
            })
        : begin.map(known -> {
          OpenCalls.endEventsWithKey(context);
          return new EventStreamWatcher(request);
        });
  }

  private static boolean isWebSocket(HttpServerRequest request) {
    return request.headers().contains(HttpHeaders.UPGRADE, HttpHeaders.WEBSOCKET, true);
  }

  /** Where the client has got to; null for now. */
  private static @Nullable Cursor place(HttpServerRequest request) {
    String header = request.getHeader("Last-Event-ID");
    String place = header != null ? header : request.getParam("after");
    try {
      return place == null ? null : Cursor.parse(place);
    } catch (IllegalArgumentException e) {
      throw ApiException.of(422, "query.invalid", String.valueOf(e.getMessage()));
    }
  }

  private static AuditQuery query(RoutingContext context, Want want) {
    Map<String, String> given = new HashMap<>();
    MultiMap parameters = context.request().params();
    parameters.names().forEach(name -> given.put(name, parameters.get(name)));
    return AuditFields.query(
        Authentication.require(context, Role.AUDITOR, Role.OPERATOR, Role.AGENT), given, want);
  }
}
