package dev.gatehouse.http;

import io.netty.channel.Channel;
import io.netty.channel.ChannelOption;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpVersion;
import io.vertx.core.net.impl.ConnectionBase;

/**
 * Ends the connection of a client who takes nothing. Vert.x closes a connection behind what is
 * still to be sent, and so never closes this one.
 */
final class HangUp {
  /** Of HTTP/2: the answer is whole, and the rest of the request is not needed. */
  private static final long NO_ERROR = 0;

  private HangUp() {}

  /**
   * Ends it at once; what the client's system has not taken is thrown away. Of an HTTP/2 connection
   * only this request ends.
   */
  static void on(HttpServerRequest request) {
    if (request.version() == HttpVersion.HTTP_2) {
      request.response().reset();
      return;
    }
    on(((ConnectionBase) request.connection()).channel());
  }

  /**
   * Ends a request that was answered while its body still came: over HTTP/1 with its connection,
   * behind the answer; of an HTTP/2 connection only this request ends.
   */
  static void behindAnswer(HttpServerRequest request) {
    if (request.version() == HttpVersion.HTTP_2) {
      request.response().reset(NO_ERROR);
    } else {
      request.connection().close();
    }
  }

  /** Says in an answer that its connection ends behind it; of HTTP/2 that is never so. */
  static void announce(HttpServerRequest request) {
    if (request.version() != HttpVersion.HTTP_2) {
      request.response().putHeader(HttpHeaders.CONNECTION, HttpHeaders.CLOSE);
    }
  }

  /** Ends a whole connection at once. */
  @SuppressWarnings("FutureReturnValueIgnored") // nobody waits for it
  static void on(Channel channel) {
    if (!channel.isOpen()) {
      return;
    }
    // Else the system would keep what it holds for as long as the client likes.
    channel.config().setOption(ChannelOption.SO_LINGER, 0);
    // From below Vert.x, which would put it off.
    channel.pipeline().firstContext().close();
  }
}
