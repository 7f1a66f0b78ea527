package dev.gatehouse;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.github.dockerjava.api.model.HostConfig;
import dev.gatehouse.Api.Answer;
import dev.gatehouse.config.Configuration;
import dev.gatehouse.sandbox.EngineAddress;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Kinds of sandboxes: each with an image, limits and a pool of its own. */
class ProfilesIT {
  private static final Duration LIMIT = Duration.ofSeconds(60);

  @RegisterExtension
  @Order(1)
  static final OtherImage OTHER = OtherImage.after("sh", "-c", "echo first > /etc/edition");

  @RegisterExtension
  @Order(2)
  static final OtherImage BARE = OtherImage.after("rm", "-f", "/usr/bin/node", "/bin/bash");

  @RegisterExtension
  @Order(3)
  static final OtherImage EMPTY =
      OtherImage.after("sh", "-c", "rm -f /usr/bin/python3 /usr/bin/python3.*");

  @RegisterExtension
  @Order(3)
  static final OtherImage OLD =
      OtherImage.after(
          "sh",
          "-c",
          "printf '#!/bin/sh\\necho v14.21.3\\n' > /usr/bin/node.old;"
              + " mv /usr/bin/node.old /usr/bin/node; chmod 755 /usr/bin/node;"
              + " printf '#!/bin/sh\\necho 4.4.20\\n' > /bin/bash.old;"
              + " mv /bin/bash.old /bin/bash; chmod 755 /bin/bash");

  private static final RunningServer CONFIGURED = new RunningServer().behindOpenPolicy();

  /** The image's name is known only when there is one. */
  @RegisterExtension
  @Order(4)
  static final BeforeAllCallback PROFILES =
      context ->
          CONFIGURED.with(
              "GATEHOUSE_SANDBOX_PROFILES",
              "[{name: other, image: '%s', memoryMiB: 200, cpus: 0.5, workspaceMiB: 32, tmpMiB: 16,"
                      .formatted(OTHER.name())
                  + " languages: [python, bash], warm: 1}, {name: cold, memoryMiB: 384}]");

  @RegisterExtension
  @Order(5)
  static final RunningServer SERVER = CONFIGURED;

  private final Api api = SERVER.api();

  private static JsonObject wish(String profile) {
    return new JsonObject().put("session", "s").put("profile", profile);
  }

  private JsonObject pool(String profile) {
    return api.get("agent", "/healthz")
        .body()
        .getJsonObject("sandbox")
        .getJsonObject("pools")
        .getJsonObject(profile);
  }

  private void awaitReady(String profile) {
    Eventually.eventually(
        profile + " stands ready", LIMIT, () -> pool(profile).getInteger("ready") > 0);
  }

  private static HostConfig limitsOf(String id) {
    return EngineContainers.SHARED.inspectContainerCmd("gatehouse-" + id).exec().getHostConfig();
  }

  @Test
  void aSandboxHasTheImageAndTheLimitsOfItsProfileAndComesFromItsPool() {
    // Given
    awaitReady("other");
    long hits = pool("other").getLong("hits");

    // When
    Answer created = api.post("agent", "/v1/sandboxes", wish("other"));

    // Then
    assertEquals(201, created.status(), created.body().encode());
    String id = created.body().getString("id");
    assertTrue(created.body().getBoolean("warm"));
    assertEquals("other", created.body().getString("profile"));
    assertEquals(OTHER.name(), created.body().getString("image"));
    assertEquals(OTHER.id(), created.body().getString("imageId"));
    assertEquals(hits + 1, pool("other").getLong("hits"));
    HostConfig limits = limitsOf(id);
    assertEquals(200L << 20, limits.getMemory());
    assertEquals(500_000_000L, limits.getNanoCPUs());
    assertTrue(String.valueOf(limits.getTmpFs()).contains("size=32m"));
    Answer javascript =
        api.post(
            "agent",
            "/v1/sandboxes/" + id + "/executions",
            Api.execution("javascript", "1").put("session", "s"));
    assertEquals(422, javascript.status());
    assertEquals("language.unavailable", javascript.code());
    assertEquals(200, api.delete("agent", "/v1/sandboxes/" + id).status());
  }

