package dev.gatehouse.policy;

import dev.gatehouse.action.Action;
import dev.gatehouse.action.Decision;
import dev.gatehouse.action.Reason;
import dev.gatehouse.action.Span;
import dev.gatehouse.policy.Explanation.Change;
import dev.gatehouse.policy.python.PythonArgument;
import dev.gatehouse.policy.python.PythonCall;
import dev.gatehouse.policy.shell.Redirection;
import dev.gatehouse.policy.shell.ShellCommand;
import dev.gatehouse.policy.shell.Word;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Small changes of the texts of one action: a command, a call, a word or a line taken out, or a
 * word of the policy's own examples put in. They are proposals: most give no other outcome.
 */
final class TextEdits {
  /** Of longer texts single words and lines are left alone. */
  private static final int LONGEST_BY_WORD = 4_096;

  /** Further texts of an action with very many are left alone. */
  private static final int MOST_TEXTS = 64;

  /** A word of an example with one of these means little elsewhere. */
  private static final String QUOTES = "'\"`\\(){}";

  private static final String OPERATORS = ";&|<>";
  private static final String BLANKS = " \t\n";
  private static final String BEFORE_COMMAND = BLANKS + ";&|";
  private static final String BEFORE_TARGET = BLANKS + "<>&|0123456789";
  private static final String BEFORE_ARGUMENT = BLANKS + ",";

  private final Facts facts;
  private final int most;
  private final Set<Edit> edits = new LinkedHashSet<>();
  private boolean cut;

  /** {@code text} without what stands from start to end, and with {@code added} there. */
  private record Edit(Facts.Argument text, int start, int end, String added) {
    String apply() {
      return text.text().substring(0, start) + added + text.text().substring(end);
    }

    int size() {
      int removed = end - start;
      return removed == text.text().length()
          ? Candidate.difference(text.text(), added)
          : Math.max(removed, added.length());
    }

    String what() {
      String removed = text.text().substring(start, end).strip();
      String place = " in " + text.path();
      if (added.isEmpty()) {
        return "without " + Candidate.quoted(removed) + place;
      }
      String put = "with " + Candidate.quoted(added.strip());
      return removed.isEmpty()
          ? put + " added" + place
          : put + " in place of " + Candidate.quoted(removed) + place;
    }
  }

  /**
   * Collects the changes.
   *
   * @param most how many at most
   */
  TextEdits(Policy policy, Facts facts, Decision decision, int most) {
    this.facts = facts;
    this.most = most;
    this.cut = facts.texts().size() > MOST_TEXTS;
    for (Facts.Argument text : facts.texts().stream().limit(MOST_TEXTS).toList()) {
      if (isFull()) {
        cut = true;
        return;
      }
      decision.reasons().forEach(reason -> matched(text, reason));
      facts.readings().shells.stream()
          .filter(shell -> isOf(shell.origin(), text))
          .forEach(shell -> commands(text, shell.commands()));
      facts.readings().pythons.stream()
          .filter(python -> isOf(python.origin(), text))
          .forEach(python -> calls(text, python.reading().calls()));
      if (text.text().length() <= LONGEST_BY_WORD) {
        List<int[]> words =
            pieces(text.text(), BLANKS).stream()
                .filter(word -> !consistsOf(OPERATORS, text.text(), word))
                .toList();
        words.forEach(word -> remove(text, word[0], word[1]));
        pieces(text.text(), "\n").forEach(line -> remove(text, line[0], line[1]));
        examples(policy, text, words);
      } else {
        cut = true;
      }
    }
  }

  /** Whether there were more. */
  boolean isCut() {
    return cut;
  }

  List<Candidate> list() {
    List<Candidate> candidates = new ArrayList<>();
    for (Edit edit : edits) {
      candidates.add(
          new Candidate(
              Change.Kind.TEXT,
              edit.size(),
              edit.what(),
              () -> with(facts.action, edit),
              facts.nowMillis));
    }
    return candidates;
  }

  private static Action with(Action action, Edit edit) {
    Map<String, Object> arguments =
        ArgumentPath.of(edit.text().path()).set(action.arguments(), edit.apply());
    return new Action(
        action.actor(),
        action.session(),
        action.tool(),
        arguments == null ? action.arguments() : arguments,
        action.context());
  }

  private static boolean isOf(Origin origin, Facts.Argument text) {
    return origin.exact() && origin.argument().equals(text.path());
  }

  private void matched(Facts.Argument text, Reason reason) {
    for (Span span : reason.spans()) {
      if (span.argument().equals(text.path())) {
        remove(text, span.start(), span.end());
      }
    }
  }

