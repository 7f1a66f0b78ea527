package dev.gatehouse.policy;

import dev.gatehouse.action.ApprovalTerms;
import dev.gatehouse.action.Outcome;
import dev.gatehouse.action.Risk;
import dev.gatehouse.policy.match.SearchPattern;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.snakeyaml.engine.v2.nodes.MappingNode;
import org.snakeyaml.engine.v2.nodes.Node;

/**
 * Turns the files of one policy into a {@link Policy}, or says everything that is wrong with them.
 * Files are read in the order of their names; what is named in one may be used in all that follow.
 */
final class PolicyCompiler {
  static final List<String> KEYS =
      List.of(
          "policy",
          "description",
          "tier",
          "groups",
          "tools",
          "defaults",
          "approval",
          "reads",
          "texts",
          "conditions",
          "exceptions",
          "rules",
          "tests");

  private final List<PolicyProblem> problems = new ArrayList<>();
  private final Map<String, TextTest> texts = new LinkedHashMap<>();
  private final Map<String, SearchPattern> patterns = new HashMap<>();
  private final Map<String, Source> patternSources = new HashMap<>();
  private final Map<String, Condition> conditions = new LinkedHashMap<>();
  private final Map<String, Rule.Lift> lifts = new LinkedHashMap<>();
  private final Map<String, List<String>> groups = new LinkedHashMap<>();
  private final List<ReadAs> reads = new ArrayList<>();
  private final Map<String, Rule> rules = new LinkedHashMap<>();
  private final List<PolicyCase> cases = new ArrayList<>();
  private final List<Runnable> later = new ArrayList<>();

  private final UsualTerms usualTerms = new UsualTerms();
  private @Nullable Defaults defaults;
  private boolean hasApproval;

  /**
   * What an action gets that no rule is about.
   *
   * @param usualTerms on which persons are asked where no rule says it
   */
  record Defaults(Outcome outcome, Risk risk, ApprovalTerms terms, UsualTerms usualTerms) {
    static Defaults of(UsualTerms usualTerms) {
      return new Defaults(Outcome.ASK, Risk.MEDIUM, usualTerms.of(Risk.MEDIUM), usualTerms);
    }
  }

  private PolicyCompiler() {}

  /**
   * Compiles.
   *
   * @param files text of the files by name
   * @param rates where the policy counts
   * @throws PolicyException with all problems; the policy's own tests are not run here
   */
  static Policy compile(Map<String, String> files, InstantSource clock, Rates rates)
      throws PolicyException {
    return new PolicyCompiler().run(new TreeMap<>(files), clock, rates);
  }

  private Policy run(SortedMap<String, String> files, InstantSource clock, Rates rates)
      throws PolicyException {
    if (files.isEmpty()) {
      problems.add(new PolicyProblem("policies", 1, 1, "no policy file", "a file NAME.yaml"));
    }
    files.forEach(this::file);
    later.forEach(Runnable::run);
    if (problems.isEmpty() && rules.isEmpty()) {
      problems.add(new PolicyProblem(files.firstKey(), 1, 1, "no rule", "at least one rule"));
    }
    for (PolicyCase test : cases) {
      if (test.rule() != null && !rules.containsKey(test.rule())) {
        problems.add(
            problem(test.source(), "no rule is named '" + test.rule() + "'", "a rule's id"));
      }
    }
    if (!problems.isEmpty()) {
      throw new PolicyException(sorted(problems));
    }
    return new Policy(
        PolicyDigest.of(files),
        List.copyOf(rules.values()),
        List.copyOf(reads),
        defaults == null ? Defaults.of(usualTerms) : defaults,
        List.copyOf(cases),
        Map.copyOf(patternSources),
        clock,
        rates);
  }

  static List<PolicyProblem> sorted(List<PolicyProblem> problems) {
    return problems.stream()
        .sorted(
            Comparator.comparing(PolicyProblem::file)
                .thenComparingInt(PolicyProblem::line)
                .thenComparingInt(PolicyProblem::column))
        .toList();
  }

  static PolicyProblem problem(Source source, String found, String expected) {
    return new PolicyProblem(source.file(), source.line(), source.column(), found, expected);
  }

