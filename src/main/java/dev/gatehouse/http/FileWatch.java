package dev.gatehouse.http;

import dev.gatehouse.sandbox.FileChanges;
import dev.gatehouse.sandbox.FileTransfer;
import dev.gatehouse.sandbox.FileTransfer.Opened;
import dev.gatehouse.sandbox.GuestPath;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.ext.web.RoutingContext;

/**
 * One client that watches a directory, by server-sent events. Of what it does not take in time, the
 * sandbox's kernel keeps some, and then says that the rest is lost.
 */
final class FileWatch implements FileTransfer.Peer {
  private static final long BEAT_MILLIS = 15_000;

  private final RoutingContext context;
  private final HttpServerResponse response;
  private final PacedResponse paced;
  private final GuestPath directory;
  private final FileTransfer transfer;
  private long timer = -1;
  private long changes;

  FileWatch(RoutingContext context, GuestPath directory, long millis) {
    this.context = context;
    this.response = context.response();
    this.paced = new PacedResponse(context.vertx(), context.request(), millis);
    this.directory = directory;
    this.transfer = FileTransfer.here(context.vertx(), this);
    context.addEndHandler(ended -> {
      context.vertx().cancelTimer(timer);
      transfer.cancel();
    });
  }

  FileTransfer transfer() {
    return transfer;
  }

  /** Bytes of changes so far. */
  long bytes() {
    return changes;
  }

  @Override
  public void opened(Opened file) {
    response
        .setChunked(true)
        .putHeader(HttpHeaders.CONTENT_TYPE, "text/event-stream")
        .putHeader(HttpHeaders.CACHE_CONTROL, "no-store");
    Connections.goesOnForEver(context);
    OpenCalls.endEventsWithKey(context);
    say(": watching\n\n");
    timer = context.vertx().setPeriodic(BEAT_MILLIS, id -> say(": still here\n\n"));
  }

  private void say(String comment) {
    paced.write(Buffer.buffer(comment)).onFailure(gone -> transfer.cancel());
  }

  @Override
  public Future<Void> chunk(Buffer bytes) {
    changes += bytes.length();
    StringBuilder text = new StringBuilder();
    for (FileChanges.Change change : FileChanges.of(directory, bytes).changes()) {
      text.append("event: change\ndata: ").append(FileReplies.change(change)).append("\n\n");
    }
    return paced.write(Buffer.buffer(text.toString()));
  }

  /** The directory is gone. */
  void finish() {
    response.end("event: gone\ndata: {}\n\n");
  }

  void fail(Throwable failure) {
    if (!response.headWritten()) {
      context.fail(failure);
    } else if (!response.ended()) {
      response.reset();
    }
  }
}
