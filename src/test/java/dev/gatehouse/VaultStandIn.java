package dev.gatehouse;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * Stands in for HashiCorp Vault, of which no binary is to be had where these tests run: the answers
 * of its documented HTTP API (KV version 2, AppRole, tokens) to what is asked here, over real
 * sockets. It also does what a real one cannot be made to do at will: be sealed, slow or gone.
 */
final class VaultStandIn implements AutoCloseable {
  static final String ROLE = "role-7";
  static final String SECRET = "secret-id-of-the-role";

  private final Map<String, JsonObject> secrets = new ConcurrentHashMap<>();
  private final Map<String, Boolean> tokens = new ConcurrentHashMap<>();
  private final List<String> asked = new CopyOnWriteArrayList<>();
  private final AtomicInteger issued = new AtomicInteger();
  private final HttpServer server;
  private volatile int leaseSeconds = 3600;
  private volatile boolean sealed;
  private volatile boolean forbidsRenewal;
  private volatile @Nullable CountDownLatch held;

  private VaultStandIn() {
    try {
      server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 128);
    } catch (IOException e) {
      throw new AssertionError(e);
    }
    server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
    server.createContext("/v1/", this::answer);
    server.start();
  }

  static VaultStandIn start() {
    return new VaultStandIn();
  }

  String address() {
    return "http://127.0.0.1:" + server.getAddress().getPort();
  }

  void put(String path, JsonObject fields) {
    secrets.put(path, fields);
  }

  void seal(boolean is) {
    sealed = is;
  }

  void leases(int seconds) {
    leaseSeconds = seconds;
  }

  void forbidRenewal(boolean is) {
    forbidsRenewal = is;
  }

  /** From now on nothing is answered, until what this gives is counted down. */
  CountDownLatch hold() {
    CountDownLatch latch = new CountDownLatch(1);
    held = latch;
    return latch;
  }

  /** A token made outside, as an operator makes one. */
  String issue() {
    String token = "hvs.token-" + issued.incrementAndGet();
    tokens.put(token, true);
    return token;
  }

  /** As when their time is over, or somebody revokes them. */
  void revokeAll() {
    tokens.clear();
  }

  /** How often that was asked for, as METHOD and path. */
  long asked(String call) {
    return asked.stream().filter(call::equals).count();
  }

  private void answer(HttpExchange exchange) throws IOException {
    try (exchange) {
      String path = exchange.getRequestURI().getPath().substring("/v1/".length());
      asked.add(exchange.getRequestMethod() + " " + path);
      byte[] body = exchange.getRequestBody().readAllBytes();
      CountDownLatch latch = held;
      if (latch != null) {
        await(latch);
      }
      String token = exchange.getRequestHeaders().getFirst("X-Vault-Token");
      if (sealed) {
        send(exchange, 503, error("Vault is sealed"));
      } else if (path.equals("auth/approle/login")) {
        logIn(exchange, new JsonObject(new String(body, StandardCharsets.UTF_8)));
      } else if (token == null || !tokens.containsKey(token)) {
        send(exchange, 403, error("permission denied"));
      } else if (path.equals("auth/token/lookup-self")) {
        send(
            exchange,
            200,
            new JsonObject()
                .put("data", new JsonObject().put("ttl", leaseSeconds).put("renewable", true)));
      } else if (path.equals("auth/token/renew-self")) {
        if (forbidsRenewal) {
          send(exchange, 403, error("permission denied"));
        } else {
          send(exchange, 200, auth(token));
        }
      } else {
        read(exchange, path);
      }
    }
  }

  private static void await(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void logIn(HttpExchange exchange, JsonObject body) throws IOException {
    boolean known =
        ROLE.equals(body.getString("role_id")) && SECRET.equals(body.getString("secret_id"));
    if (known) {
      send(exchange, 200, auth(issue()));
    } else {
      send(exchange, 400, error("invalid role or secret ID"));
    }
  }

  private JsonObject auth(String token) {
    return new JsonObject()
        .put(
            "auth",
            new JsonObject()
                .put("client_token", token)
                .put("lease_duration", leaseSeconds)
                .put("renewable", true));
  }

  private void read(HttpExchange exchange, String path) throws IOException {
    if (path.startsWith("secret/data/forbidden")) {
      send(exchange, 403, error("1 error occurred:\n\t* permission denied\n\n"));
      return;
    }
    JsonObject fields = secrets.get(path.replaceFirst("^secret/data/", ""));
    if (fields == null) {
      send(exchange, 404, new JsonObject().put("errors", new JsonArray()));
      return;
    }
    JsonObject metadata = new JsonObject().put("version", 1).put("destroyed", false);
    send(
        exchange,
        200,
        new JsonObject()
            .put("data", new JsonObject().put("data", fields).put("metadata", metadata)));
  }

  private static JsonObject error(String text) {
    return new JsonObject().put("errors", new JsonArray().add(text));
  }

  private static void send(HttpExchange exchange, int status, JsonObject body) throws IOException {
    byte[] bytes = body.encode().getBytes(StandardCharsets.UTF_8);
    exchange.getResponseHeaders().set("Content-Type", "application/json");
    exchange.sendResponseHeaders(status, bytes.length);
    exchange.getResponseBody().write(bytes);
  }

  @Override
  public void close() {
    CountDownLatch latch = held;
    if (latch != null) {
      latch.countDown();
    }
    server.stop(0);
  }
}
