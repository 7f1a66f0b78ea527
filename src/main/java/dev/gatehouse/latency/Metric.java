package dev.gatehouse.latency;

import static java.util.stream.Collectors.joining;

import java.util.Arrays;

/** What is timed. The names are stable: dashboards use them. */
public enum Metric {
  /** First byte of the request parsed, to last byte of the reply handed to the socket. */
  HTTP_REQUEST("http.request"),
  /** A request's body in hand, to what it asks for understood: decisions and executions. */
  HTTP_PARSE("http.parse"),
  /** What is answered known, to its last byte handed to the socket: decisions and executions. */
  HTTP_REPLY("http.reply"),
  /** The policy's decision alone. */
  POLICY_DECIDE("policy.decide"),
  /** An event handed to the audit log, to its commit. */
  AUDIT_COMMIT("audit.commit"),
  /** A sandbox asked of the engine, to its supervisor's first word. */
  SANDBOX_CREATE("sandbox.create"),
  /** A sandbox asked of the pool, to one in hand, warm or cold. */
  SANDBOX_ACQUIRE("sandbox.acquire"),
  /** Code sent to the sandbox, to its end reported. */
  EXECUTION_RUN("execution.run"),
  /** {@link #EXECUTION_RUN} less the code's own time as the sandbox reports it. */
  EXECUTION_OVERHEAD("execution.overhead"),
  /** A question to a person asked, to its answer in the caller's hands. */
  APPROVAL_WAIT("approval.wait"),
  /** How much later than it was due an event loop ran a timer: what everything on it waits. */
  EVENT_LOOP_LAG("eventloop.lag"),
  /** A file operation with one short answer, asked of the sandbox, to that answer. */
  FILE_ACCESS("file.access");

  private final String word;

  Metric(String word) {
    this.word = word;
  }

  /**
   * The metric of that name.
   *
   * @throws IllegalArgumentException if there is none
   */
  public static Metric of(String word) {
    return Arrays.stream(values())
        .filter(metric -> metric.word.equals(word))
        .findFirst()
        .orElseThrow(() ->
            new IllegalArgumentException(
                "metric must be one of "
                    + Arrays.stream(values()).map(Metric::word).collect(joining(", "))));
  }

  /** The name shown to users. */
  public String word() {
    return word;
  }
}