  private void file(String name, String text) {
    YamlReader yaml = new YamlReader(name, problems, groups);
    Node root = yaml.root(text);
    if (root == null) {
      return;
    }
    Map<String, Node> fields = yaml.fields(root, "a policy file", KEYS);
    TextTestReader textReader = new TextTestReader(yaml, texts, patterns, patternSources);
    ConditionReader reader = new ConditionReader(yaml, textReader, conditions);
    text(yaml, fields, "policy");
    text(yaml, fields, "description");
    Node tierNode = fields.get("tier");
    Tier tier =
        tierNode == null ? Tier.PROJECT : yaml.word(tierNode, "tier", Tier.class, Tier.PROJECT);
    Node toolsNode = fields.get("tools");
    named(yaml, fields.get("groups"), "groups", groups, (key, n) -> groups.put(key, yaml.tools(n)));
    List<String> tools = toolsNode == null ? List.of() : yaml.tools(toolsNode);
    named(
        yaml,
        fields.get("texts"),
        "texts",
        texts,
        (key, n) -> texts.put(key, textReader.read(n, key)));
    named(
        yaml,
        fields.get("conditions"),
        "conditions",
        conditions,
        (key, n) -> conditions.put(key, reader.read(n)));
    named(
        yaml,
        fields.get("exceptions"),
        "exceptions",
        lifts,
        (key, n) -> lift(yaml, reader, tier, key, n));
    each(yaml, fields, "reads", node -> reads(yaml, reader, tools, node));
    RuleReader ruleReader = new RuleReader(yaml, reader, tier, tools, lifts, usualTerms);
    Node approval = fields.get("approval");
    if (approval != null) {
      approval(yaml, approval, ruleReader);
    }
    later.add(() -> {
      Node defaultsNode = fields.get("defaults");
      if (defaultsNode != null) {
        defaults(yaml, defaultsNode, ruleReader);
      }
      CaseReader caseReader = new CaseReader(yaml, reads);
      each(yaml, fields, "rules", node -> rule(yaml, ruleReader, caseReader, node));
      each(yaml, fields, "tests", node -> cases.add(caseReader.ofFile(node)));
    });
  }

  private static void each(
      YamlReader yaml, Map<String, Node> fields, String key, Consumer<Node> use) {
    Node list = fields.get(key);
    if (list != null) {
      yaml.list(list, key).forEach(use);
    }
  }

  /** Something told to people only: looked at for its form. */
  private static void text(YamlReader yaml, Map<String, Node> fields, String key) {
    Node node = fields.get(key);
    if (node != null) {
      yaml.text(node, key);
    }
  }

  private static void named(
      YamlReader yaml,
      @Nullable Node node,
      String what,
      Map<String, ?> known,
      BiConsumer<String, Node> use) {
    if (node == null) {
      return;
    }
    yaml.fields(node, what, List.of())
        .forEach((key, value) -> {
          if (known.containsKey(key)) {
            yaml.problem(value, "'" + key + "' is named twice", "one meaning for each name");
          }
          use.accept(key, value);
        });
  }

  private void lift(
      YamlReader yaml, ConditionReader reader, Tier fileTier, String name, Node node) {
    Map<String, Node> fields = yaml.fields(node, "an exception", List.of("tier", "text", "when"));
    Node tierNode = fields.get("tier");
    Node when = fields.get("when");
    text(yaml, fields, "text");
    Tier tier = tierNode == null ? fileTier : yaml.word(tierNode, "tier", Tier.class, fileTier);
    if (when == null) {
      yaml.problem(node, "exception '" + name + "' without when", "when: a condition");
      return;
    }
    Condition condition = reader.read(when);
    lifts.put(name, new Rule.Lift(yaml.source(node), name, tier, condition));
    if (condition.plain().anyMatch(Condition::readsAnnotations)) {
      yaml.problem(
          node,
          "exception '" + name + "' relies on MCP annotations",
          "something the tool cannot claim of itself: annotations may only raise risk");
    }
  }

