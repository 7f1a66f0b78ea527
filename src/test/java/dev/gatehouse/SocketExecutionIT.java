package dev.gatehouse;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.vertx.core.json.JsonObject;
import java.time.Duration;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Executions over {@code /v1/ws}: streamed, spoken to, given credit, gone on with. */
class SocketExecutionIT {
  private static final Duration LIMIT = Duration.ofSeconds(60);

  @RegisterExtension
  static final RunningServer SERVER =
      new RunningServer()
          .behindOpenPolicy()
          .with("GATEHOUSE_WEBSOCKET_MAX_STREAMS", "3")
          .with("GATEHOUSE_WEBSOCKET_CONNECTION_CREDIT", "100000")
          .with("GATEHOUSE_WEBSOCKET_STREAM_CREDIT", "5000");

  private final Api api = SERVER.api();

  private static JsonObject run(String language, String code) {
    return Api.execution(language, code);
  }

  private static String idOf(JsonObject reply) {
    return reply.getJsonObject("body").getString("id");
  }

  @Test
  void outputComesInPiecesAndThenTheEnd() {
    try (SocketClient client = SocketClient.as(api, "agent")) {
      // When
      JsonObject begun =
          client.ask(201, "execute", run("bash", "echo wörld; echo err >&2; exit 3"));
      int stream = begun.getInteger("stream");
      JsonObject end = client.awaitEnd(stream);

      // Then
      assertEquals("wörld\n", client.output(stream, 1));
      assertEquals("err\n", client.output(stream, 2));
      assertEquals("7-4", end.getString("cursor"));
      JsonObject body = end.getJsonObject("body");
      assertEquals("exited", body.getString("status"), end.encode());
      assertEquals(3, body.getInteger("exitCode"));
      assertEquals(idOf(begun), body.getString("id"));
      assertFalse(body.containsKey("stdout"), "it was sent already");
    }
  }

  @Test
  void noMoreComesThanThereIsCreditForOnTheStream() {
    try (SocketClient client = SocketClient.as(api, "agent")) {
      // Given
      JsonObject begun =
          client.ask(
              201, "execute", run("bash", "head -c 20000 /dev/zero | tr '\\0' x").put("credit", 3));
      int stream = begun.getInteger("stream");
      Eventually.eventually(
          "it has ended",
          LIMIT,
          () ->
              client
                  .ask("execution", new JsonObject().put("execution", idOf(begun)))
                  .getJsonObject("body")
                  .getString("status")
                  .equals("exited"));
      assertEquals("xxx", client.output(stream, 1));

      // When
      client.grant(stream, 1_000);
      client.ask(
          200,
          "decide",
          new JsonObject()
              .put("tool", "bash")
              .put("arguments", new JsonObject().put("command", "ls")));
      assertEquals(1_003, client.output(stream, 1).length());
      client.grant(stream, 1_000_000);

      // Then
      client.awaitEnd(stream);
      assertEquals("x".repeat(20_000), client.output(stream, 1));
    }
  }

  @Test
  void theConnectionHasCreditOfItsOwnAndAStreamWithoutAnyStopsNoOther() {
    try (SocketClient client = SocketClient.as(api, "agent")) {
      // Given
      JsonObject stuck = client.ask(201, "execute", run("bash", "seq 100000").put("credit", 0));
      int first = stuck.getInteger("stream");

      // When
      int second =
          client
              .ask(
                  201,
                  "execute",
                  run("bash", "head -c 150000 /dev/zero | tr '\\0' y").put("credit", 200_000))
              .getInteger("stream");
      Eventually.eventually(
          "all that the connection allows",
          LIMIT,
          () -> client.output(second, 1).length() == 100_000);
      JsonObject refused = client.ask("stop", new JsonObject().put("stream", 99));
      assertEquals(404, refused.getInteger("status"));
      assertEquals(100_000, client.output(second, 1).length());
      client.grant(null, 50_000);

      // Then
      client.awaitEnd(second);
      assertEquals("y".repeat(150_000), client.output(second, 1));
      assertEquals("", client.output(first, 1));
    }
  }

