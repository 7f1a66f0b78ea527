package dev.gatehouse.gate;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.gatehouse.action.Decision;
import dev.gatehouse.action.Outcome;
import dev.gatehouse.action.Reason;
import dev.gatehouse.action.Risk;
import dev.gatehouse.gate.BackgroundExecution.Cursor;
import dev.gatehouse.sandbox.Claim;
import dev.gatehouse.sandbox.ExecutionFollower;
import dev.gatehouse.sandbox.ExecutionFollower.Stream;
import dev.gatehouse.sandbox.ExecutionRequest.Mode;
import dev.gatehouse.sandbox.Language;
import dev.gatehouse.sandbox.Owner;
import dev.gatehouse.sandbox.SandboxInfo;
import dev.gatehouse.sandbox.StandardInput;
import io.vertx.core.buffer.Buffer;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

class BackgroundExecutionsTest {
  private static final Reason REASON = new Reason("rule", "code", "text", List.of());
  private static final Claim AGENT = new Claim("default", "agent", null);

  private final BackgroundExecutions executions = new BackgroundExecutions(Clock.systemUTC());

  @Test
  void findsWhatRunsHoweverManyEnded() {
    // Given
    BackgroundExecution running = begin("running", 0);

    // When
    for (int n = 0; n < 2 * BackgroundExecutions.MAX_KEPT; n++) {
      end(begin("ended-" + n, 0));
    }

    // Then
    assertTrue(executions.find(running.id(), AGENT).isPresent());
    assertFalse(executions.find("ended-0", AGENT).isPresent());
    assertTrue(
        executions.find("ended-" + (2 * BackgroundExecutions.MAX_KEPT - 1), AGENT).isPresent());
  }

  @Test
  void forgetsTheOldestWhereTheOutputOfAllIsTooMuch() {
    // Given
    int bytes = 8 << 20;
    int kept = (int) (BackgroundExecutions.MAX_KEPT_BYTES / bytes);

    // When
    for (int n = 0; n <= kept; n++) {
      end(begin("ended-" + n, bytes));
    }

    // Then
    assertFalse(executions.find("ended-0", AGENT).isPresent());
    assertTrue(executions.find("ended-1", AGENT).isPresent());
  }

  @Test
  void whatEndsInOneTenantTakesNothingFromAnother() {
    // Given
    BackgroundExecution other = execution("other", 1 << 20, "other");
    executions.add(other);
    end(other);

    // When
    for (int n = 0; n < 2 * BackgroundExecutions.MAX_KEPT; n++) {
      end(begin("ended-" + n, 0));
    }
    end(begin("long", (int) BackgroundExecutions.MAX_KEPT_BYTES));

    // Then
    assertTrue(executions.find("other", new Claim("other", null, null)).isPresent());
  }

  @Test
  void theNewestStaysHoweverMuchItSaid() {
    // When
    end(begin("before", 1));
    end(begin("long", (int) BackgroundExecutions.MAX_KEPT_BYTES + 1));

    // Then
    assertTrue(executions.find("long", AGENT).isPresent());
    assertFalse(executions.find("before", AGENT).isPresent());
  }

  @Test
  void forgetsWhatEndedLongAgo() {
    // Given
    Instant later = Instant.now().plus(BackgroundExecutions.KEPT).plusSeconds(60);
    BackgroundExecutions inLaterDays = new BackgroundExecutions(Clock.fixed(later, ZoneOffset.UTC));
    BackgroundExecution execution = execution("old", 0);
    inLaterDays.add(execution);
    assertTrue(inLaterDays.find("old", AGENT).isPresent());

    // When
    execution.failed(new IllegalStateException());
    inLaterDays.ended(execution);

    // Then
    assertFalse(inLaterDays.find("old", AGENT).isPresent());
  }

  @Test
  void findsNothingOfSomebodyElse() {
    // Given
    begin("mine", 0);

    // Then
    assertFalse(executions.find("mine", new Claim("other", null, null)).isPresent());
    assertFalse(executions.find("mine", new Claim("default", "else", null)).isPresent());
    assertFalse(executions.find("mine", new Claim("default", "agent", "else")).isPresent());
    assertTrue(executions.find("mine", new Claim("default", null, null)).isPresent());
  }

  @Test
  void aCursorBeyondTheEndFindsNothing() {
    // Given
    BackgroundExecution execution = begin("said", 3);

    // Then
    assertEquals(3, execution.output(Cursor.START, 100).stdout().length());
    assertEquals(2, execution.output(Cursor.START, 2).stdout().length());
    Cursor beyond = new Cursor(999_999_999, 999_999_999);
    assertEquals(0, execution.output(beyond, Integer.MAX_VALUE).stdout().length());
  }

  private BackgroundExecution begin(String id, int bytes) {
    BackgroundExecution execution = execution(id, bytes);
    executions.add(execution);
    return execution;
  }

  private void end(BackgroundExecution execution) {
    execution.failed(new IllegalStateException());
    executions.ended(execution);
  }

  private static BackgroundExecution execution(String id, int bytes) {
    return execution(id, bytes, "default");
  }

  private static BackgroundExecution execution(String id, int bytes, String tenant) {
    ExecutionLog log = new ExecutionLog();
    log.append(Stream.STDOUT, Buffer.buffer(new byte[bytes]));
    Instant now = Instant.now();
    SandboxInfo sandbox =
        new SandboxInfo(
            "sandbox",
            new Owner(tenant, "agent", "s1"),
            "default",
            "runsc",
            "image",
            "sha256:1",
            true,
            Map.of(),
            SandboxInfo.State.RUNNING,
            now,
            now,
            0,
            null);
    Decision decision =
        new Decision(Outcome.ALLOW, Risk.LOW, 0, List.of(REASON), 0, Set.of(), null, "policy");
    ExecutionOrder order =
        new ExecutionOrder(
            Language.BASH,
            Mode.PROCESS,
            "",
            "code",
            null,
            1000,
            Map.of(),
            StandardInput.Given.NOTHING,
            null,
            null);
    return new BackgroundExecution(
        new Verdict(id, decision, 1), sandbox, order, log, ExecutionFollower.silent());
  }
}
