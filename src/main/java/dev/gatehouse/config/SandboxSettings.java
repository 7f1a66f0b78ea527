package dev.gatehouse.config;

import dev.gatehouse.config.Configuration.Egress;
import dev.gatehouse.config.Configuration.Limits;
import dev.gatehouse.config.Configuration.Profile;
import dev.gatehouse.config.Configuration.Quota;
import dev.gatehouse.config.Configuration.Sandbox;
import dev.gatehouse.config.Configuration.Tenant;
import dev.gatehouse.config.Configuration.Warm;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Reads {@code sandbox} and {@code limits}, and checks them against each other. */
final class SandboxSettings {
  private static final List<String> LANGUAGES = List.of("python", "javascript", "bash");
  private static final String NAME = "1 to 64 letters, digits, '-', '_' or '.'";
  private static final int MAX_MIB = 1 << 20;
  private static final int MAX_CPUS = 1024;
  private static final int MAX_WARM = 1000;
  private static final int MAX_SANDBOXES = 100_000;

  /** A start is mostly work for the processor: more at once make each slower, and none sooner. */
  private static final int BURST = Math.max(2, 2 * Runtime.getRuntime().availableProcessors());

  private SandboxSettings() {}

  static Limits limits(Settings settings) {
    return new Limits(
        settings.integer("limits.executions", 1, 100_000, 64),
        settings.integer("limits.sandboxes", 1, MAX_SANDBOXES, 64),
        settings.integer("limits.codeBytes", 1, 64 << 20, 1 << 20),
        settings.integer("limits.stdinBytes", 0, 64 << 20, 1 << 20),
        settings.integer("limits.timeoutMillis", 1, 86_400_000, 30_000),
        settings.integer("limits.maxTimeoutMillis", 1, 86_400_000, 600_000),
        settings.integer("limits.pendingApprovals", 1, 10_000_000, 10_000),
        settings.wholeNumber("limits.memoryMiB", 0, 1L << 40, 0),
        settings.decimal("limits.cpus", 0, 1 << 20, 0),
        new Quota(
            settings.integer("limits.tenant.sandboxes", 0, MAX_SANDBOXES, 0),
            settings.wholeNumber("limits.tenant.memoryMiB", 0, 1L << 40, 0),
            settings.decimal("limits.tenant.cpus", 0, 1 << 20, 0)),
        tenants(settings));
  }

  private static List<Tenant> tenants(Settings settings) {
    Set<String> names = new HashSet<>();
    return settings.entries(
        "limits.tenants",
        entry ->
            new Tenant(
                name(entry, names),
                new Quota(
                    entry.integer("sandboxes", 0, MAX_SANDBOXES, 0),
                    entry.integer("memoryMiB", 0, Integer.MAX_VALUE, 0),
                    entry.decimal("cpus", 0, 1 << 20, 0))));
  }

  static Sandbox sandbox(Settings settings) {
    Profile standard = standard(settings);
    return new Sandbox(
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
              name(entry, names),
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

  private static String name(Settings.Entry entry, Set<String> names) {
    return entry.required(
        "name",
        NAME + ", different from all others",
        "",
        text -> text.matches("[A-Za-z0-9._-]{1,64}") && names.add(text) ? text : null);
  }

  private static @Nullable String notBlank(String text) {
    return text.isBlank() ? null : text;
  }

  static void crossCheck(Settings settings, Sandbox sandbox, Limits limits) {
    if (sandbox.ttlSeconds() > sandbox.maxTtlSeconds()) {
      settings.refuse("sandbox.ttlSeconds", "is above sandbox.maxTtlSeconds");
    }
    sandbox.allProfiles().forEach(profile -> check(settings, profile, limits));
    int ready = sandbox.allProfiles().stream().mapToInt(one -> one.warm().target()).sum();
    if (!sandbox.profiles().isEmpty() && ready > limits.sandboxes()) {
      settings.refuse("sandbox.profiles", "more stand ready together than limits.sandboxes");
    }
  }

  private static void check(Settings settings, Profile profile, Limits limits) {
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
