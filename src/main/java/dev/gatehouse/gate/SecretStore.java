package dev.gatehouse.gate;

import dev.gatehouse.action.Actor;
import dev.gatehouse.config.SecretSettings;
import dev.gatehouse.gate.vault.Vault;
import dev.gatehouse.gate.vault.VaultException;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Secrets that executions are given by name, as {@code secret://NAME} in their {@code env}: read
 * when an execution starts, kept in memory for as long as its sandbox lives, so that whatever code
 * there says later is without them, too. May be used from any event loop.
 */
public final class SecretStore {
  private static final Logger LOGGER = LoggerFactory.getLogger(SecretStore.class);

  static final String SCHEME = "secret://";

  /** Shorter ones could not be told from other text, longer ones would make output slow. */
  static final int MIN_CHARS = 8;

  static final int MAX_CHARS = 4096;

  private final Vertx vertx;
  private final Map<String, SecretSettings> settings = new HashMap<>();
  private final Function<String, @Nullable String> environment;
  private final @Nullable Vault vault;

  /**
   * What sandboxes were given: by sandbox the names of values, also of those that changed since.
   */
  private final ConcurrentMap<String, Map<String, String>> given = new ConcurrentHashMap<>();

  /**
   * Reads nothing yet.
   *
   * @param environment the value of a variable; null for none
   * @param vault null where no secret is there
   */
  public SecretStore(
      Vertx vertx,
      List<SecretSettings> secrets,
      Function<String, @Nullable String> environment,
      @Nullable Vault vault) {
    this.vertx = vertx;
    this.vault = vault;
    secrets.forEach(secret -> settings.put(secret.name(), secret));
    this.environment = environment;
  }

  /**
   * What an execution is given.
   *
   * @param env with values instead of names
   * @param filter what takes them out of its output; null where its sandbox was never given any
   */
  record Given(Map<String, String> env, @Nullable SecretFilter filter) {}

  /** Reads what an environment names; fails with {@link SecretException}. */
  Future<Given> give(Actor actor, String sandbox, Map<String, String> env) {
    List<Future<Value>> values = new ArrayList<>();
    for (String text : env.values()) {
      if (text.startsWith(SCHEME)) {
        values.add(read(actor, text.substring(SCHEME.length())));
      }
    }
    if (values.isEmpty()) {
      Map<String, String> before = given.get(sandbox);
      return Future.succeededFuture(
          new Given(env, before == null || before.isEmpty() ? null : new SecretFilter(before)));
    }
    given.putIfAbsent(sandbox, Map.of());
    return Future.all(values)
        .map(read -> {
          Map<String, String> texts = new HashMap<>();
          Map<String, String> names = new HashMap<>();
          for (Future<Value> one : values) {
            texts.put(SCHEME + one.result().name(), one.result().text());
            names.put(one.result().text(), one.result().name());
          }
          Map<String, String> resolved = new HashMap<>(env);
          resolved.replaceAll((variable, text) -> texts.getOrDefault(text, text));
          return new Given(resolved, new SecretFilter(remember(sandbox, names)));
        });
  }

  /** Of a sandbox that has ended while the values were read nothing is kept. */
  private Map<String, String> remember(String sandbox, Map<String, String> names) {
    Map<String, String> all =
        given.computeIfPresent(
            sandbox,
            (known, before) -> {
              Map<String, String> both = new HashMap<>(before);
              both.putAll(names);
              return both;
            });
    return all == null ? names : all;
  }

  private record Value(String name, String text) {}

  private Future<Value> read(Actor actor, String name) {
    SecretSettings secret = settings.get(name);
    if (secret == null
        || !secret.tenant().equals(actor.tenant())
        || !(secret.agents().isEmpty() || secret.agents().contains(actor.name()))) {
      return Future.failedFuture(SecretException.unknown(name));
    }
    return value(secret)
        .recover(failure -> {
          LOGGER.warn("a secret cannot be read name={}: {}", name, why(failure));
          return Future.failedFuture(SecretException.unavailable(name));
        })
        .compose(value ->
            value.length() < MIN_CHARS || value.length() > MAX_CHARS || value.indexOf('\0') >= 0
                ? Future.failedFuture(SecretException.unavailable(name))
                : Future.succeededFuture(new Value(name, value)));
  }

  /** What is known to have nothing of a value in it. */
  private static String why(Throwable failure) {
    return failure instanceof VaultException known
        ? String.valueOf(known.getMessage())
        : failure.getClass().getSimpleName();
  }

  private Future<String> value(SecretSettings secret) {
    if (secret.file() != null) {
      return vertx
          .fileSystem()
          .readFile(secret.file().toString())
          .map(bytes -> bytes.toString(StandardCharsets.UTF_8).stripTrailing());
    }
    if (secret.vault() != null && vault != null) {
      return vault.read(secret.vault(), secret.field());
    }
    String value = secret.variable() == null ? null : environment.apply(secret.variable());
    return Future.succeededFuture(value == null ? "" : value);
  }

  /** Completes when what was to be done on this event loop before now is done. */
  Future<Void> afterThisTurn() {
    Promise<Void> over = Promise.promise();
    vertx.getOrCreateContext().runOnContext(turn -> over.complete());
    return over.future();
  }

  /** A sandbox has ended: nothing more comes from there. */
  public void forget(String sandbox) {
    given.remove(sandbox);
  }
}
