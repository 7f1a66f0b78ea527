package dev.gatehouse.audit;

import dev.gatehouse.audit.proof.Checkpoint;
import dev.gatehouse.audit.proof.CheckpointKey;
import dev.gatehouse.config.AuditSettings;
import dev.gatehouse.store.Database;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClientAgent;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.RequestOptions;
import io.vertx.sqlclient.Tuple;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Signs the chain now and then, off the writer's loop, and takes the checkpoints to the database, a
 * file and a URL. One that does not arrive is not sent again: the next one covers what it covered.
 *
 * <p>Called on the writer's loop.
 */
final class Checkpoints {
  private static final Logger LOGGER = LoggerFactory.getLogger(Checkpoints.class);
  private static final long POST_TIMEOUT_MILLIS = 10_000;

  private final Vertx vertx;
  private final Database database;
  private final AuditSettings.Checkpoints settings;
  private final CheckpointKey key;
  private final HttpClientAgent http;
  private long lastSize;

  /** When the oldest row was added that no checkpoint covers. */
  private long freshNanos;

  Checkpoints(
      Vertx vertx, Database database, AuditSettings.Checkpoints settings, CheckpointKey key) {
    this.vertx = vertx;
    this.database = database;
    this.settings = settings;
    this.key = key;
    this.http = vertx.createHttpClient();
  }

  /** Tells that rows are about to be added. */
  void growing(Chain chain) {
    if (chain.sequence() == lastSize) {
      freshNanos = System.nanoTime();
    }
  }

  /**
   * Whether there are enough rows that no checkpoint covers, or some for long enough. One may be
   * made only of rows that are committed.
   */
  boolean isDue(Chain chain) {
    long fresh = chain.sequence() - lastSize;
    return fresh >= settings.events()
        || (fresh > 0 && System.nanoTime() - freshNanos >= settings.seconds() * 1_000_000_000L);
  }

  /** Makes one of the rows that have none, and closes. */
  Future<Void> makeLast(Chain chain) {
    Future<Void> last =
        chain.sequence() == lastSize ? Future.succeededFuture() : make(chain.head());
    return last.eventually(http::close);
  }

  /** Makes one of a head whose rows are all committed. Never fails: problems are logged. */
  Future<Void> make(Chain.Head head) {
    if (head.size() == lastSize) {
      return Future.succeededFuture();
    }
    lastSize = head.size();
    freshNanos = System.nanoTime();
    return vertx
        .executeBlocking(() ->
            key.sign(
                head.chain(),
                head.size(),
                head.hash(),
                head.root(),
                head.frontier(),
                Instant.now()))
        .compose(this::store)
        .otherwise(failure -> {
          LOGGER.warn(
              "a checkpoint is not everywhere chain={} size={}: {}",
              head.chain(),
              head.size(),
              failure.getMessage());
          return null;
        });
  }

  private Future<Void> store(Checkpoint checkpoint) {
    List<Future<Void>> stores = new ArrayList<>();
    stores.add(insert(checkpoint));
    // Their JSON is made off the loop, too: the first loads classes for 200 ms.
    Path file = settings.file();
    if (file != null) {
      stores.add(vertx.executeBlocking(() -> append(file, LogLine.of(checkpoint))));
    }
    String url = settings.url();
    if (url != null) {
      stores.add(
          vertx.executeBlocking(() -> LogLine.of(checkpoint)).compose(line -> post(url, line)));
    }
    return Future.join(stores).mapEmpty();
  }

  private Future<Void> insert(Checkpoint checkpoint) {
    return database
        .pool()
        .preparedQuery(
            "insert into audit_checkpoint (chain, size, hash, root, frontier, made_at, key,"
                + " signature) values ($1, $2, $3, $4, $5, $6, $7, $8) on conflict do nothing")
        .execute(
            Tuple.tuple(
                new ArrayList<>(
                    List.of(
                        checkpoint.chain(),
                        checkpoint.size(),
                        Buffer.buffer(checkpoint.hash()),
                        Buffer.buffer(checkpoint.root()),
                        Buffer.buffer(checkpoint.frontier()),
                        AuditRows.time(checkpoint.madeAt()),
                        checkpoint.key(),
                        Buffer.buffer(checkpoint.signature())))))
        .mapEmpty();
  }

  private static Void append(Path file, String line) throws IOException {
    try (FileChannel channel =
        FileChannel.open(
            file, StandardOpenOption.CREATE, StandardOpenOption.WRITE, StandardOpenOption.APPEND)) {
      ByteBuffer bytes = ByteBuffer.wrap((line + "\n").getBytes(StandardCharsets.UTF_8));
      while (bytes.hasRemaining()) {
        channel.write(bytes);
      }
      channel.force(true);
    }
    return null;
  }

  private Future<Void> post(String url, String line) {
    return http.request(
            new RequestOptions()
                .setMethod(HttpMethod.POST)
                .setAbsoluteURI(url)
                .setTimeout(POST_TIMEOUT_MILLIS)
                .putHeader("Content-Type", "application/json"))
        .compose(request -> request.send(line))
        .compose(response ->
            response.statusCode() < 300
                ? Future.succeededFuture()
                : Future.failedFuture(url + " answered " + response.statusCode()));
  }
}