  @Test
  void aClientWhoLostTheConnectionGoesOnWhereHeWas() {
    String id;
    try (SocketClient client = SocketClient.as(api, "agent")) {
      JsonObject begun =
          client.ask(
              201,
              "execute",
              run("bash", "echo wörld; read x; echo $x; echo err >&2").put("interactive", true));
      id = idOf(begun);
      client.awaitOutput(begun.getInteger("stream"), "wörld\n");

      // When
      client.abort();
    }

    // Then
    try (SocketClient client = SocketClient.as(api, "agent")) {
      JsonObject followed =
          client.ask(200, "follow", new JsonObject().put("execution", id).put("cursor", "4-0"));
      assertEquals("running", followed.getJsonObject("body").getString("status"));
      int stream = followed.getInteger("stream");
      JsonObject sent =
          client.ask(200, "stdin", new JsonObject().put("execution", id).put("text", "on\n"));
      assertEquals("sent", sent.getJsonObject("body").getString("status"));
      client.awaitEnd(stream);
      assertEquals("ld\non\n", client.output(stream, 1, 4));
      assertEquals("err\n", client.output(stream, 2));
    }
  }

  @Test
  void nothingIsLostOrRepeatedHoweverOftenTheConnectionIsLost() {
    String expected =
        String.join("", IntStream.rangeClosed(1, 20_000).mapToObj(i -> i + "\n").toList());
    StringBuilder seen = new StringBuilder();
    String id = "";
    for (int round = 0; seen.length() < expected.length() && round < 60; round++) {
      try (SocketClient client = SocketClient.as(api, "agent")) {
        JsonObject begun =
            round == 0
                ? client.ask(201, "execute", run("bash", "seq 20000").put("credit", 4_000))
                : client.ask(
                    200,
                    "follow",
                    new JsonObject()
                        .put("execution", id)
                        .put("cursor", seen.length() + "-0")
                        .put("credit", 4_000));
        id = idOf(begun);
        int stream = begun.getInteger("stream");
        int from = seen.length();
        Eventually.eventually("some came", LIMIT, () -> !client.output(stream, 1, from).isEmpty());
        seen.append(client.output(stream, 1, from));
      }
    }
    assertEquals(expected, seen.toString());
  }

  @Test
  void aTerminalIsTypedToResizedAndInterrupted() {
    try (SocketClient client = SocketClient.as(api, "agent")) {
      JsonObject begun =
          client.ask(
              201,
              "execute",
              run(
                      "bash",
                      "stty size; read x; stty size; echo got $x; trap 'echo caught' INT; echo set; sleep 60")
                  .put("pty", new JsonObject().put("rows", 10).put("cols", 20)));
      int stream = begun.getInteger("stream");
      JsonObject place = new JsonObject().put("execution", idOf(begun));
      client.awaitOutput(stream, "10 20");

      // When
      client.ask(200, "resize", place.copy().put("rows", 30).put("cols", 40));
      client.ask(200, "stdin", place.copy().put("base64", "eWVzCg=="));
      client.awaitOutput(stream, "30 40");
      client.awaitOutput(stream, "got yes");
      client.awaitOutput(stream, "set\r\n");
      client.ask(200, "cancel", place);

      // Then
      JsonObject end = client.awaitEnd(stream);
      assertEquals("cancelled", end.getJsonObject("body").getString("status"), end.encode());
      assertEquals(
          409, client.ask("signal", place.copy().put("signal", "SIGINT")).getInteger("status"));
    }
  }

