package dev.gatehouse.sandbox.egress;

import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.Base64;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/** A sandbox that may speak to the proxy. Confined to the proxy's event loop. */
final class Guest {
  final String id;
  final Access.Journal journal;

  /** Its TCP connections to the proxy. */
  final Set<Caller> callers = new HashSet<>();

  /** What it has open to the outside. */
  final Set<Crossing> crossings = new HashSet<>();

  private static final String ENDED = "sandbox-ended";

  private final byte[] credential;
  private final long maxBytes;
  private final int attemptsPerSecond;
  private final BooleanSupplier lives;
  private AllowList allow;
  private long bytes;
  private int attempts;
  private int turnedAway;
  private boolean gone;

  /**
   * @param lives whether the sandbox has not ended; asked from the proxy's event loop
   */
  Guest(
      String id,
      String secret,
      AllowList allow,
      BooleanSupplier lives,
      Access.Journal journal,
      long maxBytes,
      int attemptsPerSecond) {
    this.id = id;
    this.journal = journal;
    this.credential =
        ("Basic "
                + Base64.getEncoder()
                    .encodeToString(
                        (Egress.USER + ":" + secret).getBytes(StandardCharsets.US_ASCII)))
            .getBytes(StandardCharsets.US_ASCII);
    this.allow = allow;
    this.lives = lives;
    this.maxBytes = maxBytes;
    this.attemptsPerSecond = attemptsPerSecond;
  }

  AllowList allow() {
    return allow;
  }

  /**
   * Whether what a request brought is this sandbox's own credential; takes the same time always.
   */
  boolean hasCredential(String header) {
    return MessageDigest.isEqual(credential, header.getBytes(StandardCharsets.ISO_8859_1));
  }

  /** Counts an attempt; false where there were too many in this second. */
  boolean mayTry() {
    if (attempts >= attemptsPerSecond) {
      turnedAway++;
      return false;
    }
    attempts++;
    return true;
  }

  void turnAway() {
    turnedAway++;
  }

  /** A second is over: gives how many attempts were turned away in it. */
  int nextSecond() {
    int count = turnedAway;
    attempts = 0;
    turnedAway = 0;
    return count;
  }

  /** Counts bytes of either direction; cuts everything off when there were too many. */
  void count(int more) {
    bytes += more;
    if (usedUp()) {
      cutAll(Refusal.TOO_MANY_BYTES.word());
    }
  }

  boolean usedUp() {
    return bytes > maxBytes;
  }

  /** Whether the sandbox lives and its list, as it is now, lets it go there. */
  boolean permits(Target target, InetAddress address) {
    return !gone && lives.getAsBoolean() && allow.permits(target, address);
  }

  /** Replaces the list; what it no longer allows is cut off. */
  void change(AllowList list) {
    allow = list;
    for (Crossing crossing : List.copyOf(crossings)) {
      @Nullable InetAddress address = crossing.address();
      if (address != null && !permits(crossing.target(), address)) {
        crossing.cut("list-changed");
      }
    }
  }

  /** The sandbox ended: nothing of it is left open. */
  void dismiss() {
    gone = true;
    cutAll(ENDED);
    List.copyOf(callers).forEach(Caller::close);
  }

  /**
   * Why what ended by itself did: the connections of a sandbox that ends may close before the proxy
   * is told of it.
   */
  String howClosed() {
    return lives.getAsBoolean() ? "closed" : ENDED;
  }

  private void cutAll(String why) {
    List.copyOf(crossings).forEach(crossing -> crossing.cut(why));
  }
}
