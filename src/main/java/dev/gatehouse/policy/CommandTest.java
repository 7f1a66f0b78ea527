package dev.gatehouse.policy;

import dev.gatehouse.policy.match.Glob;
import dev.gatehouse.policy.shell.Assignment;
import dev.gatehouse.policy.shell.Nesting;
import dev.gatehouse.policy.shell.Redirection;
import dev.gatehouse.policy.shell.ShellCommand;
import dev.gatehouse.policy.shell.ShellFact;
import dev.gatehouse.policy.shell.Word;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/** A test of one command in a shell text. Immutable. */
sealed interface CommandTest {
  /** Whether the command at {@code index} passes. */
  boolean holds(Readings.Shell shell, int index);

  /** What an action must show before a command can pass. */
  default Need need() {
    return Need.nothing();
  }

  /** Its name, without a path, is one of these. */
  record Named(Set<String> names, List<Glob> globs) implements CommandTest {
    @Override
    public boolean holds(Readings.Shell shell, int index) {
      String name = shell.commands().get(index).baseName();
      if (names.contains(name)) {
        return true;
      }
      for (Glob glob : globs) {
        if (glob.matches(name)) {
          return true;
        }
      }
      return false;
    }

    @Override
    public Need need() {
      if (globs.isEmpty()) {
        return Need.ofNames(names);
      }
      Need wild = Need.ofWords(TextTest.pieces(globs.stream().map(Glob::literal).toList()));
      return names.isEmpty() ? wild : Need.ofNames(names).or(wild);
    }
  }

  /** Has one of these flags: one letter, or a long name without its dashes. */
  record Flag(List<String> flags) implements CommandTest {
    @Override
    public boolean holds(Readings.Shell shell, int index) {
      ShellCommand command = shell.commands().get(index);
      for (String flag : flags) {
        if (flag.length() == 1 ? command.hasShort(flag.charAt(0)) : command.hasLong(flag)) {
          return true;
        }
      }
      return false;
    }
  }

  /** The value of one of these flags passes. */
  record FlagValue(List<String> flags, TextTest test) implements CommandTest {
    @Override
    public boolean holds(Readings.Shell shell, int index) {
      ShellCommand command = shell.commands().get(index);
      for (String flag : flags) {
        Word value = command.flagValue(flag);
        if (value != null && test.holds(value.value())) {
          return true;
        }
      }
      return false;
    }

    @Override
    public Need need() {
      return Need.ofWords(PathPattern.anywhere(test.literals()));
    }
  }

  /** An argument passes: any, or only one that is no flag, or only the first that is none. */
  record Argument(Kind kind, TextTest test) implements CommandTest {
    enum Kind {
      ANY,
      OPERAND,
      FIRST_OPERAND
    }

    @Override
    public boolean holds(Readings.Shell shell, int index) {
      ShellCommand command = shell.commands().get(index);
      List<Word> words = command.arguments();
      int flagsEnd = kind == Kind.ANY ? 0 : command.flagsEnd();
      for (int i = 0; i < words.size(); i++) {
        if (i < flagsEnd && words.get(i).isFlag()) {
          continue;
        }
        if (test.holds(words.get(i).value())) {
          return true;
        }
        if (kind == Kind.FIRST_OPERAND) {
          return false;
        }
      }
      return false;
    }

    @Override
    public Need need() {
      return Need.ofWords(test.literals());
    }
  }

  /** It has at least this many operands. */
  record Operands(int least, int most) implements CommandTest {
    @Override
    public boolean holds(Readings.Shell shell, int index) {
      ShellCommand command = shell.commands().get(index);
      List<Word> words = command.arguments();
      int flagsEnd = command.flagsEnd();
      int count = words.size() - flagsEnd;
      for (int i = 0; i < flagsEnd; i++) {
        count += words.get(i).isFlag() ? 0 : 1;
      }
      return count >= least && count <= most;
    }
  }

  /** Its name and arguments, joined by blanks, pass. */
  record Line(TextTest test) implements CommandTest {
    @Override
    public boolean holds(Readings.Shell shell, int index) {
      ShellCommand command = shell.commands().get(index);
      StringBuilder line = new StringBuilder(command.baseName());
      for (Word word : command.arguments()) {
        line.append(' ').append(word.value());
      }
      return test.holds(line.toString());
    }

    @Override
    public Need need() {
      return Need.ofWords(PathPattern.anywhere(test.literals()));
    }
  }

