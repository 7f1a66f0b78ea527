package dev.gatehouse.policy;

import dev.gatehouse.action.Action;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * One action while it is being judged, with what the readers say of it, read once and when first
 * asked for. Confined to one thread.
 */
final class Facts {
  /** Arguments that are nested deeper are not read; their depth counts as something unknown. */
  private static final int DEEPEST = 32;

  final Action action;
  final long nowMillis;

  /** Where it is counted how often what happened. */
  final Rates rates;

  final Counting counting;

  /** What judging an action means for rates. */
  enum Counting {
    /** It happens now: they count it. */
    HAPPENS,
    /** It does not happen: they tell what would be if it did. */
    LOOKED_AT,
    /** It was counted before: those that deny have had their say. */
    AGAIN
  }

  private final List<ReadAs> reads;
  private @Nullable Readings readings;
  private @Nullable List<Argument> texts;
  private boolean tooDeep;

  /** One text among the arguments. */
  record Argument(String path, String text) {}

  Facts(Action action, List<ReadAs> reads, long nowMillis, Rates rates, Counting counting) {
    this.action = action;
    this.reads = reads;
    this.nowMillis = nowMillis;
    this.rates = rates;
    this.counting = counting;
  }

  /** What the readers say. */
  Readings readings() {
    Readings known = readings;
    if (known == null) {
      known = new Readings();
      for (int i = 0; i < reads.size(); i++) {
        reads.get(i).read(action, known);
      }
      // A tool that runs a program, and no program in sight: whatever it runs was not looked at.
      known.cut |= !reads.isEmpty() && known.isEmpty();
      readings = known;
    }
    return known;
  }

  /** Every text among the arguments, at any depth. */
  List<Argument> texts() {
    List<Argument> known = texts;
    if (known == null) {
      known = new ArrayList<>(4);
      for (Map.Entry<String, Object> entry : action.arguments().entrySet()) {
        collect(entry.getKey(), entry.getValue(), 0, known);
      }
      texts = known;
    }
    return known;
  }

  /** Whether part of the arguments was not looked at. */
  boolean cut() {
    texts();
    return tooDeep || readings().cut;
  }

  private void collect(String path, @Nullable Object value, int depth, List<Argument> into) {
    if (value instanceof String text) {
      into.add(new Argument(path, text));
    } else if (depth > DEEPEST) {
      tooDeep = true;
    } else if (value instanceof Map<?, ?> map) {
      for (Map.Entry<?, ?> entry : map.entrySet()) {
        collect(path + "." + entry.getKey(), entry.getValue(), depth + 1, into);
      }
    } else if (value instanceof List<?> list) {
      for (int i = 0; i < list.size(); i++) {
        collect(path + "[" + i + "]", list.get(i), depth + 1, into);
      }
    }
  }
}
