package dev.gatehouse.http;

import dev.gatehouse.sandbox.FileTransfer;
import dev.gatehouse.sandbox.FileTransfer.Opened;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpVersion;
import io.vertx.ext.web.RoutingContext;

/**
 * A request's body on its way to a file. Nothing of it is read before the file is open, and then
 * only as much as the sandbox has taken.
 */
final class FileUpload implements FileTransfer.Peer {
  private final RoutingContext context;
  private final HttpServerRequest request;
  private final long millis;
  private final FileTransfer transfer;
  private Buffer gathered = Buffer.buffer();
  private Future<Void> given = Future.succeededFuture();
  private long came;
  private long cameBefore;
  private boolean heldUp;
  private boolean over;
  private long timer = -1;

  /**
   * @param millis how long the client may take for {@link FileTransfer#CHUNK_BYTES}
   */
  FileUpload(RoutingContext context, long millis) {
    this.context = context;
    this.request = context.request();
    this.millis = millis;
    this.transfer = FileTransfer.here(context.vertx(), this);
    request.pause();
    request.exceptionHandler(gone -> transfer.cancel());
    context.addEndHandler(ended -> {
      context.vertx().cancelTimer(timer);
      if (ended.failed()) {
        transfer.cancel();
      }
    });
  }

  FileTransfer transfer() {
    return transfer;
  }

  /** Bytes that came from the client so far. */
  long bytes() {
    return came;
  }

  @Override
  public void opened(Opened file) {
    if (over) {
      return;
    }
    timer = context.vertx().setPeriodic(millis, id -> look());
    if (request.version() != HttpVersion.HTTP_1_0
        && request.headers().contains(HttpHeaders.EXPECT, HttpHeaders.CONTINUE, true)) {
      context.response().writeContinue();
    }
    request.handler(this::came);
    request.endHandler(ended -> ended());
    request.fetch(1);
  }

  @Override
  public Future<Void> chunk(Buffer bytes) {
    return Future.failedFuture("nothing is read here");
  }

  /** Gathers a chunk, however small the pieces are, and reads on when there is room for more. */
  private void came(Buffer bytes) {
    if (over) {
      return;
    }
    came += bytes.length();
    gathered.appendBuffer(bytes);
    if (gathered.length() < FileTransfer.CHUNK_BYTES) {
      request.fetch(1);
      return;
    }
    heldUp = true;
    given = give(take());
    given.onSuccess(taken -> {
      heldUp = false;
      request.fetch(1);
    });
  }

  private void ended() {
    given.onSuccess(taken -> {
      if (gathered.length() > 0) {
        transfer.give(take());
      }
      transfer.give(Buffer.buffer());
    });
  }

  private Buffer take() {
    Buffer all = gathered;
    gathered = Buffer.buffer();
    return all;
  }

  private Future<Void> give(Buffer bytes) {
    int end = Math.min(bytes.length(), FileTransfer.CHUNK_BYTES);
    Future<Void> given = transfer.give(bytes.slice(0, end));
    return end == bytes.length()
        ? given
        : given.compose(taken -> give(bytes.slice(end, bytes.length())));
  }

  /** Ends it if the client has not sent what it must in this time. */
  private void look() {
    boolean slow = !heldUp && !request.isEnded() && came - cameBefore < FileTransfer.CHUNK_BYTES;
    cameBefore = came;
    if (slow) {
      Problem.send(
          context.response(),
          ApiException.of(
              408,
              "body.too-slow",
              FileTransfer.CHUNK_BYTES + " bytes of the body took longer than " + millis + " ms"),
          RequestId.of(context));
      transfer.cancel();
      HangUp.behindAnswer(request);
    }
  }

  /** The answer is about to leave: what else comes is read and dropped, for a while. */
  void end() {
    over = true;
    context.vertx().cancelTimer(timer);
    if (request.isEnded()) {
      return;
    }
    // Closed at once, the connection would be reset, and the client might not see the answer.
    long closing = context.vertx().setTimer(millis, late -> HangUp.behindAnswer(request));
    request.handler(dropped -> {});
    request.endHandler(ended -> context.vertx().cancelTimer(closing));
    request.exceptionHandler(gone -> context.vertx().cancelTimer(closing));
    request.resume();
  }
}
