package dev.gatehouse.config;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.gatehouse.action.Role;
import java.net.URI;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class IssuerSettingsTest {
  private static List<IssuerSettings> parse(String entry) {
    return Configuration.parse("test.yaml", "jwt: [{" + entry + "}]", Map.of()).issuers();
  }

  @Test
  void whatIsLeftOutIsAsDocumented() {
    // When
    IssuerSettings one = parse("issuer: a, audience: b, jwks: /c").getFirst();

    // Then
    assertEquals(IssuerSettings.ALGORITHMS, one.algorithms());
    assertEquals(30, one.leewaySeconds());
    assertEquals(300, one.refreshSeconds());
    assertEquals(3600, one.staleSeconds());
    assertEquals(new IssuerSettings.Claims("sub", null, "role", null, null), one.claims());
    assertEquals(List.of("default"), one.tenants());
    assertEquals(
        Map.of(
            "agent", Role.AGENT,
            "approver", Role.APPROVER,
            "operator", Role.OPERATOR,
            "auditor", Role.AUDITOR),
        one.roles());
    assertEquals(Optional.empty(), one.address());
  }

  @Test
  void rolesHaveTheWordsOfTheIssuer() {
    // When
    IssuerSettings one =
        parse(
                "issuer: a, audience: b, jwks: 'https://c/d', roles: [agent, agent=robots,"
                    + " approver=team=sre]")
            .getFirst();

    // Then
    assertEquals(
        Map.of("agent", Role.AGENT, "robots", Role.AGENT, "team=sre", Role.APPROVER), one.roles());
    assertEquals(Optional.of(URI.create("https://c/d")), one.address());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          audience: b, jwks: c                                            | jwt.issuer: is missing
          issuer: a, jwks: c                                              | jwt.audience: is missing
          issuer: a, audience: b                                          | jwt.jwks: is missing
          issuer: a, audience: b, jwks: 'http://issuer.example/keys'      | jwt.jwks: expected https
          issuer: a, audience: b, jwks: 'https://me:pw@issuer.example/'   | jwt.jwks: expected https
          issuer: a, audience: b, jwks: 'ftp://issuer.example/'           | jwt.jwks: expected https
          issuer: a, audience: b, jwks: c, algorithms: [HS256]            | jwt.algorithms: expected
          issuer: a, audience: b, jwks: c, algorithms: [none]             | jwt.algorithms: expected
          issuer: a, audience: b, jwks: c, leewaySeconds: 301             | jwt.leewaySeconds: expected
          issuer: a, audience: b, jwks: c, roles: [boss]                  | jwt.roles: expected
          issuer: a, audience: b, jwks: c, roles: [agent=x, approver=x]   | jwt.roles: expected
          issuer: a, audience: b, jwks: c, tenants: ['a b']               | jwt.tenants: expected
          issuer: a, audience: b, jwks: c, secret: d                      | jwt.secret: no such key
          """)
  void whatCannotBeIsNamed(String entry, String fault) {
    // When
    List<String> faults = assertThrows(ConfigException.class, () -> parse(entry)).faults();

    // Then
    assertEquals(1, faults.size(), faults.toString());
    assertTrue(faults.getFirst().contains(fault), faults.getFirst());
  }

  @Test
  void oneIssuerIsThereOnce() {
    String twice = "issuer: a, audience: b, jwks: c}, {issuer: a, audience: b, jwks: d";
    assertTrue(
        assertThrows(ConfigException.class, () -> parse(twice))
            .faults()
            .getFirst()
            .contains("jwt.issuer: expected"));
  }

  @Test
  void whereOthersCanConnectAnIssuerIsEnough() {
    assertEquals(
        "0.0.0.0",
        Configuration.parse(
                "test.yaml", "host: 0.0.0.0\njwt: [{issuer: a, audience: b, jwks: c}]", Map.of())
            .host());
  }
}
