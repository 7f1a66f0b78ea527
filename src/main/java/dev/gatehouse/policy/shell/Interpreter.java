package dev.gatehouse.policy.shell;

import dev.gatehouse.policy.shell.Trait.Role;
import dev.gatehouse.policy.text.Lookalikes;
import dev.gatehouse.policy.text.Use;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Takes each command as it is read, and follows what it does to what comes after: to variables,
 * functions and files, and to texts that it runs.
 */
final class Interpreter {
  /** No system runs a program by a longer name. */
  private static final int LONGEST_NAME = 4_096;

  private final Draft draft;
  private final ShellPrograms shells;
  private final LanguagePrograms languages;
  private final FlagPrograms flags;
  private final WrittenFiles files;
  private final StateCommands state;
  private final Wrappers wrappers;
  private final Launchers launchers;
  private final Hooks hooks;
  private final Makefiles makefiles;
  private final GitCommands git;

  Interpreter(Draft draft) {
    this.draft = draft;
    Programs programs = new Programs(draft);
    this.shells = new ShellPrograms(draft, programs);
    this.languages = new LanguagePrograms(programs);
    this.flags = new FlagPrograms(draft, this, programs);
    this.files = new WrittenFiles(draft, programs);
    this.state = new StateCommands(draft);
    this.wrappers = new Wrappers(draft, this, programs);
    this.launchers = new Launchers(this, programs);
    this.hooks = new Hooks(programs);
    this.makefiles = new Makefiles(draft, programs);
    this.git = new GitCommands(this, programs);
  }

  static Variables.Value valueOf(Word word) {
    return new Variables.Value(
        new String[] {word.value()}, false, word.firstInner(), word.lastInner());
  }

  void append(String name, Variables.Value value) {
    Variables.Value old = draft.variables().get(name);
    int size = 0;
    if (old != null) {
      for (String text : old.texts()) {
        size += text.length() + 8;
      }
    }
    if (draft.charge(size)) {
      draft.variables().append(name, value);
    } else {
      draft.variables().set(name, Variables.Value.of(String.valueOf(Word.HOLE)));
    }
  }

  /** A command as it stands in a text. */
  void command(
      @Nullable Word nameWord,
      List<Word> arguments,
      List<Redirection> redirections,
      List<Assignment> assignments,
      int pipeline,
      int position,
      Context context,
      int facts,
      int start,
      int end,
      boolean exact,
      boolean uncertain,
      int usedMark) {
    Invocation invocation =
        add(
            nameWord,
            arguments,
            redirections,
            assignments,
            pipeline,
            position,
            context,
            facts,
            start,
            end);
    int index = invocation.index;
    draft.flowUsed(usedMark, index);
    flowsInto(invocation);
    if (nameWord == null) {
      if (!uncertain) {
        for (int i = 0; i < assignments.size(); i++) {
          Assignment assignment = assignments.get(i);
          Variables.Value held = draft.variables().get(assignment.name());
          if (!assignment.append() && (held == null || !held.array())) {
            draft.variables().set(assignment.name(), valueOf(assignment.value()));
          }
        }
      }
    }
    interpret(invocation, exact);
  }

  /** A command that is another's argument. */
  void wrapped(Invocation outer, List<Word> words, boolean exact) {
    if (words.isEmpty() || draft.full() || outer.context.depth() > 2 * Draft.MAX_DEPTH) {
      return;
    }
    Context context =
        new Context(
            outer.context.nesting() | Context.bit(Nesting.WRAPPED),
            outer.context.depth() + 1,
            outer.context.layer(),
            outer.index,
            chain(outer),
            outer.context.facts());
    Word name = words.get(0);
    Invocation inner =
        add(
            name,
            words.subList(1, words.size()),
            outer.redirections,
            List.of(),
            outer.pipeline,
            outer.position,
            context,
            0,
            name.start(),
            Math.max(name.start(), words.get(words.size() - 1).end()));
    draft.wordCount += words.size();
    flowsInto(inner);
    interpret(inner, exact);
  }

  static List<String> chain(Invocation outer) {
    List<String> chain = new ArrayList<>(outer.context.wrappers());
    chain.add(outer.base);
    return List.copyOf(chain);
  }

