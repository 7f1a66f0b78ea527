package dev.gatehouse.gate;

import dev.gatehouse.approval.Approval;
import dev.gatehouse.config.ApprovalSettings;
import dev.gatehouse.sandbox.Claim;
import dev.gatehouse.sandbox.Ending;
import dev.gatehouse.sandbox.ExecutionFollower;
import dev.gatehouse.sandbox.ExecutionRequest;
import dev.gatehouse.sandbox.ExecutionRequest.Mode;
import dev.gatehouse.sandbox.ExecutionResult;
import dev.gatehouse.sandbox.Language;
import dev.gatehouse.sandbox.Owner;
import dev.gatehouse.sandbox.SandboxInfo;
import dev.gatehouse.sandbox.SandboxOrder;
import dev.gatehouse.sandbox.Sandboxes;
import dev.gatehouse.sandbox.StandardInput;
import dev.gatehouse.sandbox.egress.AllowList;
import io.vertx.core.Future;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A sandbox in which an action is tried: nobody can reach it, it reaches nobody, one action runs
 * there, and then it ends. Where the action would have a network, it has a proxy there that refuses
 * everything, and so tells what is wanted. Confined to its caller's event loop.
 */
final class ThrowAway {
  /** Whose it is: no key has such a name, so nobody's key reaches it. */
  private static final String NOBODY = "preview:";

  private static final Logger LOGGER = LoggerFactory.getLogger(ThrowAway.class);

  /** How long the files may be looked at. */
  private static final int LISTING_MILLIS = 10_000;

  /** So long after the time limits the sandbox ends by itself. */
  private static final long GRACE_SECONDS = 10;

  private static final int MAX_FILE_BYTES = 1 << 20;
  private static final int MAX_BYTES = 16 << 20;

  private static final String LISTING = listing();

  private final Sandboxes sandboxes;
  private final ApprovalSettings.Preview limits;

  ThrowAway(Sandboxes sandboxes, ApprovalSettings.Preview limits) {
    this.sandboxes = sandboxes;
    this.limits = limits;
  }

