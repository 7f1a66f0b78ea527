package dev.gatehouse;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.gatehouse.Api.Answer;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.http.HttpClient;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** A sandbox with network reaches what its list allows, by the proxy, and nothing else. */
class EgressIT {
  private static final Duration LIMIT = Duration.ofSeconds(20);

  @RegisterExtension static final OutsideWorld OUTSIDE = new OutsideWorld();

  @RegisterExtension
  static final RunningServer SERVER =
      new RunningServer()
          .behindOpenPolicy()
          .withNothingReady()
          .with("GATEHOUSE_SANDBOX_EGRESS_RESOLVER", OutsideProcess.ADDRESS + ":53");

  private static NetworkedSandbox sandbox(String... allow) {
    return new NetworkedSandbox(SERVER.api(), UUID.randomUUID().toString(), allow);
  }

  @Test
  void ordinaryProgramsReachWhatTheListNames() {
    try (NetworkedSandbox sandbox = sandbox("ok.test")) {
      JsonObject curl = sandbox.held().run("bash", "curl -s -d body http://ok.test/there?x=1");
      JsonObject python =
          sandbox
              .held()
              .run(
                  "python",
                  "import urllib.request;"
                      + "print(urllib.request.urlopen('http://ok.test/hello').read())");

      String seen = curl.getString("stdout");
      assertTrue(seen.startsWith("POST /there?x=1\n"), seen);
      assertTrue(seen.contains("Host=[ok.test]"), seen);
      assertTrue(seen.endsWith("4\nbody"), seen);
      assertFalse(seen.contains("Proxy"), seen);
      assertEquals("b'hello\\n'\n", python.getString("stdout"));
    }
  }

  @Test
  void whatSandboxesDoWithTheirNetworkIsCounted() {
    try (NetworkedSandbox sandbox = sandbox("ok.test")) {
      Map<String, Double> before = networkMetrics();

      sandbox.held().run("bash", "curl -s -d body http://ok.test/; curl -s http://other.test/");

      Map<String, Double> after = networkMetrics();
      assertEquals(5, after.size(), after.toString());
      after.forEach((name, value) -> assertTrue(value > before.getOrDefault(name, 0.0), name));
    }
  }

  private Map<String, Double> networkMetrics() {
    try (HttpClient client = HttpClient.newHttpClient()) {
      return client
          .sendAsync(SERVER.api().request("agent", "/metrics").build(), BodyHandlers.ofString())
          .join()
          .body()
          .lines()
          .filter(line -> line.startsWith("harombe_network_"))
          .collect(
              Collectors.toMap(
                  line -> line.substring(0, line.lastIndexOf(' ')),
                  line -> Double.parseDouble(line.substring(line.lastIndexOf(' ')))));
    }
  }

  @Test
  void aTunnelCarriesBytesBothWays() {
    try (NetworkedSandbox sandbox = sandbox("*.ok.test")) {
      sandbox.run("s, said = tunnel('a.b.ok.test:443')");

      assertEquals("200", sandbox.value("said"));
      assertEquals("True", sandbox.value("echo(s, 'x' * 1_000_000) == 'x' * 1_000_000"));
    }
  }

  @Test
  void requestsOnOneConnectionAreJudgedOneByOne() {
    try (NetworkedSandbox sandbox = sandbox("ok.test")) {
      String said =
          sandbox.value(
              "repr(send(''.join('GET http://%s/hello HTTP/1.1\\r\\nHost: ok.test\\r\\n%s\\r\\n' %"
                  + " (host, AUTH) for host in ('ok.test', 'ok.test', 'other.test', 'ok.test'))))");

      assertEquals(2, said.split("hello", -1).length - 1, said);
      assertEquals(1, said.split("403 Forbidden", -1).length - 1, said);
    }
  }

  @Test
  void whatTheListDoesNotNameIsRefusedAndNotEvenLookedUp() {
    try (NetworkedSandbox sandbox = sandbox("ok.test", "*.other.test")) {
      int before = OUTSIDE.questionsFor("evilok.test");

      List<String> said =
          sandbox.each(
              "connects(x)",
              List.of(
                  "evilok.test:443",
                  "a.ok.test:443",
                  "other.test:443",
                  "ok.test:8081",
                  "ok.test.evil.test:443",
                  OutsideProcess.ADDRESS + ":443"));

      assertEquals(Collections.nCopies(6, "403"), said);
      assertEquals(before, OUTSIDE.questionsFor("evilok.test"));
    }
  }

