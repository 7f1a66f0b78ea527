package dev.gatehouse.gate;

import io.vertx.core.Future;
import io.vertx.core.VerticleBase;

/** Looks at something again and again, each time so long after the look before was over. */
public abstract class WatchVerticle extends VerticleBase {
  private final long millis;

  /**
   * Looks from the start on.
   *
   * @param millis between two looks
   */
  protected WatchVerticle(long millis) {
    this.millis = millis;
  }

  @Override
  public Future<?> start() {
    lookAgain();
    return Future.succeededFuture();
  }

  private void lookAgain() {
    vertx.setTimer(millis, id -> look().onComplete(looked -> lookAgain()));
  }

  /** One look, on this verticle's context; whatever comes of it, the next one comes. */
  protected abstract Future<?> look();
}
