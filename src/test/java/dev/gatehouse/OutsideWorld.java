package dev.gatehouse;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/**
 * Another machine, as far as addresses go: a network namespace at the other end of a cable. Needs
 * root and {@code ip}. One at a time on a machine.
 */
@SuppressWarnings("NullAway.Init")
final class OutsideWorld implements BeforeAllCallback, AfterAllCallback {
  private static final String NAMESPACE = "gatehouse-out";
  private static final String CABLE = "gh-out0";
  private static final String FAR_END = "gh-out1";

  private Process process;

  @Override
  public void beforeAll(ExtensionContext context) throws IOException, InterruptedException {
    tear();
    ip("netns add " + NAMESPACE);
    ip("link add " + CABLE + " type veth peer name " + FAR_END);
    ip("link set " + FAR_END + " netns " + NAMESPACE);
    ip("addr add " + OutsideProcess.GATE_ADDRESS + "/24 dev " + CABLE);
    ip("addr add 10.77.0.1/24 dev " + CABLE);
    ip("link set " + CABLE + " up");
    ip("-n " + NAMESPACE + " addr add " + OutsideProcess.ADDRESS + "/24 dev " + FAR_END);
    ip("-n " + NAMESPACE + " addr add " + OutsideProcess.PRIVATE_ADDRESS + "/24 dev " + FAR_END);
    ip("-n " + NAMESPACE + " link set " + FAR_END + " up");
    ip("-n " + NAMESPACE + " link set lo up");
    List<String> command = new ArrayList<>(List.of("ip", "netns", "exec", NAMESPACE));
    command.add(ProcessHandle.current().info().command().orElseThrow());
    command.addAll(List.of("-Xmx128m", "-cp", System.getProperty("java.class.path")));
    command.add(OutsideProcess.class.getName());
    process = new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT).start();
    String said =
        new String(process.getInputStream().readNBytes("ready".length()), StandardCharsets.UTF_8);
    if (!said.equals("ready")) {
      throw new AssertionError("the outside did not begin: " + said);
    }
  }

  @Override
  public void afterAll(ExtensionContext context) throws IOException, InterruptedException {
    if (process != null) {
      process.getOutputStream().close();
      process.waitFor();
    }
    tear();
  }

  private static void tear() throws IOException, InterruptedException {
    // With the namespace goes its end of the cable, and with that the other end.
    run("ip netns del " + NAMESPACE);
    run("ip link del " + CABLE);
  }

  private static void ip(String arguments) throws IOException, InterruptedException {
    String failure = run("ip " + arguments);
    if (!failure.isEmpty()) {
      throw new AssertionError("ip " + arguments + ": " + failure);
    }
  }

  /** Gives what it said if it failed. */
  private static String run(String command) throws IOException, InterruptedException {
    Process run = new ProcessBuilder(command.split(" ")).redirectErrorStream(true).start();
    String said = new String(run.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    return run.waitFor() == 0 ? "" : said + "failed";
  }

  /** How often the name server was asked for a name's IPv4 address. */
  int questionsFor(String name) {
    return Integer.parseInt(get("/questions?" + name));
  }

  /** All that was sent to the server that keeps it. */
  String kept() {
    return get("/kept");
  }

  /** Fetched from here, past the proxy. */
  private static String get(String path) {
    try (HttpClient client = HttpClient.newHttpClient()) {
      return client
          .send(
              HttpRequest.newBuilder(URI.create("http://" + OutsideProcess.ADDRESS + path))
                  .timeout(Duration.ofSeconds(10))
                  .build(),
              BodyHandlers.ofString())
          .body();
    } catch (IOException e) {
      throw new AssertionError(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AssertionError(e);
    }
  }
}
