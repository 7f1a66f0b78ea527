package dev.gatehouse.policy;

import dev.gatehouse.action.Action;
import dev.gatehouse.action.Span;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.text.Normalizer;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Holds if some value that a path points to passes. Values are compared by what they say, not by
 * their JSON type: the text {@code "true"} equals {@code true}.
 *
 * @param origin where the value is looked up
 * @param path which value; for {@link Origin#ACTOR} one of tenant, name, role, tool, session
 * @param test what it must pass
 * @param exists whether such a value must be there: false means that none is there that passes
 */
record ValueCondition(
    Source source, ValueCondition.Origin origin, ArgumentPath path, ValueTest test, boolean exists)
    implements Condition {
  private static final Pattern NUMBER = Pattern.compile("[+-]?\\d+(\\.\\d*)?([eE][+-]?\\d{1,3})?");

  /** Longer texts are no numbers to anybody. */
  private static final int MAX_NUMBER_CHARS = 400;

  /** Where a context has a tool's annotations. */
  static final String ANNOTATIONS = "annotations";

  /** Where values come from. */
  enum Origin {
    ARGUMENT,
    CONTEXT,
    ACTOR
  }

  /**
   * What a value must pass: all that are given.
   *
   * @param text for its text form; null for none
   * @param least smallest number; null for none
   * @param most largest number; null for none
   * @param strict whether {@code least} and {@code most} themselves are excluded
   * @param count for the number of items of a list or map, or characters of a text: least and most
   *     apply to it
   */
  record ValueTest(
      @Nullable TextTest text,
      @Nullable BigDecimal least,
      @Nullable BigDecimal most,
      boolean strict,
      boolean count) {
    boolean holds(@Nullable Object value) {
      if (least != null || most != null) {
        BigDecimal number = count ? size(value) : number(value);
        if (number == null || !within(number)) {
          return false;
        }
      }
      return text == null || (scalar(value) && text.holds(String.valueOf(value)));
    }

    private boolean within(BigDecimal number) {
      int edge = strict ? 1 : 0;
      return (least == null || number.compareTo(least) >= edge)
          && (most == null || number.compareTo(most) <= -edge);
    }

    private static boolean scalar(@Nullable Object value) {
      return !(value instanceof Map || value instanceof List);
    }

    private static @Nullable BigDecimal size(@Nullable Object value) {
      return switch (value) {
        case String s -> BigDecimal.valueOf(s.length());
        case List<?> l -> BigDecimal.valueOf(l.size());
        case Map<?, ?> m -> BigDecimal.valueOf(m.size());
        case null, default -> null;
      };
    }

    /** A text that a tool may read as a number: signed, with a fraction, with an exponent. */
    private static @Nullable BigDecimal number(String text) {
      String plain = Normalizer.normalize(text, Normalizer.Form.NFKC).strip().replace("_", "");
      return plain.length() <= MAX_NUMBER_CHARS && NUMBER.matcher(plain).matches()
          ? new BigDecimal(plain)
          : null;
    }

    private static @Nullable BigDecimal number(@Nullable Object value) {
      return switch (value) {
        case Integer i -> BigDecimal.valueOf(i);
        case Long l -> BigDecimal.valueOf(l);
        case BigInteger b -> new BigDecimal(b);
        case BigDecimal d -> d;
        case Double d -> Double.isFinite(d) ? BigDecimal.valueOf(d) : null;
        case String s -> number(s);
        case null, default -> null;
      };
    }
  }

  @Override
  public boolean holds(Facts facts) {
    Action action = facts.action;
    return switch (origin) {
      case ARGUMENT -> exists == path.any(action.arguments(), (_, value) -> test.holds(value));
      case CONTEXT -> exists == path.any(action.context(), (_, value) -> test.holds(value));
      case ACTOR -> exists == test.holds(ofActor(action));
    };
  }

  private String ofActor(Action action) {
    return switch (path.toString()) {
      case "tenant" -> action.actor().tenant();
      case "name" -> action.actor().name();
      case "role" -> action.actor().role().word();
      case "session" -> action.session();
      default -> action.tool();
    };
  }

  @Override
  public void locate(Facts facts, List<Span> spans) {
    TextTest text = test.text();
    if (origin != Origin.ARGUMENT || text == null || !exists) {
      return;
    }
    path.any(
        facts.action.arguments(),
        (at, value) -> {
          long range = value instanceof String s ? text.locate(s) : -1;
          if (range >= 0) {
            spans.add(new Span(at, start(range), end(range)));
          }
          return range >= 0;
        });
  }

  @Override
  public boolean readsAnnotations() {
    return origin == Origin.CONTEXT && path.canEnter(ANNOTATIONS);
  }

  @Override
  public Need need() {
    TextTest text = test.text();
    if (origin == Origin.CONTEXT && exists) {
      return Need.ofContext();
    }
    return origin != Origin.ARGUMENT || !exists || text == null || !textOnly(text)
        ? Need.nothing()
        : Need.ofWords(text.literals());
  }

  /** Whether the words can only come from a text argument: numbers and booleans are not indexed. */
  private static boolean textOnly(TextTest text) {
    for (String literal : text.literals()) {
      String word = literal.toLowerCase(Locale.ROOT);
      if ("truefalsenull".contains(word) || word.matches("[-+.eE\\d]+")) {
        return false;
      }
    }
    return true;
  }

  static int start(long range) {
    return (int) (range >>> 32);
  }

  static int end(long range) {
    return (int) range;
  }
}