  /** The command's name, with its path as written, passes. */
  record Path(TextTest test) implements CommandTest {
    @Override
    public boolean holds(Readings.Shell shell, int index) {
      String name = shell.commands().get(index).name();
      return name != null && test.holds(name);
    }

    @Override
    public Need need() {
      return Need.ofWords(test.literals());
    }
  }

  /** The target of a redirection passes. */
  record Redirected(Direction direction, TextTest test) implements CommandTest {
    enum Direction {
      READS,
      WRITES,
      OVERWRITES,
      HERE
    }

    @Override
    public boolean holds(Readings.Shell shell, int index) {
      for (Redirection redirection : shell.commands().get(index).redirections()) {
        boolean right =
            switch (direction) {
              case READS -> redirection.readsFile();
              case WRITES -> redirection.writesFile();
              case OVERWRITES ->
                  redirection.kind() == Redirection.Kind.WRITE
                      || redirection.kind() == Redirection.Kind.WRITE_BOTH;
              case HERE ->
                  redirection.kind() == Redirection.Kind.HERE_DOCUMENT
                      || redirection.kind() == Redirection.Kind.HERE_STRING;
            };
        if (right && test.holds(redirection.target().value())) {
          return true;
        }
      }
      return false;
    }

    @Override
    public Need need() {
      return Need.ofWords(test.literals());
    }
  }

  /** A variable whose name passes is set in front of it, to a value that passes. */
  record Assigns(TextTest name, TextTest value) implements CommandTest {
    @Override
    public boolean holds(Readings.Shell shell, int index) {
      for (Assignment assignment : shell.commands().get(index).assignments()) {
        if (name.holds(assignment.name()) && value.holds(assignment.value().value())) {
          return true;
        }
      }
      return false;
    }

    @Override
    public Need need() {
      return Need.all(List.of(Need.ofWords(name.literals()), Need.ofWords(value.literals())));
    }
  }

  /** It is an argument of one of these programs, such as sudo. */
  record Wrapped(Set<String> wrappers) implements CommandTest {
    @Override
    public boolean holds(Readings.Shell shell, int index) {
      for (String wrapper : shell.commands().get(index).wrappers()) {
        if (wrappers.contains(wrapper)) {
          return true;
        }
      }
      return false;
    }

    @Override
    public Need need() {
      return Need.ofNames(wrappers);
    }
  }

  /** It stands inside one of these. */
  record Inside(Set<Nesting> kinds) implements CommandTest {
    @Override
    public boolean holds(Readings.Shell shell, int index) {
      for (Nesting kind : kinds) {
        if (shell.commands().get(index).inside(kind)) {
          return true;
        }
      }
      return false;
    }
  }

  /** One of these facts is known of it. */
  record Fact(Set<ShellFact> facts) implements CommandTest {
    @Override
    public boolean holds(Readings.Shell shell, int index) {
      for (ShellFact fact : facts) {
        if (shell.commands().get(index).has(fact)) {
          return true;
        }
      }
      return false;
    }

    @Override
    public Need need() {
      return Need.ofFacts(facts);
    }
  }

  /** Its output can reach a command that passes, or the other way round. */
  record Flows(boolean forward, CommandTest other) implements CommandTest {
    @Override
    public boolean holds(Readings.Shell shell, int index) {
      for (int partner : shell.passing(other)) {
        if (partner != index
            && (forward ? shell.flows(index, partner) : shell.flows(partner, index))) {
          return true;
        }
      }
      return false;
    }

    @Override
    public Need need() {
      return other.need();
    }
  }

  /** Passes all. */
  record All(List<CommandTest> tests) implements CommandTest {
    @Override
    public boolean holds(Readings.Shell shell, int index) {
      for (CommandTest test : tests) {
        if (!test.holds(shell, index)) {
          return false;
        }
      }
      return true;
    }

    @Override
    public Need need() {
      List<Need> needs = new ArrayList<>();
      tests.forEach(test -> needs.add(test.need()));
      return Need.all(needs);
    }
  }

  /** Passes one. */
  record Any(List<CommandTest> tests) implements CommandTest {
    @Override
    public boolean holds(Readings.Shell shell, int index) {
      for (CommandTest test : tests) {
        if (test.holds(shell, index)) {
          return true;
        }
      }
      return false;
    }

    @Override
    public Need need() {
      return Need.either(tests.stream().map(CommandTest::need).toList());
    }
  }

  /** Does not pass. */
  record Not(CommandTest test) implements CommandTest {
    @Override
    public boolean holds(Readings.Shell shell, int index) {
      return !test.holds(shell, index);
    }
  }
}
