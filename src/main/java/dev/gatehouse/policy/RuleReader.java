package dev.gatehouse.policy;

import dev.gatehouse.action.ApprovalTerms;
import dev.gatehouse.action.Obligation;
import dev.gatehouse.action.Outcome;
import dev.gatehouse.action.Risk;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.snakeyaml.engine.v2.nodes.Node;

/** Reads the rules of one file. */
final class RuleReader {
  static final List<String> KEYS =
      List.of(
          "id",
          "text",
          "code",
          "tools",
          "when",
          "rate",
          "unless",
          "decision",
          "risk",
          "score",
          "obligations",
          "approval",
          "mode",
          "tier",
          "expires",
          "tests");

  /** Who may be asked: of the roles only the one that answers. */
  private static final Pattern APPROVER =
      Pattern.compile("(group:)?[^\\s:\\x00-\\x1f][^:\\x00-\\x1f]{0,127}|role:approver");

  private final YamlReader yaml;
  private final ConditionReader conditions;
  private final Tier tier;
  private final List<String> tools;
  private final Map<String, Rule.Lift> lifts;
  private final UsualTerms usualTerms;

  /**
   * A reader.
   *
   * @param tier the tier of rules that name none
   * @param tools the tools of rules that name none
   * @param lifts the exceptions, by name
   * @param usualTerms what terms leave out
   */
  RuleReader(
      YamlReader yaml,
      ConditionReader conditions,
      Tier tier,
      List<String> tools,
      Map<String, Rule.Lift> lifts,
      UsualTerms usualTerms) {
    this.yaml = yaml;
    this.conditions = conditions;
    this.tier = tier;
    this.tools = tools;
    this.lifts = lifts;
    this.usualTerms = usualTerms;
  }

  Rule read(Node node) {
    Map<String, Node> fields = yaml.fields(node, "a rule", KEYS);
    String id = id(node, fields);
    Tier own = word(fields.get("tier"), "tier", Tier.class, tier);
    Outcome outcome = required(node, fields, "decision", Outcome.class, Outcome.DENY);
    Risk risk = word(fields.get("risk"), "risk", Risk.class, usual(outcome));
    Condition when = when(node, fields, id, outcome);
    if (outcome == Outcome.ALLOW && when.plain().anyMatch(Condition::readsAnnotations)) {
      yaml.problem(
          node,
          "rule '" + id + "' allows on the word of MCP annotations",
          "ask or deny: annotations are the tool's own claim and may only raise risk");
    }
    Node score = fields.get("score");
    Node approval = fields.get("approval");
    if (approval != null && outcome != Outcome.ASK) {
      yaml.problem(approval, "approval terms in a rule that does not ask", "decision: ask");
    }
    Node code = fields.get("code");
    Node expires = fields.get("expires");
    return new Rule(
        yaml.source(node),
        id,
        code == null ? id : yaml.text(code, "code"),
        text(node, fields),
        own,
        word(fields.get("mode"), "mode", Mode.class, Mode.ENFORCE),
        expires == null ? Long.MAX_VALUE : yaml.timeMillis(expires, "expires", Long.MAX_VALUE),
        TextTestReader.globs(tools(node, fields)),
        when,
        unless(fields.get("unless"), own),
        outcome,
        risk,
        score == null ? usualScore(risk) : yaml.count(score, "score", 0, 100),
        obligations(fields.get("obligations")),
        approval == null ? usualTerms.of(risk) : terms(approval, risk));
  }

  private String id(Node node, Map<String, Node> fields) {
    Node id = fields.get("id");
    String text = id == null ? "" : yaml.text(id, "id");
    if (!text.matches("[a-z0-9][a-z0-9._-]*")) {
      yaml.problem(
          id == null ? node : id,
          id == null ? "a rule without id" : "id '" + text + "'",
          "an id of lower-case letters, digits, dots and dashes, such as shell.remove-root");
    }
    return text;
  }

  private String text(Node node, Map<String, Node> fields) {
    Node text = fields.get("text");
    if (text == null) {
      yaml.problem(node, "a rule without text", "text: one sentence that tells a person why");
      return "";
    }
    return yaml.text(text, "text");
  }

  private List<String> tools(Node node, Map<String, Node> fields) {
    Node own = fields.get("tools");
    if (own != null) {
      return yaml.tools(own);
    }
    if (tools.isEmpty()) {
      yaml.problem(node, "a rule without tools", "tools: names or globs, here or for the file");
    }
    return tools;
  }

  private Condition when(Node node, Map<String, Node> fields, String id, Outcome outcome) {
    Node when = fields.get("when");
    Node rate = fields.get("rate");
    List<Condition> parts = new ArrayList<>();
    if (when != null) {
      parts.add(conditions.read(when));
    }
    if (rate != null) {
      parts.add(rate(rate, id, outcome));
    }
    return switch (parts.size()) {
      case 0 -> new Condition.Always(yaml.source(node));
      case 1 -> parts.getFirst();
      default -> new Condition.All(yaml.source(node), parts);
    };
  }

