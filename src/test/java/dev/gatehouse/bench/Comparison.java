package dev.gatehouse.bench;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;

/**
 * What changed from one run to another beyond noise. A figure changed if both runs have at least
 * {@value #ROUNDS} rounds of it, every round of the one lies on the same side of every round of the
 * other, and their medians differ by {@value #PERCENT} % or more. (Of five rounds against five, the
 * first happens by chance once in 126 figures.) Where both have a baseline, what is compared is the
 * ratio to it: another machine, or the same one busier, changes both alike.
 */
final class Comparison {
  static final int ROUNDS = 4;
  static final int PERCENT = 5;

  /** What became of a figure. */
  enum Verdict {
    BETTER,
    WORSE,
    SAME,
    /** Too few rounds to tell. */
    UNTOLD
  }

  /**
   * One figure of both.
   *
   * @param change of the medians, 0.1 for a tenth more
   */
  record Change(
      String figure, String unit, double before, double after, double change, Verdict verdict) {}

  private Comparison() {}

  /** Those figures that only the first has: what became of them nobody knows. */
  static List<String> missing(Results before, Results after) {
    return before.figures().keySet().stream()
        .filter(name -> !after.figures().containsKey(name))
        .toList();
  }

  /** Those figures that both have, in the order of the first. */
  static List<Change> of(Results before, Results after) {
    List<Change> changes = new ArrayList<>();
    for (Figure first : before.figures().values()) {
      Figure second = after.figures().get(first.name());
      if (second != null && second.unit() == first.unit()) {
        changes.add(change(first, second));
      }
    }
    return changes;
  }

  private static Change change(Figure before, Figure after) {
    boolean byRatio = !before.baselines().isEmpty() && !after.baselines().isEmpty();
    List<Double> first = byRatio ? before.ratios() : before.rounds();
    List<Double> second = byRatio ? after.ratios() : after.rounds();
    double from = Figure.median(first);
    double to = Figure.median(second);
    return new Change(
        before.name(),
        byRatio ? "of the baseline" : before.unit().word(),
        from,
        to,
        (to - from) / Math.abs(from),
        verdict(first, second, before.unit()));
  }

  static Verdict verdict(List<Double> before, List<Double> after, Unit unit) {
    if (Math.min(before.size(), after.size()) < ROUNDS) {
      return Verdict.UNTOLD;
    }
    double from = Figure.median(before);
    double to = Figure.median(after);
    boolean apart =
        Collections.max(before) < Collections.min(after)
            || Collections.max(after) < Collections.min(before);
    if (!apart || Math.abs(to - from) * 100 < PERCENT * Math.abs(from)) {
      return Verdict.SAME;
    }
    return to > from == unit.moreIsBetter() ? Verdict.BETTER : Verdict.WORSE;
  }

  /** What changed, a line each, and how many did not. */
  static String text(List<Change> changes) {
    StringBuilder text = new StringBuilder();
    for (Change change : changes) {
      if (change.verdict() == Verdict.BETTER || change.verdict() == Verdict.WORSE) {
        text.append(
            String.format(
                Locale.ROOT,
                "%-7s %-46s %12s -> %12s %-16s %+.0f %%%n",
                change.verdict().name().toLowerCase(Locale.ROOT),
                change.figure(),
                Unit.PERCENT.shown(change.before()),
                Unit.PERCENT.shown(change.after()),
                change.unit(),
                100 * change.change()));
      }
    }
    return text.append(
            "%d better, %d worse, %d the same within noise, %d with fewer than %d rounds%n"
                .formatted(
                    count(changes, Verdict.BETTER),
                    count(changes, Verdict.WORSE),
                    count(changes, Verdict.SAME),
                    count(changes, Verdict.UNTOLD),
                    ROUNDS))
        .toString();
  }

  /** 1 if anything became worse, else 0. */
  static int exitCode(List<Change> changes) {
    return count(changes, Verdict.WORSE) > 0 ? 1 : 0;
  }

  private static long count(List<Change> changes, Verdict verdict) {
    return changes.stream().filter(change -> change.verdict() == verdict).count();
  }
}
