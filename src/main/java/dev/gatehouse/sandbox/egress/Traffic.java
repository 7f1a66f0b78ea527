package dev.gatehouse.sandbox.egress;

import java.util.concurrent.atomic.LongAdder;

/** What all sandboxes did with their network since the start. Written by the proxy, read by any. */
public final class Traffic {
  private final LongAdder allowed = new LongAdder();
  private final LongAdder refused = new LongAdder();
  private final LongAdder bytesUp = new LongAdder();
  private final LongAdder bytesDown = new LongAdder();
  private final LongAdder lookUps = new LongAdder();

  void allow() {
    allowed.increment();
  }

  void refuse() {
    refused.increment();
  }

  void up(int bytes) {
    bytesUp.add(bytes);
  }

  void down(int bytes) {
    bytesDown.add(bytes);
  }

  void lookUp() {
    lookUps.increment();
  }

  /** Attempts that were let out. */
  public long allowed() {
    return allowed.sum();
  }

  /** Attempts that were not. */
  public long refused() {
    return refused.sum();
  }

  /** Bytes from sandboxes. */
  public long bytesUp() {
    return bytesUp.sum();
  }

  /** Bytes to sandboxes. */
  public long bytesDown() {
    return bytesDown.sum();
  }

  /** Names that were looked up, for each both kinds of address at once. */
  public long lookUps() {
    return lookUps.sum();
  }
}
