package dev.gatehouse.gate;

import dev.gatehouse.action.Action;
import dev.gatehouse.action.Decision;
import dev.gatehouse.action.EventKind;
import dev.gatehouse.action.Obligation;
import dev.gatehouse.action.Outcome;
import dev.gatehouse.config.AuditSettings;
import dev.gatehouse.config.AuditSettings.Alert;
import dev.gatehouse.config.AuditSettings.Recording;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Which decisions are recorded on actions that others run. Where plain ones are not, these still
 * are: that a person must be asked, what policy wants recorded in full, and what an alert counts.
 * Immutable.
 */
public final class DecisionRecording {
  /** What an alert can ask of no decision. */
  private static final List<String> NOT_OF_DECISIONS = List.of("status", "fast");

  private final boolean plain;
  private final List<Map<String, String>> counted;

  private DecisionRecording(boolean plain, List<Map<String, String>> counted) {
    this.plain = plain;
    this.counted = counted;
  }

  public static DecisionRecording of(AuditSettings settings) {
    return new DecisionRecording(
        settings.decisions() == Recording.ON,
        settings.alerts().stream()
            .map(Alert::match)
            .filter(match ->
                NOT_OF_DECISIONS.stream().noneMatch(match::containsKey)
                    && EventKind.DECISION
                        .word()
                        .equals(match.getOrDefault("kind", EventKind.DECISION.word())))
            .toList());
  }

  /** Whether plain decisions are recorded, too. */
  public boolean plain() {
    return plain;
  }

  /** Whether this one is. Hot path. */
  boolean wants(Action action, Decision decision) {
    if (plain
        || decision.outcome() == Outcome.ASK
        || decision.obligations().contains(Obligation.FULL_AUDIT)) {
      return true;
    }
    for (Map<String, String> match : counted) {
      if (counts(match, action, decision)) {
        return true;
      }
    }
    return false;
  }

  private static boolean counts(Map<String, String> match, Action action, Decision decision) {
    for (Map.Entry<String, String> wanted : match.entrySet()) {
      if (!wanted.getValue().equals(column(wanted.getKey(), action, decision))) {
        return false;
      }
    }
    return true;
  }

  /** As {@link Recorded#decision()} has it. */
  private static @Nullable String column(String name, Action action, Decision decision) {
    return switch (name) {
      case "kind" -> EventKind.DECISION.word();
      case "outcome" -> decision.outcome().name();
      case "risk" -> decision.risk().name();
      case "tool" -> action.tool();
      case "actor" -> action.actor().name();
      case "rule" -> decision.reasons().get(0).rule();
      case "role" -> action.actor().role().word();
      default -> null;
    };
  }
}
