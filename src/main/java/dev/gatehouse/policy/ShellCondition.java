package dev.gatehouse.policy;

import dev.gatehouse.action.Span;
import dev.gatehouse.policy.shell.ShellCommand;
import dev.gatehouse.policy.shell.ShellFact;
import java.util.List;
import java.util.Set;

/** Holds if some command of some shell text in the action passes. */
record ShellCondition(Source source, CommandTest test) implements Condition {
  private static final int MOST_SPANS = 16;

  @Override
  public boolean holds(Facts facts) {
    List<Readings.Shell> shells = facts.readings().shells;
    for (int i = 0; i < shells.size(); i++) {
      Readings.Shell shell = shells.get(i);
      for (int c = 0; c < shell.commands().size(); c++) {
        if (test.holds(shell, c)) {
          return true;
        }
      }
    }
    return false;
  }

  @Override
  public void locate(Facts facts, List<Span> spans) {
    for (Readings.Shell shell : facts.readings().shells) {
      List<ShellCommand> commands = shell.reading().commands();
      for (int c = 0; c < commands.size(); c++) {
        if (spans.size() < MOST_SPANS && test.holds(shell, c)) {
          spans.add(shell.origin().span(commands.get(c).start(), commands.get(c).end()));
        }
      }
    }
  }

  @Override
  public Need need() {
    return test.need();
  }

  /** Holds if the reader says one of these of a whole shell text. */
  record Fact(Source source, Set<ShellFact> wanted) implements Condition {
    @Override
    public boolean holds(Facts facts) {
      for (Readings.Shell shell : facts.readings().shells) {
        for (ShellFact fact : shell.reading().facts()) {
          if (wanted.contains(fact)) {
            return true;
          }
        }
      }
      return false;
    }

    @Override
    public Need need() {
      return Need.ofFacts(wanted);
    }
  }
}
