package dev.gatehouse.policy.shell;

/** Files whose content runs by itself, and the commands in a table of cron. */
final class Crontab {
  private static final String[] START_UP = {
    ".bashrc", ".bash_profile", ".bash_login", ".bash_logout", ".bash_aliases", ".profile",
        ".zshrc", ".zshenv", ".zprofile", ".kshrc",
    ".cshrc", ".xinitrc", ".xprofile", ".xsession", "/etc/profile", "/etc/bash.bashrc",
        "/etc/zshrc", "/etc/rc.local", ".ssh/rc", "/etc/environment"
  };

  private static final String[] FOLDERS = {
    "/etc/cron",
    "/var/spool/cron",
    "/etc/profile.d/",
    "/etc/init.d/",
    ".git/hooks/",
    "/etc/update-motd.d/"
  };

  private Crontab() {}

  /**
   * Whether what is written to this file runs without being named again: by cron, at log-in, by
   * git.
   */
  static boolean runsByItself(String path) {
    for (String name : START_UP) {
      if (path.endsWith(name)) {
        return true;
      }
    }
    for (String folder : FOLDERS) {
      if (path.contains(folder)) {
        return true;
      }
    }
    return false;
  }

  /**
   * The commands of a table, one a line: without the five fields of time (or {@code @reboot}) and
   * without a user {@code root}.
   */
  static String commands(String table) {
    StringBuilder out = new StringBuilder(table.length());
    int at = 0;
    while (at < table.length()) {
      int end = table.indexOf('\n', at);
      end = end < 0 ? table.length() : end;
      int from = at;
      while (from < end && table.charAt(from) <= ' ') {
        from++;
      }
      if (from < end && table.charAt(from) != '#') {
        int fields = table.charAt(from) == '@' ? 1 : isTime(table.charAt(from)) ? 5 : 0;
        for (int i = 0; i < fields; i++) {
          from = field(table, from, end);
        }
        if (fields > 0 && table.startsWith("root ", from)) {
          from += 5;
        }
        out.append(table, Math.min(from, end), end);
      }
      out.append('\n');
      at = end + 1;
    }
    return out.toString();
  }

  private static boolean isTime(char c) {
    return c == '*' || (c >= '0' && c <= '9');
  }

  private static int field(String table, int from, int end) {
    int at = from;
    while (at < end && table.charAt(at) > ' ') {
      at++;
    }
    while (at < end && table.charAt(at) <= ' ') {
      at++;
    }
    return at;
  }
}
