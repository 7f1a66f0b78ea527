package dev.gatehouse.policy;

import dev.gatehouse.action.Span;
import dev.gatehouse.policy.Readings.Python;
import dev.gatehouse.policy.Readings.Shell;
import dev.gatehouse.policy.python.PythonFact;
import dev.gatehouse.policy.python.PythonReading;
import dev.gatehouse.policy.shell.ShellFact;
import dev.gatehouse.policy.shell.ShellReading;
import dev.gatehouse.policy.text.Region;
import dev.gatehouse.policy.text.Use;
import java.util.Arrays;
import java.util.List;

/**
 * Holds if some text among the arguments passes, and passes as well with blanks in place of what
 * the readers know to be data. Text that no reader reads, that two read, or that one cannot read to
 * its end, is taken as executed in full: what is unknown hides nothing.
 */
record ExecutedTextCondition(Source source, TextTest test) implements Condition {
  @Override
  public boolean holds(Facts facts) {
    List<Facts.Argument> texts = facts.texts();
    for (int i = 0; i < texts.size(); i++) {
      Facts.Argument argument = texts.get(i);
      if (test.holds(argument.text()) && test.holds(executed(facts, argument))) {
        return true;
      }
    }
    return false;
  }

  @Override
  public void locate(Facts facts, List<Span> spans) {
    for (Facts.Argument argument : facts.texts()) {
      long range = test.holds(argument.text()) ? test.locate(executed(facts, argument)) : -1;
      if (range >= 0) {
        spans.add(
            new Span(argument.path(), ValueCondition.start(range), ValueCondition.end(range)));
      }
    }
  }

  @Override
  public Need need() {
    return Need.ofWords(test.literals());
  }

  /** The text with blanks where it is data: every other place stays where it was. */
  private static String executed(Facts facts, Facts.Argument argument) {
    Readings readings = facts.readings();
    List<Region> regions = null;
    for (int i = 0; i < readings.shells.size(); i++) {
      Shell shell = readings.shells.get(i);
      if (isOf(shell.origin(), argument)) {
        ShellReading reading = shell.reading();
        boolean whole = !reading.has(ShellFact.INCOMPLETE) && !reading.has(ShellFact.LIMIT_REACHED);
        if (!whole || regions != null || !reading.text().equals(argument.text())) {
          return argument.text();
        }
        regions = reading.regions();
      }
    }
    for (int i = 0; i < readings.pythons.size(); i++) {
      Python python = readings.pythons.get(i);
      if (isOf(python.origin(), argument)) {
        PythonReading reading = python.reading();
        boolean whole =
            !reading.has(PythonFact.INCOMPLETE) && !reading.has(PythonFact.LIMIT_REACHED);
        if (!whole || regions != null) {
          return argument.text();
        }
        regions = reading.regions();
      }
    }
    return regions == null ? argument.text() : blanked(argument.text(), regions);
  }

  private static boolean isOf(Origin origin, Facts.Argument argument) {
    return origin.exact() && origin.argument().equals(argument.path());
  }

  private static String blanked(String text, List<Region> regions) {
    char[] visible = text.toCharArray();
    for (int i = 0; i < regions.size(); i++) {
      Region region = regions.get(i);
      if (region.use() == Use.DATA) {
        Arrays.fill(visible, region.start(), region.end(), ' ');
      }
    }
    return new String(visible);
  }
}
