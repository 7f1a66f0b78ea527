package dev.gatehouse.policy;

import dev.gatehouse.policy.CallTest.Named;
import java.util.List;
import java.util.Objects;

/** What follows from tests of one Python call, whatever the call. */
final class CallLogic extends Logic<CallTest> {
  private final TextLogic texts;

  CallLogic(TextLogic texts) {
    this.texts = texts;
  }

  @Override
  Form form(CallTest test) {
    return switch (test) {
      case CallTest.All _ -> Form.ALL;
      case CallTest.Any _ -> Form.ANY;
      case CallTest.Not _ -> Form.NOT;
      default -> Form.PLAIN;
    };
  }

  @Override
  List<CallTest> parts(CallTest test) {
    return switch (test) {
      case CallTest.All all -> all.tests();
      case CallTest.Any any -> any.tests();
      case CallTest.Not not -> List.of(not.test());
      default -> List.of();
    };
  }

  @Override
  boolean impliesPlain(CallTest a, CallTest b) {
    return switch (a) {
      case Named named -> b instanceof Named other && covers(other, named);
      case CallTest.Argument argument ->
          b instanceof CallTest.Argument other
              && (isAnyPlace(other) || isSamePlace(argument, other))
              && texts.implies(argument.test(), other.test());
      case CallTest.Receiver receiver ->
          b instanceof CallTest.Receiver other && texts.implies(receiver.test(), other.test());
      case CallTest.Count count ->
          b instanceof CallTest.Count other
              && other.least() <= count.least()
              && other.most() >= count.most();
      case CallTest.Fact fact ->
          b instanceof CallTest.Fact other && other.facts().containsAll(fact.facts());
      case CallTest.All _, CallTest.Any _, CallTest.Not _ -> false;
    };
  }

  private static boolean covers(Named wide, Named narrow) {
    return narrow.names().stream().allMatch(name -> matches(wide, name))
        && narrow.methods().stream()
            .allMatch(method -> wide.methods().stream().anyMatch(method::endsWith))
        && TextLogic.cover(wide.globs(), narrow.globs());
  }

  private static boolean matches(Named named, String name) {
    return named.names().contains(name)
        || named.globs().stream().anyMatch(glob -> glob.matches(name))
        || named.methods().stream().anyMatch(name::endsWith);
  }

  private static boolean isAnyPlace(CallTest.Argument argument) {
    return argument.keyword() == null && argument.position() < 0;
  }

  private static boolean isSamePlace(CallTest.Argument a, CallTest.Argument b) {
    return Objects.equals(a.keyword(), b.keyword()) && a.position() == b.position();
  }

  @Override
  boolean excludesPlain(CallTest a, CallTest b) {
    if (a instanceof CallTest.Count one && b instanceof CallTest.Count other) {
      return one.least() > other.most() || other.least() > one.most();
    }
    return a instanceof Named one
        && b instanceof Named other
        && (isPlain(one)
            ? haveNoneInCommon(one, other)
            : isPlain(other) && haveNoneInCommon(other, one));
  }

  private static boolean isPlain(Named named) {
    return named.globs().isEmpty() && named.methods().isEmpty();
  }

  private static boolean haveNoneInCommon(Named plain, Named other) {
    return plain.names().stream().noneMatch(name -> matches(other, name));
  }

  @Override
  boolean isImpossiblePlain(CallTest test) {
    return switch (test) {
      case CallTest.Argument argument -> texts.isImpossible(argument.test());
      case CallTest.Receiver receiver -> texts.isImpossible(receiver.test());
      case CallTest.Count count -> count.least() > count.most();
      default -> false;
    };
  }

  @Override
  boolean isCertainPlain(CallTest test) {
    return false;
  }
}
