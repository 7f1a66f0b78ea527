package dev.gatehouse.http;

import dev.gatehouse.action.Actor;
import dev.gatehouse.gate.Key;
import dev.gatehouse.gate.jwt.Tokens;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Who one client of {@code /v1/ws} is: as its request's header says or its first frame, and then
 * its last {@code auth} frame. While a token is checked nothing is read from the client, so that
 * what it asked meanwhile is answered afterwards. Confined to the connection's event loop.
 */
final class SocketIdentity {
  private final SocketServices services;
  private final SocketConnection connection;
  private final Runnable keyRemoved;
  private @Nullable Key key;

  SocketIdentity(SocketServices services, SocketConnection connection) {
    this.services = services;
    this.connection = connection;
    this.keyRemoved = () -> services.loop().runOnContext(turn -> endIfRemoved());
  }

  /** It is known from now on; is counted as such already. */
  void is(Key known) {
    key = known;
    known.opened(keyRemoved);
  }

  boolean isUnknown() {
    return key == null;
  }

  /** The key that it last showed. */
  Key known() {
    return Objects.requireNonNull(key, "nobody asks before he said who he is");
  }

  /** Ends the connection if its key is valid no more. */
  boolean endIfRemoved() {
    Key known = key;
    if (known == null || !known.isRemoved()) {
      return false;
    }
    connection.close(SocketClose.of(known));
    return true;
  }

  /** The first frame of a client whose request had no key. */
  void introduce(Buffer bytes) {
    Future<Key> known;
    try {
      JsonBody body = JsonBody.parse(bytes);
      if (!body.text("type", Fields.MAX_NAME_BYTES).equals("auth")) {
        throw ApiException.of(401, "key.missing", "expected an auth frame first");
      }
      known = authenticate(body);
    } catch (ApiException e) {
      known = Future.failedFuture(e);
    }
    held(known).onComplete(this::enter, this::turnAway);
  }

  private void enter(Key fresh) {
    if (connection.isClosing()) {
      return;
    }
    if (!services.census().enter(fresh.actor())) {
      connection.close(SocketClose.TOO_MANY);
      return;
    }
    services.census().leaveStranger();
    welcome(fresh);
  }

  private void turnAway(Throwable failure) {
    connection.error(Problem.of(failure, connection.requestId()));
    connection.close(SocketClose.NOT_AUTHENTICATED);
  }

  /**
   * Another key of the same person is taken from now on; any other ends the connection.
   *
   * @throws ApiException if the frame is none
   */
  void introduceAgain(JsonBody body) {
    held(authenticate(body))
        .onComplete(
            this::replace,
            failure -> {
              ApiException problem = Problem.of(failure, connection.requestId());
              connection.error(problem);
              if (problem.status() == 401) {
                connection.close(SocketClose.NOT_AUTHENTICATED);
              }
            });
  }

  private void replace(Key fresh) {
    if (connection.isClosing()) {
      return;
    }
    Key before = known();
    Actor was = before.actor();
    Actor now = fresh.actor();
    if (!now.tenant().equals(was.tenant())
        || now.role() != was.role()
        || !now.holder().equals(was.holder())) {
      connection.close(SocketClose.OTHER_HOLDER);
      return;
    }
    if (!now.name().equals(was.name())) {
      if (!services.census().enter(now)) {
        connection.close(SocketClose.TOO_MANY);
        return;
      }
      services.census().leave(was);
    }
    before.closed(keyRemoved);
    welcome(fresh);
  }

  private Future<Key> held(Future<Key> known) {
    if (known.isComplete()) {
      return known;
    }
    connection.holdReading();
    return known.onComplete(done -> connection.readOn());
  }

  private Future<Key> authenticate(JsonBody body) {
    String presented = body.text("key", Tokens.MAX_CHARS);
    body.refuseUnread();
    return services.authentication().of(presented, connection.caller());
  }

  private void welcome(Key fresh) {
    key = fresh;
    connection.welcome(fresh.actor());
    fresh.opened(keyRemoved);
  }

  /** The connection ends. */
  void leave() {
    Key known = key;
    if (known == null) {
      services.census().leaveStranger();
    } else {
      known.closed(keyRemoved);
      services.census().leave(known.actor());
    }
  }
}