  private Condition rate(Node node, String id, Outcome outcome) {
    Map<String, Node> fields = yaml.fields(node, "rate", List.of("over", "within", "per"));
    Node over = fields.get("over");
    Node within = fields.get("within");
    Node per = fields.get("per");
    if (over == null || within == null) {
      yaml.problem(node, "an incomplete rate", "over: COUNT and within: TIME");
    }
    List<String> keys = per == null ? List.of("actor", "session") : yaml.texts(per, "per");
    for (String key : keys) {
      if (per != null && !List.of("actor", "session", "tenant").contains(key)) {
        yaml.problem(per, "per '" + key + "'", "actor, session or tenant");
      }
    }
    return new RateCondition(
        yaml.source(node),
        id,
        over == null ? 1 : yaml.count(over, "over", 1, RateCondition.MOST),
        within == null ? 1 : yaml.durationMillis(within, "within"),
        keys.contains("actor"),
        keys.contains("session"),
        outcome == Outcome.DENY);
  }

  private List<Rule.Lift> unless(@Nullable Node node, Tier own) {
    List<Rule.Lift> found = new ArrayList<>();
    if (node == null) {
      return found;
    }
    for (Node item : yaml.items(node, "unless")) {
      String name = yaml.text(item, "unless");
      Rule.Lift lift = lifts.get(name);
      if (lift == null) {
        yaml.problem(
            item,
            "no exception is named '" + name + "'",
            "a name under 'exceptions' in a policy file: " + String.join(", ", lifts.keySet()));
      } else if (lift.tier().compareTo(own) > 0) {
        yaml.problem(
            item,
            "exception '" + name + "' of tier " + YamlReader.wordOf(lift.tier()),
            "an exception of tier " + YamlReader.wordOf(own) + " or above");
      } else {
        found.add(lift);
      }
    }
    return List.copyOf(found);
  }

  private Set<Obligation> obligations(@Nullable Node node) {
    Set<Obligation> found = new LinkedHashSet<>();
    if (node != null) {
      for (Node item : yaml.items(node, "obligations")) {
        found.add(yaml.word(item, "obligations", Obligation.class, Obligation.SANDBOX));
      }
    }
    return Set.copyOf(found);
  }

  ApprovalTerms terms(Node node, Risk risk) {
    Map<String, Node> fields =
        yaml.fields(
            node,
            "approval",
            List.of(
                "by",
                "quorum",
                "timeout",
                "reason-required",
                "escalate",
                "remind",
                "duty",
                "preview"));
    Node by = fields.get("by");
    Node quorum = fields.get("quorum");
    Node timeout = fields.get("timeout");
    Node reason = fields.get("reason-required");
    Node escalate = fields.get("escalate");
    Node remind = fields.get("remind");
    Node duty = fields.get("duty");
    Node preview = fields.get("preview");
    ApprovalTerms usual = usualTerms.of(risk);
    boolean reasonRequired =
        reason == null ? usual.reasonRequired() : yaml.flag(reason, "reason-required");
    if (reason != null && !reasonRequired && risk == Risk.CRITICAL) {
      yaml.problem(reason, "reason-required is false at critical risk", "true, or a lower risk");
    }
    return new ApprovalTerms(
        by == null ? usual.approvers() : List.of(approvers(by, "by")),
        quorum == null ? usual.quorum() : yaml.count(quorum, "quorum", 1, 100),
        timeout == null ? usual.timeoutMillis() : yaml.waitMillis(timeout, "timeout"),
        reasonRequired,
        escalate == null
            ? usual.escalation()
            : approvers(escalate, "escalate").stream().map(List::of).toList(),
        remind == null ? usual.remindMillis() : yaml.waitMillis(remind, "remind"),
        duty == null ? usual.duty() : List.of(conditions.hours(duty, "duty")),
        preview == null ? usual.preview() : yaml.flag(preview, "preview"));
  }

  private List<String> approvers(Node by, String field) {
    List<String> approvers = new ArrayList<>();
    for (Node item : yaml.items(by, field)) {
      String name = yaml.text(item, field);
      if (!APPROVER.matcher(name).matches()) {
        yaml.problem(item, field + " names '" + name + "'", "a name, group:NAME or role:approver");
      }
      approvers.add(name);
    }
    if (approvers.isEmpty()) {
      approvers.add("nobody");
    }
    return approvers;
  }

  private <E extends Enum<E>> E required(
      Node rule, Map<String, Node> fields, String key, Class<E> type, E fallback) {
    Node node = fields.get(key);
    if (node == null) {
      List<String> words = Arrays.stream(type.getEnumConstants()).map(YamlReader::wordOf).toList();
      yaml.problem(rule, "a rule without " + key, key + ": one of " + String.join(", ", words));
      return fallback;
    }
    return yaml.word(node, key, type, fallback);
  }

  private <E extends Enum<E>> E word(@Nullable Node node, String what, Class<E> type, E fallback) {
    return node == null ? fallback : yaml.word(node, what, type, fallback);
  }

  private static Risk usual(Outcome outcome) {
    return switch (outcome) {
      case ALLOW -> Risk.LOW;
      case ASK -> Risk.MEDIUM;
      case DENY -> Risk.CRITICAL;
    };
  }

  static int usualScore(Risk risk) {
    return switch (risk) {
      case LOW -> 5;
      case MEDIUM -> 40;
      case HIGH -> 70;
      case CRITICAL -> 95;
    };
  }
}
