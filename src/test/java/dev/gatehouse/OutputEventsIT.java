package dev.gatehouse;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.gatehouse.Api.Answer;
import io.vertx.core.json.JsonObject;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Output by server-sent events, and going on after the connection was lost. */
class OutputEventsIT {
  @RegisterExtension static final RunningServer SERVER = new RunningServer().behindOpenPolicy();

  private final Api api = SERVER.api();

  /**
   * An event.
   *
   * @param type empty where there are no more
   * @param data empty where there is only an id
   */
  private record Event(String id, String type, JsonObject data) {}

  @Test
  void aClientWhoLostTheConnectionGoesOnWhereHeWas() throws Exception {
    // Given
    HeldSandbox sandbox = HeldSandbox.of(api, "cut");
    BackgroundRun run =
        BackgroundRun.of(
            api,
            sandbox,
            sandbox
                .request("bash", "echo wörld; read x; echo $x; echo err >&2; exit 3", 60_000)
                .put("mode", "process")
                .put("interactive", true));
    Event first;
    HttpClient client = HttpClient.newHttpClient();
    BufferedReader lines = open(client, run, null);
    do {
      first = next(lines);
    } while (!first.type().equals("stdout"));
    assertEquals(new JsonObject().put("type", "stdout").put("text", "wörld\n"), first.data());

    // When
    client.shutdownNow();
    run.type("on\n");
    run.awaitEnd("exited");
    List<Event> rest = all(run, first.id());

    // Then
    assertEquals("on\n", joined(rest, "stdout"));
    assertEquals("err\n", joined(rest, "stderr"));
    Event end = rest.getLast();
    assertEquals("end", end.type());
    assertEquals(3, end.data().getInteger("exitCode"), end.data().encode());
    assertEquals("exited", end.data().getString("status"));
    try (HttpClient again = HttpClient.newHttpClient()) {
      HttpResponse<String> over =
          again.send(request(run, end.id()).build(), BodyHandlers.ofString());
      assertEquals(204, over.statusCode(), "a browser must not come again");
    }
  }

  @Test
  void longOutputComesWholeWhilstItIsMadeAndAfterwards() throws Exception {
    // Given
    HeldSandbox sandbox = HeldSandbox.of(api, "long");
    BackgroundRun run =
        BackgroundRun.of(api, sandbox, sandbox.request("bash", "seq -f 'zeile %gö' 40000", 60_000));

    // When
    List<Event> live = all(run, null);
    List<Event> later = all(run, "0-0");

    // Then
    String whole = run.awaitEnd("exited").getString("stdout");
    assertTrue(whole.endsWith("zeile 40000ö\n"));
    assertEquals(whole, joined(live, "stdout"));
    assertEquals(whole, joined(later, "stdout"));
  }

  @Test
  void anExecutionIsStreamedAsEventsWhereThatIsAccepted() throws Exception {
    // Given
    JsonObject body = Api.execution("python", "print('wörld')");
    HttpRequest request =
        api.request("agent", "/v1/executions?stream=true")
            .header("Accept", "text/event-stream")
            .POST(BodyPublishers.ofString(body.encode()))
            .build();

    // When
    List<Event> events = new ArrayList<>();
    try (HttpClient client = HttpClient.newHttpClient();
        BufferedReader lines = open(client, request)) {
      for (Event event = next(lines); !event.type().isEmpty(); event = next(lines)) {
        events.add(event);
      }
    }

    // Then
    assertEquals("wörld\n", joined(events, "stdout"));
    assertEquals("end", events.getLast().type());
    assertEquals(0, events.getLast().data().getInteger("exitCode"));
  }

