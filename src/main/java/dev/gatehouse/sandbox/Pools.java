package dev.gatehouse.sandbox;

import dev.gatehouse.config.SandboxSettings.Profile;
import dev.gatehouse.sandbox.WaitingLine.Place;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What is started, and for whom: first for callers in line, in their turn, then for the pools.
 * Nothing is started that does not fit the machine; where the next in turn does not fit, everybody
 * behind waits with him, so that who wants much is not overtaken for ever.
 *
 * <p>Confined to the sandbox loop.
 */
final class Pools {
  private static final Logger LOGGER = LoggerFactory.getLogger(Pools.class);

  /**
   * So long after a hand-out nothing is started for a pool that has its minimum: a start takes the
   * processor from the execution that the hand-out was for.
   */
  private static final long QUIET_MILLIS = 100;

  /** And so long nothing is started at all: the reply leaves first. */
  private static final long REPLY_MILLIS = 5;

  private static final long HEALTH_MILLIS = 5_000;
  private static final long SIGN_OF_LIFE_MILLIS = 5_000;

  private final Vertx vertx;
  private final int waitMillis;
  private final Starts starts;
  private final Removals removals;
  private final EngineWatch engine;
  private final Budget machine;
  private final Runnable onChange;
  private final Map<String, Pool> pools = new LinkedHashMap<>();
  private final WaitingLine<Pool, Promise<LiveSandbox>> line =
      new WaitingLine<>(WaitingLine.MAX_WAITING);
  private long handedOutNanos = System.nanoTime() - TimeUnit.MILLISECONDS.toNanos(QUIET_MILLIS);
  private boolean refillPlanned;
  private int working;
  private boolean open;

  /**
   * @param machine what all sandboxes together may take
   * @param onChange called when there is something new to count
   */
  Pools(
      Vertx vertx,
      int waitMillis,
      Starts starts,
      Removals removals,
      EngineWatch engine,
      Budget machine,
      Collection<Blueprint> blueprints,
      Runnable onChange) {
    this.vertx = vertx;
    this.waitMillis = waitMillis;
    this.starts = starts;
    this.removals = removals;
    this.engine = engine;
    this.machine = machine;
    this.onChange = onChange;
    blueprints.forEach(
        blueprint -> pools.put(blueprint.profile().name(), new Pool(blueprint, System::nanoTime)));
  }

  /** From now on they are filled. */
  void open() {
    open = true;
    vertx.setPeriodic(HEALTH_MILLIS, id -> checkHealth());
    refill();
  }

  /** Ends all that stand ready, and refuses all who wait. */
  void close() {
    open = false;
    refuseAll("the server is stopping");
    all().forEach(pool -> pool.standingReady().forEach(one -> one.end(serverStopped())));
  }

  private static String serverStopped() {
    return Ending.SERVER_STOPPED.word();
  }

  Collection<Pool> all() {
    return pools.values();
  }

  /** The pool of that profile; the edge has refused names that no profile has. */
  Pool of(String profile) {
    Pool pool = pools.get(profile);
    if (pool == null) {
      throw new IllegalArgumentException("there is no profile " + profile);
    }
    return pool;
  }

  /** One that stands ready; null where none does or somebody came before. Hot. */
  @Nullable LiveSandbox takeReady(Pool pool) {
    if (line.size() > 0 && line.size(pool) > 0) {
      return null;
    }
    LiveSandbox sandbox = pool.take();
    if (sandbox != null) {
      handedOutNanos = System.nanoTime();
      if (pool.ready() < pool.profile().warm().minimum()) {
        vertx.setTimer(REPLY_MILLIS, id -> refill());
      }
      refillWhenQuiet(QUIET_MILLIS);
    }
    return sandbox;
  }

  /** Code begins to run in somebody's sandbox: until {@link #workEnds} the filling yields to it. */
  void workBegins() {
    working++;
  }

  void workEnds() {
    working--;
  }

