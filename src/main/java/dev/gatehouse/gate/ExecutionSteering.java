package dev.gatehouse.gate;

import dev.gatehouse.action.Action;
import dev.gatehouse.action.Actor;
import dev.gatehouse.gate.Passage.Done;
import dev.gatehouse.gate.Passage.Timings;
import dev.gatehouse.gate.TypedText.Judged;
import dev.gatehouse.sandbox.Steering;
import dev.gatehouse.sandbox.SteeringException;
import dev.gatehouse.sandbox.SteeringException.Why;
import io.vertx.core.AsyncResult;
import io.vertx.core.Future;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The order of things for what is sent to an execution that runs: classify, then record the intent,
 * then send, then record what came of it, and only then answer.
 *
 * <p>What is typed to a shell or an interpreter is code, so input is judged as that: together with
 * what was typed before, as a command may come in pieces. Confined to an event loop, as the gate
 * is.
 */
public final class ExecutionSteering {
  /** The tool that policy sees where an agent sends input. */
  static final String STDIN = "process_stdin";

  /** Its argument that is judged; the log has what is new of it in each event. */
  static final String JUDGED = "code";

  /** The tool that policy sees where an agent sends a signal. */
  static final String SIGNAL = "process_signal";

  /** The tool that policy sees where an agent gives a terminal another size. */
  static final String RESIZE = "process_resize";

  private static final String SENT = "sent";
  private static final String FAILED = "failed";

  private final Gate gate;
  private final Parts parts;

  ExecutionSteering(Gate gate, Parts parts) {
    this.gate = gate;
    this.parts = parts;
  }

  /**
   * Where an execution is looked for.
   *
   * @param sandbox in which it must run; null for any
   * @param session whose it must be; null for any of the actor's
   */
  public record Place(String execution, @Nullable String sandbox, @Nullable String session) {}

  /**
   * Sends something to a background execution.
   *
   * @param onSent runs as soon as it was sent, before that is recorded
   * @return fails with {@link UnknownExecutionException} if there is none, or it is not the
   *     actor's, and with {@link SteeringException} if it cannot be sent now
   */
  public Future<Passage<BackgroundExecution>> steer(
      Actor actor, Place place, Asking asking, Steering what, Runnable onSent) {
    long startNanos = System.nanoTime();
    BackgroundExecution execution = gate.findExecution(actor, place.execution(), place.session());
    if (place.sandbox() != null && !place.sandbox().equals(execution.sandbox().id())) {
      throw new UnknownExecutionException();
    }
    if (!(execution.state() instanceof BackgroundExecution.State.Running)) {
      return Future.failedFuture(new SteeringException(Why.ENDED));
    }
    Judged judged =
        what instanceof Steering.Input input ? execution.typed().with(input.bytes()) : null;
    Action action = actionOf(actor, execution, what, judged);
    return gate.pass(
        action,
        asking,
        permit ->
            new Sending(action, permit.verdict(), execution, what, judged, onSent, startNanos)
                .after(permit.consent()));
  }

  private Action actionOf(
      Actor actor, BackgroundExecution execution, Steering what, @Nullable Judged judged) {
    Map<String, Object> arguments = new HashMap<>();
    arguments.put("execution", execution.id());
    arguments.put("language", execution.order().language().word());
    String tool =
        switch (what) {
          case Steering.Input input -> {
            putInput(arguments, input, Objects.requireNonNull(judged));
            yield STDIN;
          }
          case Steering.Signal signal -> {
            arguments.put("signal", signal.signal().name());
            yield SIGNAL;
          }
          case Steering.Resize resize -> {
            arguments.putAll(Gate.terminalSize(resize.size()));
            yield RESIZE;
          }
        };
    return new Action(
        actor,
        execution.sandbox().owner().session(),
        tool,
        arguments,
        gate.sandboxContext(execution.sandbox()));
  }

  private static void putInput(Map<String, Object> arguments, Steering.Input input, Judged judged) {
    arguments.put("input", judged.piece());
    arguments.put(JUDGED, judged.whole());
    if (judged.cut()) {
      arguments.put("earlierCut", true);
    }
    if (input.last()) {
      arguments.put("end", true);
    }
    byte[] bytes = input.bytes().getBytes();
    if (!Arrays.equals(bytes, judged.piece().getBytes(StandardCharsets.UTF_8))) {
      // So that a person is asked about these bytes and no others.
      arguments.put("base64", Base64.getEncoder().encodeToString(bytes));
    }
  }

  /** One thing on its way that policy allowed. */
  private final class Sending {
    private final Verdict verdict;
    private final BackgroundExecution execution;
    private final Steering what;
    private final @Nullable Judged judged;
    private final Runnable onSent;
    private final Recorded recorded;
    private final long startNanos;
    private boolean wasSent;

    Sending(
        Action action,
        Verdict verdict,
        BackgroundExecution execution,
        Steering what,
        @Nullable Judged judged,
        Runnable onSent,
        long startNanos) {
      this.verdict = verdict;
      this.execution = execution;
      this.what = what;
      this.judged = judged;
      this.onSent = onSent;
      this.recorded = Recorded.under(execution.id(), action, verdict, parts.audit().redactor());
      this.startNanos = startNanos;
    }

    Future<Passage<BackgroundExecution>> after(@Nullable Consent consent) {
      if (judged == null) {
        return take(consent);
      }
      if (!execution.typed().begin(judged)) {
        // What it was judged together with is not what it would come after.
        return record(FAILED).compose(told -> failed(Why.OVERTAKEN));
      }
      return take(consent)
          .onFailure(failure -> {
            if (!wasSent) {
              execution.typed().notSent();
            }
          });
    }

    private Future<Passage<BackgroundExecution>> take(@Nullable Consent consent) {
      return gate.begin(List.of(recorded.decision()), consent)
          .onFailure(lost -> {
            if (consent != null) {
              gate.settle(recorded.executionSteered(execution.sandbox(), FAILED));
            }
          })
          .compose(intent ->
              parts
                  .sandboxes()
                  .steer(execution.follower(), what)
                  .onSuccess(sent -> sent())
                  .transform(this::answer));
    }

    private void sent() {
      wasSent = true;
      if (judged != null) {
        execution.typed().sent(judged);
      }
      onSent.run();
    }

    private Future<Passage<BackgroundExecution>> answer(AsyncResult<Void> came) {
      String status =
          came.cause() instanceof SteeringException not
              ? not.why().word()
              : came.succeeded() ? SENT : FAILED;
      return parts
          .audit()
          .after(List.of(recorded.executionSteered(execution.sandbox(), status)))
          .compose(told -> came.succeeded() ? done() : Future.failedFuture(came.cause()));
    }

    private Future<Passage<BackgroundExecution>> done() {
      long total = System.nanoTime() - startNanos;
      return Future.succeededFuture(
          new Done<>(verdict, execution, new Timings(verdict.tookNanos(), 0, 0, 0, 0, total)));
    }

    private Future<Void> record(String status) {
      return parts
          .audit()
          .before(
              List.of(recorded.decision(), recorded.executionSteered(execution.sandbox(), status)));
    }

    private <T> Future<T> failed(Why why) {
      return Future.failedFuture(new SteeringException(why));
    }
  }
}
