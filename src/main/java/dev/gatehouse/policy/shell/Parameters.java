package dev.gatehouse.policy.shell;

import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * Reads {@code $name}, {@code ${..}} and {@code $((..))} and puts what they stand for into a word.
 */
final class Parameters {
  private final Draft draft;
  private final Source source;
  private final WordParser words;

  Parameters(Draft draft, Source source, WordParser words) {
    this.draft = draft;
    this.source = source;
    this.words = words;
  }

  /**
   * Reads {@code $name}, {@code $1}, {@code $@} and the like; a dollar that starts nothing stands
   * for itself.
   */
  void simple(Pieces pieces, boolean inQuotes) {
    int nameEnd = name(source.pos + 1, source.limit, source.text);
    if (nameEnd == source.pos + 1) {
      char next = source.peek(1);
      if (next == 0 || "@*#?-$!0123456789".indexOf(next) < 0) {
        pieces.append('$');
        source.pos++;
        return;
      }
      nameEnd++;
    }
    String name = source.text.substring(source.pos + 1, nameEnd);
    source.pos = nameEnd;
    if (name.equals("IFS") && !inQuotes && !draft.variables().assigned(name)) {
      draft.sawIfs = true;
    }
    expand(pieces, name, draft.variables().get(name), inQuotes);
  }

  /** One past the last character of the name that starts at a place. */
  static int name(int from, int limit, String text) {
    int at = from;
    while (at < limit) {
      char c = text.charAt(at);
      boolean letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
      if (!letter && (at == from || c < '0' || c > '9')) {
        break;
      }
      at++;
    }
    return at;
  }

  private void expand(
      Pieces pieces, String name, Variables.@Nullable Value value, boolean inQuotes) {
    draft.sawExpansion = true;
    if (value == null) {
      boolean all = name.equals("@") || name.equals("*");
      char next = source.peek(0);
      if (all && (pieces.endsWithName() || Character.isLetterOrDigit(next))) {
        return;
      }
      pieces.hole();
      return;
    }
    draft.used(value);
    if (value.array()) {
      array(pieces, value, name.equals("@") || name.equals("*") ? name : "", inQuotes);
    } else if (value.texts().length > 1) {
      pieces.alternatives = true;
      pieces.multiply(java.util.List.of(value.texts()));
    } else {
      append(pieces, value.texts()[0], inQuotes);
    }
  }

  private static void append(Pieces pieces, String text, boolean inQuotes) {
    if (inQuotes || !pieces.splits()) {
      pieces.appendExpanded(text);
    } else {
      pieces.split(text);
    }
  }

  private static void array(
      Pieces pieces, Variables.Value value, String subscript, boolean inQuotes) {
    String[] items = value.texts();
    if (subscript.isEmpty()) {
      if (items.length > 0) {
        append(pieces, items[0], inQuotes);
      }
      return;
    }
    for (int i = 0; i < items.length; i++) {
      if (i > 0) {
        if (pieces.splits() && (!inQuotes || subscript.equals("@"))) {
          pieces.finish(-1, -1);
        } else {
          pieces.append(' ');
        }
      }
      if (inQuotes) {
        pieces.any = true;
      }
      append(pieces, items[i], inQuotes);
    }
  }

  /** Reads the rest of {@code ${..}}, from behind the opening brace to behind the closing one. */
  void braced(Pieces pieces, boolean inQuotes) {
    draft.sawExpansion = true;
    char first = source.peek(0);
    boolean length = first == '#' && source.peek(1) != '}';
    boolean indirect = first == '!';
    if (length || indirect) {
      source.pos++;
    }
    int from = source.pos;
    int end = name(from, source.limit, source.text);
    if (end == from) {
      char c = source.peek(0);
      if (Character.isDigit(c)) {
        while (end < source.limit && Character.isDigit(source.text.charAt(end))) {
          end++;
        }
      } else if (c != 0 && "@*#?-$!".indexOf(c) >= 0) {
        end++;
      } else {
        skip();
        pieces.hole();
        return;
      }
    }
    String name = source.text.substring(from, end);
    source.pos = end;
    String subscript = subscript();
    Variables.Value value = draft.variables().get(name);
    if (indirect && value != null) {
      value = dereference(value);
    }
    if (value != null) {
      draft.used(value);
    }
    if (name.equals("IFS") && !inQuotes) {
      draft.sawIfs = true;
    }
    if (length) {
      String text = value == null || value.texts().length != 1 ? null : value.texts()[0];
      skip();
      if (text == null || text.indexOf(Word.HOLE) >= 0) {
        pieces.hole();
      } else {
        pieces.append(Integer.toString(text.length()));
      }
      return;
    }
    operator(pieces, name, value, subscript, inQuotes);
  }

