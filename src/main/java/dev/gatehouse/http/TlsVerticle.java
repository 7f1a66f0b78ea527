package dev.gatehouse.http;

import dev.gatehouse.gate.Lifecycle;
import dev.gatehouse.gate.WatchVerticle;
import dev.gatehouse.http.TlsFiles.Found;
import io.vertx.core.Future;
import io.vertx.core.net.ServerSSLOptions;
import java.util.Optional;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Gives the listener its certificate anew when the files do, looked at five times a second on a
 * worker thread. New connections get the new one, those that are open stay as they are; what cannot
 * be used replaces nothing. Either is recorded.
 */
public final class TlsVerticle extends WatchVerticle {
  private static final Logger LOGGER = LoggerFactory.getLogger(TlsVerticle.class);
  private static final long LOOK_MILLIS = 200;

  private final TlsFiles files;
  private final Function<ServerSSLOptions, Future<Boolean>> listener;
  private final Lifecycle lifecycle;

  /**
   * Makes one.
   *
   * @param listener takes what it is to use from now on
   */
  public TlsVerticle(
      TlsFiles files, Function<ServerSSLOptions, Future<Boolean>> listener, Lifecycle lifecycle) {
    super(LOOK_MILLIS);
    this.files = files;
    this.listener = listener;
    this.lifecycle = lifecycle;
  }

  @Override
  protected Future<?> look() {
    return context
        .executeBlocking(files::readIfChanged)
        .compose(this::take)
        .recover(this::refuse)
        .otherwise(late -> {
          LOGGER.warn("a change of certificates waits for its commit: {}", late.getMessage());
          return null;
        });
  }

  private Future<Void> take(Optional<Found> fresh) {
    if (fresh.isEmpty()) {
      return Future.succeededFuture();
    }
    return Future.succeededFuture()
        .compose(checked -> listener.apply(fresh.get().options()))
        .compose(updated -> {
          LOGGER.info(
              "the certificate changed notAfter={} sha256={}",
              fresh.get().shown().getString("notAfter"),
              fresh.get().shown().getString("sha256"));
          return recorded(lifecycle.certificateTaken(fresh.get().shown()));
        })
        .recover(
            failure -> files.giveBack() ? Future.failedFuture(failure) : Future.succeededFuture());
  }

  private Future<Void> refuse(Throwable failure) {
    String why = String.valueOf(failure.getMessage());
    LOGGER.error("the certificate changed and cannot be used, the old one stays: {}", why);
    return lifecycle.certificateRefused(why);
  }

  /** The listener has it already: what the record lacks is no reason to call it refused. */
  private static Future<Void> recorded(Future<Void> record) {
    return record.otherwise(late -> {
      LOGGER.warn("a change of certificates waits for its commit: {}", late.getMessage());
      return null;
    });
  }
}
