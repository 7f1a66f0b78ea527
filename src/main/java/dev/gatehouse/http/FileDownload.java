package dev.gatehouse.http;

import dev.gatehouse.sandbox.FileEntry;
import dev.gatehouse.sandbox.FileTransfer;
import dev.gatehouse.sandbox.FileTransfer.Opened;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.ext.web.RoutingContext;
import org.jspecify.annotations.Nullable;

/**
 * A file on its way to a client. The last piece, which tells the client that all went well, is held
 * back until that is recorded.
 */
final class FileDownload implements FileTransfer.Peer {
  private final RoutingContext context;
  private final HttpServerResponse response;
  private final PacedResponse paced;
  private final FileTransfer transfer;
  private @Nullable Opened opened;
  private long came;
  private Buffer last = Buffer.buffer();

  /**
   * @param millis how long the client may take for a piece
   */
  FileDownload(RoutingContext context, long millis) {
    this.context = context;
    this.response = context.response();
    this.paced = new PacedResponse(context.vertx(), context.request(), millis);
    this.transfer = FileTransfer.here(context.vertx(), this);
    context.addEndHandler(ended -> {
      if (ended.failed()) {
        transfer.cancel();
      }
    });
  }

  FileTransfer transfer() {
    return transfer;
  }

  /** Bytes that came from the sandbox so far. */
  long bytes() {
    return came;
  }

  @Override
  public void opened(Opened file) {
    opened = file;
  }

  @Override
  public Future<Void> chunk(Buffer bytes) {
    Opened file = file();
    came += bytes.length();
    if (came >= file.end() - file.start()) {
      last = bytes;
      return Future.succeededFuture();
    }
    putHead(file);
    return paced.write(bytes);
  }

  /** What came of it is recorded: the rest may go. */
  void finish() {
    Opened file = file();
    putHead(file);
    response.end(last);
  }

  void fail(Throwable failure) {
    if (response.headWritten()) {
      // The client sees that it is not whole.
      response.reset();
    } else {
      context.fail(failure);
    }
  }

  private Opened file() {
    if (opened == null) {
      throw new IllegalStateException("content of no file");
    }
    return opened;
  }

  private void putHead(Opened opened) {
    FileEntry file = opened.file();
    if (file == null || response.headWritten()) {
      return;
    }
    putHeaders(response, file);
    long length = opened.end() - opened.start();
    response.putHeader(HttpHeaders.CONTENT_LENGTH, Long.toString(length));
    if (length < file.size()) {
      response
          .setStatusCode(206)
          .putHeader(
              HttpHeaders.CONTENT_RANGE,
              "bytes %d-%d/%d".formatted(opened.start(), opened.end() - 1, file.size()));
    }
  }

  /** What HEAD and GET say of a file. Its content is a stranger's: no browser shall run it. */
  static void putHeaders(HttpServerResponse response, FileEntry file) {
    response
        .putHeader(HttpHeaders.CONTENT_TYPE, "application/octet-stream")
        .putHeader("X-Content-Type-Options", "nosniff")
        .putHeader(HttpHeaders.ACCEPT_RANGES, "bytes")
        .putHeader(HttpHeaders.ETAG, FileReplies.etag(file))
        .putHeader(HttpHeaders.CONTENT_LENGTH, Long.toString(file.size()));
  }
}
