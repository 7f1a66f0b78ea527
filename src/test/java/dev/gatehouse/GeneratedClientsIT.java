package dev.gatehouse;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/**
 * The clients that openapi-generator makes from {@code openapi.json} compile and do the main job.
 * The build generates them below {@code target/clients}.
 */
@SuppressWarnings("NullAway.Init")
class GeneratedClientsIT {
  private static final Path CLIENTS = Path.of("target/clients");
  private static final Path USES = Path.of("src/test/clients");
  private static final String SAID = "DENY exited 0 42";

  @RegisterExtension static final RunningServer SERVER = new RunningServer();

  @TempDir private Path folder;

  private String run(Map<String, String> more, String... command)
      throws IOException, InterruptedException {
    Map<String, String> environment = new HashMap<>(Program.environment(SERVER.api()));
    environment.putAll(more);
    return String.join(" ", Program.run(environment, List.of(command)).strip().split("\\s+", -1));
  }

  @Test
  void inJava() throws IOException, InterruptedException {
    // Given
    String libraries = System.getProperty("java.class.path");
    List<String> compile = new ArrayList<>(List.of(javac(), "-nowarn", "-proc:none", "-cp"));
    compile.addAll(List.of(libraries, "-d", folder.toString()));
    try (Stream<Path> files = Files.walk(CLIENTS.resolve("java/src/main/java"))) {
      files.map(Path::toString).filter(name -> name.endsWith(".java")).forEach(compile::add);
    }

    // When
    Program.run(Map.of(), compile);

    // Then
    assertEquals(
        SAID,
        run(
            Map.of(),
            Program.JAVA,
            "-cp",
            folder + File.pathSeparator + libraries,
            USES.resolve("MainJob.java").toString()));
  }

  private static String javac() {
    return Program.JAVA + "c";
  }

  @Test
  void inPython() throws IOException, InterruptedException {
    // Given an environment that has what the client needs, if the machine has not
    Program.run(
        Map.of(), List.of("python3", "-m", "venv", "--system-site-packages", folder.toString()));
    String python = folder.resolve("bin/python").toString();
    Program.run(
        Map.of(),
        List.of(
            python,
            "-m",
            "pip",
            "install",
            "--quiet",
            "--disable-pip-version-check",
            "-r",
            CLIENTS.resolve("python/requirements.txt").toString()));

    // When, then
    assertEquals(
        SAID,
        run(
            Map.of("PYTHONPATH", CLIENTS.resolve("python").toString()),
            python,
            USES.resolve("main_job.py").toString()));
  }

  @Test
  void inTypeScript() throws IOException, InterruptedException {
    // Given
    Path use = CLIENTS.resolve("typescript/main-job.ts");
    Files.copy(USES.resolve("main-job.ts"), use, StandardCopyOption.REPLACE_EXISTING);

    // When
    Program.run(
        Map.of(),
        List.of(
            "tsc",
            "--outDir",
            folder.toString(),
            "--target",
            "es2020",
            "--module",
            "commonjs",
            "--lib",
            "es2020,dom",
            use.toString()));

    // Then
    assertEquals(SAID, run(Map.of(), "node", folder.resolve("main-job.js").toString()));
  }
}
