package dev.gatehouse.store;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.gatehouse.Eventually;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class TurnsTest {
  private static final Duration LIMIT = Duration.ofSeconds(10);

  private final Vertx vertx = Vertx.vertx();
  private final List<Promise<String>> asked = new ArrayList<>();

  @AfterEach
  void close() throws Exception {
    vertx.close().await(10, TimeUnit.SECONDS);
  }

  private Future<String> ask(Turns turns) {
    return turns.ask(() -> {
      Promise<String> answer = Promise.promise();
      synchronized (asked) {
        asked.add(answer);
      }
      return answer.future();
    });
  }

  private int asked() {
    synchronized (asked) {
      return asked.size();
    }
  }

  @Test
  void asksNoMoreAtOnceAndTheNextWhenOneIsAnsweredOrFails() {
    // Given
    Turns turns = new Turns(vertx, 2, 10, 60_000);
    List<Future<String>> answers = new ArrayList<>();

    // When
    for (int i = 0; i < 4; i++) {
      answers.add(ask(turns));
    }

    // Then
    Eventually.eventually("two are asked", LIMIT, () -> asked() == 2);
    asked.get(0).complete("one");
    Eventually.eventually("a third", LIMIT, () -> asked() == 3);
    asked.get(1).fail("broken");
    Eventually.eventually("a fourth", LIMIT, () -> asked() == 4);
    assertFalse(answers.get(3).isComplete());
  }

  @Test
  void refusesWhatWaitsTooLongOrInALineThatIsFull() {
    // Given
    Turns turns = new Turns(vertx, 1, 1, 50);
    Future<String> first = ask(turns);

    // When
    Future<String> second = ask(turns);
    Future<String> third = ask(turns);

    // Then
    Eventually.eventually("both are refused", LIMIT, () -> second.failed() && third.failed());
    assertInstanceOf(StoreBusyException.class, second.cause());
    assertInstanceOf(StoreBusyException.class, third.cause());
    assertEquals(1, asked());
    asked.get(0).complete("one");
    Eventually.eventually("the first is answered", LIMIT, first::succeeded);
    Future<String> later = ask(turns);
    Eventually.eventually("there is a turn again", LIMIT, () -> asked() == 2);
    assertTrue(!later.failed());
  }
}
