package dev.gatehouse.audit;

import dev.gatehouse.action.EventKind;
import dev.gatehouse.audit.AuditVerticle.NewWork;
import dev.gatehouse.audit.redact.Redactor;
import dev.gatehouse.config.AuditSettings;
import dev.gatehouse.config.AuditSettings.Durability;
import dev.gatehouse.latency.LatencyRegistry;
import dev.gatehouse.store.Companion;
import dev.gatehouse.store.Database;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.json.JsonObject;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The audit log. May be used from any event loop; futures complete on the caller's. */
public final class AuditLog {
  /** Status of an execution whose server died before it could record the end. */
  public static final String UNKNOWN = "unknown";

  /** The status of a held sandbox that was alive when the server died. */
  public static final String SERVER_DIED = "server-died";

  /** Where the keys are, below the data directory. */
  public static final String DIRECTORY = "audit";

  private static final Logger LOGGER = LoggerFactory.getLogger(AuditLog.class);

  /** The tenant of what concerns the server as a whole; no key has its name. */
  public static final String SERVER_TENANT = "(server)";

  private static final long KEEP_MILLIS = 3_600_000;

  /** Soon after the start: a server may be restarted more often than once an hour. */
  private static final long FIRST_KEEP_MILLIS = 60_000;

  private final Vertx vertx;
  private final Database database;
  private final AuditVerticle writer;
  private final Durability durability;
  private final Redactor redactor;
  private final Keeper keeper;
  private final Postings postings;
  private final List<Sender> senders = new CopyOnWriteArrayList<>();
  private long keeping;

  private AuditLog(
      Vertx vertx,
      Database database,
      AuditVerticle writer,
      Durability durability,
      Redactor redactor,
      Keeper keeper,
      Postings postings) {
    this.vertx = vertx;
    this.database = database;
    this.writer = writer;
    this.durability = durability;
    this.redactor = redactor;
    this.keeper = keeper;
    this.postings = postings;
  }

  /**
   * Starts the writer with a new chain, and records the end of what an earlier run of this node
   * began and never ended: executions, of unknown outcome, and held sandboxes.
   *
   * @param data Gatehouse's data directory, where the signing key is
   */
  public static Future<AuditLog> start(
      Vertx vertx,
      Database database,
      AuditSettings limits,
      String node,
      Path data,
      LatencyRegistry latency) {
    return vertx
        .executeBlocking(() -> Secrets.open(data.resolve(DIRECTORY), limits.redactEmails()))
        .compose(secrets -> {
          Postings postings = new Postings(vertx, database);
          AuditVerticle writer =
              new AuditVerticle(
                  database,
                  limits,
                  node,
                  Clock.systemUTC(),
                  new Checkpoints(vertx, database, limits.checkpoints(), secrets.key()),
                  postings,
                  latency);
          Keeper keeper =
              new Keeper(database.options(), limits, secrets.key(), Trust.folders(data, limits));
          return vertx
              .deployVerticle(writer)
              .map(deployed ->
                  new AuditLog(
                      vertx,
                      database,
                      writer,
                      limits.durability(),
                      secrets.redactor(),
                      keeper,
                      postings));
        })
        .onSuccess(AuditLog::keepEveryHour)
        .compose(log -> log.settleEarlierRuns(node).map(log))
        .compose(log -> log.send(limits, node).map(log))
        .onSuccess(log -> log.postings.start());
  }

  /**
   * Records something that is about to happen, e.g. an intent: all events in one commit. Refused at
   * once while the store is away.
   *
   * @return succeeds when it may happen; fails with {@link AuditUnavailableException}
   */
  public Future<Void> before(List<AuditEvent> events) {
    return acknowledge(writer.append(redacted(events), NewWork.YES));
  }

  /**
   * As {@link #before(List)}, and in the same transaction a call of somebody else's. Waits for the
   * commit, whatever the durability.
   *
   * @return what became of the call; where it fails, the events may be recorded nevertheless, and
   *     the call may be done
   */
  public <C, R> Future<R> before(List<AuditEvent> events, Companion<C, R> companion, C call) {
    return writer.append(redacted(events), new Part<>(companion, call));
  }

  /**
   * Records something that has happened. Queued even while the store is away, and written when it
   * is back; the caller waits no longer than the commit time-out.
   *
   * @return succeeds when it is recorded; fails with {@link AuditUnavailableException}
   */
  public Future<Void> after(List<AuditEvent> events) {
    return acknowledge(writer.append(redacted(events), NewWork.NO));
  }

  private List<AuditEvent> redacted(List<AuditEvent> events) {
    List<AuditEvent> redacted = new ArrayList<>(events.size());
    for (AuditEvent event : events) {
      redacted.add(event.redacted(redactor));
    }
    return redacted;
  }

