package dev.gatehouse;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.vertx.core.json.JsonObject;
import java.io.ByteArrayOutputStream;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.WebSocketHandshakeException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletionException;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The connection of {@code /v1/ws}: who it is, what it may send, and how it ends. */
class SocketIT {
  private static final String HANDSHAKE =
      String.join(
          "\r\n",
          "GET /v1/ws HTTP/1.1",
          "Host: x",
          "Connection: Upgrade",
          "Upgrade: websocket",
          "Sec-WebSocket-Version: 13",
          "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
          "");

  @RegisterExtension
  static final RunningServer SERVER =
      new RunningServer()
          .withNothingReady()
          .with(
              "GATEHOUSE_KEYS",
              "["
                  + String.join(
                      ",",
                      key("bot", "agent", "default", "bot"),
                      key("bot-too", "agent", "default", "bot"),
                      key("stranger", "agent", "default", "stranger"),
                      key("foreigner", "agent", "blue", "bot"),
                      key("boss", "operator", "default", "bot"),
                      key("crowd", "agent", "default", "crowd"))
                  + "]")
          .with("GATEHOUSE_WEBSOCKET_AUTH_TIMEOUT_MILLIS", "5000")
          .with("GATEHOUSE_WEBSOCKET_CONNECTIONS_PER_KEY", "3")
          .with("GATEHOUSE_WEBSOCKET_UNAUTHENTICATED", "3")
          .with("GATEHOUSE_WEBSOCKET_MAX_FRAME_BYTES", "20000")
          .with("GATEHOUSE_WEBSOCKET_MAX_MESSAGE_BYTES", "50000")
          .with("GATEHOUSE_WEBSOCKET_MAX_UNDER_WAY", "50");

  private final Api api = SERVER.api();

  private static String key(String name, String role, String tenant, String holder) {
    return "{name: %s, role: %s, tenant: %s, holder: %s, sha256: %s}"
        .formatted(name, role, tenant, holder, ApprovalKeys.sha256(name));
  }

  private SocketClient open(@Nullable String key) {
    return SocketClient.open(api, key);
  }

  private static JsonObject decision(String command) {
    return new JsonObject()
        .put("tool", "bash")
        .put("arguments", new JsonObject().put("command", command));
  }

  private static JsonObject auth(String key) {
    return new JsonObject().put("type", "auth").put("key", key);
  }

  @Test
  void aKeyInTheHeaderIsWhoItIs() {
    try (SocketClient client = open("bot")) {
      JsonObject hello = client.awaitType("hello");
      assertEquals("bot", hello.getJsonObject("key").getString("name"), hello.encode());
      assertEquals(50, hello.getJsonObject("limits").getInteger("maxUnderWay"));

      // When
      JsonObject reply = client.ask(200, "decide", decision("ls"));

      // Then
      assertEquals("ALLOW", reply.getJsonObject("body").getString("outcome"), reply.encode());
      assertTrue(api.metric("gatehouse_websockets") >= 1);
    }
  }