  private void commands(Facts.Argument text, List<ShellCommand> commands) {
    for (int i = 0; i < commands.size() && !isFull(); i++) {
      ShellCommand command = commands.get(i);
      remove(text, command.start(), command.end());
      remove(text, before(text, command.start(), BEFORE_COMMAND), command.end());
      remove(text, command.start(), after(text, command.end(), BEFORE_COMMAND));
      for (Word word : command.arguments()) {
        remove(text, word.start(), word.end());
      }
      for (Redirection redirection : command.redirections()) {
        Word target = redirection.target();
        remove(text, before(text, target.start(), BEFORE_TARGET), target.end());
      }
      Word name = command.nameWord();
      if (name != null) {
        remove(text, name.start(), name.end());
      }
    }
  }

  private void calls(Facts.Argument text, List<PythonCall> calls) {
    for (int i = 0; i < calls.size() && !isFull(); i++) {
      PythonCall call = calls.get(i);
      add(new Edit(text, call.start(), call.end(), "None"));
      for (PythonArgument argument : call.arguments()) {
        remove(text, before(text, argument.start(), BEFORE_ARGUMENT), argument.end());
      }
    }
  }

  /** The texts of the policy's tests, and the words of those that share a word with this one. */
  private void examples(Policy policy, Facts.Argument text, List<int[]> words) {
    Set<String> own = new LinkedHashSet<>();
    words.forEach(word -> own.add(text.text().substring(word[0], word[1])));
    Set<String> near = new LinkedHashSet<>();
    int end = text.text().length();
    List<String> examples = examples(policy, text.path());
    for (String example : examples) {
      if (isFull()) {
        cut = true;
        return;
      }
      List<String> theirs =
          pieces(example, BLANKS).stream().map(w -> example.substring(w[0], w[1])).toList();
      if (theirs.stream().anyMatch(own::contains)) {
        add(new Edit(text, 0, end, example));
        theirs.stream().filter(word -> isPlain(word) && !own.contains(word)).forEach(near::add);
      }
    }
    for (String word : near) {
      if (isFull()) {
        cut = true;
        return;
      }
      add(new Edit(text, end, end, " " + word));
      words.forEach(old -> add(new Edit(text, old[0], old[1], word)));
    }
    examples.forEach(example -> add(new Edit(text, 0, end, example)));
  }

  /** The texts that rules about the tool are tested with, of one argument. */
  private List<String> examples(Policy policy, String path) {
    List<String> texts = new ArrayList<>();
    for (PolicyCase example : policy.examples(facts.action.tool())) {
      if (example.action().arguments().get(path) instanceof String text
          && text.length() <= LONGEST_BY_WORD) {
        texts.add(text);
      }
    }
    return texts;
  }

  private static boolean isPlain(String word) {
    return word.chars().noneMatch(c -> QUOTES.indexOf(c) >= 0);
  }

  private static boolean consistsOf(String characters, String text, int[] range) {
    return text.substring(range[0], range[1]).chars().allMatch(c -> characters.indexOf(c) >= 0);
  }

  private void remove(Facts.Argument text, int start, int end) {
    if (start < end) {
      add(new Edit(text, start, end, ""));
    }
  }

  private void add(Edit edit) {
    int length = edit.text().text().length();
    boolean nothingLeft = edit.end() - edit.start() == length && edit.added().isEmpty();
    if (edit.start() < 0 || edit.end() > length || nothingLeft) {
      return;
    }
    if (isFull()) {
      cut = true;
    } else {
      edits.add(edit);
    }
  }

  private boolean isFull() {
    return edits.size() >= most;
  }

  private static int before(Facts.Argument text, int from, String skipped) {
    int at = Math.min(from, text.text().length());
    while (at > 0 && skipped.indexOf(text.text().charAt(at - 1)) >= 0) {
      at--;
    }
    return at;
  }

  private static int after(Facts.Argument text, int from, String skipped) {
    int at = from;
    while (at < text.text().length() && skipped.indexOf(text.text().charAt(at)) >= 0) {
      at++;
    }
    return at;
  }

  /** The ranges between separators. */
  private static List<int[]> pieces(String text, String separators) {
    List<int[]> pieces = new ArrayList<>();
    int start = 0;
    for (int i = 0; i <= text.length(); i++) {
      if (i == text.length() || separators.indexOf(text.charAt(i)) >= 0) {
        if (i > start) {
          pieces.add(new int[] {start, i});
        }
        start = i + 1;
      }
    }
    return pieces;
  }
}
