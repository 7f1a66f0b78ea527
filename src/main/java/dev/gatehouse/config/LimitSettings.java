package dev.gatehouse.config;

import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * How much at once, how long, how large.
 *
 * @param executions executions at once, the whole server
 * @param sandboxes sandboxes at once, the whole server, warm ones included
 * @param codeBytes longest code of one execution, in UTF-8
 * @param stdinBytes longest standard input of one execution, in UTF-8
 * @param timeoutMillis an execution's time limit if the request names none
 * @param maxTimeoutMillis the longest time limit a request may name
 * @param pendingApprovals approvals that wait at once
 * @param memoryMib memory of all sandboxes at once, warm ones included; 0 for what the engine's
 *     machine has
 * @param cpus processor shares of all sandboxes at once; 0 for no limit, because unlike memory they
 *     can be shared out in time
 * @param key what one key may hold at once
 * @param tenant what one tenant may hold at once, with all its keys together
 * @param perKey what one key may ask for
 * @param perTenant what one tenant may ask for, with all its keys together
 * @param tenants those for whom both are different
 */
public record LimitSettings(
    int executions,
    int sandboxes,
    int codeBytes,
    int stdinBytes,
    int timeoutMillis,
    int maxTimeoutMillis,
    int pendingApprovals,
    long memoryMib,
    double cpus,
    Quota key,
    Quota tenant,
    Allowance perKey,
    Allowance perTenant,
    List<Tenant> tenants) {
  private static final int MAX_SANDBOXES = 100_000;
  private static final int MAX_EXECUTIONS = 100_000;
  private static final int MAX_RATE = 10_000_000;
  private static final int MAX_BYTES = 1 << 30;

  /**
   * What may be held at once; 0 of anything is no limit.
   *
   * @param cpus processor shares
   */
  public record Quota(int sandboxes, long memoryMib, double cpus) {}

  /**
   * What may be asked for; 0 of anything is no limit, but of a burst as many as in a second.
   *
   * @param decisionsBurst decisions at once after a quiet time
   * @param executionsBurst executions begun at once after a quiet time
   * @param executions executions under way at once
   * @param requestsBurst requests at once after a quiet time
   * @param bytesPerSecond of requests and answers
   * @param bytesBurst bytes at once after a quiet time
   */
  public record Allowance(
      double decisionsPerSecond,
      int decisionsBurst,
      double executionsPerSecond,
      int executionsBurst,
      int executions,
      double requestsPerSecond,
      int requestsBurst,
      double bytesPerSecond,
      int bytesBurst) {
    /** No limit of anything. */
    public static final Allowance NO_LIMIT = new Allowance(0, 0, 0, 0, 0);

    /** No limit of requests and their bytes. */
    public Allowance(
        double decisionsPerSecond,
        int decisionsBurst,
        double executionsPerSecond,
        int executionsBurst,
        int executions) {
      this(
          decisionsPerSecond,
          decisionsBurst,
          executionsPerSecond,
          executionsBurst,
          executions,
          0,
          0,
          0,
          0);
    }

    /** Whether requests or their bytes are limited at all. */
    public boolean limitsRequests() {
      return requestsPerSecond > 0 || bytesPerSecond > 0;
    }

    /** Whether decisions are limited at all. */
    public boolean limitsDecisions() {
      return decisionsPerSecond > 0;
    }
  }

  /** A tenant with a quota and an allowance of its own. */
  public record Tenant(String name, Quota quota, Allowance allowance) {}

  /** What the tenant may hold at once. */
  public Quota quotaOf(String name) {
    return tenants.stream()
        .filter(other -> other.name().equals(name))
        .findFirst()
        .map(Tenant::quota)
        .orElse(tenant);
  }

  /** What the tenant may ask for. */
  public Allowance allowanceOf(String name) {
    return tenants.stream()
        .filter(other -> other.name().equals(name))
        .findFirst()
        .map(Tenant::allowance)
        .orElse(perTenant);
  }

  static LimitSettings read(Settings settings) {
    return new LimitSettings(
        settings.integer("limits.executions", 1, 100_000, 64),
        settings.integer("limits.sandboxes", 1, MAX_SANDBOXES, 64),
        settings.integer("limits.codeBytes", 1, 64 << 20, 1 << 20),
        settings.integer("limits.stdinBytes", 0, 64 << 20, 1 << 20),
        settings.integer("limits.timeoutMillis", 1, 86_400_000, 30_000),
        settings.integer("limits.maxTimeoutMillis", 1, 86_400_000, 600_000),
        settings.integer("limits.pendingApprovals", 1, 10_000_000, 10_000),
        settings.wholeNumber("limits.memoryMiB", 0, 1L << 40, 0),
        settings.decimal("limits.cpus", 0, 1 << 20, 0),
        quota(settings, "limits.key."),
        quota(settings, "limits.tenant."),
        allowance(settings, "limits.key."),
        allowance(settings, "limits.tenant."),
        tenants(settings));
  }

  private static Quota quota(Settings settings, String section) {
    return new Quota(
        settings.integer(section + "sandboxes", 0, MAX_SANDBOXES, 0),
        settings.wholeNumber(section + "memoryMiB", 0, 1L << 40, 0),
        settings.decimal(section + "cpus", 0, 1 << 20, 0));
  }

  private static Allowance allowance(Settings settings, String section) {
    return new Allowance(
        settings.decimal(section + "decisionsPerSecond", 0, MAX_RATE, 0),
        settings.integer(section + "decisionsBurst", 0, MAX_RATE, 0),
        settings.decimal(section + "executionsPerSecond", 0, MAX_RATE, 0),
        settings.integer(section + "executionsBurst", 0, MAX_RATE, 0),
        settings.integer(section + "executions", 0, MAX_EXECUTIONS, 0),
        settings.decimal(section + "requestsPerSecond", 0, MAX_RATE, 0),
        settings.integer(section + "requestsBurst", 0, MAX_RATE, 0),
        settings.decimal(section + "bytesPerSecond", 0, MAX_BYTES, 0),
        settings.integer(section + "bytesBurst", 0, MAX_BYTES, 0));
  }

  private static List<Tenant> tenants(Settings settings) {
    Set<String> names = new HashSet<>();
    return settings.entries(
        "limits.tenants",
        entry ->
            new Tenant(
                Names.own(entry, names),
                new Quota(
                    entry.integer("sandboxes", 0, MAX_SANDBOXES, 0),
                    entry.integer("memoryMiB", 0, Integer.MAX_VALUE, 0),
                    entry.decimal("cpus", 0, 1 << 20, 0)),
                new Allowance(
                    entry.decimal("decisionsPerSecond", 0, MAX_RATE, 0),
                    entry.integer("decisionsBurst", 0, MAX_RATE, 0),
                    entry.decimal("executionsPerSecond", 0, MAX_RATE, 0),
                    entry.integer("executionsBurst", 0, MAX_RATE, 0),
                    entry.integer("executions", 0, MAX_EXECUTIONS, 0),
                    entry.decimal("requestsPerSecond", 0, MAX_RATE, 0),
                    entry.integer("requestsBurst", 0, MAX_RATE, 0),
                    entry.decimal("bytesPerSecond", 0, MAX_BYTES, 0),
                    entry.integer("bytesBurst", 0, MAX_BYTES, 0))));
  }

  void crossCheck(Settings settings) {
    if (timeoutMillis > maxTimeoutMillis) {
      settings.refuse("limits.timeoutMillis", "is above limits.maxTimeoutMillis");
    }
  }
}
