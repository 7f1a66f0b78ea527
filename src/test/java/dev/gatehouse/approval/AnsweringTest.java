package dev.gatehouse.approval;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

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

  private final Looks looks = new Looks();
  private final Answering answering =
      new Answering(Configuration.load(Path.of("conf/gatehouse.yaml"), Map.of()).approval(), looks);

  static Approval question(Risk risk) {
    return question(risk, Instant.now());
  }

  private static Approval question(Risk risk, Instant now) {
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
        now.plusSeconds(86_400),
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

  @Test
  void whoAnswersSoonerAfterHisFirstLookThanItCanBeReadIsFast() {
    // Given
    Instant now = Instant.now();
    Approval old = question(Risk.MEDIUM, now.minusSeconds(3_600));
    Actor ben = new Actor("t", "ben", Role.APPROVER, "ben", Set.of());
    Actor cid = new Actor("t", "cid", Role.APPROVER, "cid", Set.of());
    Approval fresh = question(Risk.MEDIUM, now);
    looks.add(old, ADA, now.minusSeconds(120));
    looks.add(old, ADA, now);
    looks.add(old, ben, now);

    // Then
    assertFalse(isFast(old, ADA, null), "his first look was long ago");
    assertTrue(isFast(old, ben, null), "he was just shown it");
    assertTrue(isFast(old, ben, "digest"), "he was just shown it, whatever he names");
    assertTrue(isFast(old, cid, null), "he was never shown it");
    assertFalse(isFast(old, cid, "digest"), "he was shown it elsewhere, nobody knows when");
    assertTrue(isFast(fresh, cid, "digest"), "nobody can have read what was just asked");
  }

  private boolean isFast(Approval question, Actor by, @Nullable String digest) {
    Said said = new Said(true, null, digest, null, null, true, new Origin("http", "here"));
    return answering.answer(question, by, said).answers().getLast().fast();
  }

  @Test
  void onlyTheLastLooksAreRemembered() {
    // Given
    Approval question = question(Risk.MEDIUM);
    Instant now = Instant.now();

    // When
    for (int i = 0; i <= 10_000; i++) {
      looks.add(question, new Actor("t", "k", Role.APPROVER, "person " + i, Set.of()), now);
    }

    // Then
    assertNull(looks.first(question, new Actor("t", "k", Role.APPROVER, "person 0", Set.of())));
    assertEquals(
        now, looks.first(question, new Actor("t", "k", Role.APPROVER, "person 1", Set.of())));
  }
}
