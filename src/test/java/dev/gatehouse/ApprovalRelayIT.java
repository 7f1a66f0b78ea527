package dev.gatehouse;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.net.http.HttpRequest;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** What persons and time do to a question is told alike, whichever way it is watched. */
class ApprovalRelayIT {
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
      List<String> streamed = streamedUntil("expired");
      ada.await("it expires", frame -> move(frame, stream).endsWith(" expired"));
      List<String> framed =
          ada.frames().stream()
              .map(frame -> move(frame, stream))
              .filter(move -> !move.isEmpty())
              .toList();
      assertEquals(streamed, framed);
      List<String> kinds =
          framed.stream().map(move -> move.substring(move.indexOf(' ') + 1)).toList();
      assertEquals(
          List.of("requested", "claimed", "reminded", "escalated", "expired"),
          kinds.stream().distinct().toList());
      assertEquals(
          kinds.stream().map(kind -> "approval." + kind).toList(), recorded(asked.getString("id")));
    }
  }

  /** The place and kind of each event from the first on. */
  private List<String> streamedUntil(String last) throws Exception {
    HttpRequest request = api.request("ada", "/v1/approvals/events?after=0.0").GET().build();
    List<String> moves = new ArrayList<>();
    try (Stream<String> lines = api.stream(request)) {
      String place = "";
      for (Iterator<String> each = lines.iterator(); each.hasNext(); ) {
        String line = each.next();
        if (line.startsWith("id: ")) {
          place = line.substring("id: ".length());
        } else if (line.startsWith("event: ")) {
          String kind = line.substring("event: ".length());
          moves.add(place + " " + kind);
          if (kind.equals(last)) {
            break;
          }
        }
      }
    }
    return moves;
  }

  /** The same of a frame; nothing for a frame of another kind. */
  private static String move(JsonObject frame, int stream) {
    return "event".equals(frame.getString("type")) && frame.getInteger("stream") == stream
        ? frame.getString("cursor") + " " + frame.getJsonObject("body").getString("event")
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
