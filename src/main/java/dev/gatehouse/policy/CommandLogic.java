package dev.gatehouse.policy;

import dev.gatehouse.policy.CommandTest.Named;
import java.util.List;
import java.util.Set;

/** What follows from tests of one shell command, whatever the command. */
final class CommandLogic extends Logic<CommandTest> {
  private final TextLogic texts;

  CommandLogic(TextLogic texts) {
    this.texts = texts;
  }

  @Override
  Form form(CommandTest test) {
    return switch (test) {
      case CommandTest.All _ -> Form.ALL;
      case CommandTest.Any _ -> Form.ANY;
      case CommandTest.Not _ -> Form.NOT;
      default -> Form.PLAIN;
    };
  }

  @Override
  List<CommandTest> parts(CommandTest test) {
    return switch (test) {
      case CommandTest.All all -> all.tests();
      case CommandTest.Any any -> any.tests();
      case CommandTest.Not not -> List.of(not.test());
      default -> List.of();
    };
  }

  @Override
  boolean impliesPlain(CommandTest a, CommandTest b) {
    return switch (a) {
      case Named named -> b instanceof Named other && covers(other, named);
      case CommandTest.Flag flag ->
          b instanceof CommandTest.Flag other && other.flags().containsAll(flag.flags());
      case CommandTest.FlagValue value ->
          b instanceof CommandTest.FlagValue other
              && other.flags().containsAll(value.flags())
              && texts.implies(value.test(), other.test());
      case CommandTest.Argument argument ->
          b instanceof CommandTest.Argument other
              && other.kind().compareTo(argument.kind()) <= 0
              && texts.implies(argument.test(), other.test());
      case CommandTest.Operands operands ->
          b instanceof CommandTest.Operands other
              && other.least() <= operands.least()
              && other.most() >= operands.most();
      case CommandTest.Line line ->
          b instanceof CommandTest.Line other && texts.implies(line.test(), other.test());
      case CommandTest.Path path ->
          b instanceof CommandTest.Path other && texts.implies(path.test(), other.test());
      case CommandTest.Redirected redirected ->
          b instanceof CommandTest.Redirected other
              && redirected.direction() == other.direction()
              && texts.implies(redirected.test(), other.test());
      case CommandTest.Assigns assigns ->
          b instanceof CommandTest.Assigns other
              && texts.implies(assigns.name(), other.name())
              && texts.implies(assigns.value(), other.value());
      case CommandTest.Wrapped wrapped ->
          b instanceof CommandTest.Wrapped other
              && other.wrappers().containsAll(wrapped.wrappers());
      case CommandTest.Inside inside ->
          b instanceof CommandTest.Inside other && other.kinds().containsAll(inside.kinds());
      case CommandTest.Fact fact ->
          b instanceof CommandTest.Fact other && other.facts().containsAll(fact.facts());
      case CommandTest.Flows flows ->
          b instanceof CommandTest.Flows other
              && flows.forward() == other.forward()
              && implies(flows.other(), other.other());
      case CommandTest.All _, CommandTest.Any _, CommandTest.Not _ -> false;
    };
  }

  private static boolean covers(Named wide, Named narrow) {
    return narrow.names().stream().allMatch(name -> matches(wide, name))
        && TextLogic.cover(wide.globs(), narrow.globs());
  }

  private static boolean matches(Named named, String name) {
    return named.names().contains(name) || named.globs().stream().anyMatch(g -> g.matches(name));
  }

  @Override
  boolean excludesPlain(CommandTest a, CommandTest b) {
    if (a instanceof CommandTest.Operands one && b instanceof CommandTest.Operands other) {
      return one.least() > other.most() || other.least() > one.most();
    }
    return a instanceof Named one && b instanceof Named other && haveNoneInCommon(one, other);
  }

  private static boolean haveNoneInCommon(Named one, Named other) {
    Set<String> names = one.globs().isEmpty() ? one.names() : other.names();
    Named rest = one.globs().isEmpty() ? other : one;
    return (one.globs().isEmpty() || other.globs().isEmpty())
        && names.stream().noneMatch(name -> matches(rest, name));
  }

  @Override
  boolean isImpossiblePlain(CommandTest test) {
    return switch (test) {
      case CommandTest.FlagValue value -> texts.isImpossible(value.test());
      case CommandTest.Argument argument -> texts.isImpossible(argument.test());
      case CommandTest.Line line -> texts.isImpossible(line.test());
      case CommandTest.Path path -> texts.isImpossible(path.test());
      case CommandTest.Redirected redirected -> texts.isImpossible(redirected.test());
      case CommandTest.Assigns assigns ->
          texts.isImpossible(assigns.name()) || texts.isImpossible(assigns.value());
      case CommandTest.Operands operands -> operands.least() > operands.most();
      case CommandTest.Flows flows -> isImpossible(flows.other());
      default -> false;
    };
  }

  @Override
  boolean isCertainPlain(CommandTest test) {
    return test instanceof CommandTest.Operands operands
        && operands.least() == 0
        && operands.most() == Integer.MAX_VALUE;
  }
}
