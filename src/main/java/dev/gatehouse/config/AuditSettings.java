package dev.gatehouse.config;

import dev.gatehouse.action.EventKind;
import dev.gatehouse.action.Outcome;
import dev.gatehouse.action.Risk;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * How events are written.
 *
 * @param decisions whether decisions on what others run are recorded; executions always are
 * @param queueEvents events that may wait for their commit; beyond it new work is refused
 * @param queueBytes bytes that may wait for their commit
 * @param commitTimeoutMillis how long one commit may take before callers are refused
 * @param redactEmails whether e-mail addresses are secrets
 */
public record AuditSettings(
    Durability durability,
    Recording decisions,
    int queueEvents,
    long queueBytes,
    int commitTimeoutMillis,
    boolean redactEmails,
    Checkpoints checkpoints,
    Retention retention,
    List<Sink> sinks,
    List<Alert> alerts) {
  private static final String SEVERITY = "LOW, MEDIUM, HIGH or CRITICAL";
  private static final Pattern SYSLOG = Pattern.compile("[^\\s/]+:[0-9]{1,5}");

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
    OTLP,
    /** What took time, as OpenTelemetry's spans, JSON over HTTP. */
    TRACES
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
   * @param trustedKeys a folder of public keys of other servers of the database; null for none
   */
  public record Checkpoints(
      int events,
      int seconds,
      @Nullable Path file,
      @Nullable String url,
      @Nullable Path trustedKeys) {}

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

  static AuditSettings read(Settings settings) {
    return new AuditSettings(
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
        alerts(settings));
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
          String name = Names.own(entry, names);
          SinkKind kind = entry.requiredWord("kind", SinkKind.class, SinkKind.FILE);
          return new Sink(
              name,
              kind,
              entry.required("to", expected(kind), "", text -> isPlace(kind, text) ? text : null),
              kind == SinkKind.APPROVALS ? WebhookSecret.of(entry) : Optional.empty());
        });
  }

  private static String expected(SinkKind kind) {
    return switch (kind) {
      case FILE -> "the path of a file";
      case SYSLOG -> "host:port";
      case WEBHOOK, APPROVALS, OTLP, TRACES -> "http:// or https:// and where";
    };
  }

  private static boolean isPlace(SinkKind kind, String to) {
    return switch (kind) {
      case FILE -> !to.isBlank() && !to.contains("://");
      case SYSLOG -> SYSLOG.matcher(to).matches();
      case WEBHOOK, APPROVALS, OTLP, TRACES -> to.matches("https?://[^/\\s]+(/\\S*)?");
    };
  }

  private static List<Alert> alerts(Settings settings) {
    Set<String> names = new HashSet<>();
    return settings.entries(
        "audit.alerts",
        entry -> {
          Map<String, String> match = new HashMap<>();
          match(
              entry,
              match,
              "kind",
              "an event's kind (docs/audit.md) but alert",
              text -> EventKind.isKnown(text) && !text.equals(EventKind.ALERT.word()));
          match(entry, match, "outcome", "ALLOW, ASK or DENY", word(Outcome.class));
          match(entry, match, "risk", SEVERITY, word(Risk.class));
          match(entry, match, "fast", "true or false", Set.of("true", "false")::contains);
          for (String column : List.of("tool", "actor", "rule", "status", "role")) {
            match(entry, match, column, "text", text -> true);
          }
          return new Alert(
              Names.own(entry, names),
              Map.copyOf(match),
              number(entry, "count", 1),
              number(entry, "windowSeconds", 60),
              number(entry, "cooldownSeconds", 300),
              entry.optional(
                  "severity",
                  SEVERITY,
                  "MEDIUM",
                  text -> word(Risk.class).test(text) ? text : null));
        });
  }

  /** What a column must be, where an alert says it: a word that events really have there. */
  private static void match(
      Settings.Entry entry,
      Map<String, String> match,
      String column,
      String expected,
      Predicate<String> isOne) {
    String value =
        entry.optional(
            column, expected, "", text -> !text.isEmpty() && isOne.test(text) ? text : null);
    if (!value.isEmpty()) {
      match.put(column, value);
    }
  }

  private static Predicate<String> word(Class<? extends Enum<?>> type) {
    return text -> Arrays.stream(type.getEnumConstants()).anyMatch(one -> one.name().equals(text));
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
    String trusted = settings.optionalText("audit.checkpoints.trustedKeys");
    if (url != null && !url.startsWith("http://") && !url.startsWith("https://")) {
      settings.refuse("audit.checkpoints.url", "expected http:// or https://");
    }
    return new Checkpoints(
        settings.integer("audit.checkpoints.events", 1, 10_000_000, 10_000),
        settings.integer("audit.checkpoints.seconds", 1, 86_400, 10),
        file == null ? null : Path.of(file).toAbsolutePath(),
        url,
        trusted == null ? null : Path.of(trusted).toAbsolutePath());
  }
}
