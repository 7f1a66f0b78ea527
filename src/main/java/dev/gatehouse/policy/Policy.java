package dev.gatehouse.policy;

import dev.gatehouse.action.Action;
import dev.gatehouse.action.Decision;
import dev.gatehouse.action.Outcome;
import dev.gatehouse.action.Risk;
import dev.gatehouse.action.Span;
import dev.gatehouse.policy.Facts.Counting;
import dev.gatehouse.policy.match.Glob;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * A set of rules under one digest. Immutable and safe for any thread; only the counts behind rate
 * conditions change, and those are shared by all versions.
 *
 * <p>Order of force: DENY over ASK over ALLOW over all rules that match, whatever their tier or
 * place; nothing matches: the default, which is ASK. A rule that cannot be evaluated denies if it
 * is a guardrail and asks otherwise.
 */
public final class Policy {
  /** Plans for tools that no rule names are kept for this many names, and so many of them. */
  private static final int MOST_REMEMBERED = 4_096;

  private static final Comparator<Rule> DECIDING_FIRST =
      Comparator.comparing(Rule::outcome, Comparator.reverseOrder())
          .thenComparing(Rule::tier)
          .thenComparing(Rule::risk, Comparator.reverseOrder())
          .thenComparing(Rule::score, Comparator.reverseOrder())
          .thenComparing(Rule::id);

  private final String digest;
  private final List<Rule> rules;
  private final List<ReadAs> reads;
  private final List<PolicyCase> cases;
  private final Map<String, Source> patterns;
  private final InstantSource clock;
  private final Rates rates;
  private final PolicyCompiler.Defaults defaults;
  private final Verdict verdict;
  private final Map<String, ToolPlan> plans;

  /** By which rules and readers are about a tool: tools of the same ones have one plan. */
  private final ConcurrentHashMap<BitSet, ToolPlan> shared = new ConcurrentHashMap<>();

  private final ConcurrentHashMap<String, ToolPlan> remembered = new ConcurrentHashMap<>();

  Policy(
      String digest,
      List<Rule> rules,
      List<ReadAs> reads,
      PolicyCompiler.Defaults defaults,
      List<PolicyCase> cases,
      Map<String, Source> patterns,
      InstantSource clock,
      Rates rates) {
    this.digest = digest;
    this.rules = rules.stream().sorted(DECIDING_FIRST).toList();
    this.reads = reads;
    this.cases = cases;
    this.patterns = patterns;
    this.clock = clock;
    this.rates = rates;
    this.defaults = defaults;
    this.verdict = new Verdict(digest, defaults);
    Map<String, ToolPlan> known = new HashMap<>();
    for (Rule rule : rules) {
      rule.tools().stream()
          .filter(Glob::isPlain)
          .forEach(glob -> known.computeIfAbsent(glob.pattern(), this::plan));
    }
    this.plans = Map.copyOf(known);
  }

  /**
   * Compiles files without running their tests.
   *
   * @param files file texts by name
   * @throws PolicyException with everything that is wrong
   */
  public static Policy compile(Map<String, String> files, InstantSource clock)
      throws PolicyException {
    return PolicyCompiler.compile(files, clock, new Rates());
  }

  /** {@code sha256:} and 64 hex digits over the files this policy was made from. */
  public String digest() {
    return digest;
  }

  /** How many rules there are, those switched off included. */
  public int size() {
    return rules.size();
  }

  /**
   * Classifies one action. Never throws and never waits; time is linear in the action's texts. The
   * decision may be shared with other actions. Hot path: for a tool whose rules have no conditions
   * it allocates nothing.
   */
  public Decision decide(Action action) {
    ToolPlan plan = plans.get(action.tool());
    if (plan == null) {
      plan = unnamed(action.tool());
    }
    Decision fixed = plan.fixed(action);
    return fixed != null ? fixed : judge(plan, action, clock.millis(), rates, Counting.HAPPENS);
  }

  /** The same at a time, with counts kept elsewhere. */
  Decision decide(Action action, long atMillis, Rates counts) {
    ToolPlan plan = planOf(action.tool());
    Decision fixed = plan.fixed(action);
    return fixed != null ? fixed : judge(plan, action, atMillis, counts, Counting.HAPPENS);
  }

  /** What {@link #decide} would answer now; does not count for rates. */
  public Decision foresee(Action action) {
    return foresee(action, clock.millis());
  }

