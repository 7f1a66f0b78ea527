package dev.gatehouse.policy.shell;

import dev.gatehouse.policy.text.Use;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Reads a list of commands: separators, compound commands, function definitions.
 *
 * <p>Compound commands are a stack of frames, not recursion, and nothing has to match up: an
 * unexpected keyword closes what it can.
 */
final class ListParser {
  private static final int MAX_FRAMES = 256;

  /** So many lines that a loop is given are told apart. */
  private static final int MAX_ROUNDS = 8;

  enum Kind {
    SUBSHELL,
    GROUP,
    IF,
    LOOP,
    CASE
  }

  /** One open compound command, and what to go back to when it closes. */
  private record Frame(
      Kind kind,
      Context context,
      int pipeline,
      int position,
      int parent,
      int parentPosition,
      int bodyStart,
      String function) {}

  private final Draft draft;
  private final Source source;
  private final WordParser words;
  private final CommandParser commands;
  private Context context;
  private Frame[] frames = new Frame[0];
  private int open;
  private int subshells;
  private int pipeline = -1;
  private int position;
  private int parent = -1;
  private int parentPosition = -1;
  private Joint joint = Joint.FIRST;
  private boolean negated;
  private String function = "";

  ListParser(Draft draft, Source source, Context context) {
    this.draft = draft;
    this.source = source;
    this.context = context;
    this.words = new WordParser(draft, source, context);
    this.commands = new CommandParser(draft, source, words, this);
  }

  /** The commands read are a stage of this pipeline. */
  ListParser stageOf(int ofPipeline, int ofPosition) {
    parent = ofPipeline;
    parentPosition = ofPosition;
    return this;
  }

  Context context() {
    return context;
  }

  int pipeline() {
    if (pipeline < 0) {
      pipeline = draft.pipeline(parent, parentPosition, joint, negated);
      position = 0;
      negated = false;
    }
    return pipeline;
  }

  int position() {
    return position;
  }

  /** Whether what is read now may or may not happen, or happens in a shell of its own. */
  boolean uncertain() {
    return (context.nesting() != 0 && (context.nesting() & UNCERTAIN) != 0)
        || position > 0
        || joint == Joint.AND
        || joint == Joint.OR;
  }

  private static final int UNCERTAIN =
      Context.bit(Nesting.SUBSHELL)
          | Context.bit(Nesting.SUBSTITUTION)
          | Context.bit(Nesting.PROCESS_SUBSTITUTION)
          | Context.bit(Nesting.CONDITION)
          | Context.bit(Nesting.BRANCH)
          | Context.bit(Nesting.LOOP);

  /** What the commands in a range of this list print, if that can be computed; null if not. */
  @Nullable String output(int first, int last) {
    return Output.ofList(draft, first, last, context.depth());
  }

  /** Reads to the end of the text, or to behind the parenthesis that closes a substitution. */
  void read(boolean untilParenthesis) {
    int from = source.pos;
    while (source.pos < source.limit) {
      if (draft.exhausted()) {
        stop();
        break;
      }
      char c = source.text.charAt(source.pos);
      switch (c) {
        case ' ', '\t', '\r' -> source.pos++;
        case '\n' -> {
          newline();
          end(Joint.THEN);
        }
        case '#' -> comment();
        case ';' -> semicolon();
        case '&' -> {
          if (source.peek(1) == '&') {
            source.pos += 2;
            end(Joint.AND);
          } else if (source.peek(1) == '>') {
            command();
          } else {
            source.pos++;
            if (pipeline >= 0) {
              draft.background(pipeline);
            }
            end(Joint.BACKGROUND);
          }
        }
        case '|' -> {
          if (source.peek(1) == '|') {
            source.pos += 2;
            end(Joint.OR);
          } else {
            source.pos += source.peek(1) == '&' ? 2 : 1;
            int current = pipeline();
            position++;
            draft.lengthen(current, position + 1);
          }
        }
        case '(' -> {
          if (source.peek(1) == '(') {
            arithmetic();
          } else {
            source.pos++;
            open(Kind.SUBSHELL, Nesting.SUBSHELL);
          }
        }
        case ')' -> {
          source.pos++;
          if (subshells > 0) {
            close(Kind.SUBSHELL);
          } else if (untilParenthesis) {
            finish();
            return;
          } else {
            draft.facts |= Bits.of(ShellFact.INCOMPLETE);
          }
        }
        default -> command();
      }
    }
    if (untilParenthesis) {
      draft.facts |= Bits.of(ShellFact.INCOMPLETE);
    } else {
      draft.steps += source.pos - from;
    }
    finish();
  }

