package dev.gatehouse.http;

import org.jspecify.annotations.Nullable;

/**
 * What a request came to.
 *
 * @param stream the number of the stream that it opened; null for none
 */
record SocketReply(Answer.Reply reply, @Nullable Integer stream) {
  static SocketReply of(Answer.Reply reply) {
    return new SocketReply(reply, null);
  }
}
