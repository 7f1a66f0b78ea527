package dev.gatehouse.sandbox;

import dev.gatehouse.config.LimitSettings;
import dev.gatehouse.config.LimitSettings.Quota;
import dev.gatehouse.config.SandboxSettings.Profile;
import java.util.HashMap;
import java.util.Map;

/** What each key and each tenant holds or waits for, and may. Confined to the sandbox loop. */
final class Quotas {
  /** Issuers of tokens may know the same name in two tenants. */
  private record Key(String tenant, String name) {}

  private final LimitSettings limits;
  private final Map<Key, Budget> keys = new HashMap<>();
  private final Map<String, Budget> tenants = new HashMap<>();

  Quotas(LimitSettings limits) {
    this.limits = limits;
  }

  /**
   * Counts one more for the owner's key and tenant; whoever took it gives it back once.
   *
   * @throws SandboxException if it is more than one of them may
   */
  void take(Owner owner, Profile profile) {
    Budget key = keys.computeIfAbsent(keyOf(owner), name -> new Budget(limits.key()));
    Budget tenant =
        tenants.computeIfAbsent(owner.tenant(), name -> new Budget(limits.quotaOf(name)));
    boolean fits = key.fits(profile);
    if (!fits || !tenant.fits(profile)) {
      forgetUntouched(owner, key, tenant);
      throw fits ? tooMany("tenant", tenant) : tooMany("key", key);
    }
    key.take(profile);
    tenant.take(profile);
  }

  void give(Owner owner, Profile profile) {
    Budget key = keys.get(keyOf(owner));
    Budget tenant = tenants.get(owner.tenant());
    if (key != null && tenant != null) {
      key.give(profile);
      tenant.give(profile);
      forgetUntouched(owner, key, tenant);
    }
  }

  private static Key keyOf(Owner owner) {
    return new Key(owner.tenant(), owner.actor());
  }

  private void forgetUntouched(Owner owner, Budget key, Budget tenant) {
    if (key.isUntouched()) {
      keys.remove(keyOf(owner));
    }
    if (tenant.isUntouched()) {
      tenants.remove(owner.tenant());
    }
  }

  private static SandboxException tooMany(String whose, Budget budget) {
    return new SandboxException(
        SandboxException.Kind.QUOTA,
        "the %s holds %d sandboxes, and may hold at once: %s"
            .formatted(whose, budget.sandboxes(), words(budget.limit())));
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
