package dev.gatehouse.http;

import dev.gatehouse.action.Ids;
import dev.gatehouse.config.Configuration;
import dev.gatehouse.gate.Callbacks;
import dev.gatehouse.gate.Callers;
import dev.gatehouse.gate.Edits;
import dev.gatehouse.gate.Gate;
import dev.gatehouse.gate.HeldSandboxes;
import dev.gatehouse.gate.KeyUse;
import dev.gatehouse.gate.Parts;
import dev.gatehouse.gate.PolicyVerticle;
import dev.gatehouse.gate.Previews;
import dev.gatehouse.gate.Questions;
import dev.gatehouse.gate.Remembering;
import dev.gatehouse.gate.SecondFactor;
import dev.gatehouse.latency.LatencyRecorder;
import dev.gatehouse.latency.LoopLag;
import dev.gatehouse.latency.Metric;
import io.netty.handler.codec.http.TooLongHttpHeaderException;
import io.netty.handler.codec.http.TooLongHttpLineException;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.VerticleBase;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.core.http.HttpVersion;
import io.vertx.core.net.ServerSSLOptions;
import io.vertx.ext.web.Route;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import io.vertx.ext.web.handler.BodyHandler;
import io.vertx.ext.web.handler.HttpException;
import java.time.InstantSource;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The edge; one instance an event loop, all on one port. */
public final class HttpVerticle extends VerticleBase {
  private static final Logger LOGGER = LoggerFactory.getLogger(HttpVerticle.class);

  /** The longest that a request is held for a person, in milliseconds. */
  public static final long MAX_WAIT_MILLIS = Preferences.MAX_WAIT_MILLIS;

  private static final Pattern BAD_ESCAPE = Pattern.compile("%(?![0-9A-Fa-f]{2})");

  /** How often, while it drains, it is looked whether anything is under way. */
  private static final long QUIET_MILLIS = 20;

  /** How often each event loop tells what it decided. */
  private static final long TALLY_MILLIS = 1000;

  private final Configuration configuration;
  private final Connections connections;
  private final Listener listener;
  private final Callers callers;
  private final KeyUse keyUse;
  private final Parts parts;
  private final PolicyVerticle policyChanges;
  private final SocketCensus sockets;
  private final LatencyRecorder requestLatency;
  private final Ids ids = new Ids();
  private volatile @Nullable HttpServer server;
  private volatile List<String> routes = List.of();
  private @Nullable SocketRoute socketRoute;
  private volatile boolean quiet = true;

  /**
   * Makes one.
   *
   * @param tls what the listener speaks TLS with; null for no TLS
   */
  public HttpVerticle(
      Configuration configuration,
      @Nullable ServerSSLOptions tls,
      Callers callers,
      KeyUse keyUse,
      Parts parts,
      PolicyVerticle policyChanges,
      SocketCensus sockets) {
    this.configuration = configuration;
    this.connections =
        new Connections(
            configuration.http().idleTimeoutMillis(), configuration.webSocket().stallMillis());
    this.listener = new Listener(configuration, tls, connections);
    this.callers = callers;
    this.keyUse = keyUse;
    this.parts = parts;
    this.policyChanges = policyChanges;
    this.sockets = sockets;
    this.requestLatency = parts.latency().recorder(Metric.HTTP_REQUEST);
  }

  @Override
  public Future<?> start() {
    Gate gate = new Gate(parts);
    Router router = router(gate);
    LoopLag.watch(vertx, parts.latency());
    connections.watch(context);
    vertx.setPeriodic(TALLY_MILLIS, id -> gate.handOverTally());
    routes = routes(router);
    return vertx
        .createHttpServer(listener.options())
        .requestHandler(new Backlog(vertx, configuration.webSocket().stallMillis(), router))
        .invalidRequestHandler(this::refuseInvalid)
        .connectionHandler(listener::greet)
        .exceptionHandler(failure -> LOGGER.debug("a connection failed", failure))
        .listen()
        .onSuccess(listening -> server = listening);
  }

  /** Tells the WebSockets' clients that the server drains. */
  public void drain() {
    SocketRoute sockets = socketRoute;
    if (sockets != null) {
      quiet = false;
      context.runOnContext(turn -> {
        sockets.drain();
        vertx.setPeriodic(QUIET_MILLIS, look -> quiet = sockets.isQuiet() && connections.isQuiet());
      });
    }
  }

  /**
   * Whether, since {@link #drain}, no request waits for its answer or the rest of it, and no
   * WebSocket for a reply or the rest of an output. What has no end of its own does not count.
   */
  public boolean isQuiet() {
    return quiet;
  }

  /**
   * Listens no more, and hangs up where nothing is under way; elsewhere once it is answered.
   *
   * @param graceMillis how long that may take; then it hangs up all the same
   */
  public Future<Void> stopListening(long graceMillis) {
    Promise<Void> stopped = Promise.promise();
    HttpServer listening = server;
    context.runOnContext(turn -> {
      if (listening == null) {
        stopped.complete();
      } else {
        listening.shutdown(graceMillis, TimeUnit.MILLISECONDS).onComplete(stopped);
      }
    });
    return stopped.future();
  }

