package dev.gatehouse.config;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.gatehouse.action.Role;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ConfigurationTest {
  private static final Path DOCUMENTED = Path.of("conf/gatehouse.yaml");
  private static final String HASH =
      "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08";
  private static final String OTHER_HASH = "1".repeat(64);

  private static Configuration parse(String yaml) {
    return Configuration.parse("test.yaml", yaml, Map.of());
  }

  private static List<String> faults(String yaml) {
    return faults(yaml, Map.of());
  }

  private static List<String> faults(String yaml, Map<String, String> environment) {
    return assertThrows(
            ConfigException.class, () -> Configuration.parse("test.yaml", yaml, environment))
        .faults();
  }

  @Test
  void everyDocumentedDefaultIsTheCodesDefault() {
    assertEquals(parse(""), Configuration.load(DOCUMENTED, Map.of()));
  }

  @Test
  void secretsComeFromTheirFilesAndAreNeverShown(@TempDir Path folder) throws IOException {
    // Given
    Path webhook = Files.writeString(folder.resolve("w"), "whsec_" + "A".repeat(32));
    Path totp = Files.writeString(folder.resolve("t"), "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ");
    String yaml =
        """
        keys: [{name: ann, role: approver, sha256: "%s", totpFile: %s}]
        audit: {sinks: [{name: hooks, kind: approvals, to: 'http://localhost/', secretFile: %s}]}
        approval: {callbacks: [{name: pager, approvers: [ann, ben], secretFile: %s}]}
        """;

    // When
    Configuration read = parse(yaml.formatted(HASH, totp, webhook, webhook));

    // Then
    assertTrue(read.keys().getFirst().totp().isPresent());
    assertTrue(read.audit().sinks().getFirst().secret().isPresent());
    assertTrue(read.approval().callbacks().getFirst().secret().isPresent());
    assertEquals("default", read.approval().callbacks().getFirst().tenant());
    assertEquals(List.of("ann", "ben"), read.approval().callbacks().getFirst().approvers());
    assertFalse(read.toString().contains("AAAA"), read.toString());
    assertFalse(read.toString().contains("GEZD"), read.toString());
    assertEquals(
        List.of(
            "test.yaml:1: keys.totpFile: expected the path of a file with 16 to 128 bytes in"
                + " Base32, found \"/missing\"",
            "test.yaml:2: audit.sinks.secretFile: expected the path of a file with whsec_ and 24"
                + " to 64 bytes in Base64, found \"/missing\"",
            "test.yaml:3: approval.callbacks.secretFile: expected the path of a file with whsec_"
                + " and 24 to 64 bytes in Base64, found \"/missing\""),
        faults(yaml.formatted(HASH, "/missing", "/missing", "/missing")));
    assertEquals(
        List.of(
            "test.yaml:1: approval.callbacks.secretFile: is missing, expected the path of a file"
                + " with whsec_ and 24 to 64 bytes in Base64"),
        faults("approval: {callbacks: [{name: pager, approvers: [ann]}]}\n"));
  }

  @Test
  void receiversAndAlertsAreOfWhatThereIs() {
    assertEquals(
        List.of(
            "test.yaml:1: audit.sinks.to: expected host:port, found \"logs\"",
            "test.yaml:1: audit.sinks.to: expected http:// or https:// and where, found \"ftp://x\"",
            "test.yaml:1: audit.sinks.to: expected the path of a file, found \"file:///x\""),
        faults(
            "audit: {sinks: [{name: a, kind: syslog, to: logs}, {name: b, kind: webhook, to: 'ftp://x'},"
                + " {name: c, kind: file, to: 'file:///x'}]}\n"));
    assertEquals(
        List.of(
            "test.yaml:1: audit.alerts.kind: expected an event's kind (docs/audit.md) but alert,"
                + " found \"decisions\"",
            "test.yaml:1: audit.alerts.outcome: expected ALLOW, ASK or DENY, found \"denied\"",
            "test.yaml:1: audit.alerts.kind: expected an event's kind (docs/audit.md) but alert,"
                + " found \"alert\"",
            "test.yaml:1: audit.alerts.risk: expected LOW, MEDIUM, HIGH or CRITICAL, found \"high\"",
            "test.yaml:1: audit.alerts.fast: expected true or false, found \"yes\""),
        faults(
            "audit: {alerts: [{name: a, kind: decisions, outcome: denied}, {name: b, kind: alert},"
                + " {name: c, risk: high, fast: 'yes'}]}\n"));
  }

  @Test
  void keysComeFromTheFileOrTheEnvironment() {
    // Given
    String yaml =
        """
        keys:
          - name: gateway-1
            role: agent
            sha256: %s
          - {name: ann, role: approver, tenant: blue, sha256: "%s"}
        """
            .formatted(HASH, OTHER_HASH);
    Map<String, String> environment =
        Map.of("GATEHOUSE_KEYS", "[{name: gateway-2, role: operator, sha256: " + HASH + "}]");

    // When
    Configuration fromFile = parse(yaml);
    Configuration fromEnvironment = Configuration.parse("test.yaml", yaml, environment);

    // Then
    assertEquals(
        List.of(
            new KeySettings(
                "gateway-1", Role.AGENT, "default", "", List.of(), HASH, Optional.empty()),
            new KeySettings(
                "ann", Role.APPROVER, "blue", "", List.of(), OTHER_HASH, Optional.empty())),
        fromFile.keys());
    assertEquals(
        List.of(
            new KeySettings(
                "gateway-2", Role.OPERATOR, "default", "", List.of(), HASH, Optional.empty())),
        fromEnvironment.keys());
  }

  @Test
  void anUnknownKeyIsNamedWithItsLineAndTheOneProbablyMeant() {
    // When
    List<String> faults = faults("host: 127.0.0.1\nsandbox:\n  cpus: 1\n  memoryMib: 512\n");

    // Then
    assertEquals(
        List.of("test.yaml:4: sandbox.memoryMib: no such key, did you mean sandbox.memoryMiB?"),
        faults);
  }

  @Test
  void aKeyThatResemblesNoneIsNamedWithoutASuggestion() {
    assertEquals(List.of("test.yaml:1: colour: no such key"), faults("colour: blue\n"));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "port: eighty|port: expected a whole number from 0 to 65535, found \"eighty\"",
        "port: 65536|port: expected a whole number from 0 to 65535, found \"65536\"",
        "port: -1|port: expected a whole number from 0 to 65535, found \"-1\"",
        "port: 1.5|port: expected a whole number from 0 to 65535, found \"1.5\"",
        "port: 1e3|port: expected a whole number from 0 to 65535, found \"1e3\"",
        "port: 99999999999999999999|port: expected a whole number from 0 to 65535, found"
            + " \"99999999999999999999\"",
        "port: true|port: expected a whole number from 0 to 65535, found \"true\"",
        "port: [1]|port: expected a whole number from 0 to 65535",
        "port:|port: expected a whole number from 0 to 65535",
        "port: {a: 1}|port.a: no such key, did you mean port?",
        "host: ''|host: expected text, found \"\"",
        "host: [a]|host: expected text",
        "sandbox: {cpus: many}|sandbox.cpus: expected a number from 0.05 to 1024.0, found"
            + " \"many\"",
        "sandbox: {cpus: 1e999999999}|sandbox.cpus: expected a number from 0.05 to 1024.0, found"
            + " \"1e999999999\"",
        "sandbox: {cpus: .nan}|sandbox.cpus: expected a number from 0.05 to 1024.0, found"
            + " \".nan\"",
        "audit: {durability: sometimes}|audit.durability: expected one of [before-reply, async],"
            + " found \"sometimes\"",
        "tls: {key: k}|tls.key: needs tls.certificate, which it is the key of",
        "tls: {certificate: c}|tls.certificate: needs tls.key, its private key",
        "tls: {clients: require}|tls.clients: needs tls.certificate, and tls.authority, which says"
            + " whose certificates are good",
        "tls: {clients: request, certificate: c, key: k}|tls.clients: needs tls.certificate, and"
            + " tls.authority, which says whose certificates are good",
        "tls: {authority: a, certificate: c, key: k}|tls.authority: is for tls.clients request or"
            + " require",
        "tls: {clients: maybe}|tls.clients: expected one of [none, request, require], found"
            + " \"maybe\"",
        "cors: {origins: ['*']}|cors.origins: expected a list of origins such as"
            + " https://console.example or http://localhost:3000",
        "cors: {origins: ['https://a.example/']}|cors.origins: expected a list of origins such as"
            + " https://console.example or http://localhost:3000",
        "cors: {origins: ['https://a.example:443']}|cors.origins: expected a list of origins such"
            + " as https://console.example or http://localhost:3000",
        "proxyProtocol: []|proxyProtocol: expected a list of networks such as 10.0.0.0/8 or"
            + " 2001:db8::/32",
        "proxyProtocol: [10.0.0.0]|proxyProtocol: expected a list of networks such as 10.0.0.0/8"
            + " or 2001:db8::/32",
        "proxyProtocol: [10.0.0.0/33]|proxyProtocol: expected a list of networks such as"
            + " 10.0.0.0/8 or 2001:db8::/32",
        "proxyProtocol: [host.example/8]|proxyProtocol: expected a list of networks such as"
            + " 10.0.0.0/8 or 2001:db8::/32",
        "keys: all|keys: expected a list",
        "keys: [all]|keys: expected entries with keys and values",
        "http: 5|http: expected keys below it"
      })
  void aWrongTypeOrAnImpossibleValueIsNamedWithItsLineAndWhatIsExpected(String yaml, String fault) {
    assertEquals(List.of("test.yaml:1: " + fault), faults(yaml));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "limits: {timeoutMillis: 600001}|limits.timeoutMillis: is above limits.maxTimeoutMillis",
        "sandbox: {ttlSeconds: 86401}|sandbox.ttlSeconds: is above sandbox.maxTtlSeconds",
        "sandbox: {warm: 65}|sandbox.warm: is above limits.sandboxes",
        "sandbox: {workspaceMiB: 448}|sandbox.workspaceMiB: with sandbox.tmpMiB must stay below"
            + " sandbox.memoryMiB"
      })
  void valuesThatCannotBeTogetherAreRefused(String yaml, String fault) {
    assertEquals(List.of("test.yaml:1: " + fault), faults(yaml));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "mysql://u:s3cret@db/n",
        "postgresql://",
        "postgresql:///n",
        "postgresql://u:s3cret@db:port/n",
        "postgresql://u:s3cret@db:99999/n",
        "postgresql://u:s3cret@db:5432",
        "postgresql://u:s3 cret@db/n"
      })
  void aDatabaseUrlThatIsNoneIsRefusedWithoutShowingItsPassword(String url) {
    // When
    List<String> faults = faults("database:\n  url: '" + url + "'\n");

    // Then
    assertEquals(
        List.of("test.yaml:2: database.url: expected postgresql://user:password@host:port/name"),
        faults);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "postgresql://u:p@db:5432/n",
        "postgres://db/n",
        "postgresql://u%40x:p%3A@[::1]:5432/n?sslmode=require"
      })
  void aDatabaseUrlIsTakenAsItIs(String url) {
    assertEquals(url, parse("database: {url: '" + url + "'}").database().url());
  }

  @Test
  void severalFaultsAreReportedAtOnce() {
    // When
    List<String> faults =
        faults(
            "port: x\nsandbox:\n  cpus: -1\naudit:\n  queue: 5\n", Map.of("GATEHOUSE_PROT", "1"));

    // Then
    assertEquals(
        List.of(
            "test.yaml:1: port: expected a whole number from 0 to 65535, found \"x\"",
            "test.yaml:3: sandbox.cpus: expected a number from 0.05 to 1024.0, found \"-1\"",
            "test.yaml:5: audit.queue: no such key",
            "environment: GATEHOUSE_PROT: no key has this variable"),
        faults);
  }

  @Test
  void aKeyWrittenTwiceIsNamedWithTheLineOfTheSecond() {
    assertEquals(
        List.of("test.yaml:4: sandbox.warm is written twice"),
        faults("port: 1\nsandbox:\n  warm: 1\n  warm: 2\n"));
    assertEquals(
        List.of("test.yaml:3: port is written twice"), faults("port: 1\nhost: ::1\nport: 2\n"));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "'port: 1\nhost: [127.0.0.1\n'|test.yaml:3",
        "'port: 1\n\tport: 2'|test.yaml:2",
        "'a: *nothing'|test.yaml:1",
        "'port: \"1'|test.yaml:1",
        "'port: 1\n---\nport: 2\n'|test.yaml:2"
      })
  void whatIsNotYamlIsRefusedWithItsLine(String yaml, String place) {
    // When
    List<String> faults = faults(yaml);

    // Then
    assertEquals(1, faults.size(), faults.toString());
    assertTrue(faults.get(0).startsWith(place + ": not YAML: "), faults.toString());
  }

  @Test
  void yamlThatContainsItselfIsRefused() {
    assertEquals(
        List.of("test.yaml:1: a.b.b.b.b.b.b.b.b: nested too deeply"), faults("a: &x {b: *x}\n"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"- port", "port", "[1, 2]"})
  void aFileThatIsNoMappingIsRefused(String yaml) {
    assertEquals(
        List.of("test.yaml:1: expected keys and values at the top of the file"), faults(yaml));
  }

  @Test
  void aSectionWithoutAKeyIsAsIfItWereLeftOut() {
    assertEquals(parse(""), parse("# nothing\nhttp:\ndatabase:\n  # url: later\n"));
  }

  @Test
  void everyFaultOfAKeyEntryIsNamed() {
    // Given
    String yaml =
        """
        keys:
          - name: "no spaces"
            role: boss
            sha256: short
            owner: me
          - role: agent
        """;

    // When
    List<String> faults = faults(yaml);

    // Then
    assertEquals(
        List.of(
            "test.yaml:2: keys.name: expected 1 to 64 letters, digits, '-', '_' or '.', different"
                + " from all other keys, found \"no spaces\"",
            "test.yaml:2: keys.role: expected one of [agent, approver, operator, auditor], found"
                + " \"boss\"",
            "test.yaml:2: keys.sha256: expected the key's SHA-256 as 64 hex digits, different from"
                + " all other keys",
            "test.yaml:2: keys.owner: no such key",
            "test.yaml:6: keys.name: is missing, expected 1 to 64 letters, digits, '-', '_' or"
                + " '.', different from all other keys",
            "test.yaml:6: keys.sha256: is missing, expected the key's SHA-256 as 64 hex digits,"
                + " different from all other keys"),
        faults);
  }

  @Test
  void aKeyWrittenWhereItsHashBelongsIsNotShown() {
    // When
    List<String> faults = faults("keys: [{name: a, role: agent, sha256: gh_agent_secret}]");

    // Then
    assertEquals(1, faults.size());
    assertFalse(faults.get(0).contains("secret"), faults.get(0));
  }

  @Test
  void twoKeysShareNeitherNameNorHash() {
    // Given: one key in two roles would let an agent approve itself.
    String yaml =
        """
        keys:
          - {name: a, role: agent, sha256: %s}
          - {name: a, role: auditor, sha256: %s}
          - {name: b, role: approver, sha256: %s}
        """
            .formatted(HASH, OTHER_HASH, HASH.toUpperCase(java.util.Locale.ROOT));

    // When
    List<String> faults = faults(yaml);

    // Then
    assertEquals(2, faults.size(), faults.toString());
    assertTrue(faults.get(0).startsWith("test.yaml:3: keys.name: expected"), faults.get(0));
    assertTrue(faults.get(1).startsWith("test.yaml:4: keys.sha256: expected"), faults.get(1));
  }

  @Test
  void aFieldOfAKeyEntryIsWrittenOnce() {
    assertEquals(
        List.of("test.yaml:4: keys.role is written twice"),
        faults("keys:\n  - name: a\n    role: agent\n    role: approver\n    sha256: " + HASH));
  }

  @Test
  void anAddressThatOthersReachNeedsKeys() {
    // Given
    String key = "\nkeys: [{name: a, role: agent, sha256: " + HASH + "}]\n";

    // When / Then
    for (String host :
        List.of("0.0.0.0", "::", "192.168.1.5", "gatehouse.example", "127.evil.com")) {
      List<String> faults = faults("port: 1\nhost: '" + host + "'\n");
      assertEquals(1, faults.size(), faults.toString());
      assertTrue(
          faults.get(0).startsWith("test.yaml:2: host: can be reached from other machines"),
          faults.get(0));
      assertEquals(host, parse("host: '" + host + "'" + key).host());
    }
    for (String host : List.of("127.0.0.1", "127.8.9.10", "localhost", "::1")) {
      assertTrue(parse("host: '" + host + "'").listensOnLoopbackOnly());
    }
  }

  @Test
  void anObjectiveNamesWhatIsTimedAndItsBounds() {
    assertEquals(
        List.of(new ObjectiveSettings("a", "policy.decide", 95, 0.5)),
        parse("objectives: [{name: a, metric: policy.decide, millis: 0.5}]").objectives());
    List<String> faults =
        faults(
            """
            objectives:
              - {name: a, metric: nothing, millis: 1}
              - {name: b, metric: audit.commit, percentile: 100, millis: 1}
              - {name: c, metric: audit.commit, millis: 0}
              - {name: d, metric: audit.commit}
              - {name: throughput, metric: audit.commit, millis: 1}
            """);
    assertEquals(5, faults.size(), faults.toString());
    assertTrue(faults.get(4).contains("different from all others and the built-in"), faults.get(4));
    assertTrue(faults.get(0).contains("objectives.metric: expected one of"), faults.get(0));
    assertTrue(faults.get(1).contains("objectives.percentile: expected"), faults.get(1));
    assertTrue(faults.get(2).contains("objectives.millis: expected"), faults.get(2));
    assertTrue(faults.get(3).contains("objectives.millis: is missing"), faults.get(3));
  }

  @Test
  void aMissingFileIsNamed() {
    // When
    ConfigException fault =
        assertThrows(
            ConfigException.class,
            () -> Configuration.load(Path.of("conf/no-such-file.yaml"), Map.of()));

    // Then
    assertTrue(
        fault.faults().get(0).startsWith("conf/no-such-file.yaml: cannot be read: "),
        fault.getMessage());
  }
}
