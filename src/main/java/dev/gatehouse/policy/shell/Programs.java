package dev.gatehouse.policy.shell;

import dev.gatehouse.policy.shell.Trait.Role;
import dev.gatehouse.policy.text.Use;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Has the program texts read that commands run, wherever they come from. */
final class Programs {
  static final String HOLE = String.valueOf(Word.HOLE);

  private final Draft draft;

  Programs(Draft draft) {
    this.draft = draft;
  }

  /** Reads a text as shell, run by a command. */
  void run(Invocation outer, String text, int start, int end, int facts, Nesting nesting) {
    if (text.indexOf(Word.HOLE) >= 0) {
      outer.facts |= Bits.of(ShellFact.UNKNOWN_PROGRAM);
      if (text.replace(HOLE, "").isBlank()) {
        return;
      }
    }
    if (outer.context.layer() >= Draft.MAX_LAYERS) {
      draft.facts |= Bits.of(ShellFact.LIMIT_REACHED);
      return;
    }
    if (text.isBlank() || !draft.charge(text.length()) || !draft.enter()) {
      return;
    }
    draft.repaintFeeders(outer);
    draft.canvas.paint(start, end, Use.EXECUTED);
    Source source = new Source(text, locate(text, start, end), start, end);
    Context context = outer.context.text(nesting, outer.index, Interpreter.chain(outer), facts);
    new ListParser(draft, source, context).stageOf(outer.pipeline, outer.position).read(false);
    draft.leave();
  }

  /** Reads a word as shell, run by a command. */
  void run(Invocation outer, Word word) {
    repaint(word);
    run(outer, word.value(), word.start(), word.end());
  }

  /** Reads words as one text of shell, as they are handed to a shell's {@code -c}. */
  void runJoined(Invocation outer, List<Word> words) {
    for (Word word : words) {
      repaint(word);
    }
    int start = words.get(0).start();
    int end = Math.max(start, words.get(words.size() - 1).end());
    run(outer, joined(words, 0), start, end);
  }

  /** Reads a text as shell that stands in a stretch of the given text, run by a command. */
  void run(Invocation outer, String text, int start, int end) {
    run(outer, text, start, end, 0, Nesting.NESTED_TEXT);
  }

  /** Paints the commands as executed whose output a word holds. */
  void repaint(Word word) {
    for (int i = word.firstInner(); i >= 0 && i <= word.lastInner(); i++) {
      Interpreter.repaint(draft, draft.commands.get(i));
    }
  }

  /**
   * Where the text stands in a stretch of the given text, character by character; -1 if it does
   * not.
   */
  private int locate(String text, int start, int end) {
    int length = text.length();
    while (length > 0 && text.charAt(length - 1) == '\n') {
      length--;
    }
    for (int at = start; at <= start + 16 && at + length <= end; at++) {
      if (draft.text.regionMatches(at, text, 0, length)) {
        return at + text.length() <= draft.text.length() ? at : -1;
      }
    }
    return -1;
  }

  /** Runs a script that is named by a word: a process substitution, standard input or a file. */
  void script(
      Invocation invocation, Word file, List<Word> words, int from, @Nullable Language language) {
    String path = file.value();
    if (file.hasSubstitution()) {
      repaint(file);
      String output =
          Output.ofList(draft, file.firstInner(), file.lastInner(), invocation.context.depth() + 1);
      program(invocation, output, file.start(), file.end(), language);
      return;
    }
    if (path.equals("-")
        || path.equals("/dev/stdin")
        || path.startsWith("/dev/fd/")
        || path.startsWith("/proc/self/fd/")) {
      standardInput(invocation, language);
      return;
    }
    Draft.Written written = draft.file(path);
    if (written != null) {
      List<String> before = draft.variables().positional(words, from);
      ranWritten(invocation, written, language);
      draft.variables().positional(before);
    }
  }

  /** Runs what a command reads from standard input; in shell if the language is null. */
  void standardInput(Invocation invocation, @Nullable Language language) {
    if (!Output.hasInput(draft, invocation)) {
      return;
    }
    draft.decoded = false;
    String input = Output.input(draft, invocation);
    int start = invocation.start;
    int end = invocation.end;
    for (int i = 0; i < invocation.redirections.size(); i++) {
      Redirection redirection = invocation.redirections.get(i);
      if (redirection.kind() == Redirection.Kind.HERE_DOCUMENT
          || redirection.kind() == Redirection.Kind.HERE_STRING) {
        start = redirection.target().start();
        end = redirection.target().end();
      }
      repaint(redirection.target());
    }
    if (start == invocation.start) {
      int feeder = feeders(invocation);
      if (feeder >= 0) {
        Invocation producer = draft.commands.get(feeder);
        start = producer.arguments.isEmpty() ? producer.start : producer.arguments.get(0).start();
        end = Math.max(start, invocation.start);
        if (!producer.arguments.isEmpty() && invocation.position == 1) {
          start = producer.arguments.get(producer.arguments.size() - 1).start();
          end = producer.arguments.get(producer.arguments.size() - 1).end();
        }
      }
    }
    program(invocation, input, start, Math.max(start, end), language);
  }