  @Test
  void namesThatLeadToPlacesNoListCanAllowAreRefused() {
    List<String> names =
        List.of(
            "loopback.test",
            "metadata.test",
            "private.test",
            "gate.test",
            "unspecified.test",
            "loopback6.test");
    try (NetworkedSandbox sandbox = sandbox(names.toArray(String[]::new))) {
      assertEquals(
          Collections.nCopies(6, "403"), sandbox.each("code(get('http://' + x + '/'))", names));
    }
    try (NetworkedSandbox sandbox = sandbox("mapped.test", "mixed.test", "nowhere.test")) {
      // Nothing but a mapped address is no address; of several the harmless one is taken.
      assertEquals(
          List.of("502", "200", "502"),
          sandbox.each(
              "code(get('http://' + x + '/'))",
              List.of("mapped.test", "mixed.test", "nowhere.test")));
    }
  }

  @Test
  void theAddressThatWasCheckedIsTheAddressThatIsConnectedTo() {
    try (NetworkedSandbox sandbox = sandbox("rebinding.test")) {
      int before = OUTSIDE.questionsFor("rebinding.test");

      List<String> said =
          sandbox.each("code(get('http://rebinding.test/'))", List.of("1", "2", "3", "4"));

      // It leads there and to the loopback in turn, and is asked for once an attempt.
      assertEquals(4, OUTSIDE.questionsFor("rebinding.test") - before);
      assertEquals(
          before % 2 == 0
              ? List.of("200", "403", "200", "403")
              : List.of("403", "200", "403", "200"),
          said);
    }
  }

  @Test
  void aPrivateAddressIsReachedWhereABlockSaysSo() {
    try (NetworkedSandbox sandbox = sandbox("private.test", "10.77.0.0/24")) {
      assertEquals("200", sandbox.value("code(get('http://private.test/'))"));
      assertEquals("200", sandbox.value("code(get('http://10.77.0.2/'))"));
      assertEquals("403", sandbox.value("code(get('http://10.77.0.1/'))"));
      assertEquals("403", sandbox.value("code(get('http://10.78.0.2/'))"));
    }
  }

  @Test
  void addressesInOddNotationAreRefusedEvenWhereEverythingIsAllowed() {
    try (NetworkedSandbox sandbox = sandbox("0.0.0.0/0:443", "::/0:443", "ok.test")) {
      List<String> refused =
          List.of(
              "0x7f.1:443",
              "2130706433:443",
              "0177.0.0.1:443",
              "127.1:443",
              "127.0.0.1:443",
              "127.0.0.1.:443",
              "[::ffff:127.0.0.1]:443",
              "[::ffff:7f00:1]:443",
              "[::127.0.0.1]:443",
              "[::1]:443",
              "[::]:443",
              "[fe80::1%25eth0]:443",
              "[64:ff9b::7f00:1]:443",
              "[fd00:ec2::254]:443",
              "169.254.169.254:443",
              "0.0.0.0:443",
              "224.0.0.1:443",
              "255.255.255.255:443",
              OutsideProcess.GATE_ADDRESS + ":443",
              "ok.test:0",
              "ok.test:65536",
              "ok.test:+443",
              "ok.test:443:443",
              "ok.test",
              "user@ok.test:443",
              "ok..test:443",
              ".ok.test:443",
              "\u00f6k.test:443",
              "ok.test:443/path");

      List<String> said = sandbox.each("connects(x)", refused);

      for (int i = 0; i < refused.size(); i++) {
        assertTrue(
            said.get(i).equals("403") || said.get(i).equals("400"),
            refused.get(i) + " -> " + said.get(i));
      }
      assertEquals("403", sandbox.value("connects('%s:443' % P.hostname)"), "the bridge's own");
      assertEquals("200", sandbox.value("connects('OK.TEST.:443')"));
      assertEquals("200", sandbox.value("connects('" + OutsideProcess.ADDRESS + ":443')"));
    }
  }

