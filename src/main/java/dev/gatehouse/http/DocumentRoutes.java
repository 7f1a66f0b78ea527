package dev.gatehouse.http;

import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.ext.web.Router;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;
import java.util.List;
import java.util.Objects;

/**
 * {@code /openapi.json} and {@code /asyncapi.json}, which describe the interface to machines, and
 * {@code /docs}, which shows the first one to people. Without a key, and the same for everybody.
 */
final class DocumentRoutes {
  static final String OPENAPI = "openapi.json";
  static final String ASYNCAPI = "asyncapi.json";
  static final String PAGE = "docs.html";

  private DocumentRoutes() {}

  static void addTo(Router router) {
    for (String name : List.of(OPENAPI, ASYNCAPI)) {
      Buffer document = Buffer.buffer(read(name));
      router
          .get("/" + name)
          .handler(context ->
              context.response().putHeader(HttpHeaders.CONTENT_TYPE, Answer.JSON).end(document));
    }
    String page = read(PAGE);
    String policy = policyOf(page);
    router.get("/docs").handler(context -> show(context.response(), page, policy));
  }

  private static void show(HttpServerResponse response, String page, String policy) {
    response
        .putHeader(HttpHeaders.CONTENT_TYPE, "text/html; charset=utf-8")
        .putHeader("Content-Security-Policy", policy)
        .putHeader("X-Content-Type-Options", "nosniff")
        .putHeader("Referrer-Policy", "no-referrer")
        .end(page);
  }

  /** A document that is in the jar. */
  static String read(String name) {
    try (InputStream in = DocumentRoutes.class.getResourceAsStream(name)) {
      return new String(Objects.requireNonNull(in, name).readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Lets the page run and show what it is made of, ask this server, and nothing else. */
  private static String policyOf(String page) {
    return "default-src 'none'; connect-src 'self'; script-src "
        + hash(page, "script")
        + "; style-src "
        + hash(page, "style")
        + "; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";
  }

  /** The hash of the page's only element of that name. */
  private static String hash(String page, String element) {
    String begin = "<" + element + ">";
    String content =
        page.substring(page.indexOf(begin) + begin.length(), page.indexOf("</" + element + ">"));
    try {
      byte[] digest =
          MessageDigest.getInstance("SHA-256").digest(content.getBytes(StandardCharsets.UTF_8));
      return "'sha256-" + Base64.getEncoder().encodeToString(digest) + "'";
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }
}
