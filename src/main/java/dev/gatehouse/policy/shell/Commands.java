package dev.gatehouse.policy.shell;

import dev.gatehouse.policy.shell.Trait.Role;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** What is known of commands by their base names. From their manuals. */
final class Commands {
  private static final Map<String, Trait> TRAITS = new HashMap<>(512);

  static {
    // Print, or look names up: what they are given is never run by them.
    inert(
        "echo say wall banner figlet toilet cowsay notify-send logger whatis apropos man info help");
    inert("which whereis type hash : true false lolcat basename dirname");
    filters(
        "cat tee tac sort uniq wc head tail tr cut rev fold fmt nl column paste join comm tsort shuf");
    filters(
        "less more most jq yq base64 base32 xxd od hexdump md5sum sha1sum sha256sum sha512sum cksum");
    filters(
        "strings iconv expand unexpand gzip gunzip zcat bzip2 xz zstd pv ts mail sponge diff cmp");
    filters(
        "test [ [[ curl wget nc ncat netcat openssl gpg pbcopy xclip xsel cowsay fzf ssh-keygen");
    filters("md5 shasum b2sum dd patch colordiff bat highlight pygmentize column telnet socat");
    for (String name : split("grep egrep fgrep rg ag ack zgrep pgrep pkill")) {
      pattern(name, "efABCm", "e regexp");
    }
    message("git", "m message F author date grep S G");
    message("gh", "b body t title m message");
    message("svn", "m message");
    message("hg", "m message");

    // Run another command.
    environment(
        "sudo",
        "ugpCDRThUrt",
        "user group prompt close-from chdir chroot other-user role type command-timeout host login-class");
    environment("doas", "uCa", "");
    environment("env", "uC", "unset chdir");
    environment("systemd-run", "puMHEt", "unit property description slice uid gid setenv");
    environment("pkexec", "", "user");
    environment("dzdo", "ugpCDRThUrt", "user group prompt");
    wrapper(
        "nohup setsid command builtin catchsegv fakeroot fakechroot eatmydata chronic unbuffer torify",
        0,
        "",
        "");
    wrapper(
        "torsocks tsocks proxychains proxychains4 rlwrap dbus-run-session busybox toybox coreutils"
            + " xvfb-run",
        0,
        "fqncsSe",
        "");
    wrapper("linux32 linux64 firejail valgrind multitime coproc nocache pipexec", 0, "", "");
    wrapper(
        "tini dumb-init catatonit flatpak-spawn ld.so ld-linux.so.2 ld-linux-x86-64.so.2"
            + " ld-linux-aarch64.so.1 ld-musl-x86_64.so.1 ld-musl-aarch64.so.1",
        0,
        "pe",
        "library-path preload audit argv0 directory env");
    wrapper("nice", 0, "n", "adjustment");
    wrapper("ionice", 0, "cnpPu", "class classdata pid");
    wrapper("stdbuf", 0, "ioe", "input output error");
    wrapper("exec", 0, "a", "");
    wrapper("time", 0, "fo", "format output");
    wrapper("timeout gtimeout", 1, "ks", "kill-after signal");
    wrapper("chroot", 1, "", "");
    wrapper("strace ltrace", 0, "aeEIoOpPsSuXbln", "output trace");
    wrapper("unshare", 0, "SGRw", "root wd setuid setgid");
    wrapper("nsenter", 0, "tSG", "target setuid setgid");
    wrapper("taskset setarch chrt gosu su-exec logsave softlimit", 1, "pT", "");
    wrapper("cpulimit", 0, "lpe", "limit pid exe");
    wrapper("choom prlimit", 0, "n", "adjust");
    wrapper("setpriv", 0, "", "reuid regid groups inh-caps bounding-set securebits");
    wrapper("aa-exec", 0, "pn", "profile namespace");
    wrapper("runcon", 1, "turl", "");
    wrapper("sshpass", 0, "fdpP", "");
    wrapper("numactl", 0, "CmNip", "");
    wrapper("perf", 1, "eop", "");
    wrapper("rlogin", 0, "l", "");
    wrapper("caffeinate", 0, "tw", "");
    wrapper("proot", 0, "rbwqkS", "rootfs bind cwd qemu");
    wrapper("systemd-inhibit dbus-launch", 0, "", "what who why mode");
    wrapper("entr", 0, "", "");
    wrapper("flock", 1, "wE", "timeout conflict-exit-code", "c command");
    wrapper("script", 1, "IOBTmo", "", "c command");
    wrapper("start-stop-daemon", 0, "nupsgdrRkN", "", "x exec a startas");
    wrapper("capsh", 0, "", "", "c");
    wrapper("watch", 0, "n", "interval");
    shellText("hyperfine", "wrmM");
    for (String name : split("su runuser sg")) {
      put(
          name,
          Role.SWITCH_USER,
          null,
          "gGuw",
          "user group",
          0,
          "c command session-command",
          false);
    }
    put(
        "xargs",
        Role.XARGS,
        null,
        "aEdInPLs",
        "arg-file delimiter max-args max-procs",
        0,
        "",
        false);
    for (String name : Launchers.names()) {
      put(name, Role.LAUNCHER, null, "", "", 0, "", false);
    }
    put("parallel", Role.XARGS, null, "jNnLSaIP", "jobs", 0, "", false);
    put("find", Role.FIND, null, "", "", 0, "", false);
    put("fd", Role.FIND, null, "", "", 0, "", false);
    put("gfind", Role.FIND, null, "", "", 0, "", false);
    for (String name : split("ssh slogin autossh mosh rsh remsh")) {
      put(name, Role.SSH, null, "BbcDEeFIiJLlmOopQRSWw", "", 0, "", true);
    }
    for (String name :
        split("docker podman nerdctl kubectl oc lxc crictl docker-compose machinectl")) {
      put(name, Role.CONTAINER, null, "euwnvplmcHhNf", "", 0, "", false);
    }

    // Hand a flag's value to a shell.
    flag(
        "tar bsdtar gtar",
        "to-command use-compress-program I F info-script new-volume-script checkpoint-action rsh-command");
    flag("rsync", "e rsh rsync-path");
    flag("zip", "TT unzip-command");
    flag("split", "filter");
    flag("tcpdump", "z");
    flag("wget", "use-askpass");
    flag("nmap", "");
    flag("nc ncat netcat", "e c exec sh-exec lua-exec");
    flag("genie fish-run", "c");
    flag("dpkg", "pre-invoke post-invoke");
    for (String name : split("make gmake")) {
      put(name, Role.MAKE, null, "fCIjoW", "", 0, "", false);
    }
    for (String name : split("cd pushd popd")) {
      put(name, Role.CHANGE_DIRECTORY, null, "", "", 0, "", false);
    }
    flag("cargo-watch", "s shell");
    flag("sort gsort", "compress-program");
    flag("man", "P pager H");
    flag("rpm rpmquery rpmdb", "eval E pipe");
    for (String name : split("vi vim nvim view vimdiff ex rvim ed emacs nano pico gdb less more")) {
      put(name, Role.EDITOR, null, "", "", 0, "c cmd ex eval-command eval", true);
    }

    // Read program text.
    for (String name :
        split(
            "sh bash dash ash zsh ksh mksh pdksh lksh fish tcsh csh rbash rzsh rksh yash posh rc es elvish nu xonsh")) {
      put(name, Role.SHELL, null, "oO", "rcfile init-file", 0, "c", false);
    }
    language(Language.PYTHON, "python pypy ipython pythonw jython micropython sage", "WXmQ", "c");
    language(Language.PERL, "perl", "IMmFCx", "e E");
    language(Language.RUBY, "ruby jruby irb", "rICEFKTW", "e");
    language(
        Language.JAVASCRIPT, "node nodejs bun deno jjs rhino qjs js", "r", "e eval p print pe");
    language(Language.PHP, "php", "cdzSt", "r B R E run");
    language(Language.LUA, "lua luajit luatex texlua", "l", "e");
    language(Language.AWK, "awk gawk mawk nawk original-awk goawk", "Fvfilr", "e source");
    language(Language.SED, "sed gsed", "fl", "e expression");
    language(
        Language.SQL,
        "sqlite sqlite3 psql mysql mariadb duckdb clickhouse-client",
        "hUpPudDn",
        "c e command execute cmd");
    language(
        Language.POWERSHELL, "pwsh powershell", "", "c Command command EncodedCommand enc e ec");
    language(Language.CMD, "cmd", "", "c C");
    language(
        Language.OTHER,
        "Rscript R tclsh expect osascript groovy scala jshell julia elixir erl ghci swift guile gnuplot octave gcl clisp sbcl",
        "f",
        "e eval c");

    // Change the shell itself.
    put("eval", Role.EVAL, null, "", "", 0, "", false);
    put("source", Role.SOURCE, null, "", "", 0, "", false);
    put(".", Role.SOURCE, null, "", "", 0, "", false);
    for (String name : split("export declare local readonly typeset")) {
      put(name, Role.DECLARE, null, "", "", 0, "", false);
    }
    put("alias", Role.ALIAS, null, "", "", 0, "", false);
    put("set", Role.SET, null, "o", "", 0, "", false);
    put("read", Role.READ, null, "adinNptu", "", 0, "", true);
    put("mapfile", Role.READ, null, "dnOsuCc", "", 0, "", true);
    put("readarray", Role.READ, null, "dnOsuCc", "", 0, "", true);
    put("unset", Role.UNSET, null, "", "", 0, "", false);
    put("printf", Role.PRINTF, null, "v", "", 0, "", true);
    put("trap", Role.TRAP, null, "", "", 0, "", false);
    put("crontab", Role.CRONTAB, null, "u", "", 0, "", false);
    put("at", Role.SHELL, null, "fqt", "", -1, "", false);
    for (String name : split("run-parts supervise svscan runsv runsvdir s6-supervise s6-svscan")) {
      put(name, Role.FOLDER, null, "au", "arg umask regex", 0, "", false);
    }
    put("batch", Role.SHELL, null, "fq", "", -1, "", false);
    for (String name : split("cp mv install ln rsync-copy")) {
      put(name, Role.COPY, null, "tmog", "target-directory", 0, "", false);
    }
    put("curl", Role.DOWNLOAD, null, "", "", 0, "o output", true);
    put("wget", Role.DOWNLOAD, null, "", "", 0, "O output-document", true);
    put("fetch", Role.DOWNLOAD, null, "", "", 0, "o", true);
    put("aria2c", Role.DOWNLOAD, null, "", "", 0, "o out", true);
    for (String name : split("scp sftp lwp-download")) {
      put(name, Role.DOWNLOAD, null, "iPFcoSJ", "", 0, "", false);
    }
  }

