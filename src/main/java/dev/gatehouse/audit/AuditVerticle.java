package dev.gatehouse.audit;

import dev.gatehouse.config.AuditSettings;
import dev.gatehouse.latency.LatencyRecorder;
import dev.gatehouse.latency.LatencyRegistry;
import dev.gatehouse.latency.LoopLag;
import dev.gatehouse.latency.Metric;
import dev.gatehouse.latency.Throughput;
import dev.gatehouse.store.Database;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.VerticleBase;
import io.vertx.core.internal.ContextInternal;
import io.vertx.core.internal.VertxInternal;
import io.vertx.pgclient.PgConnection;
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
 * and leaves when the commit returns. No timer delays a write. Under load one goes behind the one
 * being committed, so that PostgreSQL never waits for this side; it inserts nothing unless the rows
 * before it are there.
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

  /** Batches under way at once: while one is committed the next is encoded, sent and parsed. */
  private static final int MAX_SENT = 2;

  /** A batch of fewer events does not go behind another: it is not worth a commit of its own. */
  private static final int WORTH_SENDING_BEHIND = 32;

  private final Database database;
  private final AuditSettings limits;
  private final String node;
  private final Clock clock;
  private final Checkpoints checkpoints;
  private final Postings postings;
  private final LatencyRecorder commitLatency;
  private final LatencyRegistry latency;
  private final Throughput throughput;

  private final Queue<Appended> arrivals = new ConcurrentLinkedQueue<>();
  private final AtomicBoolean collecting = new AtomicBoolean();
  private final AtomicInteger queuedEvents = new AtomicInteger();
  private final AtomicLong queuedBytes = new AtomicLong();
  private volatile boolean available;
  private volatile boolean closing;

  private final ArrayDeque<Appended> waiting = new ArrayDeque<>();
  private int waitingEvents;

  /** How many of those wait with a part, which goes behind no batch. */
  private int waitingParts;

  /** What is gathered and not known to be committed, in the order of the chain. */
  private final ArrayDeque<Batch> batches = new ArrayDeque<>();

  /** How many of them, from the first, were sent on this connection. */
  private int inFlight;

  private @Nullable Chain chain;
  private @Nullable PgConnection connection;

  /** Since when one batch was on its way behind another; 0 while none is. */
  private long pressedNanos;

  private boolean connecting;
  private long retryMillis = FIRST_RETRY_MILLIS;
  private @Nullable Promise<Void> drained;

  AuditVerticle(
      Database database,
      AuditSettings limits,
      String node,
      Clock clock,
      Checkpoints checkpoints,
      Postings postings,
      LatencyRegistry latency) {
    this.database = database;
    this.limits = limits;
    this.node = node;
    this.clock = clock;
    this.checkpoints = checkpoints;
    this.postings = postings;
    this.commitLatency = latency.recorder(Metric.AUDIT_COMMIT);
    this.latency = latency;
    this.throughput = latency.throughput();
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
          LoopLag.watch(vertx, latency);
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
            chain == null || !batches.isEmpty()
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

  long queuedBytes() {
    return queuedBytes.get();
  }

  /**
   * Queues events that are committed together. The future completes on the caller's context: with
   * success after the commit, or with {@link AuditUnavailableException}.
   *
   * @param newWork refused at once while PostgreSQL is away; what reports the end of something that
   *     happened is queued nevertheless
   */
  Future<Void> append(List<AuditEvent> events, NewWork newWork) {
    return append(events, null, newWork);
  }

  /**
   * The same, and in their transaction a call of somebody else's. If it fails, the events may be
   * committed nevertheless, and the call too.
   */
  <C, R> Future<R> append(List<AuditEvent> events, Part<C, R> part) {
    return append(events, part, NewWork.YES).map(committed -> part.result());
  }

  private Future<Void> append(List<AuditEvent> events, @Nullable Part<?, ?> part, NewWork newWork) {
    ContextInternal caller = ((VertxInternal) vertx).getOrCreateContext();
    Appended entry = new Appended(List.copyOf(events), part, caller.promise());
    if (closing || (newWork == NewWork.YES && !available)) {
      commitLatency.fail();
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
      commitLatency.fail();
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

  private void release(Appended entry) {
    queuedEvents.addAndGet(-entry.events.size());
    queuedBytes.addAndGet(-entry.weight);
  }

  private void collect() {
    // Cleared first: an arrival after the last poll then schedules its own collection.
    collecting.set(false);
    for (Appended entry = arrivals.poll(); entry != null; entry = arrivals.poll()) {
      waiting.add(entry);
      waitingEvents += entry.events.size();
      waitingParts += entry.part() == null ? 0 : 1;
    }
    flush();
  }

  private void flush() {
    if (connection == null || chain == null) {
      return;
    }
    if (inFlight < batches.size()) {
      // Sent before on a connection that was lost: again, and one after the other.
      if (inFlight == 0) {
        send(batches.getFirst(), connection);
      }
      return;
    }
    while (mayGather()) {
      Batch gathered = Batch.of(gather(), chain, checkpoints);
      batches.add(gathered);
      send(gathered, connection);
    }
    checkDrained();
  }

  private boolean mayGather() {
    return batches.isEmpty()
        ? !waiting.isEmpty()
        : batches.size() < MAX_SENT
            && waitingEvents >= WORTH_SENDING_BEHIND
            // The events would be inserted where those before are; a part would be done anyway.
            && waitingParts == 0;
  }

  private List<Appended> gather() {
    List<Appended> gathered = new ArrayList<>();
    int events = 0;
    int bytes = 0;
    Appended next = waiting.peek();
    while (next != null
        && (gathered.isEmpty()
            || (events + next.events.size() <= MAX_BATCH_EVENTS
                && bytes + next.weight <= MAX_BATCH_BYTES))) {
      waiting.remove();
      waitingEvents -= next.events.size();
      waitingParts -= next.part() == null ? 0 : 1;
      gathered.add(next);
      events += next.events.size();
      bytes += next.weight;
      next = waiting.peek();
    }
    return gathered;
  }

  private void send(Batch batch, PgConnection open) {
    boolean behind = inFlight > 0;
    inFlight++;
    batch
        .send(open, behind)
        .onComplete(
            committed -> succeed(batch, open),
            failure -> {
              if (isCurrent(open)) {
                lose("the audit store refused a batch: " + failure.getMessage());
              }
            });
  }

  private void succeed(Batch batch, PgConnection open) {
    if (!isCurrent(open)) {
      return;
    }
    batches.remove();
    inFlight--;
    measure(batch);
    if (!available) {
      available = true;
      LOGGER.info("the audit store commits again");
    }
    retryMillis = FIRST_RETRY_MILLIS;
    batch.heads.forEach(checkpoints::make);
    // The store first: it would wait meanwhile.
    flush();
    for (Appended entry : batch.appended) {
      commitLatency.recordSince(entry.queuedNanos);
      release(entry);
      entry.committed();
    }
    batch.committed(postings);
  }

  /** Writers are faster than commits while a batch is under way behind the one that ended. */
  private void measure(Batch batch) {
    long now = System.nanoTime();
    if (pressedNanos != 0) {
      throughput.add(batch.size(), now - pressedNanos);
    }
    pressedNanos = inFlight > 0 ? now : 0;
  }

  /** Gives the connection up; its batches stay and are sent on the next one. */
  private void lose(String why) {
    if (available && !closing) {
      LOGGER.error("the audit store is away, new work is refused: {}", why);
    }
    available = false;
    inFlight = 0;
    pressedNanos = 0;
    batches.forEach(Batch::lost);
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
              if (batches.isEmpty() && waiting.isEmpty()) {
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
            AuditRows.checkDurable(opened, limits.durability(), limits.commitTimeoutMillis())
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
    if (inFlight > 0 && batches.getFirst().sentForNanos(now) > limitNanos) {
      lose("a commit took longer than " + limits.commitTimeoutMillis() + " ms");
    }
    if (batches.isEmpty() && chain != null && checkpoints.isDue(chain)) {
      checkpoints.make(chain.head());
    }
    for (Batch batch : batches) {
      batch.appended.forEach(entry -> answerIfLate(entry, now, limitNanos));
    }
    for (Appended entry : waiting) {
      if (now - entry.queuedNanos <= limitNanos) {
        break;
      }
      answerIfLate(entry, now, limitNanos);
    }
  }

  private void answerIfLate(Appended entry, long now, long limitNanos) {
    if (now - entry.queuedNanos > limitNanos && entry.late(limits.commitTimeoutMillis())) {
      commitLatency.fail();
    }
  }

  private void checkDrained() {
    if (drained != null && batches.isEmpty() && waiting.isEmpty()) {
      drained.tryComplete();
    }
  }

  /** Whether an event opens something that has not happened yet. */
  enum NewWork {
    YES,
    NO
  }
}
