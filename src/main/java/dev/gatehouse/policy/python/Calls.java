package dev.gatehouse.policy.python;

import dev.gatehouse.policy.python.PythonValue.Kind;
import dev.gatehouse.policy.text.Encodings;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Tells of calls, follows what they run, and computes what they return. */
final class Calls {
  private static final int MAX_CHOICES = 8;

  private final Program program;
  private final PythonDraft draft;

  Calls(Program program) {
    this.program = program;
    this.draft = program.draft;
  }

  /** Whether a function only prints or records what it is given. */
  static boolean prints(String name) {
    return switch (name) {
      case "print",
          "input",
          "warnings.warn",
          "pprint.pprint",
          "sys.stdout.write",
          "sys.stderr.write" ->
          true;
      default ->
          name.startsWith("logging.")
              || name.startsWith("logger.")
              || name.startsWith("log.")
              || name.endsWith("Error")
              || name.endsWith("Exception")
              || name.endsWith("Warning");
    };
  }

  String nameOf(PythonValue callee) {
    return switch (callee.kind()) {
      case NAME -> callee.text();
      case OBJECT -> callee.type();
      case UNKNOWN ->
          Values.isChoice(callee) && callee.items().get(0).kind() == Kind.NAME
              ? callee.items().get(0).text()
              : "";
      default -> "";
    };
  }

  /** A call from start to the token in front of {@code endToken}. */
  PythonValue call(
      String name, PythonValue receiver, List<PythonArgument> arguments, int start, int endToken) {
    int spanStart = program.spanStart(start);
    int spanEnd =
        Math.max(spanStart, program.spanEnd(program.tokens.end(Math.max(0, endToken - 1))));
    if (Values.isChoice(receiver)) {
      PythonValue last = PythonValue.UNKNOWN;
      for (PythonValue one : receiver.items()) {
        last = call(renamed(name, one), one, arguments, spanStart, spanEnd, MAX_CHOICES);
      }
      return last;
    }
    PythonValue object = receiver.kind() == Kind.NAME ? PythonValue.UNKNOWN : receiver;
    return call(name, object, arguments, spanStart, spanEnd, MAX_CHOICES);
  }

  private static String renamed(String name, PythonValue receiver) {
    String attribute = name.substring(name.lastIndexOf('.') + 1);
    return switch (receiver.kind()) {
      case OBJECT -> receiver.type() + "." + attribute;
      case NAME -> receiver.text() + "." + attribute;
      default -> name;
    };
  }

  private PythonValue call(
      String name,
      PythonValue receiver,
      List<PythonArgument> arguments,
      int spanStart,
      int spanEnd,
      int choices) {
    for (int i = 0; i < arguments.size() && choices > 0; i++) {
      PythonArgument argument = arguments.get(i);
      if (Values.isChoice(argument.value())) {
        List<PythonValue> results = new ArrayList<>();
        for (PythonValue one : argument.value().items()) {
          List<PythonArgument> chosen = new ArrayList<>(arguments);
          chosen.set(
              i, new PythonArgument(argument.keyword(), one, argument.start(), argument.end()));
          results.add(
              call(
                  name,
                  receiver,
                  chosen,
                  spanStart,
                  spanEnd,
                  choices / argument.value().items().size()));
        }
        return Values.choice(results);
      }
    }
    return one(name, receiver, arguments, spanStart, spanEnd);
  }

  private PythonValue one(
      String name,
      PythonValue receiver,
      List<PythonArgument> arguments,
      int spanStart,
      int spanEnd) {
    if (draft.full()) {
      return PythonValue.UNKNOWN;
    }
    EnumSet<PythonFact> facts = null;
    if (program.layer > 0) {
      facts = add(facts, PythonFact.NESTED_PROGRAM);
    }
    int index = draft.calls.size();
    PythonCall call =
        new PythonCall(
            name,
            receiver,
            List.copyOf(arguments),
            program.scope.function,
            program.layer,
            Set.of(),
            spanStart,
            spanEnd);
    draft.calls.add(call);
    facts = unpickles(name, facts);
    PythonValue result;
    if (name.startsWith("<local>.")) {
      result = local(name.substring(8), name, call, index);
    } else {
      ShellTexts.find(draft, call, index);
      result = special(name, receiver, call, index);
      facts = merged(facts, pending);
      pending = null;
    }
    if (facts != null) {
      draft.facts.addAll(facts);
      draft.calls.set(
          index,
          new PythonCall(
              name,
              receiver,
              call.arguments(),
              call.function(),
              call.layer(),
              Set.copyOf(facts),
              spanStart,
              spanEnd));
    }
    return result;
  }