  private Invocation add(
      @Nullable Word nameWord,
      List<Word> arguments,
      List<Redirection> redirections,
      List<Assignment> assignments,
      int pipeline,
      int position,
      Context context,
      int facts,
      int start,
      int end) {
    int bits = facts;
    String name = null;
    List<Word> words = arguments;
    if (nameWord != null) {
      name = nameWord.value();
      if (nameWord.glob() && !name.equals("[") && !name.equals("[[")) {
        bits |= Bits.of(ShellFact.UNRESOLVED_NAME);
      }
      if (Lookalikes.suspicious(name)) {
        bits |= holes(name);
        if (name.length() > LONGEST_NAME) {
          bits |= Bits.of(ShellFact.UNRESOLVED_NAME);
          name = name.substring(0, LONGEST_NAME);
        }
        String written = name.replace(String.valueOf(Word.HOLE), "");
        String plain = Lookalikes.plain(written);
        if (!plain.equals(written)) {
          bits |= Bits.of(ShellFact.DISGUISED);
        }
        int blank = plain.strip().indexOf(' ');
        name = plain.strip();
        if (blank > 0) {
          words = splitName(nameWord, name, arguments);
          name = name.substring(0, blank);
        }
        if (name.isEmpty()) {
          name = null;
        }
      }
    }
    Invocation invocation =
        new Invocation(
            draft.commands.size(),
            name,
            nameWord,
            plain(located(name, words, context)),
            draft.directory().located(redirections, context),
            assignments,
            pipeline,
            position,
            context,
            bits,
            start,
            end);
    draft.commands.add(invocation);
    return invocation;
  }

  private List<Word> located(@Nullable String name, List<Word> words, Context context) {
    return name == null || !draft.directory().telling()
        ? words
        : draft.directory().located(name.substring(name.lastIndexOf('/') + 1), words, context);
  }

  private static int holes(String name) {
    return name.indexOf(Word.HOLE) >= 0 ? Bits.of(ShellFact.UNRESOLVED_NAME) : 0;
  }

  private static List<Word> splitName(Word nameWord, String name, List<Word> arguments) {
    List<Word> words = new ArrayList<>();
    String[] parts = name.split(" ", 64);
    for (int i = 1; i < parts.length; i++) {
      if (!parts[i].isEmpty()) {
        words.add(nameWord.withValue(parts[i]));
      }
    }
    words.addAll(arguments);
    return words;
  }

  /** Flags and paths that are written with look-alikes are made plain. */
  private static List<Word> plain(List<Word> words) {
    List<Word> changed = null;
    int count = words.size();
    for (int i = 0; i < count; i++) {
      String value = words.get(i).value();
      if (!Lookalikes.suspicious(value) || value.length() > 256) {
        continue;
      }
      String plain = Lookalikes.plain(value);
      if (!plain.equals(value)
          && !plain.isEmpty()
          && "-/~.".indexOf(plain.charAt(0)) >= 0
          && !Lookalikes.suspicious(plain)) {
        if (changed == null) {
          changed = new ArrayList<>(words);
        }
        changed.set(i, words.get(i).withValue(plain));
      }
    }
    return changed != null ? changed : words;
  }

  private void flowsInto(Invocation invocation) {
    Word nameWord = invocation.nameWord;
    if (nameWord != null && nameWord.hasSubstitution()) {
      flow(nameWord, invocation.index);
    }
    for (int i = 0, count = invocation.arguments.size(); i < count; i++) {
      Word word = invocation.arguments.get(i);
      if (word.hasSubstitution()) {
        flow(word, invocation.index);
      }
    }
    for (int i = 0, count = invocation.redirections.size(); i < count; i++) {
      Redirection redirection = invocation.redirections.get(i);
      Word target = redirection.target();
      if (!target.hasSubstitution()) {
        continue;
      }
      if (redirection.writesFile()) {
        for (int to = target.firstInner(); to <= target.lastInner(); to++) {
          draft.flow(invocation.index, to, Flow.Kind.PROCESS_SUBSTITUTION);
        }
      } else {
        Flow.Kind kind =
            redirection.kind() == Redirection.Kind.READ
                ? Flow.Kind.PROCESS_SUBSTITUTION
                : Flow.Kind.INPUT;
        for (int from = target.firstInner(); from <= target.lastInner(); from++) {
          draft.flow(from, invocation.index, kind);
        }
      }
    }
  }

