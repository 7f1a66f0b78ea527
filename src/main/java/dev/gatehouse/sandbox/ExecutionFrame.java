package dev.gatehouse.sandbox;

import io.vertx.core.buffer.Buffer;
import java.nio.charset.StandardCharsets;
import java.util.Map;

/** An execution as the supervisor is asked for it: see Request in inside/execution.py. */
final class ExecutionFrame {
  /** Bytes before the code. */
  private static final int HEADER = 27;

  // Where its input comes from.
  private static final byte GIVEN = 0;
  private static final byte OPEN = 1;
  private static final byte TERMINAL = 2;

  private ExecutionFrame() {}

  /**
   * The payload.
   *
   * @param outputBytes how much of each stream the supervisor forwards
   * @param processes how many processes there may be in the sandbox
   */
  static Buffer of(ExecutionRequest request, int outputBytes, int processes) {
    byte[] code = request.code().getBytes(StandardCharsets.UTF_8);
    byte[] stdin =
        request.input() instanceof StandardInput.Given given
            ? given.text().getBytes(StandardCharsets.UTF_8)
            : new byte[0];
    byte[] env = environment(request.env());
    Buffer head =
        Buffer.buffer(HEADER + code.length + stdin.length + env.length)
            .appendByte(request.language().code())
            .appendByte(request.mode().code())
            .appendInt(outputBytes)
            .appendInt(processes)
            .appendInt(code.length)
            .appendInt(stdin.length)
            .appendInt(env.length);
    Buffer whole =
        switch (request.input()) {
          case StandardInput.Given given -> head.appendByte(GIVEN).appendInt(0);
          case StandardInput.Open open -> head.appendByte(OPEN).appendInt(0);
          case StandardInput.Terminal terminal ->
              head.appendByte(TERMINAL).appendBuffer(of(terminal.size()));
        };
    return whole.appendBytes(code).appendBytes(stdin).appendBytes(env);
  }

  /** The payload that tells a terminal's size. */
  static Buffer of(TerminalSize size) {
    return Buffer.buffer().appendShort((short) size.rows()).appendShort((short) size.columns());
  }

  /** Entries of name and value; the edge refuses a NUL in either. */
  private static byte[] environment(Map<String, String> env) {
    StringBuilder entries = new StringBuilder();
    env.forEach((name, value) -> entries.append(name).append('=').append(value).append('\0'));
    return entries.toString().getBytes(StandardCharsets.UTF_8);
  }
}
