package dev.gatehouse.policy.shell;

import dev.gatehouse.policy.text.Use;
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
    put("nix", "develop shell", "", "", "c command", -1);
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

  /** Variables whose value some program runs as a command. */
  private static final Set<String> HOOKS =
      Set.of(
          "PAGER",
          "MANPAGER",
          "GIT_PAGER",
          "SYSTEMD_PAGER",
          "EDITOR",
          "VISUAL",
          "SUDO_EDITOR",
          "GIT_EDITOR",
          "GIT_SEQUENCE_EDITOR",
          "GIT_SSH_COMMAND",
          "GIT_SSH",
          "GIT_EXTERNAL_DIFF",
          "GIT_ASKPASS",
          "SSH_ASKPASS",
          "LESSOPEN",
          "LESSCLOSE",
          "BROWSER",
          "PROMPT_COMMAND",
          "RUSTC_WRAPPER",
          "FCEDIT");

  private static final Set<String> TWO_VALUES =
      Set.of("--bind", "--ro-bind", "--dev-bind", "--symlink", "--setenv", "--bind-try");

  private final Draft draft;
  private final Interpreter interpreter;
  private final Programs programs;

  Launchers(Draft draft, Interpreter interpreter, Programs programs) {
    this.draft = draft;
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
        at += launcher.skip() >= 0 ? 1 + Math.max(0, left) : words.size();
        break;
      }
      int equals = value.indexOf('=');
      boolean isLong = value.startsWith("--");
      String flag = value.substring(isLong ? 2 : 1, equals < 0 ? value.length() : equals);
      if (launcher.code().contains(flag)) {
        if (equals > 0) {
          text(invocation, word.withValue(value.substring(equals + 1)));
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
        text(invocation, keys ? word.withValue(Escapes.decode(word.value())) : word);
      }
    }
    if (!texts) {
      interpreter.wrapped(invocation, words.subList(from, words.size()), exact);
    }
  }

  private void text(Invocation invocation, Word word) {
    programs.run(invocation, word.value(), word.start(), word.end(), 0, Nesting.NESTED_TEXT);
  }

  // Hooks in the environment.

  /** Reads the values of variables that programs run as commands. */
  void hooks(Invocation invocation) {
    for (Assignment assignment : invocation.assignments) {
      if (HOOKS.contains(assignment.name())) {
        hook(invocation, assignment.value());
      }
    }
  }

  /** The same for {@code export PAGER=..}. */
  void exportedHooks(Invocation invocation) {
    for (Word word : invocation.arguments) {
      int equals = word.value().indexOf('=');
      if (equals > 0 && HOOKS.contains(word.value().substring(0, equals))) {
        hook(invocation, word.withValue(word.value().substring(equals + 1)));
      }
    }
  }

  private void hook(Invocation invocation, Word value) {
    String text = value.value();
    if (text.indexOf(' ') >= 0 && value.known()) {
      text(invocation, text.startsWith("|") ? value.withValue(text.substring(1)) : value);
    }
  }

  // Make.

  /** Reads the recipes of a makefile that the same text gives or wrote. */
  void make(Invocation invocation) {
    String file = "";
    List<Word> words = invocation.arguments;
    for (int i = 0; i < words.size(); i++) {
      String value = words.get(i).value();
      if (value.startsWith("--eval=")) {
        String text = value.substring("--eval=".length()).replace("$(shell ", "$(");
        text(invocation, words.get(i).withValue(text));
      } else if (value.startsWith("--file=") || value.startsWith("--makefile=")) {
        file = value.substring(value.indexOf('=') + 1);
      } else if (value.equals("-f") && i + 1 < words.size()) {
        file = words.get(i + 1).value();
      } else if (value.startsWith("SHELL=")) {
        text(invocation, words.get(i).withValue(value.substring("SHELL=".length())));
      }
    }
    if (file.equals("-") || file.equals("/dev/stdin")) {
      String input = Output.input(draft, invocation);
      if (input != null) {
        paintHereDocuments(invocation);
        recipes(invocation, input, invocation.start, invocation.end);
      }
      return;
    }
    for (String name :
        file.isEmpty() ? List.of("GNUmakefile", "makefile", "Makefile") : List.of(file)) {
      Draft.Written written = draft.file(name);
      if (written != null && written.content() != null) {
        invocation.facts |= Bits.of(ShellFact.RUNS_WRITTEN_FILE);
        draft.flow(written.command(), invocation.index, Flow.Kind.FILE);
        recipes(invocation, written.content(), written.start(), written.end());
        return;
      }
    }
  }

  private void paintHereDocuments(Invocation invocation) {
    for (Redirection redirection : invocation.redirections) {
      draft.canvas.paint(redirection.target().start(), redirection.target().end(), Use.EXECUTED);
    }
  }

  private void recipes(Invocation invocation, String makefile, int start, int end) {
    if (!draft.charge(makefile.length())) {
      return;
    }
    List<String> lines = new ArrayList<>();
    for (String line : makefile.split("\n", -1)) {
      if (line.startsWith("\t")) {
        int at = 1;
        while (at < line.length() && "@-+ \t".indexOf(line.charAt(at)) >= 0) {
          at++;
        }
        lines.add(line.substring(at));
      }
    }
    if (!lines.isEmpty()) {
      programs.run(invocation, String.join("\n", lines), start, end, 0, Nesting.NESTED_TEXT);
    }
  }
}
