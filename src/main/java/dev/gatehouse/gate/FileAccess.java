package dev.gatehouse.gate;

import dev.gatehouse.action.Action;
import dev.gatehouse.action.Actor;
import dev.gatehouse.action.Obligation;
import dev.gatehouse.audit.AuditEvent;
import dev.gatehouse.gate.Passage.Done;
import dev.gatehouse.gate.Passage.Timings;
import dev.gatehouse.sandbox.Claim;
import dev.gatehouse.sandbox.FileException;
import dev.gatehouse.sandbox.FileOrder;
import dev.gatehouse.sandbox.FileTransfer;
import dev.gatehouse.sandbox.SandboxException;
import dev.gatehouse.sandbox.SandboxInfo;
import io.vertx.core.AsyncResult;
import io.vertx.core.Future;
import java.util.List;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * The order of things for files: classify, then record the intent, then reach into the sandbox,
 * then record what came of it, and only then answer. Where nothing is changed and the answer is
 * short, one commit has both, before the answer leaves.
 *
 * <p>The content of what is written is not looked at: it is a stream, and inside a sandbox. Where a
 * person is asked, it is what its SHA-256 says. Confined to an event loop, as the gate is.
 */
public final class FileAccess {
  /** What an operation's tool is called begins so. */
  static final String TOOL = "file_";

  private static final String WRITE = TOOL + "write";
  private static final String DONE = "done";
  private static final String FAILED = "failed";

  private final Gate gate;
  private final Parts parts;

  FileAccess(Gate gate, Parts parts) {
    this.gate = gate;
    this.parts = parts;
  }

  /** Whether it writes a file of which nobody who is asked could tell what will be in it. */
  static boolean isUnknownContent(Action action) {
    return action.tool().equals(WRITE) && !action.arguments().containsKey(FileOrder.SHA256);
  }

  /** Does what has a short answer. */
  public <T> Future<Passage<T>> run(
      Actor actor, String id, @Nullable String session, Asking asking, FileOrder<T> order) {
    return run(actor, id, session, asking, order, null, () -> 0);
  }

  /**
   * Does what has content.
   *
   * @param transfer where it goes
   * @param bytes how much of it went through, asked at the end
   * @return completes when all of it went through and what came of it is recorded
   */
  public <T> Future<Passage<T>> run(
      Actor actor,
      String id,
      @Nullable String session,
      Asking asking,
      FileOrder<T> order,
      @Nullable FileTransfer transfer,
      LongSupplier bytes) {
    long startNanos = System.nanoTime();
    Claim claim = HeldSandboxes.claimOf(actor, session);
    return parts
        .sandboxes()
        .find(id, claim)
        .compose(sandbox -> {
          Action action =
              new Action(
                  actor,
                  sandbox.owner().session(),
                  TOOL + order.word(),
                  order.arguments(),
                  gate.sandboxContext(sandbox));
          return gate.pass(
              action,
              asking,
              permit ->
                  new Access<>(
                          action,
                          permit.verdict(),
                          sandbox,
                          claim,
                          order,
                          transfer,
                          bytes,
                          startNanos)
                      .run(permit.consent()));
        });
  }

  /** One operation that policy allowed. */
  private final class Access<T> {
    private final Verdict verdict;
    private final SandboxInfo sandbox;
    private final Claim claim;
    private final FileOrder<T> order;
    private final @Nullable FileTransfer transfer;
    private final LongSupplier bytes;
    private final Recorded recorded;
    private final long startNanos;
    private long begunNanos;
    private long endedNanos;

    Access(
        Action action,
        Verdict verdict,
        SandboxInfo sandbox,
        Claim claim,
        FileOrder<T> order,
        @Nullable FileTransfer transfer,
        LongSupplier bytes,
        long startNanos) {
      this.verdict = verdict;
      this.sandbox = sandbox;
      this.claim = claim;
      this.order = order;
      this.transfer = transfer;
      this.bytes = bytes;
      this.recorded = new Recorded(action, verdict, parts.audit().redactor());
      this.startNanos = startNanos;
    }

    Future<Passage<T>> run(@Nullable Consent consent) {
      if (order.disclosesContent()
          && verdict.decision().obligations().contains(Obligation.SCAN_RESULTS)) {
        // Content is a stream, and a secret may be anywhere in it.
        return parts
            .audit()
            .before(List.of(recorded.decision(), accessed(FAILED)))
            .compose(refused -> Future.failedFuture(new UnscannableException()));
      }
      if (consent == null && order.isShort() && !order.changes()) {
        return access().transform(came -> answer(came, true));
      }
      return gate.begin(List.of(recorded.decision()), consent)
          .onFailure(lost -> {
            if (consent != null) {
              gate.settle(accessed(FAILED));
            }
          })
          .compose(intent -> access().transform(came -> answer(came, false)));
    }

    private Future<T> access() {
      begunNanos = System.nanoTime();
      return parts
          .sandboxes()
          .files(sandbox.id(), claim, order, transfer)
          .onComplete(came -> endedNanos = System.nanoTime());
    }

    /** Records what came of it, with the decision where that is not recorded yet; then tells. */
    private Future<Passage<T>> answer(AsyncResult<T> came, boolean withDecision) {
      AuditEvent outcome = accessed(came.succeeded() ? DONE : word(came.cause()));
      Future<Void> commit =
          withDecision
              ? parts.audit().before(List.of(recorded.decision(), outcome))
              : parts.audit().after(List.of(outcome));
      return commit.compose(done ->
          came.succeeded()
              ? Future.succeededFuture(new Done<>(verdict, came.result(), timings()))
              : Future.failedFuture(came.cause()));
    }

    private AuditEvent accessed(String status) {
      return recorded.fileAccessed(
          sandbox,
          order.path().encoded(),
          status,
          bytes.getAsLong(),
          Math.max(0, endedNanos - begunNanos));
    }

    private Timings timings() {
      long now = System.nanoTime();
      long run = endedNanos - begunNanos;
      return new Timings(verdict.tookNanos(), 0, run, run, now - endedNanos, now - startNanos);
    }
  }

  private static String word(Throwable failure) {
    return switch (failure) {
      case FileException file -> file.kind().word();
      case SandboxException sandbox ->
          switch (sandbox.kind()) {
            case NOT_FOUND, ENDED -> "sandbox-ended";
            case EXHAUSTED, QUOTA, BUSY, IN_USE -> "busy";
            case PAUSED -> "paused";
            case LANGUAGE, SEALED, NETWORK -> FAILED;
            case CANCELLED -> FileException.Kind.CANCELLED.word();
            case ENGINE -> "engine-unavailable";
          };
      default -> FAILED;
    };
  }
}
