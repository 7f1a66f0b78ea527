package dev.gatehouse.policy.shell;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Computes what commands print where that depends on nothing but the text: {@code echo}, {@code
 * printf}, {@code base64 -d} and the like. Null where it does not.
 */
final class Output {
  private static final int MAX_COMMANDS = 64;
  static final int MAX_STAGES = 16;

  private Output() {}

  /**
   * What the commands from first to last print that stand at a depth; those inside of them are part
   * of them.
   */
  static @Nullable String ofList(Draft draft, int first, int last, int depth) {
    if (last < first || last - first > MAX_COMMANDS) {
      return last < first ? "" : null;
    }
    StringBuilder out = new StringBuilder();
    int at = first;
    while (at <= last) {
      Invocation invocation = draft.commands.get(at);
      if (invocation.context.depth() != depth) {
        if (invocation.context.depth() < depth) {
          return null;
        }
        at++;
        continue;
      }
      int pipeline = invocation.pipeline;
      String text = ofStage(draft, pipeline, draft.length(pipeline) - 1, first, last);
      if (text == null || !draft.charge(text.length())) {
        return null;
      }
      out.append(text);
      while (at <= last
          && (draft.commands.get(at).pipeline == pipeline
              || draft.commands.get(at).context.depth() > depth)) {
        at++;
      }
    }
    return out.toString();
  }

  /** What a stage of a pipeline prints. */
  private static @Nullable String ofStage(
      Draft draft, int pipeline, int position, int first, int last) {
    if (position < 0 || position > MAX_STAGES) {
      return null;
    }
    Invocation only = null;
    int end = Math.min(last, draft.commands.size() - 1);
    int scanned = 0;
    for (int i = Math.max(first, draft.firstCommand(pipeline)); i <= end; i++) {
      Invocation invocation = draft.commands.get(i);
      if (++scanned > MAX_COMMANDS) {
        return null;
      }
      if (invocation.pipeline != pipeline || invocation.position != position) {
        continue;
      }
      if (only == null) {
        only = invocation;
      } else if (invocation.context.wrapper() < only.index) {
        return null;
      }
    }
    return only == null
        ? ofCompound(draft, pipeline, position, first, end)
        : ofCommand(draft, only);
  }

  /** What a group or subshell prints that is a stage of a pipeline. */
  private static @Nullable String ofCompound(
      Draft draft, int pipeline, int position, int first, int last) {
    int from = -1;
    for (int i = Math.max(first, draft.firstCommand(pipeline)); i <= last; i++) {
      Invocation invocation = draft.commands.get(i);
      int parent = invocation.pipeline;
      if (draft.parent(parent) == pipeline && draft.parentPosition(parent) == position) {
        if (from < 0) {
          from = i;
        }
      } else if (from >= 0 && parent == pipeline) {
        return ofList(draft, from, i - 1, draft.commands.get(from).context.depth());
      }
    }
    return from < 0 ? null : ofList(draft, from, last, draft.commands.get(from).context.depth());
  }

  /** Whether a command's standard input is given to it in the text. */
  static boolean hasInput(Draft draft, Invocation invocation) {
    for (int i = 0; i < invocation.redirections.size(); i++) {
      Redirection redirection = invocation.redirections.get(i);
      switch (redirection.kind()) {
        case HERE_DOCUMENT, HERE_STRING, READ -> {
          return true;
        }
        default -> {}
      }
    }
    return draft.inherited != null || Stage.feeding(draft, invocation) != null;
  }

  /** What a command reads from standard input, if that can be computed. */
  static @Nullable String input(Draft draft, Invocation invocation) {
    String text = null;
    boolean redirected = false;
    for (int i = 0; i < invocation.redirections.size(); i++) {
      Redirection redirection = invocation.redirections.get(i);
      Word target = redirection.target();
      switch (redirection.kind()) {
        case HERE_DOCUMENT -> {
          redirected = true;
          text = target.value();
        }
        case HERE_STRING -> {
          redirected = true;
          text = target.value() + "\n";
        }
        case READ -> {
          redirected = true;
          if (target.hasSubstitution()) {
            int depth = draft.commands.get(target.firstInner()).context.depth();
            text = ofList(draft, target.firstInner(), target.lastInner(), depth);
          } else {
            Draft.Written written = draft.file(target.value());
            text = written == null ? null : written.content();
          }
        }
        default -> {}
      }
    }
    if (redirected) {
      return text;
    }
    Stage own = Stage.feeding(draft, invocation);
    return own == null
        ? draft.inherited
        : ofStage(draft, own.pipeline(), own.position() - 1, 0, invocation.index - 1);
  }

