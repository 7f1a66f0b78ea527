package dev.gatehouse.http;

import dev.gatehouse.config.WebSocketSettings;
import io.vertx.core.Context;
import io.vertx.core.buffer.Buffer;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * What one connection follows, a piece of each in turn, while the client has given credit to the
 * stream and to the connection and takes what it is sent. Nothing is kept here: what may not be
 * sent yet stays where it is read from.
 *
 * <p>Confined to the connection's event loop, but for being woken.
 */
final class SocketStreams {
  private final WebSocketSettings settings;
  private final SocketOutput output;
  private final Context loop;
  private final SocketCredit credit;
  private final Map<Integer, SocketStream> open = new LinkedHashMap<>();
  private final Set<Integer> reserved = new HashSet<>();
  private final AtomicBoolean woken = new AtomicBoolean();
  private int last;

  SocketStreams(WebSocketSettings settings, SocketOutput output, Context loop) {
    this.settings = settings;
    this.output = output;
    this.loop = loop;
    this.credit = new SocketCredit(settings.connectionCredit(), settings.maxCredit());
  }

  /** A number for a stream that will be opened, or released; refused if there are too many. */
  int reserve() {
    if (open.size() + reserved.size() >= settings.maxStreams()) {
      throw ApiException.retryable(
          429, "streams.exhausted", "this connection follows as much as it may", 1);
    }
    last++;
    reserved.add(last);
    return last;
  }

  void release(int number) {
    reserved.remove(number);
  }

  void open(int number, SocketStream stream) {
    reserved.remove(number);
    open.put(number, stream);
    wake();
  }

  /** The credit that a stream begins with, as its request says. */
  SocketCredit creditOf(JsonBody body) {
    return new SocketCredit(
        body.wholeNumber("credit", 0, settings.maxCredit(), settings.streamCredit()),
        settings.maxCredit());
  }

  /** Gives credit: to a stream, or without one to the connection. */
  void grant(JsonBody body) {
    int number = (int) body.wholeNumber("stream", 1, Integer.MAX_VALUE, 0);
    long bytes = body.wholeNumber("bytes", 1, settings.maxCredit(), 0);
    body.refuseUnread();
    if (bytes == 0) {
      throw ApiException.of(422, "field.missing", "bytes is missing, expected a whole number");
    }
    SocketStream stream = open.get(number);
    if (stream != null) {
      stream.credit().grant(bytes);
    } else if (number == 0) {
      credit.grant(bytes);
    }
    // A stream that is not there ended while its credit was on its way.
    pump();
  }

  /** Ends a stream that the client wants no more; false if there is none. */
  boolean stop(int number) {
    SocketStream stream = open.remove(number);
    if (stream != null) {
      stream.stop();
    }
    return stream != null;
  }

  /** How much a stream may send now. */
  long allowance(SocketCredit stream) {
    return output.isFull() ? 0 : Math.min(stream.left(), credit.left());
  }

  /** Sends a piece of output. */
  void send(SocketCredit stream, Buffer header, Buffer bytes) {
    output.binary(header, bytes);
    spend(stream, bytes.length());
  }

  /** Sends an event. */
  void send(SocketCredit stream, Buffer text) {
    output.text(text);
    spend(stream, text.length());
  }

  private void spend(SocketCredit stream, int bytes) {
    stream.spend(bytes);
    credit.spend(bytes);
    output.flushSoon();
  }

  /** Tells that a stream is over; needs no credit. */
  void end(int number, Buffer text) {
    open.remove(number);
    output.text(text);
    output.flushSoon();
  }

  /** There may be something to send. May be called from any thread. */
  void wake() {
    if (woken.compareAndSet(false, true)) {
      loop.runOnContext(turn -> {
        woken.set(false);
        pump();
      });
    }
  }

  /** Sends a piece of each in turn, as long as that goes. */
  void pump() {
    boolean sent;
    do {
      sent = false;
      for (SocketStream stream : List.copyOf(open.values())) {
        sent |= stream.pump();
      }
    } while (sent);
  }

  /** What each has been sent, as the place from which to go on. */
  Map<Integer, String> places() {
    Map<Integer, String> places = new LinkedHashMap<>();
    open.forEach((number, stream) -> places.put(number, stream.place()));
    return places;
  }

  /** Whether something is followed that ends by itself. */
  boolean haveEndsToCome() {
    return !reserved.isEmpty() || open.values().stream().anyMatch(SocketStream::ends);
  }

  boolean isEmpty() {
    return open.isEmpty() && reserved.isEmpty();
  }

  void stopAll() {
    List<SocketStream> all = new ArrayList<>(open.values());
    open.clear();
    all.forEach(SocketStream::stop);
  }
}
