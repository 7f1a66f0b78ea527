package dev.gatehouse.policy.shell;

import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What a shell text is given beside itself when it is run. Immutable.
 *
 * @param input its standard input; null for none that is known
 * @param variables the environment, by name
 * @param parameters {@code $1} and so on
 * @param directory where it is run; null where that is not known
 */
public record Surroundings(
    @Nullable String input,
    Map<String, String> variables,
    List<String> parameters,
    @Nullable String directory) {
  /** Nothing is known of them. */
  public static final Surroundings NONE = new Surroundings(null, Map.of(), List.of(), null);

  public Surroundings {
    variables = Map.copyOf(variables);
    parameters = List.copyOf(parameters);
  }

  /** How many characters there are. */
  int length() {
    int length =
        Objects.requireNonNullElse(input, "").length()
            + Objects.requireNonNullElse(directory, "").length();
    for (Map.Entry<String, String> variable : variables.entrySet()) {
      length += variable.getKey().length() + variable.getValue().length();
    }
    for (String parameter : parameters) {
      length += parameter.length();
    }
    return length;
  }
}
