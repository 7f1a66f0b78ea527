package dev.gatehouse.http;

import org.jspecify.annotations.Nullable;

/**
 * What a request came to.
 *
 * @param stream the number of the stream that it opened; null for none
 * @param replayed whether an earlier request with the same key was done, and not this one
 */
record SocketReply(Answer.Reply reply, @Nullable Integer stream, boolean replayed) {
  SocketReply(Answer.Reply reply, @Nullable Integer stream) {
    this(reply, stream, false);
  }

  /** That of an earlier request. */
  static SocketReply again(Answer.Reply reply) {
    return new SocketReply(reply, null, true);
  }

  /** The same, with a stream that was opened for it. */
  SocketReply with(int opened) {
    return new SocketReply(reply, opened, replayed);
  }

  static SocketReply of(Answer.Reply reply) {
    return new SocketReply(reply, null);
  }
}
