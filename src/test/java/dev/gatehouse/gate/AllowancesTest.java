package dev.gatehouse.gate;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.gatehouse.action.Actor;
import dev.gatehouse.action.EventKind;
import dev.gatehouse.action.Role;
import dev.gatehouse.audit.AuditEvent;
import dev.gatehouse.config.LimitSettings;
import dev.gatehouse.config.LimitSettings.Allowance;
import dev.gatehouse.config.LimitSettings.Quota;
import dev.gatehouse.config.LimitSettings.Tenant;
import io.vertx.core.json.JsonObject;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class AllowancesTest {
  private static final long SECOND = 1_000_000_000L;
  private static final Quota NO_QUOTA = new Quota(0, 0, 0);

  private final Actor first = new Actor("blue", "first", Role.AGENT);
  private final Actor second = new Actor("blue", "second", Role.AGENT);
  private final Actor stranger = new Actor("red", "stranger", Role.AGENT);
  private final List<AuditEvent> events = new ArrayList<>();
  private Instant now = Instant.parse("2026-01-02T03:04:05Z");
  private long nanos = 1;
  private final AllowanceUse use =
      new AllowanceUse(
          new Clock() {
            @Override
            public java.time.ZoneId getZone() {
              return ZoneOffset.UTC;
            }

            @Override
            public Clock withZone(java.time.ZoneId zone) {
              return this;
            }

            @Override
            public Instant instant() {
              return now;
            }
          },
          events::add);

  private Allowances allowances(Allowance perKey, Allowance perTenant, Tenant... tenants) {
    LimitSettings settings =
        new LimitSettings(
            1, 1, 1, 1, 1, 1, 1, 0, 0, NO_QUOTA, NO_QUOTA, perKey, perTenant, List.of(tenants));
    return new Allowances(settings, use, () -> nanos);
  }

  private static Allowance decisions(double perSecond, int burst) {
    return new Allowance(perSecond, burst, 0, 0, 0);
  }

  private static String scope(@Nullable AllowanceException refusal) {
    return Objects.requireNonNull(refusal, "it is refused").scope();
  }

  @Test
  void whereNothingIsLimitedNothingIsRefused() {
    // Given
    Allowances allowances = allowances(Allowance.NO_LIMIT, Allowance.NO_LIMIT);

    // When / Then
    for (int n = 0; n < 1000; n++) {
      assertNull(allowances.decision(first));
      assertNull(allowances.execution(first));
      assertNull(allowances.enter(first));
    }
    assertEquals(0, allowances.decisions(first, 1_000_000));
  }

  @Test
  void aKeyHasItsOwnTokensAndAllOfATenantTogetherItsTenants() {
    // Given
    Allowances allowances = allowances(decisions(1, 2), decisions(1, 3));

    // When / Then
    assertNull(allowances.decision(first));
    assertNull(allowances.decision(first));
    assertEquals("key", scope(allowances.decision(first)));
    assertNull(allowances.decision(second));
    assertEquals("tenant", scope(allowances.decision(second)));
    assertNull(allowances.decision(stranger), "nobody's flood takes from another tenant");
  }

  @Test
  void whatTheTenantRefusesCostsTheKeyNothing() {
    // Given
    Allowances allowances = allowances(decisions(1, 2), decisions(100, 1));
    assertNull(allowances.decision(first));
    assertEquals("tenant", scope(allowances.decision(first)));

    // When
    nanos += SECOND / 100;

    // Then
    assertNull(allowances.decision(first));
  }

  @Test
  void aNamedTenantHasItsOwnAllowance() {
    // Given
    Allowances allowances =
        allowances(
            Allowance.NO_LIMIT, decisions(1, 1), new Tenant("blue", NO_QUOTA, decisions(1, 3)));

    // When / Then
    for (int n = 0; n < 3; n++) {
      assertNull(allowances.decision(first));
    }
    assertEquals("tenant", scope(allowances.decision(second)));
    assertNull(allowances.decision(stranger));
    assertEquals("tenant", scope(allowances.decision(stranger)));
  }

  @Test
  void whoIsRefusedIsToldWhenToComeAgain() {
    // Given
    Allowances allowances = allowances(decisions(0.1, 1), Allowance.NO_LIMIT);
    allowances.decision(first);
    nanos += SECOND / 2;

    // When
    AllowanceException refusal = Objects.requireNonNull(allowances.decision(first));

    // Then
    assertEquals("rate.exceeded", refusal.code());
    assertEquals(10, refusal.retryAfterSeconds(), "9.5 s are ten");
  }

  @Test
  void severalWaitUnlessThatWouldBeLong() {
    // Given
    Allowances allowances = allowances(decisions(10, 10), decisions(20, 20));

    // When / Then
    assertEquals(0, allowances.decisions(first, 10));
    assertEquals(2 * SECOND, allowances.decisions(first, 20));
    assertThrows(AllowanceException.class, () -> allowances.decisions(first, 1000));
    assertEquals(3 * SECOND, allowances.decisions(first, 10), "what was refused took none");
  }

  @Test
  void executionsAreCountedWhileTheyRun() {
    // Given
    Allowances allowances = allowances(new Allowance(0, 0, 0, 0, 1), new Allowance(0, 0, 0, 0, 2));

    // When / Then
    assertNull(allowances.execution(first));
    assertNull(allowances.enter(first));
    assertEquals("key", scope(allowances.execution(first)));
    assertEquals("key", scope(allowances.enter(first)));
    assertNull(allowances.enter(second));
    Actor third = new Actor("blue", "third", Role.AGENT);
    assertEquals("tenant", scope(allowances.execution(third)));
    assertEquals("tenant", scope(allowances.enter(third)));
    assertNull(allowances.enter(stranger));
    allowances.leave(first);
    assertNull(allowances.enter(third), "a refusal holds no place");
    assertNotNull(allowances.enter(first));
  }

  @Test
  void executionsHaveARateOfTheirOwn() {
    // Given
    Allowances allowances = allowances(new Allowance(1, 1, 1, 2, 0), Allowance.NO_LIMIT);
    allowances.decision(first);

    // When / Then
    assertNull(allowances.execution(first));
    assertNull(allowances.execution(first));
    AllowanceException refusal = Objects.requireNonNull(allowances.execution(first));
    assertEquals("rate.exceeded", refusal.code());
    nanos += SECOND;
    assertNull(allowances.execution(first));
  }

  @Test
  void aFloodOfRefusalsIsTwoEventsAKey() {
    // Given
    Allowances allowances = allowances(decisions(1, 1), Allowance.NO_LIMIT);
    allowances.decision(first);
    allowances.decision(stranger);

    // When
    for (int n = 0; n < 100_000; n++) {
      allowances.decision(first);
    }
    allowances.decision(stranger);
    now = now.plusSeconds(AllowanceUse.WINDOW_SECONDS);
    use.flush();
    use.flush();

    // Then
    assertEquals(3, events.size());
    assertEquals(1, refused(events.get(0)));
    assertEquals("red", events.get(1).tenant());
    assertEquals(99_999, refused(events.get(2)));
    for (AuditEvent event : events) {
      assertEquals(EventKind.LIMIT_EXCEEDED, event.kind());
      assertEquals("rate.exceeded", event.status());
    }
  }

  private static int refused(AuditEvent event) {
    return new JsonObject(event.detail()).getInteger("refused");
  }

  @Test
  void theSameNameInTwoTenantsHasAnAllowanceInEach() {
    // Given
    Allowances allowances = allowances(decisions(1, 1), Allowance.NO_LIMIT);
    Actor namesake = new Actor("red", first.name(), Role.AGENT);

    // When
    assertNull(allowances.decision(first));

    // Then
    assertNotNull(allowances.decision(first));
    assertNull(allowances.decision(namesake));
  }

  @Test
  void ofManyKeysThoseThatUseNothingAreForgotten() {
    // Given
    Allowances allowances = allowances(new Allowance(1, 1, 0, 0, 1), Allowance.NO_LIMIT);
    assertNull(allowances.enter(second));
    for (int number = 0; number < Allowances.MANY_KEYS; number++) {
      assertNull(allowances.decision(new Actor("blue", "passing-" + number, Role.AGENT)));
    }
    nanos += 2 * SECOND;
    assertNull(allowances.decision(new Actor("blue", "passing-1", Role.AGENT)));

    // When
    assertNull(allowances.decision(first));

    // Then: what runs, and who has just used up his tokens, is remembered.
    assertEquals(3, allowances.keys());
    assertNotNull(allowances.enter(second));
    assertNotNull(allowances.decision(new Actor("blue", "passing-1", Role.AGENT)));
  }

  @Test
  void requestsAreCountedWhateverTheyAskFor() {
    // Given
    Allowances allowances =
        allowances(new Allowance(0, 0, 0, 0, 0, 2, 2, 0, 0), Allowance.NO_LIMIT);

    // When / Then
    assertNull(allowances.request(first));
    assertNull(allowances.request(first));
    assertEquals("key", scope(allowances.request(first)));
    assertNull(allowances.request(second));
    nanos += SECOND / 2;
    assertNull(allowances.request(first));
  }

  @Test
  void bytesAreOwedAndPaidForBeforeTheNextRequest() {
    // Given
    Allowances allowances =
        allowances(Allowance.NO_LIMIT, new Allowance(0, 0, 0, 0, 0, 0, 0, 1_000, 5_000));

    // When
    allowances.moved(first, 5_000);
    assertNull(allowances.request(first));
    allowances.moved(second, 3_000);

    // Then
    AllowanceException refusal = Objects.requireNonNull(allowances.request(first));
    assertEquals("tenant", refusal.scope());
    assertEquals("rate.exceeded", refusal.code());
    assertEquals(3, refusal.retryAfterSeconds());
    assertNull(allowances.request(stranger));
    nanos += 3 * SECOND;
    assertNull(allowances.request(first));
    allowances.moved(first, 1L << 40);
    assertNotNull(allowances.request(second));
    assertEquals("bytes", events.getFirst().detailJson().getString("of"));
  }
}
