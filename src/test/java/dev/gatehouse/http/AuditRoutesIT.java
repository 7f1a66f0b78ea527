package dev.gatehouse.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.gatehouse.Api;
import dev.gatehouse.Api.Answer;
import dev.gatehouse.Eventually;
import dev.gatehouse.RunningServer;
import dev.gatehouse.cli.AuditCommand;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.net.http.HttpClient;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Reading the log over a real socket, from a real PostgreSQL. */
class AuditRoutesIT {
  @RegisterExtension static final RunningServer SERVER = new RunningServer().withNothingReady();

  private static final Duration LIMIT = Duration.ofSeconds(20);

  private final Api api = SERVER.api();
  private final HttpClient client = HttpClient.newHttpClient();

  private String decide(String session, String command) {
    JsonObject request =
        new JsonObject()
            .put("tool", "bash")
            .put("arguments", new JsonObject().put("command", command))
            .put("session", session)
            .put("context", new JsonObject());
    Answer answer = api.post("agent", "/v1/decisions", request);
    assertEquals(200, answer.status(), answer.body().encode());
    return answer.body().getString("id");
  }

  private JsonArray events(String query) {
    Answer answer = api.get("auditor", "/v1/audit?" + query);
    assertEquals(200, answer.status(), answer.body().encode());
    return answer.body().getJsonArray("events");
  }

  private String text(String path) throws Exception {
    return client.send(api.request("auditor", path).GET().build(), BodyHandlers.ofString()).body();
  }

  @Test
  void pagesThroughEverythingOnceWhileOthersWrite() {
    // Given
    Set<String> expected = new HashSet<>();
    for (int i = 0; i < 25; i++) {
      expected.add(decide("pages", "echo " + i));
    }

    // When
    List<String> seen = new ArrayList<>();
    String cursor = "";
    do {
      Answer page = api.get("auditor", "/v1/audit?session=pages&order=desc&limit=10" + cursor);
      page.body()
          .getJsonArray("events")
          .forEach(event -> seen.add(((JsonObject) event).getString("action")));
      cursor =
          page.body().getString("next") == null ? "" : "&cursor=" + page.body().getString("next");
      decide("pages", "echo later");
    } while (!cursor.isEmpty());

    // Then
    assertEquals(25, seen.size());
    assertEquals(expected, new HashSet<>(seen));
  }

  @Test
  void filtersByColumnsTimeAndWords() {
    // Given
    String denied = decide("filters", "rm -rf /");
    decide("filters", "echo zanzibar fish");

    // Then
    assertEquals(2, events("session=filters&actor=agent&tool=bash&kind=decision").size());
    assertEquals(
        denied, events("session=filters&outcome=DENY").getJsonObject(0).getString("action"));
    assertEquals(1, events("session=filters&text=zanzibar+fish").size());
    assertEquals(0, events("session=filters&text=zanzibar+-fish").size());
    assertEquals(0, events("session=filters&from=2999-01-01T00:00:00Z").size());
    assertEquals(0, events("session=filters&to=2001-01-01T00:00:00Z").size());
    assertEquals(0, events("session=filters&minDurationNanos=999999999999").size());
    assertTrue(events("tenant=(server)&kind=server.started").size() > 0);
  }

  @Test
  void refusesWhatItDoesNotKnow() {
    for (String query :
        List.of("colour=red", "limit=0", "limit=x", "cursor=no", "from=yesterday", "order=up")) {
      Answer answer = api.get("auditor", "/v1/audit?" + query);
      assertEquals(422, answer.status(), query);
      assertEquals("query.invalid", answer.code());
    }
    assertEquals(422, api.get("auditor", "/v1/audit/statistics?by=detail").status());
    assertEquals(422, api.get("auditor", "/v1/audit?tenant=other").status());
    assertEquals(403, api.get("approver", "/v1/audit").status());
  }

  @Test
  void anAgentSeesASessionOfItsOwnOnly() {
    // Given
    decide("mine", "echo 1");

    // Then
    assertEquals(403, api.get("agent", "/v1/audit").status());
    assertEquals(
        1, api.get("agent", "/v1/audit?session=mine").body().getJsonArray("events").size());
    assertEquals(
        0,
        api.get("agent", "/v1/audit?session=mine&actor=operator&kind=key.used")
            .body()
            .getJsonArray("events")
            .size());
    assertEquals(422, api.get("agent", "/v1/audit?session=mine&tenant=(server)").status());
  }

  @Test
  void storesNoSecretThatAnAgentSent() {
    // Given
    String secret = "ghp_" + "0123456789abcdefghijABCDEFGHIJ";

    // When
    String id = decide("secrets", "curl -H 'Authorization: token " + secret + "' https://x");

    // Then
    String event = events("action=" + id).encode();
    assertFalse(event.contains(secret), event);
    assertTrue(event.contains("[redacted:github-token:"), event);
  }

  @Test
  void countsByToolActorOutcomeAndHour() {
    // Given
    decide("counts", "echo 1");
    decide("counts", "rm -rf /");

    // Then
    for (String by : List.of("tool", "actor", "hour")) {
      JsonArray groups =
          api.get("auditor", "/v1/audit/statistics?session=counts&by=" + by)
              .body()
              .getJsonArray("groups");
      assertEquals(1, groups.size(), groups.encode());
      assertEquals(2, groups.getJsonObject(0).getInteger("count"));
    }
    JsonArray outcomes =
        api.get("auditor", "/v1/audit/statistics?session=counts&by=outcome")
            .body()
            .getJsonArray("groups");
    assertEquals(2, outcomes.size(), outcomes.encode());
  }

