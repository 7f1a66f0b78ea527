package dev.gatehouse.config;

import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * How persons are asked.
 *
 * @param pendingPerAgent questions of one agent's key that wait at once
 * @param argumentBytes longest arguments that a person can be asked about, as JSON
 * @param useMillis how long an approved action may wait for its run
 * @param questionsPerHour after how many answers within an hour one person may only deny
 * @param rememberSeconds the longest for which an approval may hold again
 * @param preview what trying an action before it is answered may take
 * @param queueCalls how many calls of one sort may wait for the database
 * @param callbacks who may answer in other persons' names
 */
public record ApprovalSettings(
    int pendingPerAgent,
    int argumentBytes,
    int useMillis,
    int questionsPerHour,
    int rememberSeconds,
    int queueCalls,
    Preview preview,
    List<Callback> callbacks) {

  /**
   * What trying an action for its approvers may take.
   *
   * @param count previews a question
   * @param millis the longest that the action may run
   * @param outputChars most of stdout, and as much of stderr, that is kept and shown
   * @param files most files that are listed
   */
  public record Preview(int count, int millis, int outputChars, int files) {}

  /**
   * A system that knows its persons and signs what they answer.
   *
   * @param approvers the holders of approvers' keys for whom it may speak
   */
  public record Callback(
      String name, String tenant, List<String> approvers, Optional<WebhookSecret> secret) {}

  static ApprovalSettings read(Settings settings) {
    return new ApprovalSettings(
        settings.integer("approval.pendingPerAgent", 1, 10_000_000, 1000),
        settings.integer("approval.argumentBytes", 1024, 64 << 20, 256 << 10),
        settings.integer("approval.useMillis", 1, 86_400_000, 300_000),
        settings.integer("approval.questionsPerHour", 1, 1_000_000, 120),
        settings.integer("approval.rememberSeconds", 1, 366 * 86_400, 7 * 86_400),
        settings.integer("approval.queueCalls", 1, 1_000_000, 10_000),
        new Preview(
            settings.integer("approval.preview.count", 1, 1000, 5),
            settings.integer("approval.preview.millis", 100, 600_000, 10_000),
            settings.integer("approval.preview.outputChars", 256, 1 << 20, 16_384),
            settings.integer("approval.preview.files", 1, 5000, 200)),
        callbacks(settings));
  }

  private static List<Callback> callbacks(Settings settings) {
    Set<String> names = new HashSet<>();
    return settings.entries(
        "approval.callbacks",
        entry ->
            new Callback(
                Names.own(entry, names),
                entry.optional(
                    "tenant", Names.EXPECTED, "default", text -> Names.isName(text) ? text : null),
                entry.texts("approvers", "a list of names", Names::isName),
                WebhookSecret.of(entry)));
  }
}
