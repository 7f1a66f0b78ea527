package dev.gatehouse.latency;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

class LatencyRegistryTest {
  private final LatencyRegistry registry = new LatencyRegistry();

  private static Percentiles of(Map<Metric, Percentiles> window, Metric metric) {
    Percentiles percentiles = window.get(metric);
    assertNotNull(percentiles);
    return percentiles;
  }

  @Test
  void everyMetricIsThereFromTheStart() {
    for (Metric metric : Metric.values()) {
      assertEquals(0, of(registry.snapshot().tenSeconds(), metric).count());
      assertEquals(0, of(registry.snapshot().oneMinute(), metric).count());
      assertEquals(0, of(registry.snapshot().sinceStart(), metric).count());
    }
  }

  @Test
  void theNamesAreThoseThatWerePromised() {
    // When
    Set<String> names = new HashSet<>();
    for (Metric metric : Metric.values()) {
      names.add(metric.word());
    }

    // Then
    assertTrue(
        names.containsAll(
            Set.of(
                "http.request",
                "policy.decide",
                "audit.commit",
                "sandbox.create",
                "sandbox.acquire",
                "execution.run",
                "execution.overhead")),
        names.toString());
  }

  @Test
  void aSampleShowsWhatWasRecordedAndOnlyOfThatMetric() {
    // Given
    registry.recorder(Metric.EXECUTION_RUN).record(1_000);
    registry.recorder(Metric.EXECUTION_RUN).record(3_000);
    assertEquals(0, of(registry.snapshot().tenSeconds(), Metric.EXECUTION_RUN).count());

    // When
    registry.sample();

    // Then
    assertEquals(2, of(registry.snapshot().tenSeconds(), Metric.EXECUTION_RUN).count());
    assertEquals(2, of(registry.snapshot().sinceStart(), Metric.EXECUTION_RUN).count());
    assertEquals(0, of(registry.snapshot().tenSeconds(), Metric.POLICY_DECIDE).count());
  }

  @Test
  void losesNothingThatWritersRecordWhileItSamples() throws InterruptedException {
    // Given
    int each = 200_000;
    List<Thread> writers = new ArrayList<>();
    for (int i = 0; i < 2; i++) {
      LatencyRecorder recorder = registry.recorder(Metric.HTTP_REQUEST);
      writers.add(
          Thread.ofPlatform()
              .start(() -> {
                for (int n = 1; n <= each; n++) {
                  recorder.record(n);
                }
              }));
    }

    // When
    while (writers.stream().anyMatch(Thread::isAlive)) {
      registry.sample();
    }
    for (Thread writer : writers) {
      writer.join();
    }
    registry.sample();

    // Then
    assertEquals(2L * each, of(registry.snapshot().sinceStart(), Metric.HTTP_REQUEST).count());
  }
}
