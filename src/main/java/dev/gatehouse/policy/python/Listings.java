package dev.gatehouse.policy.python;

import dev.gatehouse.policy.python.PythonValue.Kind;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a listing of files yields, as far as it can be told without looking: the pattern that they
 * all match.
 */
final class Listings {
  private static final PythonValue ANY = PythonValue.string("*");

  private Listings() {}

  /** The path of whatever a listing yields; null if it is none, or lists a place not known. */
  static @Nullable PythonValue entry(PythonDraft draft, PythonValue listing) {
    String text = listing.text();
    if (listing.kind() != Kind.OBJECT || text.isEmpty()) {
      return null;
    }
    if (draft.changesFolder() && !text.startsWith("/") && !text.startsWith("~")) {
      return null;
    }
    return switch (listing.type()) {
      case "glob.glob", "glob.iglob" -> PythonValue.string(text);
      case "os.listdir" -> ANY;
      case "os.scandir" -> Values.object("os.DirEntry", Computed.join(text, "*"), -1);
      case "pathlib.Path.glob", "pathlib.Path.rglob", "pathlib.Path.iterdir" ->
          Values.object("pathlib.Path", text, -1);
      case "os.walk", "os.fwalk" ->
          Values.sequence(
              List.of(
                  PythonValue.string(text),
                  Values.sequence(List.of(ANY)),
                  Values.sequence(List.of(ANY))));
      default -> null;
    };
  }

  /** Of a call of a path's method, the text of what it returns: the path, or a pattern in it. */
  static String path(PythonValue receiver, String method, @Nullable PythonValue first) {
    return switch (method) {
      case "glob", "rglob" ->
          Computed.join(receiver.text(), first == null ? Values.HOLE : Values.textFor(first));
      case "iterdir" -> Computed.join(receiver.text(), "*");
      default -> receiver.text();
    };
  }
}
