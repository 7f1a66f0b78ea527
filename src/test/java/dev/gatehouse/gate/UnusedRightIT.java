package dev.gatehouse.gate;

import static dev.gatehouse.gate.ApprovalServers.ADA;
import static dev.gatehouse.gate.ApprovalServers.AGENT;
import static dev.gatehouse.gate.ApprovalServers.await;
import static dev.gatehouse.gate.ApprovalServers.within;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.gatehouse.Eventually;
import dev.gatehouse.approval.Approval;
import dev.gatehouse.approval.RightGoneException;
import dev.gatehouse.approval.Said;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;

class UnusedRightIT {
  @Test
  void lapsesAfterItsTimeAndRunsNothingThen() throws Exception {
    try (ApprovalServers servers =
        new ApprovalServers(1, Map.of("GATEHOUSE_APPROVAL_USE_MILLIS", "300"))) {
      // Given
      Approval question = servers.ask("unused", within(600_000));
      Approval approved =
          await(servers.questions(0).answer(ADA, question.id(), Said.byHttp(true, null, "here")))
              .approval();

      // When
      Eventually.eventually(
          "it lapses",
          Duration.ofSeconds(20),
          () ->
              await(servers.questions(0).find(AGENT, question.id())).state()
                  == Approval.State.EXPIRED);

      // Then
      Consent consent = new Consent(approved, approved.runs());
      RightGoneException late =
          assertThrows(
              RightGoneException.class,
              () -> await(servers.begin(0, ApprovalServers.action("unused"), consent)));
      assertEquals(Approval.State.EXPIRED, late.approval().state());
    }
  }
}
