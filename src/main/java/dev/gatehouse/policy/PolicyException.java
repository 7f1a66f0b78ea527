package dev.gatehouse.policy;

import java.util.List;
import java.util.stream.Collectors;

/** A policy that cannot be used, with everything that is wrong with it. */
public final class PolicyException extends Exception {
  private static final long serialVersionUID = 1L;

  private final transient List<PolicyProblem> problems;

  PolicyException(List<PolicyProblem> problems) {
    super(
        problems.size()
            + (problems.size() == 1 ? " problem:\n" : " problems:\n")
            + problems.stream().map(PolicyProblem::toString).collect(Collectors.joining("\n")));
    this.problems = List.copyOf(problems);
  }

  /** All problems, by file, line and column; at least one. */
  public List<PolicyProblem> problems() {
    return problems;
  }
}
