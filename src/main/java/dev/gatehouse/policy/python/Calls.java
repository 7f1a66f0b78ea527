package dev.gatehouse.policy.python;

import dev.gatehouse.policy.python.PythonValue.Kind;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Tells of calls, follows what they run, and computes what they return. */
final class Calls {
  /** A call that may be any of more is told of as one whose arguments are choices. */
  private static final int MAX_CHOICES = 64;

  private final Program program;
  private final PythonDraft draft;
  private final DynamicNames dynamic;
  private final Callbacks callbacks;
  private final PureFunctions pure;

  /** What is known so far of the call that is being told of; null if nothing. */
  private @Nullable EnumSet<PythonFact> facts;

  Calls(Program program) {
    this.program = program;
    this.draft = program.draft;
    this.dynamic = new DynamicNames(program, this);
    this.callbacks = new Callbacks(this);
    this.pure = new PureFunctions(draft);
  }

  /** {@code value[key]}. */
  PythonValue item(PythonValue value, PythonValue key) {
    return dynamic.item(value, key);
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
    for (int i = 0; i < arguments.size() && choices > 1; i++) {
      PythonArgument argument = arguments.get(i);
      if (Values.isChoice(argument.value()) && argument.value().items().size() <= choices) {
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

  PythonValue one(
      String name,
      PythonValue receiver,
      List<PythonArgument> arguments,
      int spanStart,
      int spanEnd) {
    if (draft.full()) {
      return PythonValue.UNKNOWN;
    }
    Callee callee = KnownNames.callee(name);
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
    final EnumSet<PythonFact> before = facts;
    facts = null;
    if (program.layer > 0) {
      tell(PythonFact.NESTED_PROGRAM);
    }
    if (callee.unpickles()) {
      tell(PythonFact.UNPICKLES);
    }
    PythonValue result;
    if (callee.local()) {
      result = local(name.substring(8), name, call, index);
    } else {
      if (callee.command() != CommandForm.NONE) {
        ShellTexts.find(draft, call, index, callee.command());
      }
      if (callee.queries()) {
        QueryText.find(draft, call);
      }
      result = special(callee, receiver, call, index);
    }
    if (facts != null) {
      draft.facts.addAll(facts);
      draft.calls.set(index, call.with(Collections.unmodifiableSet(facts)));
    }
    facts = before;
    return result;
  }

  /** Notes what is known of the call that is being told of. */
  void tell(PythonFact fact) {
    if (facts == null) {
      facts = EnumSet.noneOf(PythonFact.class);
    }
    facts.add(fact);
  }

  private PythonValue local(String function, String name, PythonCall call, int index) {
    String simple = function.substring(function.lastIndexOf('.') + 1);
    Function body = program.functions.get(simple);
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
      return program.definitions().run(body, values, keywords);
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

  private PythonValue special(Callee callee, PythonValue receiver, PythonCall call, int index) {
    String name = callee.name();
    PythonValue first = call.positional(0);
    PythonValue second = call.positional(1);
    switch (callee.builtin()) {
      case ATTRIBUTE -> {
        return dynamic.attribute(first, second);
      }
      case OWN_ATTRIBUTE -> {
        return dynamic.attribute(receiver, first);
      }
      case IMPORT -> {
        return dynamic.imported(call, first);
      }
      case GLOBALS -> {
        return Values.object("globals", "", index);
      }
      case VARS -> {
        return first == null
            ? Values.object("globals", "", index)
            : Values.object("__dict__", first.text(), index);
      }
      case RUN -> {
        return runs(name, first, call);
      }
      case TIME -> {
        return first != null && first.isText() ? runs(name, first, call) : PythonValue.UNKNOWN;
      }
      case COMPILE -> {
        return first == null ? PythonValue.UNKNOWN : first;
      }
      case NONE -> {}
    }
    callbacks.follow(call, callee);
    PythonValue computed = pure.result(name, receiver, call, first, second);
    if (computed != null) {
      return computed;
    }
    return Values.object(name, text(name, receiver, first), index);
  }

  /** The text that an object is made from: the path of a file or a path object. */
  private static String text(String name, PythonValue receiver, @Nullable PythonValue first) {
    if (name.startsWith("pathlib.Path.") || name.startsWith("pathlib.PosixPath.")) {
      return Listings.path(receiver, KnownNames.callee(name).attribute(), first);
    }
    return first != null && first.isText() ? first.text() : "";
  }

  private PythonValue runs(String name, @Nullable PythonValue code, PythonCall call) {
    if (code == null || !code.isText() || code.text().equals(Values.HOLE)) {
      tell(PythonFact.UNKNOWN_PROGRAM);
      return PythonValue.UNKNOWN;
    }
    String text = code.text();
    if (text.indexOf(PythonValue.HOLE) >= 0) {
      tell(PythonFact.UNKNOWN_PROGRAM);
    }
    int start = call.arguments().get(0).start();
    int end = Math.max(start, call.arguments().get(0).end());
    int place = locate(text, start, end);
    if (place < 0 && draft.makesCharacters) {
      tell(PythonFact.DECODED);
    }
    if (program.layer >= PythonDraft.MAX_LAYERS
        || !draft.charge(text.length() * 2L)
        || !draft.enter()) {
      draft.facts.add(PythonFact.LIMIT_REACHED);
      return PythonValue.UNKNOWN;
    }
    draft.made(text);
    Program inner =
        new Program(
            draft,
            name.equals("eval") ? text.strip() : text,
            place,
            start,
            end,
            program.layer + 1,
            program.scope,
            program.functions);
    PythonValue value = inner.statements();
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
}