  @Test
  void whatIsNotDetachedIsCancelledWithItsConnectionAndTheRestGoesOn() {
    String attached;
    String detached;
    try (SocketClient client = SocketClient.as(api, "agent")) {
      attached = idOf(client.ask(201, "execute", run("bash", "sleep 60").put("detach", false)));
      detached =
          idOf(client.ask(201, "execute", run("bash", "read x; echo $x").put("interactive", true)));

      // When
      client.abort();
    }

    // Then
    Eventually.eventually(
        "it is cancelled", LIMIT, () -> status(attached).getString("status").equals("cancelled"));
    assertEquals("running", status(detached).getString("status"));
    assertEquals(
        200,
        api.post(
                "agent",
                "/v1/executions/" + detached + "/stdin",
                new JsonObject().put("text", "x\n"))
            .status());
    Eventually.eventually(
        "it ends by itself", LIMIT, () -> status(detached).getString("status").equals("exited"));
  }

  private JsonObject status(String id) {
    return api.get("agent", "/v1/executions/" + id).body();
  }

  @Test
  void aHeldSandboxKeepsWhatOneLeavesForTheNext() {
    HeldSandbox sandbox = HeldSandbox.of(api, "socket");
    try (SocketClient client = SocketClient.as(api, "agent")) {
      JsonObject context =
          sandbox.request("python", "kept = 6", 30_000).put("sandbox", sandbox.id());
      client.awaitEnd(client.ask(201, "execute", context).getInteger("stream"));
      int stream =
          client
              .ask(201, "execute", context.copy().put("code", "print(kept * 7)"))
              .getInteger("stream");
      client.awaitEnd(stream);
      assertEquals("42\n", client.output(stream, 1));
    }
    sandbox.delete();
  }

  @Test
  void soManyStreamsAreFollowedAndOneThatIsStoppedMakesRoom() {
    try (SocketClient client = SocketClient.as(api, "agent")) {
      JsonObject waits = run("bash", "read x; echo $x").put("interactive", true);
      JsonObject first = client.ask(201, "execute", waits);
      client.ask(201, "execute", waits);
      client.ask(201, "execute", waits);
      JsonObject refused = client.ask(429, "execute", waits);
      assertEquals("streams.exhausted", refused.getJsonObject("body").getString("code"));

      // When
      int stream = first.getInteger("stream");
      client.ask(200, "stop", new JsonObject().put("stream", stream));
      client.ask(
          200, "follow", new JsonObject().put("execution", idOf(first)).put("cursor", "0-0"));

      // Then
      assertEquals("running", status(idOf(first)).getString("status"));
      client.frames().stream()
          .filter(frame -> frame.getInteger("stream") != null)
          .map(SocketExecutionIT::idOf)
          .distinct()
          .forEach(id -> api.delete("agent", "/v1/executions/" + id));
    }
  }

  @Test
  void onlyItsOwnersFollowCancelAndSpeakToIt() {
    String id;
    try (SocketClient client = SocketClient.as(api, "agent")) {
      id = idOf(client.ask(201, "execute", run("bash", "sleep 60")));
    }
    JsonObject place = new JsonObject().put("execution", id);
    try (SocketClient auditor = SocketClient.as(api, "auditor")) {
      for (String type :
          new String[] {"follow", "execution", "cancel", "stdin", "signal", "resize"}) {
        JsonObject reply = auditor.ask(403, type, place);
        assertEquals("role.wrong", reply.getJsonObject("body").getString("code"), type);
        assertNull(reply.getInteger("stream"));
      }
      JsonObject started = auditor.ask(403, "execute", run("bash", "ls"));
      assertEquals("role.wrong", started.getJsonObject("body").getString("code"));
    }
    try (SocketClient operator = SocketClient.as(api, "operator")) {
      assertEquals(200, operator.ask("follow", place).getInteger("status"));
      assertEquals(403, operator.ask("stdin", place.copy().put("text", "x")).getInteger("status"));
      assertEquals(200, operator.ask("cancel", place).getInteger("status"));
    }
    Eventually.eventually(
        "it is cancelled", LIMIT, () -> status(id).getString("status").equals("cancelled"));
    assertTrue(api.get("auditor", "/v1/audit?action=" + id).body().encode().contains("cancelled"));
  }
}
