package dev.gatehouse.policy.shell;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Finds the commands that terminals, environments, package tools and remote tools start for whoever
 * calls them: {@code tmux new -d 'rm x'}, {@code conda run -n base rm x}, {@code xterm -e rm x}.
 */
final class Launchers {
  private static final int MAX_VERBS_AT = 4;

  /**
   * How a program is given the command. From its manual.
   *
   * @param verbs subcommands of which one comes before the command; empty if there are none
   * @param valued one-letter flags that take a value
   * @param longValued long flags, without dashes, that take a value as a word of its own
   * @param code flags whose value is the command: as one text, or word by word up to the end
   * @param skip operands before the command; -1 if operands are no command
   */
  private record Launcher(
      Set<String> verbs, String valued, Set<String> longValued, Set<String> code, int skip) {}

  private static final Map<String, Launcher> LAUNCHERS = new HashMap<>(128);

  static {
    // Terminals, and what keeps them.
    put(
        "xterm rxvt urxvt uxterm konsole gnome-terminal xfce4-terminal mate-terminal lxterminal"
            + " terminator kitty alacritty wezterm foot x-terminal-emulator",
        "",
        "",
        "title geometry working-directory profile class",
        "e x execute command",
        0);
    put(
        "tmux",
        "new new-session neww new-window splitw split-window run run-shell if if-shell send send-keys"
            + " pipep pipe-pane respawnp respawn-pane respawnw respawn-window popup display-popup",
        "tscnxyFep",
        "",
        "",
        0);
    put("screen", "", "STcehpst", "", "", 0);
    put("dtach abduco", "", "ncAaMreE", "", "", 0);
    put("daemonize daemon", "", "acepuloEnUPDF", "name user pidfile output", "", 0);

    // Environments and package tools.
    put("poetry pipenv pdm hatch rye", "run", "", "project", "", 0);
    put("uv", "run", "p", "with python project directory extra group env-file", "", 0);
    put("conda mamba micromamba", "run", "np", "name prefix cwd", "", 0);
    put("bundle rbenv pyenv asdf mise chef", "exec x", "", "", "", 0);
    put("npm yarn pnpm bun", "exec x dlx", "pw", "package workspace", "c call", 0);
    put("npx bunx pnpx", "", "p", "package", "c call", 0);
    put("nix", "develop shell run", "", "", "c command", -1);
    put("nix-shell", "", "", "", "run command", -1);
    put("direnv aws-vault chamber", "exec", "", "", "", 1);
    put("doppler op infisical teller dotenvx foreman", "run", "pcf", "project config env", "", 0);
    put("dotenv", "", "fe", "file", "", 0);
    put("cargo", "watch", "", "", "s shell", -1);
    put("go", "run test", "", "", "exec toolexec", -1);
    put("nodemon", "", "", "", "x exec", -1);
    put("concurrently", "", "ncp", "names prefix", "", 0);
    put(
        "bwrap systemd-nspawn",
        "",
        "DiUMbu",
        "proc dev tmpfs chdir directory image machine user bind unsetenv dir hostname uid gid lock-file",
        "",
        0);

    // Other machines.
    put("ansible", "", "", "", "a args", -1);
    put("salt salt-call salt-ssh", "cmd.run cmd.shell cmd.run_all cmd.script", "", "", "", 0);
    put("pssh parallel-ssh", "", "hHlpoetOx", "hosts host user", "", 0);
    put("pdsh clush dsh", "", "wxlugfmR", "", "", 0);
    put("gcloud", "ssh", "", "", "command", -1);
    put("vagrant", "ssh", "", "", "c command", -1);
    put("fly flyctl", "console", "", "", "C command", -1);
    put("heroku", "run", "as", "app size", "", 0);
  }

  private static final Set<String> TWO_VALUES =
      Set.of("--bind", "--ro-bind", "--dev-bind", "--symlink", "--setenv", "--bind-try");

  private final Interpreter interpreter;
  private final Programs programs;

  Launchers(Interpreter interpreter, Programs programs) {
    this.interpreter = interpreter;
    this.programs = programs;
  }

