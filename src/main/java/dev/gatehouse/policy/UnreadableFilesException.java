package dev.gatehouse.policy;

import java.io.IOException;
import java.util.List;
import java.util.stream.Collectors;

/** Policy files that are there and cannot be taken for text, or would be passed over. */
final class UnreadableFilesException extends IOException {
  private static final long serialVersionUID = 1;

  private final transient List<PolicyProblem> problems;

  UnreadableFilesException(List<PolicyProblem> problems) {
    super(problems.stream().map(PolicyProblem::toString).collect(Collectors.joining("\n")));
    this.problems = List.copyOf(problems);
  }

  List<PolicyProblem> problems() {
    return problems;
  }
}
