package dev.gatehouse.policy.shell;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Where {@code cd} led to, so that {@code cd / && rm -rf *} is about the root. Only absolute places
 * are followed; a relative one is wherever the caller is.
 */
final class Directory {
  /** Commands of which operands are paths and nothing else. */
  private static final Set<String> TAKE_PATHS =
      Set.of(
          "rm",
          "unlink",
          "shred",
          "srm",
          "rmdir",
          "mv",
          "cp",
          "ln",
          "tee",
          "touch",
          "truncate",
          "cat",
          "head",
          "tail",
          "less",
          "more",
          "base64",
          "xxd",
          "strings",
          "chmod",
          "chown",
          "chgrp",
          "find");

  private static final int SHELLS =
      Context.bit(Nesting.SUBSHELL)
          | Context.bit(Nesting.SUBSTITUTION)
          | Context.bit(Nesting.PROCESS_SUBSTITUTION);

  /** Below these lies what rules know by its place; elsewhere a relative path says as much. */
  private static final Set<String> KNOWN =
      Set.of(
          "etc",
          "usr",
          "var",
          "bin",
          "sbin",
          "lib",
          "lib64",
          "boot",
          "dev",
          "proc",
          "sys",
          "root",
          "run",
          "home",
          "private",
          "System",
          "Library",
          "Users",
          "Applications");

  /** No longer path is taken apart. */
  private static final int MAX_NAMES = 256;

  private @Nullable String path;
  private boolean telling;
  private int depth = -1;

  /**
   * Where a text begins.
   *
   * @param start null where that is not known
   */
  Directory(@Nullable String start) {
    path = start != null && isPlace(start) ? start : null;
    telling = path != null && tells(path);
  }

  private static boolean isPlace(String target) {
    return target.startsWith("/") || target.startsWith("~");
  }

  /** Follows a {@code cd}. */
  void change(Invocation cd) {
    boolean own = (cd.context.nesting() & SHELLS) != 0;
    String old = at(cd.context);
    String target = "~";
    for (Word word : cd.arguments) {
      if (!word.isFlag()) {
        target = word.value();
        break;
      }
    }
    depth = own ? cd.context.depth() : -1;
    if (target.indexOf(Word.HOLE) >= 0 || target.equals("-")) {
      path = null;
    } else if (isPlace(target)) {
      path = target;
    } else {
      path = old == null ? null : join(old, target);
    }
    telling = path != null && tells(path);
  }

  private static boolean tells(String path) {
    int slash = path.indexOf('/', 1);
    return !path.startsWith("/")
        || slash < 0
        || path.contains("/.")
        || path.contains("//")
        || KNOWN.contains(path.substring(1, slash));
  }

  /** Whether it is known, and a place that makes a difference to rules. */
  boolean telling() {
    return telling;
  }

  /** A path as files are known by: without detours that lead back to where they began. */
  static String plain(String path) {
    if (!path.contains("/.") && !path.contains("//") && !path.startsWith("./")) {
      return path;
    }
    boolean absolute = path.startsWith("/");
    List<String> names = new ArrayList<>();
    for (String name : path.split("/", MAX_NAMES)) {
      boolean up = name.equals("..");
      if (up && !names.isEmpty() && !names.getLast().equals("..")) {
        names.removeLast();
      } else if (!name.isEmpty() && !name.equals(".") && !(up && absolute)) {
        names.add(name);
      }
    }
    return (absolute ? "/" : "") + String.join("/", names);
  }

  /** A path seen from here. */
  String path(String name) {
    String at = path;
    return at == null || name.startsWith("/") ? name : join(at, name);
  }

  /** The words of a command with relative paths made absolute, if that can be told. */
  List<Word> located(String command, List<Word> words, Context context) {
    String at = TAKE_PATHS.contains(command) ? at(context) : null;
    if (at == null) {
      return words;
    }
    List<Word> changed = new ArrayList<>(words);
    boolean mode = command.startsWith("ch");
    for (int i = 0; i < changed.size(); i++) {
      Word word = changed.get(i);
      if (word.isFlag()) {
        if (command.equals("find")) {
          break;
        }
        continue;
      }
      if (!mode) {
        changed.set(i, located(word, at));
      }
      mode = false;
    }
    return changed;
  }

  /** The same for files that a command writes or reads. */
  List<Redirection> located(List<Redirection> redirections, Context context) {
    String at = !telling || redirections.isEmpty() ? null : at(context);
    if (at == null) {
      return redirections;
    }
    List<Redirection> changed = new ArrayList<>(redirections);
    for (int i = 0; i < changed.size(); i++) {
      Redirection redirection = changed.get(i);
      boolean file = redirection.writesFile() || redirection.kind() == Redirection.Kind.READ;
      if (file && !redirection.target().hasSubstitution()) {
        changed.set(
            i,
            new Redirection(
                redirection.kind(), redirection.descriptor(), located(redirection.target(), at)));
      }
    }
    return changed;
  }

  private static Word located(Word word, String at) {
    String value = word.value();
    boolean relative =
        !value.isEmpty()
            && "/~-&".indexOf(value.charAt(0)) < 0
            && value.charAt(0) != Word.HOLE
            && !value.contains(":");
    return relative ? word.withValue(join(at, value)) : word;
  }

  private @Nullable String at(Context context) {
    boolean inside = depth < 0 || ((context.nesting() & SHELLS) != 0 && context.depth() >= depth);
    return inside ? path : null;
  }

  private static String join(String directory, String name) {
    return directory.endsWith("/") ? directory + name : directory + "/" + name;
  }
}