  private void reads(YamlReader yaml, ConditionReader reader, List<String> fileTools, Node node) {
    Map<String, Node> fields =
        yaml.fields(
            node, "reads", List.of("tools", "argument", "as", "args", "stdin", "env", "cwd"));
    Node tools = fields.get("tools");
    Node argument = fields.get("argument");
    Node as = fields.get("as");
    if (argument == null || as == null) {
      yaml.problem(node, "an incomplete entry of reads", "tools, argument and as");
      return;
    }
    ArgumentPath path = reader.path(argument, yaml.text(argument, "argument"));
    String language = null;
    ArgumentPath languageArgument = null;
    if (as instanceof MappingNode) {
      Node from = yaml.fields(as, "as", List.of("argument")).get("argument");
      languageArgument = from == null ? null : reader.path(from, yaml.text(from, "argument"));
      if (from == null) {
        yaml.problem(as, "as names no argument", "argument: the one that names the language");
      }
    } else {
      language = yaml.text(as, "as");
      if (!ReadAs.isLanguage(language)) {
        yaml.problem(
            as,
            "unknown language '" + language + "'",
            "shell, or one of " + ReadAs.LANGUAGES.keySet());
      }
    }
    List<String> names = tools == null ? fileTools : yaml.tools(tools);
    RunWith beside =
        new RunWith(
            path(yaml, reader, fields, "args"),
            path(yaml, reader, fields, "stdin"),
            path(yaml, reader, fields, "env"),
            paths(yaml, reader, fields.get("cwd")));
    reads.add(new ReadAs(TextTestReader.globs(names), path, language, languageArgument, beside));
  }

  private static List<ArgumentPath> paths(
      YamlReader yaml, ConditionReader reader, @Nullable Node node) {
    return node == null
        ? List.of()
        : yaml.texts(node, "cwd").stream().map(text -> reader.path(node, text)).toList();
  }

  private static @Nullable ArgumentPath path(
      YamlReader yaml, ConditionReader reader, Map<String, Node> fields, String key) {
    Node node = fields.get(key);
    return node == null ? null : reader.path(node, yaml.text(node, key));
  }

  private void approval(YamlReader yaml, Node node, RuleReader reader) {
    if (hasApproval) {
      yaml.problem(node, "approval is given twice", "approval in one file only");
    }
    hasApproval = true;
    List<String> risks = Arrays.stream(Risk.values()).map(YamlReader::wordOf).toList();
    Map<String, Node> fields = yaml.fields(node, "approval", risks);
    for (Risk risk : Risk.values()) {
      Node terms = fields.get(YamlReader.wordOf(risk));
      if (terms != null) {
        usualTerms.put(risk, reader.terms(terms, risk));
      }
    }
  }

  private void defaults(YamlReader yaml, Node node, RuleReader reader) {
    if (defaults != null) {
      yaml.problem(node, "defaults are given twice", "defaults in one file only");
    }
    Map<String, Node> fields =
        yaml.fields(node, "defaults", List.of("decision", "risk", "approval"));
    Node decision = fields.get("decision");
    Node riskNode = fields.get("risk");
    Node approval = fields.get("approval");
    Outcome outcome =
        decision == null
            ? Outcome.ASK
            : yaml.word(decision, "decision", Outcome.class, Outcome.ASK);
    if (outcome == Outcome.ALLOW && decision != null) {
      yaml.problem(decision, "what no rule is about would be allowed", "ask or deny");
    }
    Risk risk = riskNode == null ? Risk.MEDIUM : yaml.word(riskNode, "risk", Risk.class, Risk.HIGH);
    defaults =
        new Defaults(
            outcome,
            risk,
            approval == null ? usualTerms.of(risk) : reader.terms(approval, risk),
            usualTerms);
  }

  private void rule(YamlReader yaml, RuleReader reader, CaseReader caseReader, Node node) {
    Rule rule = reader.read(node);
    Rule other = rules.putIfAbsent(rule.id(), rule);
    if (other != null) {
      yaml.problem(
          node,
          "rule '"
              + rule.id()
              + "' stands also in "
              + other.source().file()
              + ":"
              + other.source().line(),
          "an id of its own");
    }
    Node tests = yaml.fields(node, "a rule", List.of()).get("tests");
    if (tests != null) {
      caseReader.ofRule(tests, rule, cases);
    }
  }
}
