package dev.gatehouse.sandbox.egress;

import java.net.InetAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Where a sandbox may go. An empty list allows nothing. Immutable. */
public final class AllowList {
  /** Entries a list may have. */
  public static final int MAX_ENTRIES = 256;

  private final List<AllowEntry> entries;

  private AllowList(List<AllowEntry> entries) {
    this.entries = entries;
  }

  /**
   * Reads a list.
   *
   * @throws IllegalArgumentException naming the first entry that cannot be used by its index, what
   *     is wrong with it and what would be right; to be read after the list's name
   */
  public static AllowList parse(List<String> texts) {
    if (texts.size() > MAX_ENTRIES) {
      throw new IllegalArgumentException(
          " has " + texts.size() + " entries, at most " + MAX_ENTRIES + " are allowed");
    }
    List<AllowEntry> entries = new ArrayList<>(texts.size());
    for (int i = 0; i < texts.size(); i++) {
      try {
        entries.add(AllowEntry.parse(texts.get(i)));
      } catch (IllegalArgumentException e) {
        throw new IllegalArgumentException(
            "[%d] '%s' %s".formatted(i, shortened(texts.get(i)), e.getMessage()), e);
      }
    }
    return new AllowList(List.copyOf(entries));
  }

  private static String shortened(String text) {
    return text.substring(0, Math.min(80, text.length()));
  }

  /** The entries as they were written. */
  public List<String> texts() {
    return entries.stream().map(AllowEntry::text).toList();
  }

  /**
   * The entry that allows the target, before its address is known. A name is never allowed by a
   * block: it would have to be looked up first, and the question itself would carry words out.
   */
  Optional<AllowEntry> entryFor(Target target) {
    InetAddress address = target.host().address();
    return entries.stream()
        .filter(entry -> entry.hasPort(target.port()))
        .filter(entry ->
            switch (entry) {
              case AllowEntry.Named named -> address == null && named.matches(target.host().name());
              case AllowEntry.Block block -> address != null && block.contains(address);
            })
        .findFirst();
  }

  /** Whether a target that {@link #entryFor} allows may be sought at this address. */
  boolean permits(Target target, InetAddress address) {
    return entryFor(target).isPresent()
        && !Addresses.isRefused(address)
        && (!Addresses.isPrivate(address) || hasBlockFor(address, target.port()));
  }

  private boolean hasBlockFor(InetAddress address, int port) {
    return entries.stream()
        .anyMatch(entry ->
            entry instanceof AllowEntry.Block block
                && block.hasPort(port)
                && block.contains(address));
  }
}
