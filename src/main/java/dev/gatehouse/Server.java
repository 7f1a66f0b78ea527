package dev.gatehouse;

import dev.gatehouse.approval.Approvals;
import dev.gatehouse.audit.AuditLog;
import dev.gatehouse.config.Configuration;
import dev.gatehouse.config.ConfigurationFile;
import dev.gatehouse.gate.AllowanceUse;
import dev.gatehouse.gate.Allowances;
import dev.gatehouse.gate.ApprovalRecord;
import dev.gatehouse.gate.BackgroundExecutions;
import dev.gatehouse.gate.Callers;
import dev.gatehouse.gate.DecisionRecording;
import dev.gatehouse.gate.Drain;
import dev.gatehouse.gate.ExecutionPlaces;
import dev.gatehouse.gate.KeySource;
import dev.gatehouse.gate.KeyUse;
import dev.gatehouse.gate.KeyVerticle;
import dev.gatehouse.gate.Keys;
import dev.gatehouse.gate.Lifecycle;
import dev.gatehouse.gate.Parts;
import dev.gatehouse.gate.PolicyVerticle;
import dev.gatehouse.gate.RecordedEnds;
import dev.gatehouse.gate.SecretStore;
import dev.gatehouse.gate.jwt.Tokens;
import dev.gatehouse.gate.vault.Vault;
import dev.gatehouse.http.HttpVerticle;
import dev.gatehouse.http.SocketCensus;
import dev.gatehouse.http.TlsFiles;
import dev.gatehouse.http.TlsVerticle;
import dev.gatehouse.latency.LatencyRegistry;
import dev.gatehouse.latency.LatencyVerticle;
import dev.gatehouse.latency.Objective;
import dev.gatehouse.policy.Policies;
import dev.gatehouse.policy.PolicyException;
import dev.gatehouse.sandbox.EngineAddress;
import dev.gatehouse.sandbox.Sandboxes;
import dev.gatehouse.store.Database;
import dev.gatehouse.store.EmbeddedDatabase;
import dev.gatehouse.store.IdempotencyKeys;
import io.vertx.core.DeploymentOptions;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.net.ServerSSLOptions;
import io.vertx.pgclient.PgConnectOptions;
import java.io.Closeable;
import java.io.IOException;
import java.time.Clock;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The running server: its parts, started at once where none needs the other, and stopped one after
 * the other. What a failed start had opened is closed again.
 */
public final class Server {
  private static final Logger LOGGER = LoggerFactory.getLogger(Server.class);

  /** How often counted refusals are looked at. */
  private static final long FLUSH_MILLIS = 5_000;

  /** How much longer than all that has a limit a request may take: its record. */
  private static final long GRACE_MILLIS = 300_000;

  /** What is read from files before anything is opened. */
  private record Ground(String node, KeySource keySource, Keys keys, @Nullable Tls tls) {}

  /** What the listener begins with, and the files that change it. */
  private record Tls(TlsFiles files, ServerSSLOptions options) {}

  private final Configuration configuration;
  private final @Nullable ConfigurationFile file;
  private final EngineAddress engine;
  private final Vertx vertx;
  private final LatencyRegistry latency;
  private final LatencyVerticle sampler;
  private final Deque<Supplier<Future<Void>>> closers = new ArrayDeque<>();
  private final Drain drain = new Drain();
  private @Nullable Drainage drainage;

  /** Whether the log has its start. */
  private volatile boolean isRecorded;

  private int port;
  private List<String> routes = List.of();

  private Server(
      Configuration configuration, @Nullable ConfigurationFile file, EngineAddress engine) {
    this.configuration = configuration;
    this.file = file;
    this.engine = engine;
    this.latency = new LatencyRegistry(Objective.all(configuration.objectives()));
    this.sampler = new LatencyVerticle(latency);
    this.vertx = Vertx.builder().with(new VertxOptions().setPreferNativeTransport(true)).build();
  }

