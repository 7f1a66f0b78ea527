package dev.gatehouse.policy;

import dev.gatehouse.policy.ValueCondition.ValueTest;
import java.math.BigDecimal;
import org.jspecify.annotations.Nullable;

/** What follows from tests of values, whatever the value: {@link Logic} of {@link ValueTest}. */
final class ValueLogic {
  private final TextLogic texts;

  ValueLogic(TextLogic texts) {
    this.texts = texts;
  }

  /** Whether every value that passes {@code a} passes {@code b}. */
  boolean implies(ValueTest a, ValueTest b) {
    if (isImpossible(a)) {
      return true;
    }
    TextTest text = a.text();
    TextTest other = b.text();
    boolean bounded = b.least() != null || b.most() != null;
    return (other == null || (text != null && texts.implies(text, other)))
        && (!bounded || (a.count() == b.count() && within(a, b)));
  }

  private static boolean within(ValueTest a, ValueTest b) {
    return covers(b.least(), b.strict(), a.least(), a.strict())
        && covers(negated(b.most()), b.strict(), negated(a.most()), a.strict());
  }

  /** Whether a lower bound lets pass all that another does; null bounds nothing. */
  private static boolean covers(
      @Nullable BigDecimal wide, boolean wideStrict, @Nullable BigDecimal narrow, boolean strict) {
    if (wide == null || narrow == null) {
      return wide == null;
    }
    int order = wide.compareTo(narrow);
    return order < 0 || (order == 0 && (strict || !wideStrict));
  }

  private static @Nullable BigDecimal negated(@Nullable BigDecimal bound) {
    return bound == null ? null : bound.negate();
  }

  /** Whether no value passes both. */
  boolean excludes(ValueTest a, ValueTest b) {
    TextTest text = a.text();
    TextTest other = b.text();
    return isImpossible(a)
        || isImpossible(b)
        || (text != null && other != null && texts.excludes(text, other))
        || noneOf(a, b)
        || noneOf(b, a)
        || (a.count() == b.count()
            && (isEmpty(a.least(), a.strict(), b.most(), b.strict())
                || isEmpty(b.least(), b.strict(), a.most(), a.strict())));
  }

  /** Whether the one asks for certain numbers and the other lets none of them pass. */
  private static boolean noneOf(ValueTest certain, ValueTest other) {
    return certain.text() instanceof TextTest.Equal equal
        && !other.count()
        && equal.values().stream().allMatch(v -> v.matches("-?\\d{1,18}") && !other.holds(v));
  }

  private static boolean isEmpty(
      @Nullable BigDecimal least, boolean strict, @Nullable BigDecimal most, boolean alsoStrict) {
    if (least == null || most == null) {
      return false;
    }
    int order = least.compareTo(most);
    return order > 0 || (order == 0 && (strict || alsoStrict));
  }

  /** Whether no value passes. */
  boolean isImpossible(ValueTest test) {
    TextTest text = test.text();
    return (text != null && texts.isImpossible(text))
        || isEmpty(test.least(), test.strict(), test.most(), test.strict())
        || noneOf(test, test)
        || (test.count() && test.most() != null && test.most().signum() < 0);
  }
}
