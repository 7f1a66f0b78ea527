package dev.gatehouse.policy;

import dev.gatehouse.action.Role;
import java.util.Arrays;
import java.util.List;

/** What follows from conditions, whatever the action. */
final class ConditionLogic extends Logic<Condition> {
  private final TextLogic texts = new TextLogic();
  private final ValueLogic values = new ValueLogic(texts);
  private final CommandLogic commands = new CommandLogic(texts);
  private final CallLogic calls = new CallLogic(texts);

  /**
   * Whether it may be that it cannot be told. Then the rule speaks all the same, so that nothing
   * follows from it.
   */
  boolean canFail(Condition condition) {
    return condition instanceof CelCondition || parts(condition).stream().anyMatch(this::canFail);
  }

  /** Whether it looks at what a reader says, so that it never holds where nothing is read. */
  boolean needsReader(Condition condition) {
    return switch (condition) {
      case ShellCondition _, ShellCondition.Fact _ -> true;
      case PythonCondition _, PythonCondition.Fact _ -> true;
      case PythonCondition.Imports _, PythonCondition.Attribute _ -> true;
      case TextCondition text -> !text.languages().isEmpty();
      case Condition.All all -> all.parts().stream().anyMatch(this::needsReader);
      case Condition.Any any -> any.parts().stream().allMatch(this::needsReader);
      default -> false;
    };
  }

  @Override
  Form form(Condition condition) {
    return switch (condition) {
      case Condition.All _ -> Form.ALL;
      case Condition.Any _ -> Form.ANY;
      case Condition.Not _ -> Form.NOT;
      default -> Form.PLAIN;
    };
  }

  @Override
  List<Condition> parts(Condition condition) {
    return switch (condition) {
      case Condition.All all -> all.parts();
      case Condition.Any any -> any.parts();
      case Condition.Not not -> List.of(not.part());
      default -> List.of();
    };
  }

  @Override
  boolean impliesPlain(Condition a, Condition b) {
    return switch (a) {
      case ValueCondition value -> b instanceof ValueCondition other && implies(value, other);
      case ShellCondition shell ->
          b instanceof ShellCondition other && commands.implies(shell.test(), other.test());
      case PythonCondition python ->
          b instanceof PythonCondition other && calls.implies(python.test(), other.test());
      case TextCondition text -> b instanceof TextCondition other && implies(text, other);
      case ExecutedTextCondition executed -> implies(executed.test(), b);
      case ShellCondition.Fact fact ->
          b instanceof ShellCondition.Fact other && other.wanted().containsAll(fact.wanted());
      case PythonCondition.Fact fact ->
          b instanceof PythonCondition.Fact other && other.wanted().containsAll(fact.wanted());
      case PythonCondition.Imports imports ->
          b instanceof PythonCondition.Imports other && texts.implies(imports.test(), other.test());
      case PythonCondition.Attribute attribute ->
          b instanceof PythonCondition.Attribute other
              && texts.implies(attribute.test(), other.test());
      case RateCondition rate -> b instanceof RateCondition other && implies(rate, other);
      default -> false;
    };
  }

  private boolean implies(ValueCondition a, ValueCondition b) {
    if (!isSamePlace(a, b) || a.exists() != b.exists()) {
      return false;
    }
    return a.exists() ? values.implies(a.test(), b.test()) : values.implies(b.test(), a.test());
  }

  private boolean implies(TextCondition a, TextCondition b) {
    boolean languages =
        a.languages().isEmpty()
            ? b.languages().isEmpty()
            : b.languages().containsAll(a.languages());
    return languages && texts.implies(a.test(), b.test());
  }

  /** Text that is executed is a text of the action as well. */
  private boolean implies(TextTest executed, Condition b) {
    return switch (b) {
      case ExecutedTextCondition other -> texts.implies(executed, other.test());
      case TextCondition text -> text.languages().isEmpty() && texts.implies(executed, text.test());
      default -> false;
    };
  }

  /** A count of more, over less time, for fewer: the other one was reached before. */
  private static boolean implies(RateCondition a, RateCondition b) {
    return a.limit() >= b.limit()
        && a.windowMillis() <= b.windowMillis()
        && (a.perActor() || !b.perActor())
        && (a.perSession() || !b.perSession());
  }

  @Override
  boolean excludesPlain(Condition a, Condition b) {
    if (!(a instanceof ValueCondition one && b instanceof ValueCondition other)
        || !isSamePlace(one, other)) {
      return false;
    }
    if (one.exists() && other.exists()) {
      return !one.path().toString().contains("*") && values.excludes(one.test(), other.test());
    }
    return one.exists() != other.exists()
        && (one.exists()
            ? values.implies(one.test(), other.test())
            : values.implies(other.test(), one.test()));
  }

  private static boolean isSamePlace(ValueCondition a, ValueCondition b) {
    return a.origin() == b.origin() && a.path().toString().equals(b.path().toString());
  }

  @Override
  boolean isImpossiblePlain(Condition condition) {
    return switch (condition) {
      case ValueCondition value -> value.exists() && isImpossible(value);
      case TextCondition text -> texts.isImpossible(text.test());
      case ExecutedTextCondition text -> texts.isImpossible(text.test());
      case ShellCondition shell -> commands.isImpossible(shell.test());
      case PythonCondition python -> calls.isImpossible(python.test());
      case PythonCondition.Imports imports -> texts.isImpossible(imports.test());
      case PythonCondition.Attribute attribute -> texts.isImpossible(attribute.test());
      default -> false;
    };
  }

  private boolean isImpossible(ValueCondition value) {
    boolean ofRole =
        value.origin() == ValueCondition.Origin.ACTOR && value.path().toString().equals("role");
    return values.isImpossible(value.test())
        || (ofRole && Arrays.stream(Role.values()).map(Role::word).noneMatch(value.test()::holds));
  }

  @Override
  boolean isCertainPlain(Condition condition) {
    return condition instanceof Condition.Always;
  }
}
