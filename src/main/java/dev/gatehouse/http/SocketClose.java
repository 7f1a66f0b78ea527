package dev.gatehouse.http;

import dev.gatehouse.gate.Key;

/** Why the server ends a WebSocket: codes and reasons that clients can rely on. */
enum SocketClose {
  SERVER_STOPS(1001, "the server stops"),
  PROTOCOL(1002, "what came is not the WebSocket protocol"),
  BINARY(1003, "clients send text frames only"),
  NOT_UTF8(1007, "text must be UTF-8"),
  TOO_LARGE(1009, "the message is too large"),
  NOT_AUTHENTICATED(4401, "expected an auth frame with a key that is known"),
  KEY_REMOVED(4402, "the key was removed"),
  OTHER_HOLDER(4403, "the key is of another tenant, role or holder"),
  TOKEN_EXPIRED(4407, "the token has expired"),
  AUTHENTICATION_TIMEOUT(4408, "no auth frame came in time"),
  TOO_MANY(4429, "too many connections of this key"),
  IDLE(4440, "nothing was asked for long"),
  SILENT(4441, "no sign of life"),
  SLOW(4442, "what was sent was not taken"),
  UNFINISHED(4443, "a message did not end in time");

  private final int code;
  private final String reason;

  SocketClose(int code, String reason) {
    this.code = code;
    this.reason = reason;
  }

  /** Why what is open under a key ends that is valid no more. */
  static SocketClose of(Key removed) {
    return removed.isExpired() ? TOKEN_EXPIRED : KEY_REMOVED;
  }

  short code() {
    return (short) code;
  }

  String reason() {
    return reason;
  }
}
