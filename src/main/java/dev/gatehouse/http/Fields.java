package dev.gatehouse.http;

import dev.gatehouse.action.Action;
import dev.gatehouse.action.Actor;
import dev.gatehouse.config.Configuration;
import dev.gatehouse.config.LimitSettings;
import dev.gatehouse.config.SandboxSettings.Profile;
import dev.gatehouse.gate.ExecutionArguments;
import dev.gatehouse.gate.ExecutionOrder;
import dev.gatehouse.sandbox.ExecutionRequest.Mode;
import dev.gatehouse.sandbox.Language;
import dev.gatehouse.sandbox.egress.AllowList;
import io.vertx.ext.web.RoutingContext;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Fields that several requests share. */
final class Fields {
  /** Longest session, tool or id, in bytes of UTF-8. */
  static final int MAX_NAME_BYTES = 256;

  static final String DEFAULT_SESSION = "default";

  /** Policy is more lenient where the server itself runs the action in a sandbox. */
  private static final String SERVERS_OWN = "sandbox";

  private Fields() {}

  static String session(JsonBody body) {
    return named("session", body.text("session", MAX_NAME_BYTES, DEFAULT_SESSION));
  }

  static @Nullable String sessionIfGiven(JsonBody body) {
    String session = body.text("session", MAX_NAME_BYTES, "");
    return session.isEmpty() ? null : named("session", session);
  }

  static @Nullable String sessionIfGiven(@Nullable String query) {
    return query == null || query.isEmpty() ? null : named("session", query);
  }

  /** The parameter {@code limit} of a page. */
  static int limit(RoutingContext context, int usual, int most) {
    String text = context.request().getParam("limit");
    if (text == null) {
      return usual;
    }
    int limit = text.matches("\\d{1,4}") ? Integer.parseInt(text) : 0;
    if (limit < 1 || limit > most) {
      throw ApiException.of(422, "query.invalid", "limit must be 1 to " + most);
    }
    return limit;
  }

  /** A parameter that is true or false; true where it has no value, false if it is left out. */
  static boolean flag(RoutingContext context, String name) {
    return switch (context.request().getParam(name, "false")) {
      case "true", "" -> true;
      case "false" -> false;
      default -> throw ApiException.of(422, "query.invalid", name + " must be true or false");
    };
  }

  /** The parameter {@code cursor} of a page; empty for the first. */
  static String cursor(RoutingContext context) {
    String cursor = context.request().getParam("cursor", "");
    if (!cursor.isEmpty() && !isName(cursor)) {
      throw ApiException.of(422, "query.invalid", "cursor is none that was given");
    }
    return cursor;
  }

  /** Whether it can name anything: not blank, and nothing that a log or PostgreSQL would refuse. */
  static boolean isName(String text) {
    for (int i = 0; i < text.length(); i++) {
      if (Character.isISOControl(text.charAt(i))) {
        return false;
      }
    }
    return !text.isBlank();
  }

  private static String named(String field, String text) {
    if (!isName(text)) {
      throw ApiException.of(422, "field.malformed", field + " is blank or has control characters");
    }
    return text;
  }

  /** An action that somebody else will run; reads and checks every field of it. */
  static Action action(Actor actor, JsonBody body, LimitSettings limits, @Nullable String trace) {
    int maxBytes = limits.codeBytes();
    Map<String, Object> circumstances = body.object("context");
    if (circumstances.containsKey(SERVERS_OWN)) {
      throw ApiException.of(
          422, "context.reserved", "context." + SERVERS_OWN + " is for the server alone to say");
    }
    Action action =
        new Action(
            actor,
            session(body),
            body.text("tool", MAX_NAME_BYTES),
            bounded(body.object("arguments"), "arguments", maxBytes),
            bounded(circumstances, "context", maxBytes),
            trace);
    body.refuseUnread();
    return action;
  }

