package dev.gatehouse.config;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class VaultSettingsTest {
  private static final String VAULT = "vault: {address: 'https://vault:8200', tokenFile: /t}\n";

  private static Configuration parse(String yaml) {
    return Configuration.parse("test.yaml", yaml, Map.of());
  }

  @Test
  void aSecretIsAtItsPathAndInItsField() {
    // When
    List<SecretSettings> secrets =
        parse(
                VAULT
                    + "secrets: [{name: a, vault: deploy/github, field: token}, {name: b, vault: c}]")
            .secrets();

    // Then
    assertEquals("deploy/github", secrets.getFirst().vault());
    assertEquals("token", secrets.getFirst().field());
    assertEquals("value", secrets.getLast().field());
  }

  @Test
  void theAddressComesFromTheEnvironmentToo() {
    assertEquals(
        "https://other",
        Configuration.parse("test.yaml", VAULT, Map.of("GATEHOUSE_VAULT_ADDRESS", "https://other"))
            .vault()
            .address());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          vault: {address: 'http://vault.example', tokenFile: t}           | vault.address: expected https
          vault: {address: 'https://v/ui', tokenFile: t}                   | vault.address: expected https
          vault: {address: 'https://me@v', tokenFile: t}                   | vault.address: expected https
          vault: {address: 'v', tokenFile: t}                              | vault.address: expected https
          vault: {address: 'https://v'}                                    | vault.address: expected either
          vault: {address: 'https://v', roleIdFile: r}                     | vault.address: expected either
          vault: {address: 'https://v', tokenFile: t, roleIdFile: r}       | vault.address: expected either
          vault: {mount: a/../b}                                           | vault.mount: expected a path
          vault: {authMount: /a}                                           | vault.authMount: expected a path
          secrets: [{name: a, vault: b}]                                   | there is no vault.address
          """)
  void whatCannotBeIsNamed(String yaml, String fault) {
    // When
    List<String> faults = assertThrows(ConfigException.class, () -> parse(yaml)).faults();

    // Then
    assertEquals(1, faults.size(), faults.toString());
    assertTrue(faults.getFirst().contains(fault), faults.getFirst());
  }

  @ParameterizedTest
  @CsvSource({"../a", "/a", "a//b", "a/./b", "a?b", "a b", "''"})
  void aPathLeadsNowhereElse(String path) {
    String yaml = VAULT + "secrets: [{name: a, vault: '" + path + "'}]";
    List<String> faults = assertThrows(ConfigException.class, () -> parse(yaml)).faults();
    assertTrue(faults.getFirst().contains("secrets.vault: expected a path"), faults.getFirst());
  }
}
