package dev.gatehouse.store;

import io.vertx.pgclient.PgConnectOptions;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.Closeable;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A real PostgreSQL below the data directory, durable, reachable from this machine with a password
 * only this directory's owner can read.
 *
 * <p>A server left over by a killed Gatehouse is stopped before a new one starts; a server that
 * dies is started again on the same port. All methods block: call them off the event loops.
 */
public final class EmbeddedDatabase implements Closeable {
  private static final Logger LOGGER = LoggerFactory.getLogger(EmbeddedDatabase.class);
  private static final Duration START_LIMIT = Duration.ofSeconds(60);
  private static final Duration STOP_LIMIT = Duration.ofSeconds(20);
  private static final String USER = "postgres";
  private static final long FIRST_PAUSE_MILLIS = 500;
  private static final long LAST_PAUSE_MILLIS = 30_000;
  private static final Pattern PROGRAM = Pattern.compile(".*/(postgres|initdb|pg_ctl)");

  private final Path directory;
  private final String password;
  private EmbeddedPostgres server;
  private boolean closed;

  private EmbeddedDatabase(Path directory, String password, EmbeddedPostgres server) {
    this.directory = directory;
    this.password = password;
    this.server = server;
  }

  /**
   * Starts the server, making its files first where there are none.
   *
   * @param data Gatehouse's data directory
   * @throws IOException if another Gatehouse holds the directory, or PostgreSQL does not start
   */
  public static EmbeddedDatabase start(Path data) throws IOException {
    Path directory = data.resolve("postgres");
    Files.createDirectories(
        directory,
        PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
    stopLeftOver(directory);
    Path passwordFile = directory.resolve("password");
    Path halfMade = directory.resolve("half-made");
    if (Files.exists(halfMade)) {
      // The first start was killed: nothing was ever recorded here.
      deleteTree(directory.resolve("cluster"));
    }
    if (Files.notExists(directory.resolve("cluster"))) {
      Files.writeString(halfMade, "");
      Files.deleteIfExists(passwordFile);
      Files.createFile(
          passwordFile,
          PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
      Files.writeString(passwordFile, newPassword(), StandardOpenOption.WRITE);
    }
    String password = Files.readString(passwordFile, StandardCharsets.US_ASCII);
    EmbeddedDatabase database =
        new EmbeddedDatabase(directory, password, launch(directory, password, 0));
    Files.deleteIfExists(halfMade);
    database.watch();
    return database;
  }

  /** How to connect to the server that another process runs in this data directory, if one does. */
  public static Optional<PgConnectOptions> running(Path data) throws IOException {
    Path directory = data.resolve("postgres");
    if (postmaster(directory).isEmpty()) {
      return Optional.empty();
    }
    int port =
        Integer.parseInt(
            Files.readAllLines(directory.resolve("cluster/postmaster.pid")).get(3).strip());
    return Optional.of(options(port, Files.readString(directory.resolve("password"))));
  }

  /** How to connect. */
  public PgConnectOptions connectOptions() {
    return options(server.getPort(), password);
  }

  private static PgConnectOptions options(int port, String password) {
    return new PgConnectOptions()
        .setHost("127.0.0.1")
        .setPort(port)
        .setDatabase("postgres")
        .setUser(USER)
        .setPassword(password);
  }

  /** The postmaster's process id. */
  public long pid() {
    return postmaster(directory).map(ProcessHandle::pid).orElse(-1L);
  }

  /** Stops the server; what is committed is safe either way. */
  @Override
  public synchronized void close() throws IOException {
    closed = true;
    notifyAll();
    server.close();
  }

  private static EmbeddedPostgres launch(Path directory, String password, int port)
      throws IOException {
    // The library keeps this lock after a start that failed; the data directory has its own.
    Files.deleteIfExists(directory.resolve("cluster/epg-lock"));
    return EmbeddedPostgres.builder()
        .setOverrideWorkingDirectory(directory.resolve("binaries").toFile())
        .setDataDirectory(directory.resolve("cluster"))
        .setCleanDataDirectory(false)
        .setRegisterShutdownHook(false)
        .setPort(port)
        .setPGStartupWait(START_LIMIT)
        // Passed to initdb: no one logs in without the password.
        .setLocaleConfig("auth-host", "scram-sha-256")
        .setLocaleConfig("auth-local", "reject")
        .setLocaleConfig("pwfile", directory.resolve("password").toString())
        .setLocaleConfig("locale", "C")
        .setConnectConfig("password", password)
        // The library starts test servers: it switches durability off unless told otherwise.
        .setServerConfig("fsync", "on")
        .setServerConfig("synchronous_commit", "on")
        .setServerConfig("full_page_writes", "on")
        // As large as a small machine bears; less, and a busy log writes its pages more than once.
        .setServerConfig("shared_buffers", "256MB")
        .setServerConfig("wal_buffers", "16MB")
        // Pages are written whole after each checkpoint: fewer of them, and a longer recovery.
        .setServerConfig("max_wal_size", "2GB")
        // Filled segments are used again: a commit that makes one writes zeros for 20 to 30 ms.
        .setServerConfig("min_wal_size", "1GB")
        .setServerConfig("listen_addresses", "127.0.0.1")
        .setServerConfig("unix_socket_directories", "")
        .setServerConfig("max_connections", "300")
        .start();
  }

  /** Starts the server again when it dies. */
  @SuppressWarnings("FutureReturnValueIgnored")
  private void watch() {
    // Not on the thread that reaps processes: its stack is small and others need it.
    postmaster(directory)
        .ifPresent(handle ->
            handle
                .onExit()
                .thenAcceptAsync(
                    this::restart,
                    task -> Thread.ofPlatform().daemon().name("gatehouse-postgres").start(task)));
  }

  private synchronized void restart(ProcessHandle dead) {
    if (closed) {
      return;
    }
    LOGGER.error("embedded PostgreSQL died, starting it again pid={}", dead.pid());
    int port = server.getPort();
    long pauseMillis = FIRST_PAUSE_MILLIS;
    while (!closed) {
      try {
        server.close();
        stopLeftOver(directory);
        server = launch(directory, password, port);
        LOGGER.info("embedded PostgreSQL is back port={}", port);
        watch();
        return;
      } catch (IOException | RuntimeException e) {
        LOGGER.error("embedded PostgreSQL does not come back yet", e);
      }
      try {
        wait(pauseMillis);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        return;
      }
      pauseMillis = Math.min(2 * pauseMillis, LAST_PAUSE_MILLIS);
    }
  }

  /**
   * Ends whatever still works on this cluster. Backends outlive a postmaster that was killed; a new
   * one beside them would ruin the files, and only then may the pid file go.
   */
  private static void stopLeftOver(Path directory) throws IOException {
    var leftOver = postmaster(directory);
    if (leftOver.isPresent()) {
      ProcessHandle handle = leftOver.get();
      LOGGER.warn("stopping the embedded PostgreSQL of an earlier run pid={}", handle.pid());
      handle.destroy();
      awaitExit(handle);
    }
    for (ProcessHandle worker : workers(directory)) {
      worker.destroyForcibly();
      awaitExit(worker);
    }
    Files.deleteIfExists(directory.resolve("cluster/postmaster.pid"));
  }

  private static void awaitExit(ProcessHandle handle) throws IOException {
    try {
      handle.onExit().get(STOP_LIMIT.toMillis(), TimeUnit.MILLISECONDS);
    } catch (TimeoutException e) {
      handle.destroyForcibly();
      handle.onExit().join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted while stopping PostgreSQL", e);
    } catch (ExecutionException e) {
      throw new IOException("cannot await PostgreSQL's end pid=" + handle.pid(), e);
    }
  }

  /** PostgreSQL's processes that work in, or were told of, this cluster's directory. */
  private static List<ProcessHandle> workers(Path directory) {
    String cluster = directory.resolve("cluster").toAbsolutePath().toString();
    return ProcessHandle.allProcesses()
        .filter(handle ->
            handle.info().command().filter(path -> PROGRAM.matcher(path).matches()).isPresent())
        .filter(handle ->
            cluster.equals(workingDirectory(handle))
                || handle.info().commandLine().orElse("").contains(cluster))
        .toList();
  }

  /** Known on Linux only. */
  private static String workingDirectory(ProcessHandle handle) {
    try {
      return Files.readSymbolicLink(Path.of("/proc", Long.toString(handle.pid()), "cwd"))
          .toString();
    } catch (IOException e) {
      return "";
    }
  }

  private static void deleteTree(Path root) throws IOException {
    if (Files.notExists(root)) {
      return;
    }
    try (Stream<Path> files = Files.walk(root)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(file);
      }
    }
  }

  /** The running postmaster of this cluster, as its pid file and the process table agree. */
  private static Optional<ProcessHandle> postmaster(Path directory) {
    try {
      List<String> lines = Files.readAllLines(directory.resolve("cluster/postmaster.pid"));
      return ProcessHandle.of(Long.parseLong(lines.get(0).strip()))
          .filter(ProcessHandle::isAlive)
          .filter(handle -> handle.info().command().orElse("").endsWith("postgres"));
    } catch (IOException | NumberFormatException | IndexOutOfBoundsException e) {
      return Optional.empty();
    }
  }

  private static String newPassword() {
    byte[] bytes = new byte[24];
    new SecureRandom().nextBytes(bytes);
    return HexFormat.of().formatHex(bytes);
  }
}