  @Test
  void nothingButTheProxyCanBeReached() throws IOException {
    try (NetworkedSandbox sandbox = sandbox("0.0.0.0/0");
        NetworkedSandbox neighbour = sandbox();
        ServerSocket open = new ServerSocket(0)) {
      neighbour.run("listener = socket.create_server(('0.0.0.0', 4243))");
      String address = neighbour.value("proxy().getsockname()[0]");
      String gateway = sandbox.value("P.hostname");
      int port = open.getLocalPort();

      // All of these are there, for others.
      new Socket(gateway, port).close();
      new Socket(OutsideProcess.ADDRESS, OutsideProcess.WEB).close();
      assertEquals("True", neighbour.value("direct('127.0.0.1', 4243)"));

      assertEquals("True", sandbox.value("direct(P.hostname, P.port)"));
      assertEquals("False", sandbox.value("direct('" + address + "', 4243)"));
      assertEquals("False", sandbox.value("direct('" + OutsideProcess.ADDRESS + "', 80)"));
      assertEquals("False", sandbox.value("direct(P.hostname, " + port + ")"));
      assertEquals(
          "False", sandbox.value("direct('" + OutsideProcess.GATE_ADDRESS + "', " + port + ")"));
      int before = OUTSIDE.questionsFor("leak.test");
      assertEquals(
          "none",
          sandbox.run(
              """
              try:
                  print(socket.getaddrinfo('leak.test', 80))
              except OSError:
                  pass
              question = bytes.fromhex('123401000001000000000000') + b'\\x04leak\\x04test\\x00\\x00\\x01\\x00\\x01'
              answers = []
              for server in (P.hostname, '198.51.100.2', '127.0.0.11'):
                  s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
                  s.settimeout(1)
                  try:
                      s.sendto(question, (server, 53))
                      if s.recv(512)[6:8] != b'\\0\\0':
                          answers.append(server)
                  except OSError:
                      pass
              print(answers or 'none')
              """));
      assertEquals(before, OUTSIDE.questionsFor("leak.test"));
      assertEquals(
          "none",
          sandbox.run(
              """
              made = []
              for family, kind, protocol in ((socket.AF_INET, socket.SOCK_RAW, 1), (socket.AF_PACKET, socket.SOCK_RAW, 0x300)):
                  try:
                      made.append(socket.socket(family, kind, protocol))
                  except OSError:
                      pass
              print(made or 'none')
              """));
    }
  }

  @Test
  void theProxyHearsOnlyTheSandboxItself() {
    try (NetworkedSandbox sandbox = sandbox("ok.test");
        NetworkedSandbox other = sandbox("ok.test")) {
      String stolen = other.value("P.password");

      assertEquals("407", sandbox.value("code(send('GET http://ok.test/ HTTP/1.1\\r\\n\\r\\n'))"));
      assertEquals(
          "407",
          sandbox.value("tunnel('ok.test:443', credential('sandbox', '" + stolen + "'))[1]"));
      assertEquals("200", other.value("connects('ok.test:443')"));
      assertEquals("credential", refusals(sandbox).get(0).getString("status"));
    }
  }

  @Test
  void eachAttemptIsRecordedBeforeItGoesAndAtItsEnd() {
    try (NetworkedSandbox sandbox = sandbox("ok.test")) {
      sandbox.run("s, _ = tunnel('ok.test:443'); echo(s, 'twelve bytes')");
      JsonObject opened = events(sandbox, "network.accessed").get(0);
      assertEquals("allowed", opened.getString("status"));
      assertEquals("ALLOW", opened.getString("outcome"));
      assertEquals("ok.test", opened.getString("rule"));
      assertEquals("ok.test:443", opened.getJsonObject("detail").getString("target"));
      assertEquals(OutsideProcess.ADDRESS, opened.getJsonObject("detail").getString("address"));
      assertTrue(events(sandbox, "network.closed").isEmpty());

      sandbox.run("s.close(); get('http://other.test/secret?token=hidden')");

      Eventually.eventually(
          "the end is recorded", LIMIT, () -> !events(sandbox, "network.closed").isEmpty());
      JsonObject closed = events(sandbox, "network.closed").get(0);
      assertEquals(opened.getString("action"), closed.getString("action"));
      assertEquals(12, closed.getJsonObject("detail").getInteger("bytesUp"));
      assertEquals(12, closed.getJsonObject("detail").getInteger("bytesDown"));
      assertTrue(closed.getLong("durationNanos") > 0);
      JsonObject refused = refusals(sandbox).get(0);
      assertEquals("not-allowed", refused.getString("status"));
      assertEquals("other.test", refused.getJsonObject("detail").getString("target"));
      assertFalse(refused.encode().contains("hidden"), "a path may hold secrets");
    }
  }

