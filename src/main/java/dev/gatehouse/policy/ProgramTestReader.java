package dev.gatehouse.policy;

import dev.gatehouse.policy.match.Glob;
import dev.gatehouse.policy.python.PythonFact;
import dev.gatehouse.policy.shell.Nesting;
import dev.gatehouse.policy.shell.ShellFact;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.snakeyaml.engine.v2.nodes.MappingNode;
import org.snakeyaml.engine.v2.nodes.Node;

/** Reads tests of shell commands and of Python calls. */
final class ProgramTestReader {
  /** The keys of a test of a shell command. */
  static final List<String> COMMAND =
      List.of(
          "command",
          "executable",
          "flag",
          "flags",
          "value",
          "argument",
          "operand",
          "first",
          "operands",
          "line",
          "reads",
          "writes",
          "overwrites",
          "here",
          "sets",
          "under",
          "inside",
          "fact",
          "to",
          "from",
          "all",
          "any",
          "not");

  /** The keys of a test of a Python call. */
  static final List<String> CALL =
      List.of("call", "argument", "named", "first", "second", "receiver", "arguments", "fact");

  private static final List<String> CALL_KEYS = concat(CALL, List.of("all", "any", "not"));

  private final YamlReader yaml;
  private final TextTestReader texts;

  ProgramTestReader(YamlReader yaml, TextTestReader texts) {
    this.yaml = yaml;
    this.texts = texts;
  }

  /** A mapping of tests that one command must all pass; a text or list names commands. */
  CommandTest command(Node node) {
    if (!(node instanceof MappingNode)) {
      return named(yaml.texts(node, "shell"));
    }
    List<CommandTest> tests = new ArrayList<>();
    yaml.fields(node, "shell", COMMAND).forEach((key, value) -> tests.add(command(key, value)));
    if (tests.isEmpty()) {
      yaml.problem(node, "shell tests nothing", "at least one of " + COMMAND);
    }
    return tests.size() == 1 ? tests.getFirst() : new CommandTest.All(tests);
  }

  private CommandTest command(String key, Node node) {
    return switch (key) {
      case "command" -> named(yaml.texts(node, key));
      case "executable" -> new CommandTest.Path(texts.read(node, key));
      case "flag" -> new CommandTest.Flag(flags(node));
      case "flags" -> allFlags(node);
      case "value" -> value(node);
      case "argument" ->
          new CommandTest.Argument(CommandTest.Argument.Kind.ANY, texts.read(node, key));
      case "operand" ->
          new CommandTest.Argument(CommandTest.Argument.Kind.OPERAND, texts.read(node, key));
      case "first" ->
          new CommandTest.Argument(CommandTest.Argument.Kind.FIRST_OPERAND, texts.read(node, key));
      case "operands" -> operands(node);
      case "line" -> new CommandTest.Line(texts.read(node, key));
      case "reads" ->
          new CommandTest.Redirected(CommandTest.Redirected.Direction.READS, texts.read(node, key));
      case "writes" ->
          new CommandTest.Redirected(
              CommandTest.Redirected.Direction.WRITES, texts.read(node, key));
      case "overwrites" ->
          new CommandTest.Redirected(
              CommandTest.Redirected.Direction.OVERWRITES, texts.read(node, key));
      case "here" ->
          new CommandTest.Redirected(CommandTest.Redirected.Direction.HERE, texts.read(node, key));
      case "sets" -> sets(node);
      case "under" -> new CommandTest.Wrapped(new LinkedHashSet<>(yaml.texts(node, key)));
      case "inside" -> new CommandTest.Inside(words(node, key, Nesting.class));
      case "fact" -> new CommandTest.Fact(words(node, key, ShellFact.class));
      case "to" -> new CommandTest.Flows(true, command(node));
      case "from" -> new CommandTest.Flows(false, command(node));
      case "all" -> new CommandTest.All(yaml.list(node, key).stream().map(this::command).toList());
      case "any" -> new CommandTest.Any(yaml.list(node, key).stream().map(this::command).toList());
      default -> new CommandTest.Not(command(node));
    };
  }

  private static CommandTest named(List<String> names) {
    Set<String> plain = new LinkedHashSet<>();
    List<Glob> globs = new ArrayList<>();
    for (String name : names) {
      Glob glob = Glob.of(name);
      if (glob.isPlain()) {
        plain.add(name);
      } else {
        globs.add(glob);
      }
    }
    return new CommandTest.Named(plain, globs);
  }

  private List<String> flags(Node node) {
    List<String> flags = new ArrayList<>();
    for (Node item : yaml.items(node, "flag")) {
      String flag = yaml.text(item, "flag");
      if (flag.startsWith("-") || flag.isEmpty()) {
        yaml.problem(item, "flag '" + flag + "'", "the flag without its dashes");
      }
      flags.add(flag);
    }
    return flags;
  }

  private CommandTest allFlags(Node node) {
    return new CommandTest.All(
        flags(node).stream().map(f -> (CommandTest) new CommandTest.Flag(List.of(f))).toList());
  }

