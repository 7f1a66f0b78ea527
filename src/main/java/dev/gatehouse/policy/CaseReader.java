package dev.gatehouse.policy;

import dev.gatehouse.action.Action;
import dev.gatehouse.action.Actor;
import dev.gatehouse.action.Outcome;
import dev.gatehouse.action.Risk;
import dev.gatehouse.action.Role;
import dev.gatehouse.policy.match.Glob;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.snakeyaml.engine.v2.nodes.MappingNode;
import org.snakeyaml.engine.v2.nodes.Node;
import org.snakeyaml.engine.v2.nodes.NodeTuple;

/** Reads a policy's own tests. */
final class CaseReader {
  private static final List<String> ACTION =
      List.of("tool", "arguments", "context", "session", "tenant", "actor", "role", "times", "at");
  private static final List<String> KEYS = ProgramTestReader.concat(ACTION, List.of("expect"));

  private final YamlReader yaml;
  private final List<ReadAs> reads;

  /**
   * A reader.
   *
   * @param reads says which argument a test is meant for that gives just a text
   */
  CaseReader(YamlReader yaml, List<ReadAs> reads) {
    this.yaml = yaml;
    this.reads = reads;
  }

  /** The tests that stand in a rule: texts or actions that it must match, or must pass. */
  void ofRule(Node node, Rule rule, List<PolicyCase> into) {
    Map<String, Node> fields = yaml.fields(node, "tests", List.of("match", "pass"));
    fields.forEach((key, list) -> {
      for (Node item : yaml.list(list, key)) {
        Action action = action(item, rule.tools());
        into.add(
            new PolicyCase(
                yaml.source(item),
                action,
                null,
                null,
                rule.id(),
                key.equals("match"),
                times(item),
                atMillis(item)));
      }
    });
  }

  /** A test with what is expected. */
  PolicyCase ofFile(Node node) {
    Map<String, Node> fields = yaml.fields(node, "a test", KEYS);
    Node expect = fields.get("expect");
    if (expect == null) {
      yaml.problem(node, "a test that expects nothing", "expect: {decision: .., rule: ..}");
      return new PolicyCase(
          yaml.source(node), action(fields, node, List.of()), null, null, null, true, 1, null);
    }
    Map<String, Node> wanted =
        yaml.fields(expect, "expect", List.of("decision", "risk", "rule", "not-rule"));
    Node decision = wanted.get("decision");
    Node risk = wanted.get("risk");
    Node rule = wanted.getOrDefault("rule", wanted.get("not-rule"));
    if (wanted.isEmpty() || (wanted.containsKey("rule") && wanted.containsKey("not-rule"))) {
      yaml.problem(expect, "expect tells nothing, or of two rules", "decision, risk, and one rule");
    }
    return new PolicyCase(
        yaml.source(node),
        action(fields, node, List.of()),
        decision == null ? null : yaml.word(decision, "decision", Outcome.class, Outcome.ASK),
        risk == null ? null : yaml.word(risk, "risk", Risk.class, Risk.LOW),
        rule == null ? null : yaml.text(rule, "rule"),
        wanted.containsKey("rule"),
        times(node),
        atMillis(node));
  }

  private Action action(Node node, List<Glob> tools) {
    return node instanceof MappingNode
        ? action(yaml.fields(node, "a test", ACTION), node, tools)
        : action(Map.of("text", node), node, tools);
  }

  private Action action(Map<String, Node> fields, Node node, List<Glob> tools) {
    Node toolNode = fields.get("tool");
    String tool =
        toolNode != null
            ? yaml.text(toolNode, "tool")
            : tools.stream().filter(Glob::isPlain).map(Glob::pattern).findFirst().orElse("");
    if (tool.isEmpty()) {
      yaml.problem(node, "a test without tool", "tool: NAME");
    }
    Node session = fields.get("session");
    Node text = fields.get("text");
    return new Action(
        new Actor(
            text(fields.get("tenant"), "t"), text(fields.get("actor"), "agent"), role(fields)),
        session == null ? "test" : yaml.text(session, "session"),
        tool,
        text == null ? map(fields, "arguments") : main(text, tool),
        map(fields, "context"));
  }

  private int times(Node node) {
    Node times = beside(node, "times");
    return times == null ? 1 : yaml.count(times, "times", 1, RateCondition.MOST + 1);
  }

  private @Nullable Long atMillis(Node node) {
    Node at = beside(node, "at");
    return at == null ? null : yaml.timeMillis(at, "at", 0);
  }

  private @Nullable Node beside(Node node, String key) {
    if (node instanceof MappingNode mapping) {
      for (NodeTuple tuple : mapping.getValue()) {
        if (yaml.text(tuple.getKeyNode(), "a key").equals(key)) {
          return tuple.getValueNode();
        }
      }
    }
    return null;
  }

  private Role role(Map<String, Node> fields) {
    Node role = fields.get("role");
    return role == null ? Role.AGENT : yaml.word(role, "role", Role.class, Role.AGENT);
  }

  private String text(@Nullable Node node, String fallback) {
    return node == null ? fallback : yaml.text(node, "a name");
  }

  private Map<String, Object> main(Node node, String tool) {
    for (ReadAs read : reads) {
      String argument = read.argument().single();
      if (argument != null && read.appliesTo(tool)) {
        return Map.of(argument, yaml.text(node, "a test"));
      }
    }
    yaml.problem(
        node, "a test with just a text for tool '" + tool + "'", "arguments: {NAME: the text}");
    return Map.of();
  }

  private Map<String, Object> map(Map<String, Node> fields, String key) {
    Node node = fields.get(key);
    return node == null ? Map.of() : yaml.map(node, key);
  }
}