  /** What is left is not read, so nobody knows what it does. */
  private void stop() {
    draft.canvas.paint(source.spanStart(source.pos), source.spanEnd(source.limit), Use.UNKNOWN);
    source.pos = source.limit;
  }

  private void finish() {
    if (open > 0) {
      draft.facts |= Bits.of(ShellFact.INCOMPLETE);
    }
  }

  private void command() {
    if (!draft.work() || draft.full()) {
      stop();
      return;
    }
    int before = source.pos;
    commands.read();
    if (source.pos == before) {
      source.pos++;
    }
  }

  private void end(Joint next) {
    pipeline = -1;
    joint = next;
    negated = false;
  }

  /** Steps over the end of a line, and over the here-documents that were announced on it. */
  void newline() {
    if (source.pos == source.hereLine) {
      source.pos = source.hereResume;
      source.hereLine = -1;
    } else {
      source.pos++;
    }
  }

  void comment() {
    int end = source.text.indexOf('\n', source.pos, source.limit);
    int to = end < 0 ? source.limit : end;
    if (source.base >= 0) {
      draft.canvas.paint(source.spanStart(source.pos), source.spanEnd(to), Use.DATA);
    }
    source.pos = to;
  }

  private void semicolon() {
    source.pos++;
    char next = source.peek(0);
    if (next == ';' || next == '&') {
      source.pos++;
      if (source.peek(0) == '&') {
        source.pos++;
      }
      if (open > 0 && frames[open - 1].kind() == Kind.CASE) {
        end(Joint.THEN);
        headers().pattern();
        return;
      }
    }
    end(Joint.THEN);
  }

  void arithmetic() {
    source.pos += 2;
    Pieces ignored = new Pieces(draft, null, 0);
    new Parameters(draft, source, words).skipArithmetic(ignored);
  }

  // Compound commands.

  private CompoundHeaders headers() {
    return new CompoundHeaders(draft, source, words, this);
  }

  /** Opens a compound command; what is read now stands inside of it. */
  void open(Kind kind, Nesting nesting) {
    int current = pipeline();
    if (open >= MAX_FRAMES) {
      draft.facts |= Bits.of(ShellFact.LIMIT_REACHED);
      end(Joint.FIRST);
      return;
    }
    if (open == frames.length) {
      frames = Arrays.copyOf(frames, Math.max(4, open * 2));
    }
    boolean body = !function.isEmpty();
    frames[open++] =
        new Frame(kind, context, current, position, parent, parentPosition, source.pos, function);
    function = "";
    if (kind == Kind.SUBSHELL) {
      subshells++;
    }
    context = context.in(body ? Nesting.FUNCTION : nesting);
    words.context(context);
    parent = current;
    parentPosition = position;
    end(Joint.FIRST);
    position = 0;
  }

  /** Closes the innermost compound command of a kind, and all that are open inside it. */
  private void close(Kind kind) {
    int at = open - 1;
    while (at >= 0 && frames[at].kind() != kind) {
      at--;
    }
    if (at < 0) {
      draft.facts |= Bits.of(ShellFact.INCOMPLETE);
      return;
    }
    if (at < open - 1) {
      draft.facts |= Bits.of(ShellFact.INCOMPLETE);
    }
    for (int i = at; i < open; i++) {
      if (frames[i].kind() == Kind.SUBSHELL) {
        subshells--;
      }
    }
    Frame frame = frames[at];
    int end = source.pos;
    open = at;
    context = frame.context();
    words.context(context);
    pipeline = frame.pipeline();
    position = frame.position();
    parent = frame.parent();
    parentPosition = frame.parentPosition();
    if (!frame.function().isEmpty()) {
      draft.define(frame.function(), new Draft.Body(source, frame.bodyStart(), source.pos - 1));
      end(Joint.THEN);
    }
    Invocation given = commands.redirectionsOfCompound();
    if (given != null && frame.kind() == Kind.LOOP) {
      again(frame, end, given);
    }
  }