  @Test
  void onlySoManyFollowOneExecution() throws Exception {
    // Given
    HeldSandbox sandbox = HeldSandbox.of(api, "crowd");
    BackgroundRun run =
        BackgroundRun.of(api, sandbox, sandbox.request("bash", "sleep 1000", 60_000));
    HttpClient client = HttpClient.newHttpClient();
    for (int i = 0; i < 16; i++) {
      next(open(client, run, null));
    }

    // When
    Answer answer = api.send(request(run, null).build());
    client.shutdownNow();

    // Then
    assertEquals(429, answer.status());
    assertEquals("execution.watched", answer.code());
    sandbox.delete();
    Eventually.eventually(
        "places are free again",
        Duration.ofSeconds(30),
        () -> {
          try (HttpClient other = HttpClient.newHttpClient()) {
            return other.send(request(run, null).build(), BodyHandlers.discarding()).statusCode()
                == 200;
          } catch (IOException | InterruptedException e) {
            throw new AssertionError(e);
          }
        });
  }

  @ParameterizedTest
  @ValueSource(strings = {"x", "1", "-end", "1-2-3", "99999999999-0"})
  void anIdThatNobodyGaveIsRefused(String id) {
    // Given
    BackgroundRun run =
        BackgroundRun.of(api, "/v1/executions?background=true", Api.execution("bash", "echo"));

    // When
    Answer answer = api.send(request(run, id).build());

    // Then
    assertEquals(422, answer.status());
    assertEquals("cursor.malformed", answer.code());
  }

  @Test
  void isNobodyElses() {
    // Given
    HeldSandbox sandbox = HeldSandbox.of(api, "mine");
    BackgroundRun run = BackgroundRun.of(api, sandbox, sandbox.request("bash", "echo", 60_000));

    // When
    Answer other =
        api.send(
            api.request("agent", run.path() + "/output?session=other")
                .header("Accept", "text/event-stream")
                .build());

    // Then
    assertEquals(404, other.status());
    assertEquals("execution.not-found", other.code());
  }

  private HttpRequest.Builder request(BackgroundRun run, @Nullable String lastId) {
    HttpRequest.Builder request =
        api.request("agent", run.path() + "/output").header("Accept", "text/event-stream");
    return lastId == null ? request : request.header("Last-Event-ID", lastId);
  }

  private BufferedReader open(HttpClient client, BackgroundRun run, @Nullable String lastId)
      throws IOException, InterruptedException {
    return open(client, request(run, lastId).build());
  }

  private static BufferedReader open(HttpClient client, HttpRequest request)
      throws IOException, InterruptedException {
    HttpResponse<InputStream> response = client.send(request, BodyHandlers.ofInputStream());
    assertEquals(200, response.statusCode());
    assertEquals("text/event-stream", response.headers().firstValue("Content-Type").orElse(""));
    return new BufferedReader(new InputStreamReader(response.body(), StandardCharsets.UTF_8));
  }

  /** All events until the connection ends, those with data. */
  private List<Event> all(BackgroundRun run, @Nullable String lastId)
      throws IOException, InterruptedException {
    List<Event> events = new ArrayList<>();
    try (HttpClient client = HttpClient.newHttpClient();
        BufferedReader lines = open(client, run, lastId)) {
      for (Event event = next(lines); !event.type().isEmpty(); event = next(lines)) {
        if (!event.data().isEmpty()) {
          events.add(event);
        }
      }
    }
    return events;
  }

  private static Event next(BufferedReader lines) throws IOException {
    String id = "";
    String type = "";
    JsonObject data = new JsonObject();
    for (String line = lines.readLine(); line != null; line = lines.readLine()) {
      if (line.isEmpty()) {
        return new Event(id, type.isEmpty() ? "none" : type, data);
      } else if (line.startsWith("id: ")) {
        id = line.substring(4);
      } else if (line.startsWith("event: ")) {
        type = line.substring(7);
      } else if (line.startsWith("data: ")) {
        data = new JsonObject(line.substring(6));
      }
    }
    return new Event("", "", data);
  }

  private static String joined(List<Event> events, String type) {
    StringBuilder text = new StringBuilder();
    events.stream()
        .filter(event -> event.type().equals(type))
        .forEach(event -> text.append(event.data().getString("text")));
    return text.toString();
  }
}