  /** What takes secrets out of every event; for what else must not show them. */
  public Redactor redactor() {
    return redactor;
  }

  private Future<Void> acknowledge(Future<Void> commit) {
    if (durability == Durability.ASYNC && !commit.failed()) {
      commit.onFailure(
          failure -> LOGGER.warn("an event waits for its commit: {}", failure.getMessage()));
      return Future.succeededFuture();
    }
    return commit;
  }

  /** Questions to the log. */
  public AuditReader reader() {
    return new AuditReader(database);
  }

  /** Whether the last commit succeeded, as far as is known. */
  public boolean available() {
    return writer.available();
  }

  /** Events that wait for their commit now. */
  public int queuedEvents() {
    return writer.queuedEvents();
  }

  /** What they take in memory, about. */
  public long queuedBytes() {
    return writer.queuedBytes();
  }

  /** Connections to the database that are open now besides the writer's own. */
  public int connections() {
    return database.pool().size();
  }

  /** Questions to the log that wait for their turn now. */
  public int waitingQuestions() {
    return database.slow().waiting();
  }

  /** The number of this run's chain; no other run of any server has it. */
  public long chain() {
    return writer.chain();
  }

  private Future<Void> send(AuditSettings settings, String node) {
    for (AuditSettings.Sink sink : settings.sinks()) {
      senders.add(sender(sink.name(), node, Receivers.of(sink, vertx, node)));
    }
    if (!settings.alerts().isEmpty()) {
      senders.add(sender(Alerts.SINK, node, new Alerts(settings.alerts(), database, this::after)));
    }
    return Future.all(senders.stream().map(Sender::start).toList()).mapEmpty();
  }

  private Sender sender(String sink, String node, Receiver receiver) {
    return new Sender(vertx, database, sink, node, receiver);
  }

  private void keepEveryHour() {
    keeping =
        vertx.setPeriodic(
            FIRST_KEEP_MILLIS,
            KEEP_MILLIS,
            id ->
                keep(LocalDate.now(ZoneOffset.UTC))
                    .onFailure(failure -> LOGGER.error("the log's days are not kept", failure)));
  }

  /** Makes the days to come, and archives those that are too old; gives how many. */
  Future<Integer> keep(LocalDate today) {
    return vertx.executeBlocking(() -> keeper.run(today, this::record).size(), false);
  }

  /** Succeeds when it is committed, whatever the durability. */
  private Future<Void> record(Keeper.Archived archived) {
    return writer.append(redacted(List.of(archived(archived))), NewWork.YES);
  }

  private AuditEvent archived(Keeper.Archived archived) {
    return AuditEvent.ofServer(
        Instant.now(),
        EventKind.LOG_ARCHIVED,
        archived.day().toString(),
        null,
        null,
        new JsonObject()
            .put("rows", archived.rows())
            .put("file", archived.file().toString())
            .put("sha256", archived.sha256()));
  }

  /** Commits what is queued, then stops; nothing can be recorded any more. */
  public Future<Void> close() {
    vertx.cancelTimer(keeping);
    senders.forEach(Sender::close);
    postings.close();
    return vertx.undeploy(writer.deploymentID());
  }

  private Future<Void> settleEarlierRuns(String node) {
    return AuditRows.unsettled(database.pool(), node, chain())
        .compose(open -> {
          if (open.isEmpty()) {
            return Future.succeededFuture();
          }
          LOGGER.warn(
              "executions and sandboxes without an end after a crash count={}", open.size());
          return Future.all(
                  open.stream()
                      .map(StoredEvent::event)
                      .map(begun -> writer.append(List.of(endOf(begun)), NewWork.YES))
                      .toList())
              .mapEmpty();
        })
        .compose(done -> AuditRows.settle(database.pool(), node, chain()));
  }

  private static AuditEvent endOf(AuditEvent begun) {
    boolean sandbox = begun.kind() == EventKind.SANDBOX_CREATED;
    String reason =
        sandbox
            ? "the server died, and its sandboxes with it"
            : "the server stopped before the outcome was recorded";
    return new AuditEvent(
        Instant.now(),
        sandbox ? EventKind.SANDBOX_DESTROYED : EventKind.EXECUTION_ENDED,
        sandbox ? begun.sandbox() + "" : begun.action(),
        begun.parent(),
        begun.tenant(),
        begun.session(),
        begun.actor(),
        begun.role(),
        begun.tool(),
        begun.risk(),
        begun.outcome(),
        begun.rule(),
        begun.policy(),
        begun.sandbox(),
        null,
        sandbox ? SERVER_DIED : UNKNOWN,
        new JsonObject().put("reason", reason).encode());
  }
}
