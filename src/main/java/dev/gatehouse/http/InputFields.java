package dev.gatehouse.http;

import dev.gatehouse.config.LimitSettings;
import dev.gatehouse.sandbox.ExecutionRequest.Mode;
import dev.gatehouse.sandbox.ProcessSignal;
import dev.gatehouse.sandbox.StandardInput;
import dev.gatehouse.sandbox.Steering;
import dev.gatehouse.sandbox.TerminalSize;
import io.vertx.core.buffer.Buffer;
import java.util.Arrays;
import java.util.Base64;

/** Fields about what a program reads, and about what it is sent while it runs. */
final class InputFields {
  private InputFields() {}

  /** Where the input of an execution comes from. */
  static StandardInput input(JsonBody body, LimitSettings limits, Mode mode) {
    String stdin = body.text("stdin", limits.stdinBytes(), "");
    boolean interactive = body.flag("interactive");
    JsonBody pty = body.inner("pty");
    if (!interactive && pty == null) {
      return new StandardInput.Given(stdin);
    }
    if (!stdin.isEmpty()) {
      throw ApiException.of(
          422, "field.conflict", "with interactive or pty, input is sent while it runs, not stdin");
    }
    if (pty == null) {
      return new StandardInput.Open();
    }
    if (mode == Mode.CONTEXT) {
      throw ApiException.of(422, "mode.pty", "a context has no terminal: use mode process");
    }
    TerminalSize size = size(pty);
    pty.refuseUnread();
    return new StandardInput.Terminal(size);
  }

  /** Input, as text or bytes, or its end, or both. */
  static Steering.Input sent(JsonBody body) {
    String text = body.text("text", Steering.WINDOW_BYTES, "");
    String base64 = body.text("base64", 2 * Steering.WINDOW_BYTES, "");
    boolean end = body.flag("end");
    if (!text.isEmpty() && !base64.isEmpty()) {
      throw ApiException.of(422, "field.conflict", "there is text or base64, not both");
    }
    Buffer bytes = base64.isEmpty() ? Buffer.buffer(text) : Buffer.buffer(decoded(base64));
    if (bytes.length() > Steering.WINDOW_BYTES) {
      throw ApiException.of(
          413, "field.too-long", "base64 has more than " + Steering.WINDOW_BYTES + " bytes");
    }
    if (bytes.length() == 0 && !end) {
      throw ApiException.of(422, "field.missing", "expected text, base64 or end");
    }
    return new Steering.Input(bytes, end);
  }

  private static byte[] decoded(String base64) {
    try {
      return Base64.getDecoder().decode(base64);
    } catch (IllegalArgumentException e) {
      throw ApiException.of(422, "field.malformed", "base64 is not base64");
    }
  }

  static Steering.Signal signal(JsonBody body) {
    String name = body.text("signal", Fields.MAX_NAME_BYTES);
    return new Steering.Signal(
        ProcessSignal.of(name)
            .orElseThrow(() ->
                ApiException.of(
                    422,
                    "signal.unknown",
                    "signal must be one of " + Arrays.toString(ProcessSignal.values()))));
  }

  static TerminalSize size(JsonBody body) {
    return new TerminalSize(length(body, "rows"), length(body, "cols"));
  }

  private static int length(JsonBody body, String field) {
    long length = body.wholeNumber(field, 1, TerminalSize.MAX, 0);
    if (length == 0) {
      throw ApiException.of(422, "field.missing", field + " is missing, expected a whole number");
    }
    return (int) length;
  }
}
