package dev.gatehouse.http;

import dev.gatehouse.config.Configuration;
import dev.gatehouse.gate.Parts;
import dev.gatehouse.sandbox.Isolation;
import dev.gatehouse.sandbox.PoolGauges;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import java.util.Locale;

/** {@code /healthz} and {@code /readyz}: without a key, and without secrets. */
final class OperationsRoutes {
  private final Configuration configuration;
  private final Parts parts;

  OperationsRoutes(Configuration configuration, Parts parts) {
    this.configuration = configuration;
    this.parts = parts;
  }

  void addTo(Router router) {
    router.get("/healthz").handler(this::health);
    router.get("/readyz").handler(this::readiness);
  }

  /** The process lives; what it depends on is told, and does not change the status. */
  private void health(RoutingContext context) {
    Answer.send(context, 200, state().put("status", ready() ? "ok" : "degraded"));
  }

  /** 200 if new work would be taken now, else 503. */
  private void readiness(RoutingContext context) {
    boolean ready = ready();
    Answer.send(context, ready ? 200 : 503, state().put("ready", ready));
  }

  private boolean ready() {
    return !parts.drain().hasBegun()
        && parts.audit().available()
        && parts.sandboxes().gauges().engine();
  }

  private JsonObject state() {
    Isolation isolation = parts.sandboxes().isolation();
    PoolGauges gauges = parts.sandboxes().gauges();
    JsonObject sandbox =
        new JsonObject()
            .put("engine", gauges.engine() ? "up" : "down")
            .put("runtime", isolation.runtime())
            .put("isolation", isolation.gvisor() ? "gvisor" : "weaker: shares the host's kernel")
            .put("leased", gauges.leased())
            .put("ready", gauges.ready())
            .put("starting", gauges.starting())
            .put("removing", gauges.removing())
            .put("waiting", gauges.waiting())
            .put("hits", gauges.hits())
            .put("misses", gauges.misses())
            .put("engineCalls", parts.sandboxes().engineCalls())
            .put("memoryMiB", gauges.memoryMib())
            .put("memoryLimitMiB", gauges.memoryLimitMib())
            .put("pools", pools(gauges));
    JsonObject audit =
        new JsonObject()
            .put("store", parts.audit().available() ? "up" : "down")
            .put("queuedEvents", parts.audit().queuedEvents())
            .put("decisions", parts.decisions().plain() ? "on" : "off")
            .put(
                "durability",
                configuration
                    .audit()
                    .durability()
                    .name()
                    .toLowerCase(Locale.ROOT)
                    .replace('_', '-'));
    return new JsonObject()
        .put("sandbox", sandbox)
        .put("audit", audit)
        .put("executions", parts.executions().taken())
        .put("draining", parts.drain().hasBegun())
        .put("policy", parts.policies().active().digest());
  }

  private static JsonObject pools(PoolGauges gauges) {
    JsonObject pools = new JsonObject();
    for (PoolGauges.OfPool pool : gauges.pools()) {
      pools.put(
          pool.profile(),
          new JsonObject()
              .put("image", pool.image())
              .put("imageId", pool.imageId())
              .put("size", pool.size())
              .put("ready", pool.ready())
              .put("filling", pool.filling())
              .put("waiting", pool.waiting())
              .put("hits", pool.hits())
              .put("misses", pool.misses())
              .put("waitMeanMillis", pool.waitMeanMicros() / 1e3)
              .put("waitMaxMillis", pool.waitMaxMicros() / 1e3));
    }
    return pools;
  }
}
