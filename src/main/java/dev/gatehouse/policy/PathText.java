package dev.gatehouse.policy;

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
}
