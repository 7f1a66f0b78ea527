package dev.gatehouse;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.gatehouse.Api.Answer;
import dev.gatehouse.store.EmbeddedDatabase;
import io.vertx.core.json.JsonObject;
import io.vertx.pgclient.PgConnectOptions;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The main program as a process: what it refuses to start with, and how it starts and stops. */
class StartIT {
  private static final Duration STOP_LIMIT = Duration.ofSeconds(60);
  private static final Map<String, String> PLAIN =
      Map.of(
          "GATEHOUSE_SANDBOX_WARM", "1",
          // Half of what is left of a start's work are the usual rules and their tests.
          "GATEHOUSE_POLICY_DIRECTORY", "src/test/policies/open");

  @TempDir Path directory;

  private static Map<String, String> plain(String variable, String value) {
    Map<String, String> environment = new HashMap<>(PLAIN);
    environment.put(variable, value);
    return environment;
  }

  /** Where a database has been made before. */
  private GatehouseProcess startPrepared(String yaml) throws IOException {
    DatabaseTemplate.copyFor(directory.resolve("data"), PLAIN);
    return GatehouseProcess.start(directory, yaml, PLAIN);
  }

  /** It ends by itself, with that code, and says that. */
  private String assertRefused(
      int code, String yaml, Map<String, String> environment, String... words)
      throws IOException, InterruptedException {
    try (GatehouseProcess gatehouse = GatehouseProcess.start(directory, yaml, environment)) {
      assertEquals(code, gatehouse.awaitExit(), gatehouse.log());
      for (String word : words) {
        assertTrue(gatehouse.log().contains(word), "\"" + word + "\" in: " + gatehouse.log());
      }
      assertFalse(gatehouse.log().contains("\tat "), "no stack trace: " + gatehouse.log());
      return gatehouse.log();
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "colour: blue|gatehouse.yaml:1: colour: no such key",
        "host: 127.0.0.1\\nlimits: {executions: x}|gatehouse.yaml:2: limits.executions: expected a",
        "sandbox:\\n  ttlSeconds: 86401|gatehouse.yaml:2: sandbox.ttlSeconds: is above",
        "host: [|gatehouse.yaml:2: not YAML",
        "host: 0.0.0.0|gatehouse.yaml:1: host: can be reached from other machines, and no keys",
        "database:\\n  url: mysql://db|gatehouse.yaml:2: database.url: expected postgresql://"
      })
  void anImpossibleConfigurationIsRefusedWithItsKeyReasonAndLine(String yaml, String fault)
      throws Exception {
    // When / Then
    assertRefused(2, yaml.replace("\\n", "\n") + "\n", PLAIN, fault);
    assertFalse(Files.exists(directory.resolve("data")), "nothing is made before");
  }

  @Test
  void anUnknownVariableAndABadDockerHostAreRefused() throws Exception {
    assertRefused(2, "", plain("GATEHOUSE_PROT", "1"), "GATEHOUSE_PROT: no key has this variable");
    assertRefused(2, "", plain("DOCKER_HOST", "unix://var/run"), "DOCKER_HOST is unix://var/run");
  }

  @Test
  void aPolicyThatCannotBeReadIsRefused() throws Exception {
    // Given
    Path policies = Files.createDirectory(directory.resolve("policies"));
    Files.writeString(policies.resolve("broken.yaml"), "rules: 5\n");

    // When / Then
    assertRefused(1, "", plain("GATEHOUSE_POLICY_DIRECTORY", policies.toString()), "broken.yaml");
  }

  @Test
  void anEngineThatDoesNotAnswerIsNamedWithWhatMendsIt() throws Exception {
    // Given
    String socket = "unix://" + directory.resolve("no.sock");

    // When / Then
    assertRefused(
        1, "", plain("DOCKER_HOST", socket), "no Docker engine answers at " + socket, "doctor");
    assertEquals(List.of(), postgresBelow(directory));
  }

  @Test
  void anImageThatIsNotThereIsNamedWithWhatMakesIt() throws Exception {
    assertRefused(
        1,
        "",
        plain("GATEHOUSE_SANDBOX_IMAGE", "nobody/has:this"),
        "the engine has no image nobody/has:this",
        "docker/build-image");
  }

  @Test
  void aRuntimeThatTheEngineLacksIsNamed() throws Exception {
    assertRefused(
        1, "", plain("GATEHOUSE_SANDBOX_RUNTIME", "kata"), "sandbox.runtime is kata", "runc");
  }

  @Test
  void runcOnPurposeWorksAndSaysThatIsolationIsWeaker() throws Exception {
    try (GatehouseProcess gatehouse = startPrepared("sandbox:\n  runtime: runc\n")) {
      // When
      Api api = gatehouse.awaitListening();

      // Then
      assertTrue(gatehouse.log().contains("isolation is weaker"), gatehouse.log());
      JsonObject sandbox = api.get("agent", "/healthz").body().getJsonObject("sandbox");
      assertEquals("runc", sandbox.getString("runtime"));
      assertTrue(sandbox.getString("isolation").startsWith("weaker"), sandbox.encode());
      assertEquals("42\n", api.run("python", "print(6*7)").getString("stdout"));
    }
  }

