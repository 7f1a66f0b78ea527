package dev.gatehouse.http;

import dev.gatehouse.sandbox.FileException;
import dev.gatehouse.sandbox.FileTransfer;
import dev.gatehouse.sandbox.FileTransfer.Opened;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpVersion;
import io.vertx.ext.web.RoutingContext;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import org.jspecify.annotations.Nullable;

/**
 * A request's body on its way to a file. Nothing of it is read before the file is open, and then
 * only as much as the sandbox has taken.
 */
final class FileUpload implements FileTransfer.Peer {
  private final RoutingContext context;
  private final HttpServerRequest request;
  private final long millis;
  private final FileTransfer transfer;
  private final @Nullable String sha256;
  private final @Nullable MessageDigest digest;
  private Buffer gathered = Buffer.buffer();
  private Future<Void> given = Future.succeededFuture();
  private long came;
  private long cameBefore;
  private boolean heldUp;
  private boolean over;
  private long timer = -1;

  /**
   * @param millis how long the client may take for {@link FileTransfer#CHUNK_BYTES}
   * @param sha256 of what must come, in lower-case hex, or nothing of it is kept; null for whatever
   *     comes
   */
  FileUpload(RoutingContext context, long millis, @Nullable String sha256) {
    this.context = context;
    this.request = context.request();
    this.millis = millis;
    this.sha256 = sha256;
    this.digest = sha256 == null ? null : newDigest();
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

  private static MessageDigest newDigest() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java has SHA-256", e);
    }
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
      if (digest != null && !HexFormat.of().formatHex(digest.digest()).equals(sha256)) {
        // Without its end the file is never put in its place.
        transfer.cancel(FileException.Kind.OTHER_CONTENT);
        return;
      }
      transfer.give(Buffer.buffer());
    });
  }

  private Buffer take() {
    Buffer all = gathered;
    if (digest != null) {
      digest.update(all.getBytes());
    }
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
