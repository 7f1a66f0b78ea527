package dev.gatehouse.http;

import io.vertx.core.Future;
import io.vertx.core.json.JsonObject;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/** The requests of a WebSocket by their type. Confined to one event loop. */
final class SocketVerbs {
  /** Those that are no requests, and decisions, which are answered together. */
  private static final Set<String> ELSEWHERE = Set.of("auth", "credit", "decide");

  private static final Map<String, Verb> VERBS = verbs();

  /** Those that may be held for a person, and answer no more than they were asked. */
  private static final Set<String> HELD = held();

  private final SocketExecutions executions;
  private final SocketApprovals approvals;
  private final SocketEvents events;

  SocketVerbs(SocketExecutions executions, SocketApprovals approvals, SocketEvents events) {
    this.executions = executions;
    this.approvals = approvals;
    this.events = events;
  }

  /** Answers one type; fails, or throws, with what becomes a problem. */
  private interface Verb {
    Future<SocketReply> answer(SocketVerbs on, SocketConnection by, String id, JsonBody body);
  }

  private static Map<String, Verb> verbs() {
    Map<String, Verb> verbs = new HashMap<>();
    verbs.put("execute", (on, by, id, body) -> on.executions.execute(by, id, body));
    verbs.put("follow", (on, by, id, body) -> on.executions.follow(by, body));
    verbs.put("execution", (on, by, id, body) -> on.executions.find(by, body));
    verbs.put("cancel", (on, by, id, body) -> on.executions.cancel(by, body));
    SteeringRoutes.WORDS.forEach((word, read) ->
        verbs.put(word, (on, by, id, body) -> on.executions.steer(by, id, body, read)));
    verbs.put("approvals", (on, by, id, body) -> on.approvals.page(by, body));
    verbs.put("approval", (on, by, id, body) -> on.approvals.find(by, body));
    verbs.put("withdraw", (on, by, id, body) -> on.approvals.withdraw(by, body));
    verbs.put("claim", (on, by, id, body) -> on.approvals.claim(by, body));
    verbs.put("answer", (on, by, id, body) -> on.approvals.answer(by, body));
    verbs.put("watch", (on, by, id, body) -> on.events.watch(by, body));
    verbs.put("stop", (on, by, id, body) -> stop(by, body));
    return Map.copyOf(verbs);
  }

  private static Set<String> held() {
    Set<String> held = new TreeSet<>(SteeringRoutes.WORDS.keySet());
    held.add("execute");
    // Takes its turn once there is an answer.
    held.add("approval");
    return held;
  }

  /** Every type that a client's frame may have. */
  static Set<String> types() {
    Set<String> types = new TreeSet<>(ELSEWHERE);
    types.addAll(VERBS.keySet());
    return types;
  }

  /** Answers a request; fails, or throws, with what becomes a problem. */
  Future<SocketReply> answer(SocketConnection by, String type, String id, JsonBody body) {
    Verb verb = VERBS.get(type);
    if (verb == null) {
      throw ApiException.of(422, "type.unknown", "type must be one of " + types());
    }
    return HELD.contains(type)
        ? verb.answer(this, by, id, body)
        : by.turns().take(() -> verb.answer(this, by, id, body));
  }

  /** Ends a stream; what was followed goes on. */
  private static Future<SocketReply> stop(SocketConnection by, JsonBody body) {
    long number = body.wholeNumber("stream", 1, Integer.MAX_VALUE, 0);
    body.refuseUnread();
    if (!by.streams().stop((int) number)) {
      throw ApiException.of(404, "stream.not-found", "no such stream is open");
    }
    return Future.succeededFuture(SocketReply.of(new Answer.Reply(200, new JsonObject())));
  }
}