  @Test
  void exportsInEachFormat() throws Exception {
    // Given
    for (int i = 0; i < 12; i++) {
      decide("export", "echo '=1+1, \"quoted\"' " + i);
    }

    // When
    String ndjson = text("/v1/audit/export?session=export");
    String csv = text("/v1/audit/export?session=export&format=csv");
    String ocsf = text("/v1/audit/export?session=export&format=ocsf");

    // Then
    assertEquals(12, ndjson.lines().count());
    ndjson
        .lines()
        .forEach(line -> assertEquals(64, new JsonObject(line).getString("hash").length()));
    assertEquals(13, csv.lines().count());
    assertTrue(csv.startsWith("chain,sequence,"), csv);
    ocsf.lines()
        .forEach(line -> assertEquals(600_399, new JsonObject(line).getInteger("type_uid")));
  }

  @Test
  void theTailGoesOnWhereItBroke() throws Exception {
    // Given
    ConcurrentLinkedQueue<String> first = new ConcurrentLinkedQueue<>();
    Thread watching = watch("/v1/audit/tail?session=tail", first);
    Eventually.eventually("the tail begins", LIMIT, () -> !first.isEmpty());
    String one = decide("tail", "echo 1");
    decide("other", "echo 1");
    Eventually.eventually(
        "the event is seen", LIMIT, () -> first.stream().anyMatch(line -> line.contains(one)));
    watching.interrupt();
    String place =
        first.stream().filter(line -> line.startsWith("id: ")).reduce((a, b) -> b).orElseThrow();

    // When
    String two = decide("tail", "echo 2");
    ConcurrentLinkedQueue<String> second = new ConcurrentLinkedQueue<>();
    Thread again =
        watch("/v1/audit/tail?session=tail&after=" + place.substring("id: ".length()), second);

    // Then
    Eventually.eventually(
        "the event is seen", LIMIT, () -> second.stream().anyMatch(line -> line.contains(two)));
    again.interrupt();
    assertFalse(second.stream().anyMatch(line -> line.contains(one)));
    assertFalse(first.stream().anyMatch(line -> line.contains("\"session\":\"other\"")));
  }

  private Thread watch(String path, ConcurrentLinkedQueue<String> lines) {
    return Thread.ofVirtual()
        .start(() -> {
          try (HttpClient own = HttpClient.newHttpClient()) {
            own.send(api.request("auditor", path).GET().build(), BodyHandlers.ofLines())
                .body()
                .forEach(lines::add);
          } catch (Exception e) {
            lines.add(": broken " + e);
          }
        });
  }

  @Test
  void theCommandLineShowsTablesAndWritesFilesThatCanBeChecked() throws Exception {
    // Given
    String id = decide("table", "echo 1");
    Path file = SERVER.data().resolve("complete.ndjson.gz");

    // Then
    assertTrue(run("query", "--session", "table").contains(id));
    assertTrue(run("stats", "--by", "tool").startsWith("TOOL"));
    assertEquals("no receiver refused anything\n", run("dead-letters"));
    assertTrue(
        run("export", SERVER.data().resolve("x.csv").toString(), "--format", "csv")
            .contains("bytes"));
    assertTrue(run("export", file.toString(), "--complete", "yes").endsWith(" rows\n"));
    assertTrue(Files.size(file) > 0);
    assertTrue(run("verify", file.toString()).startsWith("intact: "));
    assertTrue(run("verify").startsWith("intact: "));
  }

  @Test
  void deadLettersAreForThoseWhoMaySeeThem() {
    assertEquals(
        0, api.get("auditor", "/v1/audit/dead-letters").body().getJsonArray("deadLetters").size());
    assertEquals(403, api.get("agent", "/v1/audit/dead-letters?session=x").status());
  }

  @Test
  void theTailOnTheCommandLineShowsEventsAsTheyCome() {
    // Given
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    PrintStream print = new PrintStream(out, true, StandardCharsets.UTF_8);
    Map<String, String> environment =
        Map.of("GATEHOUSE_DATA", SERVER.data().toString(), "GATEHOUSE_PORT", api.port() + "");

    // When
    Thread tail =
        Thread.ofPlatform()
            .daemon()
            .start(() ->
                new AuditCommand(environment)
                    .run(new String[] {"tail", "--session", "cli-tail"}, print, print));

    // Then
    Eventually.eventually(
        "a line of the event",
        LIMIT,
        () -> {
          decide("cli-tail", "echo 1");
          return out.toString(StandardCharsets.UTF_8).contains("decision");
        });
    tail.interrupt();
  }

  private String run(String... args) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    PrintStream print = new PrintStream(out, true, StandardCharsets.UTF_8);
    Map<String, String> environment =
        Map.of("GATEHOUSE_DATA", SERVER.data().toString(), "GATEHOUSE_PORT", api.port() + "");
    int code = new AuditCommand(environment).run(args, print, print);
    String text = out.toString(StandardCharsets.UTF_8);
    assertEquals(0, code, text);
    return text;
  }
}
