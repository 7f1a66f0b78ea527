package dev.gatehouse;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.gatehouse.Api.Answer;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.net.http.HttpRequest.BodyPublishers;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** A question that was taken back because its caller hung up. */
class TakenBackIT {
  private static final Duration LIMIT = Duration.ofSeconds(30);
  private static final String KEY = "once";

  @RegisterExtension
  static final RunningServer SERVER =
      new RunningServer().with("GATEHOUSE_POLICY_DIRECTORY", "src/test/policies/rotated");

  private final Api api = SERVER.api();

  private JsonArray pending() {
    return api.get("operator", "/v1/approvals").body().getJsonArray("approvals");
  }

  @Test
  void isAskedAgainWithTheSameIdempotencyKey() throws Exception {
    // Given
    String body = Api.execution("bash", "echo asked").encode();
    try (RawConnection held = RawConnection.to(api.port())) {
      held.send(
          String.join(
              "\r\n",
              "POST /v1/executions HTTP/1.1",
              "Host: g",
              "Authorization: Bearer " + api.key("agent"),
              "Idempotency-Key: " + KEY,
              "Prefer: wait=60",
              "Content-Length: " + body.length(),
              "",
              body));
      Eventually.eventually("a person is asked", LIMIT, () -> !pending().isEmpty());
    }
    Eventually.eventually("it is taken back", LIMIT, () -> pending().isEmpty());

    // When
    Answer[] again = new Answer[1];
    Eventually.eventually(
        "the first request is over",
        LIMIT,
        () -> {
          again[0] =
              api.send(
                  api.request("agent", "/v1/executions")
                      .header("Idempotency-Key", KEY)
                      .POST(BodyPublishers.ofString(body))
                      .build());
          return !again[0].code().equals("idempotency.underway");
        });

    // Then
    assertEquals(202, again[0].status(), again[0].body().encode());
    JsonObject question = again[0].body().getJsonObject("approval");
    assertEquals("pending", question.getString("state"), question.encode());
  }
}
