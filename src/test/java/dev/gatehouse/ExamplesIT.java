package dev.gatehouse;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Every example does what it says, with the policy and the keys that a server comes with. */
class ExamplesIT {
  private static final Path EXAMPLES = Path.of("examples");

  /** Imported by others. */
  private static final Set<String> PARTS = Set.of("node/websocket.mjs", "python/websocket.py");

  @RegisterExtension static final RunningServer SERVER = new RunningServer();

  /** What an example's output must have, by its name without its language. */
  private static final Map<String, List<String>> SAYS =
      Map.of(
          "mainjob", List.of("DENY", "exited", "42"),
          "stream", List.of("line 1", "line 2", "line 3", "exited"),
          "approval", List.of("a person is asked: ", "exited", "deployed"),
          "pipelinedsocket", List.of("5000 decisions, 5000 allowed, "),
          "decisions", List.of("Latency Distribution", "Requests/sec:"));

  static Stream<String> examples() throws IOException {
    try (Stream<Path> files = Files.walk(EXAMPLES, 2)) {
      return files
          .filter(file -> file.getNameCount() == 3 && Files.isRegularFile(file))
          .map(file -> EXAMPLES.relativize(file).toString())
          .filter(name -> !PARTS.contains(name))
          .sorted()
          .toList()
          .stream();
    }
  }

  @ParameterizedTest
  @MethodSource("examples")
  void doesWhatItSays(String example) throws IOException, InterruptedException {
    // When
    String said = Program.run(Program.environment(SERVER.api()), command(example));

    // Then
    for (String text : Objects.requireNonNull(SAYS.get(story(example)), example)) {
      assertTrue(said.contains(text), "\"" + text + "\" is missing in " + said);
    }
    assertTrue(!said.contains("Non-2xx"), said);
  }

  @Test
  void everyStoryIsToldInEveryLanguage() throws IOException {
    Set<String> told = new TreeSet<>();
    examples().forEach(name -> told.add(name.substring(0, name.indexOf('/')) + " " + story(name)));
    Set<String> expected = new TreeSet<>(Set.of("wrk decisions"));
    for (String story : List.of("mainjob", "stream", "approval")) {
      List.of("java", "node", "python", "curl").forEach(how -> expected.add(how + " " + story));
    }
    List.of("java", "node", "python").forEach(how -> expected.add(how + " pipelinedsocket"));
    String readme = Files.readString(EXAMPLES.resolve("README.md"));

    assertEquals(expected, told);
    examples().forEach(name -> assertTrue(readme.contains("examples/" + name), name));
  }

  /** Its name as all languages write it. */
  private static String story(String example) {
    return example
        .replaceFirst(".*/", "")
        .replaceFirst("\\..*", "")
        .replaceAll("[-_]", "")
        .toLowerCase(Locale.ROOT);
  }

  private static List<String> command(String example) {
    String file = EXAMPLES.resolve(example).toString();
    String url = "http://127.0.0.1:" + SERVER.api().port();
    return switch (example.substring(0, example.indexOf('/'))) {
      case "java" -> List.of(Program.JAVA, file);
      case "node" -> List.of("node", file);
      case "python" -> List.of("python3", file);
      case "wrk" -> List.of("wrk", "-t2", "-c8", "-d1s", "--latency", "-s", file, url);
      default -> List.of(file);
    };
  }
}
