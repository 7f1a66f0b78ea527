package dev.gatehouse.policy;

import dev.gatehouse.action.Action;
import dev.gatehouse.action.Decision;
import dev.gatehouse.action.Outcome;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Why one action gets the decision it gets.
 *
 * @param decision what it gets
 * @param rules every rule of the policy: those about the tool first, and of these the ones that
 *     decide first
 * @param changes single changes that give another outcome, the smallest of each kind, the smallest
 *     of all first; each was tried. Empty if none was found
 * @param tried how many changes were tried
 * @param cut whether there were more changes than were tried
 */
public record Explanation(
    Decision decision, List<RuleTrace> rules, List<Change> changes, int tried, boolean cut) {
  public Explanation {
    rules = List.copyOf(rules);
    changes = List.copyOf(changes);
  }

  /**
   * What came of one rule.
   *
   * @param rule its id
   * @param decision what it decides: allow, ask or deny
   * @param mode enforce, shadow or off
   * @param matched whether it speaks of this action: its condition holds, or cannot be told
   * @param liftedBy the exception that lifts it, or null
   * @param failing the first condition that does not hold, as written; null if all hold
   * @param error why its condition cannot be told, or null
   * @param place file and line of that condition, or of the rule
   */
  public record RuleTrace(
      String rule,
      String decision,
      String mode,
      boolean matched,
      @Nullable String liftedBy,
      @Nullable String failing,
      @Nullable String error,
      String place) {

    private Map<String, Object> toMap() {
      Map<String, Object> map = new LinkedHashMap<>();
      map.put("rule", rule);
      map.put("decision", decision);
      map.put("mode", mode);
      map.put("matched", matched);
      if (liftedBy != null) {
        map.put("liftedBy", liftedBy);
      }
      if (failing != null) {
        map.put("firstFailing", failing);
      }
      if (error != null) {
        map.put("error", error);
      }
      map.put("place", place);
      return map;
    }
  }

  /**
   * One change that gives another outcome.
   *
   * @param kind what is changed
   * @param what the change, as the start of a sentence
   * @param outcome the outcome then
   * @param action the action so changed; the same one where time or a rule is what changes
   * @param atMillis when it is judged, in milliseconds since 1970; the time of the explanation
   *     unless time is what changes
   */
  public record Change(Kind kind, String what, Outcome outcome, Action action, long atMillis) {
    /** What a change is made to; what a caller can most easily change comes first. */
    public enum Kind {
      /** A part of a text among the arguments. */
      TEXT,
      /** One argument as a whole. */
      ARGUMENT,
      /** One value of the context, such as an MCP annotation. */
      CONTEXT,
      /** The session. */
      SESSION,
      /** When it happens: later. */
      TIME,
      /** The actor's name. */
      ACTOR,
      /** The actor's role. */
      ROLE,
      /** The actor's tenant. */
      TENANT,
      /** The tool. */
      TOOL,
      /** One rule of the policy. */
      RULE
    }

    private Map<String, Object> toMap() {
      return Map.of(
          "kind", YamlReader.wordOf(kind), "change", what, "outcome", YamlReader.wordOf(outcome));
    }

    @Override
    public String toString() {
      return what + ", the outcome would be " + YamlReader.wordOf(outcome);
    }
  }

  /** The smallest change that would give another outcome, or that there is none, as a sentence. */
  public String flip() {
    if (!changes.isEmpty()) {
      return changes.getFirst() + (cut ? " (" + limits() + ")" : "");
    }
    return "no single change of a text, an argument, the context, the session, the time, the actor,"
        + " the tool or a rule was found that gives another outcome ("
        + limits()
        + ")";
  }

  private String limits() {
    return tried + (cut ? " were tried, and there are more" : " were tried");
  }

  /** The rules and the changes in JSON values; the decision is left to whoever writes decisions. */
  public Map<String, Object> toMap() {
    List<Map<String, Object>> traces = new ArrayList<>();
    rules.forEach(trace -> traces.add(trace.toMap()));
    List<Map<String, Object>> found = new ArrayList<>();
    changes.forEach(change -> found.add(change.toMap()));
    Map<String, Object> map = new LinkedHashMap<>();
    map.put("flip", flip());
    map.put("changes", found);
    map.put("changesTried", tried);
    map.put("changesCut", cut);
    map.put("rules", traces);
    return map;
  }
}
