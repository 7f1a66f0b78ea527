package dev.gatehouse.policy.python;

import dev.gatehouse.policy.python.PythonValue.Kind;
import org.jspecify.annotations.Nullable;

/** Finds what is named by a text: attributes, modules, items, variables. */
final class DynamicNames {
  private final Program program;
  private final PythonDraft draft;
  private final Calls calls;

  DynamicNames(Program program, Calls calls) {
    this.program = program;
    this.draft = program.draft;
    this.calls = calls;
  }

  /** {@code getattr(object, name)}. */
  PythonValue attribute(@Nullable PythonValue object, @Nullable PythonValue name) {
    if (object == null || name == null || !name.isKnownText()) {
      calls.tell(PythonFact.UNRESOLVED_NAME);
      return PythonValue.UNKNOWN;
    }
    calls.tell(PythonFact.DYNAMIC_NAME);
    String text = name.text();
    if (climbs(text)) {
      calls.tell(PythonFact.CLIMBS_OBJECTS);
    }
    return switch (object.kind()) {
      case NAME ->
          object.text().equals("__builtins__")
              ? Values.name(text)
              : Values.name(Names.canonical(object.text() + "." + text));
      case OBJECT -> Values.name(object.type() + "." + text);
      default -> Values.name("." + text);
    };
  }

  /** Whether an attribute leads from an object to what lies behind it. */
  static boolean climbs(String attribute) {
    return switch (attribute) {
      case "__bases__",
          "__base__",
          "__mro__",
          "__subclasses__",
          "__globals__",
          "__builtins__",
          "__code__",
          "__closure__" ->
          true;
      default -> false;
    };
  }

  /** {@code __import__(module)}. */
  PythonValue imported(PythonCall call, @Nullable PythonValue module) {
    if (module != null && module.kind() == Kind.NAME && call.name().equals("importlib.reload")) {
      return module;
    }
    calls.tell(PythonFact.DYNAMIC_IMPORT);
    if (module == null || !module.isKnownText()) {
      calls.tell(PythonFact.UNRESOLVED_NAME);
      return PythonValue.UNKNOWN;
    }
    String name = module.text();
    draft.imports.add(new PythonImport(name, "", "", true, call.start(), call.end()));
    boolean top = call.name().equals("__import__") && name.indexOf('.') > 0;
    String bound = top ? name.substring(0, name.indexOf('.')) : name;
    return Values.name(
        bound.equals("builtins") || bound.equals("__builtin__") ? "__builtins__" : bound);
  }

  /** {@code value[key]}. */
  PythonValue item(PythonValue value, PythonValue key) {
    if (Values.isChoice(value)) {
      return Values.choice(value.items().stream().map(one -> item(one, key)).toList());
    }
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
    if (value.kind() == Kind.NAME && value.text().equals("os.environ")) {
      return variable(key);
    }
    if (value.kind() == Kind.NAME) {
      return Values.object(value.text(), "", -1);
    }
    return PythonValue.UNKNOWN;
  }

  /** A variable of the environment: of all only where home is can be told. */
  static PythonValue variable(PythonValue name) {
    return name.text().equals("HOME") || name.text().equals("USERPROFILE")
        ? PythonValue.string("~")
        : Values.object("os.environ", "", -1);
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
}
