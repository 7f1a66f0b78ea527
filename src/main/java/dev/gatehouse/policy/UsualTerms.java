package dev.gatehouse.policy;

import dev.gatehouse.action.ApprovalTerms;
import dev.gatehouse.action.Risk;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;

/**
 * On what terms persons are asked where a rule says nothing of its own, by risk: the worse the
 * risk, the shorter a question stays open; at the worst the answer says why.
 */
final class UsualTerms {
  private final Map<Risk, ApprovalTerms> terms = new EnumMap<>(Risk.class);

  UsualTerms() {
    put(Risk.LOW, 120_000);
    put(Risk.MEDIUM, 120_000);
    put(Risk.HIGH, 60_000);
    put(Risk.CRITICAL, 30_000);
  }

  private void put(Risk risk, long timeoutMillis) {
    put(risk, new ApprovalTerms(List.of(), 1, timeoutMillis, risk == Risk.CRITICAL));
  }

  void put(Risk risk, ApprovalTerms usual) {
    terms.put(risk, usual);
  }

  ApprovalTerms of(Risk risk) {
    ApprovalTerms usual = terms.get(risk);
    if (usual == null) {
      throw new IllegalStateException("no terms for " + risk);
    }
    return usual;
  }
}
