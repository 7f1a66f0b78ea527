package dev.gatehouse.http;

import dev.gatehouse.action.Actor;
import dev.gatehouse.action.Role;
import dev.gatehouse.audit.AuditLog;
import dev.gatehouse.audit.AuditQuery;
import dev.gatehouse.audit.AuditReader;
import dev.gatehouse.audit.Cursor;
import dev.gatehouse.audit.EventFormat;
import io.vertx.core.Future;
import io.vertx.core.MultiMap;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * {@code /v1/audit}: pages, statistics, exports and the live tail. Agents see their own session.
 * Confined to one event loop.
 */
final class AuditRoutes {
  private static final Set<String> OWN =
      Set.of("tenant", "from", "to", "text", "order", "cursor", "limit", "by", "format", "after");

  /** Clients of one event loop that watch the log at once. */
  private static final int MAX_WATCHERS = 256;

  /** The most events that one read shows to a watcher. */
  private static final int TAIL_EVENTS = 500;

  private final AuditReader reader;
  private int watchers;

  AuditRoutes(AuditLog audit) {
    this.reader = audit.reader();
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
    AuditQuery query = query(context);
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
    AuditQuery query = query(context);
    String by = context.request().getParam("by", "tool");
    try {
      return Answer.ok(
          reader.statistics(query, by),
          groups -> new JsonObject().put("by", by).put("groups", groups));
    } catch (IllegalArgumentException e) {
      throw ApiException.of(422, "query.invalid", String.valueOf(e.getMessage()));
    }
  }

  private Future<Answer.Reply> deadLetters(RoutingContext context) {
    Authentication.require(context, Role.AUDITOR, Role.OPERATOR);
    AuditQuery query = query(context);
    return Answer.ok(
        reader.deadLetters(query.tenant(), query.limit()),
        letters -> new JsonObject().put("deadLetters", letters));
  }

  private void export(RoutingContext context) {
    EventFormat format;
    AuditQuery query;
    try {
      query = query(context);
      format = EventFormat.of(context.request().getParam("format", "ndjson"));
    } catch (ApiException e) {
      context.fail(e);
      return;
    } catch (IllegalArgumentException e) {
      context.fail(ApiException.of(422, "query.invalid", String.valueOf(e.getMessage())));
      return;
    }
    new AuditExport(context, reader::page, format, AuditTail.STALL_MILLIS).from(query);
  }

  private void tail(RoutingContext context) {
    AuditQuery query;
    Cursor after;
    try {
      query = query(context);
      after = place(context.request());
    } catch (ApiException e) {
      context.fail(e);
      return;
    }
    if (watchers >= MAX_WATCHERS) {
      context.fail(
          ApiException.of(429, "tail.too-many", "more than " + MAX_WATCHERS + " watch the log"));
      return;
    }
    watchers++;
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
    return request.headers().contains(HttpHeaders.UPGRADE, HttpHeaders.WEBSOCKET, true)
        ? request
            .toWebSocket()
            .map(socket -> new WebSocketWatcher(context.vertx(), request, socket))
        : begin.map(known -> new EventStreamWatcher(request));
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

  private static AuditQuery query(RoutingContext context) {
    Actor actor = Authentication.require(context, Role.AUDITOR, Role.OPERATOR, Role.AGENT);
    MultiMap given = context.request().params();
    Map<String, String> equal = new HashMap<>();
    Map<String, Long> numbers = new HashMap<>();
    for (String name : given.names()) {
      if (!Fields.isName(given.get(name))) {
        throw ApiException.of(422, "query.invalid", name + " is blank or has control characters");
      }
      if (AuditQuery.COLUMNS.contains(name)) {
        equal.put(name, given.get(name));
      } else if (AuditQuery.NUMBERS.contains(name)) {
        numbers.put(name, number(name, given.get(name)));
      } else if (!OWN.contains(name)) {
        throw ApiException.of(422, "query.invalid", "no parameter is called " + name);
      }
    }
    if (actor.role() == Role.AGENT) {
      if (!equal.containsKey("session")) {
        throw ApiException.of(
            403, "role.wrong", "an agent sees one session of its own: expected ?session=<name>");
      }
      equal.put("actor", actor.name());
    }
    String story = equal.remove("action");
    try {
      return new AuditQuery(
          tenant(actor, given.get("tenant")),
          equal,
          numbers,
          story,
          time(given.get("from")),
          time(given.get("to")),
          given.get("text"),
          oldestFirst(given.get("order"), story, equal, context),
          given.get("cursor"),
          limit(given.get("limit"), story, equal, context));
    } catch (IllegalArgumentException | DateTimeException e) {
      throw ApiException.of(422, "query.invalid", String.valueOf(e.getMessage()));
    }
  }

  private static String tenant(Actor actor, @Nullable String asked) {
    if (asked == null || asked.equals(actor.tenant())) {
      return actor.tenant();
    }
    if (asked.equals(AuditLog.SERVER_TENANT) && actor.role() != Role.AGENT) {
      return AuditLog.SERVER_TENANT;
    }
    throw new IllegalArgumentException("tenant must be yours, or " + AuditLog.SERVER_TENANT);
  }

  /** A story is told from its beginning, and so is an export; else the newest comes first. */
  private static boolean oldestFirst(
      @Nullable String order,
      @Nullable String story,
      Map<String, String> equal,
      RoutingContext context) {
    if (order == null) {
      return story != null
          || equal.containsKey("session")
          || context.normalizedPath().endsWith("/export");
    }
    return switch (order) {
      case "asc" -> true;
      case "desc" -> false;
      default -> throw new IllegalArgumentException("order must be asc or desc");
    };
  }

  private static int limit(
      @Nullable String limit,
      @Nullable String story,
      Map<String, String> equal,
      RoutingContext context) {
    if (context.normalizedPath().endsWith("/export")) {
      return AuditQuery.MAX_LIMIT;
    }
    boolean whole = story != null || equal.containsKey("session");
    return limit != null ? Integer.parseInt(limit) : whole ? AuditQuery.MAX_LIMIT : 100;
  }

  private static long number(String name, String text) {
    try {
      return Long.parseLong(text);
    } catch (NumberFormatException e) {
      throw ApiException.of(422, "query.invalid", name + " must be a whole number");
    }
  }

  private static @Nullable Instant time(@Nullable String text) {
    return text == null ? null : Instant.parse(text);
  }
}
