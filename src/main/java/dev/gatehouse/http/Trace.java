package dev.gatehouse.http;

import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.ext.web.RoutingContext;
import org.jspecify.annotations.Nullable;

/**
 * The trace that a request belongs to: {@code traceparent} of W3C Trace Context. What is malformed
 * is as if it were not there, as the standard says. Hot path.
 */
final class Trace {
  static final CharSequence HEADER = HttpHeaders.createOptimized("traceparent");

  private static final int LENGTH = 55;

  private Trace() {}

  /** Takes it from a request, and says it in the answer. */
  static void take(RoutingContext context) {
    String trace = of(context.request());
    if (trace != null) {
      context.put("traceparent", trace);
      context.response().putHeader(HEADER, trace);
    }
  }

  /** The one that was taken; null for none. */
  static @Nullable String of(RoutingContext context) {
    return context.get("traceparent");
  }

  private static @Nullable String of(HttpServerRequest request) {
    String given = request.headers().get(HEADER);
    // Of two nobody could say which is meant.
    return given == null || request.headers().getAll(HEADER).size() > 1 ? null : checked(given);
  }

  /**
   * As version 00 has it, which is what a later version begins with; null if it is malformed.
   *
   * @param given what a caller says, in whatever length
   */
  static @Nullable String checked(String given) {
    if (given.length() < LENGTH
        || !isHex(given, 0, 2)
        || given.charAt(2) != '-'
        || !isHex(given, 3, 35)
        || given.charAt(35) != '-'
        || !isHex(given, 36, 52)
        || given.charAt(52) != '-'
        || !isHex(given, 53, LENGTH)
        || isZero(given, 3, 35)
        || isZero(given, 36, 52)) {
      return null;
    }
    if (given.startsWith("00")) {
      return given.length() == LENGTH ? given : null;
    }
    boolean known =
        !given.startsWith("ff") && (given.length() == LENGTH || given.charAt(LENGTH) == '-');
    return known ? "00" + given.substring(2, LENGTH) : null;
  }

  private static boolean isHex(String text, int from, int to) {
    for (int i = from; i < to; i++) {
      char c = text.charAt(i);
      if (!((c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'))) {
        return false;
      }
    }
    return true;
  }

  private static boolean isZero(String text, int from, int to) {
    for (int i = from; i < to; i++) {
      if (text.charAt(i) != '0') {
        return false;
      }
    }
    return true;
  }
}