  /** What to run; reads and checks every field of an execution. */
  static ExecutionOrder order(
      JsonBody body, Configuration configuration, boolean ownSandbox, @Nullable String trace) {
    LimitSettings limits = configuration.limits();
    String word = body.text("language", MAX_NAME_BYTES);
    Language language =
        Language.of(word)
            .orElseThrow(() ->
                ApiException.of(
                    422, "language.unknown", "language must be python, javascript or bash"));
    Mode mode = ownSandbox ? Mode.ONE_SHOT : mode(body);
    ExecutionOrder order =
        new ExecutionOrder(
            language,
            mode,
            ownSandbox ? profile(body, configuration, language) : "",
            body.text("code", limits.codeBytes()),
            ownSandbox ? session(body) : sessionIfGiven(body),
            body.wholeNumber("timeoutMs", 1, limits.maxTimeoutMillis(), limits.timeoutMillis()),
            body.environment("env", limits.stdinBytes()),
            InputFields.input(body, limits, language, mode),
            ownSandbox ? network(body) : null,
            trace);
    body.refuseUnread();
    return order;
  }

  /** What a tool shall be given that runs code, with the names that its actions have. */
  static ExecutionArguments arguments(JsonBody body, Language language, LimitSettings limits) {
    ExecutionArguments arguments =
        new ExecutionArguments(
            language,
            body.text(ExecutionArguments.codeName(language), limits.codeBytes()),
            body.text("stdin", limits.stdinBytes(), ""),
            body.environment("env", limits.stdinBytes()),
            network(body));
    body.refuseUnread();
    return arguments;
  }

  /** Where a new sandbox may go; null if it shall have no network. */
  static @Nullable AllowList network(JsonBody body) {
    JsonBody network = body.inner("network");
    if (network == null) {
      return null;
    }
    AllowList allow = allowList("network.allow", network.texts("allow"));
    network.refuseUnread();
    return allow;
  }

  static AllowList allowList(String field, List<String> texts) {
    try {
      return AllowList.parse(texts);
    } catch (IllegalArgumentException e) {
      throw ApiException.of(422, "network.invalid", field + e.getMessage());
    }
  }

  /** The profile of a sandbox to be made, if that language runs in it. */
  private static String profile(JsonBody body, Configuration configuration, Language language) {
    Profile profile = profile(body, configuration);
    if (!profile.languages().contains(language.word())) {
      throw ApiException.of(
          422,
          "language.unavailable",
          "sandboxes of profile " + profile.name() + " run " + profile.languages());
    }
    return profile.name();
  }

  /** The profile of a sandbox to be made. */
  static Profile profile(JsonBody body, Configuration configuration) {
    return configuration
        .sandbox()
        .profile(body.text("profile", MAX_NAME_BYTES, Profile.STANDARD))
        .orElseThrow(() -> ApiException.of(422, "profile.unknown", "there is no such profile"));
  }

  private static Mode mode(JsonBody body) {
    return switch (body.text("mode", MAX_NAME_BYTES, "context")) {
      case "context" -> Mode.CONTEXT;
      case "process" -> Mode.PROCESS;
      default -> throw ApiException.of(422, "mode.unknown", "mode must be context or process");
    };
  }

  /** Refuses values whose texts are together longer than {@code maxBytes}. */
  static Map<String, Object> bounded(Map<String, Object> value, String field, long maxBytes) {
    if (weight(value) > maxBytes) {
      throw ApiException.of(
          413, "field.too-long", field + " is longer than " + maxBytes + " bytes");
    }
    return value;
  }

  private static long weight(@Nullable Object value) {
    long weight = 8;
    if (value instanceof String text) {
      return text.length();
    } else if (value instanceof Map<?, ?> map) {
      for (Map.Entry<?, ?> entry : map.entrySet()) {
        weight += String.valueOf(entry.getKey()).length() + weight(entry.getValue());
      }
    } else if (value instanceof List<?> list) {
      for (Object item : list) {
        weight += weight(item);
      }
    }
    return weight;
  }
}