  private @Nullable EnumSet<PythonFact> pending;

  private static EnumSet<PythonFact> add(@Nullable EnumSet<PythonFact> facts, PythonFact fact) {
    EnumSet<PythonFact> set = facts == null ? EnumSet.noneOf(PythonFact.class) : facts;
    set.add(fact);
    return set;
  }

  private static @Nullable EnumSet<PythonFact> merged(
      @Nullable EnumSet<PythonFact> facts, @Nullable EnumSet<PythonFact> more) {
    if (facts == null || more == null) {
      return facts == null ? more : facts;
    }
    facts.addAll(more);
    return facts;
  }

  private static @Nullable EnumSet<PythonFact> unpickles(
      String name, @Nullable EnumSet<PythonFact> facts) {
    return switch (name) {
      case "pickle.loads",
          "pickle.load",
          "marshal.loads",
          "marshal.load",
          "dill.loads",
          "shelve.open",
          "jsonpickle.decode",
          "cloudpickle.loads" ->
          add(facts, PythonFact.UNPICKLES);
      default -> facts;
    };
  }

  private PythonValue local(String function, String name, PythonCall call, int index) {
    String simple = function.substring(function.lastIndexOf('.') + 1);
    Program.Function body = program.functions.get(simple);
    if (body == null) {
      return Values.object(name, "", index);
    }
    if (program.scope.function.equals(simple)) {
      return PythonValue.UNKNOWN;
    }
    boolean telling = false;
    List<PythonValue> values = new ArrayList<>();
    List<String> keywords = new ArrayList<>();
    for (PythonArgument argument : call.arguments()) {
      values.add(argument.value());
      keywords.add(argument.keyword());
      telling |= tells(argument.value());
    }
    if (telling && body.bodyEnd() > body.bodyStart()) {
      return program.run(body, values, keywords);
    }
    PythonValue returned = body.definition().returned;
    return returned == null ? PythonValue.UNKNOWN : returned;
  }

  /** Whether it is worth reading a function again to see what it does with this argument. */
  private static boolean tells(PythonValue value) {
    return switch (value.kind()) {
      case STRING, BYTES -> true;
      case SEQUENCE, MAPPING -> !value.items().isEmpty();
      case NAME -> value.text().indexOf('.') > 0;
      case OBJECT -> !value.text().isEmpty();
      case UNKNOWN -> Values.isChoice(value);
      case NUMBER, BOOLEAN, NONE -> false;
    };
  }

  /** A line that IPython hands to the shell. */
  void shellLine(String line, int start, int end) {
    PythonArgument argument = new PythonArgument("", PythonValue.string(line), start, end);
    call("os.system", PythonValue.UNKNOWN, List.of(argument), start, end, 0);
  }

  /** {@code value[key]}. */
  PythonValue item(PythonValue value, PythonValue key) {
    long index = Values.number(key);
    if (value.kind() == Kind.SEQUENCE && index != Long.MIN_VALUE) {
      long at = index < 0 ? value.items().size() + index : index;
      return at >= 0 && at < value.items().size()
          ? value.items().get((int) at)
          : PythonValue.UNKNOWN;
    }
    if (value.isKnownText() && index != Long.MIN_VALUE) {
      long at = index < 0 ? value.text().length() + index : index;
      return at < 0 || at >= value.text().length()
          ? PythonValue.UNKNOWN
          : value.kind() == Kind.BYTES
              ? Values.number(value.text().charAt((int) at))
              : Values.of(value.kind(), value.text().substring((int) at, (int) at + 1));
    }
    if (value.kind() == Kind.MAPPING && (key.isKnownText() || key.kind() == Kind.NUMBER)) {
      return Computed.lookup(value, key.text());
    }
    boolean names =
        (value.kind() == Kind.OBJECT
                && (value.type().equals("globals") || value.type().equals("__dict__")))
            || (value.kind() == Kind.NAME
                && (value.text().equals("sys.modules") || value.text().equals("__builtins__")));
    if (names) {
      return named(value, key);
    }
    if (value.kind() == Kind.NAME) {
      return Values.object(value.text(), "", -1);
    }
    return PythonValue.UNKNOWN;
  }

  private PythonValue named(PythonValue container, PythonValue key) {
    if (!key.isKnownText()) {
      draft.facts.add(PythonFact.UNRESOLVED_NAME);
      return PythonValue.UNKNOWN;
    }
    draft.facts.add(PythonFact.DYNAMIC_NAME);
    String name = key.text();
    boolean ofObject = container.type().equals("__dict__") && !container.text().isEmpty();
    if (ofObject) {
      return Values.name(Names.canonical(container.text() + "." + name));
    }
    PythonValue known = program.scope.get(name);
    return known != null ? known : Values.name(name);
  }

