package dev.gatehouse.http;

/** Bytes that a client lets come. Confined to its connection's event loop. */
final class SocketCredit {
  private final long most;
  private long bytes;

  /**
   * @param most that can be granted ahead
   */
  SocketCredit(long bytes, long most) {
    this.bytes = bytes;
    this.most = most;
  }

  void grant(long more) {
    if (bytes + more > most) {
      throw ApiException.of(422, "credit.exceeded", "no more than " + most + " bytes can be open");
    }
    bytes += more;
  }

  /** Uses some up; it may be less than nothing afterwards, by what cannot be cut in two. */
  void spend(long used) {
    bytes -= used;
  }

  /** What may come now, 0 or more. */
  long left() {
    return Math.max(0, bytes);
  }
}
