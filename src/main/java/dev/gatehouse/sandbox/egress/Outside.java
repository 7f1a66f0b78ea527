package dev.gatehouse.sandbox.egress;

import dev.gatehouse.config.SandboxSettings;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpClientAgent;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpClientRequest;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpConnectOptions;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.core.http.RequestOptions;
import io.vertx.core.net.HostAndPort;
import io.vertx.core.net.NetClient;
import io.vertx.core.net.NetClientOptions;
import io.vertx.core.net.NetSocket;
import io.vertx.core.net.SocketAddress;
import java.net.InetAddress;
import java.util.Objects;

/**
 * The way from an allowed attempt to the outside: a connection of its own each, to the address that
 * was checked, never shared and never used again. Confined to the proxy's event loop.
 */
final class Outside {
  private final NetClient tunnels;
  private final HttpClientAgent requests;

  Outside(Vertx vertx, SandboxSettings.Egress limits) {
    tunnels =
        vertx.createNetClient(
            new NetClientOptions().setConnectTimeout(limits.connectTimeoutMillis()));
    requests =
        vertx.createHttpClient(
            new HttpClientOptions()
                .setConnectTimeout(limits.connectTimeoutMillis())
                .setDecompressionSupported(false)
                .setMaxHeaderSize(ProxyVerticle.MAX_HEAD_BYTES)
                .setMaxInitialLineLength(ProxyVerticle.MAX_LINE_BYTES));
  }

  /** Opens the tunnel that was asked for; gives its inner end. */
  Future<NetSocket> tunnel(HttpServerRequest request, Crossing crossing) {
    InetAddress address = Objects.requireNonNull(crossing.address());
    return tunnels
        .connect(
            SocketAddress.inetSocketAddress(crossing.target().port(), address.getHostAddress()))
        .recover(failure -> unreachable(failure))
        .compose(outside -> {
          outside.pause();
          crossing.closes(outside::close);
          checkOther(outside.localAddress(), address);
          crossing.check();
          return request
              .toNetSocket()
              .onFailure(gone -> outside.close())
              .map(inside -> join(inside, outside, crossing));
        });
  }

  private static NetSocket join(NetSocket inside, NetSocket outside, Crossing crossing) {
    crossing.closes(inside::close);
    Flow.start(inside, outside, crossing::up).onComplete(end -> outside.end());
    Flow.start(outside, inside, crossing::down)
        .eventually(inside::end)
        .onComplete(end -> crossing.closed());
    return inside;
  }

  /** Forwards a request, and its answer when it comes. */
  Future<Void> forward(HttpServerRequest request, Crossing crossing) {
    InetAddress address = Objects.requireNonNull(crossing.address());
    Target target = crossing.target();
    return requests
        .connect(
            new HttpConnectOptions()
                .setServer(SocketAddress.inetSocketAddress(target.port(), address.getHostAddress()))
                .setHost(target.host().name())
                .setPort(target.port())
                .setSsl(false))
        .recover(failure -> unreachable(failure))
        .compose(connection -> {
          crossing.closes(connection::close);
          checkOther(connection.localAddress(), address);
          crossing.check();
          return connection
              .request(
                  new RequestOptions()
                      .setMethod(request.method())
                      .setURI(Requests.pathOf(request.uri())))
              .compose(outside -> exchange(request, outside, crossing))
              .onComplete(ended -> connection.close());
        });
  }

  private static Future<Void> exchange(
      HttpServerRequest inside, HttpClientRequest outside, Crossing crossing) {
    Target target = crossing.target();
    Requests.copyHeaders(inside.headers(), outside.headers());
    // Not asked to close: an end that comes while the answer waits to be taken would cut it short.
    outside.headers().remove(HttpHeaders.HOST).remove(HttpHeaders.EXPECT);
    outside.authority(
        HostAndPort.authority(target.host().name(), target.port() == 80 ? -1 : target.port()));
    boolean chunked = inside.headers().contains(HttpHeaders.TRANSFER_ENCODING);
    outside.setChunked(chunked);
    if (inside.headers().contains(HttpHeaders.EXPECT)) {
      inside.response().writeContinue();
    }
    Future<Void> sent =
        chunked || inside.headers().contains(HttpHeaders.CONTENT_LENGTH)
            ? Flow.start(inside, outside, crossing::up).compose(end -> outside.end())
            : inside.resume().end().compose(end -> outside.end());
    // An answer may come before the whole request has gone; then the rest is of no interest.
    return outside
        .response()
        .compose(answer -> answer(answer, inside, crossing))
        .recover(failure ->
            sent.failed() ? Future.failedFuture(sent.cause()) : Future.failedFuture(failure));
  }

  private static Future<Void> answer(
      HttpClientResponse outside, HttpServerRequest asked, Crossing crossing) {
    HttpServerResponse inside = asked.response();
    inside.setStatusCode(outside.statusCode()).setStatusMessage(outside.statusMessage());
    Requests.copyHeaders(outside.headers(), inside.headers());
    boolean hasBody =
        !asked.method().equals(HttpMethod.HEAD)
            && outside.statusCode() != 204
            && outside.statusCode() != 304;
    inside.setChunked(hasBody && !outside.headers().contains(HttpHeaders.CONTENT_LENGTH));
    return Flow.start(outside, inside, crossing::down)
        .compose(end -> inside.end())
        .onSuccess(end -> crossing.closed());
  }

  private static void checkOther(SocketAddress local, InetAddress remote) {
    if (OwnAddresses.isItself(local, remote)) {
      throw new RefusedException(Refusal.OWN_ADDRESS, "that is the machine the sandbox runs on");
    }
  }

  private static <T> Future<T> unreachable(Throwable failure) {
    return Future.failedFuture(
        new RefusedException(Refusal.UNREACHABLE, "no connection: " + failure.getMessage()));
  }

  Future<Void> close() {
    return tunnels.close().eventually(requests::close);
  }
}