  private PythonValue special(String name, PythonValue receiver, PythonCall call, int index) {
    PythonValue first = call.positional(0);
    PythonValue second = call.positional(1);
    switch (name) {
      case "getattr", "operator.attrgetter" -> {
        return attribute(first, second);
      }
      case "__import__",
          "importlib.import_module",
          "importlib.__import__",
          "imp.load_module",
          "importlib.reload" -> {
        return imported(call, first);
      }
      case "globals", "locals" -> {
        return Values.object("globals", "", index);
      }
      case "vars" -> {
        return first == null
            ? Values.object("globals", "", index)
            : Values.object("__dict__", first.text(), index);
      }
      case "eval", "exec", "execfile", "builtins.exec", "runpy.run_string", "code.interact" -> {
        return runs(name, first, call);
      }
      case "compile" -> {
        return first == null ? PythonValue.UNKNOWN : first;
      }
      case "timeit.timeit" -> {
        return first != null && first.isText() ? runs(name, first, call) : PythonValue.UNKNOWN;
      }
      default -> {}
    }
    indirect(call);
    PythonValue computed = function(name, receiver, call, first, second);
    if (computed != null) {
      return computed;
    }
    return Values.object(name, text(name, receiver, first), index);
  }

  /** The text that an object is made from: the path of a file or a path object. */
  private static String text(String name, PythonValue receiver, @Nullable PythonValue first) {
    if (name.startsWith("pathlib.Path.") || name.startsWith("pathlib.PosixPath.")) {
      return receiver.text();
    }
    return first != null && first.isText() ? first.text() : "";
  }

  private PythonValue attribute(@Nullable PythonValue object, @Nullable PythonValue name) {
    if (object == null || name == null || !name.isKnownText()) {
      pending = add(pending, PythonFact.UNRESOLVED_NAME);
      return PythonValue.UNKNOWN;
    }
    pending = add(pending, PythonFact.DYNAMIC_NAME);
    String text = name.text();
    return switch (object.kind()) {
      case NAME ->
          object.text().equals("__builtins__")
              ? Values.name(text)
              : Values.name(Names.canonical(object.text() + "." + text));
      case OBJECT -> Values.name(object.type() + "." + text);
      default -> Values.name("." + text);
    };
  }

  private PythonValue imported(PythonCall call, @Nullable PythonValue module) {
    pending = add(pending, PythonFact.DYNAMIC_IMPORT);
    if (module == null || !module.isKnownText()) {
      pending = add(pending, PythonFact.UNRESOLVED_NAME);
      return PythonValue.UNKNOWN;
    }
    String name = module.text();
    draft.imports.add(new PythonImport(name, "", "", true, call.start(), call.end()));
    boolean top = call.name().equals("__import__") && name.indexOf('.') > 0;
    String bound = top ? name.substring(0, name.indexOf('.')) : name;
    return Values.name(
        bound.equals("builtins") || bound.equals("__builtin__") ? "__builtins__" : bound);
  }

  private PythonValue runs(String name, @Nullable PythonValue code, PythonCall call) {
    if (code == null || !code.isText() || code.text().equals(Values.HOLE)) {
      pending = add(pending, PythonFact.UNKNOWN_PROGRAM);
      return PythonValue.UNKNOWN;
    }
    String text = code.text();
    if (text.indexOf(PythonValue.HOLE) >= 0) {
      pending = add(pending, PythonFact.UNKNOWN_PROGRAM);
    }
    if (program.layer >= PythonDraft.MAX_LAYERS
        || !draft.charge(text.length() * 2L)
        || !draft.enter()) {
      draft.facts.add(PythonFact.LIMIT_REACHED);
      return PythonValue.UNKNOWN;
    }
    EnumSet<PythonFact> before = pending;
    pending = null;
    int start = call.arguments().get(0).start();
    int end = Math.max(start, call.arguments().get(0).end());
    Program inner =
        new Program(
            draft,
            name.equals("eval") ? text.strip() : text,
            locate(text, start, end),
            start,
            end,
            program.layer + 1,
            program.scope,
            program.functions);
    PythonValue value = inner.statements();
    pending = before;
    draft.leave();
    return name.equals("eval") ? value : Values.of(Kind.NONE, "None");
  }

  private int locate(String text, int start, int end) {
    for (int at = start; at <= start + 5 && at + text.length() <= end; at++) {
      if (draft.text.startsWith(text, at)) {
        return at;
      }
    }
    return -1;
  }

