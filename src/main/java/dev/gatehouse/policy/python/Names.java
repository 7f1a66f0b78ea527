package dev.gatehouse.policy.python;

import dev.gatehouse.policy.text.Lookalikes;
import java.util.List;
import java.util.Map;

/** Names that stand for others. */
final class Names {
  /** Modules that only give another's functions a second name. */
  private static final Map<String, String> SAME =
      Map.of(
          "posix",
          "os",
          "nt",
          "os",
          "builtins",
          "",
          "__builtin__",
          "",
          "__builtins__",
          "",
          "posixpath",
          "os.path",
          "ntpath",
          "os.path",
          "cPickle",
          "pickle",
          "_pickle",
          "pickle");

  /** What {@code import *} binds, of the modules where it matters. */
  private static final Map<String, List<String>> ALL =
      Map.of(
          "os",
          List.of(
              "system",
              "popen",
              "remove",
              "unlink",
              "rmdir",
              "removedirs",
              "rename",
              "chmod",
              "chown",
              "kill",
              "killpg",
              "execv",
              "execve",
              "execl",
              "execlp",
              "execvp",
              "spawnl",
              "spawnv",
              "fork",
              "dup2",
              "environ",
              "getenv",
              "listdir",
              "makedirs",
              "symlink",
              "putenv",
              "setuid",
              "path",
              "walk"),
          "shutil",
          List.of("rmtree", "move", "copy", "copyfile", "copytree", "chown"),
          "subprocess",
          List.of(
              "Popen",
              "call",
              "run",
              "check_call",
              "check_output",
              "getoutput",
              "getstatusoutput",
              "PIPE"),
          "socket",
          List.of("socket", "create_connection", "AF_INET", "SOCK_STREAM"),
          "ctypes",
          List.of("CDLL", "cdll", "memmove", "string_at"),
          "pathlib",
          List.of("Path", "PurePath"),
          "urllib.request",
          List.of("urlopen", "urlretrieve", "Request"),
          "pty",
          List.of("spawn"),
          "pickle",
          List.of("loads", "load"));

  private Names() {}

  /** A name as Python reads it: NFKC; with the fact, if it was not written so. */
  static String plain(PythonDraft draft, String name) {
    if (draft.plainNames || !Lookalikes.suspicious(name)) {
      return name;
    }
    String plain = Lookalikes.plain(name);
    if (!plain.equals(name) && !Lookalikes.suspicious(plain)) {
      draft.facts.add(PythonFact.DISGUISED);
      return plain;
    }
    return name;
  }

  /**
   * The usual name of what has several: {@code os.system} for {@code posix.system}, {@code eval}
   * for {@code builtins.eval}.
   */
  static String canonical(String qualified) {
    int dot = qualified.indexOf('.');
    if (dot <= 0) {
      return qualified;
    }
    String same = SAME.get(qualified.substring(0, dot));
    if (same == null) {
      return qualified;
    }
    return same.isEmpty() ? qualified.substring(dot + 1) : same + qualified.substring(dot);
  }

  /** The usual name of an attribute of what has a qualified name. */
  static String attribute(String qualified, String name) {
    if (qualified.indexOf('.') < 0) {
      String same = SAME.get(qualified);
      if (same != null) {
        return same.isEmpty() ? name : same + "." + name;
      }
    }
    return qualified + "." + name;
  }

  static void bindAll(Scope scope, String module) {
    List<String> names = ALL.get(module);
    if (names != null) {
      for (String name : names) {
        scope.set(name, Values.name(module + "." + name));
      }
    }
  }
}
