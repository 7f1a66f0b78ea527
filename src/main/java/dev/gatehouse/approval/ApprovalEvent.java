package dev.gatehouse.approval;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * One move of a question, as it was stored with the move.
 *
 * @param sequence unique among all events
 * @param cursor where those who watch go on after it
 * @param kind {@code requested}, {@code claimed}, {@code previewed}, {@code decided}, {@code
 *     escalated}, {@code reminded}, {@code expired}, {@code cancelled} or {@code consumed}
 * @param by the person or agent that moved it; null where time did
 * @param state where the question stood afterwards
 * @param detail JSON text
 */
public record ApprovalEvent(
    long sequence,
    EventCursor cursor,
    String approval,
    String kind,
    @Nullable String by,
    Approval.State state,
    Instant at,
    String detail) {}
