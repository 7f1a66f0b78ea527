package dev.gatehouse.policy;

import dev.gatehouse.action.Span;
import java.util.List;
import java.util.stream.Stream;

/** Something that holds of an action or does not. Immutable and safe for any thread. */
interface Condition {
  /**
   * Whether it holds.
   *
   * @throws RuleFailure if it cannot be told
   */
  boolean holds(Facts facts);

  /** Adds the places that make it hold; called only if it does. */
  default void locate(Facts facts, List<Span> spans) {}

  /** What an action must show before this can hold. */
  Need need();

  /** Where it is written. */
  Source source();

  /**
   * The innermost condition because of which this one does not hold; called only if it does not.
   */
  default Condition firstFailing(Facts facts) {
    return this;
  }

  /** The conditions without parts that it is put together of; itself if it has no parts. */
  default Stream<Condition> plain() {
    return Stream.of(this);
  }

  /**
   * Whether it looks at MCP annotations, which are the word of the tool itself; to be asked of
   * conditions without parts.
   */
  default boolean readsAnnotations() {
    return false;
  }

  /** Always holds. */
  record Always(Source source) implements Condition {
    @Override
    public boolean holds(Facts facts) {
      return true;
    }

    @Override
    public Need need() {
      return Need.nothing();
    }
  }

  /** Holds if all of them do, in order. */
  record All(Source source, List<Condition> parts) implements Condition {
    @Override
    public boolean holds(Facts facts) {
      for (Condition part : parts) {
        if (!part.holds(facts)) {
          return false;
        }
      }
      return true;
    }

    @Override
    public void locate(Facts facts, List<Span> spans) {
      for (Condition part : parts) {
        part.locate(facts, spans);
      }
    }

    @Override
    public Need need() {
      return Need.all(parts.stream().map(Condition::need).toList());
    }

    @Override
    public Condition firstFailing(Facts facts) {
      for (Condition part : parts) {
        try {
          if (!part.holds(facts)) {
            return part.firstFailing(facts);
          }
        } catch (RuleFailure e) {
          return part;
        }
      }
      return this;
    }

    @Override
    public Stream<Condition> plain() {
      return parts.stream().flatMap(Condition::plain);
    }
  }

  /** Holds if one of them does. */
  record Any(Source source, List<Condition> parts) implements Condition {
    @Override
    public boolean holds(Facts facts) {
      for (Condition part : parts) {
        if (part.holds(facts)) {
          return true;
        }
      }
      return false;
    }

    @Override
    public void locate(Facts facts, List<Span> spans) {
      for (Condition part : parts) {
        if (part.holds(facts)) {
          part.locate(facts, spans);
        }
      }
    }

    @Override
    public Need need() {
      return Need.either(parts.stream().map(Condition::need).toList());
    }

    @Override
    public Condition firstFailing(Facts facts) {
      return parts.size() == 1 ? parts.getFirst().firstFailing(facts) : this;
    }

    @Override
    public Stream<Condition> plain() {
      return parts.stream().flatMap(Condition::plain);
    }
  }

  /** Holds if the other does not. */
  record Not(Source source, Condition part) implements Condition {
    @Override
    public boolean holds(Facts facts) {
      return !part.holds(facts);
    }

    @Override
    public Need need() {
      return Need.nothing();
    }

    @Override
    public Stream<Condition> plain() {
      return part.plain();
    }
  }

  /** A condition that cannot be told: the policy fails closed. */
  final class RuleFailure extends RuntimeException {
    private static final long serialVersionUID = 1L;

    RuleFailure(String message) {
      super(message, null, false, false);
    }
  }
}
