package dev.gatehouse;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.List;

/** A held sandbox with network, and Python inside that speaks to the proxy byte by byte. */
final class NetworkedSandbox implements AutoCloseable {
  private static final String PRELUDE =
      """
      import base64, json, os, select, socket, time, urllib.parse
      P = urllib.parse.urlsplit(os.environ["http_proxy"])
      def credential(user, password):
          token = base64.b64encode((user + ":" + password).encode()).decode()
          return "Proxy-Authorization: Basic " + token + "\\r\\n"
      AUTH = credential(P.username, P.password)
      def proxy():
          return socket.create_connection((P.hostname, P.port), 10)
      def drain(s, seconds=10):
          s.settimeout(seconds)
          said = b""
          try:
              while piece := s.recv(65536):
                  said += piece
          except OSError as e:
              said += b"<" + type(e).__name__.encode() + b">"
          return said.decode("latin-1")
      def send(raw, seconds=10):
          with proxy() as s:
              s.sendall(raw.encode("latin-1"))
              return drain(s, seconds)
      def code(said):
          return said.split(" ")[1] if said.startswith("HTTP/") else said[:60] or "closed"
      def get(url, headers=""):
          return send("GET %s HTTP/1.1\\r\\nHost: wrong.test\\r\\n%s%sConnection: close\\r\\n\\r\\n" % (url, AUTH, headers))
      def tunnel(target, auth=None):
          s = proxy()
          s.settimeout(10)
          s.sendall(("CONNECT %s HTTP/1.1\\r\\nHost: %s\\r\\n%s\\r\\n" % (target, target, auth or AUTH)).encode())
          said = b""
          while b"\\r\\n\\r\\n" not in said:
              piece = s.recv(1)
              if not piece:
                  break
              said += piece
          return s, code(said.decode("latin-1"))
      def connects(target):
          s, said = tunnel(target)
          s.close()
          return said
      def echo(s, text):
          s.sendall(text.encode())
          said = b""
          while len(said) < len(text):
              piece = s.recv(65536)
              if not piece:
                  return "closed"
              said += piece
          return said.decode()
      def direct(address, port):
          try:
              socket.create_connection((address, port), 2).close()
              return True
          except OSError:
              return False
      """;

  private final HeldSandbox sandbox;

  NetworkedSandbox(Api api, String session, String... allow) {
    sandbox = HeldSandbox.withNetwork(api, session, allow);
    run(PRELUDE);
  }

  HeldSandbox held() {
    return sandbox;
  }

  String id() {
    return sandbox.id();
  }

  /** Runs Python that must succeed; gives what it printed. */
  String run(String code) {
    JsonObject reply = sandbox.run("python", code);
    assertEquals(0, reply.getInteger("exitCode"), reply.getString("stderr"));
    return reply.getString("stdout").strip();
  }

  String value(String expression) {
    return run("print(" + expression + ")");
  }

  /** The values of an expression in which {@code x} is each of the texts. */
  List<String> each(String expression, List<String> texts) {
    String list = new JsonArray(texts).encode();
    return new JsonArray(run("print(json.dumps([%s for x in %s]))".formatted(expression, list)))
        .stream().map(String::valueOf).toList();
  }

  @Override
  public void close() {
    sandbox.delete();
  }
}
