package dev.gatehouse;

import com.github.dockerjava.api.DockerClient;
import com.github.dockerjava.api.model.Container;
import dev.gatehouse.sandbox.EngineAddress;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/** A real Docker engine beside the machine's, to be killed and stopped. */
@SuppressWarnings("NullAway.Init")
final class EngineOfItsOwn implements BeforeAllCallback, AfterAllCallback {
  private static final Duration LIMIT = Duration.ofSeconds(90);
  private static final String IMAGE = "gatehouse/sandbox:1";

  private final Path directory = directory();
  private final EngineAddress address =
      EngineAddress.of("unix://" + directory.resolve("docker.sock"));
  private Process dockerd;
  private DockerClient docker;

  private static Path directory() {
    try {
      return Files.createTempDirectory("gh-engine");
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  EngineAddress address() {
    return address;
  }

  @Override
  public void beforeAll(ExtensionContext context) throws Exception {
    Files.writeString(
        directory.resolve("daemon.json"),
        """
        {"runtimes": {"runsc-none": {"path": "/usr/bin/runsc", "runtimeArgs": ["--network=none"]}}}
        """);
    start();
    try (DockerClient machines =
            EngineContainers.client(EngineAddress.of(System.getenv("DOCKER_HOST")));
        InputStream image = machines.saveImageCmd(IMAGE).exec()) {
      docker.loadImageCmd(image).exec();
    }
  }

  void start() {
    launch();
    docker = EngineContainers.client(address);
    Eventually.eventually(
        "the engine answers",
        LIMIT,
        () -> {
          if (!dockerd.isAlive()) {
            // It gives up where a killed one's containerd is still on its way out.
            launch();
          }
          return answers();
        });
  }

  private void launch() {
    try {
      dockerd =
          new ProcessBuilder(
                  "dockerd",
                  "--config-file=" + directory.resolve("daemon.json"),
                  "--data-root=" + directory.resolve("data"),
                  "--exec-root=" + directory.resolve("exec"),
                  "--pidfile=" + directory.resolve("docker.pid"),
                  "--host=" + address.uri(),
                  // Never the machine's containers, should both engines share one containerd.
                  "--containerd-namespace=" + directory.getFileName(),
                  "--containerd-plugins-namespace=" + directory.getFileName() + "-plugins",
                  "--bridge=none",
                  "--iptables=false")
              .redirectErrorStream(true)
              .redirectOutput(
                  ProcessBuilder.Redirect.appendTo(directory.resolve("dockerd.log").toFile()))
              .start();
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  private boolean answers() {
    try {
      docker.pingCmd().exec();
      return true;
    } catch (RuntimeException e) {
      // The socket is not there yet, or nobody listens.
      return false;
    }
  }

  void kill() {
    dockerd.destroyForcibly().onExit().join();
  }

  void freeze() {
    Signals.send("STOP", List.of(dockerd.toHandle()));
  }

  void thaw() {
    Signals.send("CONT", List.of(dockerd.toHandle()));
  }

  List<Container> containersOf(String node) {
    return EngineContainers.ofNode(docker, node);
  }

  @Override
  public void afterAll(ExtensionContext context) throws Exception {
    docker
        .listContainersCmd()
        .withShowAll(true)
        .exec()
        .forEach(container -> docker.removeContainerCmd(container.getId()).withForce(true).exec());
    docker.close();
    dockerd.destroy();
    dockerd.onExit().join();
    // A containerd that outlived a killed engine is not the next one's child.
    ProcessHandle.allProcesses()
        .filter(process ->
            process.info().commandLine().orElse("").contains(directory + "/exec/containerd"))
        .forEach(ProcessHandle::destroyForcibly);
    // A killed engine leaves its mounts; each start adds one on the same place.
    for (String mount : Files.readAllLines(Path.of("/proc/mounts"))) {
      String place = mount.split(" ", -1)[1];
      if (place.startsWith(directory + "/")) {
        run("umount", "--lazy", place);
      }
    }
    run("rm", "-rf", directory.toString());
  }

  private static void run(String... command) throws IOException, InterruptedException {
    new ProcessBuilder(command).inheritIO().start().waitFor();
  }
}
