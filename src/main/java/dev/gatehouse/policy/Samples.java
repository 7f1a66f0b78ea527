package dev.gatehouse.policy;

import dev.gatehouse.policy.ValueCondition.ValueTest;
import dev.gatehouse.policy.match.Glob;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Set;

/** Values that are likely to pass a test, or just fail it. Whoever uses one tries it. */
final class Samples {
  private static final int MOST = 16;
  private static final int LONGEST = 4_096;

  private Samples() {}

  /** Values around the edges of a test. */
  static List<Object> of(ValueTest test) {
    List<Object> values = new ArrayList<>();
    for (BigDecimal edge : new BigDecimal[] {test.least(), test.most()}) {
      if (edge != null) {
        for (int step = -1; step <= 1; step++) {
          BigDecimal number = edge.add(BigDecimal.valueOf(step));
          values.add(test.count() ? textOf(number) : number);
        }
      }
    }
    TextTest text = test.text();
    if (text != null) {
      values.addAll(of(text));
    }
    values.add("x");
    return values;
  }

  private static List<String> of(TextTest test) {
    return switch (test) {
      case TextTest.Equal equal -> ofEqual(equal.values());
      case TextTest.Part part -> some(part.values());
      case TextTest.Globs globs -> ofGlobs(globs.globs());
      case TextTest.Paths paths -> ofGlobs(paths.globs().stream().map(PathGlob::glob).toList());
      case TextTest.PathRegex regex -> some(regex.pattern().literals());
      case TextTest.Regex regex -> some(regex.pattern().literals());
      case TextTest.Length length ->
          List.of(textOf(length.least()), textOf(length.most()), textOf(length.least() - 1));
      case TextTest.Unknown _ -> List.of();
      case TextTest.All all -> all.tests().stream().flatMap(t -> of(t).stream()).toList();
      case TextTest.Any any -> any.tests().stream().flatMap(t -> of(t).stream()).toList();
      case TextTest.Not not -> of(not.test());
    };
  }

  /** Of a flag the other one as well. */
  private static List<String> ofEqual(Set<String> values) {
    List<String> samples = new ArrayList<>(some(values));
    if (values.contains("true") != values.contains("false")) {
      samples.add(String.valueOf(values.contains("false")));
    }
    return samples;
  }

  private static List<String> some(Collection<String> values) {
    return values.stream().limit(MOST).toList();
  }

  private static List<String> ofGlobs(List<Glob> globs) {
    return some(globs.stream().map(g -> g.pattern().replace("*", "").replace('?', 'x')).toList());
  }

  private static String textOf(BigDecimal length) {
    return textOf(length.min(BigDecimal.valueOf(LONGEST)).longValue());
  }

  private static String textOf(long length) {
    return "x".repeat(Math.clamp(length, 0, LONGEST));
  }
}
