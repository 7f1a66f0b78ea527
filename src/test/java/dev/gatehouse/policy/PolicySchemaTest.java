package dev.gatehouse.policy;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class PolicySchemaTest {
  @Test
  void namesEveryKeyThatTheReadersKnow() throws IOException {
    String schema = Files.readString(Path.of("conf/policies/policy.schema.json"));

    List<String> missing =
        Stream.of(
                PolicyCompiler.KEYS,
                RuleReader.KEYS,
                TextTestReader.OPERATORS,
                ProgramTestReader.COMMAND,
                ProgramTestReader.CALL,
                ConditionReader.KEYS)
            .flatMap(List::stream)
            .filter(key -> !schema.contains("\"" + key + "\":"))
            .toList();

    assertTrue(missing.isEmpty(), missing::toString);
  }
}
