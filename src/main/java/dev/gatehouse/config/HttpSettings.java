package dev.gatehouse.config;

/**
 * What the edge puts up with.
 *
 * @param idleTimeoutMillis how long a connection may ask for nothing while nothing of it is under
 *     way
 * @param bodyTimeoutMillis how long a request may take to arrive whole
 * @param maxBodyBytes largest request body
 */
public record HttpSettings(int idleTimeoutMillis, int bodyTimeoutMillis, int maxBodyBytes) {

  static HttpSettings read(Settings settings) {
    return new HttpSettings(
        settings.integer("http.idleTimeoutMillis", 100, 86_400_000, 75_000),
        settings.integer("http.bodyTimeoutMillis", 100, 600_000, 10_000),
        settings.integer("http.maxBodyBytes", 1024, 1 << 30, 8 << 20));
  }
}