  @Test
  void aSecondServerOnTheSameDataIsRefusedAndTheFirstKeepsWorking() throws Exception {
    try (GatehouseProcess first = startPrepared("")) {
      // Given
      Api api = first.awaitListening();
      String sandbox = api.post("agent", "/v1/sandboxes", new JsonObject()).body().getString("id");

      // When
      assertRefused(1, "", PLAIN, "another Gatehouse works on " + first.data());

      // Then
      assertEquals(200, api.get("agent", "/v1/sandboxes/" + sandbox).status());
      assertEquals("42\n", api.run("python", "print(6*7)").getString("stdout"));
      assertFalse(first.log().contains("SEVERE"), first.log());
    }
  }

  @Test
  void stopsOnRequestAndStartsAgainWithTheSameKeysAndRecords() throws Exception {
    // Given
    String key;
    String action;
    try (GatehouseProcess first = GatehouseProcess.start(directory, "", PLAIN)) {
      Api api = first.awaitListening();
      key = api.key("agent");
      action = api.run("python", "print('kept')").getString("id");
      api.post("agent", "/v1/sandboxes", new JsonObject());
      assertFalse(Containers.of(first.data()).isEmpty());

      // When
      first.terminate();

      // Then: 143 is what a shell says of a process that SIGTERM ended.
      assertEquals(143, first.awaitExit(STOP_LIMIT), first.log());
      assertEquals(List.of(), Containers.of(first.data()));
      assertEquals(List.of(), postgresBelow(directory));
      assertFalse(first.log().contains("SEVERE"), first.log());
      assertEquals(List.of(), warnings(first.log()));
    }

    // When
    try (GatehouseProcess second = GatehouseProcess.start(directory, "", PLAIN)) {
      Api api = second.awaitListening();

      // Then
      assertEquals(key, api.key("agent"));
      assertFalse(second.log().contains("earlier run"), second.log());
      Answer story = api.get("auditor", "/v1/audit?action=" + action);
      assertEquals(3, story.body().getJsonArray("events").size(), story.body().encode());
      assertEquals(1, events(api, "server.stopped"));
      assertEquals(2, events(api, "server.started"));
      assertEquals("42\n", api.run("python", "print(6*7)").getString("stdout"));
    }
  }

  /** But that a slow machine's event loop was busy for long while it started. */
  private static List<String> warnings(String log) {
    return log.lines()
        .filter(line -> line.contains("WARNING") && !line.contains("has been blocked for"))
        .toList();
  }

  private static int events(Api api, String kind) {
    return api.get("auditor", "/v1/audit?tenant=(server)&kind=" + kind)
        .body()
        .getJsonArray("events")
        .size();
  }

  @Test
  void worksWithAGivenDatabaseAndStartsThereTwice() throws Exception {
    // Given
    try (EmbeddedDatabase database = EmbeddedDatabase.start(directory.resolve("given"))) {
      Map<String, String> environment =
          plain("GATEHOUSE_DATABASE_URL", url(database.connectOptions()));
      String action = "";

      for (int start = 1; start <= 2; start++) {
        try (GatehouseProcess gatehouse = GatehouseProcess.start(directory, "", environment)) {
          // When
          Api api = gatehouse.awaitListening();
          if (action.isEmpty()) {
            action = api.run("python", "print(1)").getString("id");
          }

          // Then
          Answer story = api.get("auditor", "/v1/audit?action=" + action);
          assertEquals(3, story.body().getJsonArray("events").size(), story.body().encode());
          assertFalse(Files.exists(gatehouse.data().resolve("postgres")));
        }
      }
    }
  }

  private static String url(PgConnectOptions to) {
    return "postgresql://%s:%s@%s:%d/%s"
        .formatted(to.getUser(), to.getPassword(), to.getHost(), to.getPort(), to.getDatabase());
  }

  @Test
  void aDatabaseThatCannotBeUsedIsNamedWithoutItsPassword() throws Exception {
    // When: nobody listens there.
    String log =
        assertRefused(
            1,
            "",
            plain("GATEHOUSE_DATABASE_URL", "postgresql://me:s3cret@127.0.0.1:1/records"),
            "PostgreSQL at 127.0.0.1:1, database records, cannot be used");

    // Then
    assertFalse(log.contains("s3cret"), log);
  }

  @Test
  void aDatabaseWithoutFsyncIsRefusedWhereRepliesPromiseDurability() throws Exception {
    // Given: a PostgreSQL that is fast and forgets.
    try (EmbeddedPostgres forgetful =
        EmbeddedPostgres.builder()
            .setOverrideWorkingDirectory(directory.resolve("binaries").toFile())
            .setDataDirectory(directory.resolve("forgetful"))
            .setServerConfig("fsync", "off")
            .start()) {
      Map<String, String> environment =
          plain(
              "GATEHOUSE_DATABASE_URL",
              "postgresql://postgres:postgres@127.0.0.1:" + forgetful.getPort() + "/postgres");

      // When / Then
      assertRefused(1, "", environment, "fsync=off", "audit.durability before-reply");
      environment.put("GATEHOUSE_AUDIT_DURABILITY", "async");
      try (GatehouseProcess gatehouse = GatehouseProcess.start(directory, "", environment)) {
        assertEquals(
            "1\n", gatehouse.awaitListening().run("python", "print(1)").getString("stdout"));
      }
    }
  }

  /** The PostgreSQL processes whose files are below the directory. */
  private static List<Long> postgresBelow(Path directory) {
    return ProcessHandle.allProcesses()
        .filter(handle -> handle.info().command().orElse("").startsWith(directory.toString()))
        .map(ProcessHandle::pid)
        .toList();
  }
}
