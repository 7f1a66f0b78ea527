package dev.gatehouse.gate.remote;

import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClientAgent;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpClientRequest;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.PoolOptions;
import io.vertx.core.http.RequestOptions;
import java.net.URI;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Another service, asked over a few kept connections. An answer must be there whole within a time,
 * and no longer than a size; one that sends elsewhere is no answer. May be used from any event
 * loop; each future completes on the loop that asked.
 */
public final class RemoteService {
  private static final int MAX_WAITING = 1_000;
  private static final int IDLE_SECONDS = 60;
  private static final int MAX_HEADER_BYTES = 16 << 10;

  private final Vertx vertx;
  private final HttpClientAgent client;
  private final long timeoutMillis;
  private final int maxBytes;

  /**
   * Connects to nobody yet.
   *
   * @param connections kept at once to one address
   * @param timeoutMillis for a whole answer, the connection's beginning included
   * @param maxBytes the longest body of an answer
   */
  public RemoteService(Vertx vertx, int connections, long timeoutMillis, int maxBytes) {
    this.vertx = vertx;
    this.timeoutMillis = timeoutMillis;
    this.maxBytes = maxBytes;
    this.client =
        vertx
            .httpClientBuilder()
            .with(
                new HttpClientOptions()
                    .setConnectTimeout((int) timeoutMillis)
                    .setIdleTimeout(IDLE_SECONDS)
                    .setIdleTimeoutUnit(TimeUnit.SECONDS)
                    .setMaxHeaderSize(MAX_HEADER_BYTES))
            .with(
                new PoolOptions()
                    .setHttp1MaxSize(connections)
                    .setMaxWaitQueueSize(MAX_WAITING)
                    .setCleanerPeriod(1_000))
            .build();
  }

  /** What it answered, whatever that is. */
  public record Reply(int status, Buffer body) {}

  /** Asks for what is at an address. */
  public Future<Reply> get(URI address, Map<String, String> headers) {
    return ask(HttpMethod.GET, address, headers, null);
  }

  /**
   * Sends a body; fails, as {@link #get} does, without saying what was sent.
   *
   * @param body null for none
   */
  public Future<Reply> ask(
      HttpMethod method, URI address, Map<String, String> headers, @Nullable Buffer body) {
    RequestOptions options =
        new RequestOptions()
            .setMethod(method)
            .setAbsoluteURI(address.toString())
            .setFollowRedirects(false)
            .setTimeout(timeoutMillis);
    headers.forEach(options::putHeader);
    Promise<Reply> reply = Promise.promise();
    Context here = vertx.getOrCreateContext();
    Future<HttpClientRequest> request = client.request(options);
    long timer = vertx.setTimer(timeoutMillis, late -> tooLate(request, reply));
    request
        .compose(ready -> body == null ? ready.send() : ready.send(body))
        .compose(this::whole)
        .onComplete(done ->
            here.runOnContext(turn -> {
              vertx.cancelTimer(timer);
              if (done.succeeded()) {
                reply.tryComplete(done.result());
              } else {
                reply.tryFail(done.cause());
              }
            }));
    return reply.future();
  }

  private void tooLate(Future<HttpClientRequest> request, Promise<Reply> reply) {
    reply.tryFail("no answer within " + timeoutMillis + " ms");
    request.onSuccess(HttpClientRequest::reset);
  }

  private Future<Reply> whole(HttpClientResponse response) {
    Promise<Reply> whole = Promise.promise();
    Buffer body = Buffer.buffer();
    response.exceptionHandler(whole::tryFail);
    response.handler(piece -> {
      if (body.length() + piece.length() > maxBytes) {
        whole.tryFail("the answer is longer than " + maxBytes + " bytes");
        response.request().reset();
        return;
      }
      body.appendBuffer(piece);
    });
    response.endHandler(ended -> whole.tryComplete(new Reply(response.statusCode(), body)));
    return whole.future();
  }

  /** Ends its connections. */
  public Future<Void> close() {
    return client.close();
  }
}
