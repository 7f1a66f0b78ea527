package dev.gatehouse.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import dev.gatehouse.action.ApprovalTerms;
import dev.gatehouse.action.Decision;
import dev.gatehouse.action.Obligation;
import dev.gatehouse.action.Outcome;
import dev.gatehouse.action.Reason;
import dev.gatehouse.action.Risk;
import dev.gatehouse.action.Span;
import dev.gatehouse.gate.Verdict;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class RepliesTest {
  private static final String ASKED =
      """
      {"id":"1","outcome":"ASK","risk":"HIGH","score":70,"reasons":[{"rule":"r","code":"c","text":"x",\
      "spans":[{"argument":"command","start":0,"end":2}]}],"reasonsCut":3,"obligations":["sandbox"],"policy":"sha256:0",\
      "approval":{"approvers":[["group:sre"]],"quorum":2,"timeoutMillis":60000,"reasonRequired":true},"tookNanos":7}\
      """;

  @Test
  void aDecisionThatAsksTellsItsTermsAndHowManyReasonsItLeavesOut() {
    Decision decision =
        decision(Outcome.ASK, new ApprovalTerms(List.of(List.of("group:sre")), 2, 60_000, true));

    assertEquals(ASKED, Replies.decision(new Verdict("1", decision, 7)).encode());
  }

  @Test
  void aBatchTellsTheSame() {
    Decision decision =
        decision(Outcome.ASK, new ApprovalTerms(List.of(List.of("group:sre")), 2, 60_000, true));
    AnswerBytes out = new AnswerBytes(4);

    new DecisionWriter().append(out, new Verdict("1", decision, 7));

    assertEquals(ASKED, out.give().toString(StandardCharsets.UTF_8));
  }

  @Test
  void aDecisionThatDoesNotAskHasNoTerms() {
    assertFalse(Replies.decision(decision(Outcome.DENY, null)).containsKey("approval"));
  }

  private static Decision decision(Outcome outcome, @Nullable ApprovalTerms terms) {
    Reason reason = new Reason("r", "c", "x", List.of(new Span("command", 0, 2)));
    return new Decision(
        outcome, Risk.HIGH, 70, List.of(reason), 3, Set.of(Obligation.SANDBOX), terms, "sha256:0");
  }
}
