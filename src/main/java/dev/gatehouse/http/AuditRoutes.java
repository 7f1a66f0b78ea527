package dev.gatehouse.http;

import dev.gatehouse.action.Actor;
import dev.gatehouse.action.Role;
import dev.gatehouse.audit.AuditLog;
import dev.gatehouse.audit.AuditQuery;
import dev.gatehouse.audit.AuditReader;
import dev.gatehouse.audit.EventFormat;
import dev.gatehouse.audit.StoredEvent;
import io.vertx.core.Future;
import io.vertx.core.MultiMap;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * {@code /v1/audit}: pages, statistics, exports and the live tail. Agents see their own session.
 */
final class AuditRoutes {
  private static final Set<String> OWN =
      Set.of(
          "tenant",
          "chain",
          "minDurationNanos",
          "from",
          "to",
          "text",
          "order",
          "cursor",
          "limit",
          "by",
          "format",
          "after");

  private final AuditReader reader;

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
        events -> {
          JsonArray array = new JsonArray();
          events.forEach(event -> array.add(Replies.event(event)));
          boolean more = events.size() == query.limit();
          return new JsonObject()
              .put("events", array)
              .put("next", more ? AuditQuery.cursor(events.getLast()) : null);
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
    HttpServerResponse response = context.response();
    response.setChunked(true).putHeader(HttpHeaders.CONTENT_TYPE, format.contentType());
    write(response, format.header())
        .compose(begun -> exportFrom(response, query, format))
        .onComplete(done -> response.end(), context::fail);
  }

  /** Page by page, and the next one only when the client has taken this one. */
  private Future<Void> exportFrom(
      HttpServerResponse response, AuditQuery query, EventFormat format) {
    return reader
        .page(query)
        .compose(events -> {
          StringBuilder lines = new StringBuilder();
          events.forEach(event -> lines.append(format.line(event)));
          return write(response, lines.toString())
              .compose(written ->
                  events.size() < query.limit() || response.closed()
                      ? Future.succeededFuture()
                      : exportFrom(
                          response, query.after(AuditQuery.cursor(events.getLast())), format));
        });
  }

  private static Future<Void> write(HttpServerResponse response, String text) {
    return text.isEmpty() ? Future.succeededFuture() : response.write(text);
  }

  private void tail(RoutingContext context) {
    try {
      AuditQuery query = query(context);
      String after = context.request().getHeader("Last-Event-ID");
      new AuditTail(context, reader, query)
          .start(after != null ? after : context.request().getParam("after"));
    } catch (ApiException e) {
      context.fail(e);
    }
  }

  private static AuditQuery query(RoutingContext context) {
    Actor actor = Authentication.require(context, Role.AUDITOR, Role.OPERATOR, Role.AGENT);
    MultiMap given = context.request().params();
    Map<String, String> equal = new HashMap<>();
    for (String name : given.names()) {
      if (!Fields.isName(given.get(name))) {
        throw ApiException.of(422, "query.invalid", name + " is blank or has control characters");
      }
      if (AuditQuery.COLUMNS.contains(name)) {
        equal.put(name, given.get(name));
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
          number(given.get("chain")),
          number(given.get("minDurationNanos")),
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

  private static @Nullable Long number(@Nullable String text) {
    return text == null ? null : Long.valueOf(text);
  }

  private static @Nullable Instant time(@Nullable String text) {
    return text == null ? null : Instant.parse(text);
  }

  static boolean matches(AuditQuery query, StoredEvent stored) {
    JsonObject event = Replies.event(stored);
    return query.tenant().equals(stored.event().tenant())
        && (query.story() == null
            || query.story().equals(stored.event().action())
            || query.story().equals(stored.event().parent()))
        && List.copyOf(query.equal().entrySet()).stream()
            .allMatch(entry -> entry.getValue().equals(event.getString(entry.getKey())));
  }
}
