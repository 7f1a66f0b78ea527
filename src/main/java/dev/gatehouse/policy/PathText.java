package dev.gatehouse.policy;

import dev.gatehouse.policy.match.Glob;

/** Paths as text: no file system is looked at. */
final class PathText {
  private PathText() {}

  /**
   * The path with repeated slashes, {@code .} and {@code ..} resolved, without a trailing slash and
   * without detours through {@code /proc}, and with slashes in a path of Windows; {@code /private}
   * and the home directories of macOS and of root are left as they are.
   */
  static String normal(String path) {
    boolean windows = path.length() > 2 && path.charAt(1) == ':' && path.charAt(2) == '\\';
    return throughProcess(resolved(windows ? path.replace('\\', '/') : path));
  }

  private static String resolved(String path) {
    String text = path.startsWith("file://") ? path.substring("file://".length()) : path;
    if (!text.contains("//") && !text.contains("/.") && !text.startsWith("./")) {
      return text.length() > 1 && text.endsWith("/") ? text.substring(0, text.length() - 1) : text;
    }
    boolean absolute = text.startsWith("/");
    StringBuilder out = new StringBuilder(text.length());
    int from = 0;
    while (from <= text.length()) {
      int slash = text.indexOf('/', from);
      int end = slash < 0 ? text.length() : slash;
      step(out, text.substring(from, end), absolute);
      if (slash < 0) {
        break;
      }
      from = slash + 1;
    }
    return out.isEmpty() ? (absolute ? "/" : ".") : out.toString();
  }

  /**
   * What a path through a process's view of the file system leads to: {@code /proc/self/root/etc}
   * is {@code /etc}, {@code /proc/self/cwd/x} is {@code x}. Other paths are left as they are.
   */
  private static String throughProcess(String path) {
    if (!path.startsWith("/proc/")) {
      return path;
    }
    int at = afterStep(path, "/proc/".length());
    if (path.startsWith("task/", at)) {
      at = afterStep(path, at + "task/".length());
    }
    if (path.startsWith("root", at) && endsStep(path, at + 4)) {
      return at + 4 == path.length() ? "/" : throughProcess(path.substring(at + 4));
    }
    if (path.startsWith("cwd", at) && endsStep(path, at + 3)) {
      return at + 3 == path.length() ? "." : path.substring(at + 4);
    }
    return path;
  }

  private static int afterStep(String path, int from) {
    int slash = path.indexOf('/', from);
    return slash < 0 ? path.length() : slash + 1;
  }

  private static boolean endsStep(String path, int at) {
    return at == path.length() || path.charAt(at) == '/';
  }

  private static void step(StringBuilder out, String name, boolean absolute) {
    if (name.isEmpty() || name.equals(".")) {
      return;
    }
    int parent = out.lastIndexOf("/");
    if (name.equals("..") && (absolute || (!out.isEmpty() && parent > 0))) {
      out.setLength(Math.max(parent, 0));
      return;
    }
    if (absolute || !out.isEmpty()) {
      out.append('/');
    }
    out.append(name);
  }

  /**
   * Whether a shell's file pattern can expand to a path that {@code glob} matches: for a glob
   * without wildcards, for one that ends in {@code /*}, and for one that begins with {@code *\/}
   * and has no other wildcard. A part of the path that is hardly more than a wildcard stands for
   * everything and so tells nothing: it does not count, unless it is the only one of its kind
   * beside parts that are the same.
   */
  static boolean canStandFor(String pattern, Glob glob) {
    String target = glob.pattern();
    if (pattern.indexOf('/') < 0 && target.indexOf('/') >= 0) {
      // No expansion has more parts than what it is of.
      return false;
    }
    if (target.startsWith("*/") && Glob.of(target.substring(2)).isPlain()) {
      String tail = target.substring(2);
      int above = count(pattern) - count(tail) - 1;
      return above >= 0
          && standsFor(pattern.substring(heading(pattern, above).length() + 1), tail, false);
    }
    if (target.endsWith("/*") && target.indexOf('*') == target.length() - 1) {
      int slashes = count(target) - 1;
      String head = heading(pattern, slashes);
      return count(pattern) > slashes
          && standsFor(head, target.substring(0, target.length() - 2), false);
    }
    return glob.isPlain() && count(pattern) == count(target) && standsFor(pattern, target, true);
  }

  private static boolean standsFor(String pattern, String path, boolean oneUntelling) {
    String[] given = pattern.split("/", -1);
    String[] wanted = path.split("/", -1);
    boolean same = false;
    int untelling = 0;
    for (int i = 0; i < given.length && i < wanted.length; i++) {
      String segment = withoutClasses(given[i]);
      if (!Glob.of(segment).matches(wanted[i])) {
        return false;
      }
      boolean telling = segment.length() - count(segment, '*') - count(segment, '?') >= 2;
      boolean equal = segment.equals(wanted[i]);
      same |= equal && !segment.isEmpty();
      untelling += equal || telling ? 0 : 1;
    }
    return given.length == wanted.length
        && (untelling == 0 || (oneUntelling && untelling == 1 && same));
  }

  private static int count(String path) {
    return count(path, '/');
  }

  /** Hot path: asked for each path of each rule where a word is a file pattern. */
  private static int count(String text, char wanted) {
    int count = 0;
    for (int i = text.indexOf(wanted); i >= 0; i = text.indexOf(wanted, i + 1)) {
      count++;
    }
    return count;
  }

  /** The part before the slash of this number, counting from 0. */
  private static String heading(String path, int slash) {
    int at = path.indexOf('/');
    for (int i = 0; i < slash && at >= 0; i++) {
      at = path.indexOf('/', at + 1);
    }
    return at < 0 ? path : path.substring(0, at);
  }

  private static String withoutClasses(String pattern) {
    if (pattern.indexOf('[') < 0) {
      return pattern;
    }
    StringBuilder out = new StringBuilder(pattern.length());
    for (int i = 0; i < pattern.length(); i++) {
      int close = pattern.charAt(i) == '[' ? pattern.indexOf(']', i + 2) : -1;
      if (close > 0) {
        out.append('?');
        i = close;
      } else {
        out.append(pattern.charAt(i));
      }
    }
    return out.toString();
  }
}
