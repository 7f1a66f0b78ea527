package dev.gatehouse.action;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.LocalTime;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

class ApprovalTermsTest {
  private static final List<List<String>> SRE = List.of(List.of("group:sre"));
  private static final Hours HOURS =
      new Hours(LocalTime.MIN, LocalTime.NOON, Set.of(), ZoneOffset.UTC);

  private static ApprovalTerms terms(List<List<String>> by, int quorum, boolean reason) {
    return new ApprovalTerms(by, quorum, 60_000, reason);
  }

  @Test
  void coverTermsThatDemandNoMore() {
    // Given
    ApprovalTerms strict = terms(SRE, 2, true);

    // When, then
    assertTrue(strict.cover(strict));
    assertTrue(strict.cover(terms(List.of(), 1, false)));
    assertTrue(strict.cover(new ApprovalTerms(SRE, 1, 1000, false, SRE)));
  }

  @Test
  void severalOfAnybodyAreMoreThanOneWhomAnotherListNames() {
    // When
    ApprovalTerms both = terms(List.of(), 2, false).and(terms(List.of(List.of("ada")), 1, false));

    // Then
    assertEquals(List.of(List.of("role:approver"), List.of("ada")), both.approvers());
    assertEquals(2, both.quorumOf(both.approvers().get(0)));
    assertEquals(1, both.quorumOf(both.approvers().get(1)));
    assertEquals(SRE, terms(List.of(), 1, false).and(terms(SRE, 2, false)).approvers());
  }

  @Test
  void doNotCoverTermsThatDemandMoreInAnyWay() {
    // Given
    ApprovalTerms terms = terms(SRE, 1, false);

    // When, then
    assertFalse(terms.cover(terms(SRE, 2, false)));
    assertFalse(terms.cover(terms(SRE, 1, true)));
    assertFalse(terms.cover(terms(List.of(List.of("group:dba")), 1, false)));
    assertFalse(terms.cover(terms.and(terms(List.of(List.of("ada")), 1, false))));
    assertFalse(
        terms.cover(new ApprovalTerms(SRE, 1, 60_000, false, List.of(), 0, List.of(HOURS))));
    assertFalse(
        terms.cover(new ApprovalTerms(SRE, 1, 60_000, false, List.of(), 0, List.of(), true)));
  }
}
