package dev.gatehouse.policy;

import java.util.IdentityHashMap;
import java.util.List;

/**
 * What follows from conditions or tests of one kind, whatever they are asked of. Cautious: a yes is
 * proven, a no may only mean that it was not seen.
 *
 * @param <T> the kind
 */
abstract class Logic<T> {
  private final IdentityHashMap<T, String> meanings = new IdentityHashMap<>();

  /** How a test is put together. */
  enum Form {
    /** Holds if all its parts do. */
    ALL,
    /** Holds if one of its parts does. */
    ANY,
    /** Holds if its only part does not. */
    NOT,
    /** Has no parts. */
    PLAIN
  }

  abstract Form form(T test);

  /** What it is put together of; empty if it is plain. */
  abstract List<T> parts(T test);

  /** {@link #implies} of two that have no parts. */
  abstract boolean impliesPlain(T a, T b);

  /** {@link #excludes} of two that have no parts. */
  abstract boolean excludesPlain(T a, T b);

  /** {@link #isImpossible} of one that has no parts. */
  abstract boolean isImpossiblePlain(T test);

  /** {@link #isCertain} of one that has no parts. */
  abstract boolean isCertainPlain(T test);

  /** Whether {@code b} holds wherever {@code a} does. */
  final boolean implies(T a, T b) {
    if (isSame(a, b) || isCertain(b) || isImpossible(a)) {
      return true;
    }
    if (form(a) == Form.ANY) {
      return parts(a).stream().allMatch(part -> implies(part, b));
    }
    if (form(b) == Form.ALL) {
      return parts(b).stream().allMatch(part -> implies(a, part));
    }
    if (form(a) == Form.ALL && parts(a).stream().anyMatch(part -> implies(part, b))) {
      return true;
    }
    if (form(b) == Form.ANY) {
      return parts(b).stream().anyMatch(part -> implies(a, part));
    }
    if (form(b) == Form.NOT) {
      T denied = parts(b).getFirst();
      return form(a) == Form.NOT ? implies(denied, parts(a).getFirst()) : excludes(a, denied);
    }
    return form(a) == Form.PLAIN && form(b) == Form.PLAIN && impliesPlain(a, b);
  }

  /** Whether the two never hold together. */
  final boolean excludes(T a, T b) {
    if (isImpossible(a) || isImpossible(b)) {
      return true;
    }
    return switch (form(a)) {
      case ALL -> parts(a).stream().anyMatch(part -> excludes(part, b));
      case ANY -> parts(a).stream().allMatch(part -> excludes(part, b));
      case NOT -> implies(b, parts(a).getFirst());
      case PLAIN -> form(b) == Form.PLAIN ? excludesPlain(a, b) : excludes(b, a);
    };
  }

  /** Whether it never holds. */
  final boolean isImpossible(T test) {
    List<T> parts = parts(test);
    return switch (form(test)) {
      case ALL -> parts.stream().anyMatch(this::isImpossible) || twoExclude(parts);
      case ANY -> parts.stream().allMatch(this::isImpossible);
      case NOT -> isCertain(parts.getFirst());
      case PLAIN -> isImpossiblePlain(test);
    };
  }

  /** Whether it always holds. */
  final boolean isCertain(T test) {
    List<T> parts = parts(test);
    return switch (form(test)) {
      case ALL -> parts.stream().allMatch(this::isCertain);
      case ANY -> parts.stream().anyMatch(this::isCertain);
      case NOT -> isImpossible(parts.getFirst());
      case PLAIN -> isCertainPlain(test);
    };
  }

  /** Whether the two ask the same. */
  final boolean isSame(T a, T b) {
    return meaning(a).equals(meaning(b));
  }

  private String meaning(T test) {
    return meanings.computeIfAbsent(test, Meaning::of);
  }

  private boolean twoExclude(List<T> parts) {
    for (int i = 0; i < parts.size(); i++) {
      for (int j = 0; j < i; j++) {
        if (excludes(parts.get(i), parts.get(j))) {
          return true;
        }
      }
    }
    return false;
  }
}