  /** Ends the WebSockets. */
  public void sayGoodbye() {
    SocketRoute sockets = socketRoute;
    if (sockets != null) {
      context.runOnContext(turn -> sockets.close());
    }
  }

  @Override
  public Future<?> stop() {
    if (socketRoute != null) {
      socketRoute.close();
    }
    return Future.succeededFuture();
  }

  /** The TCP port it listens on, known after the start. */
  public int port() {
    return listening().actualPort();
  }

  /** What the port, which all instances share, speaks TLS with from the next connection on. */
  public Future<Boolean> update(ServerSSLOptions tls) {
    return listening().updateSSLOptions(tls);
  }

  private HttpServer listening() {
    return Objects.requireNonNull(server, "it does not listen yet");
  }

  /**
   * Every route that answers, as {@code METHOD PATH}, the path as the router has it; known after
   * the start.
   */
  public List<String> routes() {
    return routes;
  }

  private static List<String> routes(Router router) {
    return router.getRoutes().stream()
        .filter(route -> route.methods() != null)
        .flatMap(route -> route.methods().stream().map(method -> method + " " + route.getName()))
        .distinct()
        .sorted()
        .toList();
  }

  /** Costs nothing where nobody's are limited. */
  private void limitRequests(Route route) {
    if (parts.allowances().limitsRequests()) {
      route.handler(new RequestAllowance(parts.allowances()));
    } else {
      route.remove();
    }
  }

  private Router router(Gate gate) {
    Router router = Router.router(vertx);
    Origins origins = new Origins(configuration.cors());
    origins.addTo(router);
    Authentication authentication = new Authentication(callers, keyUse);
    BodyDeadline deadline = new BodyDeadline(vertx, configuration.http().bodyTimeoutMillis());
    DecisionTurns turns = new DecisionTurns(gate, vertx.getOrCreateContext());
    Stages stages = new Stages(parts.latency());
    DecisionRoutes decisions = new DecisionRoutes(gate, turns, configuration, stages);
    // Most requests are these: no other route is looked at for them.
    router.post(DecisionRoutes.PATH).handler(this::observe).handler(authentication);
    limitRequests(router.post(DecisionRoutes.PATH));
    router.post(DecisionRoutes.PATH).handler(deadline);
    router
        .post(DecisionRoutes.PATH)
        .handler(gathering())
        .handler(deadline::arrived)
        .handler(this::closeBehindLastAnswer)
        .handler(decisions::decide);
    Questions questions = parts.questions();
    SecondFactor factor =
        new SecondFactor(callers.keys(), parts.approvals().codes(), InstantSource.system());
    Remembering remembering = new Remembering(parts, questions);
    ApprovalAnswer answer =
        new ApprovalAnswer(
            questions, factor, new Edits(parts, questions), remembering, configuration);
    SocketRoute socket =
        new SocketRoute(
            vertx,
            turns,
            authentication,
            sockets,
            new SocketVerbs(
                new SocketExecutions(
                    gate, new SocketIdempotency(parts.idempotencyKeys()), configuration),
                new SocketApprovals(questions, answer),
                new SocketEvents(vertx, questions, parts.audit().reader())),
            origins,
            parts.allowances(),
            configuration);
    socket.addTo(router);
    socketRoute = socket;
    router.route().handler(this::observe);
    new OperationsRoutes(configuration, parts).addTo(router);
    LatencyRoutes latency = new LatencyRoutes(vertx, configuration, parts, sockets, origins);
    latency.addTo(router);
    DocumentRoutes.addTo(router);
    new CallbackRoutes(callbacks(questions, factor), keyUse, deadline).addTo(router);
    router.route("/v1/*").handler(authentication);
    limitRequests(router.route("/v1/*"));
    latency.addProtectedTo(router);
    Idempotency idempotency = new Idempotency(parts.idempotencyKeys());
    decisions.addStreamingTo(router);
    FileRoutes files = new FileRoutes(gate.files(), configuration.http());
    files.addStreamingTo(router);
    router.route("/v1/*").handler(deadline);
    router.route("/v1/*").handler(gathering()).handler(deadline::arrived);
    decisions.addTo(router);
    router.route("/v1/*").handler(this::closeBehindLastAnswer);
    router.post("/v1/executions").handler(idempotency);
    router.post("/v1/sandboxes").handler(idempotency);
    router.post("/v1/sandboxes/:id/executions").handler(idempotency);
    new ExecutionRoutes(gate, configuration, stages).addTo(router);
    new BackgroundRoutes(gate, configuration.http().bodyTimeoutMillis()).addTo(router);
    new SteeringRoutes(gate.steering(), idempotency).addTo(router);
    new SandboxRoutes(gate, new HeldSandboxes(parts), configuration).addTo(router);
    files.addTo(router);
    new ApprovalRoutes(questions, answer, new Previews(parts, questions), configuration)
        .addTo(router);
    new RememberedRoutes(remembering, questions, configuration).addTo(router);
    new AuditRoutes(parts.audit(), origins).addTo(router);
    new PolicyRoutes(parts.policies(), policyChanges).addTo(router);
    for (int status : new int[] {400, 404, 405, 406, 413, 415, 431, 500, 501}) {
      router.errorHandler(status, HttpVerticle::fail);
    }
    router.route().failureHandler(HttpVerticle::fail);
    return router;
  }

