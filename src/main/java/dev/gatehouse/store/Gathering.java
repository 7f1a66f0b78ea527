package dev.gatehouse.store;

import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.internal.VertxInternal;
import io.vertx.pgclient.PgException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Sends many calls to the database as one: while a batch is under way the next one gathers, and
 * leaves when that returns. No timer delays a call, and a single one leaves at once. May be used
 * from any thread; each future completes on its caller's context.
 *
 * <p>A batch that fails fails each of its calls, and whether it was committed is as unknown as of a
 * call of its own. Only where the database refused a value, so that nothing was done, each is sent
 * alone: nobody's values fail another's call.
 *
 * @param <C> one call
 * @param <R> what becomes of it
 */
public final class Gathering<C, R> {
  /** SQLSTATE class of data exceptions. */
  private static final String REFUSED_VALUE = "22";

  /**
   * What is put up with.
   *
   * @param calls most of one batch
   * @param bytes most of one batch, but for a single call that has more
   * @param waiting most calls that wait for a batch; another one is refused
   * @param waitingBytes the same of their bytes
   * @param millis how long a batch may take, and a call wait for its batch
   */
  public record Bounds(int calls, long bytes, int waiting, long waitingBytes, int millis) {}

  /** The statement that does what the calls want. */
  public interface Statement<C, R> {
    /** Does them all or none; one result each, in their order. */
    Future<List<R>> send(List<C> calls);

    /** How much a call holds. */
    int bytes(C call);

    /** Of calls with equal keys a batch has only one, the earliest; null goes with any. */
    @Nullable Object key(C call);
  }

  private record Call<C, R>(C wanted, int bytes, long queuedNanos, Promise<R> promise) {}

  private final Vertx vertx;
  private final Bounds bounds;
  private final Statement<C, R> statement;

  /** Guards itself and the two after it. */
  private final ArrayDeque<Call<C, R>> waiting = new ArrayDeque<>();

  private long waitingBytes;
  private boolean underWay;

  public Gathering(Vertx vertx, Bounds bounds, Statement<C, R> statement) {
    this.vertx = vertx;
    this.bounds = bounds;
    this.statement = statement;
  }

  /** Makes a call; fails with {@link StoreBusyException} where it was not sent. */
  public Future<R> call(C wanted) {
    Promise<R> promise = ((VertxInternal) vertx).getOrCreateContext().promise();
    int bytes = statement.bytes(wanted);
    synchronized (waiting) {
      if (waiting.size() >= bounds.waiting() || waitingBytes + bytes > bounds.waitingBytes()) {
        promise.fail(new StoreBusyException("too many calls wait for the database"));
        return promise.future();
      }
      waiting.add(new Call<>(wanted, bytes, System.nanoTime(), promise));
      waitingBytes += bytes;
      if (underWay) {
        return promise.future();
      }
      underWay = true;
    }
    sendNext();
    return promise.future();
  }

  private void sendNext() {
    List<Call<C, R>> late = new ArrayList<>(0);
    List<Call<C, R>> batch = new ArrayList<>();
    synchronized (waiting) {
      gather(batch, late);
      underWay = !batch.isEmpty();
    }
    if (!batch.isEmpty()) {
      send(batch);
    }
    if (!late.isEmpty()) {
      fail(late, new StoreBusyException("the database took too long for those before"));
    }
  }

  /** Takes what the next batch has, and what waited too long. */
  private void gather(List<Call<C, R>> batch, List<Call<C, R>> late) {
    long oldest = System.nanoTime() - TimeUnit.MILLISECONDS.toNanos(bounds.millis());
    long bytes = 0;
    Set<Object> keys = new HashSet<>();
    Iterator<Call<C, R>> calls = waiting.iterator();
    while (calls.hasNext() && batch.size() < bounds.calls()) {
      Call<C, R> next = calls.next();
      if (next.queuedNanos() - oldest < 0) {
        late.add(next);
      } else {
        Object key = statement.key(next.wanted());
        if (key != null && !keys.add(key)) {
          continue;
        }
        if (!batch.isEmpty() && bytes + next.bytes() > bounds.bytes()) {
          return;
        }
        batch.add(next);
        bytes += next.bytes();
      }
      waitingBytes -= next.bytes();
      calls.remove();
    }
  }

  private void send(List<Call<C, R>> batch) {
    sent(batch)
        .onComplete(
            results -> {
              // The database first: it would wait meanwhile.
              sendNext();
              for (int i = 0; i < batch.size(); i++) {
                batch.get(i).promise().complete(results.get(i));
              }
            },
            failure -> {
              if (batch.size() > 1 && isRefusedValue(failure)) {
                sendAlone(batch, 0);
              } else {
                sendNext();
                fail(batch, failure);
              }
            });
  }

  private Future<List<R>> sent(List<Call<C, R>> batch) {
    List<C> wanted = new ArrayList<>(batch.size());
    batch.forEach(call -> wanted.add(call.wanted()));
    return ((VertxInternal) vertx)
        .getOrCreateContext()
        .succeededFuture()
        .compose(now -> statement.send(wanted))
        .timeout(bounds.millis(), TimeUnit.MILLISECONDS)
        .compose(results ->
            results.size() == wanted.size()
                ? Future.succeededFuture(results)
                : Future.failedFuture(results.size() + " results of " + wanted.size() + " calls"));
  }

  private void sendAlone(List<Call<C, R>> batch, int index) {
    if (index == batch.size()) {
      sendNext();
      return;
    }
    Call<C, R> call = batch.get(index);
    sent(List.of(call))
        .onComplete(
            results -> call.promise().complete(results.get(0)),
            failure -> call.promise().fail(failure))
        .onComplete(done -> sendAlone(batch, index + 1));
  }

  private static boolean isRefusedValue(Throwable failure) {
    return failure instanceof PgException refused
        && refused.getSqlState() != null
        && refused.getSqlState().startsWith(REFUSED_VALUE);
  }

  private static void fail(List<? extends Call<?, ?>> calls, Throwable failure) {
    calls.forEach(call -> call.promise().fail(failure));
  }
}
