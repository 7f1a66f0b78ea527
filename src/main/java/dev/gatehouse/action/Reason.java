package dev.gatehouse.action;

import java.util.List;

/**
 * Why a decision came out as it did: one per rule that matched.
 *
 * @param rule id of the rule
 * @param code stable, machine-readable, e.g. {@code shell.remove-root}
 * @param text one sentence for a person
 * @param spans what matched, each once; empty if the rule looks at no text
 */
public record Reason(String rule, String code, String text, List<Span> spans) {
  public Reason {
    spans = spans.size() < 2 ? List.copyOf(spans) : spans.stream().distinct().toList();
  }
}
