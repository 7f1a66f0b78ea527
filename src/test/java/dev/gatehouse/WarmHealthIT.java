package dev.gatehouse;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.github.dockerjava.api.model.Container;
import com.github.dockerjava.api.model.HostConfig;
import dev.gatehouse.Api.Answer;
import io.vertx.core.json.JsonObject;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** What stands ready and is broken from outside is never handed out. */
class WarmHealthIT {
  private static final Duration LIMIT = Duration.ofSeconds(90);
  private static final int WARM = 2;

  @RegisterExtension
  static final RunningServer SERVER =
      new RunningServer().behindOpenPolicy().with("GATEHOUSE_SANDBOX_WARM", String.valueOf(WARM));

  private final Api api = SERVER.api();

  private JsonObject pool() {
    return api.get("agent", "/healthz").body().getJsonObject("sandbox");
  }

  private static Set<String> containers() {
    return EngineContainers.ofNode(SERVER.node()).stream()
        .map(Container::getId)
        .collect(Collectors.toSet());
  }

  private Set<String> awaitFull() {
    Eventually.eventually(
        "the pool is full and nothing is under way",
        LIMIT,
        () ->
            pool().getInteger("ready") == WARM
                && pool().getInteger("removing") == 0
                && containers().size() == WARM);
    return containers();
  }

  /** Breaks all that stand ready; then others do, and whoever asks gets one that works. */
  private void breakAll(Consumer<String> harm) {
    // Given
    Set<String> before = awaitFull();

    // When
    before.forEach(harm);

    // Then
    Eventually.eventually(
        "others stand ready, and those are gone",
        LIMIT,
        () -> {
          Set<String> now = containers();
          return now.stream().noneMatch(before::contains) && pool().getInteger("ready") == WARM;
        });
    for (int n = 0; n < WARM; n++) {
      Answer answer = api.post("agent", "/v1/executions", Api.execution("python", "print(6*7)"));
      assertEquals("42\n", answer.body().getString("stdout"), answer.body().encode());
    }
  }

  @Test
  void aDeadOneIsReplaced() {
    breakAll(container -> EngineContainers.SHARED.killContainerCmd(container).exec());
  }

  @Test
  void oneThatGivesNoSignOfLifeIsReplaced() {
    breakAll(container -> EngineContainers.SHARED.pauseContainerCmd(container).exec());
  }

  @Test
  void oneThatIsRemovedIsReplaced() {
    breakAll(
        container -> EngineContainers.SHARED.removeContainerCmd(container).withForce(true).exec());
  }

  @Test
  void whoAsksJustAfterTheyWereFrozenIsServedByAnother() {
    // Given
    awaitFull().forEach(container -> EngineContainers.SHARED.pauseContainerCmd(container).exec());

    // When
    Answer answer = api.post("agent", "/v1/executions", Api.execution("python", "print(6*7)"));

    // Then
    assertEquals("42\n", answer.body().getString("stdout"), answer.body().encode());
  }

  @Test
  void aSandboxToHoldIsNoneThatWasJustFrozen() {
    // Given
    awaitFull().forEach(container -> EngineContainers.SHARED.pauseContainerCmd(container).exec());

    // When
    HeldSandbox held = HeldSandbox.of(api, "frozen");

    // Then
    assertEquals("42\n", held.run("python", "print(6*7)").getString("stdout"));
    held.delete();
  }

  @Test
  void aContainerOfThisServersThatNobodyLooksAfterIsRemovedWhileItRuns() {
    // Given
    awaitFull();
    String stray =
        EngineContainers.SHARED
            .createContainerCmd("gatehouse/sandbox:1")
            .withLabels(Map.of("dev.gatehouse", "sandbox", "dev.gatehouse.node", SERVER.node()))
            .withHostConfig(new HostConfig().withNetworkMode("none"))
            .withEntrypoint("sleep", "600")
            .withCmd(List.of())
            .exec()
            .getId();
    EngineContainers.SHARED.startContainerCmd(stray).exec();
    assertTrue(containers().contains(stray));

    // When / Then
    Eventually.eventually("the stray is gone", LIMIT, () -> !containers().contains(stray));
    assertEquals(WARM, pool().getInteger("ready"));
  }
}
