package dev.gatehouse.config;

/**
 * What one WebSocket of {@code /v1/ws} may take, and how long it may be silent. Times are in
 * milliseconds.
 *
 * @param authTimeoutMillis how long a client without the header may take for its first frame
 * @param pingMillis how often it is pinged; one that is silent for three of these is gone
 * @param idleMillis how long it may ask for nothing while nothing of it is under way
 * @param stallMillis how long a client may take nothing of what it is sent
 * @param maxFrameBytes longest frame
 * @param maxMessageBytes longest message, of several frames or one
 * @param connectionsPerKey connections of one key at once, the whole server
 * @param unauthenticated connections at once that have not said who they are, the whole server
 * @param maxUnderWay requests of one connection that are not answered yet
 * @param maxUnderWayBytes bytes of their frames
 * @param maxStreams executions and events that one connection follows at once
 * @param streamCredit bytes that may come on a stream before the client gives it credit
 * @param connectionCredit bytes that may come on all streams together before it gives credit
 * @param maxCredit the most credit that a stream or a connection can have
 * @param sendBufferBytes bytes on their way to the client above which nothing more is read from it
 *     or from what it follows
 */
public record WebSocketSettings(
    int authTimeoutMillis,
    int pingMillis,
    int idleMillis,
    int stallMillis,
    int maxFrameBytes,
    int maxMessageBytes,
    int connectionsPerKey,
    int unauthenticated,
    int maxUnderWay,
    int maxUnderWayBytes,
    int maxStreams,
    int streamCredit,
    int connectionCredit,
    int maxCredit,
    int sendBufferBytes) {

  static WebSocketSettings read(Settings settings) {
    return new WebSocketSettings(
        settings.integer("websocket.authTimeoutMillis", 50, 60_000, 10_000),
        settings.integer("websocket.pingMillis", 50, 600_000, 30_000),
        settings.integer("websocket.idleMillis", 50, 86_400_000, 3_600_000),
        settings.integer("websocket.stallMillis", 50, 600_000, 30_000),
        settings.integer("websocket.maxFrameBytes", 1024, 1 << 30, 1 << 20),
        settings.integer("websocket.maxMessageBytes", 1024, 1 << 30, 4 << 20),
        settings.integer("websocket.connectionsPerKey", 1, 1_000_000, 1_000),
        settings.integer("websocket.unauthenticated", 0, 1_000_000, 256),
        settings.integer("websocket.maxUnderWay", 1, 1_000_000, 4_096),
        settings.integer("websocket.maxUnderWayBytes", 1024, 1 << 30, 16 << 20),
        settings.integer("websocket.maxStreams", 1, 10_000, 64),
        settings.integer("websocket.streamCredit", 0, 1 << 30, 64 << 10),
        settings.integer("websocket.connectionCredit", 0, 1 << 30, 1 << 20),
        settings.integer("websocket.maxCredit", 1024, 1 << 30, 16 << 20),
        settings.integer("websocket.sendBufferBytes", 1024, 1 << 30, 256 << 10));
  }
}
