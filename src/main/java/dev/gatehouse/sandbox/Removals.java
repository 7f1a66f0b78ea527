package dev.gatehouse.sandbox;

import io.vertx.core.Future;
import java.util.HashSet;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The ends of containers: those that are no longer needed, and those of this node that nobody looks
 * after. Confined to the sandbox loop.
 */
final class Removals {
  private static final Logger LOGGER = LoggerFactory.getLogger(Removals.class);

  private final DockerVerticle docker;

  /** Names of the containers that somebody here looks after; the sweep takes all others. */
  private final Set<String> tended = new HashSet<>();

  private int underWay;
  private long removed;

  Removals(DockerVerticle docker) {
    this.docker = docker;
  }

  /** From now on the container is looked after, until it is removed. */
  void tend(String container) {
    tended.add(container);
  }

  /** Removes it; completes, never fails, when nobody need look after it any more. */
  Future<Void> remove(String container) {
    underWay++;
    return docker
        .remove(container)
        .onSuccess(gone -> removed++)
        .onFailure(failure ->
            LOGGER.warn(
                "a container waits for the next sweep container={} reason={}",
                container,
                failure.getMessage()))
        .otherwiseEmpty()
        .onComplete(done -> {
          underWay--;
          tended.remove(container);
        });
  }

  int underWay() {
    return underWay;
  }

  /** How many are gone since the start. */
  long removed() {
    return removed;
  }

  /** Removes this node's containers that nobody looks after: what the engine was late with. */
  Future<Void> sweep() {
    return docker
        .containersOfNode()
        .onSuccess(names ->
            names.stream()
                .filter(name -> !tended.contains(name))
                .forEach(name -> {
                  LOGGER.warn("removing a container that nobody looks after container={}", name);
                  tended.add(name);
                  remove(name);
                }))
        .onFailure(failure -> LOGGER.debug("the sweep must wait: {}", failure.getMessage()))
        .mapEmpty();
  }
}