  private BodyHandler gathering() {
    return BodyHandler.create(false)
        .setBodyLimit(configuration.http().maxBodyBytes())
        .setPreallocateBodyBuffer(false);
  }

  private Callbacks callbacks(Questions questions, SecondFactor factor) {
    return new Callbacks(
        configuration.approval().callbacks(),
        callers.keys(),
        questions,
        factor,
        parts.approvals().messages(),
        InstantSource.system());
  }

  private void observe(RoutingContext context) {
    long startNanos = System.nanoTime();
    String requestId = RequestId.of(context.request(), ids);
    context.put(RequestId.HEADER, requestId);
    context.response().putHeader(RequestId.HEADER, requestId);
    Trace.take(context);
    ConnectionWatch watch = connections.begin(context.request());
    context.addEndHandler(ended -> {
      connections.end(watch);
      measure(context.response(), startNanos);
      BodyDeadline.linger(context, configuration.http().bodyTimeoutMillis());
    });
    if (parts.drain().hasBegun()) {
      hangUpAfterwards(context);
    }
    String query = context.request().query();
    if (query != null && BAD_ESCAPE.matcher(query).find()) {
      // Whoever decodes it would only throw.
      context.fail(ApiException.of(422, "query.malformed", "a % without two hex digits"));
      return;
    }
    context.next();
  }

  /** A stream's end says when its reader had enough, so it is no measurement. */
  private void measure(HttpServerResponse response, long startNanos) {
    if (response.getStatusCode() >= 500) {
      requestLatency.fail();
    } else if (!response.isChunked()
        || !response.headers().contains(HttpHeaders.CONTENT_TYPE, "text/event-stream", false)) {
      requestLatency.recordSince(startNanos);
    }
  }

  /** Of what was asked before the server drains, and is answered while it does. */
  private void closeBehindLastAnswer(RoutingContext context) {
    context.addHeadersEndHandler(head -> {
      if (parts.drain().hasBegun()) {
        hangUpAfterwards(context);
      }
    });
    context.next();
  }

  /** Has the client make a new connection for what it asks next, to another server. */
  private static void hangUpAfterwards(RoutingContext context) {
    if (context.request().version() != HttpVersion.HTTP_2) {
      context.response().putHeader(HttpHeaders.CONNECTION, HttpHeaders.CLOSE);
    }
  }

  static void fail(RoutingContext context) {
    String requestId = RequestId.of(context);
    Throwable failure = context.failure();
    ApiException problem;
    if (failure == null || failure instanceof HttpException || isRefusedByRouter(context)) {
      problem = ofStatus(context.statusCode());
    } else if (!(failure instanceof ApiException) && BodyDeadline.isArriving(context)) {
      // The caller hung up, or its chunks are none: no fault of ours, and nothing for the log.
      problem = ApiException.of(400, "request.invalid", "the body broke off");
    } else {
      problem = Problem.of(failure, requestId);
    }
    Idempotency.release(context)
        .onComplete(released -> Problem.send(context.response(), problem, requestId));
  }

  /** The router itself refuses what has no host, or none that can be one. */
  private static boolean isRefusedByRouter(RoutingContext context) {
    return context.statusCode() < 500 && !(context.failure() instanceof ApiException);
  }

  private static ApiException ofStatus(int status) {
    return switch (status) {
      // The router could not make out its path.
      case -1 -> ApiException.of(400, "request.invalid", "the path cannot be understood");
      case 404 -> ApiException.of(404, "route.unknown", "there is nothing at this path");
      case 405 -> ApiException.of(405, "method.not-allowed", "this path has no such method");
      case 413 -> ApiException.of(413, "body.too-large", "the body is too large");
      default ->
          status >= 400 && status < 500
              ? ApiException.of(status, "request.invalid", "the request cannot be understood")
              : ApiException.of(500, "internal", "something broke");
    };
  }

  /** Answers what is not HTTP, or too much of it, and closes. */
  private void refuseInvalid(HttpServerRequest request) {
    Throwable cause = request.decoderResult().cause();
    ApiException problem;
    if (cause instanceof TooLongHttpHeaderException) {
      problem =
          ApiException.of(
              431,
              "headers.too-large",
              "the headers exceed " + Listener.MAX_HEADER_BYTES + " bytes");
    } else if (cause instanceof TooLongHttpLineException) {
      problem = ApiException.of(414, "path.too-long", "the request line is too long");
    } else {
      problem = ApiException.of(400, "request.invalid", "the request is not valid HTTP");
    }
    HangUp.announce(request);
    Problem.send(request.response(), problem, ids.next());
    request.connection().close();
  }
}