  /** The base names of all of them, for the table of traits. */
  static Set<String> names() {
    return LAUNCHERS.keySet();
  }

  private static void put(
      String names, String verbs, String valued, String longValued, String code, int skip) {
    Launcher launcher = new Launcher(words(verbs), valued, words(longValued), words(code), skip);
    for (String name : names.split(" ", -1)) {
      LAUNCHERS.put(name, launcher);
    }
  }

  private static Set<String> words(String text) {
    return text.isEmpty() ? Set.of() : Set.of(text.split(" ", -1));
  }

  void launch(Invocation invocation, boolean exact) {
    Launcher launcher = LAUNCHERS.get(invocation.base);
    if (launcher == null) {
      return;
    }
    List<Word> words = invocation.arguments;
    int at = afterVerb(words, launcher);
    if (at < 0) {
      return;
    }
    int left = launcher.skip();
    for (; at < words.size(); at++) {
      Word word = words.get(at);
      String value = word.value();
      if (!word.isFlag()) {
        if (left-- == 0) {
          break;
        }
        continue;
      }
      if (value.equals("--")) {
        if (invocation.base.equals("nix")) {
          nix(invocation, words, at, exact);
          return;
        }
        hand(invocation, words, at + 1 + Math.max(0, left), exact);
        return;
      }
      int equals = value.indexOf('=');
      boolean isLong = value.startsWith("--");
      String flag = value.substring(isLong ? 2 : 1, equals < 0 ? value.length() : equals);
      if (launcher.code().contains(flag)) {
        if (equals > 0) {
          programs.run(invocation, word.withValue(value.substring(equals + 1)));
        } else {
          hand(invocation, words, at + 1, exact);
        }
        return;
      }
      at += values(launcher, value, flag, isLong);
    }
    if (launcher.skip() >= 0) {
      hand(invocation, words, at, exact);
    }
  }

  /** {@code nix run flake#program -- arguments}; where no program is named, they are a command. */
  private void nix(Invocation invocation, List<Word> words, int dashes, boolean exact) {
    List<Word> inner = new ArrayList<>();
    Word flake = words.get(dashes - 1);
    int name = flake.value().indexOf('#');
    if (name >= 0) {
      inner.add(flake.withValue(flake.value().substring(name + 1)));
    }
    inner.addAll(words.subList(dashes + 1, words.size()));
    interpreter.wrapped(invocation, inner, exact);
  }

  private static int values(Launcher launcher, String value, String flag, boolean isLong) {
    if (isLong) {
      return TWO_VALUES.contains(value) ? 2 : launcher.longValued().contains(flag) ? 1 : 0;
    }
    for (int i = 1; i < value.length(); i++) {
      if (launcher.valued().indexOf(value.charAt(i)) >= 0) {
        return i == value.length() - 1 ? 1 : 0;
      }
    }
    return launcher.longValued().contains(flag) ? 1 : 0;
  }

  /** Index of the first word behind the subcommand; -1 if it is not one that starts a command. */
  private static int afterVerb(List<Word> words, Launcher launcher) {
    if (launcher.verbs().isEmpty()) {
      return 0;
    }
    for (int i = 0; i < Math.min(words.size(), MAX_VERBS_AT); i++) {
      if (launcher.verbs().contains(words.get(i).value())) {
        return i + 1;
      }
    }
    return -1;
  }

  /** The rest of the words is a command; or each that holds a blank is one. */
  private void hand(Invocation invocation, List<Word> words, int from, boolean exact) {
    if (from >= words.size()) {
      return;
    }
    boolean keys = invocation.base.equals("tmux") || invocation.base.equals("screen");
    boolean texts = words.get(from).value().indexOf(' ') >= 0;
    for (int i = from; (texts || keys) && i < words.size(); i++) {
      Word word = words.get(i);
      if (word.value().indexOf(' ') >= 0) {
        programs.run(invocation, keys ? word.withValue(Escapes.decode(word.value())) : word);
      }
    }
    if (!texts) {
      interpreter.wrapped(invocation, words.subList(from, words.size()), exact);
    }
  }
}
