package dev.gatehouse.approval;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.gatehouse.action.Actor;
import dev.gatehouse.action.ApprovalTerms;
import dev.gatehouse.action.Risk;
import dev.gatehouse.action.Role;
import dev.gatehouse.config.Configuration;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class AnsweringTest {
  private static final Actor ADA = new Actor("t", "ada", Role.APPROVER, "ada", Set.of());

  private final Answering answering =
      new Answering(Configuration.load(Path.of("conf/gatehouse.yaml"), Map.of()).approval());

  static Approval question(Risk risk) {
    Instant now = Instant.now();
    return new Approval(
        "id",
        "action",
        "t",
        "s",
        "agent",
        "bot",
        "bash",
        risk,
        "digest",
        "same",
        "policy",
        "demand",
        new ApprovalTerms(List.of(), 1, 60_000, false),
        "[]",
        "{}",
        "{}",
        null,
        Approval.State.PENDING,
        0,
        1,
        null,
        List.of(),
        now,
        now.plusSeconds(60),
        null,
        null);
  }

  private static Said approval(@Nullable String reason) {
    return Said.byHttp(true, reason, "here").asProved();
  }

  @Test
  void whatIsCriticalNeedsAReasonWhateverItsTermsSay() {
    // Given
    Approval critical = question(Risk.CRITICAL);

    // When
    RefusedException refused =
        assertThrows(RefusedException.class, () -> answering.answer(critical, ADA, approval(null)));

    // Then
    assertEquals(RefusedException.Why.REASON_MISSING, refused.why());
    assertEquals(
        Approval.State.APPROVED, answering.answer(critical, ADA, approval("because")).state());
  }

  @Test
  void anEditIntoWhatIsCriticalNeedsAReasonToo() {
    // Given
    Approval medium = question(Risk.MEDIUM);
    Approvals.Edited edited = new Approvals.Edited("{}", "other", Risk.CRITICAL, null);

    // When
    RefusedException refused =
        assertThrows(
            RefusedException.class, () -> answering.edit(medium, ADA, edited, approval(null)));

    // Then
    assertEquals(RefusedException.Why.REASON_MISSING, refused.why());
    Move move = answering.edit(medium, ADA, edited, approval("because"));
    assertEquals(true, move.before().terms().reasonRequired());
  }
}