  private static final Set<String> COMMON =
      Set.of(
          "ls", "cd", "cat", "echo", "rm", "cp", "mv", "grep", "find", "sudo", "su", "ssh", "git",
          "test", "true", "exit", "command", "builtin", "kill", "ps", "chmod", "chown", "python",
          "python3", "pip", "curl", "wget", "apt", "docker");

  private Commands() {}

  /**
   * What is known of a command. Version numbers do not matter: {@code python3.12} is {@code
   * python}.
   */
  static Trait trait(String baseName) {
    Trait trait = TRAITS.get(baseName);
    return trait != null ? trait : withoutVersion(baseName);
  }

  private static Trait withoutVersion(String baseName) {
    int end = baseName.length();
    while (end > 0) {
      char c = baseName.charAt(end - 1);
      if ((c < '0' || c > '9') && c != '.' && c != '-') {
        break;
      }
      end--;
    }
    if (end == 0 || end == baseName.length()) {
      return dot(baseName);
    }
    Trait trait = TRAITS.get(baseName.substring(0, end));
    return trait != null && (trait.role() == Role.LANGUAGE || trait.role() == Role.SHELL)
        ? trait
        : Trait.PLAIN;
  }

  /** {@code powershell.exe}, {@code bash.exe}. */
  private static Trait dot(String baseName) {
    if (baseName.endsWith(".exe")) {
      Trait trait = TRAITS.get(baseName.substring(0, baseName.length() - 4));
      return trait == null ? Trait.PLAIN : trait;
    }
    return Trait.PLAIN;
  }

