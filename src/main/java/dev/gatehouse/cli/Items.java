package dev.gatehouse.cli;

import dev.gatehouse.action.Action;
import dev.gatehouse.action.Actor;
import dev.gatehouse.action.Role;
import java.util.Arrays;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Actions from what a command line or a file of labelled texts holds. */
final class Items {
  private static final Actor SOMEONE = new Actor("default", "cli", Role.AGENT);

  private Items() {}

  /** A text given to a tool on a real host: as {@code code} to a language, else as a command. */
  static Action action(String tool, String text) {
    String argument =
        switch (tool) {
          case "python", "javascript", "typescript", "node" -> "code";
          case "sql" -> "query";
          default -> "command";
        };
    return new Action(SOMEONE, "cli", tool, Map.of(argument, text), Map.of());
  }

  /**
   * A whole action: {@code tool}, {@code arguments}, {@code context}, {@code session}, and who
   * asks: {@code tenant}, {@code actor}, {@code role}.
   *
   * @throws IllegalArgumentException if there is no such role
   */
  static Action action(Map<String, Object> json) {
    return new Action(
        new Actor(
            text(json, "tenant", SOMEONE.tenant()),
            text(json, "actor", SOMEONE.name()),
            role(text(json, "role", SOMEONE.role().word()))),
        text(json, "session", "cli"),
        text(json, "tool"),
        map(json.get("arguments")),
        map(json.get("context")));
  }

  private static Role role(String word) {
    return Arrays.stream(Role.values())
        .filter(role -> role.word().equals(word))
        .findFirst()
        .orElseThrow(() ->
            new IllegalArgumentException(
                "no role is named '" + word + "'; one of agent, approver, operator, auditor"));
  }

  private static String text(Map<String, Object> item, String key, String fallback) {
    String text = text(item, key);
    return text.isEmpty() ? fallback : text;
  }

  static String text(Map<String, Object> item, String key) {
    return item.get(key) instanceof String text ? text : "";
  }

  @SuppressWarnings("unchecked") // an object of the JSON reader has text keys
  private static Map<String, Object> map(@Nullable Object value) {
    return value instanceof Map<?, ?> map ? (Map<String, Object>) map : Map.of();
  }
}
