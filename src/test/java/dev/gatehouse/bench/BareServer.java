package dev.gatehouse.bench;

import io.vertx.core.AbstractVerticle;
import io.vertx.core.DeploymentOptions;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.buffer.Buffer;
import java.io.IOException;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * What Vert.x can at most: a handler that reads the same body and answers the same bytes, and knows
 * nothing else.
 */
public final class BareServer implements AutoCloseable {
  private static final String BODY =
      "{\"tool\":\"bash\",\"arguments\":{\"command\":\"ls -la /var/log && wc -l"
          + " /var/log/syslog\"},\"session\":\"s1\"}";

  private final Vertx vertx;
  private final int port;

  private BareServer(Vertx vertx, int port) {
    this.vertx = vertx;
    this.port = port;
  }

  /** One on so many event loops, that answers as the server at this port does to a decision. */
  static BareServer like(int port, String key, int eventLoops) throws Exception {
    HttpResponse<String> answer = answer(port, key);
    Buffer bytes = Buffer.buffer(answer.body());
    Map<String, String> headers = new HashMap<>();
    answer
        .headers()
        .map()
        .forEach((name, values) -> {
          if (!name.equalsIgnoreCase("content-length")) {
            headers.put(name, values.getFirst());
          }
        });
    int free;
    try (ServerSocket socket = new ServerSocket(0)) {
      free = socket.getLocalPort();
    }
    Vertx vertx = Vertx.builder().with(new VertxOptions().setPreferNativeTransport(true)).build();
    vertx
        .deployVerticle(
            () -> new Bare(free, headers, bytes), new DeploymentOptions().setInstances(eventLoops))
        .await(10, TimeUnit.SECONDS);
    return new BareServer(vertx, free);
  }

  private static HttpResponse<String> answer(int port, String key)
      throws IOException, InterruptedException {
    try (HttpClient client = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build()) {
      HttpResponse<String> answer =
          client.send(
              HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + "/v1/decisions"))
                  .header("Authorization", "Bearer " + key)
                  .header("Content-Type", "application/json")
                  .POST(HttpRequest.BodyPublishers.ofString(BODY))
                  .build(),
              HttpResponse.BodyHandlers.ofString());
      // A question to a person would be recorded whatever the setting.
      if (answer.statusCode() != 200 || answer.body().contains("\"outcome\":\"ASK\"")) {
        throw new IOException(answer.body());
      }
      return answer;
    }
  }

  private static final class Bare extends AbstractVerticle {
    private final int port;
    private final Map<String, String> headers;
    private final Buffer bytes;

    Bare(int port, Map<String, String> headers, Buffer bytes) {
      this.port = port;
      this.headers = headers;
      this.bytes = bytes;
    }

    @Override
    public void start() {
      vertx
          .createHttpServer()
          .requestHandler(request ->
              request
                  .body()
                  .onSuccess(body -> {
                    headers.forEach(request.response()::putHeader);
                    request.response().end(bytes);
                  }))
          .listen(port, "127.0.0.1");
    }
  }

  int port() {
    return port;
  }

  @Override
  public void close() throws TimeoutException {
    vertx.close().await(10, TimeUnit.SECONDS);
  }
}
