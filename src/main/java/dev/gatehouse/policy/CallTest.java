package dev.gatehouse.policy;

import dev.gatehouse.policy.match.Glob;
import dev.gatehouse.policy.python.PythonArgument;
import dev.gatehouse.policy.python.PythonCall;
import dev.gatehouse.policy.python.PythonFact;
import dev.gatehouse.policy.python.PythonValue;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** A test of one call in a Python text. Immutable. */
sealed interface CallTest {
  /** Starts the name, in a {@link Need}, of a call by its qualified name. */
  String CALL = "call:";

  /** The same by the part behind the last dot. */
  String METHOD = "method:";

  /** Whether the call passes. */
  boolean holds(PythonCall call);

  /** What an action must show before a call can pass. */
  default Need need() {
    return Need.nothing();
  }

  /**
   * Its qualified name is one of these. A name that starts with a dot, {@code .connect}, is that of
   * a method of anything.
   */
  record Named(Set<String> names, List<Glob> globs, List<String> methods) implements CallTest {
    @Override
    public boolean holds(PythonCall call) {
      String name = call.name();
      if (names.contains(name)) {
        return true;
      }
      for (Glob glob : globs) {
        if (glob.matches(name)) {
          return true;
        }
      }
      for (String method : methods) {
        if (name.endsWith(method)) {
          return true;
        }
      }
      return false;
    }

    @Override
    public Need need() {
      Set<String> named = new LinkedHashSet<>();
      names.forEach(name -> named.add(CALL + name));
      methods.forEach(method -> named.add(METHOD + method.substring(method.lastIndexOf('.') + 1)));
      Set<String> words = new LinkedHashSet<>();
      globs.forEach(glob -> words.add(glob.literal()));
      Need needed = Need.ofNames(named);
      if (globs.isEmpty()) {
        return needed;
      }
      Need globbed = Need.ofWords(TextTest.pieces(words));
      return named.isEmpty() ? globbed : needed.or(globbed);
    }
  }

  /**
   * An argument passes.
   *
   * @param keyword its name; null if it has none
   * @param position its place; -1 for any place
   */
  record Argument(@Nullable String keyword, int position, TextTest test) implements CallTest {
    @Override
    public boolean holds(PythonCall call) {
      if (keyword != null || position >= 0) {
        PythonValue value =
            keyword == null
                ? call.positional(position)
                : position < 0 ? call.keyword(keyword) : call.argument(keyword, position);
        return value != null && passes(value, 0);
      }
      for (PythonArgument argument : call.arguments()) {
        if (passes(argument.value(), 0)) {
          return true;
        }
      }
      return false;
    }

    private boolean passes(PythonValue value, int depth) {
      boolean unknown = value.kind() == PythonValue.Kind.UNKNOWN || isBare(value);
      if (test.holds(unknown ? String.valueOf(PythonValue.HOLE) : value.text())) {
        return true;
      }
      if (depth < 3) {
        for (PythonValue item : value.items()) {
          if (passes(item, depth + 1)) {
            return true;
          }
        }
      }
      return false;
    }

    private static boolean isBare(PythonValue value) {
      return value.kind() == PythonValue.Kind.OBJECT && value.text().isEmpty();
    }

    @Override
    public Need need() {
      return Need.ofWords(test.literals());
    }
  }

  /** The object it is called on was made from a text that passes. */
  record Receiver(TextTest test) implements CallTest {
    @Override
    public boolean holds(PythonCall call) {
      return test.holds(call.receiver().text());
    }

    @Override
    public Need need() {
      return Need.ofWords(test.literals());
    }
  }

  /** It has this many arguments. */
  record Count(int least, int most) implements CallTest {
    @Override
    public boolean holds(PythonCall call) {
      return call.arguments().size() >= least && call.arguments().size() <= most;
    }
  }

  /** One of these facts is known of it. */
  record Fact(Set<PythonFact> facts) implements CallTest {
    @Override
    public boolean holds(PythonCall call) {
      for (PythonFact fact : facts) {
        if (call.has(fact)) {
          return true;
        }
      }
      return false;
    }

    @Override
    public Need need() {
      return Need.ofFacts(facts);
    }
  }

  /** Passes all. */
  record All(List<CallTest> tests) implements CallTest {
    @Override
    public boolean holds(PythonCall call) {
      for (CallTest test : tests) {
        if (!test.holds(call)) {
          return false;
        }
      }
      return true;
    }

    @Override
    public Need need() {
      return Need.all(tests.stream().map(CallTest::need).toList());
    }
  }

  /** Passes one. */
  record Any(List<CallTest> tests) implements CallTest {
    @Override
    public boolean holds(PythonCall call) {
      for (CallTest test : tests) {
        if (test.holds(call)) {
          return true;
        }
      }
      return false;
    }

    @Override
    public Need need() {
      return Need.either(tests.stream().map(CallTest::need).toList());
    }
  }

  /** Does not pass. */
  record Not(CallTest test) implements CallTest {
    @Override
    public boolean holds(PythonCall call) {
      return !test.holds(call);
    }
  }
}
