package dev.gatehouse.http;

import static io.vertx.core.http.HttpHeaders.ACCESS_CONTROL_ALLOW_HEADERS;
import static io.vertx.core.http.HttpHeaders.ACCESS_CONTROL_ALLOW_METHODS;
import static io.vertx.core.http.HttpHeaders.ACCESS_CONTROL_ALLOW_ORIGIN;
import static io.vertx.core.http.HttpHeaders.ACCESS_CONTROL_EXPOSE_HEADERS;
import static io.vertx.core.http.HttpHeaders.ACCESS_CONTROL_MAX_AGE;
import static io.vertx.core.http.HttpHeaders.ACCESS_CONTROL_REQUEST_METHOD;

import dev.gatehouse.config.CorsSettings;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.core.net.HostAndPort;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import java.net.URI;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Which web pages may use the interface: the server's own, and those of origins that are
 * configured. Browsers keep all others from reading answers, as long as nothing here tells them not
 * to; from opening WebSockets they do not keep them, so that is done here. Who is no browser names
 * no origin, and is let through: the key says who may do what.
 *
 * <p>Not Vert.x's handler, which refuses the server's own pages where other origins are configured.
 */
final class Origins {
  private static final String METHODS = "GET, HEAD, POST, PUT, DELETE";
  private static final String REQUEST_HEADERS =
      "Accept, Authorization, Content-Type, Idempotency-Key, If-Range, Last-Event-ID, Prefer,"
          + " Range, traceparent, X-Request-ID";
  private static final String EXPOSED =
      "Content-Range, ETag, Idempotency-Replayed, Retry-After, Server-Timing, traceparent,"
          + " X-Request-ID";
  private static final String MAX_AGE_SECONDS = "600";

  private final Set<String> configured;

  Origins(CorsSettings settings) {
    this.configured = Set.copyOf(settings.origins());
  }

  /** To be added before all that answers; does nothing where no origin is configured. */
  void addTo(Router router) {
    if (!configured.isEmpty()) {
      router.route().handler(this::answer);
    }
  }

  private void answer(RoutingContext context) {
    HttpServerRequest request = context.request();
    HttpServerResponse response = context.response();
    response.putHeader(HttpHeaders.VARY, HttpHeaders.ORIGIN);
    String origin = origin(request);
    if (origin == null || !configured.contains(origin)) {
      context.next();
      return;
    }
    response.putHeader(ACCESS_CONTROL_ALLOW_ORIGIN, origin);
    if (request.method().equals(HttpMethod.OPTIONS)
        && request.headers().contains(ACCESS_CONTROL_REQUEST_METHOD)) {
      response
          .putHeader(ACCESS_CONTROL_ALLOW_METHODS, METHODS)
          .putHeader(ACCESS_CONTROL_ALLOW_HEADERS, REQUEST_HEADERS)
          .putHeader(ACCESS_CONTROL_MAX_AGE, MAX_AGE_SECONDS)
          .setStatusCode(204)
          .end();
      return;
    }
    response.putHeader(ACCESS_CONTROL_EXPOSE_HEADERS, EXPOSED);
    context.next();
  }

  /** Refuses a WebSocket of a page that is neither the server's own nor of a configured origin. */
  void requireKnown(HttpServerRequest request) {
    if (!request.headers().contains(HttpHeaders.ORIGIN)) {
      return;
    }
    String origin = origin(request);
    if (origin == null || !(configured.contains(origin) || isOwn(origin, request.authority()))) {
      throw ApiException.of(
          403, "origin.refused", "pages of this origin may not open a WebSocket here");
    }
  }

  /** The only one that is named; null for none, and for several. */
  private static @Nullable String origin(HttpServerRequest request) {
    List<String> origins = request.headers().getAll(HttpHeaders.ORIGIN);
    return origins.size() == 1 ? origins.getFirst() : null;
  }

  /** Whether a page is from where the request went; a proxy in front may have ended TLS. */
  private static boolean isOwn(String origin, @Nullable HostAndPort authority) {
    if (authority == null) {
      return false;
    }
    try {
      URI page = URI.create(origin);
      String host = page.getHost();
      String scheme = page.getScheme();
      int usual = "https".equals(scheme) ? 443 : 80;
      return host != null
          && host.toLowerCase(Locale.ROOT).equals(authority.host().toLowerCase(Locale.ROOT))
          && (page.getPort() < 0 ? usual : page.getPort())
              == (authority.port() <= 0 ? usual : authority.port());
    } catch (IllegalArgumentException e) {
      return false;
    }
  }
}
