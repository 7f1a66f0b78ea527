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

  /** What a person said, with what it proves; fails for a code that is wrong or was used. */
  public Future<Said> proved(Actor by, Said said) {
    TotpSecret secret = keys.authenticator(by.tenant(), by.holder()).orElse(null);
    if (secret == null) {
      return Future.succeededFuture(said.asProved());
    }
    String code = said.code();
    if (code == null) {
      return Future.succeededFuture(said);
    }
    return codes
        .mayTry(by.tenant(), by.holder())
        .compose(may -> {
          if (!may) {
            return Future.failedFuture(
                new RefusedException(Why.TOO_MANY_CODES, "too many codes were tried: wait"));
          }
          OptionalLong step = secret.step(code, clock.instant());
          return step.isEmpty()
              ? Future.succeededFuture(false)
              : codes.take(by.tenant(), by.holder(), step.getAsLong());
        })
        .compose(right ->
            right
                ? Future.succeededFuture(said.asProved())
                : Future.failedFuture(
                    new RefusedException(Why.CODE_WRONG, "the code is wrong, or was used")));
  }
}
