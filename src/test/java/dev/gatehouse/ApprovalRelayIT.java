package dev.gatehouse;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.net.http.HttpRequest;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** What persons and time do to a question is told alike, whichever way it is watched. */
class ApprovalRelayIT {
  private static final Duration LIMIT = Duration.ofSeconds(30);

  @RegisterExtension
  static final RunningServer SERVER =
      new RunningServer()
          .with("GATEHOUSE_POLICY_DIRECTORY", "src/test/policies/relayed")
          .with("GATEHOUSE_KEYS", ApprovalKeys.setting(ApprovalKeys.USUAL));

  private final Api api = SERVER.api();

  @BeforeAll
  static void writeKeys() throws IOException {
    ApprovalKeys.write(ApprovalKeys.USUAL, SERVER.data());
  }

  @Test
  void eachMoveIsToldByEventStreamByWebSocketAndByTheLog() throws Exception {
    try (SocketClient ada = SocketClient.as(api, "ada")) {
      // Given
      int stream =
          ada.ask(200, "watch", new JsonObject().put("of", "approvals")).getInteger("stream");

      // When: it is asked about, claimed, and left alone.
      JsonObject asked =
          api.post("agent", "/v1/executions", Api.execution("bash", "echo relayed")).body();
      String id = asked.getString("approvalId");
      assertEquals(200, api.post("ada", "/v1/approvals/" + id + "/claim", "").status());

      // Then
      List<String> streamed = streamedUntil("expired", id);
      ada.await("it expires", frame -> move(frame, stream, id).endsWith(" expired"));
      List<String> framed =
          ada.frames().stream()
              .map(frame -> move(frame, stream, id))
              .filter(move -> !move.isEmpty())
              .toList();
      assertEquals(streamed, framed);
      List<String> kinds =
          framed.stream().map(move -> move.substring(move.indexOf(' ') + 1)).toList();
      assertEquals("requested", kinds.getFirst());
      assertEquals("expired", kinds.getLast());
      assertEquals(
          Set.of("requested", "claimed", "reminded", "escalated", "expired"), Set.copyOf(kinds));
      List<String> all = kinds.stream().map(kind -> "approval." + kind).toList();
      Eventually.eventually(
          "all are recorded", LIMIT, () -> recorded(asked.getString("id")).equals(all));
    }
  }

  @Test
  void whoIsAskedInPlaceOfOthersMayChangeWhatRuns() {
    // Given: the first who were asked let the time pass.
    String id =
        api.post("agent", "/v1/executions", Api.execution("bash", "echo to be edited"))
            .body()
            .getString("approvalId");
    Eventually.eventually(
        "the others are asked",
        LIMIT,
        () ->
            api.get("cid", "/v1/approvals/" + id)
                .body()
                .getJsonObject("terms")
                .getJsonArray("approvers")
                .encode()
                .contains("group:dba"));

    // When
    JsonObject decision =
        new JsonObject()
            .put("decision", "approve")
            .put("edit", new JsonObject().put("command", "echo edited"));
    JsonObject edited = api.post("cid", "/v1/approvals/" + id + "/decision", decision).body();

    // Then
    assertEquals("approved", edited.getString("state"), edited.encode());
    JsonObject again = Api.execution("bash", "echo to be edited").put("approval", id);
    assertEquals("edited\n", api.post("agent", "/v1/executions", again).body().getString("stdout"));
  }

  /** The place and kind of each event of a question, from the first on. */
  private List<String> streamedUntil(String last, String id) throws Exception {
    HttpRequest request = api.request("ada", "/v1/approvals/events?after=0.0").GET().build();
    List<String> moves = new ArrayList<>();
    try (Stream<String> lines = api.stream(request)) {
      String place = "";
      for (Iterator<String> each = lines.iterator(); each.hasNext(); ) {
        String line = each.next();
        if (line.startsWith("id: ")) {
          place = line.substring("id: ".length());
        } else if (line.startsWith("data: ")) {
          String move = move(new JsonObject(line.substring("data: ".length())), place, id);
          moves.add(move);
          if (move.endsWith(" " + last)) {
            break;
          }
        }
      }
    }
    return moves.stream().filter(move -> !move.isEmpty()).toList();
  }

  /** The same of a frame. */
  private static String move(JsonObject frame, int stream, String id) {
    return "event".equals(frame.getString("type")) && frame.getInteger("stream") == stream
        ? move(frame.getJsonObject("body"), frame.getString("cursor"), id)
        : "";
  }

  /** Nothing for an event of another question. */
  private static String move(JsonObject event, String place, String id) {
    return event.getJsonObject("approval").getString("id").equals(id)
        ? place + " " + event.getString("event")
        : "";
  }

  private List<String> recorded(String action) {
    return api
        .get("auditor", "/v1/audit?order=asc&action=" + action)
        .body()
        .getJsonArray("events")
        .stream()
        .map(event -> ((JsonObject) event).getString("kind"))
        .filter(kind -> kind.startsWith("approval."))
        .toList();
  }
}
