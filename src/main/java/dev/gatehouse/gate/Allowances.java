package dev.gatehouse.gate;

import dev.gatehouse.action.Actor;
import dev.gatehouse.config.LimitSettings;
import dev.gatehouse.config.LimitSettings.Allowance;
import dev.gatehouse.gate.AllowanceException.Of;
import dev.gatehouse.gate.AllowanceException.Scope;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Function;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * What each key and each tenant may still ask for. Every tenant has tokens of its own, so that what
 * one asks for takes nothing from another; a key needs its own and its tenant's.
 *
 * <p>Shared by all event loops: two looks by name and one atomic each. Where nothing is limited
 * nothing is looked up.
 */
public final class Allowances {
  /** The longest that somebody is held back who would rather wait than be refused. */
  static final long PATIENCE_NANOS = 60_000_000_000L;

  /** Keys above which those that use nothing are forgotten: issuers of tokens know any number. */
  static final int MANY_KEYS = 100_000;

  /** The least time between two looks for those. */
  private static final long FORGET_NANOS = 1_000_000_000L;

  /** Issuers of tokens may know the same name in two tenants. */
  private record Name(String tenant, String name) {}

  private final AllowanceUse use;
  private final LongSupplier clock;
  private final AtomicLong forgotten;
  private final boolean limitsDecisions;
  private final boolean limitsRequests;
  private final ConcurrentMap<Name, Meter> keys = new ConcurrentHashMap<>();
  private final ConcurrentMap<String, Meter> tenants = new ConcurrentHashMap<>();
  private final Function<Name, Meter> newKey;
  private final Function<String, Meter> newTenant;

  public Allowances(LimitSettings settings, AllowanceUse use) {
    this(settings, use, System::nanoTime);
  }

  /**
   * As for everybody.
   *
   * @param clock nanoseconds that never go back
   */
  Allowances(LimitSettings settings, AllowanceUse use, LongSupplier clock) {
    this.use = use;
    this.clock = clock;
    this.forgotten = new AtomicLong(clock.getAsLong() - FORGET_NANOS);
    this.limitsDecisions =
        settings.perKey().limitsDecisions()
            || settings.perTenant().limitsDecisions()
            || settings.tenants().stream().anyMatch(one -> one.allowance().limitsDecisions());
    this.limitsRequests =
        settings.perKey().limitsRequests()
            || settings.perTenant().limitsRequests()
            || settings.tenants().stream().anyMatch(one -> one.allowance().limitsRequests());
    this.newKey = name -> meter(settings.perKey());
    this.newTenant = name -> meter(settings.allowanceOf(name));
  }

  private Meter meter(Allowance allowance) {
    return new Meter(allowance, clock.getAsLong());
  }

  private Meter key(Actor actor) {
    Name name = new Name(actor.tenant(), actor.name());
    Meter known = keys.get(name);
    if (known != null) {
      return known;
    }
    if (keys.size() >= MANY_KEYS) {
      forgetUnused();
    }
    return keys.computeIfAbsent(name, newKey);
  }

  private void forgetUnused() {
    long now = clock.getAsLong();
    long last = forgotten.get();
    if (now - last >= FORGET_NANOS && forgotten.compareAndSet(last, now)) {
      keys.values().removeIf(meter -> meter.isUnused(now));
    }
  }

  /** How many keys are known. */
  int keys() {
    return keys.size();
  }

  private Meter tenant(Actor actor) {
    Meter known = tenants.get(actor.tenant());
    return known == null ? tenants.computeIfAbsent(actor.tenant(), newTenant) : known;
  }

  /** Whether requests or their bytes are limited for anybody. */
  public boolean limitsRequests() {
    return limitsRequests;
  }

