package dev.gatehouse.http;

import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.json.JsonObject;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Queue;

/**
 * Events on their way to one client, from a place on. Read again only when the client has taken
 * what was read, so that a slow one costs one read's memory. Confined to the connection's loop.
 */
final class SocketWatch implements SocketStream {
  private static final long POLL_MILLIS = 250;

  private final int number;
  private final Vertx vertx;
  private final SocketStreams streams;
  private final Source source;
  private final SocketCredit credit;
  private final Runnable onEnd;
  private final Queue<Event> read = new ArrayDeque<>();
  private String reached;
  private String sent;
  private boolean reading;
  private boolean ended;

  /** Where events come from. */
  interface Source {
    /** The place where they end now. */
    Future<String> end();

    /** Some of those after a place that this source gave. */
    Future<News> after(String place);
  }

  /**
   * What one read found.
   *
   * @param reached the place behind it, and behind what is not asked for
   */
  record News(List<Event> events, String reached) {}

  /**
   * An event.
   *
   * @param place from which to go on after it
   */
  record Event(String place, JsonObject body) {}

  /**
   * Reads nothing yet.
   *
   * @param onEnd called once, when nothing is followed any more
   */
  SocketWatch(
      int number,
      Vertx vertx,
      SocketStreams streams,
      Source source,
      String place,
      SocketCredit credit,
      Runnable onEnd) {
    this.number = number;
    this.vertx = vertx;
    this.streams = streams;
    this.source = source;
    this.reached = place;
    this.sent = place;
    this.credit = credit;
    this.onEnd = onEnd;
  }

  @Override
  public SocketCredit credit() {
    return credit;
  }

  @Override
  public String place() {
    return sent;
  }

  @Override
  public boolean ends() {
    return false;
  }

  @Override
  public boolean pump() {
    Event next = read.peek();
    if (next == null) {
      readOn();
      return false;
    }
    if (streams.allowance(credit) == 0) {
      return false;
    }
    read.remove();
    sent = next.place();
    streams.send(credit, SocketFrames.event(number, sent, next.body()));
    return true;
  }

  private void readOn() {
    if (reading || ended) {
      return;
    }
    reading = true;
    source
        .after(reached)
        .onComplete(
            news -> {
              boolean none = news.reached().equals(reached);
              reached = news.reached();
              read.addAll(news.events());
              if (none) {
                vertx.setTimer(POLL_MILLIS, timer -> goOn());
              } else {
                goOn();
              }
            },
            failure -> {
              if (!ended) {
                stop();
                streams.end(number, SocketFrames.broken(number, sent, Problem.of(failure, "-")));
              }
            });
  }

  private void goOn() {
    reading = false;
    streams.wake();
  }

  @Override
  public void stop() {
    if (!ended) {
      ended = true;
      read.clear();
      onEnd.run();
    }
  }
}