  /**
   * Waits in line for one; fails as EXHAUSTED at the deadline or where the line is full, and as
   * CANCELLED where the follower does not want it any more.
   */
  Future<LiveSandbox> await(String tenant, Pool pool, ExecutionFollower follower) {
    pool.missed();
    long askedNanos = System.nanoTime();
    Place<Pool, Promise<LiveSandbox>> place = new Place<>(tenant, pool, Promise.promise());
    Promise<LiveSandbox> promise = place.caller();
    Place<Pool, Promise<LiveSandbox>> pushedOut = line.join(place);
    if (pushedOut != null) {
      pushedOut.caller().fail(exhausted("too many callers wait for a sandbox already"));
    }
    long timer =
        vertx.setTimer(
            waitMillis,
            id -> {
              if (line.leave(place)) {
                promise.fail(exhausted("no sandbox came free within " + waitMillis + " ms"));
              }
            });
    Future<LiveSandbox> served =
        promise
            .future()
            .onSuccess(sandbox -> pool.served(System.nanoTime() - askedNanos))
            .onComplete(done -> vertx.cancelTimer(timer));
    Context loop = vertx.getOrCreateContext();
    if (!follower.onCancel(() -> loop.runOnContext(ignored -> cancel(place)))) {
      cancel(place);
    }
    refill();
    return served;
  }

  private void cancel(Place<Pool, Promise<LiveSandbox>> place) {
    if (line.leave(place)) {
      place.caller().fail(SandboxException.cancelled());
      // Who stood behind may fit where this one did not.
      refill();
    }
  }

  /** Tells everybody in line that it is in vain. */
  void refuseAll(String why) {
    for (Place<Pool, Promise<LiveSandbox>> place : line.inTurn()) {
      line.leave(place);
      place.caller().fail(new SandboxException(SandboxException.Kind.ENGINE, why));
    }
  }

  /** From now on the profile's sandboxes are made of another image. */
  void rebuild(Pool pool, String imageId) {
    Blueprint old = pool.blueprint();
    LOGGER.warn(
        "the image changed, the pool is drained and filled anew profile={} image={} from={} to={}",
        old.profile().name(),
        old.profile().image(),
        old.imageId(),
        imageId);
    pool.rebuild(new Blueprint(old.profile(), old.runtime(), imageId))
        .forEach(one -> one.end("its image changed"));
    refill();
  }

  /** Starts what may be started now. To be called whenever something changed. */
  void refill() {
    Pool next = next();
    while (next != null) {
      start(next);
      next = next();
    }
    onChange.run();
  }

  private @Nullable Pool next() {
    if (!open || !engine.answers()) {
      return null;
    }
    Map<Pool, Integer> underWay = new HashMap<>();
    for (Place<Pool, Promise<LiveSandbox>> place : line.inTurn()) {
      Pool pool = place.kind();
      int left = underWay.merge(pool, -1, (known, less) -> known + less);
      if (pool.filling() + left >= 0) {
        // The one that is being started is his.
        continue;
      }
      if (!machine.fits(pool.profile())) {
        makeRoomBeside(pool);
        return null;
      }
      if (starts.underWay() < pool.profile().warm().burst()) {
        return pool;
      }
    }
    // The pools are filled when nobody waits: their starts would slow down his.
    return line.size() > 0 ? null : nextToFill();
  }

  /** Whether one that is no pool's may be started now: it overtakes nobody who waits for room. */
  boolean hasRoomFor(Profile profile) {
    return machine.fits(profile)
        && line.inTurn().stream().allMatch(place -> machine.fits(place.kind().profile()));
  }

  private @Nullable Pool nextToFill() {
    boolean quiet = quietMillis() >= QUIET_MILLIS;
    for (Pool pool : all()) {
      if (starts.underWay() < pool.startsAtOnce(working > 0)
          && pool.wantsMore(quiet)
          && machine.fits(pool.profile())) {
        return pool;
      }
    }
    return null;
  }

