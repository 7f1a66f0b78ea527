package dev.gatehouse.sandbox.egress;

import io.vertx.core.MultiMap;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpVersion;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/** What a request to the proxy asks for, and what of its head may go on. */
final class Requests {
  private static final String SCHEME = "http://";
  private static final int HTTP_PORT = 80;

  /** They hold between two neighbours, and go no further. */
  private static final Set<String> HOP_BY_HOP =
      Set.of(
          "connection",
          "keep-alive",
          "proxy-authenticate",
          "proxy-authorization",
          "proxy-connection",
          "te",
          "trailer",
          "transfer-encoding",
          "upgrade");

  private Requests() {}

  /**
   * Where the request wants to go: {@code CONNECT host:port}, or a URL with {@code http://}.
   *
   * @throws RefusedException if it is neither, or its body could be understood in two ways
   */
  static Target target(HttpServerRequest request) {
    try {
      checkFraming(request);
      return request.method().equals(HttpMethod.CONNECT)
          ? Target.parse(request.uri(), 0)
          : Target.parse(authority(request.uri()), HTTP_PORT);
    } catch (IllegalArgumentException e) {
      throw new RefusedException(
          Refusal.MALFORMED, "the request's target or head " + e.getMessage());
    }
  }

  private static String authority(String uri) {
    if (!uri.regionMatches(true, 0, SCHEME, 0, SCHEME.length())) {
      throw new IllegalArgumentException("is no http:// URL; for https use CONNECT host:port");
    }
    return uri.substring(SCHEME.length(), pathStart(uri));
  }

  private static int pathStart(String uri) {
    for (int i = SCHEME.length(); i < uri.length(); i++) {
      if ("/?#\\".indexOf(uri.charAt(i)) >= 0) {
        return i;
      }
    }
    return uri.length();
  }

  /** What the server behind the proxy is asked for. */
  static String pathOf(String uri) {
    String path = uri.substring(pathStart(uri));
    return path.startsWith("/") ? path : "/" + path;
  }

  private static void checkFraming(HttpServerRequest request) {
    MultiMap headers = request.headers();
    List<String> encodings = headers.getAll(HttpHeaders.TRANSFER_ENCODING);
    List<String> lengths = headers.getAll(HttpHeaders.CONTENT_LENGTH);
    boolean plain =
        encodings.isEmpty()
            || (encodings.size() == 1 && encodings.get(0).equalsIgnoreCase("chunked"));
    if (!plain || lengths.size() > 1 || (!encodings.isEmpty() && !lengths.isEmpty())) {
      throw new IllegalArgumentException("says in two ways how long its body is");
    }
    if (request.method().equals(HttpMethod.CONNECT)) {
      if (!encodings.isEmpty() || !lengths.isEmpty()) {
        throw new IllegalArgumentException("has a body, which CONNECT has not");
      }
    } else if (request.version() != HttpVersion.HTTP_1_1) {
      throw new IllegalArgumentException("is not HTTP/1.1");
    }
  }

  /** Copies what goes on to the next. */
  static void copyHeaders(MultiMap from, MultiMap to) {
    List<String> named =
        from.getAll(HttpHeaders.CONNECTION).stream()
            .flatMap(value -> List.of(value.split(",")).stream())
            .map(name -> name.strip().toLowerCase(Locale.ROOT))
            .toList();
    from.forEach((name, value) -> {
      String lower = name.toLowerCase(Locale.ROOT);
      if (!HOP_BY_HOP.contains(lower) && !named.contains(lower)) {
        to.add(name, value);
      }
    });
  }
}
