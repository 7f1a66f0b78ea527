package dev.gatehouse.http;

/** Something that one connection follows. Confined to its event loop. */
interface SocketStream {
  SocketCredit credit();

  /** Sends one piece if there is one and credit allows; false if nothing was sent. */
  boolean pump();

  /** From where another one can go on. */
  String place();

  /** Whether it comes to an end by itself. */
  boolean ends();

  /** Follows no longer. */
  void stop();
}
