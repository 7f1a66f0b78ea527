package dev.gatehouse.config;

import dev.gatehouse.action.Role;
import java.io.IOException;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Everything the server can be told, checked. Every field is explained where its user finds it: in
 * {@code conf/gatehouse.yaml}.
 *
 * @param host address to listen on
 * @param port TCP port to listen on; 0 takes a free one
 * @param data directory for everything that must survive a restart
 */
public record Configuration(
    String host,
    int port,
    Path data,
    Database database,
    List<Key> keys,
    Http http,
    WebSocketSettings webSocket,
    Limits limits,
    Policies policy,
    Sandbox sandbox,
    Audit audit,
    Approval approval) {
  private static final String NAME = "1 to 64 letters, digits, '-', '_' or '.'";

  /**
   * Where the records are kept.
   *
   * @param url {@code postgresql://user:password@host:port/name}; null means embedded
   * @param connections connections for reading; the audit writer has one more of its own
   */
  public record Database(@Nullable String url, int connections) {}

  /**
   * A bearer key, by its hash.
   *
   * @param holder who holds it; keys of one holder are one person
   * @param groups the holder's groups of approvers
   * @param sha256 SHA-256 of the key's UTF-8 bytes, 64 hex digits
   * @param totp the holder's authenticator, asked for where the risk is critical
   */
  public record Key(
      String name,
      Role role,
      String tenant,
      String holder,
      List<String> groups,
      String sha256,
      Optional<TotpSecret> totp) {}

  /**
   * How persons are asked.
   *
   * @param pendingPerAgent questions of one agent's key that wait at once
   * @param argumentBytes longest arguments that a person can be asked about, as JSON
   * @param useMillis how long an approved action may wait for its run
   * @param approvalsPerHour how often one person may approve within an hour
   * @param rememberSeconds the longest for which an approval may hold again
   * @param preview what trying an action before it is answered may take
   * @param queueCalls how many calls of one sort may wait for the database
   * @param callbacks who may answer in other persons' names
   */
  public record Approval(
      int pendingPerAgent,
      int argumentBytes,
      int useMillis,
      int approvalsPerHour,
      int rememberSeconds,
      int queueCalls,
      Preview preview,
      List<Callback> callbacks) {}

  /**
   * What trying an action for its approvers may take.
   *
   * @param count previews a question
   * @param millis the longest that the action may run
   * @param outputChars most of stdout, and as much of stderr, that is kept and shown
   * @param files most files that are listed
   */
  public record Preview(int count, int millis, int outputChars, int files) {}

  /**
   * A system that knows its persons and signs what they answer.
   *
   * @param approvers the holders of approvers' keys for whom it may speak
   */
  public record Callback(
      String name, String tenant, List<String> approvers, Optional<WebhookSecret> secret) {}

  /**
   * What the edge puts up with.
   *
   * @param bodyTimeoutMillis how long a request may take to arrive whole
   * @param maxBodyBytes largest request body
   */
  public record Http(int bodyTimeoutMillis, int maxBodyBytes) {}

  /**
   * How much at once, how long, how large.
   *
   * @param executions executions at once, the whole server
   * @param sandboxes sandboxes at once, the whole server, warm ones included
   * @param codeBytes longest code of one execution, in UTF-8
   * @param stdinBytes longest standard input of one execution, in UTF-8
   * @param timeoutMillis an execution's time limit if the request names none
   * @param maxTimeoutMillis the longest time limit a request may name
   * @param pendingApprovals approvals that wait at once
   * @param memoryMib memory of all sandboxes at once, warm ones included; 0 for what the engine's
   *     machine has
   * @param cpus processor shares of all sandboxes at once; 0 for no limit, because unlike memory
   *     they can be shared out in time
   * @param tenant what one tenant may hold at once
   * @param tenants those with quotas of their own
   */
  public record Limits(
      int executions,
      int sandboxes,
      int codeBytes,
      int stdinBytes,
      int timeoutMillis,
      int maxTimeoutMillis,
      int pendingApprovals,
      long memoryMib,
      double cpus,
      Quota tenant,
      List<Tenant> tenants) {

    /** What the tenant may hold at once. */
    public Quota quotaOf(String name) {
      return tenants.stream()
          .filter(other -> other.name().equals(name))
          .findFirst()
          .map(Tenant::quota)
          .orElse(tenant);
    }
  }

  /**
   * What may be held at once; 0 of anything is no limit.
   *
   * @param cpus processor shares
   */
  public record Quota(int sandboxes, long memoryMib, double cpus) {}

  /** A tenant with a quota of its own. */
  public record Tenant(String name, Quota quota) {}

  /**
   * Where policy comes from.
   *
   * @param directory where the policy files are
   */
  public record Policies(Path directory) {}

  /**
   * How sandboxes are made, how long they live, and who waits how long for one.
   *
   * @param runtime {@code gvisor}, the name of a gVisor runtime of the engine, or {@code runc}
   * @param standard the profile of those who name none
   * @param profiles the others, by names that are different from each other and from the standard's
   * @param outputBytes most of stdout, and as much of stderr, that one execution returns
   * @param ttlSeconds how long a sandbox lives if the request names nothing
   * @param maxTtlSeconds the longest life a request may name
   * @param idleSeconds how long a held sandbox lives without being used if the request names
   *     nothing; 0 for as long as it lives anyway
   * @param startTimeoutMillis how long the engine may take to start one
   * @param waitMillis how long a caller waits for one where none stands ready
   * @param egress what sandboxes with network may do with it
   */
  public record Sandbox(
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

    /** The standard profile, then the others. */
    public List<Profile> allProfiles() {
      return Stream.concat(Stream.of(standard), profiles.stream()).toList();
    }

    /** The profile of that name, if there is one. */
    public Optional<Profile> profile(String name) {
      return allProfiles().stream().filter(profile -> profile.name().equals(name)).findFirst();
    }
  }

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

  /** When a caller is told that an event is recorded. */
  public enum Durability {
    /** After PostgreSQL has committed it. */
    BEFORE_REPLY,
    /** As soon as it is queued; a crash may lose what was queued. */
    ASYNC
  }

  /** Whether something is recorded. */
  public enum Recording {
    ON,
    OFF
  }

  /**
   * How events are written.
   *
   * @param decisions whether decisions on what others run are recorded; executions always are
   * @param queueEvents events that may wait for their commit; beyond it new work is refused
   * @param queueBytes bytes that may wait for their commit
   * @param commitTimeoutMillis how long one commit may take before callers are refused
   * @param redactEmails whether e-mail addresses are secrets
   */
  public record Audit(
      Durability durability,
      Recording decisions,
      int queueEvents,
      long queueBytes,
      int commitTimeoutMillis,
      boolean redactEmails,
      Checkpoints checkpoints,
      Retention retention,
      List<Sink> sinks,
      List<Alert> alerts) {}

  /** The forms in which a receiver takes events. */
  public enum SinkKind {
    /** NDJSON by HTTP POST. */
    WEBHOOK,
    /** What becomes of approvals alone: one signed HTTP POST each, as Standard Webhooks. */
    APPROVALS,
    /** RFC 5424 over TCP, octet-counted. */
    SYSLOG,
    /** NDJSON appended to a file. */
    FILE,
    /** OpenTelemetry logs, JSON over HTTP. */
    OTLP
  }

  /**
   * Somebody who gets every event.
   *
   * @param to URL, {@code host:port} or path
   * @param secret what messages are signed with; {@link SinkKind#APPROVALS} alone has one
   */
  public record Sink(String name, SinkKind kind, String to, Optional<WebhookSecret> secret) {}

  /**
   * So many events of a sort in so short a time are told as an event of their own.
   *
   * @param match columns, or {@code fast} of an answer, and the values they must have
   */
  public record Alert(
      String name,
      Map<String, String> match,
      int count,
      int windowSeconds,
      int cooldownSeconds,
      String severity) {}

  /**
   * When the log is signed, and where signatures go besides the database.
   *
   * @param events a checkpoint after so many events
   * @param seconds and one so long after an event
   * @param file each is appended to it; null for none
   * @param url each is posted to it; null for none
   */
  public record Checkpoints(int events, int seconds, @Nullable Path file, @Nullable String url) {}

  /**
   * How long events stay in the database.
   *
   * @param days whole days before today; 0 for ever
   * @param legalHold whether nothing is dropped, whatever {@code days} says
   * @param holds days that have events of one of these are not dropped
   * @param archive the directory where a day is written before it is dropped
   */
  public record Retention(int days, boolean legalHold, List<Hold> holds, Path archive) {}

  /**
   * Whose events must stay.
   *
   * @param session null for all of the tenant's
   */
  public record Hold(String tenant, @Nullable String session) {}

  /**
   * Reads the file.
   *
   * @param environment overrides; every {@code GATEHOUSE_} variable in it must belong to a key
   * @throws ConfigException naming every fault: key, reason and line
   */
  public static Configuration load(Path file, Map<String, String> environment) {
    String text;
    try {
      text = Files.readString(file);
    } catch (IOException e) {
      throw new ConfigException(List.of(file + ": cannot be read: " + e));
    }
    return parse(file.toString(), text, environment);
  }

  /** As {@link #load}, from text. */
  static Configuration parse(String name, String text, Map<String, String> environment) {
    Settings settings = Settings.parse(name, text, environment);
    Configuration configuration = read(settings);
    settings.finish();
    return configuration;
  }

  /** Reads every key there is. */
  static Configuration read(Settings settings) {
    Configuration configuration =
        new Configuration(
            settings.text("host", "127.0.0.1"),
            settings.integer("port", 0, 65_535, 8420),
            settings.path("data", Path.of("data")).toAbsolutePath().normalize(),
            new Database(
                databaseUrl(settings), settings.integer("database.connections", 1, 256, 4)),
            keys(settings),
            new Http(
                settings.integer("http.bodyTimeoutMillis", 100, 600_000, 10_000),
                settings.integer("http.maxBodyBytes", 1024, 1 << 30, 8 << 20)),
            WebSocketSettings.read(settings),
            SandboxSettings.limits(settings),
            new Policies(
                settings.path("policy.directory", Path.of("conf/policies")).toAbsolutePath()),
            SandboxSettings.sandbox(settings),
            new Audit(
                settings.oneOf("audit.durability", Durability.class, Durability.BEFORE_REPLY),
                settings.oneOf("audit.decisions", Recording.class, Recording.ON),
                settings.integer("audit.queueEvents", 1, 10_000_000, 65_536),
                settings.wholeNumber("audit.queueBytes", 1 << 20, 1L << 40, 64 << 20),
                settings.integer("audit.commitTimeoutMillis", 100, 600_000, 5_000),
                settings.bool("audit.redactEmails", false),
                checkpoints(settings),
                new Retention(
                    settings.integer("audit.retention.days", 0, 36_500, 0),
                    settings.bool("audit.retention.legalHold", false),
                    holds(settings),
                    settings
                        .path(
                            "audit.retention.archive",
                            settings.path("data", Path.of("data")).resolve("audit/archive"))
                        .toAbsolutePath()),
                sinks(settings),
                alerts(settings)),
            new Approval(
                settings.integer("approval.pendingPerAgent", 1, 10_000_000, 1000),
                settings.integer("approval.argumentBytes", 1024, 64 << 20, 256 << 10),
                settings.integer("approval.useMillis", 1, 86_400_000, 300_000),
                settings.integer("approval.approvalsPerHour", 1, 1_000_000, 120),
                settings.integer("approval.rememberSeconds", 1, 366 * 86_400, 7 * 86_400),
                settings.integer("approval.queueCalls", 1, 1_000_000, 10_000),
                new Preview(
                    settings.integer("approval.preview.count", 1, 1000, 5),
                    settings.integer("approval.preview.millis", 100, 600_000, 10_000),
                    settings.integer("approval.preview.outputChars", 256, 1 << 20, 16_384),
                    settings.integer("approval.preview.files", 1, 5000, 200)),
                callbacks(settings)));
    configuration.crossCheck(settings);
    return configuration;
  }

  private static List<Hold> holds(Settings settings) {
    return settings.entries(
        "audit.retention.holds",
        entry -> {
          String session = entry.optional("session", "text", "", text -> text);
          return new Hold(
              entry.required("tenant", "text", "", text -> text.isBlank() ? null : text),
              session.isEmpty() ? null : session);
        });
  }

  private static List<Sink> sinks(Settings settings) {
    Set<String> names = new HashSet<>();
    return settings.entries(
        "audit.sinks",
        entry -> {
          String name = name(entry, names);
          SinkKind kind = entry.requiredWord("kind", SinkKind.class, SinkKind.FILE);
          return new Sink(
              name,
              kind,
              entry.required("to", "a URL, host:port or path", "", text -> text),
              kind == SinkKind.APPROVALS ? secret(entry) : Optional.empty());
        });
  }

  private static Optional<WebhookSecret> secret(Settings.Entry entry) {
    return entry.required(
        "secretFile",
        "the path of a file with whsec_ and 24 to 64 bytes in Base64",
        Optional.empty(),
        text -> Optional.of(WebhookSecret.read(Path.of(text))));
  }

  private static List<Callback> callbacks(Settings settings) {
    Set<String> names = new HashSet<>();
    return settings.entries(
        "approval.callbacks",
        entry ->
            new Callback(
                name(entry, names),
                entry.optional("tenant", NAME, "default", text -> isName(text) ? text : null),
                entry.texts("approvers", "a list of names", Configuration::isName),
                secret(entry)));
  }

  private static boolean isName(String text) {
    return text.matches("[A-Za-z0-9._-]{1,64}");
  }

  private static List<Alert> alerts(Settings settings) {
    Set<String> names = new HashSet<>();
    return settings.entries(
        "audit.alerts",
        entry -> {
          Map<String, String> match = new HashMap<>();
          for (String column :
              List.of(
                  "kind", "outcome", "risk", "tool", "actor", "rule", "status", "role", "fast")) {
            String value = entry.optional(column, "text", "", text -> text);
            if (!value.isEmpty()) {
              match.put(column, value);
            }
          }
          return new Alert(
              name(entry, names),
              Map.copyOf(match),
              number(entry, "count", 1),
              number(entry, "windowSeconds", 60),
              number(entry, "cooldownSeconds", 300),
              entry.optional(
                  "severity",
                  "LOW, MEDIUM, HIGH or CRITICAL",
                  "MEDIUM",
                  text -> text.matches("LOW|MEDIUM|HIGH|CRITICAL") ? text : null));
        });
  }

  private static String name(Settings.Entry entry, Set<String> names) {
    return entry.required(
        "name",
        "1 to 64 letters, digits, '-', '_' or '.', different from all others",
        "",
        text -> text.matches("[A-Za-z0-9._-]{1,64}") && names.add(text) ? text : null);
  }

  private static int number(Settings.Entry entry, String field, int otherwise) {
    return entry.optional(
        field,
        "a whole number from 1 to 86400",
        otherwise,
        text -> {
          int number = Integer.parseInt(text);
          return number < 1 || number > 86_400 ? null : number;
        });
  }

  private static Checkpoints checkpoints(Settings settings) {
    String file = settings.optionalText("audit.checkpoints.file");
    String url = settings.optionalText("audit.checkpoints.url");
    if (url != null && !url.startsWith("http://") && !url.startsWith("https://")) {
      settings.refuse("audit.checkpoints.url", "expected http:// or https://");
    }
    return new Checkpoints(
        settings.integer("audit.checkpoints.events", 1, 10_000_000, 10_000),
        settings.integer("audit.checkpoints.seconds", 1, 86_400, 10),
        file == null ? null : Path.of(file).toAbsolutePath(),
        url);
  }

  private static @Nullable String databaseUrl(Settings settings) {
    String url = settings.optionalText("database.url");
    if (url != null && !isDatabaseUrl(url)) {
      // The value is not shown: it may have a password.
      settings.refuse("database.url", "expected postgresql://user:password@host:port/name");
    }
    return url;
  }

  private static boolean isDatabaseUrl(String text) {
    try {
      URI url = new URI(text).parseServerAuthority();
      return ("postgresql".equals(url.getScheme()) || "postgres".equals(url.getScheme()))
          && url.getHost() != null
          && url.getPort() <= 65_535
          && url.getPath().length() > 1;
    } catch (URISyntaxException e) {
      return false;
    }
  }

  private static List<Key> keys(Settings settings) {
    Set<String> names = new HashSet<>();
    Set<String> hashes = new HashSet<>();
    return settings.entries(
        "keys",
        entry -> {
          Key key =
              new Key(
                  entry.required(
                      "name",
                      "1 to 64 letters, digits, '-', '_' or '.', different from all other keys",
                      "",
                      text ->
                          text.matches("[A-Za-z0-9._-]{1,64}") && names.add(text) ? text : null),
                  entry.requiredWord("role", Role.class, Role.AGENT),
                  entry.optional("tenant", NAME, "default", text -> isName(text) ? text : null),
                  entry.optional("holder", NAME, "", text -> isName(text) ? text : null),
                  entry.texts("groups", "a list of names, each " + NAME, Configuration::isName),
                  entry.required(
                      "sha256",
                      "the key's SHA-256 as 64 hex digits, different from all other keys",
                      "",
                      // One key in two roles could approve what it asks for.
                      text ->
                          HexFormat.of().parseHex(text).length == 32
                                  && hashes.add(text.toLowerCase(Locale.ROOT))
                              ? text
                              : null),
                  entry.optional(
                      "totpFile",
                      "the path of a file with 16 to 128 bytes in Base32",
                      Optional.empty(),
                      text -> Optional.of(TotpSecret.read(Path.of(text)))));
          return key;
        });
  }

  private void crossCheck(Settings settings) {
    if (!listensOnLoopbackOnly() && keys.isEmpty()) {
      settings.refuse(
          "host",
          "can be reached from other machines, and no keys are configured: write keys, or listen"
              + " on 127.0.0.1");
    }
    if (limits.timeoutMillis() > limits.maxTimeoutMillis()) {
      settings.refuse("limits.timeoutMillis", "is above limits.maxTimeoutMillis");
    }
    SandboxSettings.crossCheck(settings, sandbox, limits);
  }

  /** Whether only this machine can connect. */
  public boolean listensOnLoopbackOnly() {
    return host.equals("localhost") || host.equals("::1") || host.matches("127(\\.\\d{1,3}){3}");
  }
}