  /** Starts everything; fails with what is wrong and what mends it. */
  public static Future<Server> start(Configuration configuration, EngineAddress engine) {
    return start(new Server(configuration, null, engine));
  }

  /**
   * As {@link #start(Configuration, EngineAddress)}.
   *
   * @param file where the configuration is from: its keys are read again whenever it changes
   */
  public static Future<Server> start(
      Configuration configuration, ConfigurationFile file, EngineAddress engine) {
    return start(new Server(configuration, file, engine));
  }

  private static Future<Server> start(Server server) {
    // Bound to no event loop, because after a failure there is none left.
    Promise<Server> started = Promise.promise();
    server
        .startParts()
        .onComplete(
            done -> started.complete(server),
            failure -> server.close().onComplete(closed -> started.fail(failure)));
    return started.future();
  }

  /** The TCP port it listens on. */
  public int port() {
    return port;
  }

  /** What it answers: {@link HttpVerticle#routes()}. */
  List<String> routes() {
    return routes;
  }

  /**
   * Takes no new work, and lets what is under way end, as the configuration's {@code drain} says;
   * {@link #close} comes after it.
   */
  public Future<Void> drain() {
    return drainage == null ? Future.succeededFuture() : drainage.run();
  }

  /** Stops in reverse order: no new work, no sandbox, the last record, the database. */
  public Future<Void> close() {
    Promise<Void> closed = Promise.promise();
    // Vert.x is closed from a thread that is not its own: one of its loops could not hear the end.
    closeParts()
        .onComplete(done -> Thread.ofVirtual().start(() -> vertx.close().onComplete(closed)));
    return closed.future();
  }

  private Future<Void> closeParts() {
    Supplier<Future<Void>> last;
    synchronized (closers) {
      last = closers.pollLast();
    }
    return last == null
        ? Future.succeededFuture()
        : last.get()
            .otherwise(failure -> {
              LOGGER.warn("a part did not stop cleanly", failure);
              return null;
            })
            .compose(done -> closeParts());
  }

  /** At once what can be: PostgreSQL and Docker are waited for while the policies are read. */
  private Future<Void> startParts() {
    return vertx
        .executeBlocking(this::readGround)
        .compose(ground -> {
          Future<Policies> policies =
              closing(vertx.executeBlocking(this::loadPolicies, false), read -> done());
          Future<Database> database = openDatabase();
          Future<AuditLog> audit = closing(startAudit(database, ground), AuditLog::close);
          Future<Lifecycle> lifecycle = audit.map(log -> new Lifecycle(log, ground.node()));
          Future<Approvals> approvals = closing(startApprovals(database, audit), Approvals::close);
          onClose(() -> isRecorded ? lifecycle.compose(Lifecycle::serverStopped) : done());
          SecretStore secrets =
              new SecretStore(vertx, configuration.secrets(), System::getenv, vault());
          Future<Sandboxes> sandboxes =
              closing(startSandboxes(ground, secrets, audit, lifecycle), Sandboxes::close);
          return Future.join(policies, approvals, sandboxes)
              .compose(all ->
                  startGate(
                      ground,
                      lifecycle.result(),
                      new Parts(
                          policies.result(),
                          approvals.result(),
                          sandboxes.result(),
                          audit.result(),
                          new ExecutionPlaces(configuration.limits().executions()),
                          drain,
                          new Allowances(configuration.limits(), allowanceUse(lifecycle.result())),
                          secrets,
                          new BackgroundExecutions(Clock.systemUTC()),
                          idempotencyKeys(database.result(), ground.node()),
                          latency,
                          configuration.approval().preview(),
                          DecisionRecording.of(configuration.audit()))));
        });
  }

  /** Closes what the future comes to, if it comes to something, when the server closes. */
  private <T> Future<T> closing(Future<T> part, Function<T, Future<Void>> closer) {
    onClose(() -> part.transform(made -> made.succeeded() ? closer.apply(made.result()) : done()));
    return part;
  }