  /**
   * What {@link #decide} would answer now about an action that it was asked about when the action
   * came: rates do not count it once more, and a rule that denies above a rate has had its say.
   */
  public Decision reconsider(Action action) {
    ToolPlan plan = planOf(action.tool());
    Decision fixed = plan.fixed(action);
    return fixed != null ? fixed : judge(plan, action, clock.millis(), rates, Counting.AGAIN);
  }

  /**
   * Whether a person's answer to such a decision may hold for later actions, too: it asks, it is
   * not critical, all its reasons are told, and none is a guardrail's or says that something could
   * not be read or evaluated.
   */
  public boolean mayBeRemembered(Decision decision) {
    return decision.outcome() == Outcome.ASK
        && decision.risk() != Risk.CRITICAL
        && decision.reasonsCut() == 0
        && decision.reasons().stream()
            .noneMatch(reason ->
                reason.code().equals(Verdict.ERROR)
                    || reason.code().equals(Verdict.CUT)
                    || rules.stream()
                        .anyMatch(rule ->
                            rule.id().equals(reason.rule())
                                && rule.tier() == Tier.GUARDRAIL
                                && rule.outcome() != Outcome.ALLOW));
  }

  /** What {@link #decide} would answer at a time; does not count for rates. */
  Decision foresee(Action action, long atMillis) {
    ToolPlan plan = planOf(action.tool());
    Decision fixed = plan.fixed(action);
    return fixed != null ? fixed : judge(plan, action, atMillis, rates, Counting.LOOKED_AT);
  }

  private Decision judge(
      ToolPlan plan, Action action, long nowMillis, Rates counts, Counting counting) {
    try {
      return judge(plan, new Facts(action, plan.reads(), nowMillis, counts, counting));
    } catch (RuntimeException | StackOverflowError e) {
      return verdict.failed(e);
    }
  }

  private Decision judge(ToolPlan plan, Facts facts) {
    boolean reads = !plan.reads().isEmpty();
    long[] candidates = plan.index().candidates(facts, reads);
    List<Verdict.Match> matches = new ArrayList<>(4);
    int only = -1;
    for (int i = 0; i < candidates.length; i++) {
      for (long bits = candidates[i]; bits != 0; bits &= bits - 1) {
        int at = (i << 6) + Long.numberOfTrailingZeros(bits);
        Verdict.Match match = match(plan.rules().get(at), facts);
        if (match != null) {
          matches.add(match);
          only = at;
        }
      }
    }
    boolean cut = facts.cut();
    if (matches.size() == 1 && !cut && matches.getFirst().isPlain()) {
      return plan.alone().get(only);
    }
    return verdict.of(matches, cut);
  }

  /** The same policy if no rule expired. */
  Policy lasting() {
    if (rules.stream().allMatch(rule -> rule.expiresMillis() == Long.MAX_VALUE)) {
      return this;
    }
    List<Rule> lasting = rules.stream().map(Rule::lasting).toList();
    return new Policy(digest, lasting, reads, defaults, cases, patterns, clock, rates);
  }

  /** What comes of one rule, or null if it does not match. */
  static Verdict.@Nullable Match match(Rule rule, Facts facts) {
    if (rule.mode() == Mode.OFF || facts.nowMillis >= rule.expiresMillis()) {
      return null;
    }
    try {
      if (!rule.when().holds(facts)) {
        return null;
      }
      for (Rule.Lift lift : rule.unless()) {
        if (lift.when().holds(facts)) {
          return new Verdict.Match(rule, List.of(), lift.name(), null);
        }
      }
      List<Span> spans = new ArrayList<>(2);
      rule.when().locate(facts, spans);
      return new Verdict.Match(rule, spans, null, null);
    } catch (RuntimeException e) {
      return new Verdict.Match(rule, List.of(), null, String.valueOf(e.getMessage()));
    }
  }

  /** Why an action would get the decision it would get now. Does not count for rates. */
  public Explanation explain(Action action) {
    return Explainer.explain(this, action);
  }

  /** Runs the policy's own tests: one problem for each that fails. */
  public List<PolicyProblem> test() {
    return SelfTest.run(this);
  }

  /** How many tests the policy has. */
  public int tests() {
    return cases.size();
  }

  /**
   * Rules that are valid and yet dead, shadowed, duplicate, unreachable, untested or misleading.
   */
  public List<PolicyProblem> lint() {
    return Lint.of(this, clock.millis());
  }

