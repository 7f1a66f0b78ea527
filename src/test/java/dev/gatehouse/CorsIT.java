package dev.gatehouse;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.gatehouse.RawConnection.Reply;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Web pages: of configured origins, of others, and where none is configured. */
class CorsIT {
  private static final String PAGE = "https://console.example";
  private static final String OTHER = "http://localhost:3000";
  private static final List<String> PATHS =
      List.of("/healthz", "/v1/policies", "/v1/nowhere", "/openapi.json");

  @RegisterExtension
  static final RunningServer CONFIGURED =
      new RunningServer()
          .withNothingReady()
          .with("GATEHOUSE_CORS_ORIGINS", "[%s, '%s']".formatted(PAGE, OTHER));

  @RegisterExtension static final RunningServer OFF = new RunningServer();

  private static Reply ask(RunningServer server, String method, String path, String... headers)
      throws IOException {
    try (RawConnection connection = RawConnection.to(server.api().port())) {
      String lines = headers.length == 0 ? "" : String.join("\r\n", headers) + "\r\n";
      return connection
          .send(
              method
                  + " "
                  + path
                  + " HTTP/1.1\r\nHost: localhost:8420\r\nAuthorization: Bearer "
                  + server.api().key("auditor")
                  + "\r\n"
                  + lines
                  + "\r\n")
          .reply();
    }
  }

  private static void assertNothingIsAllowed(Reply reply) {
    Map<String, String> headers = reply.headers();
    assertTrue(
        headers.keySet().stream().noneMatch(name -> name.startsWith("access-control")),
        headers.toString());
  }

  private static Reply preflight(RunningServer server, String origin, String path)
      throws IOException {
    return ask(
        server,
        "OPTIONS",
        path,
        "Origin: " + origin,
        "Access-Control-Request-Method: POST",
        "Access-Control-Request-Headers: authorization");
  }

  @Test
  void whereNoneIsConfiguredNothingIsSent() throws Exception {
    for (String path : PATHS) {
      Reply reply = ask(OFF, "GET", path, "Origin: " + PAGE);
      assertNothingIsAllowed(reply);
      assertEquals(null, reply.headers().get("vary"));
      Reply preflight = preflight(OFF, PAGE, path);
      assertNothingIsAllowed(preflight);
      assertTrue(preflight.status() >= 400, "OPTIONS " + path + " is " + preflight.status());
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "https://console.example.evil",
        "http://console.example",
        "https://console.example:444",
        "https://CONSOLE.example",
        "null",
        "*",
        "https://console.example\r\nOrigin: https://console.example"
      })
  void aForeignOriginGetsNothing(String origin) throws Exception {
    for (String path : PATHS) {
      Reply reply = ask(CONFIGURED, "GET", path, "Origin: " + origin);
      assertNothingIsAllowed(reply);
      assertEquals("origin", reply.headers().get("vary"), "for caches in between");
      assertNothingIsAllowed(preflight(CONFIGURED, origin, path));
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {PAGE, OTHER})
  void aConfiguredOriginMayReadAnswersAndRefusals(String origin) throws Exception {
    for (String path : PATHS) {
      Reply reply = ask(CONFIGURED, "GET", path, "Origin: " + origin);
      assertEquals(origin, reply.headers().get("access-control-allow-origin"), path);
      assertTrue(
          reply
              .headers()
              .getOrDefault("access-control-expose-headers", "")
              .contains("X-Request-ID"),
          path);
      assertEquals(null, reply.headers().get("access-control-allow-credentials"));
      assertEquals("origin", reply.headers().get("vary"));
    }
  }

  @Test
  void aPreflightIsAnsweredBeforeAKeyIsAskedFor() throws Exception {
    try (RawConnection connection = RawConnection.to(CONFIGURED.api().port())) {
      // When
      Reply reply =
          connection
              .send(
                  "OPTIONS /v1/executions HTTP/1.1\r\nHost: g\r\nOrigin: "
                      + PAGE
                      + "\r\nAccess-Control-Request-Method: POST\r\n\r\n")
              .reply();

      // Then
      assertEquals(204, reply.status());
      assertEquals(PAGE, reply.headers().get("access-control-allow-origin"));
      assertTrue(reply.headers().getOrDefault("access-control-allow-methods", "").contains("POST"));
      String headers = reply.headers().getOrDefault("access-control-allow-headers", "");
      assertTrue(headers.contains("Authorization") && headers.contains("Idempotency-Key"), headers);
      assertTrue(headers.contains("If-Range"), headers);
      assertEquals("600", reply.headers().get("access-control-max-age"));
      // The connection is good for the request itself.
      assertEquals(
          200, connection.send("GET /healthz HTTP/1.1\r\nHost: g\r\n\r\n").reply().status());
    }
  }

  @Test
  void anOptionsThatIsNoPreflightIsAsBefore() throws Exception {
    assertEquals(405, ask(CONFIGURED, "OPTIONS", "/v1/executions", "Origin: " + PAGE).status());
    assertEquals(405, ask(OFF, "OPTIONS", "/v1/executions").status());
  }

  @ParameterizedTest
  @CsvSource({
    "/v1/ws, http://localhost:8420, 101, 101",
    "/v1/ws, https://localhost:8420, 101, 101",
    "/v1/ws, http://localhost, 403, 403",
    "/v1/ws, http://localhost.evil:8420, 403, 403",
    "/v1/ws, https://console.example, 101, 403",
    "/v1/ws, http://console.example, 403, 403",
    "/v1/ws, null, 403, 403",
    "/v1/ws, ::, 403, 403",
    "/latency/stream, http://localhost:8420, 101, 101",
    "/latency/stream, http://console.example, 403, 403",
    "/v1/audit/tail, http://localhost:8420, 101, 101",
    "/v1/audit/tail, https://console.example, 101, 403",
    "/v1/audit/tail, https://evil.example, 403, 403"
  })
  void webSocketsAreOpenedByKnownPagesAlone(String path, String origin, int configured, int off)
      throws Exception {
    String[] handshake = {
      "Connection: Upgrade",
      "Upgrade: websocket",
      "Sec-WebSocket-Version: 13",
      "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
      "Origin: " + origin
    };
    Reply there = ask(CONFIGURED, "GET", path, handshake);
    assertEquals(configured, there.status(), there.body().encode());
    Reply here = ask(OFF, "GET", path, handshake);
    assertEquals(off, here.status(), here.body().encode());
    if (off == 403) {
      assertEquals("origin.refused", here.body().getString("code"));
    }
  }
}
