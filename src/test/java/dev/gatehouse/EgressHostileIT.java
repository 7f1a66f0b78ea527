package dev.gatehouse;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** A guest that attacks the proxy: nobody else notices, and nothing gets past it. */
class EgressHostileIT {
  private static final Duration LIMIT = Duration.ofSeconds(30);
  private static final int CONNECTIONS = 32;
  private static final int ATTEMPTS = 20;

  @RegisterExtension static final OutsideWorld OUTSIDE = new OutsideWorld();

  @RegisterExtension
  static final RunningServer SERVER =
      new RunningServer()
          .behindOpenPolicy()
          .withNothingReady()
          .with("GATEHOUSE_SANDBOX_EGRESS_RESOLVER", OutsideProcess.ADDRESS + ":53")
          .with("GATEHOUSE_SANDBOX_EGRESS_IDLE_TIMEOUT_MILLIS", "4000")
          .with("GATEHOUSE_SANDBOX_EGRESS_MAX_CONNECTIONS", String.valueOf(CONNECTIONS))
          .with("GATEHOUSE_SANDBOX_EGRESS_ATTEMPTS_PER_SECOND", String.valueOf(ATTEMPTS))
          .with("GATEHOUSE_SANDBOX_EGRESS_MAX_BYTES", String.valueOf(2 << 20));

  private static NetworkedSandbox sandbox(String... allow) {
    return new NetworkedSandbox(SERVER.api(), UUID.randomUUID().toString(), allow);
  }

  @Test
  void requestsThatCanBeReadInTwoWaysSmuggleNothing() {
    String post = "POST http://ok.test:8081/first HTTP/1.1\\r\\nHost: ok.test\\r\\n";
    String smuggled = "GET /smuggled HTTP/1.1\\r\\nHost: ok.test\\r\\n\\r\\n";
    try (NetworkedSandbox sandbox = sandbox("ok.test:8081")) {
      for (String framing :
          List.of(
              "Content-Length: 4\\r\\nTransfer-Encoding: chunked\\r\\n\\r\\n0\\r\\n\\r\\n",
              "Transfer-Encoding: chunked\\r\\nContent-Length: 4\\r\\n\\r\\n0\\r\\n\\r\\n",
              "Content-Length: 0\\r\\nContent-Length: 44\\r\\n\\r\\n",
              "Content-Length: 0, 44\\r\\n\\r\\n",
              "Content-Length: +0\\r\\n\\r\\n",
              "Content-Length : 0\\r\\n\\r\\n",
              "Content-Length:\\r\\n 0\\r\\n\\r\\n",
              "Transfer-Encoding: xchunked\\r\\n\\r\\n",
              "Transfer-Encoding: chunked, identity\\r\\n\\r\\n0\\r\\n\\r\\n",
              "Transfer-Encoding : chunked\\r\\n\\r\\n0\\r\\n\\r\\n",
              "Transfer-Encoding:\\x0bchunked\\r\\n\\r\\n0\\r\\n\\r\\n",
              "Transfer-Encoding: chunked\\r\\nTransfer-Encoding: x\\r\\n\\r\\n0\\r\\n\\r\\n",
              "Transfer-Encoding: chunked\\r\\n\\r\\n0;x\\r\\n\\r\\n",
              "Transfer-Encoding: chunked\\r\\n\\r\\n0\\n\\n",
              "X: y\\rContent-Length: 44\\r\\n\\r\\n",
              "Expect: 100-continue\\r\\nContent-Length: 0\\r\\n\\r\\n",
              "Connection: Content-Length\\r\\nContent-Length: 0\\r\\n\\r\\n",
              "Upgrade: h2c\\r\\nConnection: Upgrade, HTTP2-Settings\\r\\nHTTP2-Settings:"
                  + " AAMAAABkAARAAAAA\\r\\n\\r\\n")) {
        sandbox.run("send('" + post + "' + AUTH + '" + framing + smuggled + "', 1)");
      }

      assertTrue(OUTSIDE.kept().contains("POST /first HTTP/1.1\r\n"), OUTSIDE.kept());
      assertFalse(OUTSIDE.kept().contains("smuggled"), OUTSIDE.kept());
      assertFalse(OUTSIDE.kept().contains("Proxy-"), OUTSIDE.kept());
    }
  }

