package dev.gatehouse.sandbox;

import io.vertx.core.buffer.Buffer;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Objects;

/**
 * What runs inside a sandbox before anybody's code does: files that the image does not have, sent
 * over its standard input. Python modules in the order in which they need each other, the last of
 * them the supervisor itself, after the texts of the resident interpreters and of what it reads
 * only when it is ready.
 */
final class SupervisorText {
  /**
   * The container's command: reads the files, puts those that are no module into {@code
   * texts.TEXTS}, and runs the modules one after the other.
   */
  static final String BOOTSTRAP =
      """
      import os, sys, types
      def take(n):
          b = b''
          while len(b) < n:
              c = os.read(0, n - len(b))
              if not c:
                  raise SystemExit(0)
              b += c
          return b
      def text():
          return take(int.from_bytes(take(4), 'big')).decode()
      def module(name):
          m = types.ModuleType(name)
          sys.modules[name] = m
          return m.__dict__
      module('texts')['TEXTS'] = {text(): text() for _ in range(take(1)[0])}
      for _ in range(take(1)[0]):
          name = text()
          exec(compile(text(), name, 'exec'), module(name[:-3]))
      """;

  private static final List<String> TEXTS =
      List.of(
          "display.py",
          "context.py",
          "context.sh",
          "context.js",
          "terminal.py",
          "paths.py",
          "search.py",
          "watch.py",
          "files.py");
  private static final List<String> MODULES =
      List.of(
          "wire.py",
          "processes.py",
          "inputs.py",
          "execution.py",
          "interpreter.py",
          "supervisor.py");

  /** The bytes that the bootstrap reads. */
  static final Buffer BYTES = bundle();

  private SupervisorText() {}

  private static Buffer bundle() {
    Buffer bytes = Buffer.buffer();
    for (List<String> files : List.of(TEXTS, MODULES)) {
      bytes.appendByte((byte) files.size());
      for (String file : files) {
        append(bytes, file.getBytes(StandardCharsets.UTF_8));
        append(bytes, read(file));
      }
    }
    return bytes;
  }

  private static void append(Buffer bytes, byte[] text) {
    bytes.appendInt(text.length).appendBytes(text);
  }

  private static byte[] read(String file) {
    try (InputStream stream = SupervisorText.class.getResourceAsStream("inside/" + file)) {
      return Objects.requireNonNull(stream, file).readAllBytes();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
