package dev.gatehouse.policy;

import dev.gatehouse.action.Span;
import dev.gatehouse.policy.python.PythonCall;
import dev.gatehouse.policy.python.PythonFact;
import dev.gatehouse.policy.python.PythonImport;
import java.util.List;
import java.util.Set;

/** Holds if some call of some Python text in the action passes. */
record PythonCondition(Source source, CallTest test) implements Condition {
  private static final int MOST_SPANS = 16;

  @Override
  public boolean holds(Facts facts) {
    List<Readings.Python> pythons = facts.readings().pythons;
    for (int i = 0; i < pythons.size(); i++) {
      List<PythonCall> calls = pythons.get(i).reading().calls();
      for (int c = 0; c < calls.size(); c++) {
        if (test.holds(calls.get(c))) {
          return true;
        }
      }
    }
    return false;
  }

  @Override
  public void locate(Facts facts, List<Span> spans) {
    for (Readings.Python python : facts.readings().pythons) {
      for (PythonCall call : python.reading().calls()) {
        if (spans.size() < MOST_SPANS && test.holds(call)) {
          spans.add(python.origin().span(call.start(), call.end()));
        }
      }
    }
  }

  @Override
  public Need need() {
    return test.need();
  }

  /** Holds if a module or name that passes is imported. */
  record Imports(Source source, TextTest test) implements Condition {
    @Override
    public boolean holds(Facts facts) {
      for (Readings.Python python : facts.readings().pythons) {
        for (PythonImport one : python.reading().imports()) {
          if (test.holds(one.qualifiedName()) || test.holds(one.module())) {
            return true;
          }
        }
      }
      return false;
    }

    @Override
    public void locate(Facts facts, List<Span> spans) {
      for (Readings.Python python : facts.readings().pythons) {
        for (PythonImport one : python.reading().imports()) {
          if (test.holds(one.qualifiedName()) || test.holds(one.module())) {
            spans.add(python.origin().span(one.start(), one.end()));
          }
        }
      }
    }

    @Override
    public Need need() {
      return Need.ofWords(test.literals());
    }
  }

  /** Holds if an attribute that passes, such as {@code os.environ}, is used. */
  record Attribute(Source source, TextTest test) implements Condition {
    @Override
    public boolean holds(Facts facts) {
      for (Readings.Python python : facts.readings().pythons) {
        for (String attribute : python.reading().attributes()) {
          if (test.holds(attribute)) {
            return true;
          }
        }
      }
      return false;
    }

    @Override
    public Need need() {
      return Need.nothing();
    }
  }

  /** Holds if the reader says one of these of a whole Python text. */
  record Fact(Source source, Set<PythonFact> wanted) implements Condition {
    @Override
    public boolean holds(Facts facts) {
      for (Readings.Python python : facts.readings().pythons) {
        for (PythonFact fact : python.reading().facts()) {
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
