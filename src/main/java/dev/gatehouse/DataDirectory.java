package dev.gatehouse;

import dev.gatehouse.action.Ids;
import java.io.Closeable;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;

/**
 * The data directory in the hands of one server: a second one would stop the first one's PostgreSQL
 * and remove its sandboxes as left over. The lock ends with the process, however it ends. Blocks:
 * used off the event loops.
 */
final class DataDirectory implements Closeable {
  private final FileChannel lock;
  private final String node;

  private DataDirectory(FileChannel lock, String node) {
    this.lock = lock;
    this.node = node;
  }

  /**
   * Takes the directory, and makes it first where there is none, for its owner alone.
   *
   * @throws IllegalStateException if another server holds it
   */
  static DataDirectory open(Path data) throws IOException {
    Files.createDirectories(
        data, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
    FileChannel lock =
        FileChannel.open(data.resolve("lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
    try {
      if (lock.tryLock() == null) {
        throw new OverlappingFileLockException();
      }
      return new DataDirectory(lock, node(data.resolve("node")));
    } catch (OverlappingFileLockException e) {
      lock.close();
      throw new IllegalStateException("another Gatehouse works on " + data, e);
    } catch (IOException e) {
      lock.close();
      throw e;
    }
  }

  /** What names this server in labels and in the log; the same after every restart. */
  String node() {
    return node;
  }

  private static String node(Path file) throws IOException {
    String known = Files.exists(file) ? Files.readString(file).strip() : "";
    if (!known.isEmpty()) {
      return known;
    }
    String made = new Ids().next();
    // Written beside and moved, so that a crash leaves no half a name.
    Path draft = file.resolveSibling(".node");
    Files.writeString(
        draft,
        made,
        StandardOpenOption.CREATE,
        StandardOpenOption.TRUNCATE_EXISTING,
        StandardOpenOption.WRITE,
        StandardOpenOption.DSYNC);
    Files.move(draft, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    return made;
  }

  @Override
  public void close() throws IOException {
    lock.close();
  }
}
