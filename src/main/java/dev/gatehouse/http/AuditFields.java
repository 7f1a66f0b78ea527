package dev.gatehouse.http;

import dev.gatehouse.action.Actor;
import dev.gatehouse.action.Role;
import dev.gatehouse.audit.AuditLog;
import dev.gatehouse.audit.AuditQuery;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** What a caller asks of the log, and may ask: agents see one session of their own. */
final class AuditFields {
  private static final Set<String> FILTERS = Set.of("tenant", "from", "to", "text");

  /** What is wanted of the log, and the parameters that it has besides the filters. */
  enum Want {
    PAGE("order", "cursor", "limit"),
    STATISTICS("by"),
    EXPORT("order", "format"),
    TAIL("after"),
    DEAD_LETTERS("limit");

    @SuppressWarnings("ImmutableEnumChecker") // a copy that nobody can change
    private final Set<String> own;

    Want(String... own) {
      this.own = Set.of(own);
    }

    private boolean has(String parameter) {
      return own.contains(parameter)
          || (this == DEAD_LETTERS
              ? parameter.equals("tenant")
              : FILTERS.contains(parameter)
                  || AuditQuery.COLUMNS.contains(parameter)
                  || AuditQuery.NUMBERS.contains(parameter));
    }
  }

  private AuditFields() {}

  /**
   * A query.
   *
   * @param given parameters by name
   */
  static AuditQuery query(Actor actor, Map<String, String> given, Want want) {
    Authentication.require(actor, Role.AUDITOR, Role.OPERATOR, Role.AGENT);
    Map<String, String> equal = new HashMap<>();
    Map<String, Long> numbers = new HashMap<>();
    given.forEach((name, text) -> {
      if (!Fields.isName(text)) {
        throw ApiException.of(422, "query.invalid", name + " is blank or has control characters");
      }
      if (!want.has(name)) {
        throw ApiException.of(422, "query.invalid", "no parameter here is called " + name);
      }
      if (AuditQuery.COLUMNS.contains(name)) {
        equal.put(name, text);
      } else if (AuditQuery.NUMBERS.contains(name)) {
        numbers.put(name, number(name, text));
      }
    });
    if (actor.role() == Role.AGENT) {
      if (!equal.containsKey("session")) {
        throw ApiException.of(
            403, "role.wrong", "an agent sees one session of its own: expected ?session=<name>");
      }
      equal.put("actor", actor.name());
    }
    String story = equal.remove("action");
    boolean whole = want == Want.EXPORT;
    boolean told = story != null || equal.containsKey("session");
    try {
      return new AuditQuery(
          tenant(actor, given.get("tenant")),
          equal,
          numbers,
          story,
          time(given.get("from")),
          time(given.get("to")),
          given.get("text"),
          oldestFirst(given.get("order"), told || whole),
          given.get("cursor"),
          whole ? AuditQuery.MAX_LIMIT : limit(given.get("limit"), told));
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
  private static boolean oldestFirst(@Nullable String order, boolean usual) {
    return switch (order) {
      case null -> usual;
      case "asc" -> true;
      case "desc" -> false;
      default -> throw new IllegalArgumentException("order must be asc or desc");
    };
  }

  private static int limit(@Nullable String limit, boolean told) {
    return limit != null ? Integer.parseInt(limit) : told ? AuditQuery.MAX_LIMIT : 100;
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
