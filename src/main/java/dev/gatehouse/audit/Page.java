package dev.gatehouse.audit;

import java.util.List;

/**
 * Events in the order that was asked for.
 *
 * @param events at most the query's limit, and not much more than {@value #MAX_DETAIL_BYTES} bytes
 *     of detail
 * @param more whether there may be others behind them
 */
public record Page(List<StoredEvent> events, boolean more) {
  /** No event is added to those that have so much detail together; one alone may be larger. */
  static final int MAX_DETAIL_BYTES = 1 << 20;

  public Page {
    events = List.copyOf(events);
  }
}
