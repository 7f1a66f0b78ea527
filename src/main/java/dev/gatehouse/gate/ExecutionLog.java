package dev.gatehouse.gate;

import dev.gatehouse.sandbox.ExecutionFollower.Stream;
import io.vertx.core.buffer.Buffer;
import java.util.ArrayList;
import java.util.List;

/**
 * What a background execution said so far, and who waits for more. Bounded by the output's cap. May
 * be used from any thread.
 */
final class ExecutionLog {
  private final Buffer stdout = Buffer.buffer();
  private final Buffer stderr = Buffer.buffer();
  private final List<Runnable> watchers = new ArrayList<>();

  void append(Stream stream, Buffer bytes) {
    synchronized (this) {
      of(stream).appendBuffer(bytes);
    }
    changed();
  }

  /** Tells everybody who watches that there is news. */
  void changed() {
    List<Runnable> told;
    synchronized (this) {
      told = List.copyOf(watchers);
    }
    told.forEach(Runnable::run);
  }

  /** Has a watcher told of each change, on the thread that made it; false if there are too many. */
  synchronized boolean watch(Runnable watcher, int most) {
    return watchers.size() < most && watchers.add(watcher);
  }

  synchronized void unwatch(Runnable watcher) {
    watchers.remove(watcher);
  }

  /** At most so many bytes from a place on; a place beyond the end has none. */
  synchronized Buffer from(Stream stream, int start, int most) {
    Buffer all = of(stream);
    int begin = Math.clamp(start, 0, all.length());
    return all.getBuffer(begin, Math.min(all.length(), begin + Math.min(most, all.length())));
  }

  synchronized int length() {
    return stdout.length() + stderr.length();
  }

  private Buffer of(Stream stream) {
    return switch (stream) {
      case STDOUT -> stdout;
      case STDERR -> stderr;
    };
  }
}
