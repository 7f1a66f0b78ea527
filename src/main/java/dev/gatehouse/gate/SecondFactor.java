package dev.gatehouse.gate;

import dev.gatehouse.action.Actor;
import dev.gatehouse.approval.Codes;
import dev.gatehouse.approval.RefusedException;
import dev.gatehouse.approval.RefusedException.Why;
import dev.gatehouse.approval.Said;
import dev.gatehouse.config.TotpSecret;
import io.vertx.core.Future;
import java.time.InstantSource;
import java.util.OptionalLong;
import java.util.function.Function;

/**
 * That who answers has his authenticator with him: asked of persons for whom one is configured,
 * where the risk is critical. A key that was stolen approves nothing critical.
 */
public final class SecondFactor {
  private final Keys keys;
  private final Codes codes;
  private final InstantSource clock;

  public SecondFactor(Keys keys, Codes codes, InstantSource clock) {
    this.keys = keys;
    this.codes = codes;
    this.clock = clock;
  }

  /**
   * Has a person's answer taken with what it proves; fails for a code that is wrong or was used. A
   * code whose answer was not taken may be said again.
   *
   * @param answer takes what was said
   */
  public <T> Future<T> proved(Actor by, Said said, Function<Said, Future<T>> answer) {
    TotpSecret secret = keys.authenticator(by.tenant(), by.holder()).orElse(null);
    if (secret == null) {
      return Future.succeededFuture(said.asProved()).compose(answer);
    }
    String code = said.code();
    if (code == null) {
      return Future.succeededFuture(said).compose(answer);
    }
    OptionalLong step = secret.step(code, clock.instant());
    return codes
        .mayTry(by.tenant(), by.holder())
        .compose(may -> {
          if (!may) {
            return Future.failedFuture(
                new RefusedException(Why.TOO_MANY_CODES, "too many codes were tried: wait"));
          }
          return step.isEmpty()
              ? Future.succeededFuture(false)
              : codes.take(by.tenant(), by.holder(), step.getAsLong());
        })
        .compose(right ->
            right
                ? Future.succeededFuture(said.asProved())
                    .compose(answer)
                    .recover(failure ->
                        Questions.wasNotStored(failure)
                            ? codes
                                .giveBack(by.tenant(), by.holder(), step.orElseThrow())
                                .transform(given -> Future.failedFuture(failure))
                            : Future.failedFuture(failure))
                : Future.failedFuture(
                    new RefusedException(Why.CODE_WRONG, "the code is wrong, or was used")));
  }
}
