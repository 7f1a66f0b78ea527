package dev.gatehouse.audit;

import dev.gatehouse.config.Configuration;
import dev.gatehouse.latency.LatencyRegistry;
import dev.gatehouse.store.Database;
import dev.gatehouse.store.EmbeddedDatabase;
import io.vertx.core.Vertx;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * A server reduced to its log, to be killed: writes to the PostgreSQL that its parent runs in a
 * data directory, and prints each action after it was acknowledged. A line of input stops it.
 */
final class WriterProcess {
  private static final int WRITERS = 16;
  private static final long RETRY_MILLIS = 20;

  private final Vertx vertx;
  private final AuditLog log;
  private final String prefix;
  private final AtomicInteger next = new AtomicInteger();
  private final AtomicBoolean enough = new AtomicBoolean();
  private final CountDownLatch writing = new CountDownLatch(WRITERS);

  private WriterProcess(Vertx vertx, AuditLog log, String prefix) {
    this.vertx = vertx;
    this.log = log;
    this.prefix = prefix;
  }

  /** The data directory, and what the actions' names begin with. */
  public static void main(String[] args) throws Exception {
    Path data = Path.of(args[0]);
    Vertx vertx = Vertx.vertx();
    Database database =
        RunningLog.await(Database.open(vertx, EmbeddedDatabase.running(data).orElseThrow(), 2));
    Configuration configuration =
        Configuration.load(
            Path.of("conf/gatehouse.yaml"), Map.of("GATEHOUSE_DATA", data.toString()));
    AuditLog log =
        RunningLog.await(
            AuditLog.start(
                vertx, database, configuration.audit(), "killed", data, new LatencyRegistry()));
    WriterProcess process = new WriterProcess(vertx, log, args[1]);
    for (int i = 0; i < WRITERS; i++) {
      process.write();
    }
    if (System.in.read() >= 0) {
      process.enough.set(true);
      process.writing.await();
      RunningLog.await(log.close());
    }
    System.exit(0);
  }

  private void write() {
    if (enough.get()) {
      writing.countDown();
      return;
    }
    String action = prefix + next.incrementAndGet();
    log.before(List.of(Events.decision(action, "{}")))
        .onComplete(
            committed -> {
              System.out.println(action);
              write();
            },
            refused -> vertx.setTimer(RETRY_MILLIS, id -> write()));
  }
}
