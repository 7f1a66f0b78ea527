package dev.gatehouse.policy.shell;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What a shell text is given beside itself when it is run. Immutable.
 *
 * @param input its standard input; null for none that is known
 * @param variables the environment, by name
 * @param parameters {@code $1} and so on
 */
public record Surroundings(
    @Nullable String input, Map<String, String> variables, List<String> parameters) {
  /** Nothing is known of them. */
  public static final Surroundings NONE = new Surroundings(null, Map.of(), List.of());

  public Surroundings {
    variables = Map.copyOf(variables);
    parameters = List.copyOf(parameters);
  }

  /** How many characters there are. */
  int length() {
    int length = input == null ? 0 : input.length();
    for (Map.Entry<String, String> variable : variables.entrySet()) {
      length += variable.getKey().length() + variable.getValue().length();
    }
    for (String parameter : parameters) {
      length += parameter.length();
    }
    return length;
  }
}