  @Test
  void aOneShotExecutionNamesAProfileAndElseGetsTheStandardOne() {
    // Given
    awaitReady("other");
    String code = "cat /etc/edition 2> /dev/null || echo standard";

    // When
    Answer other =
        api.post("agent", "/v1/executions", Api.execution("bash", code).put("profile", "other"));
    Answer cold =
        api.post("agent", "/v1/executions", Api.execution("bash", code).put("profile", "cold"));

    // Then
    assertNotEquals("standard\n", other.body().getString("stdout"), other.body().encode());
    assertEquals("standard\n", cold.body().getString("stdout"), cold.body().encode());
    assertEquals("standard\n", api.run("bash", code).getString("stdout"));
    assertEquals(1, pool("cold").getLong("misses"));
    assertTrue(pool("cold").getDouble("waitMaxMillis") > 0);
    Answer javascript =
        api.post(
            "agent", "/v1/executions", Api.execution("javascript", "1").put("profile", "other"));
    assertEquals("language.unavailable", javascript.code(), javascript.body().encode());
    Answer unknown =
        api.post("agent", "/v1/executions", Api.execution("bash", ":").put("profile", "none"));
    assertEquals(422, unknown.status());
    assertEquals("profile.unknown", unknown.code());
  }

  @Test
  void aPoolIsDrainedAndFilledAnewWhenItsImageChangesAndWhatIsHeldStays() {
    // Given
    awaitReady("other");
    Answer held = api.post("agent", "/v1/sandboxes", wish("other"));
    String before = OTHER.id();
    awaitReady("other");

    // When
    OTHER.becomes("sh", "-c", "echo second > /etc/edition");

    // Then
    String after = OTHER.id();
    assertNotEquals(before, after);
    Eventually.eventually(
        "the pool has the new image",
        LIMIT,
        () ->
            pool("other").getString("imageId").equals(after)
                && pool("other").getInteger("ready") == 1);
    assertEquals(
        "second\n",
        api.post(
                "agent",
                "/v1/executions",
                Api.execution("bash", "cat /etc/edition").put("profile", "other"))
            .body()
            .getString("stdout"));
    Answer kept =
        api.post(
            "agent",
            "/v1/sandboxes/" + held.body().getString("id") + "/executions",
            Api.execution("bash", "cat /etc/edition").put("session", "s"));
    assertEquals(held.body().getString("imageId"), before);
    assertNotEquals("second\n", kept.body().getString("stdout"), kept.body().encode());
    api.delete("agent", "/v1/sandboxes/" + held.body().getString("id"));
  }

  @Test
  void theStartNamesEverythingThatAnImageLacks() throws IOException {
    String bare = refusal("bare", BARE.name());
    assertTrue(
        bare.endsWith(
            "the image %s of profile bare cannot be used: it lacks node, bash (docs/images.md)"
                .formatted(BARE.name())),
        bare);
    String old = refusal("old", OLD.name());
    assertTrue(
        old.contains("it lacks a node of version 15 or newer, a bash of version 5 or newer ("),
        old);
    String empty = refusal("empty", EMPTY.name());
    assertTrue(
        empty.endsWith(
            "the image %s of profile empty cannot be used: it lacks python3 (docs/images.md)"
                .formatted(EMPTY.name())),
        empty);
    String none = refusal("none", "gatehouse-test/none:1");
    assertTrue(none.contains("the engine has no image gatehouse-test/none:1"), none);
  }

  private static String refusal(String profile, String image) throws IOException {
    Path data = Files.createTempDirectory("gatehouse-it");
    Map<String, String> settings = new HashMap<>();
    settings.put("GATEHOUSE_DATA", data.toString());
    settings.put("GATEHOUSE_PORT", "0");
    settings.put(
        "GATEHOUSE_SANDBOX_PROFILES", "[{name: %s, image: '%s'}]".formatted(profile, image));
    Configuration configuration = Configuration.load(Path.of("conf/gatehouse.yaml"), settings);
    Throwable failure =
        assertThrows(
                ExecutionException.class,
                () ->
                    Server.start(configuration, EngineAddress.of(System.getenv("DOCKER_HOST")))
                        .toCompletionStage()
                        .toCompletableFuture()
                        .get(120, TimeUnit.SECONDS))
            .getCause();
    assertEquals(List.of(), Containers.of(data), "nothing is left");
    return String.valueOf(failure);
  }
}
