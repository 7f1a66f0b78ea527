package dev.gatehouse.http;

import dev.gatehouse.action.Actor;
import dev.gatehouse.gate.AllowanceException;
import dev.gatehouse.gate.Allowances;
import io.vertx.core.Handler;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.ext.web.RoutingContext;

/**
 * Lets the requests of a key in as fast as it and its tenant may send them, and counts the bytes of
 * their bodies and answers when they are over. Confined to one event loop.
 */
final class RequestAllowance implements Handler<RoutingContext> {
  private final Allowances allowances;

  RequestAllowance(Allowances allowances) {
    this.allowances = allowances;
  }

  @Override
  public void handle(RoutingContext context) {
    Actor actor = Authentication.key(context).actor();
    HttpServerRequest request = context.request();
    context.addEndHandler(
        over -> allowances.moved(actor, request.bytesRead() + request.response().bytesWritten()));
    AllowanceException refusal = allowances.request(actor);
    if (refusal == null) {
      context.next();
    } else {
      context.fail(refusal);
    }
  }
}
