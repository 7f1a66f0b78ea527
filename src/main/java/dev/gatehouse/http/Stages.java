package dev.gatehouse.http;

import dev.gatehouse.gate.Passage.Timings;
import dev.gatehouse.latency.LatencyRecorder;
import dev.gatehouse.latency.LatencyRegistry;
import dev.gatehouse.latency.Metric;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.ext.web.RoutingContext;

/**
 * What the edge itself takes of a request, and what callers are told of all stages: the header
 * {@code Server-Timing}, in milliseconds. Confined to one event loop.
 */
final class Stages {
  private static final CharSequence HEADER = HttpHeaders.createOptimized("Server-Timing");
  private static final long NANOS_A_MICRO = 1_000;
  private static final int MICROS_A_MILLI = 1_000;

  private final LatencyRecorder parse;
  private final LatencyRecorder reply;

  Stages(LatencyRegistry latency) {
    this.parse = latency.recorder(Metric.HTTP_PARSE);
    this.reply = latency.recorder(Metric.HTTP_REPLY);
  }

  /** What a request asks for is understood; its body was there at {@code bodyNanos}. */
  void parsed(long bodyNanos) {
    parse.recordSince(bodyNanos);
  }

  /** A reply was handed to the socket; what it says was known at {@code knownNanos}. */
  void replied(long knownNanos) {
    reply.recordSince(knownNanos);
  }

  /** What is answered is known now: {@link #replied} once it was handed to the socket. */
  void replies(RoutingContext context) {
    long knownNanos = System.nanoTime();
    context.addEndHandler(ended -> replied(knownNanos));
  }

  /** Tells what a decision took, and its record. Hot path. */
  static void tell(HttpServerResponse response, long decideNanos, long recordNanos) {
    StringBuilder text = new StringBuilder(40);
    append(text, "decide", decideNanos);
    append(text, "record", recordNanos);
    response.putHeader(HEADER, text);
  }

  /** Tells what an execution's stages took, unless the head of its reply is gone already. */
  static void tell(HttpServerResponse response, Timings timings) {
    if (response.headWritten()) {
      return;
    }
    StringBuilder text = new StringBuilder(128);
    append(text, "decide", timings.decide());
    append(text, "acquire", timings.acquire());
    append(text, "run", timings.run());
    append(text, "record", timings.record());
    append(text, "total", timings.total());
    response.putHeader(HEADER, text);
  }

  private static void append(StringBuilder text, String stage, long nanos) {
    if (!text.isEmpty()) {
      text.append(", ");
    }
    long micros = nanos / NANOS_A_MICRO;
    long rest = micros % MICROS_A_MILLI;
    text.append(stage).append(";dur=").append(micros / MICROS_A_MILLI).append('.');
    text.append(rest < 100 ? "0" : "").append(rest < 10 ? "0" : "").append(rest);
  }
}
