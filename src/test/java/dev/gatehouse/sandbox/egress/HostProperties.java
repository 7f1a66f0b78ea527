package dev.gatehouse.sandbox.egress;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.net.InetAddress;
import java.net.UnknownHostException;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;

class HostProperties {
  @Provide
  Arbitrary<String> authorities() {
    return Arbitraries.strings()
        .withChars("aA0x1.:[]/*%@-f ")
        .withChars('\u212A', '\u0130')
        .ofMaxLength(24);
  }

  /** One text means one host: what was read, written down and read again, is the same. */
  @Property(tries = 5000)
  void whatIsReadIsReadTheSameAgainOrRefused(@ForAll("authorities") String text) {
    Target target;
    try {
      target = Target.parse(text, 443);
    } catch (IllegalArgumentException refused) {
      return;
    }
    assertEquals(target, Target.parse(target.toString(), 0));
    assertTrue(target.port() >= 1 && target.port() <= 65_535);
  }

  @Property
  void everyAddressIsReadInItsUsualNotation(@ForAll byte a, @ForAll byte b, @ForAll byte c)
      throws UnknownHostException {
    InetAddress address = InetAddress.getByAddress(new byte[] {a, b, c, 7});

    assertEquals(new Host(address.getHostAddress(), address), Host.parse(address.getHostAddress()));
    assertTrue(AddressBlock.of(address).contains(address));
    assertTrue(AddressBlock.parse("0.0.0.0/0").contains(address));
  }
}
