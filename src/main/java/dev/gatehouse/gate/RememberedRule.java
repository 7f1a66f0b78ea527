package dev.gatehouse.gate;

import dev.gatehouse.action.Action;
import dev.gatehouse.action.Outcome;
import dev.gatehouse.policy.Policy;
import dev.gatehouse.policy.PolicyException;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * An answer that holds again, in policy's own terms: a file with one rule that allows one tool to
 * one agent with exactly these arguments in such a sandbox, with its own test. It is JSON, which is
 * YAML, too.
 */
final class RememberedRule {
  private static final String EQUALS = "equals";

  private RememberedRule() {}

  /**
   * The file for an action, if policy's terms can tell exactly such actions.
   *
   * @param session whether it is for the action's session alone
   */
  static Optional<String> of(Action action, boolean session, String id, Instant expires) {
    JsonArray when = new JsonArray();
    equal(when, "actor", "tenant", action.actor().tenant());
    equal(when, "actor", "name", action.actor().name());
    if (session) {
      equal(when, "actor", "session", action.session());
    }
    leaves(when, "argument", "", action.arguments());
    if (action.context().get(ActionDigest.SANDBOX) instanceof Map<?, ?> sandbox) {
      leaves(when, "context", ActionDigest.SANDBOX, sandbox);
    }
    JsonObject test =
        new JsonObject()
            .put("tool", action.tool())
            .put("tenant", action.actor().tenant())
            .put("actor", action.actor().name())
            .put("session", action.session())
            .put("arguments", new JsonObject(CanonicalJson.of(action.arguments())))
            .put("context", new JsonObject(CanonicalJson.of(action.context())));
    JsonObject rule =
        new JsonObject()
            .put("id", "remembered." + id)
            .put("text", "a person approved exactly this, and for later, too")
            .put("tools", new JsonArray().add(action.tool()))
            .put("when", when)
            .put("decision", "allow")
            .put("risk", "low")
            .put("expires", expires.toString())
            .put("tests", new JsonObject().put("match", new JsonArray().add(test)));
    String text =
        new JsonObject()
            .put("policy", "remembered-" + id)
            .put("tier", "session")
            .put("rules", new JsonArray().add(rule))
            .encodePrettily();
    return allows(text, action) ? Optional.of(text) : Optional.empty();
  }

  /** Whether a file allows an action now. */
  static boolean allows(String text, Action action) {
    try {
      Policy policy = Policy.compile(Map.of("remembered", text), InstantSource.system());
      return policy.foresee(action).outcome() == Outcome.ALLOW;
    } catch (PolicyException e) {
      return false;
    }
  }

  /** A condition for each value that holds no others. */
  private static void leaves(JsonArray when, String origin, String path, @Nullable Object value) {
    switch (value) {
      case Map<?, ?> map ->
          map.entrySet().stream()
              .sorted((one, other) ->
                  String.valueOf(one.getKey()).compareTo(String.valueOf(other.getKey())))
              .forEach(entry ->
                  leaves(
                      when,
                      origin,
                      path.isEmpty() ? entry.getKey() + "" : path + "." + entry.getKey(),
                      entry.getValue()));
      case List<?> list -> {
        for (int i = 0; i < list.size(); i++) {
          leaves(when, origin, path + "[" + i + "]", list.get(i));
        }
      }
      case null -> {}
      default -> equal(when, origin, path, String.valueOf(value));
    }
  }

  private static void equal(JsonArray when, String origin, String name, String value) {
    when.add(new JsonObject().put(origin, name).put(EQUALS, value));
  }
}