  /** Takes one request; the refusal where there is none to take, or bytes are owed. Hot path. */
  public @Nullable AllowanceException request(Actor actor) {
    if (!limitsRequests) {
      return null;
    }
    Meter key = key(actor);
    Meter tenant = tenant(actor);
    long now = clock.getAsLong();
    long ofKey = key.bytes().owedNanos(now);
    long ofTenant = tenant.bytes().owedNanos(now);
    if (ofKey > 0 || ofTenant > 0) {
      Scope scope = ofKey > 0 ? Scope.KEY : Scope.TENANT;
      return refusal(actor, Of.BYTES, new Taken(scope, ofKey > 0 ? ofKey : ofTenant));
    }
    return refusal(actor, Of.REQUESTS, take(key.requests(), tenant.requests(), 1, now, 0));
  }

  /** Counts bytes that came or went; what is too much is owed, and refuses the next request. */
  public void moved(Actor actor, long bytes) {
    if (limitsRequests) {
      long now = clock.getAsLong();
      key(actor).bytes().owe(bytes, now);
      tenant(actor).bytes().owe(bytes, now);
    }
  }

  /** Takes one decision; the refusal where there is none to take. Hot path. */
  @Nullable AllowanceException decision(Actor actor) {
    if (!limitsDecisions) {
      return null;
    }
    long now = clock.getAsLong();
    return refusal(
        actor, Of.DECISIONS, take(key(actor).decisions(), tenant(actor).decisions(), 1, now, 0));
  }

  /**
   * Takes several decisions, for somebody who would rather wait.
   *
   * @return how long, in nanoseconds
   * @throws AllowanceException if that is longer than a minute; nothing was taken then
   */
  long decisions(Actor actor, int count) {
    if (!limitsDecisions) {
      return 0;
    }
    Taken taken =
        take(
            key(actor).decisions(),
            tenant(actor).decisions(),
            count,
            clock.getAsLong(),
            PATIENCE_NANOS);
    AllowanceException refusal = refusal(actor, Of.DECISIONS, taken);
    if (refusal != null) {
      throw refusal;
    }
    return taken.nanos();
  }

  /** Takes one execution's start; the refusal where there is none, or as many run as may. */
  @Nullable AllowanceException execution(Actor actor) {
    Meter key = key(actor);
    Meter tenant = tenant(actor);
    if (key.isFull() || tenant.isFull()) {
      return full(actor, key.isFull() ? Scope.KEY : Scope.TENANT);
    }
    return refusal(
        actor, Of.EXECUTIONS, take(key.executions(), tenant.executions(), 1, clock.getAsLong(), 0));
  }

  /** Counts one that runs; the refusal if as many do as may. Who had none calls {@link #leave}. */
  @Nullable AllowanceException enter(Actor actor) {
    if (!key(actor).tryEnter()) {
      return full(actor, Scope.KEY);
    }
    if (!tenant(actor).tryEnter()) {
      key(actor).leave();
      return full(actor, Scope.TENANT);
    }
    return null;
  }

  void leave(Actor actor) {
    key(actor).leave();
    tenant(actor).leave();
  }

  private AllowanceException full(Actor actor, Scope scope) {
    use.refused(actor, Of.RUNNING, scope);
    return AllowanceException.full(scope);
  }

  /**
   * What came of taking.
   *
   * @param scope whose tokens are missing; null if none are
   * @param nanos how long to wait for them
   */
  private record Taken(@Nullable Scope scope, long nanos) {
    static final Taken AT_ONCE = new Taken(null, 0);
  }

  private static Taken take(
      TokenBucket key, TokenBucket tenant, int count, long now, long patienceNanos) {
    long ofKey = key.take(count, now, patienceNanos);
    if (ofKey < 0) {
      return new Taken(Scope.KEY, -ofKey);
    }
    long ofTenant = tenant.take(count, now, patienceNanos);
    if (ofTenant < 0) {
      key.give(count);
      return new Taken(Scope.TENANT, -ofTenant);
    }
    long nanos = Math.max(ofKey, ofTenant);
    return nanos == 0 ? Taken.AT_ONCE : new Taken(null, nanos);
  }

  private @Nullable AllowanceException refusal(Actor actor, Of of, Taken taken) {
    Scope scope = taken.scope();
    if (scope == null) {
      return null;
    }
    use.refused(actor, of, scope);
    return AllowanceException.tooFast(of, scope, taken.nanos());
  }
}
