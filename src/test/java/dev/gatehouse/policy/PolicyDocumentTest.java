package dev.gatehouse.policy;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** What {@code docs/policy.md} shows is a policy, and means what it says. */
class PolicyDocumentTest {
  private static final Pattern EXAMPLE = Pattern.compile("```yaml\n(.*?)```", Pattern.DOTALL);

  private final String document = read();

  private static String read() {
    try {
      return Files.readString(Path.of("docs/policy.md"));
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }

  @Test
  void itsExampleStandsBesideTheBuiltInFilesAndPassesItsTests() throws Exception {
    List<String> examples =
        EXAMPLE.matcher(document).results().map(example -> example.group(1)).toList();
    assertEquals(1, examples.size());
    Map<String, String> files = new TreeMap<>(new PolicyFiles(Path.of("conf/policies")).read());
    files.put("50-payments.yaml", examples.getFirst());

    Policy policy = Policy.compile(files, InstantSource.system());

    assertEquals(List.of(), SelfTest.run(policy));
    assertEquals(
        4, policy.rules().stream().filter(rule -> rule.id().startsWith("payments.")).count());
  }

  @Test
  void itNamesEveryKeyOfARule() throws IOException {
    String schema = Files.readString(Path.of("conf/policies/policy.schema.json"));
    MatchResult rule =
        Pattern.compile("\n    \"rule\": \\{(.*?)\n    \\}", Pattern.DOTALL)
            .matcher(schema)
            .results()
            .findFirst()
            .orElseThrow();
    List<String> keys =
        Pattern.compile("\n {8}\"([a-z]+)\":")
            .matcher(rule.group(1))
            .results()
            .map(key -> key.group(1))
            .toList();

    assertTrue(keys.size() > 10, keys.toString());
    assertEquals(
        List.of(), keys.stream().filter(key -> !document.contains("`" + key + "`")).toList());
  }
}
