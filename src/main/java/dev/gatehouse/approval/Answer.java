package dev.gatehouse.approval;

import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What one person said to a question.
 *
 * @param person who
 * @param key the name of the key it was said with
 * @param lists which of the terms' lists of approvers the person is in, from 0
 * @param channel how it came, e.g. {@code http}
 * @param address from where, as the channel knows it
 * @param fast whether it approves, and came faster than the action can be read, or of somebody who
 *     was not shown it as far as is known
 */
public record Answer(
    String person,
    String key,
    boolean approves,
    @Nullable String reason,
    List<Integer> lists,
    String channel,
    String address,
    boolean fast,
    Instant at) {
  public Answer {
    lists = List.copyOf(lists);
  }
}
