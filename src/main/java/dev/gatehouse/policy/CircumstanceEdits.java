package dev.gatehouse.policy;

import dev.gatehouse.action.Action;
import dev.gatehouse.action.Actor;
import dev.gatehouse.action.Role;
import dev.gatehouse.policy.Explanation.Change;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Changes of who asks, in which session, and when, taken from what rules about the tool look at and
 * from their examples; of times, those at which a span begins or ends, a limit is free again, or a
 * rule expires. They are proposals: most give no other outcome.
 */
final class CircumstanceEdits {
  /** So many changes of each kind are proposed. */
  private static final int MOST = 256;

  /** A name is no longer than this, in UTF-16 code units. */
  private static final int LONGEST = 256;

  /** Whoever is meant by a rule that speaks of anybody else. */
  private static final List<String> ANYBODY = List.of("x", "y");

  private static final Set<String> ROLES =
      Stream.of(Role.values()).map(Role::word).collect(Collectors.toCollection(LinkedHashSet::new));

  /** Who asks, and where. */
  private enum Name {
    SESSION(Change.Kind.SESSION, "session"),
    ACTOR(Change.Kind.ACTOR, "name"),
    ROLE(Change.Kind.ROLE, "role"),
    TENANT(Change.Kind.TENANT, "tenant");

    private final Change.Kind kind;

    /** What conditions call it. */
    private final String field;

    Name(Change.Kind kind, String field) {
      this.kind = kind;
      this.field = field;
    }

    String of(Action action) {
      return switch (this) {
        case SESSION -> action.session();
        case ACTOR -> action.actor().name();
        case ROLE -> action.actor().role().word();
        case TENANT -> action.actor().tenant();
      };
    }

    Action with(String value, Action action) {
      Actor actor = action.actor();
      Actor other =
          switch (this) {
            case SESSION -> actor;
            case ACTOR -> new Actor(actor.tenant(), value, actor.role());
            case ROLE ->
                new Actor(
                    actor.tenant(), actor.name(), Role.valueOf(value.toUpperCase(Locale.ROOT)));
            case TENANT -> new Actor(value, actor.name(), actor.role());
          };
      return new Action(
          other,
          this == SESSION ? value : action.session(),
          action.tool(),
          action.arguments(),
          action.context());
    }
  }

  private final Facts facts;
  private final Map<Name, Set<String>> names = new EnumMap<>(Name.class);
  private final TreeMap<Long, String> times = new TreeMap<>();
  private boolean cut;

  CircumstanceEdits(Policy policy, Facts facts) {
    this.facts = facts;
    String tool = facts.action.tool();
    policy.conditions(tool).forEach(this::lookedAt);
    for (Rule rule : policy.rules()) {
      if (rule.isAbout(tool) && rule.mode() != Mode.OFF && rule.expiresMillis() < Long.MAX_VALUE) {
        at(Instant.ofEpochMilli(rule.expiresMillis()).atZone(ZoneOffset.UTC));
      }
    }
    for (PolicyCase example : policy.examples(tool)) {
      names.forEach((name, values) -> values.add(name.of(example.action())));
    }
    names.values().forEach(values -> values.addAll(ANYBODY));
    names.computeIfPresent(Name.ROLE, (_, _) -> ROLES);
  }

  /** The changes, each list of one kind. */
  List<List<Candidate>> lists() {
    List<List<Candidate>> lists = new ArrayList<>();
    names.forEach((name, values) -> lists.add(ofNames(name, values)));
    lists.add(ofTimes());
    return lists;
  }

  /** Whether there were more. */
  boolean isCut() {
    return cut;
  }

  private void lookedAt(Condition condition) {
    switch (condition) {
      case ValueCondition value when value.origin() == ValueCondition.Origin.ACTOR ->
          lookedAt(value);
      case RateCondition rate -> lookedAt(rate);
      case TimeCondition time -> time.edges(facts.nowMillis).forEach(this::at);
      case CelCondition cel -> EnumSet.allOf(Name.class).forEach(n -> of(n).addAll(cel.texts()));
      default -> {}
    }
  }

  private void lookedAt(ValueCondition condition) {
    for (Name name : Name.values()) {
      if (name.field.equals(condition.path().toString())) {
        Samples.of(condition.test()).forEach(value -> of(name).add(String.valueOf(value)));
      }
    }
  }

  /** Whoever has a count of his own has used up nothing yet, and later nobody has. */
  private void lookedAt(RateCondition rate) {
    of(Name.TENANT);
    if (rate.perActor()) {
      of(Name.ACTOR);
    }
    if (rate.perSession()) {
      of(Name.SESSION);
    }
    at(Instant.ofEpochMilli(rate.freeAtMillis(facts)).atZone(ZoneOffset.UTC));
  }

  private Set<String> of(Name name) {
    return names.computeIfAbsent(name, _ -> new LinkedHashSet<>());
  }

  private void at(ZonedDateTime time) {
    long millis = time.toInstant().toEpochMilli();
    if (millis <= facts.nowMillis) {
      return;
    }
    times.putIfAbsent(millis, DateTimeFormatter.ISO_OFFSET_DATE_TIME.format(time));
    if (times.size() > MOST) {
      times.pollLastEntry();
      cut = true;
    }
  }

  private List<Candidate> ofNames(Name name, Set<String> values) {
    String old = name.of(facts.action);
    List<Candidate> candidates = new ArrayList<>();
    for (String value : values) {
      if (value.isBlank() || value.length() > LONGEST || value.equals(old)) {
        continue;
      }
      if (candidates.size() >= MOST) {
        cut = true;
        break;
      }
      candidates.add(
          new Candidate(
              name.kind,
              Candidate.difference(old, value),
              "with " + YamlReader.wordOf(name.kind) + " " + Candidate.quoted(value),
              () -> name.with(value, facts.action),
              facts.nowMillis));
    }
    return candidates;
  }

  private List<Candidate> ofTimes() {
    List<Candidate> candidates = new ArrayList<>();
    times.forEach((millis, text) ->
        candidates.add(
            new Candidate(
                Change.Kind.TIME, candidates.size(), "at " + text, () -> facts.action, millis)));
    return candidates;
  }
}
