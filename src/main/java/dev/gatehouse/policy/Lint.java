package dev.gatehouse.policy;

import dev.gatehouse.action.ApprovalTerms;
import dev.gatehouse.action.Outcome;
import dev.gatehouse.policy.match.Glob;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/** Looks for rules that are valid and yet do not do what their author thinks. */
final class Lint {
  /** Tools whose actions can be previewed. */
  private static final List<String> TRIED = List.of("bash", "python", "javascript");

  private final Policy policy;
  private final long nowMillis;
  private final ConditionLogic logic = new ConditionLogic();
  private final List<PolicyProblem> findings = new ArrayList<>();

  private Lint(Policy policy, long nowMillis) {
    this.policy = policy;
    this.nowMillis = nowMillis;
  }

  /** What was found, by file and line. */
  static List<PolicyProblem> of(Policy policy, long nowMillis) {
    Lint lint = new Lint(policy, nowMillis);
    List<Rule> living = lint.living();
    lint.overruled(lint.different(living));
    lint.unread(living);
    lint.untried(living);
    lint.unanswerable(living);
    lint.untested();
    lint.findings.addAll(new PatternLint(policy).findings());
    return PolicyCompiler.sorted(lint.findings);
  }

  private void find(Rule rule, String found, String expected) {
    findings.add(
        PolicyCompiler.problem(rule.source(), "rule '" + rule.id() + "' " + found, expected));
  }

  /** The rules that can speak; says of the others why they cannot. */
  private List<Rule> living() {
    List<Rule> living = new ArrayList<>();
    for (Rule rule : policy.rules()) {
      Condition when = rule.when();
      List<Rule.Lift> always =
          rule.unless().stream().filter(lift -> logic.implies(when, lift.when())).toList();
      if (rule.mode() == Mode.OFF) {
        find(rule, "is dead: it is switched off", "mode enforce or shadow, or no such rule");
      } else if (rule.expiresMillis() <= nowMillis) {
        find(rule, "is dead: it has expired", "a later time, or no such rule");
      } else if (logic.canFail(when)) {
        living.add(rule);
      } else if (logic.isImpossible(when)) {
        find(rule, "is dead: its conditions exclude each other", "conditions that can hold");
      } else if (!isAboutItsTools(rule)) {
        find(rule, "is dead: it asks for a tool that it is not about", "one of its own tools");
      } else if (logic.needsReader(when) && rule.tools().stream().noneMatch(policy::reads)) {
        find(
            rule,
            "is dead: it looks at what a program does, of tools whose arguments no reader reads",
            "an entry under reads for these tools");
      } else if (!always.isEmpty()) {
        find(
            rule,
            "is dead: its exception " + always.getFirst().name() + " always lifts it",
            "an exception that holds in some of its cases only");
      } else {
        living.add(rule);
      }
    }
    return living;
  }

  /**
   * Whether what it asks of the tool's name holds for one of its tools, as far as they are named.
   */
  private static boolean isAboutItsTools(Rule rule) {
    if (!rule.tools().stream().allMatch(Glob::isPlain)) {
      return true;
    }
    List<Condition> parts =
        rule.when() instanceof Condition.All all ? all.parts() : List.of(rule.when());
    return rule.tools().stream()
        .anyMatch(tool -> parts.stream().allMatch(part -> allows(part, tool.pattern())));
  }

  private static boolean allows(Condition part, String tool) {
    return !(part instanceof ValueCondition value
            && value.origin() == ValueCondition.Origin.ACTOR
            && value.path().toString().equals("tool"))
        || value.exists() == value.test().holds(tool);
  }

  /** The rules without those that stand there twice; says which. */
  private List<Rule> different(List<Rule> rules) {
    Map<String, Rule> seen = new HashMap<>();
    List<Rule> different = new ArrayList<>();
    for (Rule rule : rules) {
      Set<String> tools = new TreeSet<>(rule.tools().stream().map(Glob::pattern).toList());
      Set<String> lifts = new TreeSet<>(rule.unless().stream().map(Rule.Lift::name).toList());
      String same = rule.mode() + " " + tools + lifts + Meaning.of(rule.when());
      Rule other = rule.when() instanceof Condition.Always ? null : seen.putIfAbsent(same, rule);
      if (other == null) {
        different.add(rule);
      } else {
        find(rule, "is a duplicate of " + other.id(), "one rule for one condition");
      }
    }
    return different;
  }

  /** Rules that never decide, because another one that is as strong or stronger does. */
  private void overruled(List<Rule> rules) {
    for (Rule rule : rules) {
      rules.stream()
          .filter(other -> !other.equals(rule) && speaksWherever(other, rule))
          .filter(other -> leavesNothing(other, rule))
          .findFirst()
          .ifPresent(other -> overruled(rule, other));
    }
  }

