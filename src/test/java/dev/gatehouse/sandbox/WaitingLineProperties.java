package dev.gatehouse.sandbox;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.gatehouse.sandbox.WaitingLine.Place;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.Tuple;

/** Whatever tenants send and however sandboxes come free, nobody is passed over. */
class WaitingLineProperties {
  private static final int MAX = 12;

  enum Deed {
    JOIN,
    SERVE,
    LEAVE
  }

  /** Something that happens to the line; {@code pick} chooses who leaves. */
  record Step(Deed deed, String tenant, String kind, int pick) {}

  @Provide
  Arbitrary<List<Step>> steps() {
    Arbitrary<Step> step =
        Combinators.combine(
                Arbitraries.frequency(
                    Tuple.of(6, Deed.JOIN), Tuple.of(4, Deed.SERVE), Tuple.of(1, Deed.LEAVE)),
                // One tenant sends far more than the others.
                Arbitraries.of("greedy", "greedy", "greedy", "greedy", "blue", "red"),
                Arbitraries.of("small", "large"),
                Arbitraries.integers().between(0, 1000))
            .as(Step::new);
    return step.list().ofMaxSize(120);
  }

  @Property
  void noTenantIsServedTwiceWhileAnotherGetsNothingOfWhatItWaitsFor(
      @ForAll("steps") List<Step> steps) {
    WaitingLine<String, Integer> line = new WaitingLine<>(MAX);
    List<Place<String, Integer>> inside = new ArrayList<>();
    // Of each who waits: who was served with what he waits for, since his tenant was served.
    Map<Place<String, Integer>, Set<String>> passedBy = new HashMap<>();
    for (int n = 0; n < steps.size(); n++) {
      Step step = steps.get(n);
      switch (step.deed()) {
        case JOIN -> {
          Place<String, Integer> place = new Place<>(step.tenant(), step.kind(), n);
          inside.add(place);
          Place<String, Integer> out = line.join(place);
          inside.remove(out);
        }
        case SERVE -> {
          Place<String, Integer> served = line.next(step.kind());
          if (served != null) {
            assertTrue(inside.remove(served), "it was in line");
            // His tenant had its turn.
            passedBy.keySet().removeIf(place -> place.tenant().equals(served.tenant()));
            for (Place<String, Integer> first : firstOfTheOthers(inside, served)) {
              assertTrue(
                  passedBy.computeIfAbsent(first, who -> new HashSet<>()).add(served.tenant()),
                  () -> served + " came twice before " + first);
            }
          }
        }
        case LEAVE -> {
          if (!inside.isEmpty()) {
            Place<String, Integer> gone = inside.remove(step.pick() % inside.size());
            assertTrue(line.leave(gone));
            passedBy.remove(gone);
          }
        }
      }
      assertEquals(inside.size(), line.size());
    }
  }

  /** Each other tenant's first who waits for what was just given. */
  private static List<Place<String, Integer>> firstOfTheOthers(
      List<Place<String, Integer>> inside, Place<String, Integer> served) {
    return inside.stream()
        .filter(place -> place.kind().equals(served.kind()))
        .filter(place -> !place.tenant().equals(served.tenant()))
        .collect(
            Collectors.groupingBy(
                Place::tenant, Collectors.minBy(Comparator.comparing(Place::caller))))
        .values()
        .stream()
        .flatMap(Optional::stream)
        .toList();
  }

  @Property
  void withinATenantWhoCameFirstIsServedFirst(@ForAll("steps") List<Step> steps) {
    WaitingLine<String, Integer> line = new WaitingLine<>(MAX);
    Map<String, Integer> last = new HashMap<>();
    for (int n = 0; n < steps.size(); n++) {
      Step step = steps.get(n);
      if (step.deed() == Deed.JOIN) {
        line.join(new Place<>(step.tenant(), step.kind(), n));
      } else {
        Place<String, Integer> served = line.next(step.kind());
        if (served != null) {
          Integer before = last.put(served.tenant() + served.kind(), served.caller());
          assertTrue(before == null || before < served.caller());
        }
      }
    }
  }

  @Property
  void aFullLineTakesFromTheTenantThatHasMostInIt(@ForAll("steps") List<Step> steps) {
    WaitingLine<String, Integer> line = new WaitingLine<>(MAX);
    for (int n = 0; n < steps.size(); n++) {
      Step step = steps.get(n);
      Map<String, Long> before = byTenant(line);
      Place<String, Integer> place = new Place<>(step.tenant(), step.kind(), n);

      Place<String, Integer> out = line.join(place);

      if (line.size() < MAX) {
        assertNull(out, "there was room");
      }
      if (out != null) {
        assertEquals(MAX, line.size());
        long most = before.values().stream().mapToLong(Long::longValue).max().orElse(0);
        long own = before.getOrDefault(step.tenant(), 0L);
        assertEquals(own + 1 < most, !out.equals(place), before + " " + place + " " + out);
        assertTrue(out.equals(place) || Objects.equals(before.get(out.tenant()), most));
      }
    }
  }

  private static Map<String, Long> byTenant(WaitingLine<String, Integer> line) {
    return line.inTurn().stream()
        .collect(Collectors.groupingBy(Place::tenant, Collectors.counting()));
  }

  @Property
  void theOrderThatIsForetoldIsTheOrderInWhichTheyAreServed(@ForAll("steps") List<Step> steps) {
    WaitingLine<String, Integer> line = new WaitingLine<>(MAX);
    for (int n = 0; n < steps.size(); n++) {
      line.join(new Place<>(steps.get(n).tenant(), "one", n));
    }
    List<Place<String, Integer>> foretold = line.inTurn();
    assertEquals(line.size("one"), foretold.size());
    for (Place<String, Integer> place : foretold) {
      assertEquals(place, line.next("one"));
    }
    assertNull(line.next("one"));
  }
}
