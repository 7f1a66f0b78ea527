package dev.gatehouse.approval;

import io.vertx.core.Promise;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** Requests of this server that wait for answers. May be used from any thread. */
final class Waiters {
  private final Map<String, List<Promise<Approval>>> waiting = new ConcurrentHashMap<>();

  void add(String id, Promise<Approval> waiter) {
    waiting.compute(
        id,
        (key, others) -> {
          List<Promise<Approval>> all = others == null ? new ArrayList<>(1) : others;
          all.add(waiter);
          return all;
        });
  }

  void remove(String id, Promise<Approval> waiter) {
    waiting.computeIfPresent(
        id,
        (key, all) -> {
          all.remove(waiter);
          return all.isEmpty() ? null : all;
        });
  }

  /** Tells all who wait for it, if it is open no more. */
  void settle(Approval approval) {
    if (!approval.isOpen()) {
      List<Promise<Approval>> all = waiting.remove(approval.id());
      if (all != null) {
        all.forEach(waiter -> waiter.tryComplete(approval));
      }
    }
  }

  boolean isAwaited(String id) {
    return waiting.containsKey(id);
  }

  /** How many wait now. */
  int size() {
    return waiting.values().stream().mapToInt(List::size).sum();
  }

  /** What is waited for now. */
  List<String> ids() {
    return new ArrayList<>(waiting.keySet());
  }
}
