package dev.gatehouse.gate;

import io.vertx.core.Future;
import java.util.List;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Changes the keys when what they are read from does, looked at five times a second on a worker
 * thread. New keys are valid and old ones invalid at once, and each change is recorded; what cannot
 * be used replaces nothing.
 */
public final class KeyVerticle extends WatchVerticle {
  private static final Logger LOGGER = LoggerFactory.getLogger(KeyVerticle.class);

  /** A change is taken at the second look, and what is open under a removed key ends then. */
  private static final long LOOK_MILLIS = 200;

  private final Keys keys;
  private final KeySource source;
  private final Lifecycle lifecycle;
  private String told = "";

  public KeyVerticle(Keys keys, KeySource source, Lifecycle lifecycle) {
    super(LOOK_MILLIS);
    this.keys = keys;
    this.source = source;
    this.lifecycle = lifecycle;
  }

  @Override
  protected Future<?> look() {
    return context
        .executeBlocking(source::readIfChanged)
        .compose(this::take)
        .onComplete(
            looked -> tell(looked.failed() ? String.valueOf(looked.cause().getMessage()) : ""));
  }

  /** Says what is wrong once, however often it is looked at; empty for nothing. */
  private void tell(String wrong) {
    if (!wrong.isEmpty() && !wrong.equals(told)) {
      LOGGER.error("the keys changed and cannot be used, the old ones stay: {}", wrong);
    }
    told = wrong;
  }

  private Future<Void> take(Optional<List<Key>> fresh) {
    List<Keys.Changed> changes = fresh.map(keys::replace).orElse(List.of());
    if (changes.isEmpty()) {
      return Future.succeededFuture();
    }
    LOGGER.info("the keys changed count={}", changes.size());
    return lifecycle
        .keysChanged(changes)
        .otherwise(late -> {
          LOGGER.warn("a change of keys waits for its commit: {}", late.getMessage());
          return null;
        });
  }
}
