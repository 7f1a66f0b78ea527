package dev.gatehouse.policy;

import java.util.Arrays;

/** Paths as text: no file system is looked at. */
final class PathText {
  private static final String PROCESSES = "/proc/";

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
    Steps steps = new Steps(text.length(), text.startsWith("/"));
    int from = 0;
    while (from <= text.length()) {
      int slash = text.indexOf('/', from);
      int end = slash < 0 ? text.length() : slash;
      steps.add(text.substring(from, end));
      if (slash < 0) {
        break;
      }
      from = slash + 1;
    }
    return steps.path();
  }

  /** A path, step by step; where each begins is known, so going back takes no search. */
  private static final class Steps {
    private final StringBuilder out;
    private final boolean absolute;
    private int[] slashes = new int[16];
    private int count;

    Steps(int length, boolean absolute) {
      this.out = new StringBuilder(length);
      this.absolute = absolute;
    }

    void add(String name) {
      if (name.isEmpty() || name.equals(".")) {
        return;
      }
      if (name.equals("..") && (absolute || count > 0)) {
        out.setLength(count == 0 ? 0 : slashes[--count]);
        return;
      }
      if (absolute || !out.isEmpty()) {
        if (count == slashes.length) {
          slashes = Arrays.copyOf(slashes, 2 * count);
        }
        slashes[count++] = out.length();
        out.append('/');
      }
      out.append(name);
    }

    String path() {
      return out.isEmpty() ? (absolute ? "/" : ".") : out.toString();
    }
  }

  /**
   * What a path through a process's view of the file system leads to: {@code /proc/self/root/etc}
   * is {@code /etc}, {@code /proc/self/cwd/x} is {@code x}. Other paths are left as they are.
   */
  private static String throughProcess(String path) {
    int start = 0;
    while (path.startsWith(PROCESSES, start)) {
      int at = afterStep(path, start + PROCESSES.length());
      if (path.startsWith("task/", at)) {
        at = afterStep(path, at + "task/".length());
      }
      if (path.startsWith("cwd", at) && endsStep(path, at + 3)) {
        return at + 3 == path.length() ? "." : path.substring(at + 4);
      }
      if (!path.startsWith("root", at) || !endsStep(path, at + 4)) {
        break;
      }
      if (at + 4 == path.length()) {
        return "/";
      }
      start = at + 4;
    }
    return path.substring(start);
  }

  private static int afterStep(String path, int from) {
    int slash = path.indexOf('/', from);
    return slash < 0 ? path.length() : slash + 1;
  }

  private static boolean endsStep(String path, int at) {
    return at == path.length() || path.charAt(at) == '/';
  }
}