  private Variables.@Nullable Value dereference(Variables.Value value) {
    String target = value.texts().length > 0 ? value.texts()[0] : "";
    return target.isEmpty() || name(0, target.length(), target) != target.length()
        ? null
        : draft.variables().get(target);
  }

  /** Reads {@code [..]} after a name; empty if there is none. */
  private String subscript() {
    if (source.peek(0) != '[') {
      return "";
    }
    int close = source.text.indexOf(']', source.pos, Math.min(source.limit, source.pos + 256));
    if (close < 0) {
      return "";
    }
    String subscript = source.text.substring(source.pos + 1, close);
    source.pos = close + 1;
    return subscript;
  }

  private void operator(
      Pieces pieces,
      String name,
      Variables.@Nullable Value value,
      String subscript,
      boolean inQuotes) {
    char operator = source.peek(0);
    if (operator == '}') {
      source.pos++;
      whole(pieces, name, value, subscript, inQuotes);
      return;
    }
    if (operator == 0) {
      draft.facts |= Bits.of(ShellFact.INCOMPLETE);
      pieces.hole();
      return;
    }
    String text = text(name, value, subscript);
    boolean colon = operator == ':';
    char action = colon ? source.peek(1) : operator;
    if ("-=+?".indexOf(action) >= 0 && action != 0) {
      source.pos += colon ? 2 : 1;
      alternative(pieces, name, value, text, subscript, action, inQuotes);
      return;
    }
    String result =
        switch (operator) {
          case ':' -> slice(text);
          case '#', '%' -> trim(text, operator);
          case '/' -> replace(text);
          case '^', ',' -> letterCase(text, operator);
          case '@' -> {
            String operand = operand(WordParser.Until.BRACE);
            yield text == null
                ? null
                : operand.equals("@U")
                    ? text.toUpperCase(Locale.ROOT)
                    : operand.equals("@L") ? text.toLowerCase(Locale.ROOT) : text;
          }
          default -> {
            operand(WordParser.Until.BRACE);
            yield null;
          }
        };
    close();
    if (result == null) {
      pieces.hole();
    } else {
      append(pieces, result, inQuotes);
    }
  }

  private void whole(
      Pieces pieces,
      String name,
      Variables.@Nullable Value value,
      String subscript,
      boolean inQuotes) {
    if (value == null || subscript.isEmpty()) {
      expand(pieces, name, value, inQuotes);
      return;
    }
    if (subscript.equals("@") || subscript.equals("*")) {
      array(pieces, value, subscript, inQuotes);
      return;
    }
    String item = item(value, subscript);
    if (item == null) {
      pieces.hole();
    } else {
      append(pieces, item, inQuotes);
    }
  }

  private static @Nullable String item(Variables.Value value, String subscript) {
    int index = subscript.length() < 5 ? ParameterEdits.number(subscript, -1) : -1;
    if (index < 0) {
      return null;
    }
    return index < value.texts().length ? value.texts()[index] : "";
  }

  private @Nullable String text(String name, Variables.@Nullable Value value, String subscript) {
    if (value == null || value.texts().length == 0) {
      return null;
    }
    if (!subscript.isEmpty()) {
      return subscript.equals("@") || subscript.equals("*")
          ? String.join(" ", value.texts())
          : item(value, subscript);
    }
    if (value.texts().length > 1 && !value.array()) {
      return null;
    }
    if (!draft.variables().assigned(name)) {
      return switch (name) {
        case "HOME", "PWD" -> "/" + Word.HOLE;
        default -> value.texts()[0];
      };
    }
    return value.texts()[0];
  }

