package dev.gatehouse.policy;

import dev.gatehouse.action.Action;
import dev.gatehouse.action.Actor;
import dev.gatehouse.action.Outcome;
import dev.gatehouse.action.Role;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Which disguised forms of some deeds a policy flags: does not allow. */
final class Obfuscation {
  /** One form that was judged. */
  record Form(String kind, Deed deed, String text, boolean flagged) {}

  private final Policy policy;
  private final String tool;
  private final String argument;

  private Obfuscation(Policy policy, String tool, String argument) {
    this.policy = policy;
    this.tool = tool;
    this.argument = argument;
  }

  static Obfuscation ofShell(Policy policy) {
    return new Obfuscation(policy, "bash", "command");
  }

  static Obfuscation ofPython(Policy policy) {
    return new Obfuscation(policy, "python", "code");
  }

  boolean flags(String text) {
    Actor actor = new Actor("t", "a", Role.AGENT);
    Action action = new Action(actor, "s", tool, Map.of(argument, text), Map.of());
    return policy.decide(action).outcome() != Outcome.ALLOW;
  }

  /** Every disguise of every deed, by kind. */
  Map<String, List<Form>> judge(List<Deed> deeds, Disguise[] disguises) {
    Map<String, List<Form>> kinds = new LinkedHashMap<>();
    for (Disguise disguise : disguises) {
      List<Form> forms = new ArrayList<>();
      for (Deed deed : deeds) {
        for (String text : disguise.of(deed.text())) {
          forms.add(new Form(disguise.name(), deed, text, flags(text)));
        }
      }
      kinds.put(disguise.name(), forms);
    }
    return kinds;
  }

  /** The share that is flagged, from 0 to 1. */
  static double rate(List<Form> forms) {
    return forms.stream().filter(Form::flagged).count() / (double) Math.max(1, forms.size());
  }

  static List<Form> all(Map<String, List<Form>> kinds) {
    return kinds.values().stream().flatMap(List::stream).toList();
  }
}