  /**
   * Reads a loop once more for each line that it is given behind its end: {@code while read l; do
   * ..; done <<< text}.
   */
  private void again(Frame frame, int end, Invocation given) {
    int start = frame.bodyStart() - "while".length();
    boolean reads =
        (source.text.startsWith("while", start) || source.text.startsWith("until", start))
            && draft.lastRead >= draft.firstCommand(frame.pipeline());
    String text = reads && !draft.again ? Output.input(draft, given) : null;
    if (text == null) {
      return;
    }
    String[] lines = text.split("\n", MAX_ROUNDS + 1);
    String before = draft.inherited;
    draft.again = true;
    for (int i = 0; i < Math.min(lines.length, MAX_ROUNDS); i++) {
      if (lines[i].isBlank() || !draft.charge(end - start) || !draft.enter()) {
        continue;
      }
      draft.inherited = lines[i] + "\n";
      new ListParser(draft, source.part(start, end), frame.context())
          .stageOf(frame.pipeline(), frame.position())
          .read(false);
      draft.leave();
    }
    draft.inherited = before;
    draft.again = false;
  }

  private void part(Nesting nesting) {
    if (open == 0) {
      draft.facts |= Bits.of(ShellFact.INCOMPLETE);
    } else {
      context = frames[open - 1].context().in(nesting);
      words.context(context);
    }
    end(Joint.FIRST);
  }

  /** Handles a reserved word that was just read in command position; false if it is none. */
  boolean reserved(String word) {
    switch (word) {
      case "if" -> open(Kind.IF, Nesting.CONDITION);
      case "then", "else" -> part(Nesting.BRANCH);
      case "elif" -> part(Nesting.CONDITION);
      case "fi" -> close(Kind.IF);
      case "while", "until" -> open(Kind.LOOP, Nesting.CONDITION);
      case "do" -> part(Nesting.LOOP);
      case "done" -> close(Kind.LOOP);
      case "for", "select" -> headers().loop();
      case "case" -> headers().choice();
      case "esac" -> close(Kind.CASE);
      case "{" -> open(Kind.GROUP, Nesting.GROUP);
      case "}" -> close(Kind.GROUP);
      case "!" -> negated = true;
      case "function" -> functionHeader();
      case "coproc" -> end(Joint.THEN);
      default -> {
        return false;
      }
    }
    return true;
  }

  /**
   * Handles the definition of a function whose name was just read; its body is the compound command
   * that follows.
   */
  void functionNamed(String name) {
    function = name;
    if (Commands.common(name)) {
      draft.facts |= Bits.of(ShellFact.SHADOWS_COMMAND);
    }
    skipToWord();
    char next = source.peek(0);
    if (next != '{' && next != '(') {
      function = "";
    }
  }

  private void functionHeader() {
    skipBlanks();
    List<Word> name = new ArrayList<>(1);
    words.read(name);
    skipBlanks();
    if (source.peek(0) == '(') {
      source.pos++;
      skipBlanks();
      if (source.peek(0) == ')') {
        source.pos++;
      }
    }
    functionNamed(name.isEmpty() ? "" : name.get(0).value());
  }

  void skipBlanks() {
    while (source.pos < source.limit) {
      char c = source.text.charAt(source.pos);
      if (c == ' ' || c == '\t' || c == '\r') {
        source.pos++;
      } else if (c == '\\' && source.peek(1) == '\n') {
        source.pos += 2;
      } else if (c == '\\' && source.peek(1) == '\r' && source.peek(2) == '\n') {
        source.pos += 3;
      } else {
        return;
      }
    }
  }

  void skipToWord() {
    while (source.pos < source.limit) {
      skipBlanks();
      char c = source.peek(0);
      if (c == '\n') {
        newline();
      } else if (c == '#') {
        comment();
      } else {
        return;
      }
    }
  }
}