  /**
   * A function that is given as an argument to one that calls it: {@code map}, {@code
   * Thread(target=..)}, {@code partial}.
   */
  private void indirect(PythonCall call) {
    PythonValue target = call.keyword("target");
    PythonValue arguments = call.keyword("args");
    String attribute = call.attribute();
    int from = 1;
    if (target == null) {
      switch (attribute) {
        case "map",
            "filter",
            "submit",
            "apply",
            "apply_async",
            "partial",
            "starmap",
            "to_thread",
            "register",
            "call_soon",
            "start_new_thread",
            "run_sync" ->
            target = call.positional(0);
        case "Timer", "run_in_executor", "call_later" -> {
          target = call.positional(1);
          from = 2;
        }
        default -> {}
      }
    }
    if (target == null || target.kind() != Kind.NAME || target.text().startsWith("<local>")) {
      return;
    }
    List<PythonArgument> given = new ArrayList<>();
    boolean each = attribute.equals("map") || attribute.equals("filter");
    if (arguments != null) {
      List<PythonValue> items = Computed.items(arguments);
      for (PythonValue item : items == null ? List.of(PythonValue.UNKNOWN) : items) {
        given.add(new PythonArgument("", item, call.start(), call.end()));
      }
    } else {
      for (int i = from; i < call.arguments().size(); i++) {
        given.add(call.arguments().get(i));
      }
    }
    if (each && given.size() == 1) {
      List<PythonValue> items = Computed.items(given.get(0).value());
      if (items != null && items.size() <= 16 && !isPure(target.text())) {
        for (PythonValue item : items) {
          PythonArgument argument = new PythonArgument("", item, call.start(), call.end());
          one(target.text(), PythonValue.UNKNOWN, List.of(argument), call.start(), call.end());
        }
        return;
      }
    }
    if (!isPure(target.text())) {
      one(target.text(), PythonValue.UNKNOWN, given, call.start(), call.end());
    }
  }

  private static boolean isPure(String name) {
    return switch (name) {
      case "chr",
          "ord",
          "str",
          "int",
          "float",
          "len",
          "bool",
          "hex",
          "list",
          "tuple",
          "map",
          "partial",
          "filter",
          "repr" ->
          true;
      default -> name.startsWith("str.") || name.startsWith("functools.");
    };
  }

  /**
   * What functions return that depends on nothing but their arguments; null if it cannot be
   * computed.
   */
  private @Nullable PythonValue function(
      String name,
      PythonValue receiver,
      PythonCall call,
      @Nullable PythonValue first,
      @Nullable PythonValue second) {
    if (receiver.isText()) {
      return Computed.method(draft, receiver, call.attribute(), call);
    }
    if (first == null) {
      return switch (name) {
        case "os.getcwd" -> PythonValue.string(".");
        case "pathlib.Path.home" -> Values.object("pathlib.Path", "~", -1);
        case "str" -> PythonValue.string("");
        case "list", "tuple" -> Values.sequence(List.of());
        default ->
            name.startsWith("pathlib.Path.") && isSame(call.attribute())
                ? Values.object("pathlib.Path", receiver.text(), receiver.call())
                : null;
      };
    }
    String text = first.isText() ? first.text() : "";
    return switch (name) {
      case "str", "bytes", "bytearray", "unicode", "repr", "os.fspath", "bytearray.decode" ->
          converted(first);
      case "chr", "unichr" -> character(first);
      case "ord" ->
          first.isKnownText() && text.length() == 1
              ? Values.number(text.charAt(0))
              : PythonValue.UNKNOWN;
      case "int" -> integer(first, second);
      case "list", "tuple", "iter", "set" -> sequence(first);
      case "reversed" -> reversed(first);
      case "map" -> mapped(first, second);
      case "os.path.join" -> joinedPath(call);
      case "os.path.expanduser",
          "os.path.abspath",
          "os.path.realpath",
          "os.path.normpath",
          "os.path.expandvars",
          "shlex.quote",
          "pipes.quote",
          "textwrap.dedent",
          "sys.intern" ->
          first;
      case "shlex.split" ->
          first.isText()
              ? Computed.method(
                  draft,
                  first,
                  "split",
                  new PythonCall("", first, List.of(), "", 0, Set.of(), 0, 0))
              : PythonValue.UNKNOWN;
      case "shlex.join" -> Computed.method(draft, PythonValue.string(" "), "join", call);
      case "str.join", "bytes.join" ->
          first.isText() && second != null
              ? Computed.method(
                  draft,
                  first,
                  "join",
                  new PythonCall(
                      "",
                      first,
                      List.of(new PythonArgument("", second, 0, 0)),
                      "",
                      0,
                      Set.of(),
                      0,
                      0))
              : PythonValue.UNKNOWN;
      case "base64.b64decode",
          "base64.standard_b64decode",
          "base64.urlsafe_b64decode",
          "base64.decodebytes",
          "base64.decodestring",
          "binascii.a2b_base64" ->
          first.isKnownText() ? Computed.decoded(draft, Encodings.base64(text)) : hole();
      case "base64.b32decode" ->
          first.isKnownText() ? Computed.decoded(draft, Encodings.base32(text)) : hole();
      case "base64.b16decode",
          "binascii.unhexlify",
          "binascii.a2b_hex",
          "bytes.fromhex",
          "bytearray.fromhex" ->
          first.isKnownText() ? Computed.decoded(draft, Encodings.hex(text)) : hole();
      case "zlib.decompress" ->
          first.isKnownText() ? Computed.decoded(draft, Computed.inflate(text)) : hole();
      case "codecs.decode", "codecs.encode" ->
          first.isKnownText() && second != null && second.isKnownText()
              ? Computed.codec(draft, text, second.text())
              : hole();
      case "pathlib.Path", "pathlib.PosixPath", "pathlib.PurePath", "pathlib.PurePosixPath" ->
          Values.object("pathlib.Path", joinedPath(call).text(), draft.calls.size() - 1);
      case "pathlib.Path.joinpath" -> {
        String joined = Computed.join(receiver.text(), joinedPath(call).text());
        yield Values.object("pathlib.Path", joined, receiver.call());
      }
      case "functools.partial" -> first;
      default -> null;
    };
  }

