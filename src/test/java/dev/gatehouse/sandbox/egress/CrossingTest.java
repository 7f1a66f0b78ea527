package dev.gatehouse.sandbox.egress;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.vertx.core.Future;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;

class CrossingTest {
  private final AtomicBoolean lives = new AtomicBoolean(true);
  private final List<String> told = new ArrayList<>();
  private final AllowList allow = AllowList.parse(List.of("ok.test"));
  private final Guest guest =
      new Guest(
          "sandbox",
          "secret",
          allow,
          lives::get,
          access -> {
            told.add(access.status());
            return Future.succeededFuture();
          },
          1_000_000,
          100);

  @Test
  void whatClosesWhileItsSandboxLivesIsClosed() {
    Crossing crossing = open();

    crossing.closed();

    assertEquals(List.of("allowed", "closed"), told);
  }

  /** The guest's connections may be gone before the proxy hears of the sandbox's end. */
  @Test
  void whatClosesSinceItsSandboxEndedSaysSo() {
    Crossing crossing = open();

    lives.set(false);
    crossing.closed();
    guest.dismiss();

    assertEquals(List.of("allowed", "sandbox-ended"), told);
  }

  @Test
  void whatIsOpenEndsWithItsSandbox() {
    Crossing crossing = open();

    lives.set(false);
    guest.dismiss();
    crossing.closed();

    assertEquals(List.of("allowed", "sandbox-ended"), told);
  }

  private Crossing open() {
    Crossing crossing =
        new Crossing(
            "attempt", guest, new Traffic(), "CONNECT", Target.parse("ok.test:443", 443), "ok.test");
    assertEquals(true, crossing.open().succeeded());
    return crossing;
  }
}
