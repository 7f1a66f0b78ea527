package dev.gatehouse.http;

import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.JsonObject;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/** The frames that clients are sent, form by form. */
final class SocketFrames {
  /** Longest id of a request. */
  static final int MAX_ID_CHARS = 64;

  /** Of an output frame: stream, kind, three bytes of nothing, offset. */
  static final int OUTPUT_HEADER_BYTES = 16;

  static final byte[] DECIDED_END = {'}'};

  private static final byte[] NOTHING = new byte[3];

  private SocketFrames() {}

  /** The kinds of output, as their frames have them. */
  enum Kind {
    STDOUT(1),
    STDERR(2);

    private final int number;

    Kind(int number) {
      this.number = number;
    }
  }

  /** The beginning of the reply to a decision, whose body and {@link #DECIDED_END} follow. */
  static byte[] decided(String id) {
    return ("{\"id\":\"" + id + "\",\"type\":\"reply\",\"status\":200,\"body\":")
        .getBytes(StandardCharsets.ISO_8859_1);
  }

  /** The answer to a request, with the status and body that it would have over HTTP. */
  static Buffer reply(String id, SocketReply reply) {
    JsonObject frame =
        new JsonObject().put("id", id).put("type", "reply").put("status", reply.reply().status());
    if (reply.stream() != null) {
      frame.put("stream", reply.stream());
    }
    if (reply.replayed()) {
      frame.put("replayed", true);
    }
    return frame.put("body", reply.reply().body()).toBuffer();
  }

  /** The trace that a request says it belongs to; null for none. */
  static @Nullable String trace(JsonBody body) {
    return Trace.checked(body.text("traceparent", Fields.MAX_NAME_BYTES, ""));
  }

  /** A person is asked; the reply follows. */
  static Buffer asked(String id, JsonObject waiting) {
    return new JsonObject()
        .put("id", id)
        .put("type", "asked")
        .put("status", 202)
        .put("body", waiting)
        .toBuffer();
  }

  /** What is wrong with a frame whose id is not known. */
  static Buffer error(ApiException problem) {
    return new JsonObject()
        .put("type", "error")
        .put("status", problem.status())
        .put("body", Problem.body(problem))
        .toBuffer();
  }

  /** An event of a stream, and the place from which to go on after it. */
  static Buffer event(int stream, String place, JsonObject body) {
    return new JsonObject()
        .put("type", "event")
        .put("stream", stream)
        .put("cursor", place)
        .put("body", body)
        .toBuffer();
  }

  /** A stream of events that cannot go on; another one may, from that place. */
  static Buffer broken(int stream, String place, ApiException problem) {
    return new JsonObject()
        .put("type", "end")
        .put("stream", stream)
        .put("cursor", place)
        .put("body", Problem.body(problem))
        .toBuffer();
  }

  /** Before a piece of output. */
  static Buffer outputHeader(int stream, Kind kind, long offset) {
    return Buffer.buffer(OUTPUT_HEADER_BYTES)
        .appendInt(stream)
        .appendByte((byte) kind.number)
        .appendBytes(NOTHING)
        .appendLong(offset);
  }

  /** The id that a client chose, which can be written into JSON as it is. */
  static String id(JsonBody body) {
    String id = body.text("id", MAX_ID_CHARS);
    boolean sane = !id.isEmpty();
    for (int i = 0; i < id.length() && sane; i++) {
      sane = isSane(id.charAt(i));
    }
    if (!sane) {
      throw ApiException.of(
          422,
          "field.malformed",
          "id must be 1 to " + MAX_ID_CHARS + " letters, digits, '-', '_', '.' or ':'");
    }
    return id;
  }

  private static boolean isSane(int c) {
    return (c >= 'a' && c <= 'z')
        || (c >= 'A' && c <= 'Z')
        || (c >= '0' && c <= '9')
        || c == '-'
        || c == '_'
        || c == '.'
        || c == ':';
  }
}