  private void alternative(
      Pieces pieces,
      String name,
      Variables.@Nullable Value value,
      @Nullable String text,
      String subscript,
      char action,
      boolean inQuotes) {
    int first = draft.commands.size();
    Pieces operand = new Pieces(draft, null, 0);
    words.pieces(operand, WordParser.Until.BRACE);
    close();
    pieces.inner(operand.firstInner, operand.lastInner);
    String other = operand.text();
    boolean mayBeUnset = value == null;
    if (action == '+') {
      append(pieces, other, inQuotes);
      return;
    }
    if (mayBeUnset || (text != null && text.isEmpty())) {
      if (action == '=') {
        draft.variables().set(name, Variables.Value.of(other));
      }
      if (action == '?') {
        pieces.hole();
      } else {
        append(pieces, other, inQuotes);
      }
      return;
    }
    if (draft.commands.size() > first) {
      pieces.inner(first, draft.commands.size() - 1);
    }
    whole(pieces, name, value, subscript, inQuotes);
  }

  private @Nullable String slice(@Nullable String text) {
    source.pos++;
    String operand = operand(WordParser.Until.BRACE);
    return text == null ? null : ParameterEdits.slice(text, operand);
  }

  private @Nullable String trim(@Nullable String text, char operator) {
    source.pos++;
    boolean longest = source.peek(0) == operator;
    if (longest) {
      source.pos++;
    }
    String pattern = operand(WordParser.Until.BRACE);
    return text != null && editable(text, pattern)
        ? ParameterEdits.trim(text, pattern, operator == '#', longest)
        : null;
  }

  private @Nullable String replace(@Nullable String text) {
    source.pos++;
    char mode = source.peek(0);
    if (mode == '/' || mode == '#' || mode == '%') {
      source.pos++;
    }
    String pattern = operand(WordParser.Until.SLASH);
    String replacement = "";
    if (source.peek(0) == '/') {
      source.pos++;
      replacement = operand(WordParser.Until.BRACE);
    }
    if (text == null || pattern.isEmpty()) {
      return text;
    }
    return editable(text, pattern) && draft.charge(text.length() * (1 + replacement.length()))
        ? ParameterEdits.replace(text, mode, pattern, replacement)
        : null;
  }

  private @Nullable String letterCase(@Nullable String text, char operator) {
    boolean all = source.peek(1) == operator;
    source.pos += all ? 2 : 1;
    String pattern = operand(WordParser.Until.BRACE);
    return text == null || (!pattern.isEmpty() && !text.isEmpty())
        ? null
        : ParameterEdits.letterCase(text, operator == '^', all);
  }

  private boolean editable(String text, String pattern) {
    return text.indexOf(Word.HOLE) < 0 && draft.charge(text.length() + pattern.length());
  }

  private String operand(WordParser.Until until) {
    Pieces pieces = new Pieces(draft, null, 0);
    words.pieces(pieces, until);
    return pieces.text();
  }

  private void close() {
    if (source.peek(0) == '}') {
      source.pos++;
    }
  }

  private void skip() {
    operand(WordParser.Until.BRACE);
    close();
  }

  /**
   * Reads {@code $((..))}: a plain number is known, anything else is a hole; substitutions in it
   * are read.
   */
  void arithmetic(Pieces pieces) {
    source.pos += 3;
    int from = source.pos;
    skipArithmetic(pieces);
    String text =
        source.text.substring(from, Math.max(from, Math.min(source.pos - 2, source.limit)));
    draft.steps += source.pos - from;
    int value = ParameterEdits.number(text, Integer.MIN_VALUE);
    if (value == Integer.MIN_VALUE) {
      pieces.hole();
    } else {
      pieces.append(Integer.toString(value));
    }
  }

  /** Skips to behind the {@code ))} that matches, reading the substitutions on the way. */
  void skipArithmetic(Pieces pieces) {
    int open = 0;
    while (source.pos < source.limit) {
      char c = source.text.charAt(source.pos);
      if (c == '$' && source.peek(1) == '(' && source.peek(2) != '(') {
        source.pos += 2;
        words.substitution(pieces, true, Nesting.SUBSTITUTION);
        continue;
      }
      source.pos++;
      if (c == '(') {
        open++;
      } else if (c == ')' && open-- == 0) {
        if (source.peek(0) == ')') {
          source.pos++;
        }
        return;
      }
    }
    draft.facts |= Bits.of(ShellFact.INCOMPLETE);
  }
}
