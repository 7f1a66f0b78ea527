package dev.gatehouse.gate;

import dev.gatehouse.policy.Policies;
import dev.gatehouse.policy.PolicyException;
import dev.gatehouse.policy.PolicyProblem;
import io.vertx.core.Future;
import java.util.List;
import java.util.concurrent.Callable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Changes the active policy: when its files change, looked at once a second, and when an operator
 * says so. Each change is recorded. Policies compile on worker threads, one at a time; one that
 * does not compile or fails its own tests replaces nothing.
 */
public final class PolicyVerticle extends WatchVerticle {
  private static final Logger LOGGER = LoggerFactory.getLogger(PolicyVerticle.class);
  private static final long LOOK_MILLIS = 1000;

  /** Who changed it, where no operator did. */
  private static final String FILES = "files";

  private final Policies policies;
  private final Lifecycle lifecycle;

  public PolicyVerticle(Policies policies, Lifecycle lifecycle) {
    super(LOOK_MILLIS);
    this.policies = policies;
    this.lifecycle = lifecycle;
  }

  @Override
  public Future<?> start() {
    vertx.executeBlocking(policies::testKnown, false).onSuccess(PolicyVerticle::tellProblems);
    return super.start();
  }

  private static void tellProblems(List<PolicyProblem> problems) {
    for (PolicyProblem problem : problems) {
      LOGGER.error("the active policy no longer does what its tests say: {}", problem);
    }
  }

  @Override
  protected Future<?> look() {
    return change(FILES, policies::reloadIfChanged)
        .onFailure(failure ->
            LOGGER.error(
                "the policy files changed and cannot be used, the old policy stays: {}",
                failure.getMessage()));
  }

  /**
   * Reads the files again.
   *
   * @param operator who asked, by name
   * @return the active policy's digest; fails with {@link PolicyException}
   */
  public Future<String> reload(String operator) {
    return change(operator, policies::reload);
  }

  /**
   * Makes an earlier version active, until the files change; fails with {@link
   * IllegalArgumentException} if unknown.
   */
  public Future<String> activate(String operator, String digest) {
    return change(operator, () -> policies.activate(digest));
  }

  /**
   * Makes the version before this one active, until the files change; fails with {@link
   * IllegalStateException} if none.
   */
  public Future<String> rollBack(String operator) {
    return change(operator, policies::rollback);
  }

  /**
   * Does what may change the policy, and records it if it did. What was active before is asked for
   * where the work is done, one at a time: of two that see the same change, one has made it.
   */
  private Future<String> change(String by, Callable<?> work) {
    return context
        .executeBlocking(() -> {
          String before = policies.active().digest();
          work.call();
          return new Change(before, policies.active().digest());
        })
        .compose(change -> {
          if (change.after().equals(change.before())) {
            return Future.succeededFuture(change.after());
          }
          LOGGER.info("another policy is active digest={} by={}", change.after(), by);
          return lifecycle.policyChanged(change.before(), change.after(), by).map(change.after());
        });
  }

  /** The digests of the policies that were active before some work and after it. */
  private record Change(String before, String after) {}
}
