package dev.gatehouse.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServer;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;

class OpenLoopIT {
  private static final Vertx VERTX = Vertx.vertx();
  private static final byte[] REQUEST = OpenLoop.decision("/", "key");
  private static final int RATE = 100;
  private static final long STALL_MILLIS = 500;

  @AfterAll
  static void close() throws Exception {
    VERTX.close().await(10, TimeUnit.SECONDS);
  }

  @Test
  void whoeverWasDueDuringAStallPaysForIt() throws Exception {
    AtomicInteger requests = new AtomicInteger();
    HttpServer server =
        VERTX
            .createHttpServer()
            .requestHandler(request -> {
              if (requests.getAndIncrement() == 0) {
                VERTX.setTimer(STALL_MILLIS, id -> request.response().end("late"));
              } else {
                request.response().end("at once");
              }
            })
            .listen(0, "127.0.0.1")
            .await(10, TimeUnit.SECONDS);

    OpenLoop.Result result = OpenLoop.load(server.actualPort(), REQUEST, 1, RATE, 1);

    assertEquals(RATE, result.nanos().getTotalCount());
    assertEquals(0, result.unanswered());
    // Half of those that were due within the stall waited half of it or more.
    long late = RATE - result.nanos().getCountBetweenValues(0, STALL_MILLIS * 1_000_000 / 2);
    assertTrue(late >= RATE * STALL_MILLIS / 1000 / 2, late + " were late");
  }

  @Test
  void countsWhatIsRefused() throws Exception {
    HttpServer server =
        VERTX
            .createHttpServer()
            .requestHandler(request -> request.response().setStatusCode(503).end("full"))
            .listen(0, "127.0.0.1")
            .await(10, TimeUnit.SECONDS);

    OpenLoop.Result result = OpenLoop.load(server.actualPort(), REQUEST, 4, RATE, 1);

    assertEquals(RATE, result.refused());
    assertEquals(RATE, result.perSecond().stream().mapToLong(Long::longValue).sum());
  }
}
