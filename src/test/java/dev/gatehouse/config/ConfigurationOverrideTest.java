package dev.gatehouse.config;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class ConfigurationOverrideTest {
  private static final Path DOCUMENTED = Path.of("conf/gatehouse.yaml");

  private static Configuration parse(String yaml) {
    return Configuration.parse("test.yaml", yaml, Map.of());
  }

  private static List<String> faults(String yaml, Map<String, String> environment) {
    return assertThrows(
            ConfigException.class, () -> Configuration.parse("test.yaml", yaml, environment))
        .faults();
  }

  @Test
  void everyKeyIsDocumented() throws IOException {
    // Given
    String documented = Files.readString(DOCUMENTED);

    // When
    Set<String> missing = new TreeSet<>();
    overrides()
        .map(arguments -> (String) arguments.get()[0])
        .map(key -> key.substring(key.lastIndexOf('.') + 1))
        .filter(name -> !Pattern.compile("(?m)^[ #]*" + name + ":").matcher(documented).find())
        .forEach(missing::add);

    // Then
    assertEquals(Set.of(), missing);
  }

  /** Every key, its variable, a value other than the default, and where it must arrive. */
  private static Stream<Arguments> overrides() {
    return Stream.of(
        override("host", "GATEHOUSE_HOST", "::1", Configuration::host),
        override("port", "GATEHOUSE_PORT", "1", Configuration::port),
        override(
            "drain.leadMillis",
            "GATEHOUSE_DRAIN_LEAD_MILLIS",
            "5",
            configuration -> configuration.drain().leadMillis()),
        override(
            "drain.deadlineMillis",
            "GATEHOUSE_DRAIN_DEADLINE_MILLIS",
            "6",
            configuration -> configuration.drain().deadlineMillis()),
        override(
            "vault.namespace",
            "GATEHOUSE_VAULT_NAMESPACE",
            "team",
            configuration -> configuration.vault().namespace()),
        override(
            "vault.mount",
            "GATEHOUSE_VAULT_MOUNT",
            "kv",
            configuration -> configuration.vault().mount()),
        override(
            "vault.authMount",
            "GATEHOUSE_VAULT_AUTH_MOUNT",
            "robots",
            configuration -> configuration.vault().authMount()),
        override(
            "vault.tokenFile",
            "GATEHOUSE_VAULT_TOKEN_FILE",
            "/t",
            configuration -> configuration.vault().tokenFile()),
        override(
            "vault.roleIdFile",
            "GATEHOUSE_VAULT_ROLE_ID_FILE",
            "/r",
            configuration -> configuration.vault().roleIdFile()),
        override(
            "vault.secretIdFile",
            "GATEHOUSE_VAULT_SECRET_ID_FILE",
            "/s",
            configuration -> configuration.vault().secretIdFile()),
        override(
            "vault.timeoutMillis",
            "GATEHOUSE_VAULT_TIMEOUT_MILLIS",
            "51",
            configuration -> configuration.vault().timeoutMillis()),
        override(
            "vault.cacheSeconds",
            "GATEHOUSE_VAULT_CACHE_SECONDS",
            "7",
            configuration -> configuration.vault().cacheSeconds()),
        override("data", "GATEHOUSE_DATA", "/elsewhere", Configuration::data),
        override(
            "database.url",
            "GATEHOUSE_DATABASE_URL",
            "postgresql://u:p@db:5432/n",
            c -> String.valueOf(c.database().url())),
        override(
            "database.connections",
            "GATEHOUSE_DATABASE_CONNECTIONS",
            "5",
            c -> c.database().connections()),
        override(
            "proxyProtocol",
            "GATEHOUSE_PROXY_PROTOCOL",
            "[10.0.0.0/8, fd00::/8]",
            c -> c.listener().proxies()),
        override(
            "cors.origins",
            "GATEHOUSE_CORS_ORIGINS",
            "[https://console.example, http://localhost:3000]",
            c -> c.cors().origins()),
        override(
            "http2.clearText",
            "GATEHOUSE_HTTP2_CLEAR_TEXT",
            "true",
            c -> c.listener().clearTextHttp2()),
        override(
            "http2.maxStreams",
            "GATEHOUSE_HTTP2_MAX_STREAMS",
            "100",
            c -> c.listener().maxStreams()),
        override(
            "http2.maxResets", "GATEHOUSE_HTTP2_MAX_RESETS", "300", c -> c.listener().maxResets()),
        override(
            "http2.resetSeconds",
            "GATEHOUSE_HTTP2_RESET_SECONDS",
            "31",
            c -> c.listener().resetSeconds()),
        override(
            "http.headTimeoutMillis",
            "GATEHOUSE_HTTP_HEAD_TIMEOUT_MILLIS",
            "102",
            c -> c.listener().headTimeoutMillis()),
        override(
            "http.idleTimeoutMillis",
            "GATEHOUSE_HTTP_IDLE_TIMEOUT_MILLIS",
            "103",
            c -> c.http().idleTimeoutMillis()),
        override(
            "http.bodyTimeoutMillis",
            "GATEHOUSE_HTTP_BODY_TIMEOUT_MILLIS",
            "101",
            c -> c.http().bodyTimeoutMillis()),
        override(
            "http.maxBodyBytes",
            "GATEHOUSE_HTTP_MAX_BODY_BYTES",
            "1024",
            c -> c.http().maxBodyBytes()),
        override(
            "websocket.authTimeoutMillis",
            "GATEHOUSE_WEBSOCKET_AUTH_TIMEOUT_MILLIS",
            "51",
            c -> c.webSocket().authTimeoutMillis()),
        override(
            "websocket.pingMillis",
            "GATEHOUSE_WEBSOCKET_PING_MILLIS",
            "52",
            c -> c.webSocket().pingMillis()),
        override(
            "websocket.idleMillis",
            "GATEHOUSE_WEBSOCKET_IDLE_MILLIS",
            "53",
            c -> c.webSocket().idleMillis()),
        override(
            "websocket.stallMillis",
            "GATEHOUSE_WEBSOCKET_STALL_MILLIS",
            "54",
            c -> c.webSocket().stallMillis()),
        override(
            "websocket.maxFrameBytes",
            "GATEHOUSE_WEBSOCKET_MAX_FRAME_BYTES",
            "1025",
            c -> c.webSocket().maxFrameBytes()),
        override(
            "websocket.maxMessageBytes",
            "GATEHOUSE_WEBSOCKET_MAX_MESSAGE_BYTES",
            "1026",
            c -> c.webSocket().maxMessageBytes()),
        override(
            "websocket.connectionsPerKey",
            "GATEHOUSE_WEBSOCKET_CONNECTIONS_PER_KEY",
            "2",
            c -> c.webSocket().connectionsPerKey()),
        override(
            "websocket.unauthenticated",
            "GATEHOUSE_WEBSOCKET_UNAUTHENTICATED",
            "0",
            c -> c.webSocket().unauthenticated()),
        override(
            "websocket.maxUnderWay",
            "GATEHOUSE_WEBSOCKET_MAX_UNDER_WAY",
            "3",
            c -> c.webSocket().maxUnderWay()),
        override(
            "websocket.maxUnderWayBytes",
            "GATEHOUSE_WEBSOCKET_MAX_UNDER_WAY_BYTES",
            "1027",
            c -> c.webSocket().maxUnderWayBytes()),
        override(
            "websocket.maxStreams",
            "GATEHOUSE_WEBSOCKET_MAX_STREAMS",
            "5",
            c -> c.webSocket().maxStreams()),
        override(
            "websocket.streamCredit",
            "GATEHOUSE_WEBSOCKET_STREAM_CREDIT",
            "6",
            c -> c.webSocket().streamCredit()),
        override(
            "websocket.connectionCredit",
            "GATEHOUSE_WEBSOCKET_CONNECTION_CREDIT",
            "7",
            c -> c.webSocket().connectionCredit()),
        override(
            "websocket.maxCredit",
            "GATEHOUSE_WEBSOCKET_MAX_CREDIT",
            "1028",
            c -> c.webSocket().maxCredit()),
        override(
            "websocket.sendBufferBytes",
            "GATEHOUSE_WEBSOCKET_SEND_BUFFER_BYTES",
            "1029",
            c -> c.webSocket().sendBufferBytes()),
        override(
            "limits.executions", "GATEHOUSE_LIMITS_EXECUTIONS", "3", c -> c.limits().executions()),
        override(
            "limits.sandboxes", "GATEHOUSE_LIMITS_SANDBOXES", "3", c -> c.limits().sandboxes()),
        override(
            "limits.codeBytes", "GATEHOUSE_LIMITS_CODE_BYTES", "9", c -> c.limits().codeBytes()),
        override(
            "limits.stdinBytes", "GATEHOUSE_LIMITS_STDIN_BYTES", "0", c -> c.limits().stdinBytes()),
        override(
            "limits.timeoutMillis",
            "GATEHOUSE_LIMITS_TIMEOUT_MILLIS",
            "77",
            c -> c.limits().timeoutMillis()),
        override(
            "limits.maxTimeoutMillis",
            "GATEHOUSE_LIMITS_MAX_TIMEOUT_MILLIS",
            "40000",
            c -> c.limits().maxTimeoutMillis()),
        override(
            "limits.pendingApprovals",
            "GATEHOUSE_LIMITS_PENDING_APPROVALS",
            "1",
            c -> c.limits().pendingApprovals()),
        override(
            "limits.memoryMiB", "GATEHOUSE_LIMITS_MEMORY_MIB", "8192", c -> c.limits().memoryMib()),
        override("limits.cpus", "GATEHOUSE_LIMITS_CPUS", "2.5", c -> c.limits().cpus()),
        override(
            "limits.key.sandboxes",
            "GATEHOUSE_LIMITS_KEY_SANDBOXES",
            "3",
            c -> c.limits().key().sandboxes()),
        override(
            "limits.key.memoryMiB",
            "GATEHOUSE_LIMITS_KEY_MEMORY_MIB",
            "512",
            c -> c.limits().key().memoryMib()),
        override(
            "limits.key.cpus", "GATEHOUSE_LIMITS_KEY_CPUS", "0.5", c -> c.limits().key().cpus()),
        override(
            "limits.tenant.sandboxes",
            "GATEHOUSE_LIMITS_TENANT_SANDBOXES",
            "5",
            c -> c.limits().tenant().sandboxes()),
        override(
            "limits.tenant.memoryMiB",
            "GATEHOUSE_LIMITS_TENANT_MEMORY_MIB",
            "1024",
            c -> c.limits().tenant().memoryMib()),
        override(
            "limits.tenant.cpus",
            "GATEHOUSE_LIMITS_TENANT_CPUS",
            "1.5",
            c -> c.limits().tenant().cpus()),
        override(
            "limits.key.decisionsPerSecond",
            "GATEHOUSE_LIMITS_KEY_DECISIONS_PER_SECOND",
            "2.5",
            c -> c.limits().perKey().decisionsPerSecond()),
        override(
            "limits.key.decisionsBurst",
            "GATEHOUSE_LIMITS_KEY_DECISIONS_BURST",
            "7",
            c -> c.limits().perKey().decisionsBurst()),
        override(
            "limits.key.executionsPerSecond",
            "GATEHOUSE_LIMITS_KEY_EXECUTIONS_PER_SECOND",
            "0.5",
            c -> c.limits().perKey().executionsPerSecond()),
        override(
            "limits.key.executionsBurst",
            "GATEHOUSE_LIMITS_KEY_EXECUTIONS_BURST",
            "9",
            c -> c.limits().perKey().executionsBurst()),
        override(
            "limits.key.requestsPerSecond",
            "GATEHOUSE_LIMITS_KEY_REQUESTS_PER_SECOND",
            "2.5",
            c -> c.limits().perKey().requestsPerSecond()),
        override(
            "limits.key.requestsBurst",
            "GATEHOUSE_LIMITS_KEY_REQUESTS_BURST",
            "7",
            c -> c.limits().perKey().requestsBurst()),
        override(
            "limits.key.bytesPerSecond",
            "GATEHOUSE_LIMITS_KEY_BYTES_PER_SECOND",
            "2000.5",
            c -> c.limits().perKey().bytesPerSecond()),
        override(
            "limits.key.bytesBurst",
            "GATEHOUSE_LIMITS_KEY_BYTES_BURST",
            "70000",
            c -> c.limits().perKey().bytesBurst()),
        override(
            "limits.key.executions",
            "GATEHOUSE_LIMITS_KEY_EXECUTIONS",
            "11",
            c -> c.limits().perKey().executions()),
        override(
            "limits.tenant.decisionsPerSecond",
            "GATEHOUSE_LIMITS_TENANT_DECISIONS_PER_SECOND",
            "2.5",
            c -> c.limits().perTenant().decisionsPerSecond()),
        override(
            "limits.tenant.decisionsBurst",
            "GATEHOUSE_LIMITS_TENANT_DECISIONS_BURST",
            "7",
            c -> c.limits().perTenant().decisionsBurst()),
        override(
            "limits.tenant.executionsPerSecond",
            "GATEHOUSE_LIMITS_TENANT_EXECUTIONS_PER_SECOND",
            "0.5",
            c -> c.limits().perTenant().executionsPerSecond()),
        override(
            "limits.tenant.executionsBurst",
            "GATEHOUSE_LIMITS_TENANT_EXECUTIONS_BURST",
            "9",
            c -> c.limits().perTenant().executionsBurst()),
        override(
            "limits.tenant.requestsPerSecond",
            "GATEHOUSE_LIMITS_TENANT_REQUESTS_PER_SECOND",
            "2.5",
            c -> c.limits().perTenant().requestsPerSecond()),
        override(
            "limits.tenant.requestsBurst",
            "GATEHOUSE_LIMITS_TENANT_REQUESTS_BURST",
            "7",
            c -> c.limits().perTenant().requestsBurst()),
        override(
            "limits.tenant.bytesPerSecond",
            "GATEHOUSE_LIMITS_TENANT_BYTES_PER_SECOND",
            "2000.5",
            c -> c.limits().perTenant().bytesPerSecond()),
        override(
            "limits.tenant.bytesBurst",
            "GATEHOUSE_LIMITS_TENANT_BYTES_BURST",
            "70000",
            c -> c.limits().perTenant().bytesBurst()),
        override(
            "limits.tenant.executions",
            "GATEHOUSE_LIMITS_TENANT_EXECUTIONS",
            "11",
            c -> c.limits().perTenant().executions()),
        override(
            "approval.pendingPerAgent",
            "GATEHOUSE_APPROVAL_PENDING_PER_AGENT",
            "7",
            c -> c.approval().pendingPerAgent()),
        override(
            "approval.argumentBytes",
            "GATEHOUSE_APPROVAL_ARGUMENT_BYTES",
            "2000",
            c -> c.approval().argumentBytes()),
        override(
            "approval.useMillis",
            "GATEHOUSE_APPROVAL_USE_MILLIS",
            "8",
            c -> c.approval().useMillis()),
        override(
            "approval.questionsPerHour",
            "GATEHOUSE_APPROVAL_QUESTIONS_PER_HOUR",
            "9",
            c -> c.approval().questionsPerHour()),
        override(
            "approval.rememberSeconds",
            "GATEHOUSE_APPROVAL_REMEMBER_SECONDS",
            "77",
            c -> c.approval().rememberSeconds()),
        override(
            "approval.queueCalls",
            "GATEHOUSE_APPROVAL_QUEUE_CALLS",
            "55",
            c -> c.approval().queueCalls()),
        override(
            "approval.preview.count",
            "GATEHOUSE_APPROVAL_PREVIEW_COUNT",
            "3",
            c -> c.approval().preview().count()),
        override(
            "approval.preview.millis",
            "GATEHOUSE_APPROVAL_PREVIEW_MILLIS",
            "333",
            c -> c.approval().preview().millis()),
        override(
            "approval.preview.outputChars",
            "GATEHOUSE_APPROVAL_PREVIEW_OUTPUT_CHARS",
            "3333",
            c -> c.approval().preview().outputChars()),
        override(
            "approval.preview.files",
            "GATEHOUSE_APPROVAL_PREVIEW_FILES",
            "33",
            c -> c.approval().preview().files()),
        override(
            "policy.directory",
            "GATEHOUSE_POLICY_DIRECTORY",
            "/policies",
            c -> c.policy().directory()),
        override(
            "sandbox.runtime", "GATEHOUSE_SANDBOX_RUNTIME", "runc", c -> c.sandbox().runtime()),
        override(
            "sandbox.image",
            "GATEHOUSE_SANDBOX_IMAGE",
            "mine:2",
            c -> c.sandbox().standard().image()),
        override(
            "sandbox.memoryMiB",
            "GATEHOUSE_SANDBOX_MEMORY_MIB",
            "1024",
            c -> c.sandbox().standard().memoryMib()),
        override(
            "sandbox.cpus", "GATEHOUSE_SANDBOX_CPUS", "0.5", c -> c.sandbox().standard().cpus()),
        override(
            "sandbox.processes",
            "GATEHOUSE_SANDBOX_PROCESSES",
            "65",
            c -> c.sandbox().standard().processes()),
        override(
            "sandbox.hostTasks",
            "GATEHOUSE_SANDBOX_HOST_TASKS",
            "100",
            c -> c.sandbox().standard().hostTasks()),
        override(
            "sandbox.workspaceMiB",
            "GATEHOUSE_SANDBOX_WORKSPACE_MIB",
            "100",
            c -> c.sandbox().standard().workspaceMib()),
        override(
            "sandbox.tmpMiB",
            "GATEHOUSE_SANDBOX_TMP_MIB",
            "65",
            c -> c.sandbox().standard().tmpMib()),
        override(
            "sandbox.outputBytes",
            "GATEHOUSE_SANDBOX_OUTPUT_BYTES",
            "1025",
            c -> c.sandbox().outputBytes()),
        override(
            "sandbox.ttlSeconds",
            "GATEHOUSE_SANDBOX_TTL_SECONDS",
            "61",
            c -> c.sandbox().ttlSeconds()),
        override(
            "sandbox.maxTtlSeconds",
            "GATEHOUSE_SANDBOX_MAX_TTL_SECONDS",
            "601",
            c -> c.sandbox().maxTtlSeconds()),
        override(
            "sandbox.idleSeconds",
            "GATEHOUSE_SANDBOX_IDLE_SECONDS",
            "60",
            c -> c.sandbox().idleSeconds()),
        override(
            "sandbox.languages",
            "GATEHOUSE_SANDBOX_LANGUAGES",
            "[python, bash]",
            c -> c.sandbox().standard().languages()),
        override(
            "sandbox.warm",
            "GATEHOUSE_SANDBOX_WARM",
            "0",
            c -> c.sandbox().standard().warm().target()),
        override(
            "sandbox.warmMinimum",
            "GATEHOUSE_SANDBOX_WARM_MINIMUM",
            "2",
            c -> c.sandbox().standard().warm().minimum()),
        override(
            "sandbox.warmMaximum",
            "GATEHOUSE_SANDBOX_WARM_MAXIMUM",
            "3",
            c -> c.sandbox().standard().warm().maximum()),
        override(
            "sandbox.warmBurst",
            "GATEHOUSE_SANDBOX_WARM_BURST",
            "777",
            c -> c.sandbox().standard().warm().burst()),
        override(
            "sandbox.startTimeoutMillis",
            "GATEHOUSE_SANDBOX_START_TIMEOUT_MILLIS",
            "1000",
            c -> c.sandbox().startTimeoutMillis()),
        override(
            "sandbox.waitMillis",
            "GATEHOUSE_SANDBOX_WAIT_MILLIS",
            "1001",
            c -> c.sandbox().waitMillis()),
        override(
            "sandbox.egress.enabled",
            "GATEHOUSE_SANDBOX_EGRESS_ENABLED",
            "false",
            c -> c.sandbox().egress().enabled()),
        override(
            "sandbox.egress.resolver",
            "GATEHOUSE_SANDBOX_EGRESS_RESOLVER",
            "192.0.2.53:53",
            c -> c.sandbox().egress().resolver()),
        override(
            "sandbox.egress.maxConnections",
            "GATEHOUSE_SANDBOX_EGRESS_MAX_CONNECTIONS",
            "3",
            c -> c.sandbox().egress().maxConnections()),
        override(
            "sandbox.egress.attemptsPerSecond",
            "GATEHOUSE_SANDBOX_EGRESS_ATTEMPTS_PER_SECOND",
            "4",
            c -> c.sandbox().egress().attemptsPerSecond()),
        override(
            "sandbox.egress.connectTimeoutMillis",
            "GATEHOUSE_SANDBOX_EGRESS_CONNECT_TIMEOUT_MILLIS",
            "1002",
            c -> c.sandbox().egress().connectTimeoutMillis()),
        override(
            "sandbox.egress.idleTimeoutMillis",
            "GATEHOUSE_SANDBOX_EGRESS_IDLE_TIMEOUT_MILLIS",
            "1003",
            c -> c.sandbox().egress().idleTimeoutMillis()),
        override(
            "sandbox.egress.maxConnectionSeconds",
            "GATEHOUSE_SANDBOX_EGRESS_MAX_CONNECTION_SECONDS",
            "1004",
            c -> c.sandbox().egress().maxConnectionSeconds()),
        override(
            "sandbox.egress.maxBytes",
            "GATEHOUSE_SANDBOX_EGRESS_MAX_BYTES",
            "1005",
            c -> c.sandbox().egress().maxBytes()),
        override(
            "audit.durability",
            "GATEHOUSE_AUDIT_DURABILITY",
            "async",
            c -> c.audit().durability().name().toLowerCase(java.util.Locale.ROOT)),
        override(
            "audit.decisions",
            "GATEHOUSE_AUDIT_DECISIONS",
            "off",
            c -> c.audit().decisions().name().toLowerCase(java.util.Locale.ROOT)),
        override(
            "audit.queueEvents",
            "GATEHOUSE_AUDIT_QUEUE_EVENTS",
            "10",
            c -> c.audit().queueEvents()),
        override(
            "audit.queueBytes",
            "GATEHOUSE_AUDIT_QUEUE_BYTES",
            "9999999999",
            c -> c.audit().queueBytes()),
        override(
            "audit.commitTimeoutMillis",
            "GATEHOUSE_AUDIT_COMMIT_TIMEOUT_MILLIS",
            "100",
            c -> c.audit().commitTimeoutMillis()),
        override(
            "audit.redactEmails",
            "GATEHOUSE_AUDIT_REDACT_EMAILS",
            "true",
            c -> c.audit().redactEmails()),
        override(
            "audit.checkpoints.events",
            "GATEHOUSE_AUDIT_CHECKPOINTS_EVENTS",
            "7",
            c -> c.audit().checkpoints().events()),
        override(
            "audit.checkpoints.seconds",
            "GATEHOUSE_AUDIT_CHECKPOINTS_SECONDS",
            "8",
            c -> c.audit().checkpoints().seconds()),
        override(
            "audit.checkpoints.file",
            "GATEHOUSE_AUDIT_CHECKPOINTS_FILE",
            "/srv/checkpoints",
            c -> String.valueOf(c.audit().checkpoints().file())),
        override(
            "audit.checkpoints.url",
            "GATEHOUSE_AUDIT_CHECKPOINTS_URL",
            "https://witness.example/",
            c -> String.valueOf(c.audit().checkpoints().url())),
        override(
            "audit.checkpoints.trustedKeys",
            "GATEHOUSE_AUDIT_CHECKPOINTS_TRUSTED_KEYS",
            "/srv/keys",
            c -> String.valueOf(c.audit().checkpoints().trustedKeys())),
        override(
            "audit.retention.days",
            "GATEHOUSE_AUDIT_RETENTION_DAYS",
            "90",
            c -> c.audit().retention().days()),
        override(
            "audit.retention.legalHold",
            "GATEHOUSE_AUDIT_RETENTION_LEGAL_HOLD",
            "true",
            c -> c.audit().retention().legalHold()),
        override(
            "audit.retention.archive",
            "GATEHOUSE_AUDIT_RETENTION_ARCHIVE",
            "/srv/archive",
            c -> c.audit().retention().archive()));
  }

  private static Arguments override(
      String key, String variable, String value, Function<Configuration, Object> read) {
    return Arguments.of(key, variable, value, read);
  }

  @ParameterizedTest(name = "{1}")
  @MethodSource("overrides")
  void everyKeyIsOverriddenByItsVariable(
      String key, String variable, String value, Function<Configuration, Object> read)
      throws IOException {
    // When
    Configuration configuration =
        Configuration.parse("test.yaml", Files.readString(DOCUMENTED), Map.of(variable, value));

    // Then
    assertEquals(value, String.valueOf(read.apply(configuration)), key);
    assertNotEquals(parse(""), configuration, key);
  }

  /** They need each other. */
  @Test
  void theKeysBelowTlsAreOverriddenTogether() {
    assertEquals(
        new TlsSettings(Path.of("/c"), Path.of("/k"), TlsSettings.Clients.REQUIRE, Path.of("/a")),
        Configuration.parse(
                "test.yaml",
                "",
                Map.of(
                    "GATEHOUSE_TLS_CERTIFICATE", "/c",
                    "GATEHOUSE_TLS_KEY", "/k",
                    "GATEHOUSE_TLS_CLIENTS", "require",
                    "GATEHOUSE_TLS_AUTHORITY", "/a"))
            .tls());
  }

  @Test
  void theOverridesAboveAreAllTheKeysThereAre() {
    // Given
    Set<String> tried =
        overrides().map(arguments -> (String) arguments.get()[0]).collect(Collectors.toSet());
    tried.addAll(
        List.of(
            "keys",
            "jwt",
            "secrets",
            // By itself it is refused: VaultSettingsTest.
            "vault.address",
            "objectives",
            "tls.certificate",
            "tls.key",
            "tls.clients",
            "tls.authority",
            "limits.tenants",
            "sandbox.profiles",
            "audit.sinks",
            "audit.alerts",
            "audit.retention.holds",
            "approval.callbacks"));

    // When
    Settings settings = Settings.parse("test.yaml", "", Map.of());
    Configuration.read(settings);

    // Then
    assertEquals(tried, settings.knownKeys());
  }

  @Test
  void anOverrideWithAWrongValueNamesItsVariable() {
    assertEquals(
        List.of(
            "environment GATEHOUSE_PORT: port: expected a whole number from 0 to 65535, found"
                + " \"\""),
        faults("port: 1", Map.of("GATEHOUSE_PORT", "")));
  }

  @Test
  void variablesOfOthersAndOfTheLauncherAreLeftAlone() {
    // Given
    Map<String, String> environment = new HashMap<>();
    environment.put("PATH", "/bin");
    environment.put("MY_GATEHOUSE_PORT", "x");
    environment.put("GATEHOUSE_CONFIG", "conf/mine.yaml");
    environment.put("GATEHOUSE_JAVA_OPTS", "-Xmx2g");
    // As whoever follows examples/README.md has them in the same shell.
    environment.put("GATEHOUSE_URL", "http://127.0.0.1:8420");
    environment.put("GATEHOUSE_KEY", "k");
    environment.put("GATEHOUSE_APPROVER_KEY", "k");
    environment.put("GATEHOUSE_JVM_DIRECTORY", "/opt/jvm");

    // When / Then
    assertEquals(parse(""), Configuration.parse("test.yaml", "", environment));
  }
}
