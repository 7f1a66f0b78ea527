package dev.gatehouse.approval;

import dev.gatehouse.action.Actor;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Since when persons can have read questions: when this server first showed them whole. Of the last
 * looks only, and gone with the server. May be used from any thread.
 */
final class Looks {
  /** About two megabytes. */
  private static final int MOST = 10_000;

  private record Look(String question, String person) {}

  private final Map<Look, Instant> first =
      new LinkedHashMap<>() {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<Look, Instant> eldest) {
          return size() > MOST;
        }
      };

  /** A person is shown a question, whole, at that time. */
  synchronized void add(Approval question, Actor by, Instant at) {
    first.putIfAbsent(new Look(question.id(), by.holder()), at);
  }

  /** When a person was first shown a question; null for never, as far as is known. */
  synchronized @Nullable Instant first(Approval question, Actor by) {
    return first.get(new Look(question.id(), by.holder()));
  }
}
