package dev.gatehouse;

import com.github.dockerjava.api.DockerClient;
import com.github.dockerjava.api.exception.NotFoundException;
import com.github.dockerjava.api.model.HostConfig;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/** A local image made of the default one, under a name of its own. */
final class OtherImage implements BeforeAllCallback, AfterAllCallback {
  private static final String DEFAULT = "gatehouse/sandbox:1";

  private final DockerClient docker = EngineContainers.SHARED;
  private final String repository = "gatehouse-test/" + UUID.randomUUID();
  private final List<String> command;

  private OtherImage(List<String> command) {
    this.command = command;
  }

  /** Where the command was run as root. */
  static OtherImage after(String... command) {
    return new OtherImage(List.of(command));
  }

  String name() {
    return repository + ":1";
  }

  /** The digest that the name means. */
  String id() {
    return docker.inspectImageCmd(name()).exec().getId();
  }

  /** Gives the name to another image, where another command was run. */
  void becomes(String... otherCommand) {
    make(List.of(otherCommand));
  }

  @Override
  public void beforeAll(ExtensionContext context) {
    make(command);
  }

  private void make(List<String> toRun) {
    String container =
        docker
            .createContainerCmd(DEFAULT)
            .withUser("0")
            .withEntrypoint(toRun)
            .withCmd(List.of())
            .withHostConfig(new HostConfig().withNetworkMode("none"))
            .exec()
            .getId();
    try {
      docker.startContainerCmd(container).exec();
      docker.waitContainerCmd(container).start().awaitStatusCode();
      docker.commitCmd(container).withRepository(repository).withTag("1").exec();
    } finally {
      docker.removeContainerCmd(container).withForce(true).exec();
    }
  }

  @Override
  public void afterAll(ExtensionContext context) {
    try {
      docker.removeImageCmd(name()).withForce(true).exec();
    } catch (NotFoundException e) {
      // A test took its name away.
    }
  }
}
