package dev.gatehouse.policy;

import dev.gatehouse.action.Span;
import dev.gatehouse.policy.shell.Language;
import java.util.List;
import java.util.Set;

/**
 * Holds if some text passes: any text among the arguments, or any program text of some languages.
 *
 * @param languages the languages of the programs to look at; empty for all texts among the
 *     arguments
 */
record TextCondition(Source source, Set<Language> languages, TextTest test) implements Condition {
  @Override
  public boolean holds(Facts facts) {
    if (languages.isEmpty()) {
      List<Facts.Argument> texts = facts.texts();
      for (int i = 0; i < texts.size(); i++) {
        if (test.holds(texts.get(i).text())) {
          return true;
        }
      }
      return false;
    }
    List<Program> programs = facts.readings().programs;
    for (int i = 0; i < programs.size(); i++) {
      Program program = programs.get(i);
      if (languages.contains(program.language()) && test.holds(program.text())) {
        return true;
      }
    }
    return false;
  }

  @Override
  public void locate(Facts facts, List<Span> spans) {
    if (languages.isEmpty()) {
      for (Facts.Argument argument : facts.texts()) {
        long range = test.locate(argument.text());
        if (range >= 0) {
          spans.add(
              new Span(argument.path(), ValueCondition.start(range), ValueCondition.end(range)));
        }
      }
      return;
    }
    for (Program program : facts.readings().programs) {
      long range = languages.contains(program.language()) ? test.locate(program.text()) : -1;
      if (range >= 0) {
        spans.add(program.origin().span(ValueCondition.start(range), ValueCondition.end(range)));
      }
    }
  }

  @Override
  public Need need() {
    return Need.ofWords(test.literals());
  }
}