  private ToolPlan unnamed(String tool) {
    ToolPlan known = remembered.get(tool);
    if (known != null) {
      return known;
    }
    ToolPlan plan = plan(tool);
    if (remembered.size() < MOST_REMEMBERED) {
      remembered.put(tool, plan);
    }
    return plan;
  }

  private ToolPlan plan(String tool) {
    BitSet about = new BitSet();
    for (int i = 0; i < rules.size(); i++) {
      about.set(i, rules.get(i).mode() != Mode.OFF && rules.get(i).isAbout(tool));
    }
    for (int i = 0; i < reads.size(); i++) {
      about.set(rules.size() + i, reads.get(i).appliesTo(tool));
    }
    ToolPlan known = shared.get(about);
    if (known != null) {
      return known;
    }
    ToolPlan plan = plan(at(rules, about, 0), at(reads, about, rules.size()));
    if (shared.size() < MOST_REMEMBERED) {
      shared.put(about, plan);
    }
    return plan;
  }

  private static <T> List<T> at(List<T> all, BitSet chosen, int from) {
    return chosen.stream()
        .filter(i -> i >= from && i < from + all.size())
        .mapToObj(i -> all.get(i - from))
        .toList();
  }

  private ToolPlan plan(List<Rule> about, List<ReadAs> read) {
    List<Rule> constant = about.stream().filter(Rule::isConstant).toList();
    Decision fixed = verdict.of(constant.stream().map(Policy::plain).toList(), false);
    boolean always = constant.size() == about.size();
    boolean withoutContext =
        about.stream().allMatch(r -> r.isConstant() || r.when().need().needsContext());
    List<Decision> alone = about.stream().map(r -> verdict.of(List.of(plain(r)), false)).toList();
    return new ToolPlan(
        always ? fixed : null,
        withoutContext ? fixed : null,
        about,
        alone,
        RuleIndex.of(about),
        read);
  }

  private static Verdict.Match plain(Rule rule) {
    return new Verdict.Match(rule, List.of(), null, null);
  }

  ToolPlan planOf(String tool) {
    ToolPlan known = plans.get(tool);
    return known == null ? unnamed(tool) : known;
  }

  /** The facts of an action, counted elsewhere, at a time. */
  Facts facts(Action action, Rates counts, long atMillis) {
    return new Facts(action, planOf(action.tool()).reads(), atMillis, counts, Counting.HAPPENS);
  }

  long nowMillis() {
    return clock.millis();
  }

  /** The facts of an action, to look at only. */
  Facts look(Action action) {
    return new Facts(
        action, planOf(action.tool()).reads(), clock.millis(), rates, Counting.LOOKED_AT);
  }

  /** Whether part of an action was not looked at by rules. */
  boolean isCut(Facts facts) {
    ToolPlan plan = planOf(facts.action.tool());
    return plan.fixed(facts.action) == null && facts.cut();
  }

  List<Rule> rules() {
    return rules;
  }

  List<PolicyCase> cases() {
    return cases;
  }

  /** The conditions without parts of the rules about a tool that are not switched off. */
  List<Condition> conditions(String tool) {
    return rules.stream()
        .filter(rule -> rule.mode() != Mode.OFF && rule.isAbout(tool))
        .flatMap(Rule::conditions)
        .toList();
  }

  /** The tests that rules about a tool must match. */
  List<PolicyCase> examples(String tool) {
    Set<String> about =
        rules.stream().filter(r -> r.isAbout(tool)).map(Rule::id).collect(Collectors.toSet());
    return cases.stream()
        .filter(test -> test.matches() && test.rule() != null && about.contains(test.rule()))
        .toList();
  }

  /** Whether an argument of some tool that {@code glob} matches is program text. */
  boolean reads(Glob glob) {
    return reads.stream()
        .anyMatch(read ->
            glob.isPlain()
                ? read.appliesTo(glob.pattern())
                : read.tools().stream()
                    .anyMatch(other ->
                        other.pattern().equals(glob.pattern())
                            || !other.isPlain()
                            || glob.matches(other.pattern())));
  }

  /** Whether the readers read an argument of some tool that a rule is about. */
  boolean readsAsProgram(Rule rule, String argument) {
    return reads.stream()
        .filter(read -> read.argument().toString().equals(argument))
        .anyMatch(read -> TextLogic.meet(read.tools(), rule.tools()));
  }

  /** Where each pattern is first used. */
  Map<String, Source> patterns() {
    return patterns;
  }

  Verdict verdict() {
    return verdict;
  }
}
