package dev.gatehouse.http;

import dev.gatehouse.sandbox.Claim;
import dev.gatehouse.sandbox.SandboxInfo;
import dev.gatehouse.sandbox.SandboxQuery;
import dev.gatehouse.sandbox.SandboxQuery.Place;
import io.vertx.core.MultiMap;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.web.RoutingContext;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** {@code GET /v1/sandboxes}: which are asked for, and how a page of them looks. */
final class SandboxListing {
  private static final int DEFAULT_LIMIT = 100;
  private static final int MAX_LIMIT = 1000;
  private static final Set<String> PARAMETERS =
      Set.of("state", "session", "label", "profile", "limit", "cursor");

  /** Microseconds since 1970, and an id. */
  private static final Pattern CURSOR = Pattern.compile("(\\d{1,18})-([0-9a-f-]{1,64})");

  private SandboxListing() {}

  static SandboxQuery query(RoutingContext context, Claim claim) {
    MultiMap given = context.queryParams();
    for (String name : given.names()) {
      if (!PARAMETERS.contains(name)) {
        throw ApiException.of(422, "query.unknown", "there is no such parameter");
      }
    }
    return new SandboxQuery(
        claim,
        state(given.get("state")),
        given.get("profile"),
        Labels.parse(given.getAll("label")),
        place(given.get("cursor")),
        limit(given.get("limit")));
  }

  private static SandboxInfo.@Nullable State state(@Nullable String word) {
    return word == null
        ? null
        : SandboxInfo.State.of(word)
            .orElseThrow(
                () -> ApiException.of(422, "state.unknown", "state must be running or paused"));
  }

  private static int limit(@Nullable String text) {
    if (text == null) {
      return DEFAULT_LIMIT;
    }
    if (!text.matches("\\d{1,6}")) {
      throw badLimit();
    }
    int limit = Integer.parseInt(text);
    if (limit < 1 || limit > MAX_LIMIT) {
      throw badLimit();
    }
    return limit;
  }

  private static ApiException badLimit() {
    return ApiException.of(
        422, "field.out-of-range", "limit is a whole number from 1 to " + MAX_LIMIT);
  }

  private static @Nullable Place place(@Nullable String cursor) {
    if (cursor == null) {
      return null;
    }
    Matcher matcher = CURSOR.matcher(cursor);
    if (matcher.matches()) {
      try {
        Instant createdAt = Instant.EPOCH.plus(Long.parseLong(matcher.group(1)), ChronoUnit.MICROS);
        return new Place(createdAt, matcher.group(2));
      } catch (DateTimeException | ArithmeticException e) {
        // Told below.
      }
    }
    throw ApiException.of(422, "cursor.malformed", "cursor is not one that an earlier reply gave");
  }

  static JsonObject page(SandboxQuery.Page page) {
    JsonArray sandboxes = new JsonArray();
    page.sandboxes().forEach(sandbox -> sandboxes.add(Replies.sandbox(sandbox)));
    Place next = page.next();
    return new JsonObject()
        .put("sandboxes", sandboxes)
        .put("cursor", next == null ? null : text(next));
  }

  private static String text(Place place) {
    return ChronoUnit.MICROS.between(Instant.EPOCH, place.createdAt()) + "-" + place.id();
  }
}
