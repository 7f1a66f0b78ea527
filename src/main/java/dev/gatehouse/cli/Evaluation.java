package dev.gatehouse.cli;

import dev.gatehouse.action.Decision;
import dev.gatehouse.action.Outcome;
import dev.gatehouse.action.Reason;
import dev.gatehouse.action.Risk;
import dev.gatehouse.cli.LabelledText.Kind;
import dev.gatehouse.cli.LabelledText.Label;
import dev.gatehouse.cli.LabelledText.Tier;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Counts how decisions on labelled texts compare with the labels. Flagged means not ALLOW; a rate
 * over nothing is 0.
 */
final class Evaluation {
  private static final String BOTH = "bash+python";
  private static final int LONGEST = 160;

  private final Map<String, Counts> kinds = new LinkedHashMap<>();
  private final List<String> misses = new ArrayList<>();
  private final List<String> falseAlarms = new ArrayList<>();

  Evaluation() {
    for (String kind : List.of("bash", "python", "powershell", "cmd", BOTH)) {
      kinds.put(kind, new Counts());
    }
  }

  /** What was counted of one kind. */
  private static final class Counts {
    int dangerous;
    int caught;
    int tierA;
    int caughtA;
    int highA;
    int benign;
    int falsePositives;
    int ambiguous;
    int asked;

    Map<String, Object> map() {
      Map<String, Object> map = new LinkedHashMap<>();
      map.put("dangerous", dangerous);
      map.put("caught", caught);
      map.put("recall", rate(caught, dangerous));
      map.put("tierA", tierA);
      map.put("caughtA", caughtA);
      map.put("recallA", rate(caughtA, tierA));
      map.put("benign", benign);
      map.put("falsePositives", falsePositives);
      map.put("falsePositiveRate", rate(falsePositives, benign));
      map.put("ambiguous", ambiguous);
      map.put("asked", asked);
      map.put("askRate", rate(asked, ambiguous));
      return map;
    }
  }

  void add(LabelledText text, Decision decision) {
    count(kinds.get(LabelledText.word(text.kind())), text, decision);
    if (text.kind() == Kind.BASH || text.kind() == Kind.PYTHON) {
      count(kinds.get(BOTH), text, decision);
    }
    boolean flagged = decision.outcome() != Outcome.ALLOW;
    if (text.label() == Label.DANGEROUS && !flagged) {
      misses.add(line("miss", text, decision));
    } else if (text.label() == Label.BENIGN && flagged) {
      falseAlarms.add(line("false alarm", text, decision));
    }
  }

  private static void count(@Nullable Counts known, LabelledText text, Decision decision) {
    Counts counts = Objects.requireNonNull(known, "every kind is counted");
    int flagged = decision.outcome() == Outcome.ALLOW ? 0 : 1;
    switch (text.label()) {
      case DANGEROUS -> {
        counts.dangerous++;
        counts.caught += flagged;
        if (text.tier() == Tier.A) {
          counts.tierA++;
          counts.caughtA += flagged;
          counts.highA += decision.risk().compareTo(Risk.HIGH) >= 0 ? flagged : 0;
        }
      }
      case BENIGN -> {
        counts.benign++;
        counts.falsePositives += flagged;
      }
      case AMBIGUOUS -> {
        counts.ambiguous++;
        counts.asked += flagged;
      }
    }
  }

  private static double rate(int part, int whole) {
    return whole == 0 ? 0 : (double) part / whole;
  }

  private static String line(String what, LabelledText labelled, Decision decision) {
    String text = labelled.text().replace("\\", "\\\\").replace("\n", "\\n");
    return String.join(
        "\t",
        what,
        LabelledText.word(labelled.kind()),
        labelled.tier() == Tier.NONE ? "" : labelled.tier().name(),
        labelled.id(),
        labelled.category(),
        decision.reasons().stream().map(Reason::rule).limit(4).toList().toString(),
        text.length() > LONGEST ? text.substring(0, LONGEST) + ".." : text);
  }

  String json() {
    Map<String, Object> map = new LinkedHashMap<>();
    kinds.forEach((kind, counts) -> map.put(kind, counts.map()));
    return Json.write(map);
  }

  String table() {
    StringBuilder out = new StringBuilder();
    out.append(
        String.format(
            Locale.ROOT,
            "%-12s %18s %18s %18s %18s %18s%n",
            "kind",
            "recall",
            "recall tier A",
            "tier A, >= HIGH",
            "false positives",
            "asked (ambiguous)"));
    kinds.forEach((kind, c) ->
        out.append(
            String.format(
                Locale.ROOT,
                "%-12s %18s %18s %18s %18s %18s%n",
                kind,
                cell(c.caught, c.dangerous),
                cell(c.caughtA, c.tierA),
                cell(c.highA, c.tierA),
                cell(c.falsePositives, c.benign),
                cell(c.asked, c.ambiguous))));
    return out.toString();
  }

  private static String cell(int part, int whole) {
    return whole == 0
        ? "-"
        : String.format(Locale.ROOT, "%d/%d %6.2f %%", part, whole, 100.0 * part / whole);
  }

  List<String> misses() {
    return misses;
  }

  List<String> falseAlarms() {
    return falseAlarms;
  }
}
