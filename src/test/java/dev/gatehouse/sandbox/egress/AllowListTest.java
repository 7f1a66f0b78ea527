package dev.gatehouse.sandbox.egress;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.net.InetAddress;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class AllowListTest {
  private static final InetAddress SOMEWHERE = InetAddress.ofLiteral("203.0.113.7");

  private static boolean allows(String entry, String target) {
    return AllowList.parse(List.of(entry)).entryFor(Target.parse(target, 0)).isPresent();
  }

  @ParameterizedTest
  @CsvSource({
    "example.org,        example.org:443,       true",
    "example.org,        EXAMPLE.ORG.:80,       true",
    "Example.Org.,       example.org:443,       true",
    "example.org,        a.example.org:443,     false",
    "example.org,        evilexample.org:443,   false",
    "example.org,        example.org.evil:443,  false",
    "example.org,        example.org:8443,      false",
    "example.org:8443,   example.org:8443,      true",
    "example.org:8443,   example.org:443,       false",
    "*.example.org,      a.example.org:443,     true",
    "*.example.org,      a.b.example.org:443,   true",
    "*.example.org,      example.org:443,       false",
    "*.example.org,      evilexample.org:443,   false",
    "*.example.org:22,   git.example.org:22,    true",
    "192.0.2.0/24,       192.0.2.200:443,       true",
    "192.0.2.0/24,       192.0.3.1:443,         false",
    "192.0.2.0/24:5432,  192.0.2.1:5432,        true",
    "192.0.2.0/24,       example.org:443,       false",
    "192.0.2.7,          192.0.2.7:80,          true",
    "192.0.2.7:99,       192.0.2.7:99,          true",
    "2001:db8::/32,      [2001:db8::1]:443,     true",
    "2001:db8::/32:22,   [2001:db8::1]:22,      true",
    "2001:db8::7,        [2001:DB8:0::7]:443,   true",
    "[2001:db8::7]:99,   [2001:db8::7]:99,      true",
    "0.0.0.0/0,          [2001:db8::7]:443,     false",
    "0.0.0.0/0,          8.8.8.8:443,           true",
    "xn--bcher-kva.test, xn--bcher-kva.test:80, true",
    "*.a_b.test,         x.a_b.test:80,         true",
  })
  void namesAreMatchedLabelByLabelAndAddressesByTheirBits(
      String entry, String target, boolean allowed) {
    assertEquals(allowed, allows(entry, target));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        " ",
        "*",
        "*.",
        "*.org",
        "**.example.org",
        "*example.org",
        "a.*.org",
        "https://a.org",
        "a.org/x",
        "u@a.org",
        "a.org:",
        "a.org:0",
        "a.org:65536",
        "a.org:080",
        "a.org:x",
        "a..org",
        ".a.org",
        "-a.org",
        "a-.org",
        "bücher.test",
        "a b.org",
        "a\tb.org",
        "10.0.0.1/8",
        "10.0.0.0/33",
        "10.0.0.0/",
        "10.0.0.0/08",
        "10.0/8",
        "0x7f.1",
        "2130706433",
        "0177.0.0.1",
        "127.1",
        "256.1.1.1",
        "1.2.3.4.5",
        "a.1",
        "a.0x7f",
        "127.0.0.1",
        "127.0.0.0/8",
        "169.254.169.254",
        "169.254.0.0/16",
        "::1",
        "[::1]:443",
        "::ffff:10.0.0.1",
        "fe80::/10",
        "fe80::1%eth0",
        "64:ff9b::/96",
        "::/96",
        "ff02::1",
        "224.0.0.0/4",
        "100.100.100.200",
        "fd00:ec2::254",
        "[2001:db8::7",
        "2001:db8::7]",
        "[example.org]",
        "*.192.0.2.1"
      })
  void whatCannotBeMeantIsRefused(String entry) {
    assertThrows(IllegalArgumentException.class, () -> AllowList.parse(List.of(entry)));
  }

  @Test
  void aFaultNamesTheEntryByItsIndexAndSaysWhatWouldBeRight() {
    IllegalArgumentException fault =
        assertThrows(
            IllegalArgumentException.class,
            () -> AllowList.parse(List.of("example.org", "10.1.2.3/8")));

    assertEquals(
        "[1] '10.1.2.3/8' has bits set beyond its length: write 10.0.0.0/8",
        String.valueOf(fault.getMessage()));
  }

  @Test
  void aListHasABoundAndSoHasAnEntry() {
    List<String> most = Collections.nCopies(AllowList.MAX_ENTRIES, "example.org");
    assertEquals(AllowList.MAX_ENTRIES, AllowList.parse(most).texts().size());
    List<String> more = Collections.nCopies(AllowList.MAX_ENTRIES + 1, "example.org");
    assertThrows(IllegalArgumentException.class, () -> AllowList.parse(more));
    assertThrows(
        IllegalArgumentException.class, () -> AllowList.parse(List.of("a.".repeat(200) + "org")));
  }

  @Test
  void anEmptyListAllowsNothing() {
    assertTrue(AllowList.parse(List.of()).entryFor(Target.parse("example.org:443", 0)).isEmpty());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "127.0.0.1",
        "127.255.255.255",
        "0.0.0.0",
        "0.1.2.3",
        "169.254.169.254",
        "169.254.1.1",
        "224.0.0.1",
        "239.255.255.255",
        "240.0.0.1",
        "255.255.255.255",
        "100.100.100.200",
        "168.63.129.16",
        "192.0.0.192",
        "::",
        "::1",
        "::7f00:1",
        "fe80::1",
        "febf::1",
        "fec0::1",
        "ff02::1",
        "fd00:ec2::254",
        "64:ff9b::7f00:1",
        "2002:7f00:1::",
        "2001::1"
      })
  void addressesThatNoListCanAllowAreRefusedUnderAnyName(String address) {
    AllowList everything = AllowList.parse(List.of("example.org", "0.0.0.0/0", "::/0"));
    InetAddress found = InetAddress.ofLiteral(address);

    assertFalse(everything.permits(Target.parse("example.org:443", 0), found));
    String literal = address.indexOf(':') >= 0 ? "[" + address + "]" : address;
    assertFalse(everything.permits(Target.parse(literal + ":443", 0), found));
  }

  @Test
  void aNameMayLeadToAPrivateAddressOnlyWhereABlockOfThatPortHasIt() {
    Target target = Target.parse("db.example.org:5432", 0);
    InetAddress found = InetAddress.ofLiteral("10.1.2.3");

    assertFalse(AllowList.parse(List.of("*.example.org:5432")).permits(target, found));
    assertFalse(
        AllowList.parse(List.of("*.example.org:5432", "10.0.0.0/8")).permits(target, found));
    assertTrue(
        AllowList.parse(List.of("*.example.org:5432", "10.0.0.0/8:5432")).permits(target, found));
    assertTrue(AllowList.parse(List.of("*.example.org:5432")).permits(target, SOMEWHERE));
  }

  @Test
  void aBlockAllowsNoName() {
    AllowList list = AllowList.parse(List.of("203.0.113.0/24"));

    assertFalse(list.permits(Target.parse("example.org:443", 0), SOMEWHERE));
    assertTrue(list.permits(Target.parse("203.0.113.7:443", 0), SOMEWHERE));
  }
}
