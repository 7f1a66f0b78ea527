package dev.gatehouse.sandbox;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import org.junit.jupiter.api.Test;

class RemovalsTest {
  private final FakeEngine engine = new FakeEngine();
  private final Removals removals = new Removals(engine);

  /** Answers a removal when it is told to. */
  private static final class FakeEngine implements Removals.Engine {
    final Deque<Promise<Void>> asked = new ArrayDeque<>();
    List<String> containers = List.of("one");

    @Override
    public Future<Void> remove(String container) {
      Promise<Void> answer = Promise.promise();
      asked.add(answer);
      return answer.future();
    }

    @Override
    public Future<List<String>> containersOfNode() {
      return Future.succeededFuture(containers);
    }
  }

  private Future<Void> failToRemove() {
    removals.tend("one");
    Future<Void> gone = removals.remove("one");
    engine.asked.remove().fail("the engine cannot");
    return gone;
  }

  @Test
  void whatTheEngineCannotRemoveIsNotGoneBeforeTheSweepHasRemovedIt() {
    // Given
    Future<Void> gone = failToRemove();
    assertFalse(gone.isComplete());
    assertEquals(0, removals.underWay());

    // When
    removals.sweep();
    assertFalse(gone.isComplete());
    engine.asked.remove().complete();

    // Then
    assertTrue(gone.succeeded());
    assertEquals(1, removals.removed());
  }

  @Test
  void whatTheSweepDoesNotFindAnyMoreIsGone() {
    // Given
    Future<Void> gone = failToRemove();
    engine.containers = List.of();

    // When
    removals.sweep();

    // Then
    assertTrue(gone.succeeded());
    assertTrue(engine.asked.isEmpty(), "it asked to remove what is not there");
  }

  @Test
  void whatIsLookedAfterIsLeftAlone() {
    // Given
    removals.tend("one");

    // When
    removals.sweep();

    // Then
    assertTrue(engine.asked.isEmpty());
  }
}
