package dev.gatehouse.policy.shell;

import dev.gatehouse.policy.shell.Trait.Role;
import dev.gatehouse.policy.text.Encodings;
import dev.gatehouse.policy.text.Use;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Finds the program texts that commands run, wherever they come from, and has them read. */
final class Programs {
  private static final String HOLE = String.valueOf(Word.HOLE);

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

  private void run(Invocation outer, Word word) {
    repaint(word);
    run(outer, word.value(), word.start(), word.end(), 0, Nesting.NESTED_TEXT);
  }

  private void repaint(Word word) {
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
        return draft.text.regionMatches(at, text, 0, text.length())
                && at + text.length() <= draft.text.length()
            ? at
            : at + text.length() <= draft.text.length() ? at : -1;
      }
    }
    return -1;
  }

  // Shells.

  void shell(Invocation invocation, Trait trait) {
    List<Word> words = invocation.arguments;
    boolean code = false;
    boolean input = false;
    int i = 0;
    for (; i < words.size(); i++) {
      String value = words.get(i).value();
      boolean plus = value.length() > 1 && value.charAt(0) == '+';
      if (!words.get(i).isFlag() && !plus) {
        break;
      }
      if (value.equals("--")) {
        i++;
        break;
      }
      if (value.startsWith("--")) {
        if (value.startsWith("--command=") || value.startsWith("--commands=")) {
          run(invocation, words.get(i).withValue(value.substring(value.indexOf('=') + 1)));
          return;
        }
        code |= value.equals("--command") || value.equals("--commands");
        i += trait.longValued().contains(value.substring(2)) ? 1 : 0;
        continue;
      }
      char last = value.charAt(value.length() - 1);
      input |= value.indexOf('s') > 0;
      if (trait.valued().indexOf(last) >= 0) {
        i++;
      } else if (!plus) {
        code |= value.indexOf('c') > 0 && trait.code().contains("c");
      }
    }
    if (trait.skip() < 0) {
      standardInput(invocation, Language.OTHER);
      return;
    }
    if (code) {
      if (i < words.size()) {
        runWithArguments(invocation, words.get(i), words, i + 2);
      }
      return;
    }
    if (i < words.size() && !input) {
      script(invocation, words.get(i), words, i + 1, null);
    } else {
      standardInput(invocation, null);
    }
  }

  private void runWithArguments(Invocation invocation, Word program, List<Word> words, int from) {
    List<String> before = draft.variables().positional();
    List<String> arguments = new ArrayList<>();
    for (int i = from; i < words.size(); i++) {
      arguments.add(words.get(i).value());
    }
    draft.variables().positional(arguments.isEmpty() ? null : List.copyOf(arguments));
    run(invocation, program);
    draft.variables().positional(before);
  }

  /** Runs a script that is named by a word: a process substitution, standard input or a file. */
  private void script(
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
      List<String> before = draft.variables().positional();
      List<String> arguments = new ArrayList<>();
      for (int i = from; i < words.size(); i++) {
        arguments.add(words.get(i).value());
      }
      draft.variables().positional(List.copyOf(arguments));
      ranWritten(invocation, written, language);
      draft.variables().positional(before);
    }
  }

  private void standardInput(Invocation invocation, @Nullable Language language) {
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
  private int feeders(Invocation invocation) {
    int at = invocation.pipeline;
    int position = invocation.position;
    while (at >= 0 && position == 0) {
      position = draft.parentPosition(at);
      at = draft.parent(at);
    }
    if (at < 0) {
      return -1;
    }
    int first = draft.firstCommand(at);
    if (first >= invocation.index) {
      return -1;
    }
    if (position > 16) {
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

  private void embed(Invocation invocation, Language language, String text, int start, int end) {
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

  void eval(Invocation invocation) {
    List<Word> words = invocation.arguments;
    if (words.isEmpty()) {
      return;
    }
    for (Word word : words) {
      repaint(word);
    }
    int start = words.get(0).start();
    int end = Math.max(start, words.get(words.size() - 1).end());
    run(invocation, joined(words, 0), start, end, 0, Nesting.NESTED_TEXT);
  }

  String joined(List<Word> words, int from) {
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

  void trap(Invocation invocation) {
    for (Word word : invocation.arguments) {
      if (!word.isFlag()) {
        run(invocation, word);
        return;
      }
    }
  }

  void source(Invocation invocation) {
    List<Word> words = invocation.arguments;
    if (!words.isEmpty()) {
      script(invocation, words.get(0), words, 1, null);
    }
  }

  void crontab(Invocation invocation) {
    for (Word word : invocation.arguments) {
      if (!word.isFlag() && !word.value().equals("-")) {
        Draft.Written written = draft.file(word.value());
        if (written != null && written.content() != null) {
          invocation.facts |= Bits.of(ShellFact.RUNS_WRITTEN_FILE);
          draft.flow(written.command(), invocation.index, Flow.Kind.FILE);
          String lines = Crontab.commands(written.content());
          run(invocation, lines, written.start(), written.end(), 0, Nesting.NESTED_TEXT);
        }
        return;
      }
    }
    String input = Output.input(draft, invocation);
    if (input != null) {
      feeders(invocation);
      run(
          invocation,
          Crontab.commands(input),
          invocation.start,
          invocation.end,
          0,
          Nesting.NESTED_TEXT);
    }
  }

  // Functions, aliases, files.

  void function(Invocation invocation, String name, Draft.Body body) {
    int length = body.end() - body.start();
    if (length <= 0 || !draft.start(name)) {
      return;
    }
    if (draft.charge(length + 16) && draft.enter()) {
      List<String> before = draft.variables().positional();
      List<String> arguments = new ArrayList<>();
      for (Word word : invocation.arguments) {
        arguments.add(word.value());
      }
      draft.variables().positional(List.copyOf(arguments));
      ListParser parser =
          new ListParser(
              draft,
              body.source().part(body.start(), body.end()),
              invocation.context.in(Nesting.FUNCTION));
      parser.stageOf(invocation.pipeline, invocation.position).read(false);
      draft.variables().positional(before);
      draft.leave();
    }
    draft.stop(name);
  }

  void alias(Invocation invocation, String name, Word alias) {
    if (!draft.start(name)) {
      return;
    }
    StringBuilder text = new StringBuilder(alias.value());
    for (Word word : invocation.arguments) {
      text.append(' ');
      quote(word.value(), text);
    }
    run(invocation, text.toString(), alias.start(), alias.end(), 0, Nesting.ALIAS);
    draft.stop(name);
  }

  private static void quote(String value, StringBuilder out) {
    out.append('\'').append(value.replace("'", "'\\''")).append('\'');
  }

  /** Whether the command is a file that the text wrote before; then it is read. */
  void ranFile(Invocation invocation, String name, boolean exact) {
    if (name.indexOf('/') >= 0) {
      Draft.Written written = draft.file(name);
      if (written != null) {
        ranWritten(invocation, written, null);
      }
    }
  }

  private void ranWritten(
      Invocation invocation, Draft.Written written, @Nullable Language language) {
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

  /**
   * Remembers what a command writes to files, and reads what it writes to files that are run by
   * themselves.
   */
  void writes(Invocation invocation, Trait trait) {
    for (int i = 0, count = invocation.redirections.size(); i < count; i++) {
      Redirection redirection = invocation.redirections.get(i);
      if (redirection.writesFile()
          && redirection.descriptor() != 2
          && redirection.target().known()
          && !wraps(trait)) {
        write(
            invocation,
            redirection.target().value(),
            redirection.kind() == Redirection.Kind.APPEND);
      }
    }
    switch (trait.role()) {
      case DOWNLOAD -> download(invocation, trait);
      case COPY -> copy(invocation);
      default -> {
        if (invocation.base.equals("tee")) {
          for (Word word : invocation.arguments) {
            if (!word.isFlag() && word.known()) {
              write(invocation, word.value(), invocation.value(0).equals("-a"));
            }
          }
        }
      }
    }
  }

  private static boolean wraps(Trait trait) {
    return switch (trait.role()) {
      case WRAPPER, ENVIRONMENT, XARGS, SWITCH_USER -> true;
      default -> false;
    };
  }

  private void write(Invocation invocation, String path, boolean append) {
    if (path.equals("/dev/null") || path.isEmpty()) {
      return;
    }
    draft.decoded = false;
    String content = Output.ofCommand(draft, invocation);
    Draft.Written before = append ? draft.file(path) : null;
    if (before != null) {
      String old = before.content();
      content =
          old == null || content == null || !draft.charge(old.length() + content.length())
              ? null
              : old + content;
    }
    int start = invocation.start;
    int end = invocation.end;
    if (!invocation.arguments.isEmpty() && !append) {
      Word last = invocation.arguments.get(invocation.arguments.size() - 1);
      start = last.start();
      end = last.end();
    }
    for (int i = 0; i < invocation.redirections.size(); i++) {
      Redirection redirection = invocation.redirections.get(i);
      if (redirection.kind() == Redirection.Kind.HERE_DOCUMENT) {
        start = redirection.target().start();
        end = redirection.target().end();
      }
    }
    draft.write(path, new Draft.Written(content, invocation.index, start, end));
    if (content != null && Crontab.runsByItself(path)) {
      Interpreter.repaint(draft, invocation);
      invocation.facts |= Bits.of(ShellFact.RUNS_WRITTEN_FILE);
      String program = path.contains("cron") ? Crontab.commands(content) : content;
      run(invocation, program, start, end, 0, Nesting.NESTED_TEXT);
    }
  }

  private void download(Invocation invocation, Trait trait) {
    List<Word> words = invocation.arguments;
    String url = "";
    boolean named = false;
    boolean remoteName = invocation.base.equals("wget") || invocation.base.equals("aria2c");
    for (int i = 0; i < words.size(); i++) {
      Word word = words.get(i);
      String value = word.value();
      if (!word.isFlag()) {
        url = value;
        continue;
      }
      boolean isLong = value.startsWith("--");
      int equals = value.indexOf('=');
      String flag = isLong ? value.substring(2, equals < 0 ? value.length() : equals) : "";
      char last = value.charAt(value.length() - 1);
      if ((isLong && trait.code().contains(flag))
          || (!isLong && trait.code().contains("" + last))) {
        String path = equals > 0 ? value.substring(equals + 1) : invocation.value(i + 1);
        draft.write(
            path, new Draft.Written(null, invocation.index, invocation.start, invocation.end));
        named = true;
        i += equals > 0 ? 0 : 1;
      } else {
        remoteName |= flag.equals("remote-name") || (!isLong && value.indexOf('O') > 0);
      }
    }
    if (remoteName && !named && !url.isEmpty()) {
      int query = url.indexOf('?');
      String path = query < 0 ? url : url.substring(0, query);
      draft.write(
          path.substring(path.lastIndexOf('/') + 1),
          new Draft.Written(null, invocation.index, invocation.start, invocation.end));
    }
  }

  private void copy(Invocation invocation) {
    List<String> operands = new ArrayList<>();
    for (Word word : invocation.arguments) {
      if (!word.isFlag()) {
        operands.add(word.value());
      }
    }
    if (operands.size() != 2) {
      return;
    }
    Draft.Written written = draft.file(operands.get(0));
    if (written != null) {
      draft.write(operands.get(1), written);
    }
  }

  // Flags.

  void flags(Invocation invocation, Trait trait) {
    List<Word> words = invocation.arguments;
    for (int i = 0; i < words.size(); i++) {
      Word word = words.get(i);
      String value = word.value();
      if (value.startsWith("+") && trait.role() == Role.EDITOR) {
        flagText(invocation, trait, word.withValue(value.substring(1)));
        continue;
      }
      if (!word.isFlag()) {
        continue;
      }
      int equals = value.indexOf('=');
      int dashes = value.startsWith("--") ? 2 : 1;
      String flag = value.substring(dashes, equals < 0 ? value.length() : equals);
      if (trait.code().contains(flag)) {
        if (equals > 0) {
          flagText(invocation, trait, word.withValue(value.substring(equals + 1)));
        } else if (i + 1 < words.size()) {
          flagText(invocation, trait, words.get(i + 1));
        }
      } else if (dashes == 1
          && flag.length() > 1
          && trait.role() == Role.SHELL_FLAG
          && trait.code().contains(flag.substring(flag.length() - 1))
          && i + 1 < words.size()) {
        flagText(invocation, trait, words.get(i + 1));
      }
    }
  }

  private void flagText(Invocation invocation, Trait trait, Word word) {
    String text = word.value();
    if (trait.role() == Role.EDITOR) {
      editorCommand(invocation, word, text);
      return;
    }
    if (text.startsWith("exec=")) {
      text = text.substring(5);
    }
    int macro = text.indexOf("%(");
    if (macro >= 0 && text.lastIndexOf(')') > macro) {
      text = text.substring(macro + 2, text.lastIndexOf(')'));
    }
    run(invocation, text, word.start(), word.end(), 0, Nesting.NESTED_TEXT);
  }

  private void editorCommand(Invocation invocation, Word word, String text) {
    int bang = text.indexOf('!');
    int at = 0;
    while (at < text.length() && (text.charAt(at) == ':' || text.charAt(at) == ' ')) {
      at++;
    }
    String command = text.substring(at);
    int blank = command.indexOf(' ');
    String verb = blank < 0 ? command : command.substring(0, blank);
    if (verb.startsWith("py") && blank > 0) {
      embed(invocation, Language.PYTHON, command.substring(blank + 1), word.start(), word.end());
    } else if (verb.startsWith("lua") && blank > 0) {
      embed(invocation, Language.LUA, command.substring(blank + 1), word.start(), word.end());
    } else if (verb.equals("shell") && blank > 0) {
      run(
          invocation,
          command.substring(blank + 1),
          word.start(),
          word.end(),
          0,
          Nesting.NESTED_TEXT);
    } else if (bang >= 0) {
      run(invocation, text.substring(bang + 1), word.start(), word.end(), 0, Nesting.NESTED_TEXT);
    } else {
      embed(invocation, Language.OTHER, text, word.start(), word.end());
    }
  }

  void language(Invocation invocation, Trait trait) {
    Language language = trait.language() == null ? Language.OTHER : trait.language();
    List<Word> words = invocation.arguments;
    if (invocation.base.equals("deno") && invocation.value(0).equals("eval") && words.size() > 1) {
      code(invocation, language, words.get(words.size() - 1));
      return;
    }
    boolean found = false;
    boolean fromFile = false;
    int i = 0;
    for (; i < words.size(); i++) {
      Word word = words.get(i);
      String value = word.value();
      boolean slash = language == Language.CMD && value.startsWith("/") && value.length() == 2;
      if (!word.isFlag() && !slash) {
        break;
      }
      if (value.equals("--")) {
        i++;
        break;
      }
      String flag = value.substring(value.startsWith("--") ? 2 : 1);
      int equals = flag.indexOf('=');
      String name = equals < 0 ? flag : flag.substring(0, equals);
      if (trait.code().contains(name) || (language == Language.POWERSHELL && encoded(name))) {
        found = true;
        if (equals > 0 && value.startsWith("--")) {
          code(invocation, language, word.withValue(flag.substring(equals + 1)));
        } else if (language == Language.POWERSHELL || language == Language.CMD) {
          rest(invocation, language, words, i + 1, encoded(name));
          return;
        } else if (i + 1 < words.size()) {
          code(invocation, language, words.get(++i));
        }
        if (language == Language.PYTHON) {
          return;
        }
        continue;
      }
      if (value.startsWith("--") || language == Language.POWERSHELL) {
        fromFile |= name.equals("file") && equals > 0;
        continue;
      }
      for (int at = 0; at < flag.length(); at++) {
        char letter = flag.charAt(at);
        boolean last = at == flag.length() - 1;
        if (trait.code().contains(String.valueOf(letter))) {
          found = true;
          if (!last) {
            code(invocation, language, word.withValue(flag.substring(at + 1)));
          } else if (i + 1 < words.size()) {
            code(invocation, language, words.get(++i));
          }
          break;
        }
        if (trait.valued().indexOf(letter) >= 0) {
          fromFile |= letter == 'f' && (language == Language.AWK || language == Language.SED);
          if (language == Language.PYTHON && letter == 'm') {
            return;
          }
          i += last && language != Language.PERL ? 1 : 0;
          break;
        }
      }
    }
    if (found) {
      return;
    }
    boolean operandIsCode = (language == Language.AWK || language == Language.SED) && !fromFile;
    if (operandIsCode) {
      if (i < words.size()) {
        code(invocation, language, words.get(i));
      }
    } else if (language == Language.SQL) {
      for (int at = i + 1; at < words.size(); at++) {
        code(invocation, language, words.get(at));
      }
      if (i + 1 >= words.size()) {
        standardInput(invocation, language);
      }
    } else if (language == Language.POWERSHELL && i < words.size()) {
      rest(invocation, language, words, i, false);
    } else if (i < words.size()) {
      script(invocation, words.get(i), words, i + 1, language);
    } else {
      standardInput(invocation, language);
    }
  }

  private static boolean encoded(String flag) {
    return flag.length() > 0
        && (flag.equalsIgnoreCase("ec")
            || "encodedcommand".regionMatches(true, 0, flag, 0, flag.length()));
  }

  private void code(Invocation invocation, Language language, Word word) {
    repaint(word);
    embed(invocation, language, word.value(), word.start(), word.end());
  }

  private void rest(
      Invocation invocation, Language language, List<Word> words, int from, boolean encoded) {
    if (from >= words.size()) {
      return;
    }
    String text = joined(words, from);
    if (encoded) {
      String decoded = Encodings.base64(text);
      text = decoded == null ? HOLE : decoded.replace("\0", "");
      invocation.facts |= Bits.of(ShellFact.DECODED);
    }
    int start = words.get(from).start();
    embed(invocation, language, text, start, Math.max(start, words.get(words.size() - 1).end()));
  }
}