  private static Future<Void> done() {
    return Future.succeededFuture();
  }

  private Ground readGround() throws IOException {
    DataDirectory data = DataDirectory.open(configuration.data());
    onClose(() -> vertx.executeBlocking(() -> close(data)).mapEmpty());
    KeySource keySource = new KeySource(configuration, file);
    return new Ground(data.node(), keySource, Keys.open(keySource), readTls());
  }

  private @Nullable Tls readTls() {
    TlsFiles files = TlsFiles.of(vertx, configuration.tls());
    return files == null ? null : new Tls(files, files.read().options());
  }

  private Policies loadPolicies() throws PolicyException {
    Policies policies =
        Policies.load(configuration.policy().directory(), configuration.data().resolve("policies"));
    PolicyException problem = policies.startProblem();
    if (problem != null) {
      LOGGER.error(
          "the policy files changed and cannot be used, the policy of the last run stays digest={}:"
              + " {}",
          policies.active().digest(),
          problem.getMessage());
    } else if (!policies.active().digest().equals(policies.files())) {
      LOGGER.warn(
          "an operator's choice of policy stands, the policy files have not changed since digest={}"
              + " files={}",
          policies.active().digest(),
          policies.files());
    }
    return policies;
  }

  private Future<Database> openDatabase() {
    String url = configuration.database().url();
    Future<PgConnectOptions> address =
        url != null
            ? Future.succeededFuture(PgConnectOptions.fromUri(url))
            : closing(
                    vertx.executeBlocking(
                        () -> EmbeddedDatabase.start(configuration.data()), false),
                    embedded -> vertx.executeBlocking(() -> close(embedded)).mapEmpty())
                .map(EmbeddedDatabase::connectOptions);
    return closing(
        address.compose(to ->
            Database.open(vertx, to, configuration.database().connections())
                .recover(failure -> Future.failedFuture(unusable(to, failure)))),
        Database::close);
  }

  private static IllegalStateException unusable(PgConnectOptions to, Throwable failure) {
    return new IllegalStateException(
        "PostgreSQL at %s:%d, database %s, cannot be used: %s"
            .formatted(to.getHost(), to.getPort(), to.getDatabase(), failure.getMessage()),
        failure);
  }

  private static boolean close(Closeable part) throws IOException {
    part.close();
    return true;
  }

  private Future<AuditLog> startAudit(Future<Database> database, Ground ground) {
    return vertx
        .deployVerticle(sampler)
        .compose(deployed -> database)
        .compose(opened ->
            AuditLog.start(
                vertx,
                opened,
                configuration.audit(),
                ground.node(),
                configuration.data(),
                latency));
  }

  private Future<Approvals> startApprovals(Future<Database> database, Future<AuditLog> audit) {
    return audit.compose(log ->
        Approvals.start(
            vertx,
            database.result(),
            configuration.approval(),
            configuration.limits().pendingApprovals(),
            new ApprovalRecord(log)));
  }

  /**
   * Nobody has a sandbox before everything has started, so what is told of one finds the log there.
   * It is told on the teller's own context, which would be lost by going on from these futures.
   */
  private Future<Sandboxes> startSandboxes(
      Ground ground, SecretStore secrets, Future<AuditLog> audit, Future<Lifecycle> lifecycle) {
    return Sandboxes.start(
        vertx,
        engine,
        configuration.sandbox(),
        configuration.limits(),
        ground.node(),
        latency,
        (sandbox, ending, text) -> {
          secrets.forget(sandbox.id());
          lifecycle.result().sandboxEnded(sandbox, ending, text);
        },
        (sandbox, access) -> lifecycle.result().networkAccessed(sandbox, access),
        (id, claim) -> new RecordedEnds(audit.result().reader()).find(id, claim));
  }

