package dev.gatehouse.policy.python;

import dev.gatehouse.policy.python.PythonValue.Kind;
import dev.gatehouse.policy.text.Encodings;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Computes what functions return that do nothing else: text out of text, paths out of paths. */
final class PureFunctions {
  private final PythonDraft draft;

  PureFunctions(PythonDraft draft) {
    this.draft = draft;
  }

  /**
   * What functions return that depends on nothing but their arguments; null if it cannot be
   * computed.
   */
  @Nullable PythonValue result(
      String name,
      PythonValue receiver,
      PythonCall call,
      @Nullable PythonValue first,
      @Nullable PythonValue second) {
    if (receiver.isText()) {
      return Computed.method(draft, receiver, call.attribute(), call);
    }
    if (receiver.kind() == Kind.MAPPING) {
      return ofMapping(receiver, call.attribute(), first, second);
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
      case "chr", "unichr" -> {
        draft.makesCharacters = true;
        yield character(first);
      }
      case "ord" ->
          first.isKnownText() && text.length() == 1
              ? Values.number(text.charAt(0))
              : PythonValue.UNKNOWN;
      case "int" -> integer(first, second);
      case "os.getenv", "os.environ.get" -> DynamicNames.variable(first);
      case "list", "tuple", "iter", "set", "sorted" -> sequence(first);
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

  private static @Nullable PythonValue ofMapping(
      PythonValue mapping,
      String method,
      @Nullable PythonValue key,
      @Nullable PythonValue otherwise) {
    return switch (method) {
      case "get", "pop", "setdefault" -> {
        PythonValue found =
            key == null || !key.isKnownText()
                ? PythonValue.UNKNOWN
                : Computed.lookup(mapping, key.text());
        yield Values.isKnown(found) || otherwise == null ? found : otherwise;
      }
      case "keys" -> everySecond(mapping, 0);
      case "values" -> everySecond(mapping, 1);
      default -> null;
    };
  }

  private static PythonValue everySecond(PythonValue mapping, int from) {
    List<PythonValue> every = new ArrayList<>();
    for (int i = from; i < mapping.items().size(); i += 2) {
      every.add(mapping.items().get(i));
    }
    return Values.sequence(every);
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

  private static PythonValue converted(PythonValue value) {
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

  private PythonValue sequence(PythonValue value) {
    PythonValue entry = Listings.entry(draft, value);
    if (entry != null) {
      return value;
    }
    List<PythonValue> items = Computed.items(value);
    return items == null ? PythonValue.UNKNOWN : Values.sequence(items);
  }

  private static PythonValue reversed(PythonValue value) {
    List<PythonValue> items = Computed.items(value);
    return items == null ? PythonValue.UNKNOWN : Values.sequence(items.reversed());
  }

  private PythonValue mapped(PythonValue function, @Nullable PythonValue values) {
    List<PythonValue> items = values == null ? null : Computed.items(values);
    if (items == null || function.kind() != Kind.NAME) {
      return PythonValue.UNKNOWN;
    }
    List<PythonValue> results = new ArrayList<>(items.size());
    for (PythonValue item : items) {
      switch (function.text()) {
        case "chr" -> {
          draft.makesCharacters = true;
          results.add(character(item));
        }
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
