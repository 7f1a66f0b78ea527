package dev.gatehouse.policy;

import dev.gatehouse.action.Decision;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Why one action gets the decision it gets.
 *
 * @param decision what it gets
 * @param rules every rule about the tool, those that decide first coming first
 * @param flip the smallest change that would give another outcome, as a sentence
 */
public record Explanation(Decision decision, List<RuleTrace> rules, String flip) {

  /**
   * What came of one rule.
   *
   * @param rule its id
   * @param decision what it decides: allow, ask or deny
   * @param mode enforce, shadow or off
   * @param matched whether its condition holds
   * @param liftedBy the exception that lifts it, or null
   * @param failing the first condition that does not hold, as written; null if all hold
   * @param place file and line of that condition, or of the rule
   */
  public record RuleTrace(
      String rule,
      String decision,
      String mode,
      boolean matched,
      @Nullable String liftedBy,
      @Nullable String failing,
      String place) {}

  /** The rules and the change in JSON values; the decision is left to whoever writes decisions. */
  public Map<String, Object> toMap() {
    List<Map<String, Object>> list = new ArrayList<>();
    for (RuleTrace trace : rules) {
      Map<String, Object> map = new LinkedHashMap<>();
      map.put("rule", trace.rule());
      map.put("decision", trace.decision());
      map.put("mode", trace.mode());
      map.put("matched", trace.matched());
      if (trace.liftedBy() != null) {
        map.put("liftedBy", trace.liftedBy());
      }
      if (trace.failing() != null) {
        map.put("firstFailing", trace.failing());
      }
      map.put("place", trace.place());
      list.add(map);
    }
    Map<String, Object> map = new LinkedHashMap<>();
    map.put("rules", list);
    map.put("flip", flip);
    return map;
  }
}
