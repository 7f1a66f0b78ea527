package dev.gatehouse.config;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.gatehouse.config.LimitSettings.Allowance;
import dev.gatehouse.config.LimitSettings.Quota;
import dev.gatehouse.config.SandboxSettings.Profile;
import dev.gatehouse.config.SandboxSettings.Warm;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SandboxSettingsTest {
  private static Configuration parse(String yaml) {
    return Configuration.parse("test.yaml", yaml, Map.of());
  }

  @Test
  void aProfileTakesFromTheStandardOneWhatItLeavesOutExceptThatNoneStandsReady() {
    // When
    SandboxSettings sandbox =
        parse(
                """
                sandbox:
                  image: mine:1
                  memoryMiB: 1024
                  warm: 7
                  profiles:
                    - name: data
                      image: data:2
                      cpus: 0.5
                      languages: [python]
                    - {name: quick, warm: 4, warmMaximum: 9, warmBurst: 3}
                """)
            .sandbox();

    // Then
    Profile data = sandbox.profile("data").orElseThrow();
    assertEquals("data:2", data.image());
    assertEquals(1024, data.memoryMib());
    assertEquals(0.5, data.cpus());
    assertEquals(List.of("python"), data.languages());
    assertEquals(0, data.warm().target());
    Profile quick = sandbox.profile("quick").orElseThrow();
    assertEquals("mine:1", quick.image());
    assertEquals(new Warm(4, 2, 9, 3), quick.warm());
    assertEquals(List.of("python", "javascript", "bash"), quick.languages());
    assertEquals(Optional.of(sandbox.standard()), sandbox.profile("default"));
    assertEquals(Optional.empty(), sandbox.profile("other"));
  }

  @Test
  void aTenantThatIsNamedHasItsOwnQuotaAndAllOthersTheCommonOne() {
    // When
    LimitSettings limits =
        parse(
                """
                limits:
                  key: {decisionsPerSecond: 10, decisionsBurst: 5}
                  tenant: {sandboxes: 3, cpus: 1.5, executions: 4}
                  tenants:
                    - {name: blue, sandboxes: 9, memoryMiB: 4096, executionsPerSecond: 2.5}
                """)
            .limits();

    // Then
    assertEquals(new Quota(9, 4096, 0), limits.quotaOf("blue"));
    assertEquals(new Quota(3, 0, 1.5), limits.quotaOf("red"));
    assertEquals(new Allowance(0, 0, 2.5, 0, 0), limits.allowanceOf("blue"));
    assertEquals(new Allowance(0, 0, 0, 0, 4), limits.allowanceOf("red"));
    assertEquals(new Allowance(10, 5, 0, 0, 0), limits.perKey());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "sandbox: {profiles: [{name: default}]}|sandbox.profiles.name: expected 1 to 64 letters,"
            + " digits, '-', '_' or '.', different from all others, found \"default\"",
        "sandbox: {profiles: [{name: a, memoryMiB: 32}]}|sandbox.profiles.memoryMiB: expected a"
            + " whole number from 64 to 1048576, found \"32\"",
        "sandbox: {profiles: [{name: a, colour: red}]}|sandbox.profiles.colour: no such key",
        "sandbox: {profiles: [{name: a, languages: [cobol]}]}|sandbox.profiles.languages: expected"
            + " a list of some of [python, javascript, bash]",
        "sandbox: {languages: []}|sandbox.languages: expected a list of some of [python,"
            + " javascript, bash]",
        "sandbox: {languages: [bash, bash]}|sandbox.languages: expected a list of some of [python,"
            + " javascript, bash]",
        "sandbox: {warm: 2, warmMinimum: 3}|sandbox.warmMinimum: is above sandbox.warm",
        "sandbox: {warm: 2, warmMaximum: 1}|sandbox.warmMaximum: is below sandbox.warm",
        "sandbox: {profiles: [{name: a, memoryMiB: 128}]}|sandbox.profiles: a: workspaceMiB with"
            + " its tmpMiB must stay below its memoryMiB",
        "sandbox: {profiles: [{name: a, warm: 63}]}|sandbox.profiles: more stand ready together"
            + " than limits.sandboxes",
        "secrets: [{name: a}]|secrets: a: expected one of file, variable and vault",
        "secrets: [{name: a, file: b, variable: C}]|secrets: a: expected one of file, variable and vault",
        "limits: {memoryMiB: 511}|sandbox.memoryMiB: is above limits.memoryMiB",
        "limits: {cpus: 0.5}|sandbox.cpus: is above limits.cpus",
        "limits: {tenants: [{sandboxes: 1}]}|limits.tenants.name: is missing, expected 1 to 64"
            + " letters, digits, '-', '_' or '.', different from all others"
      })
  void whatCannotBeIsRefusedByName(String yaml, String fault) {
    // When
    List<String> faults = assertThrows(ConfigException.class, () -> parse(yaml)).faults();

    // Then
    assertEquals(1, faults.size(), faults.toString());
    assertEquals(fault, faults.get(0).replaceFirst("^(default|test\\.yaml:1): ", ""));
  }
}
