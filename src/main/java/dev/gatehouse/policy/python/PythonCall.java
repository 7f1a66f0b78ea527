package dev.gatehouse.policy.python;

import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * One call.
 *
 * @param name qualified name, resolved through imports, aliases and assignments: {@code os.system},
 *     {@code subprocess.Popen.communicate}, {@code socket.socket.connect}; built-in functions bare
 *     ({@code open}, {@code eval}); of a method of an unknown object the attribute with a dot in
 *     front: {@code .rmtree}; of a function that the text itself defines {@code <local>.name};
 *     empty if what is called is not known at all
 * @param receiver of a method call the object it is called on; {@link PythonValue#UNKNOWN}
 *     otherwise
 * @param arguments in order
 * @param function the function definition that the call stands in, or empty at module level
 * @param layer 0 in the given text, more by one for each text inside a text ({@code exec}, {@code
 *     eval})
 * @param facts about this call alone
 * @param start where the call starts in the given text. Of a call in a computed text: where that
 *     text comes from
 * @param end where it ends, exclusive
 */
public record PythonCall(
    String name,
    PythonValue receiver,
    List<PythonArgument> arguments,
    String function,
    int layer,
    Set<PythonFact> facts,
    int start,
    int end) {

  /** The part of the name after the last dot: {@code rmtree} of {@code shutil.rmtree}. */
  public String attribute() {
    return KnownNames.callee(name).attribute();
  }

  /**
   * The positional argument at this index, or null if there are fewer or if unpacking makes the
   * place uncertain.
   */
  public @Nullable PythonValue positional(int index) {
    int seen = 0;
    for (int i = 0, count = arguments.size(); i < count; i++) {
      PythonArgument argument = arguments.get(i);
      if (argument.keyword().equals("*")) {
        return null;
      }
      if (argument.keyword().isEmpty() && seen++ == index) {
        return argument.value();
      }
    }
    return null;
  }

  /** The argument given under this name, or null. */
  public @Nullable PythonValue keyword(String keyword) {
    for (int i = 0, count = arguments.size(); i < count; i++) {
      if (arguments.get(i).keyword().equals(keyword)) {
        return arguments.get(i).value();
      }
    }
    return null;
  }

  /** The argument given under this name or at this position, or null. */
  public @Nullable PythonValue argument(String keyword, int index) {
    PythonValue named = keyword(keyword);
    return named != null ? named : positional(index);
  }

  public boolean has(PythonFact fact) {
    return facts.contains(fact);
  }

  /** The same call with these facts. */
  PythonCall with(Set<PythonFact> known) {
    return new PythonCall(name, receiver, arguments, function, layer, known, start, end);
  }
}