  private static boolean isSame(String attribute) {
    return switch (attribute) {
      case "resolve", "absolute", "expanduser", "as_posix" -> true;
      default -> false;
    };
  }

  private static PythonValue hole() {
    return PythonValue.string(Values.HOLE);
  }

  private PythonValue converted(PythonValue value) {
    if (value.kind() == Kind.SEQUENCE) {
      StringBuilder out = new StringBuilder();
      for (PythonValue item : value.items()) {
        long code = Values.number(item);
        out.append(code < 0 || code > 255 ? PythonValue.HOLE : (char) code);
      }
      return Values.of(Kind.BYTES, out.toString());
    }
    return value.isText() ? value : PythonValue.string(Values.textFor(value));
  }

  private static PythonValue character(PythonValue value) {
    long code = Values.number(value);
    return PythonValue.string(
        code < 0 || code > 0x10ffff ? Values.HOLE : Character.toString((int) code));
  }

  private static PythonValue integer(PythonValue value, @Nullable PythonValue radix) {
    if (value.kind() == Kind.NUMBER) {
      return value;
    }
    if (!value.isKnownText()) {
      return PythonValue.UNKNOWN;
    }
    long base = radix == null ? 10 : Values.number(radix);
    String prefix = base == 16 ? "0x" : base == 2 ? "0b" : base == 8 ? "0o" : "";
    String text = value.text().strip();
    return Values.of(Kind.NUMBER, text.startsWith(prefix) ? text : prefix + text);
  }

  private static PythonValue sequence(PythonValue value) {
    List<PythonValue> items = Computed.items(value);
    return items == null ? PythonValue.UNKNOWN : Values.sequence(items);
  }

  private static PythonValue reversed(PythonValue value) {
    List<PythonValue> items = Computed.items(value);
    return items == null ? PythonValue.UNKNOWN : Values.sequence(items.reversed());
  }

  private static PythonValue mapped(PythonValue function, @Nullable PythonValue values) {
    List<PythonValue> items = values == null ? null : Computed.items(values);
    if (items == null || function.kind() != Kind.NAME) {
      return PythonValue.UNKNOWN;
    }
    List<PythonValue> results = new ArrayList<>(items.size());
    for (PythonValue item : items) {
      switch (function.text()) {
        case "chr" -> results.add(character(item));
        case "str" -> results.add(PythonValue.string(Values.textFor(item)));
        case "int" -> results.add(integer(item, null));
        default -> {
          return PythonValue.UNKNOWN;
        }
      }
    }
    return Values.sequence(results);
  }

  private PythonValue joinedPath(PythonCall call) {
    String path = "";
    for (PythonArgument argument : call.arguments()) {
      String part = Values.textFor(argument.value());
      if (!draft.charge(path.length() + (long) part.length())) {
        return hole();
      }
      path = Computed.join(path, part);
    }
    return PythonValue.string(path);
  }
}
