package dev.gatehouse.config;

import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * How sandboxes are made, how long they live, and who waits how long for one.
 *
 * @param runtime {@code gvisor}, the name of a gVisor runtime of the engine, or {@code runc}
 * @param standard the profile of those who name none
 * @param profiles the others, by names that are different from each other and from the standard's
 * @param outputBytes most of stdout, and as much of stderr, that one execution returns
 * @param ttlSeconds how long a sandbox lives if the request names nothing
 * @param maxTtlSeconds the longest life a request may name
 * @param idleSeconds how long a held sandbox lives without being used if the request names nothing;
 *     0 for as long as it lives anyway
 * @param startTimeoutMillis how long the engine may take to start one
 * @param waitMillis how long a caller waits for one where none stands ready
 * @param egress what sandboxes with network may do with it
 */
public record SandboxSettings(
    String runtime,
    Profile standard,
    List<Profile> profiles,
    int outputBytes,
    int ttlSeconds,
    int maxTtlSeconds,
    int idleSeconds,
    int startTimeoutMillis,
    int waitMillis,
    Egress egress) {
  private static final List<String> LANGUAGES = List.of("python", "javascript", "bash");
  private static final int MAX_MIB = 1 << 20;
  private static final int MAX_CPUS = 1024;
  private static final int MAX_WARM = 1000;

  /** A start is mostly work for the processor: more at once make each slower, and none sooner. */
  private static final int BURST = Math.max(2, 2 * Runtime.getRuntime().availableProcessors());

  /**
   * One kind of sandbox: what it is made of and how much it may use.
   *
   * @param image the local image
   * @param memoryMib its memory, its files in {@code /workspace} and {@code /tmp} counted
   * @param cpus processor share
   * @param processes processes inside; one more ends the execution
   * @param hostTasks threads and processes that gVisor itself may use for it on the host
   * @param workspaceMib size of {@code /workspace}
   * @param tmpMib size of {@code /tmp}
   * @param languages what may be run in it, and what its image must have
   * @param warm how many stand ready
   */
  public record Profile(
      String name,
      String image,
      int memoryMib,
      double cpus,
      int processes,
      int hostTasks,
      int workspaceMib,
      int tmpMib,
      List<String> languages,
      Warm warm) {
    /** The name of the profile of those who name none. */
    public static final String STANDARD = "default";
  }

  /**
   * How many sandboxes stand ready.
   *
   * @param target when nothing happens
   * @param minimum below this new ones are started at once, also while others work
   * @param maximum after callers who found none; back to the target when there are no more of them
   * @param burst started at once for callers who wait
   */
  public record Warm(int target, int minimum, int maximum, int burst) {}

  /**
   * The way out of sandboxes that have network.
   *
   * @param enabled whether sandboxes may have network at all
   * @param resolver {@code address:port} of the name server that is asked, or {@link #SYSTEM}
   * @param maxConnections connections that one sandbox may have to the proxy at once
   * @param attemptsPerSecond attempts to get out that one sandbox may make in a second
   * @param connectTimeoutMillis how long the other side may take to accept a connection
   * @param idleTimeoutMillis how long a connection may be silent
   * @param maxConnectionSeconds how long a connection may live
   * @param maxBytes what one sandbox may send and receive in its whole life
   */
  public record Egress(
      boolean enabled,
      String resolver,
      int maxConnections,
      int attemptsPerSecond,
      int connectTimeoutMillis,
      int idleTimeoutMillis,
      int maxConnectionSeconds,
      long maxBytes) {
    /** The name server that this machine uses. */
    public static final String SYSTEM = "system";
  }

  /** The standard profile, then the others. */
  public List<Profile> allProfiles() {
    return Stream.concat(Stream.of(standard), profiles.stream()).toList();
  }

  /** The profile of that name, if there is one. */
  public Optional<Profile> profile(String name) {
    return allProfiles().stream().filter(profile -> profile.name().equals(name)).findFirst();
  }

  static SandboxSettings read(Settings settings) {
    Profile standard = standard(settings);
    return new SandboxSettings(
        settings.text("sandbox.runtime", "gvisor"),
        standard,
        profiles(settings, standard),
        settings.integer("sandbox.outputBytes", 1024, 64 << 20, 1 << 20),
        settings.integer("sandbox.ttlSeconds", 1, 604_800, 600),
        settings.integer("sandbox.maxTtlSeconds", 1, 604_800, 86_400),
        settings.integer("sandbox.idleSeconds", 0, 604_800, 0),
        settings.integer("sandbox.startTimeoutMillis", 1000, 600_000, 30_000),
        settings.integer("sandbox.waitMillis", 1, 600_000, 30_000),
        egress(settings));
  }

  private static Egress egress(Settings settings) {
    String resolver = settings.text("sandbox.egress.resolver", Egress.SYSTEM);
    if (!resolver.equals(Egress.SYSTEM)
        && !resolver.matches("(\\d{1,3}(\\.\\d{1,3}){3}|\\[[0-9a-f:]+])(:\\d{1,5})?")) {
      settings.refuse(
          "sandbox.egress.resolver", "expected system, or a name server as 192.0.2.53:53");
    }
    return new Egress(
        settings.bool("sandbox.egress.enabled", true),
        resolver,
        settings.integer("sandbox.egress.maxConnections", 1, 10_000, 64),
        settings.integer("sandbox.egress.attemptsPerSecond", 1, 10_000, 50),
        settings.integer("sandbox.egress.connectTimeoutMillis", 100, 120_000, 10_000),
        settings.integer("sandbox.egress.idleTimeoutMillis", 1_000, 3_600_000, 60_000),
        settings.integer("sandbox.egress.maxConnectionSeconds", 1, 604_800, 3_600),
        settings.wholeNumber("sandbox.egress.maxBytes", 1, 1L << 50, 1L << 30));
  }

  private static Profile standard(Settings settings) {
    int target = settings.integer("sandbox.warm", 0, MAX_WARM, 2);
    return new Profile(
        Profile.STANDARD,
        settings.text("sandbox.image", "gatehouse/sandbox:1"),
        settings.integer("sandbox.memoryMiB", 64, MAX_MIB, 512),
        settings.decimal("sandbox.cpus", 0.05, MAX_CPUS, 1),
        settings.integer("sandbox.processes", 1, 10_000, 64),
        settings.integer("sandbox.hostTasks", 64, 1_000_000, 4096),
        settings.integer("sandbox.workspaceMiB", 1, MAX_MIB, 256),
        settings.integer("sandbox.tmpMiB", 1, MAX_MIB, 64),
        settings.words("sandbox.languages", LANGUAGES, LANGUAGES),
        new Warm(
            target,
            settings.integer("sandbox.warmMinimum", 0, MAX_WARM, (target + 1) / 2),
            settings.integer("sandbox.warmMaximum", 0, MAX_WARM, target),
            settings.integer("sandbox.warmBurst", 1, MAX_WARM, BURST)));
  }

  /** What an entry leaves out is the standard profile's, except that none stands ready. */
  private static List<Profile> profiles(Settings settings, Profile standard) {
    Set<String> names = new HashSet<>(Set.of(Profile.STANDARD));
    return settings.entries(
        "sandbox.profiles",
        entry -> {
          int target = entry.integer("warm", 0, MAX_WARM, 0);
          return new Profile(
              Names.own(entry, names),
              entry.optional("image", "text", standard.image(), SandboxSettings::notBlank),
              entry.integer("memoryMiB", 64, MAX_MIB, standard.memoryMib()),
              entry.decimal("cpus", 0.05, MAX_CPUS, standard.cpus()),
              entry.integer("processes", 1, 10_000, standard.processes()),
              entry.integer("hostTasks", 64, 1_000_000, standard.hostTasks()),
              entry.integer("workspaceMiB", 1, MAX_MIB, standard.workspaceMib()),
              entry.integer("tmpMiB", 1, MAX_MIB, standard.tmpMib()),
              entry.words("languages", LANGUAGES, standard.languages()),
              new Warm(
                  target,
                  entry.integer("warmMinimum", 0, MAX_WARM, (target + 1) / 2),
                  entry.integer("warmMaximum", 0, MAX_WARM, target),
                  entry.integer("warmBurst", 1, MAX_WARM, standard.warm().burst())));
        });
  }

  private static @Nullable String notBlank(String text) {
    return text.isBlank() ? null : text;
  }

  void crossCheck(Settings settings, LimitSettings limits) {
    if (ttlSeconds > maxTtlSeconds) {
      settings.refuse("sandbox.ttlSeconds", "is above sandbox.maxTtlSeconds");
    }
    allProfiles().forEach(profile -> check(settings, profile, limits));
    int ready = allProfiles().stream().mapToInt(one -> one.warm().target()).sum();
    if (!profiles.isEmpty() && ready > limits.sandboxes()) {
      settings.refuse("sandbox.profiles", "more stand ready together than limits.sandboxes");
    }
  }

  private static void check(Settings settings, Profile profile, LimitSettings limits) {
    Warm warm = profile.warm();
    if (warm.target() > limits.sandboxes()) {
      refuse(settings, profile, "warm", "is above limits.sandboxes");
    }
    if (warm.minimum() > warm.target()) {
      refuse(settings, profile, "warmMinimum", "is above sandbox.warm");
    }
    if (warm.maximum() < warm.target()) {
      refuse(settings, profile, "warmMaximum", "is below sandbox.warm");
    }
    // gVisor keeps these files in the sandbox's own memory.
    if (profile.workspaceMib() + profile.tmpMib() >= profile.memoryMib()) {
      refuse(
          settings,
          profile,
          "workspaceMiB",
          "with sandbox.tmpMiB must stay below sandbox.memoryMiB");
    }
    if (limits.memoryMib() > 0 && profile.memoryMib() > limits.memoryMib()) {
      refuse(settings, profile, "memoryMiB", "is above limits.memoryMiB");
    }
    if (limits.cpus() > 0 && profile.cpus() > limits.cpus()) {
      refuse(settings, profile, "cpus", "is above limits.cpus");
    }
  }

  /** A named profile has no place of its own for each of its fields. */
  private static void refuse(Settings settings, Profile profile, String field, String reason) {
    if (profile.name().equals(Profile.STANDARD)) {
      settings.refuse("sandbox." + field, reason);
    } else {
      String own = reason.replace("sandbox.", "its ");
      settings.refuse("sandbox.profiles", profile.name() + ": " + field + " " + own);
    }
  }
}