  /** Whether hardly anybody would define a function of this name with good intent. */
  static boolean common(String name) {
    return COMMON.contains(name);
  }

  private static void put(
      String name,
      Role role,
      @Nullable Language language,
      String valued,
      String longValued,
      int skip,
      String code,
      boolean filter) {
    TRAITS.put(
        name, new Trait(role, language, valued, words(longValued), skip, words(code), filter));
  }

  private static String[] split(String names) {
    return names.split(" ", -1);
  }

  private static Set<String> words(String text) {
    return text.isEmpty() ? Set.of() : Set.of(split(text));
  }

  private static void inert(String names) {
    for (String name : split(names)) {
      put(name, Role.INERT, null, "", "", 0, "", true);
    }
  }

  private static void filters(String names) {
    for (String name : split(names)) {
      TRAITS.putIfAbsent(name, new Trait(Role.PLAIN, null, "", Set.of(), 0, Set.of(), true));
    }
  }

  private static void pattern(String name, String valued, String code) {
    put(name, Role.PATTERN, null, valued, "", 0, code, true);
  }

  private static void message(String name, String code) {
    put(name, Role.MESSAGE, null, "", "", 0, code, true);
  }

  private static void environment(String name, String valued, String longValued) {
    put(name, Role.ENVIRONMENT, null, valued, longValued, 0, "", false);
  }

  private static void wrapper(String names, int skip, String valued, String longValued) {
    wrapper(names, skip, valued, longValued, "");
  }

  private static void wrapper(
      String names, int skip, String valued, String longValued, String code) {
    for (String name : split(names)) {
      put(name, Role.WRAPPER, null, valued, longValued, skip, code, false);
    }
  }

  private static void shellText(String names, String valued) {
    for (String name : split(names)) {
      put(name, Role.SHELL_TEXT, null, valued, "", 0, "", false);
    }
  }

  private static void flag(String names, String code) {
    for (String name : split(names)) {
      put(name, Role.SHELL_FLAG, null, "", "", 0, code, true);
    }
  }

  private static void language(Language language, String names, String valued, String code) {
    boolean filter = language == Language.AWK || language == Language.SED;
    for (String name : split(names)) {
      put(name, Role.LANGUAGE, language, valued, "", 0, code, filter);
    }
  }
}
