package dev.gatehouse;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** A sandbox with network reaches what its list allows, by the proxy, and nothing else. */
class EgressIT {
  @RegisterExtension static final OutsideWorld OUTSIDE = new OutsideWorld();

  @RegisterExtension
  static final RunningServer SERVER =
      new RunningServer()
          .behindOpenPolicy()
          .with("GATEHOUSE_SANDBOX_WARM", "0")
          .with("GATEHOUSE_SANDBOX_EGRESS_RESOLVER", OutsideProcess.ADDRESS + ":53");

  @Test
  void firstTry() {
    HeldSandbox s = HeldSandbox.withNetwork(SERVER.api(), "s1", "ok.test", "*.ok.test");
    System.out.println(
        s.run(
                "bash",
                "env | grep -i proxy; curl -sv http://ok.test/hello 2>&1; curl -sv http://evilok.test/hello 2>&1; (echo hi; sleep 1) | curl -sv -x $http_proxy -p telnet://ok.test:443 2>&1; curl -sv -m 3 --noproxy '*' http://198.51.100.2/hello 2>&1")
            .encodePrettily());
    System.out.println(SERVER.api().get("auditor", "/v1/audit?session=s1").body().encodePrettily());
    s.delete();
  }
}
