package dev.gatehouse.gate.jwt;

import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.SignedJWT;
import dev.gatehouse.config.IssuerSettings;
import dev.gatehouse.gate.jwt.TokenException.Why;
import dev.gatehouse.gate.remote.RemoteService;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.WorkerExecutor;
import io.vertx.core.buffer.Buffer;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.text.ParseException;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Tells who presents a signed token. Signatures are checked on threads of their own, so that who
 * sends bad ones takes no event loop. May be used from any event loop; futures complete on the loop
 * that asked.
 */
public final class Tokens {
  /** Longest token. */
  public static final int MAX_CHARS = 4_096;

  /** Tokens whose signatures wait for their check; more are refused. */
  private static final int MAX_UNDER_WAY = 2_048;

  private static final int THREADS = 2;
  private static final int CONNECTIONS = 2;
  private static final long TIMEOUT_MILLIS = 5_000;
  private static final int MAX_SET_BYTES = 256 << 10;

  private final WorkerExecutor workers;
  private final RemoteService remote;
  private final Map<String, Issuer> issuers = new HashMap<>();
  private final AtomicInteger underWay = new AtomicInteger();

  private Tokens(Vertx vertx) {
    this.workers = vertx.createSharedWorkerExecutor("gatehouse-tokens", THREADS);
    this.remote = new RemoteService(vertx, CONNECTIONS, TIMEOUT_MILLIS, MAX_SET_BYTES);
  }

  /** Begins to read the issuers' keys; does not wait for them. */
  public static Tokens start(Vertx vertx, List<IssuerSettings> settings, InstantSource clock) {
    Tokens tokens = new Tokens(vertx);
    for (IssuerSettings one : settings) {
      KeyCache keys =
          new KeyCache(
              vertx,
              one.issuer(),
              () -> tokens.read(vertx, one),
              one.refreshSeconds() * 1000L,
              one.staleSeconds() * 1000L,
              System::nanoTime);
      tokens.issuers.put(one.issuer(), new Issuer(one, keys, clock));
      keys.start();
    }
    return tokens;
  }

  private Future<IssuerKeys> read(Vertx vertx, IssuerSettings of) {
    Future<Buffer> text =
        of.address()
            .map(this::fetch)
            .orElseGet(() -> vertx.fileSystem().readFile(of.jwks()).map(Tokens::bounded));
    return text.compose(bytes ->
        workers.executeBlocking(
            () -> IssuerKeys.parse(bytes.toString(StandardCharsets.UTF_8), Issuer.algorithms(of)),
            false));
  }

  private Future<Buffer> fetch(URI address) {
    return remote
        .get(address, Map.of("Accept", "application/jwk-set+json, application/json"))
        .map(reply -> {
          if (reply.status() != 200) {
            throw new IllegalStateException("the answer's status is " + reply.status());
          }
          return reply.body();
        });
  }

  private static Buffer bounded(Buffer file) {
    if (file.length() > MAX_SET_BYTES) {
      throw new IllegalStateException("the file is longer than " + MAX_SET_BYTES + " bytes");
    }
    return file;
  }

  /** Whether what was presented is such a token, and no key, if any issuer's are taken at all. */
  public boolean mayBe(String presented) {
    int first = presented.indexOf('.');
    int second = presented.indexOf('.', first + 1);
    return !issuers.isEmpty()
        && first > 0
        && second > first
        && presented.indexOf('.', second + 1) < 0;
  }

  /** Who presents it; fails with {@link TokenException}. */
  public Future<Claimed> check(String presented) {
    try {
      SignedJWT token = parse(presented);
      Issuer issuer = issuer(token);
      String keyId = issuer.keyId(token.getHeader());
      return issuer.keys().find(keyId).compose(key -> check(issuer, token, key));
    } catch (TokenException e) {
      return Future.failedFuture(e);
    }
  }

  private static SignedJWT parse(String presented) {
    if (presented.length() > MAX_CHARS) {
      throw new TokenException(
          Why.MALFORMED, "the token is longer than " + MAX_CHARS + " characters");
    }
    try {
      return SignedJWT.parse(presented);
    } catch (ParseException | RuntimeException e) {
      throw new TokenException(Why.MALFORMED, "what came is no signed token");
    }
  }

  private Issuer issuer(SignedJWT token) {
    JWTClaimsSet claims = Issuer.claims(token);
    Issuer issuer = issuers.get(claims.getIssuer());
    if (issuer == null) {
      throw new TokenException(Why.ISSUER, "the token's iss is none whose tokens are taken");
    }
    return issuer;
  }

  private Future<Claimed> check(Issuer issuer, SignedJWT token, SigningKey key) {
    if (underWay.incrementAndGet() > MAX_UNDER_WAY) {
      underWay.decrementAndGet();
      return Future.failedFuture(
          new TokenException(Why.BUSY, "too many tokens are being checked already"));
    }
    return workers
        .executeBlocking(() -> issuer.check(token, key), false)
        .onComplete(done -> underWay.decrementAndGet());
  }

  /** Reads no more keys, and ends its connections. */
  public Future<Void> close() {
    issuers.values().forEach(issuer -> issuer.keys().close());
    return remote.close().eventually(workers::close);
  }
}