  @Test
  void whatIsNoRequestToAProxyIsRefused() {
    try (NetworkedSandbox sandbox = sandbox("ok.test")) {
      String requests =
          """
          requests = [
              'GET /hello HTTP/1.1\\r\\nHost: ok.test\\r\\n',
              'GET * HTTP/1.1\\r\\nHost: ok.test\\r\\n',
              'OPTIONS * HTTP/1.1\\r\\nHost: ok.test\\r\\n',
              'GET http:///hello HTTP/1.1\\r\\nHost: ok.test\\r\\n',
              'GET http://@ok.test/hello HTTP/1.1\\r\\n',
              'GET http://other.test@ok.test/ HTTP/1.1\\r\\n',
              'GET http://ok.test\\\\@other.test/ HTTP/1.1\\r\\n',
              'GET https://ok.test/hello HTTP/1.1\\r\\n',
              'GET ftp://ok.test/hello HTTP/1.1\\r\\n',
              'GET http:ok.test/hello HTTP/1.1\\r\\n',
              'GET http://ok.test/hello HTTP/1.0\\r\\n',
              'GET http://ok.test/hello HTTP/9.9\\r\\n',
              'GET http://ok.test/hello\\r\\n',
              'CONNECT /ok.test:443 HTTP/1.1\\r\\n',
              'CONNECT http://ok.test:443 HTTP/1.1\\r\\n',
              'CONNECT ok.test:443 HTTP/1.1\\r\\nContent-Length: 5\\r\\n',
              'CONNECT :443 HTTP/1.1\\r\\n',
              'PRI * HTTP/2.0\\r\\n',
              '\\x16\\x03\\x01\\x02\\x00\\x01\\x00',
              'GET http://ok.test/hello HTTP/1.1\\r\\nA: b\\x00c\\r\\n',
              'GET http://ok.test/hello HTTP/1.1\\r\\nX: ' + 'y' * 100_000 + '\\r\\n',
              'GET http://ok.test/hello HTTP/1.1\\r\\n' + ''.join('X%d: y\\r\\n' % i for i in range(20_000)),
              'GET http://ok.test/' + 'y' * 100_000 + ' HTTP/1.1\\r\\n',
              'G' * 100_000 + ' http://ok.test/hello HTTP/1.1\\r\\n',
          ]
          answers = []
          for i, request in enumerate(requests):
              try:
                  answers.append(code(send(request + AUTH + '\\r\\n', 5)))
              except OSError as e:
                  answers.append('closed')
              if i % 10 == 9:
                  time.sleep(1)
          print(json.dumps(answers))
          """;

      JsonArray answers = new JsonArray(sandbox.run(requests));

      for (int i = 0; i < answers.size(); i++) {
        String answer = answers.getString(i);
        assertTrue(
            answer.startsWith("4") || answer.startsWith("5") || !answer.matches("\\d+"),
            i + ": " + answers.encode());
      }
      assertEquals("200", sandbox.value("code(get('http://ok.test/hello'))"));
    }
  }

  @Test
  void aRequestThatTricklesInIsCutOff() {
    try (NetworkedSandbox sandbox = sandbox("ok.test")) {
      assertEquals(
          "cut off",
          sandbox.run(
              """
              s = proxy()
              s.settimeout(0.2)
              end, over = time.monotonic() + 25, False
              while time.monotonic() < end and not over:
                  try:
                      s.sendall(b'G')
                      over = s.recv(100) == b''
                  except TimeoutError:
                      pass
                  except OSError:
                      over = True
              print('cut off' if over else 'still open')
              """));
      sandbox.run("t, said = tunnel('ok.test:443')");
      Eventually.eventually(
          "a silent tunnel is cut",
          LIMIT,
          () -> closings(sandbox).stream().anyMatch("idle"::equals));
    }
  }

  @Test
  void aThousandConnectionsAtOnceHarmNobodyElse() {
    try (NetworkedSandbox sandbox = sandbox("ok.test");
        NetworkedSandbox other = sandbox("ok.test")) {
      int open =
          Integer.parseInt(
              sandbox.run(
                  """
                  many = []
                  for _ in range(1000):
                      s = socket.socket()
                      s.setblocking(False)
                      try:
                          s.connect_ex((P.hostname, P.port))
                          many.append(s)
                      except OSError:
                          break
                  def is_open(s):
                      try:
                          return s.recv(1) != b''
                      except BlockingIOError:
                          return True
                      except OSError:
                          return False
                  end = time.monotonic() + 20
                  while sum(map(is_open, many)) > %d and time.monotonic() < end:
                      time.sleep(0.1)
                  print(sum(map(is_open, many)))
                  """
                      .formatted(CONNECTIONS)));

      assertTrue(open <= CONNECTIONS, open + " are open");
      assertEquals("200", other.value("code(get('http://ok.test/hello'))"));
      sandbox.run("for s in many: s.close()\ntime.sleep(1)");
      assertEquals("200", sandbox.value("code(get('http://ok.test/hello'))"));
    }
  }

