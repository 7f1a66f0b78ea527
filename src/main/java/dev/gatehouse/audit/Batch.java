package dev.gatehouse.audit;

import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import io.vertx.pgclient.PgConnection;
import io.vertx.sqlclient.Tuple;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/**
 * Rows of one chain that are committed together, from their gathering until their commit is known.
 * Confined to the writer's loop.
 */
final class Batch {
  /** Those who wait for the commit. */
  final List<Appended> appended;

  /** Heads of the chain that may be signed once this is committed. */
  final List<Chain.Head> heads;

  private final long chain;
  private final long first;
  private final Instant recordedAt;
  private final List<AuditEvent> events;
  private final Tuple parameters;

  /** When the row before the first was recorded. */
  private final Instant before;

  private boolean sent;
  private long sentNanos;

  /** How many events it has. */
  int size() {
    return events.size();
  }

  private Batch(
      List<Appended> appended,
      List<AuditEvent> events,
      List<Chain.Head> heads,
      Chain chain,
      Buffer[] hashes,
      Instant before) {
    this.appended = appended;
    this.events = events;
    this.heads = heads;
    this.chain = chain.number();
    this.first = chain.sequence() + 1 - events.size();
    this.recordedAt = chain.recordedAt();
    this.parameters = AuditRows.parameters(this.chain, first, recordedAt, events, hashes);
    this.before = before;
  }

  /** Gives the events their places in the chain. */
  static Batch of(List<Appended> appended, Chain chain, Checkpoints checkpoints) {
    List<AuditEvent> events = new ArrayList<>(appended.size());
    appended.forEach(one -> events.addAll(one.events));
    List<Chain.Head> heads = new ArrayList<>(0);
    Instant before = chain.recordedAt();
    if (chain.tick()) {
      // A day's partition ends with a checkpoint, so that it can be checked and dropped by itself.
      heads.add(chain.head());
    }
    checkpoints.growing(chain);
    Buffer[] hashes = chain.append(events);
    if (checkpoints.isDue(chain)) {
      heads.add(chain.head());
    }
    return new Batch(appended, events, heads, chain, hashes, before);
  }

  /**
   * Sends it.
   *
   * @param behind whether the commit of the rows before it is not known; if that fails, this does
   */
  Future<?> send(PgConnection connection, boolean behind) {
    int rows = events.size();
    boolean again = sent;
    sent = true;
    sentNanos = System.nanoTime();
    if (again) {
      return connection.preparedQuery(AuditRows.insertionAgain(rows)).execute(parameters);
    }
    if (!behind) {
      List<Part<?, ?>> parts = parts();
      return parts.isEmpty() ? insert(connection) : insertWith(parts, connection);
    }
    Tuple after = Tuple.tuple(new ArrayList<>(parameters.size() + 1));
    for (int i = 0; i < parameters.size(); i++) {
      after.addValue(parameters.getValue(i));
    }
    return connection
        .preparedQuery(AuditRows.insertionAfter(rows))
        .execute(after.addOffsetDateTime(AuditRows.time(before)))
        .compose(inserted ->
            inserted.rowCount() == rows
                ? Future.succeededFuture()
                : Future.failedFuture("the rows before it are missing"));
  }

  private Future<?> insert(PgConnection connection) {
    return connection.preparedQuery(AuditRows.insertion(events.size())).execute(parameters);
  }

  /** In one transaction; none of its statements awaits another's answer. */
  private Future<?> insertWith(List<Part<?, ?>> parts, PgConnection connection) {
    Future<?> begun = connection.query("begin").execute();
    Future<?> inserted = insert(connection);
    Future<?> done = Part.send(connection, parts);
    // Where one of them failed, this undoes the others.
    Future<?> ended = connection.query("commit").execute();
    return Future.join(List.of(begun, inserted, done, ended));
  }

  private List<Part<?, ?>> parts() {
    List<Part<?, ?>> parts = new ArrayList<>(0);
    for (Appended one : appended) {
      Part<?, ?> part = one.part();
      if (part != null && !one.isAnswered()) {
        parts.add(part);
      }
    }
    return parts;
  }

  /** Its connection is lost: it will be sent again, as events alone. */
  void lost() {
    appended.forEach(Appended::losePart);
  }

  /** Tells that it is in the log. */
  void committed(Postings postings) {
    postings.committed(chain, first, recordedAt, events);
  }

  /** Nanoseconds since it was sent last. */
  long sentForNanos(long now) {
    return now - sentNanos;
  }
}
