package dev.gatehouse.store;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.vertx.core.VertxException;
import io.vertx.pgclient.PgException;
import io.vertx.sqlclient.ClosedConnectionException;
import java.net.ConnectException;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class StoreFailureTest {
  @ParameterizedTest
  @ValueSource(strings = {"08006", "53300", "57P01", "57P03", "58030"})
  void aServerThatCannotServeNowIsAway(String state) {
    assertTrue(StoreFailure.isAway(new PgException("no", "FATAL", state, "")));
  }

  @ParameterizedTest
  @ValueSource(strings = {"42P01", "57014", "23505"})
  void aStatementThatIsRefusedIsNotAnAbsence(String state) {
    assertFalse(StoreFailure.isAway(new PgException("no", "ERROR", state, "")));
  }

  @Test
  void lostConnectionsAndFullPoolsAreAnAbsence() {
    assertTrue(StoreFailure.isAway(ClosedConnectionException.INSTANCE));
    assertTrue(StoreFailure.isAway(new ConnectException("refused")));
    assertTrue(StoreFailure.isAway(new TimeoutException()));
    assertTrue(StoreFailure.isAway(VertxException.noStackTrace("Timeout")));
    assertTrue(StoreFailure.isAway(new IllegalStateException("wrapped", new ConnectException())));
  }

  @Test
  void aBugIsNotAnAbsence() {
    assertFalse(StoreFailure.isAway(new NullPointerException("Timeout")));
  }
}