  private void overruled(Rule rule, Rule other) {
    String always = other.isConstant() ? " always says " : " says ";
    if (other.outcome() == rule.outcome()) {
      find(
          rule,
          "is shadowed: " + other.id() + always + "the same wherever it matches",
          "another decision, risk or obligation, or no such rule");
    } else {
      find(
          rule,
          "is unreachable: "
              + other.id()
              + always
              + YamlReader.wordOf(other.outcome())
              + " wherever it matches",
          "an exception of " + other.id() + ", a condition of its own, or no such rule");
    }
  }

  /** Whether {@code wide} counts wherever and whenever {@code narrow} does. */
  private boolean speaksWherever(Rule wide, Rule narrow) {
    Set<String> lifts = new HashSet<>();
    narrow.unless().forEach(lift -> lifts.add(lift.name()));
    return wide.mode() == Mode.ENFORCE
        && narrow.mode() == Mode.ENFORCE
        && wide.expiresMillis() >= narrow.expiresMillis()
        && wide.unless().stream().allMatch(lift -> lifts.contains(lift.name()))
        && TextLogic.cover(wide.tools(), narrow.tools())
        && !logic.canFail(narrow.when())
        && !logic.canFail(wide.when())
        && logic.implies(narrow.when(), wide.when());
  }

  /** Whether nothing of {@code rule} is left in a decision that {@code other} has part in. */
  private boolean leavesNothing(Rule other, Rule rule) {
    int force = other.outcome().compareTo(rule.outcome());
    if (force != 0) {
      return force > 0 && (other.outcome() == Outcome.DENY || addsNoHarm(rule, other));
    }
    boolean mutual = speaksWherever(rule, other) && addsNoHarm(other, rule);
    return addsNoHarm(rule, other)
        && isNoStricter(rule.terms(), other.terms())
        && (!mutual || rule.id().compareTo(other.id()) > 0);
  }

  private static boolean addsNoHarm(Rule added, Rule known) {
    return known.obligations().containsAll(added.obligations())
        && known.risk().compareTo(added.risk()) >= 0
        && known.score() >= added.score();
  }

  private static boolean isNoStricter(ApprovalTerms terms, ApprovalTerms than) {
    return terms.quorum() <= than.quorum()
        && terms.timeoutMillis() >= than.timeoutMillis()
        && (than.preview() || !terms.preview())
        && than.duty().containsAll(terms.duty())
        && (terms.remindMillis() == 0
            || (than.remindMillis() > 0 && than.remindMillis() <= terms.remindMillis()))
        && (than.reasonRequired() || !terms.reasonRequired())
        && (than.escalation().isEmpty() || than.escalation().equals(terms.escalation()))
        && (terms.approvers().isEmpty() || terms.approvers().equals(than.approvers()));
  }

  /** Rules that ask what is executed, of tools of which nothing is read as a program. */
  private void unread(List<Rule> rules) {
    for (Rule rule : rules) {
      if (asksWhatRuns(rule.when()) && rule.tools().stream().noneMatch(policy::reads)) {
        find(
            rule,
            "looks at executed-text of tools whose arguments no reader reads: it is the same as"
                + " text",
            "text, or an entry under reads for these tools");
      }
    }
  }

  /** Rules that want more persons to agree than they name. */
  private void unanswerable(List<Rule> rules) {
    for (Rule rule : rules) {
      List<List<String>> lists = new ArrayList<>(rule.terms().approvers());
      lists.addAll(rule.terms().escalation());
      for (List<String> list : lists) {
        if (rule.outcome() == Outcome.ASK && rule.terms().quorumOf(list) < rule.terms().quorum()) {
          find(
              rule,
              "asks for " + rule.terms().quorum() + " of " + list + ": nobody can ever approve it",
              "as many names, a group, or a smaller quorum");
        }
      }
    }
  }

  /** Rules that want tried what is no code. */
  private void untried(List<Rule> rules) {
    for (Rule rule : rules) {
      if (rule.outcome() == Outcome.ASK
          && rule.terms().preview()
          && TRIED.stream().noneMatch(rule::isAbout)) {
        find(
            rule,
            "wants a preview of tools that run no code: there will be none",
            "tools " + String.join(", ", TRIED) + ", or no preview");
      }
    }
  }

  private boolean asksWhatRuns(Condition condition) {
    return condition instanceof ExecutedTextCondition
        || logic.parts(condition).stream().anyMatch(this::asksWhatRuns);
  }

  private void untested() {
    Set<String> tested = new HashSet<>();
    policy.cases().stream().filter(PolicyCase::matches).forEach(c -> tested.add("" + c.rule()));
    for (Rule rule : policy.rules()) {
      if (rule.mode() != Mode.OFF && !tested.contains(rule.id())) {
        find(rule, "has no test that it matches", "tests: {match: [..]}");
      }
    }
  }
}
