package dev.gatehouse.policy;

import dev.gatehouse.action.Action;
import dev.gatehouse.policy.Explanation.Change;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Changes of one whole value of an action, taken from what rules about its tool compare with and
 * from their examples. They are proposals: most give no other outcome.
 */
final class ValueEdits {
  private static final int MOST = 2_000;
  private static final int MOST_PLACES = 16;
  private static final int LONGEST = 4_096;

  private final Facts facts;
  private final Set<String> programs;
  private final Map<String, Candidate> arguments = new LinkedHashMap<>();
  private final Map<String, Candidate> context = new LinkedHashMap<>();
  private boolean cut;

  ValueEdits(Policy policy, Facts facts) {
    this.facts = facts;
    Action action = facts.action;
    this.programs =
        policy.planOf(action.tool()).reads().stream()
            .map(read -> read.argument().toString())
            .collect(Collectors.toSet());
    for (Condition condition : policy.conditions(action.tool())) {
      if (condition instanceof ValueCondition value) {
        compared(value);
      }
    }
    action.arguments().keySet().forEach(key -> edit(true, key, null));
    action.context().keySet().forEach(key -> edit(false, key, null));
    for (PolicyCase example : policy.examples(action.tool())) {
      example.action().arguments().forEach((key, value) -> edit(true, key, value));
      example.action().context().forEach((key, value) -> edit(false, key, value));
    }
  }

  List<Candidate> arguments() {
    return List.copyOf(arguments.values());
  }

  List<Candidate> context() {
    return List.copyOf(context.values());
  }

  /** Whether there were more. */
  boolean isCut() {
    return cut;
  }

  private void compared(ValueCondition condition) {
    if (condition.origin() == ValueCondition.Origin.ACTOR) {
      return;
    }
    boolean isArgument = condition.origin() == ValueCondition.Origin.ARGUMENT;
    Set<String> places = new LinkedHashSet<>();
    if (!condition.path().toString().contains("*")) {
      places.add(condition.path().toString());
    }
    condition
        .path()
        .any(
            isArgument ? facts.action.arguments() : facts.action.context(),
            (path, _) -> {
              places.add(path);
              return places.size() > MOST_PLACES;
            });
    for (String place : places) {
      Samples.of(condition.test()).forEach(value -> edit(isArgument, place, value));
      edit(isArgument, place, null);
    }
  }

  /** Adds a change of the value at a place, or without it if the value is null. */
  private void edit(boolean isArgument, String place, @Nullable Object value) {
    Map<String, Candidate> into = isArgument ? arguments : context;
    ArgumentPath path = pathOf(place);
    // With another program an action is another one: that is changed part by part.
    if (path == null || (isArgument && programs.contains(place))) {
      return;
    }
    if (into.size() >= MOST) {
      cut = true;
      return;
    }
    Action action = facts.action;
    Map<String, Object> root = isArgument ? action.arguments() : action.context();
    String old = textAt(path, root);
    String now = value == null ? "" : String.valueOf(value);
    if (now.equals(old) || now.length() > LONGEST) {
      return;
    }
    String name = isArgument ? place : "context." + place;
    String what =
        value == null
            ? "without " + name
            : "with "
                + Candidate.quoted(now)
                + " as "
                + name
                + (old.isEmpty() ? "" : " in place of " + Candidate.quoted(old));
    into.putIfAbsent(
        what,
        new Candidate(
            isArgument ? Change.Kind.ARGUMENT : Change.Kind.CONTEXT,
            Candidate.difference(old, now) + (old.isEmpty() ? place.length() : 0),
            what,
            () -> with(isArgument, path, value),
            facts.nowMillis));
  }

  private Action with(boolean isArgument, ArgumentPath path, @Nullable Object value) {
    Action action = facts.action;
    Map<String, Object> changed =
        path.set(isArgument ? action.arguments() : action.context(), value);
    if (changed == null) {
      return action;
    }
    return new Action(
        action.actor(),
        action.session(),
        action.tool(),
        isArgument ? changed : action.arguments(),
        isArgument ? action.context() : changed);
  }

  private static @Nullable ArgumentPath pathOf(String place) {
    try {
      return ArgumentPath.of(place);
    } catch (IllegalArgumentException e) {
      return null;
    }
  }

  /** The value at a place as a text; empty if there is none. */
  private static String textAt(ArgumentPath path, Map<String, Object> root) {
    String[] found = {""};
    path.any(
        root,
        (_, value) -> {
          found[0] = text(value);
          return true;
        });
    return found[0];
  }

  /** The agent's own values may be large; what is in them is not shown. */
  private static String text(@Nullable Object value) {
    return switch (value) {
      case Map<?, ?> map -> "a map of " + map.size();
      case List<?> list -> "a list of " + list.size();
      case null, default -> String.valueOf(value);
    };
  }
}
