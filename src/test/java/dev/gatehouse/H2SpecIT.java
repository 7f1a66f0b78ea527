package dev.gatehouse;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** RFC 7540 and 7541 by h2spec, whose program the build takes out of a Maven plugin. */
@EnabledOnOs(value = OS.LINUX, architectures = "amd64")
class H2SpecIT {
  private static final Path ARCHIVE = Path.of("target/h2spec/h2spec_linux_amd64.tar.gz");
  private static final Pattern CASE =
      Pattern.compile(
          "<testcase package=\"([^\"]*)\" classname=\"([^\"]*)\"[^>]*>\\s*<(failure|error)");

  /** Where Netty ends the stream, or answers it, and h2spec wants the connection to end. */
  private static final Set<String> KNOWN =
      Set.of(
          "http2/5.1 half closed (remote): Sends a HEADERS frame",
          "http2/5.1 closed: Sends a HEADERS frame",
          "http2/5.1.1 Sends stream identifier that is numerically smaller than previous");

  @RegisterExtension static final TlsServer SERVER = new TlsServer();

  private static String run(List<String> command, Path directory)
      throws IOException, InterruptedException {
    File log = directory.resolve("log").toFile();
    Process process =
        new ProcessBuilder(command)
            .directory(directory.toFile())
            .redirectErrorStream(true)
            .redirectOutput(log)
            .start();
    if (!process.waitFor(500, TimeUnit.SECONDS)) {
      process.destroyForcibly();
    }
    return Files.readString(log.toPath());
  }

  @Test
  void everyCaseIsPassedButForWhatIsKnown(@TempDir Path directory) throws Exception {
    // Given
    run(List.of("tar", "xzf", ARCHIVE.toAbsolutePath().toString()), directory);

    // When
    String log =
        run(
            List.of(
                directory.resolve("h2spec").toString(),
                "--host=127.0.0.1",
                "--port=" + SERVER.port(),
                "--tls",
                "--insecure",
                "--path=/healthz",
                "--timeout=10",
                "--junit-report=report.xml"),
            directory);

    // Then
    assertTrue(Files.exists(directory.resolve("report.xml")), log);
    String report = Files.readString(directory.resolve("report.xml"));
    Set<String> failed = new TreeSet<>();
    Matcher cases = CASE.matcher(report);
    while (cases.find()) {
      failed.add(cases.group(1) + " " + cases.group(2));
    }
    failed.removeAll(KNOWN);
    assertEquals(Set.of(), failed, log);
    assertTrue(log.contains("145 tests"), log);
  }
}
