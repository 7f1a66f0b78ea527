package dev.gatehouse.sandbox;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Callers who wait, served tenant by tenant and within a tenant first come first served: however
 * many one tenant sends, each other tenant's next caller is at most one round away. Bounded: when
 * it is full, the tenant with most callers in it gives way. Confined to one thread.
 *
 * @param <K> what there is to wait for
 * @param <C> who waits
 */
final class WaitingLine<K, C> {
  /** Callers who may wait at once. */
  static final int MAX_WAITING = 1024;

  /** One who waits for one of a kind. */
  record Place<K, C>(String tenant, K kind, C caller) {}

  private final int maxWaiting;

  /** Those of a tenant, and the tenants in the order of their turns. */
  private final Map<String, Deque<Place<K, C>>> tenants = new LinkedHashMap<>();

  private int size;

  WaitingLine(int maxWaiting) {
    this.maxWaiting = maxWaiting;
  }

  int size() {
    return size;
  }

  int size(K kind) {
    int count = 0;
    for (Deque<Place<K, C>> callers : tenants.values()) {
      for (Place<K, C> place : callers) {
        count += place.kind().equals(kind) ? 1 : 0;
      }
    }
    return count;
  }

  /**
   * Takes a caller in.
   *
   * @return who must leave for that: nobody, another, or the caller himself
   */
  @Nullable Place<K, C> join(Place<K, C> place) {
    Place<K, C> mustLeave = null;
    if (size >= maxWaiting) {
      Deque<Place<K, C>> crowd = mostCallers();
      Deque<Place<K, C>> own = tenants.getOrDefault(place.tenant(), new ArrayDeque<>());
      if (own.size() + 1 >= crowd.size()) {
        return place;
      }
      mustLeave = crowd.removeLast();
      size--;
    }
    tenants.computeIfAbsent(place.tenant(), name -> new ArrayDeque<>()).add(place);
    size++;
    return mustLeave;
  }

  private Deque<Place<K, C>> mostCallers() {
    Deque<Place<K, C>> most = new ArrayDeque<>();
    for (Deque<Place<K, C>> callers : tenants.values()) {
      if (callers.size() > most.size()) {
        most = callers;
      }
    }
    return most;
  }

  /** Takes a caller out who waits no longer; false if he is gone already. */
  boolean leave(Place<K, C> place) {
    Deque<Place<K, C>> callers = tenants.get(place.tenant());
    if (callers == null || !callers.remove(place)) {
      return false;
    }
    size--;
    if (callers.isEmpty()) {
      tenants.remove(place.tenant());
    }
    return true;
  }

  /** Takes out who is next to get one of the kind; his tenant's next turn comes last. */
  @Nullable Place<K, C> next(K kind) {
    Place<K, C> next = first(kind);
    if (next != null) {
      leave(next);
      Deque<Place<K, C>> others = tenants.remove(next.tenant());
      if (others != null) {
        tenants.put(next.tenant(), others);
      }
    }
    return next;
  }

  private @Nullable Place<K, C> first(K kind) {
    for (Deque<Place<K, C>> callers : tenants.values()) {
      for (Place<K, C> place : callers) {
        if (place.kind().equals(kind)) {
          return place;
        }
      }
    }
    return null;
  }

  /** Everybody, in the order in which they would be served. */
  List<Place<K, C>> inTurn() {
    List<Iterator<Place<K, C>>> rounds = new ArrayList<>();
    tenants.values().forEach(callers -> rounds.add(callers.iterator()));
    List<Place<K, C>> order = new ArrayList<>(size);
    while (order.size() < size) {
      for (Iterator<Place<K, C>> callers : rounds) {
        if (callers.hasNext()) {
          order.add(callers.next());
        }
      }
    }
    return order;
  }
}
