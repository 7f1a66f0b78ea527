package dev.gatehouse.audit;

import dev.gatehouse.config.Configuration;
import dev.gatehouse.latency.LatencyRecorder;
import dev.gatehouse.latency.LatencyRegistry;
import dev.gatehouse.latency.Metric;
import dev.gatehouse.store.Database;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.VerticleBase;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.internal.ContextInternal;
import io.vertx.core.internal.VertxInternal;
import io.vertx.pgclient.PgConnection;
import io.vertx.sqlclient.Tuple;
import java.time.Clock;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Writes the audit log by group commit: while one batch is being committed the next one gathers,
 * and leaves when the commit returns. No timer delays a write.
 *
 * <p>A batch whose commit failed or was not heard of is sent again, with the same sequence numbers,
 * until PostgreSQL has it: rows that were there already are left alone, so nothing is lost and
 * nothing is written twice. Callers do not wait for that longer than the commit time-out.
 *
 * <p>{@link #append} may be called from any thread; everything else belongs to the verticle's loop.
 */
final class AuditVerticle extends VerticleBase {
  private static final Logger LOGGER = LoggerFactory.getLogger(AuditVerticle.class);
  private static final int MAX_BATCH_EVENTS = 1024;
  private static final int MAX_BATCH_BYTES = 4 << 20;
  private static final long CHECK_MILLIS = 50;
  private static final long FIRST_RETRY_MILLIS = 100;
  private static final long LAST_RETRY_MILLIS = 2_000;

  /** What one caller appended: committed together, answered together. */
  private static final class Entry {
    final List<AuditEvent> events;
    final int weight;
    final long queuedNanos = System.nanoTime();
    final Promise<Void> promise;
    boolean answered;

    Entry(List<AuditEvent> events, Promise<Void> promise) {
      this.events = events;
      this.weight = events.stream().mapToInt(AuditEvent::weight).sum();
      this.promise = promise;
    }
  }

  private final Database database;
  private final Configuration.Audit limits;
  private final String node;
  private final Clock clock;
  private final Checkpoints checkpoints;
  private final LatencyRecorder commitLatency;

  private final Queue<Entry> arrivals = new ConcurrentLinkedQueue<>();
  private final AtomicBoolean collecting = new AtomicBoolean();
  private final AtomicInteger queuedEvents = new AtomicInteger();
  private final AtomicLong queuedBytes = new AtomicLong();
  private volatile boolean available;
  private volatile boolean closing;

  private final ArrayDeque<Entry> waiting = new ArrayDeque<>();
  private List<Entry> batch = List.of();
  private @Nullable Tuple batchRows;
  private boolean batchSentBefore;
  private long batchSentNanos;
  private boolean inFlight;
  private @Nullable Chain chain;
  private @Nullable PgConnection connection;
  private boolean connecting;
  private long retryMillis = FIRST_RETRY_MILLIS;
  private @Nullable Promise<Void> drained;

  AuditVerticle(
      Database database,
      Configuration.Audit limits,
      String node,
      Clock clock,
      Checkpoints checkpoints,
      LatencyRegistry latency) {
    this.database = database;
    this.limits = limits;
    this.node = node;
    this.clock = clock;
    this.checkpoints = checkpoints;
    this.commitLatency = latency.recorder(Metric.AUDIT_COMMIT);
  }

  @Override
  public Future<?> start() {
    return openConnection()
        .compose(opened -> {
          use(opened);
          return ChainRows.open(opened, node, clock.instant());
        })
        .map(start -> {
          chain = new Chain(start, clock);
          available = true;
          vertx.setPeriodic(CHECK_MILLIS, id -> checkDeadlines());
          return null;
        });
  }

  /** Commits what is queued, then closes. */
  @Override
  public Future<?> stop() {
    closing = true;
    collect();
    Promise<Void> done = Promise.promise();
    drained = done;
    checkDrained();
    return done.future()
        .timeout(limits.commitTimeoutMillis(), TimeUnit.MILLISECONDS)
        .otherwiseEmpty()
        .compose(empty ->
            chain == null || !batch.isEmpty()
                ? Future.succeededFuture()
                : checkpoints.makeLast(chain))
        .eventually(this::closeConnection);
  }

  private Future<Void> closeConnection() {
    PgConnection open = connection;
    // Given up first: this end is no loss.
    connection = null;
    return open == null ? Future.succeededFuture() : open.close();
  }

  /** The number of this run's chain. */
  long chain() {
    return Objects.requireNonNull(chain, "not started").number();
  }

  /** Whether the last commit succeeded, as far as is known. */
  boolean available() {
    return available;
  }

  int queuedEvents() {
    return queuedEvents.get();
  }

  /**
   * Queues events that are committed together. The future completes on the caller's context: with
   * success after the commit, or with {@link AuditUnavailableException}.
   *
   * @param newWork refused at once while PostgreSQL is away; what reports the end of something that
   *     happened is queued nevertheless
   */
  Future<Void> append(List<AuditEvent> events, NewWork newWork) {
    ContextInternal caller = ((VertxInternal) vertx).getOrCreateContext();
    Entry entry = new Entry(List.copyOf(events), caller.promise());
    if (closing || (newWork == NewWork.YES && !available)) {
      return caller.failedFuture(
          new AuditUnavailableException(
              AuditUnavailableException.Cause.AWAY, "the audit store does not commit"));
    }
    // What happened has room of its own: intents that fill the queue cannot push an outcome out.
    long share = newWork == NewWork.YES ? 1 : 2;
    long queued = queuedEvents.addAndGet(entry.events.size());
    long bytes = queuedBytes.addAndGet(entry.weight);
    if (queued > share * limits.queueEvents() || bytes > share * limits.queueBytes()) {
      release(entry);
      return caller.failedFuture(
          new AuditUnavailableException(
              AuditUnavailableException.Cause.FULL, "too many events wait for their commit"));
    }
    arrivals.add(entry);
    if (collecting.compareAndSet(false, true)) {
      context.runOnContext(ignored -> collect());
    }
    return entry.promise.future();
  }

  private void release(Entry entry) {
    queuedEvents.addAndGet(-entry.events.size());
    queuedBytes.addAndGet(-entry.weight);
  }

  private void collect() {
    // Cleared first: an arrival after the last poll then schedules its own collection.
    collecting.set(false);
    for (Entry entry = arrivals.poll(); entry != null; entry = arrivals.poll()) {
      waiting.add(entry);
    }
    flush();
  }

  private void flush() {
    if (inFlight || connection == null || chain == null) {
      return;
    }
    if (batch.isEmpty()) {
      if (waiting.isEmpty()) {
        checkDrained();
        return;
      }
      gather(chain);
    }
    send(connection);
  }

  private void gather(Chain to) {
    List<Entry> gathered = new ArrayList<>();
    List<AuditEvent> events = new ArrayList<>();
    int bytes = 0;
    Entry next = waiting.peek();
    while (next != null
        && (gathered.isEmpty()
            || (events.size() + next.events.size() <= MAX_BATCH_EVENTS
                && bytes + next.weight <= MAX_BATCH_BYTES))) {
      waiting.remove();
      gathered.add(next);
      events.addAll(next.events);
      bytes += next.weight;
      next = waiting.peek();
    }
    batch = gathered;
    if (to.tick()) {
      // A day's partition ends with a checkpoint, so that it can be checked and dropped by itself.
      checkpoints.make(to.head());
    }
    long first = to.sequence() + 1;
    Buffer[] hashes = to.append(events);
    batchSentBefore = false;
    batchRows = AuditRows.insertion(to.number(), first, to.recordedAt(), events, hashes);
  }

  private void send(PgConnection open) {
    inFlight = true;
    batchSentNanos = System.nanoTime();
    String sql = batchSentBefore ? AuditRows.INSERT_AGAIN : AuditRows.INSERT;
    batchSentBefore = true;
    open.preparedQuery(sql)
        .execute(batchRows)
        .onComplete(
            committed -> succeed(open),
            failure -> {
              if (isCurrent(open)) {
                lose("the audit store refused a batch: " + failure.getMessage());
              }
            });
  }

  private void succeed(PgConnection open) {
    if (!isCurrent(open)) {
      return;
    }
    inFlight = false;
    if (!available) {
      available = true;
      LOGGER.info("the audit store commits again");
    }
    retryMillis = FIRST_RETRY_MILLIS;
    checkpoints.makeIfDue(Objects.requireNonNull(chain, "chain"));
    List<Entry> committed = batch;
    batch = List.of();
    batchRows = null;
    for (Entry entry : committed) {
      commitLatency.recordSince(entry.queuedNanos);
      release(entry);
      if (!entry.answered) {
        entry.promise.complete();
      }
    }
    flush();
  }

  /** Gives the connection up; its batch, if any, stays and is sent on the next one. */
  private void lose(String why) {
    if (available && !closing) {
      LOGGER.error("the audit store is away, new work is refused: {}", why);
    }
    available = false;
    inFlight = false;
    PgConnection lost = connection;
    connection = null;
    if (lost != null) {
      lost.close();
    }
    if (!connecting && !closing) {
      connecting = true;
      vertx.setTimer(retryMillis, id -> reconnect());
      retryMillis = Math.min(2 * retryMillis, LAST_RETRY_MILLIS);
    }
  }

  private void reconnect() {
    openConnection()
        .onComplete(
            opened -> {
              connecting = false;
              use(opened);
              if (batch.isEmpty() && waiting.isEmpty()) {
                available = true;
                LOGGER.info("the audit store is back");
              }
              flush();
            },
            failure -> {
              connecting = false;
              lose(String.valueOf(failure.getMessage()));
            });
  }

  private Future<PgConnection> openConnection() {
    return database
        .connect()
        .compose(opened ->
            AuditRows.checkDurable(opened, limits.durability())
                .map(opened)
                .timeout(limits.commitTimeoutMillis(), TimeUnit.MILLISECONDS)
                .onFailure(failure -> opened.close()));
  }

  private void use(PgConnection opened) {
    connection = opened;
    opened.closeHandler(closed -> {
      if (isCurrent(opened)) {
        lose("connection closed");
      }
    });
  }

  /** False for a connection that was given up: what it still reports is no longer awaited. */
  @SuppressWarnings("ReferenceEquality")
  private boolean isCurrent(PgConnection other) {
    return other == connection;
  }

  private void checkDeadlines() {
    long now = System.nanoTime();
    long limitNanos = limits.commitTimeoutMillis() * 1_000_000L;
    if (inFlight && now - batchSentNanos > limitNanos) {
      lose("a commit took longer than " + limits.commitTimeoutMillis() + " ms");
    }
    if (batch.isEmpty() && chain != null) {
      checkpoints.makeIfDue(chain);
    }
    batch.forEach(entry -> answerIfLate(entry, now, limitNanos));
    for (Entry entry : waiting) {
      if (now - entry.queuedNanos <= limitNanos) {
        break;
      }
      answerIfLate(entry, now, limitNanos);
    }
  }

  private void answerIfLate(Entry entry, long now, long limitNanos) {
    if (!entry.answered && now - entry.queuedNanos > limitNanos) {
      entry.answered = true;
      entry.promise.fail(
          new AuditUnavailableException(
              AuditUnavailableException.Cause.AWAY,
              "not committed within " + limits.commitTimeoutMillis() + " ms"));
    }
  }

  private void checkDrained() {
    if (drained != null && batch.isEmpty() && waiting.isEmpty()) {
      drained.tryComplete();
    }
  }

  /** Whether an event opens something that has not happened yet. */
  enum NewWork {
    YES,
    NO
  }
}
