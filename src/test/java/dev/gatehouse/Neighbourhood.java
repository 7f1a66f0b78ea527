package dev.gatehouse;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import io.vertx.core.json.JsonObject;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.BeforeEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/**
 * What surrounds an attack: during each test another session's sandbox keeps answering; after it
 * nothing is left under way, only the neighbour's sandbox is held, and the pool is full again.
 */
final class Neighbourhood implements BeforeAllCallback, BeforeEachCallback, AfterEachCallback {
  private static final Duration RECOVERY = Duration.ofSeconds(90);
  private static final int WARM = 1;

  private final RunningServer server;
  private final List<HeldSandbox> held = new ArrayList<>();
  private final AtomicInteger answers = new AtomicInteger();
  private final AtomicReference<Throwable> failure = new AtomicReference<>();
  private volatile boolean over;
  private @Nullable HeldSandbox home;
  private Thread neighbour = new Thread();

  /** Around tests of a server that is not started yet. */
  Neighbourhood(RunningServer server) {
    this.server = server.with("GATEHOUSE_SANDBOX_WARM", String.valueOf(WARM));
  }

  @Override
  public void beforeAll(ExtensionContext context) {
    home = HeldSandbox.of(server.api(), "neighbour", 3600);
  }

  @Override
  public void beforeEach(ExtensionContext context) {
    over = false;
    HeldSandbox sandbox = Objects.requireNonNull(home);
    neighbour = Thread.ofVirtual().start(() -> keepAsking(sandbox));
  }

  private void keepAsking(HeldSandbox sandbox) {
    try {
      while (!over) {
        int number = answers.incrementAndGet();
        JsonObject request = sandbox.request("python", "print(" + number + ")", 30_000);
        Api.Answer answer = sandbox.ask(request);
        while (answer.status() == 503 && answer.code().equals("executions.exhausted")) {
          answer = sandbox.ask(request);
        }
        JsonObject reply = answer.body();
        assertEquals(number + "\n", reply.getString("stdout"), reply.encode());
      }
    } catch (Throwable e) {
      failure.compareAndSet(null, e);
    }
  }

  /** A sandbox that is deleted after the test, if it lives. */
  HeldSandbox hold(String session) {
    HeldSandbox sandbox = HeldSandbox.of(server.api(), session);
    held.add(sandbox);
    return sandbox;
  }

  @Override
  public void afterEach(ExtensionContext context) throws Exception {
    int soFar = answers.get();
    try {
      Eventually.eventually(
          "the neighbour answers",
          RECOVERY,
          () -> answers.get() > soFar + 1 || failure.get() != null);
    } finally {
      over = true;
      neighbour.join();
      held.forEach(HeldSandbox::delete);
      held.clear();
    }
    assertNull(failure.getAndSet(null), "the neighbour noticed");
    Eventually.eventually(
        "nothing is under way and the pool is full: " + health().encode(), RECOVERY, this::quiet);
    assertEquals("ok", health().getString("status"));
  }

  private boolean quiet() {
    JsonObject health = health();
    JsonObject sandbox = health.getJsonObject("sandbox");
    return health.getInteger("executions") == 0
        && health.getJsonObject("audit").getInteger("queuedEvents") == 0
        && sandbox.getInteger("leased") == 1
        && sandbox.getInteger("starting") == 0
        && sandbox.getInteger("ready") == WARM
        && EngineContainers.ofNode(server.node()).size() == WARM + 1;
  }

  private JsonObject health() {
    return server.api().get("agent", "/healthz").body();
  }
}