  /** What a command prints, if that can be computed. */
  static @Nullable String ofCommand(Draft draft, Invocation command) {
    List<Word> words = command.arguments;
    String text =
        switch (command.base) {
          case "echo" -> Printing.echo(words);
          case "printf" -> Printing.printf(draft, words);
          case ":", "true" -> "";
          case "cat", "tee", "sort", "uniq", "head", "tac", "pv", "sponge" -> cat(draft, command);
          case "base64" -> Decoders.base64(draft, command);
          case "base32" -> Decoders.base32(draft, command);
          case "openssl" -> Decoders.openssl(draft, command);
          case "xxd" -> Decoders.xxd(draft, command);
          case "rev" -> TextFilters.rev(input(draft, command));
          case "tr" -> TextFilters.tr(words, input(draft, command));
          case "cut" -> TextFilters.cut(words, input(draft, command));
          case "sed" -> TextFilters.sed(words, input(draft, command));
          case "gunzip", "zcat", "gzip" -> Decoders.gunzip(draft, command);
          case "which", "command", "type", "whereis" -> which(words);
          case "basename" ->
              words.isEmpty()
                  ? null
                  : words.get(0).value().substring(words.get(0).value().lastIndexOf('/') + 1)
                      + "\n";
          case "pwd" -> ".\n";
          case "mktemp" -> mktemp(words);
          case "find" -> find(words);
          default -> inner(draft, command);
        };
    return text == null || !draft.charge(text.length()) ? null : text;
  }

  /** What a wrapper prints is what the wrapped command prints. */
  private static @Nullable String inner(Draft draft, Invocation command) {
    int next = command.index + 1;
    if (next < draft.commands.size()
        && draft.commands.get(next).context.wrapper() == command.index
        && draft.commands.get(next).context.layer() == command.context.layer()
        && Commands.trait(command.base).role() != Trait.Role.FIND) {
      return ofCommand(draft, draft.commands.get(next));
    }
    return null;
  }

  /** A fresh name, which nobody else uses, below the folder for such. */
  private static @Nullable String mktemp(List<Word> words) {
    for (Word word : words) {
      if (!word.value().equals("-d")) {
        return null;
      }
    }
    return "/tmp/tmp." + Word.HOLE + "\n";
  }

  /** At least the root of the search, if nothing narrows it down. */
  private static @Nullable String find(List<Word> words) {
    boolean tells = !words.isEmpty() && !words.get(0).isFlag() && FindCommand.findsAll(words);
    return tells ? words.get(0).value() + "\n" + Word.HOLE : null;
  }

  private static @Nullable String cat(Draft draft, Invocation command) {
    StringBuilder out = null;
    for (int i = 0; i < command.arguments.size(); i++) {
      Word word = command.arguments.get(i);
      if (word.isFlag() || word.value().equals("-") || command.base.equals("tee")) {
        if (command.base.equals("head")) {
          return headOf(command, input(draft, command));
        }
        continue;
      }
      Draft.Written written = draft.file(word.value());
      if (written == null || written.content() == null) {
        return null;
      }
      out = out == null ? new StringBuilder() : out;
      out.append(written.content());
    }
    return out == null ? input(draft, command) : out.toString();
  }

  private static @Nullable String headOf(Invocation command, @Nullable String text) {
    if (text == null) {
      return null;
    }
    return text.indexOf('\n') == text.length() - 1 && !command.value(0).startsWith("-c")
        ? text
        : null;
  }

  private static @Nullable String which(List<Word> words) {
    for (Word word : words) {
      if (!word.isFlag() && word.known()) {
        return word.value() + "\n";
      }
    }
    return null;
  }
}