  /**
   * Paints what feeds a command through pipes as executed; the index of the first feeder, or -1.
   */
  int feeders(Invocation invocation) {
    Stage own = Stage.feeding(draft, invocation);
    if (own == null) {
      return -1;
    }
    int first = draft.firstCommand(own.pipeline());
    if (first >= invocation.index) {
      return -1;
    }
    if (own.position() > Output.MAX_STAGES) {
      draft.canvas.paint(
          draft.commands.get(first).start, Math.max(invocation.start, 0), Use.EXECUTED);
    } else {
      for (int i = first; i < invocation.index; i++) {
        Interpreter.repaint(draft, draft.commands.get(i));
      }
    }
    return first;
  }

  /**
   * A program text in a language, or in shell if that is null; null text if it cannot be computed.
   */
  private void program(
      Invocation invocation,
      @Nullable String text,
      int start,
      int end,
      @Nullable Language language) {
    if (text == null || text.equals(HOLE)) {
      invocation.facts |= Bits.of(ShellFact.UNKNOWN_PROGRAM);
      if (language != null && language != Language.OTHER) {
        draft.embed(language, HOLE, false, invocation.index, start, end);
      }
      return;
    }
    int facts = draft.decoded ? Bits.of(ShellFact.DECODED) : 0;
    invocation.facts |= facts;
    if (language == null || (language == Language.OTHER && invocation.base.length() <= 5)) {
      run(invocation, text, start, end, facts, Nesting.NESTED_TEXT);
    } else {
      embed(invocation, language, text, start, end);
    }
  }

  /** Hands a text on to the reader of its language, and reads what that has a shell run. */
  void embed(Invocation invocation, Language language, String text, int start, int end) {
    boolean known = text.indexOf(Word.HOLE) < 0;
    if (!known) {
      invocation.facts |= Bits.of(ShellFact.UNKNOWN_PROGRAM);
    }
    draft.repaintFeeders(invocation);
    draft.canvas.paint(start, end, Use.EXECUTED);
    draft.embed(language, text, known, invocation.index, start, end);
    if (language != Language.PYTHON && draft.charge(text.length())) {
      for (String command : OtherLanguages.shellTexts(language, text)) {
        run(invocation, command, start, end, 0, Nesting.OTHER_LANGUAGE);
      }
    }
  }

  /** The words from one on, with blanks in between. */
  static String joined(List<Word> words, int from) {
    if (from == words.size() - 1) {
      return words.get(from).value();
    }
    StringBuilder out = new StringBuilder();
    for (int i = from; i < words.size(); i++) {
      if (i > from) {
        out.append(' ');
      }
      out.append(words.get(i).value());
    }
    return out.toString();
  }

  /** Runs what an earlier command wrote; in the language of its first line if that is null. */
  void ranWritten(Invocation invocation, Draft.Written written, @Nullable Language language) {
    invocation.facts |= Bits.of(ShellFact.RUNS_WRITTEN_FILE);
    draft.flow(written.command(), invocation.index, Flow.Kind.FILE);
    Interpreter.repaint(draft, draft.commands.get(written.command()));
    String content = written.content();
    if (content == null) {
      invocation.facts |= Bits.of(ShellFact.UNKNOWN_PROGRAM);
      return;
    }
    draft.decoded = false;
    program(
        invocation,
        content,
        written.start(),
        written.end(),
        language != null ? language : shebang(content));
  }

  private static @Nullable Language shebang(String content) {
    if (!content.startsWith("#!")) {
      return null;
    }
    int end = content.indexOf('\n');
    String line = content.substring(2, end < 0 ? content.length() : end).strip();
    String[] words = line.split(" ", 8);
    for (String word : words) {
      Trait trait = Commands.trait(word.substring(word.lastIndexOf('/') + 1));
      if (trait.role() == Role.LANGUAGE) {
        return trait.language();
      }
    }
    return null;
  }
}
