package dev.gatehouse.http;

import dev.gatehouse.action.Ids;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.ext.web.RoutingContext;
import java.util.regex.Pattern;

/** The request's id: the caller's own if it is a sane one, else a new one. */
final class RequestId {
  static final String HEADER = "X-Request-ID";

  private static final Pattern SANE = Pattern.compile("[A-Za-z0-9._:-]{1,128}");

  private RequestId() {}

  /** The id that {@link HttpVerticle} gave the request when it came, if it came so far. */
  static String of(RoutingContext context) {
    String given = context.get(HEADER);
    if (given == null) {
      given = new Ids().next();
      context.put(HEADER, given);
    }
    return given;
  }

  static String of(HttpServerRequest request, Ids ids) {
    String given = request.getHeader(HEADER);
    return given != null && SANE.matcher(given).matches() ? given : ids.next();
  }
}