  /** What stands ready for nobody in particular gives way to who waits. */
  private void makeRoomBeside(Pool wanted) {
    if (removals.underWay() > 0) {
      return;
    }
    all().stream()
        .filter(pool -> pool != wanted && pool.ready() > 0)
        .max(Comparator.comparingInt(Pool::ready))
        .ifPresent(pool -> pool.standingReady().getLast().end("another profile needs its room"));
  }

  private void start(Pool pool) {
    Blueprint blueprint = pool.blueprint();
    machine.take(blueprint.profile());
    pool.starting();
    starts
        .start(blueprint)
        .onComplete(
            sandbox -> {
              pool.started();
              hand(sandbox, pool);
              refill();
            },
            failure -> {
              pool.failedToStart();
              Place<Pool, Promise<LiveSandbox>> next = line.next(pool);
              if (next != null) {
                next.caller().fail(failure);
              } else {
                LOGGER.warn(
                    "a warm sandbox could not be started profile={} reason={}",
                    pool.profile().name(),
                    failure.getMessage());
                retryLater(pool);
              }
              refill();
            });
  }

  private void hand(LiveSandbox sandbox, Pool pool) {
    if (!open) {
      sandbox.end(serverStopped());
    } else if (!sandbox.blueprint.equals(pool.blueprint())) {
      sandbox.end("its image changed");
    } else if (sandbox.alive()) {
      Place<Pool, Promise<LiveSandbox>> next = line.next(pool);
      if (next == null) {
        pool.add(sandbox);
      } else {
        next.caller().complete(sandbox);
      }
    }
  }

  private void retryLater(Pool pool) {
    long millis = pool.planRetry();
    if (millis > 0) {
      vertx.setTimer(
          millis,
          id -> {
            pool.retry();
            refill();
          });
    }
  }

  /** How long ago the last sandbox that stood ready was handed out. */
  private long quietMillis() {
    return TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - handedOutNanos);
  }

  private void refillWhenQuiet(long millis) {
    if (refillPlanned) {
      return;
    }
    refillPlanned = true;
    vertx.setTimer(
        millis,
        id -> {
          refillPlanned = false;
          long missing = QUIET_MILLIS - quietMillis();
          if (missing > 0) {
            refillWhenQuiet(missing);
          } else {
            refill();
          }
        });
  }

  /** Ends what stands ready and gives no sign of life, and what is too many. */
  private void checkHealth() {
    if (!open || !engine.answers()) {
      return;
    }
    for (Pool pool : all()) {
      LiveSandbox surplus = pool.surplus();
      if (surplus != null) {
        surplus.end("more stood ready than are wanted");
      }
      pool.standingReady().forEach(one -> checkHealth(one, pool));
    }
    refill();
  }

  private void checkHealth(LiveSandbox sandbox, Pool pool) {
    sandbox
        .ping()
        .timeout(SIGN_OF_LIFE_MILLIS, TimeUnit.MILLISECONDS)
        // All words go through the engine: if that is silent, the sandbox need not be.
        .recover(silence -> engine.look().compose(up -> up ? Future.failedFuture(silence) : done()))
        .onFailure(silence -> {
          if (pool.standingReady().contains(sandbox)) {
            LOGGER.warn("a warm sandbox gives no sign of life container={}", sandbox.container());
            sandbox.end("it gave no sign of life");
          }
        });
  }

  private static Future<Void> done() {
    return Future.succeededFuture();
  }

  int waiting() {
    return line.size();
  }

  /** A number of all pools together. */
  int sum(Function<Pool, Integer> number) {
    return all().stream().mapToInt(number::apply).sum();
  }

  List<PoolGauges.OfPool> gauges() {
    List<PoolGauges.OfPool> gauges = new ArrayList<>();
    all().forEach(pool -> gauges.add(pool.gauges(line.size(pool))));
    return gauges;
  }

  private static SandboxException exhausted(String message) {
    return new SandboxException(SandboxException.Kind.EXHAUSTED, message);
  }
}
