package dev.gatehouse;

import dev.gatehouse.config.DrainSettings;
import dev.gatehouse.gate.Drain;
import dev.gatehouse.gate.ExecutionPlaces;
import dev.gatehouse.http.HttpVerticle;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What comes before the stop: the server says that it is not ready and refuses what is new, accepts
 * connections for a while all the same, so that nobody's is refused, then listens no more and lets
 * what is under way end, up to a deadline.
 */
final class Drainage {
  private static final Logger LOGGER = LoggerFactory.getLogger(Drainage.class);

  /** How often it is looked whether all has ended. */
  private static final long LOOK_MILLIS = 20;

  /** How long clients may take to hang up after their last answer. */
  private static final long GOODBYE_MILLIS = 1_000;

  private final Vertx vertx;
  private final DrainSettings settings;
  private final Drain drain;
  private final ExecutionPlaces executions;
  private final Collection<HttpVerticle> edges;

  Drainage(
      Vertx vertx,
      DrainSettings settings,
      Drain drain,
      ExecutionPlaces executions,
      Collection<HttpVerticle> edges) {
    this.vertx = vertx;
    this.settings = settings;
    this.drain = drain;
    this.executions = executions;
    this.edges = edges;
  }

  /** Completes when all has ended, or the deadline is over; never fails. */
  Future<Void> run() {
    drain.begin();
    edges.forEach(HttpVerticle::drain);
    LOGGER.info(
        "draining, new work is refused underWay={} executions={}",
        drain.underWay(),
        executions.taken());
    return pause(settings.leadMillis())
        .compose(led -> {
          long deadlineNanos =
              System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(settings.deadlineMillis());
          List<Future<Void>> hungUp =
              edges.stream().map(edge -> edge.stopListening(graceMillis())).toList();
          return ended(deadlineNanos).compose(over -> goodbye(hungUp));
        })
        .otherwise(failure -> {
          LOGGER.warn("the server could not be drained", failure);
          return null;
        });
  }

  /** Longer than the deadline, so that WebSockets are told why before they are cut. */
  private long graceMillis() {
    return settings.deadlineMillis() + GOODBYE_MILLIS;
  }

  private Future<Void> pause(long millis) {
    return millis == 0 ? Future.succeededFuture() : vertx.timer(millis).mapEmpty();
  }

  private Future<Void> ended(long deadlineNanos) {
    if (deadlineNanos - System.nanoTime() <= 0) {
      LOGGER.warn(
          "the drain's deadline is over, what is under way is ended underWay={} executions={}",
          drain.underWay(),
          executions.taken());
      return Future.succeededFuture();
    }
    boolean works = drain.underWay() > 0 || executions.taken() > 0;
    if (!works && edges.stream().allMatch(HttpVerticle::isQuiet)) {
      return Future.succeededFuture();
    }
    return pause(LOOK_MILLIS).compose(later -> ended(deadlineNanos));
  }

  /** Who follows something endless is told; nobody is waited for long. */
  private Future<Void> goodbye(List<Future<Void>> hungUp) {
    edges.forEach(HttpVerticle::sayGoodbye);
    Future<Void> all = Future.join(hungUp).mapEmpty();
    return Future.any(all.otherwiseEmpty(), pause(GOODBYE_MILLIS)).mapEmpty();
  }
}
