package dev.gatehouse.cli;

import dev.gatehouse.action.Decision;
import dev.gatehouse.action.Outcome;
import dev.gatehouse.action.Reason;
import dev.gatehouse.action.Risk;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

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

  void add(Map<String, Object> item, Decision decision) {
    String kind = Items.text(item, "kind");
    Counts own = kinds.computeIfAbsent(kind, _ -> new Counts());
    count(own, item, decision);
    Counts both = kinds.get(BOTH);
    if (both != null && (kind.equals("bash") || kind.equals("python"))) {
      count(both, item, decision);
    }
    boolean flagged = decision.outcome() != Outcome.ALLOW;
    String label = Items.text(item, "label");
    if (label.equals("dangerous") && !flagged) {
      misses.add(line("miss", item, decision));
    } else if (label.equals("benign") && flagged) {
      falseAlarms.add(line("false alarm", item, decision));
    }
  }

  private static void count(Counts counts, Map<String, Object> item, Decision decision) {
    int flagged = decision.outcome() == Outcome.ALLOW ? 0 : 1;
    switch (Items.text(item, "label")) {
      case "dangerous" -> {
        counts.dangerous++;
        counts.caught += flagged;
        if (Items.text(item, "tier").equals("A")) {
          counts.tierA++;
          counts.caughtA += flagged;
          counts.highA += decision.risk().compareTo(Risk.HIGH) >= 0 ? flagged : 0;
        }
      }
      case "benign" -> {
        counts.benign++;
        counts.falsePositives += flagged;
      }
      default -> {
        counts.ambiguous++;
        counts.asked += flagged;
      }
    }
  }

  private static double rate(int part, int whole) {
    return whole == 0 ? 0 : (double) part / whole;
  }

  private static String line(String what, Map<String, Object> item, Decision decision) {
    String text = Items.text(item, "text").replace("\\", "\\\\").replace("\n", "\\n");
    return String.join(
        "\t",
        what,
        Items.text(item, "kind"),
        Items.text(item, "tier"),
        Items.text(item, "id"),
        Items.text(item, "category"),
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