  private void flow(Word word, int to) {
    Flow.Kind kind =
        word.value().startsWith("/dev/fd/63") ? Flow.Kind.PROCESS_SUBSTITUTION : Flow.Kind.ARGUMENT;
    for (int from = word.firstInner(); from <= word.lastInner(); from++) {
      draft.flow(from, to, kind);
    }
  }

  private void interpret(Invocation invocation, boolean exact) {
    String base = invocation.base;
    Trait trait = base.isEmpty() ? Trait.PLAIN : Commands.trait(base);
    if (exact) {
      Painting.paint(draft, invocation, trait);
    }
    if (invocation.position > 0 && (!trait.filter() || Painting.keeps(invocation))) {
      Painting.unknownConsumer(draft, invocation);
    }
    if (!base.isEmpty()) {
      if (defined(invocation)) {
        return;
      }
      role(invocation, trait, exact);
      if (!invocation.assignments.isEmpty()) {
        hooks.assigned(invocation);
      }
    }
    files.writes(invocation, trait);
  }

  /** Follows functions, aliases and files that the text itself made. */
  private boolean defined(Invocation invocation) {
    String name = invocation.name == null ? "" : invocation.name;
    if (draft.isRunning(name)) {
      draft.recursion(invocation);
      return true;
    }
    Draft.Body body = draft.function(name);
    if (body != null) {
      shells.function(invocation, name, body);
      return true;
    }
    Word alias = draft.alias(name);
    if (alias != null) {
      shells.alias(invocation, name, alias);
      return true;
    }
    if (draft.wroteFiles()) {
      files.run(invocation, name);
    }
    return false;
  }

  private void role(Invocation invocation, Trait trait, boolean exact) {
    switch (trait.role()) {
      case PLAIN, INERT, PATTERN -> {}
      case MESSAGE -> {
        if (invocation.base.equals("git")) {
          git.read(invocation, exact);
        }
      }
      case LAUNCHER -> launchers.launch(invocation, exact);
      case FOLDER -> shells.folder(invocation);
      case MAKE -> makefiles.read(invocation);
      case CHANGE_DIRECTORY -> draft.directory().change(invocation);
      case WRAPPER,
          ENVIRONMENT,
          SHELL_TEXT,
          XARGS,
          FIND,
          SSH,
          SWITCH_USER,
          CONTAINER,
          SPLIT_AFTER_DASHES ->
          wrappers.peel(invocation, trait, exact);
      case SHELL_FLAG, EDITOR -> flags.read(invocation, trait, exact);
      case SHELL -> shells.shell(invocation, trait);
      case LANGUAGE -> languages.read(invocation, trait);
      case EVAL -> shells.eval(invocation);
      case TRAP -> shells.trap(invocation);
      case SOURCE -> shells.source(invocation);
      case CRONTAB -> shells.crontab(invocation);
      case DECLARE -> {
        state.declare(invocation);
        hooks.exported(invocation);
      }
      case ALIAS -> state.alias(invocation);
      case SET -> state.set(invocation);
      case READ -> state.read(invocation);
      case PRINTF -> state.printf(invocation);
      case UNSET -> {
        for (Word word : invocation.arguments) {
          draft.variables().unset(word.value());
        }
      }
      case COPY, DOWNLOAD -> {}
    }
  }

  /** Whether a command's role is one whose arguments are printed. */
  static boolean prints(Trait trait) {
    return trait.role() == Role.INERT || trait.role() == Role.PRINTF;
  }

  /** Paints what a command was given as executed: it turned out to be run. */
  static void repaint(Draft draft, Invocation invocation) {
    List<Word> words = invocation.arguments;
    for (int i = 0, count = words.size(); i < count; i++) {
      draft.canvas.paint(words.get(i).start(), words.get(i).end(), Use.EXECUTED);
    }
    for (int i = 0, count = invocation.redirections.size(); i < count; i++) {
      Word target = invocation.redirections.get(i).target();
      draft.canvas.paint(target.start(), target.end(), Use.EXECUTED);
    }
  }
}