  private static String listing() {
    try (InputStream stream = ThrowAway.class.getResourceAsStream("listing.py")) {
      return new String(
          Objects.requireNonNull(stream, "listing.py").readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /**
   * What came of it.
   *
   * @param files what is other than before; null where nobody knows, for the other reason
   * @param hosts what it wanted of the proxy; null where there was none
   * @param copied what was there of a held sandbox's files; null where there is no such sandbox
   */
  record Tried(
      ExecutionResult result,
      @Nullable JsonObject files,
      @Nullable String filesUnknown,
      @Nullable WantedHosts hosts,
      WorkspaceCopy.@Nullable Copied copied) {}

  /** Hears of the run, for the audit log. */
  interface Recorder {
    /** Nothing runs before this is done. */
    Future<Void> before(SandboxInfo sandbox);

    /** It ran. */
    Future<Void> after(SandboxInfo sandbox, ExecutionResult result);

    /** What its proxy recorded. */
    Future<WantedHosts> wanted(SandboxInfo sandbox);

    /** After {@link #before}: it did not run, or nobody knows what came of it. */
    Future<Void> failed(SandboxInfo sandbox, Throwable failure);
  }

  /**
   * Takes a sandbox for the action of a question; whoever has it must run something.
   *
   * @param network whether the action would have one
   */
  Future<SandboxInfo> take(Approval question, String profile, long timeoutMillis, Network network) {
    Owner owner = new Owner(question.tenant(), NOBODY + question.id(), "preview");
    long seconds = (timeoutMillis + 2L * LISTING_MILLIS) / 1000 + GRACE_SECONDS;
    AllowList nothing = network == Network.REFUSING ? AllowList.parse(List.of()) : null;
    SandboxOrder order = SandboxOrder.oneShot(owner, profile, seconds, nothing);
    return sandboxes
        .create(order)
        .compose(sandbox ->
            sandboxes
                .lives(sandbox)
                .compose(
                    lives -> lives ? Future.succeededFuture(sandbox) : sandboxes.create(order)));
  }

  /** What the sandbox has of a network. */
  enum Network {
    NONE,
    /** A proxy that refuses everything. */
    REFUSING
  }

  /**
   * Tries an action in a sandbox, which ends with it.
   *
   * @param held the sandbox that it is for, whose files it shall find; null where it is for none
   */
  Future<Tried> run(
      SandboxInfo sandbox,
      WorkspaceCopy.@Nullable Place held,
      ExecutionArguments arguments,
      long timeoutMillis,
      Recorder recorder) {
    return furnish(sandbox, held)
        .compose(copied ->
            list(sandbox)
                .compose(before ->
                    recorder
                        .before(sandbox)
                        .compose(recorded -> act(sandbox, arguments, timeoutMillis, recorder))
                        .compose(result -> compare(sandbox, before, result, copied))
                        .compose(tried -> withHosts(sandbox, tried, recorder))))
        .onComplete(ended -> release(sandbox));
  }

  private Future<WorkspaceCopy.@Nullable Copied> furnish(
      SandboxInfo sandbox, WorkspaceCopy.@Nullable Place held) {
    if (held == null) {
      return Future.succeededFuture();
    }
    WorkspaceCopy.Place here = new WorkspaceCopy.Place(sandbox.id(), claim(sandbox));
    return new WorkspaceCopy(sandboxes, held, here, limits.files()).run().map(copied -> copied);
  }

  private Future<ExecutionResult> act(
      SandboxInfo sandbox, ExecutionArguments arguments, long timeoutMillis, Recorder recorder) {
    return execute(
            sandbox,
            arguments.language(),
            arguments.code(),
            arguments.stdin(),
            arguments.env(),
            timeoutMillis)
        .recover(failure ->
            recorder.failed(sandbox, failure).compose(recorded -> Future.failedFuture(failure)))
        .compose(result -> recorder.after(sandbox, result).map(result));
  }

  /** After the run the files are the guest's word, and if it says nothing of them, so be it. */
  private Future<Tried> compare(
      SandboxInfo sandbox,
      FileListing before,
      ExecutionResult result,
      WorkspaceCopy.@Nullable Copied copied) {
    return list(sandbox)
        .map(after -> new Tried(result, after.since(before), null, null, copied))
        .otherwise(
            failure -> new Tried(result, null, String.valueOf(failure.getMessage()), null, copied));
  }

  private static Future<Tried> withHosts(SandboxInfo sandbox, Tried tried, Recorder recorder) {
    return sandbox.allow() == null
        ? Future.succeededFuture(tried)
        : recorder
            .wanted(sandbox)
            .map(hosts ->
                new Tried(
                    tried.result(), tried.files(), tried.filesUnknown(), hosts, tried.copied()));
  }

  /** What the workspace holds; once code ran there it is that code's word. */
  private Future<FileListing> list(SandboxInfo sandbox) {
    String text =
        "MAX_LISTED, MAX_SEEN, MAX_FILE_BYTES, MAX_BYTES = %d, %d, %d, %d%n%s"
            .formatted(limits.files(), FileListing.MAX_SEEN, MAX_FILE_BYTES, MAX_BYTES, LISTING);
    return execute(sandbox, Language.PYTHON, text, "", Map.of(), LISTING_MILLIS)
        .map(listed -> FileListing.read(listed.stdout(), limits.files()));
  }

  private Future<ExecutionResult> execute(
      SandboxInfo sandbox,
      Language language,
      String code,
      String stdin,
      Map<String, String> env,
      long timeoutMillis) {
    return sandboxes.execute(
        sandbox.id(),
        claim(sandbox),
        new ExecutionRequest(
            language, code, new StandardInput.Given(stdin), env, timeoutMillis, Mode.PROCESS),
        ExecutionFollower.silent());
  }

  private void release(SandboxInfo sandbox) {
    sandboxes
        .delete(sandbox.id(), claim(sandbox), Ending.DONE)
        .onFailure(gone -> LOGGER.debug("a sandbox had ended already: {}", gone.getMessage()));
  }

  private static Claim claim(SandboxInfo sandbox) {
    Owner owner = sandbox.owner();
    return new Claim(owner.tenant(), owner.actor(), owner.session());
  }
}
