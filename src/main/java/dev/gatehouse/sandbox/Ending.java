package dev.gatehouse.sandbox;

import java.util.Arrays;
import java.util.Optional;
import java.util.Set;

/** Why a sandbox is gone. The words are stable: callers are told them, and the log has them. */
public enum Ending {
  /** Its execution is done, for which alone it was made. */
  DONE("done"),
  DELETED("deleted"),
  EXPIRED("expired"),
  /** Nobody used it for as long as it may be idle. */
  IDLE("idle"),
  OUT_OF_MEMORY("out-of-memory"),
  /**
   * What is inside broke the rules: it forged frames, or did not kill what it had to. Or its
   * network could not be kept closed.
   */
  KILLED("killed-by-policy"),
  ENGINE_RESTARTED("engine-restarted"),
  SERVER_STOPPED("server-stopped"),
  /** The server was killed; the next one found out. */
  SERVER_DIED("server-died"),
  /** Its first process ended, and nothing of ours ended it. */
  DIED("died");

  /** How {@link LiveSandbox} says that the stream closed and nobody knows why. */
  static final String STOPPED = "the sandbox stopped";

  /** How it begins to say that a frame was wrong. */
  static final String BROKE_PROTOCOL = "the sandbox broke the protocol";

  /** How it says that an execution went on after its limit. */
  static final String DISOBEYED = "the sandbox did not kill an execution when it had to";

  /** How it says that a file operation went on after its limit. */
  static final String DISOBEYED_FILES = "the sandbox did not end a file operation when it had to";

  /** How its end is explained where the host's rules about its network cannot be put back. */
  static final String UNFENCED = "its network could not be kept closed";

  private static final Set<String> BY_US = Set.of(DISOBEYED, DISOBEYED_FILES, UNFENCED);

  private final String word;

  Ending(String word) {
    this.word = word;
  }

  public String word() {
    return word;
  }

  /** The one of that word, if there is one. */
  public static Optional<Ending> named(String word) {
    return Arrays.stream(values()).filter(ending -> ending.word.equals(word)).findFirst();
  }

  /** What a {@link LiveSandbox}'s last words come to. */
  static Ending of(String reason) {
    boolean byUs = reason.startsWith(BROKE_PROTOCOL) || BY_US.contains(reason);
    return named(reason).orElse(byUs ? KILLED : DIED);
  }
}
