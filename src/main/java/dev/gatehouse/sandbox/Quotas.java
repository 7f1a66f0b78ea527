package dev.gatehouse.sandbox;

import dev.gatehouse.config.LimitSettings;
import dev.gatehouse.config.LimitSettings.Quota;
import dev.gatehouse.config.SandboxSettings.Profile;
import java.util.HashMap;
import java.util.Map;

/** What each tenant holds or waits for, and may. Confined to the sandbox loop. */
final class Quotas {
  private final LimitSettings limits;
  private final Map<String, Budget> budgets = new HashMap<>();

  Quotas(LimitSettings limits) {
    this.limits = limits;
  }

  /**
   * Counts one more for the tenant; whoever took it gives it back once.
   *
   * @throws SandboxException if it is more than the tenant may
   */
  void take(String tenant, Profile profile) {
    Budget budget = budgets.computeIfAbsent(tenant, name -> new Budget(limits.quotaOf(name)));
    if (!budget.fits(profile)) {
      forgetUntouched(tenant, budget);
      throw new SandboxException(
          SandboxException.Kind.QUOTA,
          "the tenant holds "
              + budget.sandboxes()
              + " sandboxes, and may hold at once: "
              + words(budget.limit()));
    }
    budget.take(profile);
  }

  void give(String tenant, Profile profile) {
    Budget budget = budgets.get(tenant);
    if (budget != null) {
      budget.give(profile);
      forgetUntouched(tenant, budget);
    }
  }

  private void forgetUntouched(String tenant, Budget budget) {
    if (budget.isUntouched()) {
      budgets.remove(tenant);
    }
  }

  private static String words(Quota quota) {
    StringBuilder words = new StringBuilder();
    if (quota.sandboxes() > 0) {
      words.append(quota.sandboxes()).append(" sandboxes ");
    }
    if (quota.memoryMib() > 0) {
      words.append(quota.memoryMib()).append(" MiB ");
    }
    if (quota.cpus() > 0) {
      words.append(quota.cpus()).append(" processors ");
    }
    return words.toString().strip();
  }
}
