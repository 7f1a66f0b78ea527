package dev.gatehouse.policy;

import dev.gatehouse.action.Action;
import dev.gatehouse.action.Decision;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Everything that is known of a tool before an action comes.
 *
 * @param always the decision if it is the same for every action; null if it depends
 * @param alwaysWithoutContext the same for actions without a context
 * @param rules the rules about the tool, those that decide first coming first
 * @param alone the decision if the rule of that place alone matches, without spans
 * @param index which of them can match
 * @param reads which arguments are program text, if some rule asks for it
 */
record ToolPlan(
    @Nullable Decision always,
    @Nullable Decision alwaysWithoutContext,
    List<Rule> rules,
    List<Decision> alone,
    RuleIndex index,
    List<ReadAs> reads) {

  /** The decision if it is the same for every such action; null if it depends. Hot path. */
  @Nullable Decision fixed(Action action) {
    return action.context().isEmpty() ? alwaysWithoutContext : always;
  }
}