  private Future<Void> startGate(Ground ground, Lifecycle lifecycle, Parts parts) {
    sampler.onBreach(lifecycle::objectiveBreached);
    PolicyVerticle policyChanges = new PolicyVerticle(parts.policies(), lifecycle);
    return lifecycle
        .serverStarted(
            parts.sandboxes().isolation(), parts.policies().active().digest(), configuration)
        .onSuccess(recorded -> isRecorded = true)
        .compose(recorded -> vertx.deployVerticle(policyChanges))
        .compose(deployed ->
            vertx.deployVerticle(new KeyVerticle(ground.keys(), ground.keySource(), lifecycle)))
        .compose(deployed -> listen(ground, lifecycle, parts, policyChanges));
  }

  private @Nullable Vault vault() {
    if (configuration.vault().address() == null) {
      return null;
    }
    Vault vault = Vault.start(vertx, configuration.vault());
    onClose(vault::close);
    return vault;
  }

  private IdempotencyKeys idempotencyKeys(Database database, String node) {
    return IdempotencyKeys.start(vertx, database, node, longestRequestMillis(configuration));
  }

  /** How long a request may be under way: held for a person, in line, and then its code. */
  static long longestRequestMillis(Configuration configuration) {
    return HttpVerticle.MAX_WAIT_MILLIS
        + configuration.sandbox().waitMillis()
        + configuration.sandbox().startTimeoutMillis()
        + configuration.limits().maxTimeoutMillis()
        + GRACE_MILLIS;
  }

  private KeyUse keyUse(Lifecycle lifecycle) {
    KeyUse keyUse = lifecycle.keyUse();
    every(FLUSH_MILLIS, keyUse::flush);
    return keyUse;
  }

  private AllowanceUse allowanceUse(Lifecycle lifecycle) {
    AllowanceUse use = lifecycle.allowanceUse();
    every(FLUSH_MILLIS, use::flush);
    return use;
  }

  private void every(long millis, Runnable work) {
    long timer = vertx.setPeriodic(millis, id -> work.run());
    onClose(() -> {
      vertx.cancelTimer(timer);
      return Future.succeededFuture();
    });
  }

  private Future<Void> listen(
      Ground ground, Lifecycle lifecycle, Parts parts, PolicyVerticle policyChanges) {
    KeyUse keyUse = keyUse(lifecycle);
    Tls tls = ground.tls();
    SocketCensus sockets = new SocketCensus(configuration.webSocket());
    ConcurrentLinkedQueue<HttpVerticle> edges = new ConcurrentLinkedQueue<>();
    Callers callers = callers(ground.keys());
    return vertx
        .deployVerticle(
            () -> {
              HttpVerticle edge =
                  new HttpVerticle(
                      configuration,
                      tls == null ? null : tls.options(),
                      callers,
                      keyUse,
                      parts,
                      policyChanges,
                      sockets);
              edges.add(edge);
              return edge;
            },
            new DeploymentOptions().setInstances(Runtime.getRuntime().availableProcessors()))
        .compose(deployment -> {
          onClose(() -> vertx.undeploy(deployment));
          drainage = new Drainage(vertx, configuration.drain(), drain, parts.executions(), edges);
          port = edges.element().port();
          routes = edges.element().routes();
          return tls == null
              ? Future.succeededFuture()
              : vertx.deployVerticle(
                  new TlsVerticle(tls.files(), edges.element()::update, lifecycle));
        })
        .mapEmpty();
  }

  private Callers callers(Keys keys) {
    Tokens tokens = Tokens.start(vertx, configuration.issuers(), InstantSource.system());
    onClose(tokens::close);
    Callers callers = new Callers(keys, tokens);
    every(Callers.SWEEP_MILLIS, callers::sweep);
    return callers;
  }

  private void onClose(Supplier<Future<Void>> closer) {
    synchronized (closers) {
      closers.addLast(closer);
    }
  }
}
