package dev.gatehouse.policy;

import dev.gatehouse.action.Action;
import dev.gatehouse.action.Decision;
import dev.gatehouse.action.Outcome;
import dev.gatehouse.policy.Explanation.Change;
import dev.gatehouse.policy.match.Glob;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Looks for the smallest single change that gives an action another outcome. What it returns was
 * tried: the changed action was judged, or the action by the changed policy. The work is bounded,
 * whatever the action holds.
 */
final class FlipSearch {
  /** So many changed actions are judged. */
  private static final int MOST_TRIED = 1_000;

  /** So many characters of changed actions are read, in UTF-16 code units. */
  private static final long MOST_READ = 2L << 20;

  private final Policy policy;
  private final Facts facts;
  private final Decision decision;
  private final List<Verdict.Match> matches;
  private final long length;
  private int tried;
  private int judged;
  private boolean cut;

  FlipSearch(Policy policy, Facts facts, Decision decision, List<Verdict.Match> matches) {
    this.policy = policy;
    this.facts = facts;
    this.decision = decision;
    this.matches = matches;
    this.length = length(facts.action.arguments()) + length(facts.action.context());
  }

  /** How many changes were tried. */
  int tried() {
    return tried;
  }

  /** Whether there were more. */
  boolean isCut() {
    return cut;
  }

  /** The smallest change of each kind, the smallest of all first. */
  List<Change> run() {
    TextEdits texts = new TextEdits(policy, facts, decision, budget());
    ValueEdits values = new ValueEdits(policy, facts);
    CircumstanceEdits circumstances = new CircumstanceEdits(policy, facts);
    List<List<Candidate>> kinds = new ArrayList<>(circumstances.lists());
    Collections.addAll(kinds, texts.list(), values.arguments(), values.context(), tools());
    cut = texts.isCut() || values.isCut() || circumstances.isCut();
    List<Found> found = new ArrayList<>();
    // Whatever a kind with few changes leaves of its share is for those with many.
    kinds.sort(Comparator.comparingInt(List::size));
    for (int i = 0; i < kinds.size(); i++) {
      int left = budget() - judged;
      add(found, smallest(kinds.get(i), Math.ceilDiv(left, kinds.size() - i)));
    }
    found.sort(Comparator.comparing(Found::rank).thenComparingInt(Found::size));
    List<Change> changes = new ArrayList<>(found.stream().map(Found::change).toList());
    Change rule = rule();
    if (rule != null) {
      changes.add(rule);
    }
    return changes;
  }

  /** A change that was tried, and its size. */
  private record Found(Change change, int size) {
    /** What a caller can change most easily first; a text is an argument as well. */
    Change.Kind rank() {
      return change.kind() == Change.Kind.ARGUMENT ? Change.Kind.TEXT : change.kind();
    }
  }

  private static void add(List<Found> found, @Nullable Found one) {
    if (one != null) {
      found.add(one);
    }
  }

  /** The smallest of one kind that gives another outcome, of the {@code most} smallest. */
  private @Nullable Found smallest(List<Candidate> candidates, int most) {
    List<Candidate> sorted = new ArrayList<>(candidates);
    sorted.sort(Comparator.comparingInt(Candidate::size));
    for (Candidate candidate : sorted.subList(0, Math.min(most, sorted.size()))) {
      judged++;
      tried++;
      Action action = candidate.action().get();
      Outcome outcome = policy.foresee(action, candidate.atMillis()).outcome();
      if (outcome != decision.outcome()) {
        Change change =
            new Change(candidate.kind(), candidate.what(), outcome, action, candidate.atMillis());
        return new Found(change, candidate.size());
      }
    }
    cut |= most < sorted.size();
    return null;
  }

  /** How much there is to read in a value, about as characters. */
  private static long length(@Nullable Object value) {
    return switch (value) {
      case String text -> text.length();
      case Map<?, ?> map -> 32 + map.values().stream().mapToLong(FlipSearch::length).sum();
      case List<?> list -> 32 + list.stream().mapToLong(FlipSearch::length).sum();
      case null, default -> 8;
    };
  }

  /** How many changed actions may be judged: the fewer the longer they are, and at least a few. */
  private int budget() {
    return Math.clamp(MOST_READ / length, 4, MOST_TRIED);
  }

  private List<Candidate> tools() {
    Set<String> names = new LinkedHashSet<>();
    for (Rule rule : policy.rules()) {
      rule.tools().stream().filter(Glob::isPlain).map(Glob::pattern).forEach(names::add);
    }
    Action action = facts.action;
    names.remove(action.tool());
    List<Candidate> candidates = new ArrayList<>();
    for (String name : names) {
      candidates.add(
          new Candidate(
              Change.Kind.TOOL,
              candidates.size(),
              "with tool " + Candidate.quoted(name),
              () ->
                  new Action(
                      action.actor(), action.session(), name, action.arguments(), action.context()),
              facts.nowMillis));
    }
    return candidates;
  }

  /** The first rule whose change alone gives another outcome: without it, or with it. */
  private @Nullable Change rule() {
    boolean unread = policy.isCut(facts);
    for (Verdict.Match match : matches) {
      Change change = rule(match, unread);
      if (change != null) {
        return change;
      }
    }
    for (Rule rule : policy.rules()) {
      if (rule.isAbout(facts.action.tool())
          && (rule.mode() == Mode.OFF || facts.nowMillis >= rule.expiresMillis())) {
        Verdict.Match match = Policy.match(rule.enforcedForever(), facts);
        Change change = match == null ? null : with(match, null, unread);
        if (change != null) {
          return change;
        }
      }
    }
    return null;
  }

  private @Nullable Change rule(Verdict.Match match, boolean unread) {
    Rule rule = match.rule();
    if (match.liftedBy() == null && rule.mode() == Mode.ENFORCE) {
      List<Verdict.Match> rest = matches.stream().filter(m -> !m.equals(match)).toList();
      return changed("without rule " + rule.id(), rest, unread);
    }
    return with(
        new Verdict.Match(rule.enforcedForever(), List.of(), null, match.error()), match, unread);
  }

  private @Nullable Change with(
      Verdict.Match match, Verdict.@Nullable Match inPlaceOf, boolean unread) {
    List<Verdict.Match> more = new ArrayList<>(matches);
    more.remove(inPlaceOf);
    more.add(match);
    String what = "with rule " + match.rule().id() + " enforced";
    if (inPlaceOf != null && inPlaceOf.liftedBy() != null) {
      what += " in spite of exception " + inPlaceOf.liftedBy();
    }
    return changed(what, more, unread);
  }

  private @Nullable Change changed(String what, List<Verdict.Match> then, boolean unread) {
    tried++;
    Outcome outcome = policy.verdict().of(then, unread).outcome();
    return outcome == decision.outcome()
        ? null
        : new Change(Change.Kind.RULE, what, outcome, facts.action, facts.nowMillis);
  }
}
