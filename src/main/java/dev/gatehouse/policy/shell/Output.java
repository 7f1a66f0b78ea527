package dev.gatehouse.policy.shell;

import dev.gatehouse.policy.text.Encodings;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import java.util.zip.GZIPInputStream;
import org.jspecify.annotations.Nullable;

/**
 * Computes what commands print where that depends on nothing but the text: {@code echo}, {@code
 * printf}, {@code base64 -d} and the like. Null where it does not.
 */
final class Output {
  private static final int MAX_COMMANDS = 64;
  private static final int MAX_STAGES = 16;
  private static final int MAX_UNPACKED = 1 << 16;

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
    return stageBefore(draft, invocation) >= 0;
  }

  private static int stageBefore(Draft draft, Invocation invocation) {
    int at = invocation.pipeline;
    int position = invocation.position;
    while (at >= 0 && position == 0) {
      position = draft.parentPosition(at);
      at = draft.parent(at);
    }
    return at < 0 ? -1 : at;
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
    int at = invocation.pipeline;
    int position = invocation.position;
    while (at >= 0 && position == 0) {
      position = draft.parentPosition(at);
      at = draft.parent(at);
    }
    return at < 0 ? null : ofStage(draft, at, position - 1, 0, invocation.index - 1);
  }

  /** What a command prints, if that can be computed. */
  static @Nullable String ofCommand(Draft draft, Invocation command) {
    List<Word> words = command.arguments;
    String text =
        switch (command.base) {
          case "echo" -> echo(words);
          case "printf" -> printf(draft, words);
          case ":", "true" -> "";
          case "cat", "tee", "sort", "uniq", "head", "tac", "pv", "sponge" -> cat(draft, command);
          case "base64" -> base64(draft, command);
          case "base32" -> isDecode(words) ? decoded(draft, 32, input(draft, command)) : null;
          case "openssl" -> openssl(draft, command);
          case "xxd" -> xxd(draft, command);
          case "rev" -> rev(input(draft, command));
          case "tr" -> tr(words, input(draft, command));
          case "cut" -> cut(words, input(draft, command));
          case "sed" -> sed(words, input(draft, command));
          case "gunzip", "zcat", "gzip" -> gunzip(draft, command);
          case "which", "command", "type", "whereis" -> which(words);
          case "basename" ->
              words.isEmpty()
                  ? null
                  : words.get(0).value().substring(words.get(0).value().lastIndexOf('/') + 1)
                      + "\n";
          case "pwd" -> ".\n";
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

  /** At least the root of the search, if nothing narrows it down. */
  private static @Nullable String find(List<Word> words) {
    boolean tells = !words.isEmpty() && !words.get(0).isFlag() && FindCommand.findsAll(words);
    return tells ? words.get(0).value() + "\n" + Word.HOLE : null;
  }

  private static String echo(List<Word> words) {
    int i = 0;
    boolean newline = true;
    boolean escapes = false;
    for (; i < words.size(); i++) {
      String value = words.get(i).value();
      if (value.length() < 2 || value.charAt(0) != '-' || !onlyFlags(value)) {
        break;
      }
      newline &= value.indexOf('n') < 0;
      escapes |= value.indexOf('e') > 0;
    }
    StringBuilder out = new StringBuilder();
    for (int k = i; k < words.size(); k++) {
      if (k > i) {
        out.append(' ');
      }
      out.append(words.get(k).value());
    }
    if (newline) {
      out.append('\n');
    }
    return escapes ? Escapes.decode(out.toString()) : out.toString();
  }

  private static boolean onlyFlags(String value) {
    for (int i = 1; i < value.length(); i++) {
      if ("neE".indexOf(value.charAt(i)) < 0) {
        return false;
      }
    }
    return true;
  }

  static @Nullable String printf(Draft draft, List<Word> words) {
    int at = 0;
    if (at < words.size() && words.get(at).value().equals("--")) {
      at++;
    }
    if (at >= words.size()) {
      return "";
    }
    if (words.get(at).value().equals("-v")) {
      return "";
    }
    String format = Escapes.decode(words.get(at++).value());
    StringBuilder out = new StringBuilder();
    int rounds = 0;
    do {
      int before = at;
      int i = 0;
      while (i < format.length()) {
        char c = format.charAt(i++);
        if (c != '%' || i >= format.length()) {
          out.append(c);
          continue;
        }
        while (i < format.length() && "-+ #0123456789.".indexOf(format.charAt(i)) >= 0) {
          i++;
        }
        char verb = i < format.length() ? format.charAt(i++) : '%';
        if (verb == '%') {
          out.append('%');
          continue;
        }
        String value = at < words.size() ? words.get(at++).value() : "";
        switch (verb) {
          case 'b' -> out.append(Escapes.decode(value));
          case 'c' -> out.append(value.isEmpty() ? "" : value.substring(0, 1));
          default -> out.append(value);
        }
      }
      if (at == before || ++rounds > 256 || !draft.charge(format.length())) {
        break;
      }
    } while (at < words.size());
    return out.toString();
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

  private static boolean isDecode(List<Word> words) {
    for (int i = 0; i < words.size(); i++) {
      String value = words.get(i).value();
      if (value.startsWith("--d")
          || (value.length() > 1
              && value.charAt(0) == '-'
              && value.charAt(1) != '-'
              && (value.indexOf('d') > 0 || value.indexOf('D') > 0))) {
        return true;
      }
    }
    return false;
  }

  private static @Nullable String base64(Draft draft, Invocation command) {
    String text = fileOrInput(draft, command);
    if (isDecode(command.arguments)) {
      return decoded(draft, 64, text);
    }
    return text == null
        ? null
        : Base64.getEncoder().encodeToString(text.getBytes(StandardCharsets.UTF_8)) + "\n";
  }

  private static @Nullable String fileOrInput(Draft draft, Invocation command) {
    for (int i = 0; i < command.arguments.size(); i++) {
      Word word = command.arguments.get(i);
      if (!word.isFlag() && !word.value().equals("-")) {
        Draft.Written written = draft.file(word.value());
        if (written != null) {
          return written.content();
        }
        if (!word.value().equals("0")) {
          return null;
        }
      }
    }
    return input(draft, command);
  }

  private static @Nullable String decoded(Draft draft, int base, @Nullable String text) {
    if (text == null || text.indexOf(Word.HOLE) >= 0) {
      return null;
    }
    draft.decoded = true;
    return base == 64
        ? Encodings.base64(text)
        : base == 32 ? Encodings.base32(text) : Encodings.hex(text);
  }

  private static @Nullable String openssl(Draft draft, Invocation command) {
    String verb = command.value(0);
    boolean base64 = verb.equals("base64") || verb.equals("enc");
    return base64 && isDecode(command.arguments) ? decoded(draft, 64, input(draft, command)) : null;
  }

  private static @Nullable String xxd(Draft draft, Invocation command) {
    boolean reverse = false;
    boolean plain = false;
    for (Word word : command.arguments) {
      String value = word.value();
      reverse |= word.isFlag() && value.indexOf('r') > 0;
      plain |= word.isFlag() && value.indexOf('p') > 0;
    }
    return reverse && plain ? decoded(draft, 16, input(draft, command)) : null;
  }

  private static @Nullable String rev(@Nullable String text) {
    if (text == null || text.indexOf(Word.HOLE) >= 0) {
      return null;
    }
    StringBuilder out = new StringBuilder(text.length());
    int at = 0;
    while (at < text.length()) {
      int end = text.indexOf('\n', at);
      int to = end < 0 ? text.length() : end;
      for (int i = to - 1; i >= at; i--) {
        out.append(text.charAt(i));
      }
      if (end >= 0) {
        out.append('\n');
      }
      at = to + 1;
    }
    return out.toString();
  }

  private static @Nullable String tr(List<Word> words, @Nullable String text) {
    if (text == null || words.isEmpty() || words.size() > 3) {
      return null;
    }
    boolean delete = words.get(0).value().startsWith("-d");
    boolean squeeze = words.get(0).value().startsWith("-s");
    if (words.get(0).isFlag() && !delete && !squeeze) {
      return null;
    }
    String from = set(delete || squeeze ? wordOf(words, 1) : wordOf(words, 0));
    String to = delete ? "" : set(squeeze ? wordOf(words, 2) : wordOf(words, 1));
    if (from == null || to == null || squeeze) {
      return null;
    }
    char[] map = new char[256];
    boolean[] drop = new boolean[256];
    for (char c = 0; c < 256; c++) {
      map[c] = c;
    }
    for (int i = 0; i < from.length(); i++) {
      char c = from.charAt(i);
      if (c >= 256) {
        continue;
      }
      if (delete) {
        drop[c] = true;
      } else if (!to.isEmpty()) {
        map[c] = to.charAt(Math.min(i, to.length() - 1));
      }
    }
    StringBuilder out = new StringBuilder(text.length());
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c >= 256) {
        out.append(c);
      } else if (!drop[c]) {
        out.append(map[c]);
      }
    }
    return out.toString();
  }

  private static String wordOf(List<Word> words, int index) {
    return index < words.size() ? words.get(index).value() : "";
  }

  /** The characters of a set of tr: ranges, escapes and the common classes. */
  private static @Nullable String set(String text) {
    String plain =
        Escapes.decode(text)
            .replace("[:lower:]", "a-z")
            .replace("[:upper:]", "A-Z")
            .replace("[:digit:]", "0-9")
            .replace("[:space:]", " \t\n")
            .replace("[:blank:]", " \t");
    StringBuilder out = new StringBuilder();
    for (int i = 0; i < plain.length(); i++) {
      char c = plain.charAt(i);
      if (i + 2 < plain.length() && plain.charAt(i + 1) == '-') {
        char last = plain.charAt(i + 2);
        if (last < c || last > 255) {
          return null;
        }
        for (char k = c; k <= last; k++) {
          out.append(k);
        }
        i += 2;
      } else {
        out.append(c);
      }
      if (out.length() > 1024) {
        return null;
      }
    }
    return out.toString();
  }

  /** {@code cut -c 1-3}, for a single line. */
  private static @Nullable String cut(List<Word> words, @Nullable String text) {
    if (text == null || words.isEmpty() || !words.get(0).value().startsWith("-c")) {
      return null;
    }
    String range =
        words.get(0).value().length() > 2 ? words.get(0).value().substring(2) : wordOf(words, 1);
    int dash = range.indexOf('-');
    int length = text.endsWith("\n") ? text.length() - 1 : text.length();
    if ((text.indexOf('\n') >= 0 && text.indexOf('\n') < length) || range.length() > 8) {
      return null;
    }
    int from = number(dash < 0 ? range : range.substring(0, dash), 1);
    int to = dash < 0 ? from : number(range.substring(dash + 1), length);
    if (from < 1 || to < 0) {
      return null;
    }
    int start = Math.min(from - 1, length);
    return text.substring(start, Math.max(start, Math.min(to, length))) + "\n";
  }

  private static int number(String text, int otherwise) {
    if (text.isEmpty()) {
      return otherwise;
    }
    int value = 0;
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c < '0' || c > '9') {
        return -1;
      }
      value = Math.min(1_000_000, value * 10 + c - '0');
    }
    return value;
  }

  /** {@code sed s/a/b/g} without patterns. */
  private static @Nullable String sed(List<Word> words, @Nullable String text) {
    if (text == null || words.isEmpty()) {
      return null;
    }
    String script = words.get(words.size() - 1).value();
    if (script.length() < 4 || script.charAt(0) != 's') {
      return null;
    }
    String[] parts =
        script.substring(2).split(java.util.regex.Pattern.quote(script.substring(1, 2)), -1);
    if (parts.length != 3 || parts[0].isEmpty()) {
      return null;
    }
    for (int i = 0; i < parts[0].length(); i++) {
      if ("\\^$.*[]+?(){}|".indexOf(parts[0].charAt(i)) >= 0) {
        return null;
      }
    }
    if (parts[1].indexOf('&') >= 0 || parts[1].indexOf('\\') >= 0 || parts[1].length() > 64) {
      return null;
    }
    if (parts[2].indexOf('g') >= 0) {
      return text.replace(parts[0], parts[1]);
    }
    int at = text.indexOf(parts[0]);
    return at < 0 || text.indexOf('\n') < text.length() - 1
        ? null
        : text.substring(0, at) + parts[1] + text.substring(at + parts[0].length());
  }

  private static @Nullable String gunzip(Draft draft, Invocation command) {
    String text = input(draft, command);
    if (text == null || (command.base.equals("gzip") && !isDecode(command.arguments))) {
      return null;
    }
    draft.decoded = true;
    try (GZIPInputStream stream =
        new GZIPInputStream(new ByteArrayInputStream(text.getBytes(StandardCharsets.ISO_8859_1)))) {
      byte[] bytes = stream.readNBytes(MAX_UNPACKED);
      return Encodings.text(bytes, bytes.length);
    } catch (IOException e) {
      return null;
    }
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