  private CommandTest value(Node node) {
    List<String> known = concat(List.of("flag"), TextTestReader.OPERATORS);
    Map<String, Node> fields = yaml.fields(node, "value", known);
    Node flag = fields.remove("flag");
    TextTest test = texts.read(fields, "value");
    if (flag == null) {
      yaml.problem(node, "value names no flag", "flag: NAME and a test of its value");
    }
    return new CommandTest.FlagValue(
        flag == null ? List.of() : flags(flag), test == null ? new TextTest.All(List.of()) : test);
  }

  private CommandTest operands(Node node) {
    Map<String, Node> fields = yaml.fields(node, "operands", List.of("least", "most"));
    Node least = fields.get("least");
    Node most = fields.get("most");
    if (least == null && most == null) {
      yaml.problem(node, "no bound is given", "least, most or both");
    }
    return new CommandTest.Operands(
        least == null ? 0 : yaml.count(least, "least", 0, 10_000),
        most == null ? Integer.MAX_VALUE : yaml.count(most, "most", 0, 10_000));
  }

  private CommandTest sets(Node node) {
    if (!(node instanceof MappingNode)) {
      return new CommandTest.Assigns(texts.read(node, "sets"), new TextTest.All(List.of()));
    }
    Map<String, Node> fields = yaml.fields(node, "sets", List.of("name", "to"));
    Node name = fields.get("name");
    Node to = fields.get("to");
    if (name == null) {
      yaml.problem(node, "sets names no variable", "name: VARIABLE, and to: a test of its value");
    }
    return new CommandTest.Assigns(
        name == null ? new TextTest.All(List.of()) : texts.read(name, "name"),
        to == null ? new TextTest.All(List.of()) : texts.read(to, "to"));
  }

  /** A mapping of tests that one call must all pass. */
  CallTest call(Node node) {
    if (!(node instanceof MappingNode)) {
      return calls(yaml.texts(node, "python"));
    }
    return call(yaml.fields(node, "python", CALL_KEYS), node);
  }

  private CallTest call(Map<String, Node> fields, Node node) {
    List<CallTest> tests = new ArrayList<>();
    fields.forEach((key, value) -> tests.add(call(key, value)));
    if (tests.isEmpty()) {
      yaml.problem(node, "python tests nothing", "at least one of " + CALL_KEYS);
    }
    return tests.size() == 1 ? tests.getFirst() : new CallTest.All(tests);
  }

  private CallTest call(String key, Node node) {
    return switch (key) {
      case "call" -> calls(yaml.texts(node, key));
      case "argument" -> new CallTest.Argument(null, -1, texts.read(node, key));
      case "first" -> new CallTest.Argument(null, 0, texts.read(node, key));
      case "second" -> new CallTest.Argument(null, 1, texts.read(node, key));
      case "named" -> keyword(node);
      case "receiver" -> new CallTest.Receiver(texts.read(node, key));
      case "arguments" -> arguments(node);
      case "fact" -> new CallTest.Fact(words(node, key, PythonFact.class));
      case "all" -> new CallTest.All(yaml.list(node, key).stream().map(this::call).toList());
      case "any" -> new CallTest.Any(yaml.list(node, key).stream().map(this::call).toList());
      default -> new CallTest.Not(call(node));
    };
  }

  private static CallTest calls(List<String> names) {
    Set<String> plain = new LinkedHashSet<>();
    List<Glob> globs = new ArrayList<>();
    List<String> methods = new ArrayList<>();
    for (String name : names) {
      if (name.startsWith(".") && Glob.of(name).isPlain()) {
        methods.add(name);
      } else if (Glob.of(name).isPlain()) {
        plain.add(name);
      } else {
        globs.add(Glob.of(name));
      }
    }
    return new CallTest.Named(plain, globs, methods);
  }

  private CallTest keyword(Node node) {
    List<String> known = concat(List.of("name", "position"), TextTestReader.OPERATORS);
    Map<String, Node> fields = yaml.fields(node, "named", known);
    Node name = fields.remove("name");
    Node position = fields.remove("position");
    TextTest test = texts.read(fields, "named");
    if (name == null && position == null) {
      yaml.problem(node, "named gives no name", "name: KEYWORD, or position: N from 0");
    }
    return new CallTest.Argument(
        name == null ? null : yaml.text(name, "name"),
        position == null ? -1 : yaml.count(position, "position", 0, 255),
        test == null ? new TextTest.All(List.of()) : test);
  }

  private CallTest arguments(Node node) {
    Map<String, Node> fields = yaml.fields(node, "arguments", List.of("least", "most"));
    Node least = fields.get("least");
    Node most = fields.get("most");
    if (least == null && most == null) {
      yaml.problem(node, "no bound is given", "least, most or both");
    }
    return new CallTest.Count(
        least == null ? 0 : yaml.count(least, "least", 0, 255),
        most == null ? Integer.MAX_VALUE : yaml.count(most, "most", 0, 255));
  }

  <E extends Enum<E>> Set<E> words(Node node, String what, Class<E> type) {
    Set<E> words = new LinkedHashSet<>();
    for (Node item : yaml.items(node, what)) {
      words.add(yaml.word(item, what, type, type.getEnumConstants()[0]));
    }
    return words;
  }

  static List<String> concat(Collection<String> some, Collection<String> more) {
    List<String> all = new ArrayList<>(some);
    all.addAll(more);
    return all;
  }
}