  @Test
  void aKeyInTheFirstFrameIsWhoItIs() {
    try (SocketClient client = open(null)) {
      assertNull(client.awaitType("hello").getJsonObject("key"));
      client.send(auth("bot"));
      JsonObject welcome = client.awaitType("welcome");
      assertEquals("agent", welcome.getJsonObject("key").getString("role"), welcome.encode());
      client.ask(200, "decide", decision("ls"));
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{\"type\":\"auth\",\"key\":\"nobody\"} | key.unknown",
        "{\"type\":\"auth\"} | field.missing",
        "{\"type\":\"auth\",\"key\":\"bot\",\"as\":\"boss\"} | field.unknown",
        "{\"id\":\"1\",\"type\":\"decide\",\"tool\":\"bash\"} | key.missing",
        "[] | body.not-an-object"
      })
  void whoDoesNotSayWhoHeIsIsAskedNothingElse(String first, String code) {
    try (SocketClient client = open(null)) {
      client.send(first);
      assertEquals(4401, client.awaitClose());
      JsonObject error = client.awaitType("error");
      assertEquals(code, error.getJsonObject("body").getString("code"), error.encode());
    }
  }

  @Test
  void whoSaysNothingIsClosedInTime() {
    try (SocketClient client = open(null)) {
      assertEquals(4408, client.awaitClose());
    }
  }

  @Test
  void aBadKeyInTheHeaderIsRefusedOverHttp() {
    assertEquals(401, handshake("nobody"));
    assertEquals(426, api.send(plain().build()).status());
  }

  private HttpRequest.Builder plain() {
    return HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + api.port() + "/v1/ws"))
        .header("Authorization", "Bearer bot");
  }

  private int handshake(@Nullable String key) {
    CompletionException failure = assertThrows(CompletionException.class, () -> open(key).close());
    return assertInstanceOf(WebSocketHandshakeException.class, failure.getCause())
        .getResponse()
        .statusCode();
  }

  @Test
  void anotherKeyOfTheSameHolderIsTakenFromThenOn() {
    try (SocketClient client = open("bot")) {
      client.send(auth("bot-too"));
      JsonObject welcome = client.awaitType("welcome");
      assertEquals("bot-too", welcome.getJsonObject("key").getString("name"));
      client.ask(200, "decide", decision("ls"));
    }
  }

  @ParameterizedTest
  @CsvSource({"stranger, 4403", "foreigner, 4403", "boss, 4403", "nobody, 4401"})
  void aKeyOfSomebodyElseEndsTheConnection(String other, int code) {
    try (SocketClient client = open("bot")) {
      client.send(auth(other));
      assertEquals(code, client.awaitClose());
    }
  }

  @Test
  void aKeyHasSoManyConnectionsAndStrangersHaveSoMany() {
    List<SocketClient> clients = new ArrayList<>();
    try {
      for (int i = 0; i < 3; i++) {
        clients.add(open("crowd"));
      }
      assertEquals(429, handshake("crowd"));
      SocketClient late = open(null).send(auth("crowd"));
      clients.add(late);
      assertEquals(4429, late.awaitClose());

      // When
      clients.getFirst().abort();

      // Then
      Eventually.eventually(
          "its place is free",
          Duration.ofSeconds(20),
          () -> {
            try {
              clients.add(open("crowd"));
              return true;
            } catch (CompletionException full) {
              return false;
            }
          });
    } finally {
      clients.forEach(SocketClient::close);
    }
  }

  @Test
  void onlySoManyMaySayNothing() {
    List<SocketClient> clients = new ArrayList<>();
    try {
      Eventually.eventually(
          "it is full of strangers",
          Duration.ofSeconds(20),
          () -> {
            try {
              clients.add(open(null));
              return false;
            } catch (CompletionException full) {
              return true;
            }
          });
      open("stranger").close();
    } finally {
      clients.forEach(SocketClient::close);
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{ | body.not-json",
        "{\"id\":\"1\",\"id\":\"2\",\"type\":\"decide\"} | body.duplicate-field",
        "{\"id\":\"1\"} | field.missing",
        "{\"type\":\"decide\",\"tool\":\"bash\"} | field.missing",
        "{\"id\":\"a b\",\"type\":\"decide\"} | field.malformed",
        "{\"id\":7,\"type\":\"decide\"} | field.wrong-type",
        "{\"type\":\"credit\",\"bytes\":0} | field.out-of-range",
        "{\"type\":\"credit\",\"stream\":1} | field.missing",
        "{\"type\":\"credit\",\"bytes\":16777216} | credit.exceeded"
      })
  void aBadFrameSpoilsNoOther(String bad, String code) {
    try (SocketClient client = open("bot")) {
      client.send(bad);
      JsonObject error = client.awaitType("error");
      assertEquals(code, error.getJsonObject("body").getString("code"), error.encode());
      client.ask(200, "decide", decision("ls"));
    }
  }

  @Test
  void nestingIsBounded() {
    try (SocketClient client = open("bot")) {
      client.send("{\"a\":".repeat(70) + "1" + "}".repeat(70));
      assertEquals(
          "body.not-json", client.awaitType("error").getJsonObject("body").getString("code"));
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "dance | {} | 422 | type.unknown",
        "decide | {} | 422 | field.missing",
        "decide | {\"tool\":\"x\",\"colour\":1} | 422 | field.unknown",
        "decide | {\"tool\":\"x\",\"context\":{\"sandbox\":{}}} | 422 | context.reserved",
        "stop | {\"stream\":9} | 404 | stream.not-found",
        "execution | {\"execution\":\"none\"} | 404 | execution.not-found"
      })
  void aBadRequestIsAnsweredAsOverHttp(String type, String fields, int status, String code) {
    try (SocketClient client = open("bot")) {
      JsonObject reply = client.ask(status, type, new JsonObject(fields));
      JsonObject problem = reply.getJsonObject("body");
      assertEquals(code, problem.getString("code"), reply.encode());
      assertEquals(status, problem.getInteger("status"));
      assertFalse(problem.getString("requestId").isBlank());
    }
  }

  @Test
  void onlyAgentsMayAskForDecisions() {
    try (SocketClient client = open("boss")) {
      JsonObject reply = client.ask(403, "decide", decision("ls"));
      assertEquals("role.wrong", reply.getJsonObject("body").getString("code"));
    }
  }

  @Test
  void binaryFramesOfClientsEndTheConnection() {
    try (SocketClient client = open("bot")) {
      client.sendBinary(new byte[] {1});
      assertEquals(1003, client.awaitClose());
    }
  }

  @Test
  void aFrameThatIsTooLongEndsTheConnection() throws Exception {
    try (RawConnection raw = RawConnection.to(api.port())) {
      assertEquals(101, upgrade(raw, "").status());
      // Its head alone: what is not read would make the end a reset.
      raw.send(Arrays.copyOf(frame(0x81, " ".repeat(20_001)), 8));
      raw.readUntil(SocketClient.closeFrame(1009));
    }
  }

  @Test
  void aMessageInPiecesIsOneMessageAndBoundedToo() throws Exception {
    try (RawConnection raw = RawConnection.to(api.port())) {
      assertEquals(101, upgrade(raw, "").status());
      String decide =
          "{\"id\":\"1\",\"type\":\"decide\",\"tool\":\"x\",\"arguments\":{\"a\":\""
              + "y".repeat(30_000)
              + "\"}}";
      raw.send(frame(0x01, decide.substring(0, 15_000)))
          .send(frame(0x00, decide.substring(15_000, 30_000)))
          .send(frame(0x80, decide.substring(30_000)));
      String said = raw.readUntil("\"type\":\"reply\"");
      assertTrue(said.contains("\"id\":\"1\""), said);

      // When
      raw.send(frame(0x01, "x".repeat(19_000)))
          .send(frame(0x00, "x".repeat(19_000)))
          .send(frame(0x00, "x".repeat(19_000)));

      // Then
      raw.readUntil("the message is too large");
    }
  }

  @Test
  void whatIsNoWebSocketProtocolEndsTheConnection() throws Exception {
    try (RawConnection raw = RawConnection.to(api.port())) {
      assertEquals(101, upgrade(raw, "").status());
      // Not masked, as clients must.
      raw.send(new byte[] {(byte) 0x81, 2, '{', '}'});
      raw.readUntil(SocketClient.closeFrame(1002));
    }
    try (SocketClient client = open("bot")) {
      client.ask(200, "decide", decision("ls"));
    }
  }

  @Test
  void compressionIsNotNegotiated() throws Exception {
    try (RawConnection raw = RawConnection.to(api.port())) {
      RawConnection.Reply reply =
          upgrade(
              raw,
              "Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits,"
                  + " x-webkit-deflate-frame\r\n");
      assertEquals(101, reply.status());
      assertNull(reply.headers().get("sec-websocket-extensions"));
    }
  }

  @Test
  void theFramesAreDescribedForMachinesWithoutAKey() {
    Api.Answer answer =
        api.send(
            HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + api.port() + "/asyncapi.json"))
                .build());
    assertEquals(200, answer.status());
    assertEquals("3.0.0", answer.body().getString("asyncapi"));
  }

  private static RawConnection.Reply upgrade(RawConnection raw, String more) throws Exception {
    return raw.send(HANDSHAKE + "Authorization: Bearer bot\r\n" + more + "\r\n").reply();
  }

  /** A masked frame, whose mask is nothing. */
  private static byte[] frame(int head, String text) {
    byte[] payload = text.getBytes(StandardCharsets.UTF_8);
    ByteBuffer frame = ByteBuffer.allocate(payload.length + 8);
    frame.put((byte) head);
    if (payload.length < 126) {
      frame.put((byte) (0x80 | payload.length));
    } else {
      frame.put((byte) (0x80 | 126)).putShort((short) payload.length);
    }
    frame.putInt(0).put(payload);
    return Arrays.copyOf(frame.array(), frame.position());
  }

  @Test
  void manyRequestsAreUnderWayAtOnceAndEachIsAnsweredOnce() {
    try (SocketClient client = open("bot")) {
      List<String> ids = new ArrayList<>();
      for (int i = 0; i < 40; i++) {
        ids.add(client.request("decide", decision("echo " + i)));
      }
      for (String id : ids) {
        assertEquals(200, client.reply(id).getInteger("status"));
      }
      assertEquals(
          ids.size(),
          client.frames().stream().filter(f -> "reply".equals(f.getString("type"))).count());
    }
  }

  @Test
  void moreThanTheLimitUnderWayIsRefusedAndSoIsAnIdThatIs() throws Exception {
    try (RawConnection raw = RawConnection.to(api.port())) {
      assertEquals(101, upgrade(raw, "").status());
      ByteArrayOutputStream all = new ByteArrayOutputStream();
      all.writeBytes(frame(0x81, "{\"id\":\"1\",\"type\":\"decide\",\"tool\":\"x\"}"));
      for (int i = 0; i < 60; i++) {
        all.writeBytes(frame(0x81, "{\"id\":\"" + i + "\",\"type\":\"decide\",\"tool\":\"x\"}"));
      }
      all.writeBytes(frame(0x81, "{\"id\":\"last\",\"type\":\"dance\"}"));

      // When
      raw.send(all.toByteArray());

      // Then
      String said = raw.readUntil("\"id\":\"last\"");
      assertTrue(said.contains("requests.exhausted"), said);
      assertTrue(said.contains("id.in-use"), said);
      said += raw.readUntil("\"id\":\"49\"");
      assertFalse(said.contains("\"id\":\"59\",\"type\":\"reply\",\"status\":200"), said);
    }
  }
}
