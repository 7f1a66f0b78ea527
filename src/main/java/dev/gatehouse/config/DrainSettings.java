package dev.gatehouse.config;

/**
 * How the server stops. Times are in milliseconds.
 *
 * @param leadMillis how long it goes on accepting connections after it says that it is not ready
 * @param deadlineMillis how long after that what is under way may take to end
 */
public record DrainSettings(int leadMillis, int deadlineMillis) {
  static DrainSettings read(Settings settings) {
    return new DrainSettings(
        settings.integer("drain.leadMillis", 0, 600_000, 2_000),
        settings.integer("drain.deadlineMillis", 0, 3_600_000, 30_000));
  }
}
