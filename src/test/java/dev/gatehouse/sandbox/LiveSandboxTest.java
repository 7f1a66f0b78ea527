package dev.gatehouse.sandbox;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.gatehouse.Eventually;
import dev.gatehouse.config.Configuration;
import dev.gatehouse.config.SandboxSettings;
import dev.gatehouse.config.SandboxSettings.Warm;
import dev.gatehouse.sandbox.ExecutionRequest.Mode;
import dev.gatehouse.sandbox.ExecutionResult.End;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.net.NetServer;
import io.vertx.core.net.NetSocket;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Supplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The end of a sandbox, on an engine that attaches and answers nothing else. */
@SuppressWarnings("NullAway.Init")
class LiveSandboxTest {
  private static final Duration LIMIT = Duration.ofSeconds(30);
  private static final SandboxSettings LIMITS =
      Configuration.load(Path.of("conf/gatehouse.yaml"), Map.of()).sandbox();

  private final Vertx vertx = Vertx.vertx();
  private final Context loop = vertx.getOrCreateContext();
  private final Set<NetSocket> attached = ConcurrentHashMap.newKeySet();
  private final List<String> heard = new CopyOnWriteArrayList<>();
  private DockerVerticle docker;
  private LiveSandbox sandbox;

  @BeforeEach
  void attach() {
    NetServer engine =
        vertx
            .createNetServer()
            .connectHandler(socket ->
                socket.handler(bytes -> {
                  if (bytes.toString().contains("/attach?")) {
                    socket.write("HTTP/1.1 101 UPGRADED\r\n\r\n");
                    attached.add(socket);
                  }
                }))
            .listen(0, "127.0.0.1")
            .await();
    EngineAddress address = EngineAddress.of("tcp://127.0.0.1:" + engine.actualPort());
    docker = new DockerVerticle(address, LIMITS, "node");
    vertx.deployVerticle(docker, DockerVerticle.deployment()).await();
    sandbox =
        new LiveSandbox(
            "s",
            new Blueprint(
                QuotasTest.profile("default", 128, 1, new Warm(0, 0, 0, 1)), "runsc", "sha256:1"),
            vertx,
            docker,
            LIMITS,
            new LiveSandbox.EndListener() {
              @Override
              public void closed(LiveSandbox sandbox) {
                heard.add("closed");
              }

              @Override
              public void ended(LiveSandbox sandbox, String reason) {
                heard.add(reason);
              }
            });
    onLoop(() ->
            SupervisorChannel.attach(vertx.createNetClient(), address, sandbox.container(), sandbox)
                .onSuccess(sandbox::attached))
        .await();
  }

  @AfterEach
  void close() {
    vertx.close().await();
  }

  private <T> Future<T> onLoop(Supplier<Future<T>> work) {
    return Future.future(promise -> loop.runOnContext(ignored -> work.get().onComplete(promise)));
  }

  private Future<ExecutionResult> begin() {
    return onLoop(() -> {
      Future<ExecutionResult> result =
          sandbox.execute(
              new ExecutionRequest(
                  Language.PYTHON,
                  "pass",
                  StandardInput.Given.NOTHING,
                  Map.of(),
                  60_000,
                  Mode.CONTEXT),
              ExecutionFollower.silent());
      heard.add("running");
      return result;
    });
  }

  @Test
  void whatIsClosedFromHereEndsWithoutAWordOfTheEngine() {
    // Given
    Future<ExecutionResult> result = begin();

    // When
    long callsBefore = docker.calls();
    loop.runOnContext(ignored -> sandbox.end(Ending.DISOBEYED));

    // Then
    ExecutionResult ended = result.await();
    assertEquals(End.SANDBOX_DIED, ended.end());
    assertEquals(Ending.DISOBEYED, ended.sandboxEnd());
    List<String> all = List.of("running", "closed", Ending.DISOBEYED);
    Eventually.eventually("both ends are told", LIMIT, () -> heard.equals(all));
    assertEquals(callsBefore, docker.calls());
  }

  @Test
  void whatStoppedByItselfIsToldAsClosedBeforeItsDeathIsKnown() {
    // Given
    Future<ExecutionResult> result = begin();
    Eventually.eventually("it runs", LIMIT, () -> heard.contains("running"));

    // When
    attached.forEach(NetSocket::close);

    // Then
    Eventually.eventually("it is closed", LIMIT, () -> heard.contains("closed"));
    Eventually.eventually("the engine is asked", LIMIT, () -> docker.calls() > 0);
    assertEquals(List.of("running", "closed"), heard);
    assertFalse(sandbox.alive());
    assertFalse(result.isComplete());
    assertTrue(attached.size() > 0);
  }

  @Test
  void whatGivesNoSignOfLifeWhenItIsHandedOutHasEnded() {
    // When
    Future<Boolean> lives =
        onLoop(() -> {
          sandbox.handOut();
          return sandbox.lives();
        });

    // Then
    assertFalse(lives.await());
    assertFalse(sandbox.alive());
  }
}
