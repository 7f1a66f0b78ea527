package dev.gatehouse.sandbox.egress;

import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.Base64;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** A sandbox that may speak to the proxy. Confined to the proxy's event loop. */
final class Guest {
  final String id;
  final Access.Journal journal;

  /** Its TCP connections to the proxy. */
  final Set<Caller> callers = new HashSet<>();

  /** What it has open to the outside. */
  final Set<Crossing> crossings = new HashSet<>();

  private final byte[] credential;
  private final long maxBytes;
  private final int attemptsPerSecond;
  private AllowList allow;
  private long bytes;
  private int attempts;
  private int turnedAway;
  private boolean gone;

  Guest(
      String id,
      String secret,
      AllowList allow,
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
    return !gone && allow.permits(target, address);
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
    cutAll("sandbox-ended");
    List.copyOf(callers).forEach(Caller::close);
  }

  private void cutAll(String why) {
    List.copyOf(crossings).forEach(crossing -> crossing.cut(why));
  }
}
