package dev.gatehouse.policy;

import dev.gatehouse.policy.match.Glob;
import dev.gatehouse.policy.match.SearchPattern;
import java.lang.reflect.RecordComponent;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * What a condition or test asks, as a text: the same for two that ask the same, wherever they are
 * written, in whatever order.
 */
final class Meaning {
  private Meaning() {}

  static String of(@Nullable Object asked) {
    return switch (asked) {
      case null -> "-";
      case Condition.All all -> joined("all", all.parts(), Condition.All.class);
      case Condition.Any any -> joined("any", any.parts(), Condition.Any.class);
      case TextTest.All all -> joined("all", all.tests(), TextTest.All.class);
      case TextTest.Any any -> joined("any", any.tests(), TextTest.Any.class);
      case CommandTest.All all -> joined("all", all.tests(), CommandTest.All.class);
      case CommandTest.Any any -> joined("any", any.tests(), CommandTest.Any.class);
      case CallTest.All all -> joined("all", all.tests(), CallTest.All.class);
      case CallTest.Any any -> joined("any", any.tests(), CallTest.Any.class);
      case CelCondition cel -> "cel " + quoted(cel.expression().strip());
      case RateCondition rate ->
          List.of("rate", rate.limit(), rate.windowMillis(), rate.perActor(), rate.perSession())
              .toString();
      case Glob glob -> quoted(glob.pattern());
      case SearchPattern pattern -> quoted(pattern.regex());
      case Collection<?> items ->
          new TreeSet<>(items.stream().map(Meaning::of).toList()).toString();
      case Record record -> ofRecord(record);
      default -> quoted(asked.toString());
    };
  }

  /** The parts of what must all hold, or of which one must, flattened, in no order. */
  private static String joined(String word, List<?> parts, Class<?> same) {
    TreeSet<String> all = new TreeSet<>();
    List<Object> open = new ArrayList<>(parts);
    while (!open.isEmpty()) {
      Object part = open.removeLast();
      switch (part) {
        case Condition.All inner when same == Condition.All.class -> open.addAll(inner.parts());
        case Condition.Any inner when same == Condition.Any.class -> open.addAll(inner.parts());
        case TextTest.All inner when same == TextTest.All.class -> open.addAll(inner.tests());
        case TextTest.Any inner when same == TextTest.Any.class -> open.addAll(inner.tests());
        case CommandTest.All inner when same == CommandTest.All.class -> open.addAll(inner.tests());
        case CommandTest.Any inner when same == CommandTest.Any.class -> open.addAll(inner.tests());
        case CallTest.All inner when same == CallTest.All.class -> open.addAll(inner.tests());
        case CallTest.Any inner when same == CallTest.Any.class -> open.addAll(inner.tests());
        default -> all.add(of(part));
      }
    }
    return all.size() == 1 ? all.getFirst() : word + all;
  }

  private static String ofRecord(Record record) {
    StringBuilder text = new StringBuilder(record.getClass().getName());
    for (RecordComponent component : record.getClass().getRecordComponents()) {
      if (component.getType() == Source.class) {
        continue;
      }
      try {
        text.append(' ').append(of(component.getAccessor().invoke(record)));
      } catch (ReflectiveOperationException e) {
        throw new IllegalStateException("a record of this package can be read", e);
      }
    }
    return text.append(';').toString();
  }

  private static String quoted(String text) {
    return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'";
  }
}
