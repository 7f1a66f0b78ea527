package dev.gatehouse.sandbox.egress;

import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.streams.ReadStream;
import io.vertx.core.streams.WriteStream;
import java.util.function.IntConsumer;

/** Bytes from one side to the other, counted, and no faster than they are taken. */
final class Flow {
  private Flow() {}

  /**
   * Begins to move bytes. The sink is not ended.
   *
   * @param count hears of each piece's length before it goes on
   * @return succeeds at the source's end
   */
  static Future<Void> start(
      ReadStream<Buffer> source, WriteStream<Buffer> sink, IntConsumer count) {
    Promise<Void> end = Promise.promise();
    source.exceptionHandler(end::tryFail);
    source.endHandler(ended -> end.tryComplete());
    source.handler(piece -> {
      count.accept(piece.length());
      sink.write(piece).onFailure(end::tryFail);
      if (sink.writeQueueFull()) {
        source.pause();
        sink.drainHandler(drained -> source.resume());
      }
    });
    source.resume();
    return end.future();
  }
}