  @Test
  void aListThatChangesClosesWhatItNoLongerAllowsAndOpensWhatItNowDoes() {
    try (NetworkedSandbox sandbox = sandbox("ok.test", "a.ok.test")) {
      sandbox.run("s, _ = tunnel('ok.test:443'); t, _ = tunnel('a.ok.test:443')");
      assertEquals("b b", sandbox.value("echo(s, 'b'), echo(t, 'b')").replaceAll("[(),']", ""));

      Answer changed = sandbox.held().changeNetwork("a.ok.test", "other.test");

      assertEquals(200, changed.status(), changed.body().encode());
      assertEquals(
          List.of("a.ok.test", "other.test"),
          changed.body().getJsonObject("network").getJsonArray("allow").getList());
      assertEquals(
          "closed", sandbox.run("try:\n  print(echo(s, 'c'))\nexcept OSError:\n  print('closed')"));
      assertEquals("c", sandbox.value("echo(t, 'c')"));
      assertEquals("403", sandbox.value("connects('ok.test:443')"));
      assertEquals("200", sandbox.value("connects('other.test:443')"));
      Eventually.eventually(
          "the cut is recorded",
          LIMIT,
          () ->
              events(sandbox, "network.closed").stream()
                  .anyMatch(event -> event.getString("status").equals("list-changed")));
      assertEquals(1, events(sandbox, "network.changed").size());
    }
  }

  @Test
  void whatASandboxHasOpenEndsWithIt() {
    NetworkedSandbox sandbox = sandbox("ok.test");
    sandbox.run("s, _ = tunnel('ok.test:443'); echo(s, 'x')");

    sandbox.close();

    Eventually.eventually(
        "the cut is recorded",
        LIMIT,
        () ->
            events(sandbox, "network.closed").stream()
                .anyMatch(event -> event.getString("status").equals("sandbox-ended")));
  }

  @Test
  void aListThatCannotBeUsedIsRefusedWithTheEntryAndTheMending() {
    Map<String, String> faults =
        Map.of(
            "https://ok.test", "scheme",
            "*", "every host",
            "*.com", "top-level",
            "a.*.test", "star inside",
            "10.0.0.1/8", "write 10.0.0.0/8",
            "127.0.0.0/8", "never be reached",
            "ok.test:70000", "port",
            "0x7f.1", "number",
            "ok.test/path", "path",
            "", "no host");
    faults.forEach((entry, word) -> {
      Answer answer =
          SERVER
              .api()
              .post(
                  "agent",
                  "/v1/sandboxes",
                  new JsonObject()
                      .put(
                          "network",
                          new JsonObject().put("allow", JsonArray.of("ok.test", entry))));
      assertEquals(422, answer.status(), answer.body().encode());
      assertEquals("network.invalid", answer.code());
      String detail = answer.body().getString("detail");
      assertTrue(detail.startsWith("network.allow[1] "), detail);
      assertTrue(detail.contains(word), detail);
    });
  }

  @Test
  void aSandboxMadeWithoutNetworkStaysWithout() {
    HeldSandbox sealed = HeldSandbox.of(SERVER.api(), UUID.randomUUID().toString());

    assertEquals("sandbox.sealed", sealed.changeNetwork("ok.test").code());
    assertEquals(
        "none\n", sealed.run("bash", "env | grep -i proxy || echo none").getString("stdout"));
    sealed.delete();
  }

  @Test
  void anExecutionOfItsOwnCanHaveNetworkToo() {
    JsonObject request =
        Api.execution("bash", "curl -s http://ok.test/hello")
            .put("network", new JsonObject().put("allow", JsonArray.of("ok.test")));

    Answer answer = SERVER.api().post("agent", "/v1/executions", request);

    assertEquals(200, answer.status(), answer.body().encode());
    assertEquals("hello\n", answer.body().getString("stdout"));
    assertEquals("runsc-egress", answer.body().getJsonObject("sandbox").getString("runtime"));
  }

  private static List<JsonObject> refusals(NetworkedSandbox sandbox) {
    return events(sandbox, "network.accessed").stream()
        .filter(event -> event.getString("outcome").equals("DENY"))
        .toList();
  }

  /** Oldest first. */
  private static List<JsonObject> events(NetworkedSandbox sandbox, String kind) {
    return SERVER
        .api()
        .get("auditor", "/v1/audit?limit=1000&order=asc&sandbox=" + sandbox.id() + "&kind=" + kind)
        .body()
        .getJsonArray("events")
        .stream()
        .map(JsonObject.class::cast)
        .collect(Collectors.toList());
  }
}