  @Test
  void aFloodOfAttemptsIsToldInFewRows() {
    try (NetworkedSandbox sandbox = sandbox("ok.test")) {
      JsonArray answers =
          new JsonArray(
              sandbox.run("print(json.dumps([connects('other.test:443') for _ in range(300)]))"));
      long refused = answers.stream().filter("403"::equals).count();
      long tooMany = answers.stream().filter("429"::equals).count();
      assertEquals(300, refused + tooMany, answers.encode());
      assertTrue(refused >= ATTEMPTS, answers.encode());
      assertTrue(tooMany > 0, answers.encode());

      Eventually.eventually(
          "all are told",
          LIMIT,
          () ->
              count(sandbox, "not-allowed") == refused
                  && count(sandbox, "too-many-attempts") == tooMany);
    }
  }

  @Test
  void whoHasMovedAllItsBytesIsCutOff() {
    try (NetworkedSandbox sandbox = sandbox("ok.test")) {
      int got = Integer.parseInt(sandbox.value("len(get('http://ok.test/large'))"));
      assertTrue(got < 4 << 20, got + " bytes came");
      assertEquals("403", sandbox.value("connects('ok.test:443')"));
      assertTrue(closings(sandbox).contains("too-many-bytes"), closings(sandbox).toString());
    }
  }

  @Test
  void rulesThatSomebodyTookAwayArePutBackUnderARunningSandbox()
      throws IOException, InterruptedException {
    try (NetworkedSandbox sandbox = sandbox("ok.test");
        ServerSocket open = new ServerSocket(0)) {
      assertEquals("200", sandbox.value("code(get('http://ok.test/hello'))"));
      for (String place :
          List.of(
              "iptables -w 10 -t raw PREROUTING",
              "iptables -w 10 -t filter INPUT",
              "ip6tables -w 10 -t raw PREROUTING")) {
        String command = place.substring(0, place.lastIndexOf(' '));
        String rule = rule(command, place.substring(place.lastIndexOf(' ') + 1));
        assertFalse(rule.isEmpty(), place);

        run(command + " " + rule.replaceFirst("-A", "-D"));

        Eventually.eventually(
            "the rule stands again in " + place,
            LIMIT,
            () -> rule.equals(rule(command, place.substring(place.lastIndexOf(' ') + 1))));
        assertEquals("False", sandbox.value("direct(P.hostname, " + open.getLocalPort() + ")"));
        assertEquals("200", sandbox.value("code(get('http://ok.test/hello'))"));
      }
    }
  }

  @Test
  void aNetworkThatIsProvenAnewCutsNobodyOff() throws IOException, InterruptedException {
    try (NetworkedSandbox first = sandbox("ok.test");
        ServerSocket open = new ServerSocket(0)) {
      assertEquals("200", first.value("code(get('http://ok.test/hello'))"));
      // So often that one comes between two looks at the rules.
      for (int n = 0; n < 3; n++) {
        String rule = rule("iptables -w 10 -t raw", "PREROUTING");
        if (!rule.isEmpty()) {
          run("iptables -w 10 -t raw " + rule.replaceFirst("-A", "-D"));
        }

        try (NetworkedSandbox next = sandbox("ok.test")) {
          assertFalse(rule("iptables -w 10 -t raw", "PREROUTING").isEmpty());
          assertEquals("200", next.value("code(get('http://ok.test/hello'))"));
          assertEquals("False", next.value("direct(P.hostname, " + open.getLocalPort() + ")"));
        }
      }
      assertEquals("200", first.value("code(get('http://ok.test/hello'))"));
    }
  }

  private static String rule(String command, String from) {
    String bridge = EngineContainers.networksOfNode(SERVER.node()).get(0);
    try {
      return run(command + " -S " + from)
          .lines()
          .filter(line -> line.contains("-i " + bridge + " "))
          .findFirst()
          .orElse("");
    } catch (IOException | InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  private static String run(String command) throws IOException, InterruptedException {
    Process process = new ProcessBuilder(command.split(" ")).redirectErrorStream(true).start();
    String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertEquals(0, process.waitFor(), said);
    return said;
  }

  private static List<String> closings(NetworkedSandbox sandbox) {
    return events(sandbox, "network.closed").stream()
        .map(event -> event.getString("status"))
        .toList();
  }

  /** Attempts, not rows. */
  private static int count(NetworkedSandbox sandbox, String status) {
    return events(sandbox, "network.accessed").stream()
        .filter(event -> event.getString("status").equals(status))
        .mapToInt(event -> event.getJsonObject("detail").getInteger("times", 1))
        .sum();
  }

  private static List<JsonObject> events(NetworkedSandbox sandbox, String kind) {
    return SERVER
        .api()
        .get("auditor", "/v1/audit?limit=1000&sandbox=" + sandbox.id() + "&kind=" + kind)
        .body()
        .getJsonArray("events")
        .stream()
        .map(JsonObject.class::cast)
        .toList();
  }
}
