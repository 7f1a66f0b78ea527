package dev.gatehouse.sandbox;

import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The ends of containers: those that are no longer needed, and those of this node that nobody looks
 * after. Confined to the sandbox loop.
 */
final class Removals {
  private static final Logger LOGGER = LoggerFactory.getLogger(Removals.class);

  /** What it asks the engine for. */
  interface Engine {
    /** Removes a container; succeeds if there is none. */
    Future<Void> remove(String container);

    /** The names of this node's containers, in whatever state. */
    Future<List<String>> containersOfNode();
  }

  private final Engine engine;

  /** Names of the containers that somebody here looks after; the sweep takes all others. */
  private final Set<String> tended = new HashSet<>();

  /** Those that end, until they are gone. */
  private final Map<String, Promise<Void>> ending = new HashMap<>();

  private int underWay;
  private long removed;

  Removals(Engine engine) {
    this.engine = engine;
  }

  /** From now on the container is looked after, until it is removed. */
  void tend(String container) {
    tended.add(container);
  }

  /**
   * Removes it; succeeds when it is gone, and never fails: what the engine cannot remove now the
   * next sweep does, and until then it takes what it took.
   */
  Future<Void> remove(String container) {
    Promise<Void> gone = ending.computeIfAbsent(container, name -> Promise.promise());
    underWay++;
    engine
        .remove(container)
        .onFailure(failure ->
            LOGGER.warn(
                "a container waits for the next sweep container={} reason={}",
                container,
                failure.getMessage()))
        .onComplete(done -> {
          underWay--;
          tended.remove(container);
          if (done.succeeded()) {
            isGone(container);
          }
        });
    return gone.future();
  }

  private void isGone(String container) {
    Promise<Void> gone = ending.remove(container);
    if (gone != null) {
      removed++;
      gone.complete();
    }
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
    // Of what fails to be removed only after this the list may not know.
    Set<String> failed = new HashSet<>(ending.keySet());
    failed.removeAll(tended);
    return engine
        .containersOfNode()
        .onSuccess(names -> {
          failed.stream().filter(name -> !names.contains(name)).forEach(this::isGone);
          names.stream()
              .filter(name -> !tended.contains(name))
              .forEach(name -> {
                LOGGER.warn("removing a container that nobody looks after container={}", name);
                tended.add(name);
                remove(name);
              });
        })
        .onFailure(failure -> LOGGER.debug("the sweep must wait: {}", failure.getMessage()))
        .mapEmpty();
  }
}
