package dev.gatehouse.http;

import dev.gatehouse.config.Configuration;
import dev.gatehouse.config.ListenerSettings;
import io.netty.channel.Channel;
import io.netty.handler.ipfilter.IpFilterRuleType;
import io.netty.handler.ipfilter.IpSubnetFilterRule;
import io.vertx.core.http.Http2Settings;
import io.vertx.core.http.HttpConnection;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.net.ServerSSLOptions;
import io.vertx.core.net.impl.ConnectionBase;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** How connections are made: what Vert.x is told of it, and which of them may stay. */
final class Listener {
  static final int MAX_HEADER_BYTES = 16 << 10;

  private static final Logger LOGGER = LoggerFactory.getLogger(Listener.class);

  /** How much of a streamed body is read at once: a batch's lines of one read share a commit. */
  private static final int MAX_CHUNK_BYTES = 64 << 10;

  private final Configuration configuration;
  private final @Nullable ServerSSLOptions tls;
  private final List<IpSubnetFilterRule> proxies;
  private final Connections connections;

  /**
   * Makes one.
   *
   * @param tls null for none
   * @param connections what watches those that may stay
   */
  Listener(Configuration configuration, @Nullable ServerSSLOptions tls, Connections connections) {
    this.configuration = configuration;
    this.tls = tls;
    this.connections = connections;
    this.proxies = configuration.listener().proxies().stream().map(Listener::network).toList();
  }

  private static IpSubnetFilterRule network(String text) {
    int slash = text.indexOf('/');
    return new IpSubnetFilterRule(
        text.substring(0, slash),
        Integer.parseInt(text.substring(slash + 1)),
        IpFilterRuleType.ACCEPT);
  }

  HttpServerOptions options() {
    ListenerSettings settings = configuration.listener();
    HttpServerOptions options =
        new HttpServerOptions()
            .setHost(configuration.host())
            // A negative port is a free one that all instances share.
            .setPort(configuration.port() == 0 ? -1 : configuration.port())
            .setMaxHeaderSize(MAX_HEADER_BYTES)
            .setMaxChunkSize(MAX_CHUNK_BYTES)
            // Of what is no connection over HTTP yet; those are watched by what is asked over them.
            .setIdleTimeout(configuration.http().idleTimeoutMillis())
            .setIdleTimeoutUnit(TimeUnit.MILLISECONDS)
            // It would cost each WebSocket more memory than all else.
            .setPerFrameWebSocketCompressionSupported(false)
            .setPerMessageWebSocketCompressionSupported(false)
            .setMaxWebSocketFrameSize(configuration.webSocket().maxFrameBytes())
            .setHttp2ClearTextEnabled(settings.clearTextHttp2())
            .setInitialSettings(
                new Http2Settings()
                    .setMaxConcurrentStreams(settings.maxStreams())
                    .setMaxHeaderListSize(MAX_HEADER_BYTES))
            .setHttp2RstFloodMaxRstFramePerWindow(settings.maxResets())
            .setHttp2RstFloodWindowDuration(settings.resetSeconds())
            .setHttp2RstFloodWindowDurationTimeUnit(TimeUnit.SECONDS)
            .setUseProxyProtocol(!proxies.isEmpty())
            .setProxyProtocolTimeout(settings.headTimeoutMillis())
            .setProxyProtocolTimeoutUnit(TimeUnit.MILLISECONDS)
            .setTcpNoDelay(true);
    if (tls != null) {
      options
          .setSsl(true)
          .setUseAlpn(true)
          .setKeyCertOptions(tls.getKeyCertOptions())
          .setTrustOptions(tls.getTrustOptions())
          .setClientAuth(tls.getClientAuth())
          .setEnabledSecureTransportProtocols(tls.getEnabledSecureTransportProtocols())
          .setSslHandshakeTimeout(tls.getSslHandshakeTimeout())
          .setSslHandshakeTimeoutUnit(tls.getSslHandshakeTimeoutUnit());
      tls.getEnabledCipherSuites().forEach(options::addEnabledCipherSuite);
    }
    return options;
  }

  /** A connection was made: hangs up on who must not connect, and times the heads of requests. */
  void greet(HttpConnection connection) {
    Channel channel = ((ConnectionBase) connection).channel();
    if (!mayConnect(channel)) {
      LOGGER.debug(
          "a connection came from no proxy of proxyProtocol and was closed from={}",
          channel.remoteAddress());
      HangUp.on(channel);
      return;
    }
    connections.add(connection);
    HeadDeadline.watch(channel, configuration.listener().headTimeoutMillis());
  }

  /** What a peer says of its client counts only where the peer is a proxy that is trusted. */
  private boolean mayConnect(Channel channel) {
    // The channel's address is the peer's own; the connection's is what the peer said.
    return proxies.isEmpty()
        || (channel.remoteAddress() instanceof InetSocketAddress peer
            && proxies.stream().anyMatch(network -> network.matches(peer)));
  }
}
