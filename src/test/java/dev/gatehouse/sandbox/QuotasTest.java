package dev.gatehouse.sandbox;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.gatehouse.config.LimitSettings;
import dev.gatehouse.config.LimitSettings.Allowance;
import dev.gatehouse.config.LimitSettings.Quota;
import dev.gatehouse.config.LimitSettings.Tenant;
import dev.gatehouse.config.SandboxSettings.Profile;
import dev.gatehouse.config.SandboxSettings.Warm;
import java.util.List;
import org.junit.jupiter.api.Test;

class QuotasTest {
  static Profile profile(String name, int memoryMib, double cpus, Warm warm) {
    return new Profile(name, "image", memoryMib, cpus, 64, 4096, 16, 16, List.of("python"), warm);
  }

  private static final Profile SMALL = profile("small", 100, 0.1, new Warm(0, 0, 0, 1));
  private static final Quota NO_LIMIT = new Quota(0, 0, 0);
  private static final Profile LARGE = profile("large", 1000, 2, new Warm(0, 0, 0, 1));

  private static Owner owner(String tenant, String key) {
    return new Owner(tenant, key, "s");
  }

  private static Quotas quotas(Quota key, Quota common, Tenant... tenants) {
    return new Quotas(
        new LimitSettings(
            1,
            1,
            1,
            1,
            1,
            1,
            1,
            0,
            0,
            key,
            common,
            Allowance.NO_LIMIT,
            Allowance.NO_LIMIT,
            List.of(tenants)));
  }

  @Test
  void aBudgetIsBoundedByCountByMemoryAndByProcessors() {
    assertTrue(new Budget(new Quota(0, 0, 0)).fits(LARGE), "0 is no limit");
    Budget count = new Budget(new Quota(1, 0, 0));
    count.take(SMALL);
    assertFalse(count.fits(SMALL));
    Budget memory = new Budget(new Quota(0, 1099, 0));
    memory.take(SMALL);
    assertFalse(memory.fits(LARGE));
    assertTrue(memory.fits(SMALL));
    Budget processors = new Budget(new Quota(0, 0, 2));
    processors.take(SMALL);
    assertFalse(processors.fits(LARGE));
    processors.give(SMALL);
    assertTrue(processors.fits(LARGE));
  }

  @Test
  void whatIsTakenInTenthsAndGivenBackComesToNothing() {
    // Given: as doubles, ten tenths are less than one.
    Budget budget = new Budget(new Quota(0, 0, 1));

    // When
    for (int n = 0; n < 10; n++) {
      assertTrue(budget.fits(SMALL));
      budget.take(SMALL);
    }

    // Then
    assertFalse(budget.fits(SMALL));
    for (int n = 0; n < 10; n++) {
      budget.give(SMALL);
    }
    assertTrue(budget.isUntouched());
  }

  @Test
  void oneMoreThanTheTenantMayIsRefusedAndNobodyElseIs() {
    // Given
    Quotas quotas =
        quotas(
            NO_LIMIT,
            new Quota(1, 0, 0),
            new Tenant("blue", new Quota(2, 1050, 0), Allowance.NO_LIMIT));
    quotas.take(owner("red", "agent"), SMALL);
    quotas.take(owner("blue", "agent"), SMALL);

    // When
    SandboxException tooMany =
        assertThrows(SandboxException.class, () -> quotas.take(owner("red", "agent"), SMALL));
    SandboxException tooLarge =
        assertThrows(SandboxException.class, () -> quotas.take(owner("blue", "agent"), LARGE));

    // Then
    assertEquals(SandboxException.Kind.QUOTA, tooMany.kind());
    assertEquals(
        "the tenant holds 1 sandboxes, and may hold at once: 1 sandboxes", tooMany.getMessage());
    assertEquals(
        "the tenant holds 1 sandboxes, and may hold at once: 2 sandboxes 1050 MiB",
        tooLarge.getMessage());
    quotas.take(owner("green", "agent"), SMALL);
    quotas.take(owner("blue", "agent"), SMALL);
    quotas.give(owner("red", "agent"), SMALL);
    quotas.take(owner("red", "agent"), SMALL);
  }

  @Test
  void oneKeyTakesNothingFromTheOthersOfItsTenant() {
    // Given
    Quotas quotas = quotas(new Quota(1, 0, 0), new Quota(2, 0, 0));
    quotas.take(owner("red", "ada"), SMALL);

    // When
    SandboxException ofKey =
        assertThrows(SandboxException.class, () -> quotas.take(owner("red", "ada"), SMALL));
    quotas.take(owner("red", "ben"), SMALL);
    SandboxException ofTenant =
        assertThrows(SandboxException.class, () -> quotas.take(owner("red", "cid"), SMALL));

    // Then
    assertEquals(
        "the key holds 1 sandboxes, and may hold at once: 1 sandboxes", ofKey.getMessage());
    assertEquals(
        "the tenant holds 2 sandboxes, and may hold at once: 2 sandboxes", ofTenant.getMessage());
    quotas.take(owner("blue", "ada"), SMALL);
    quotas.give(owner("red", "ada"), SMALL);
    quotas.take(owner("red", "ada"), SMALL);
  }
}
