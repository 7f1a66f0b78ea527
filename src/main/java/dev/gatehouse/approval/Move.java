package dev.gatehouse.approval;

import dev.gatehouse.approval.Approval.State;
import io.vertx.core.json.JsonObject;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A move that was decided on one version of a question.
 *
 * @param before that version, or what an edit makes of it
 * @param forMillis how long it has from now on; null where that does not change
 * @param asked how many must be waiting for it; null for any
 * @param kind what its event is called
 * @param by the person or agent that moves it; null where a rule does
 * @param budget as which of that person's answers within the hour it may still be; null where that
 *     does not matter
 */
record Move(
    Approval before,
    State state,
    @Nullable String claimedBy,
    List<Answer> answers,
    @Nullable Long forMillis,
    @Nullable Integer asked,
    String kind,
    @Nullable String by,
    JsonObject detail,
    @Nullable Integer budget) {

  /** What became of it. */
  sealed interface Outcome {}

  /** It is stored, and its event. */
  record Done(Moved moved) implements Outcome {}

  /** The question has been moved since, or has expired. */
  record Gone() implements Outcome {}

  /**
   * The person answered too much.
   *
   * @param answers how many questions within the hour
   */
  record OverBudget(long answers) implements Outcome {}

  /** Null where it is over: then nobody needs them. */
  @Nullable String editedArguments() {
    Edit edit = before.edit();
    return edit == null || isOver() ? null : edit.arguments();
  }

  private boolean isOver() {
    return switch (state) {
      case PENDING, CLAIMED, APPROVED -> false;
      case DENIED, EXPIRED, CANCELLED, CONSUMED -> true;
    };
  }

  @Nullable JsonObject preview() {
    Preview preview = before.preview();
    return preview == null ? null : preview.stored();
  }

  @Nullable String previewShown() {
    Preview preview = before.preview();
    return preview == null || isOver() ? null : preview.shown();
  }

  @Nullable JsonObject edit() {
    Edit edit = before.edit();
    return edit == null ? null : edit.stored();
  }
}
