package dev.gatehouse.sandbox.egress;

import dev.gatehouse.config.SandboxSettings;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.internal.VertxInternal;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;

/** The proxy, for the rest of the server. May be used from any event loop. */
public final class Egress {
  /** The name that every sandbox gives the proxy; the secret after it is each one's own. */
  public static final String USER = "sandbox";

  private final Vertx vertx;
  private final ProxyVerticle proxy;

  private Egress(Vertx vertx, ProxyVerticle proxy) {
    this.vertx = vertx;
    this.proxy = proxy;
  }

  /** Prepares the proxy; it listens nowhere yet. */
  public static Future<Egress> start(Vertx vertx, SandboxSettings.Egress limits) {
    ProxyVerticle proxy = new ProxyVerticle(limits);
    return vertx.deployVerticle(proxy).map(deployed -> new Egress(vertx, proxy));
  }

  /** Listens on that address, and nowhere else; gives the port, which stays while it does. */
  public Future<Integer> listen(String address) {
    return onLoop(() -> proxy.listen(address));
  }

  /**
   * Lets a sandbox speak to the proxy.
   *
   * @param address where it comes from
   * @param secret what it must say besides
   * @param lives whether it has not ended; asked from the proxy's event loop
   */
  public Future<Void> admit(
      String id,
      String address,
      String secret,
      AllowList allow,
      BooleanSupplier lives,
      Access.Journal journal) {
    return onLoop(() -> {
      proxy.admit(id, address, secret, allow, lives, journal);
      return Future.succeededFuture();
    });
  }

  /** Replaces a sandbox's list; when this succeeds, what it no longer allows is closed. */
  public Future<Void> change(String id, AllowList allow) {
    return onLoop(() -> {
      proxy.change(id, allow);
      return Future.succeededFuture();
    });
  }

  /** Hears the sandbox no more and closes all it has open. */
  public Future<Void> dismiss(String id) {
    return onLoop(() -> {
      proxy.dismiss(id);
      return Future.succeededFuture();
    });
  }

  /** What all sandboxes did since the start. */
  public Traffic traffic() {
    return proxy.traffic();
  }

  public Future<Void> close() {
    return vertx.undeploy(proxy.deploymentID());
  }

  private <T> Future<T> onLoop(Supplier<Future<T>> work) {
    Promise<T> promise = ((VertxInternal) vertx).getOrCreateContext().promise();
    Context loop = proxy.loop();
    loop.runOnContext(
        ignored -> Future.succeededFuture().compose(onLoop -> work.get()).onComplete(promise));
    return promise.future();
  }
}
