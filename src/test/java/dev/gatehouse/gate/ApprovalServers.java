package dev.gatehouse.gate;

import dev.gatehouse.DatabaseTemplate;
import dev.gatehouse.action.Action;
import dev.gatehouse.action.Actor;
import dev.gatehouse.action.ApprovalTerms;
import dev.gatehouse.action.Decision;
import dev.gatehouse.action.Ids;
import dev.gatehouse.action.Outcome;
import dev.gatehouse.action.Reason;
import dev.gatehouse.action.Risk;
import dev.gatehouse.action.Role;
import dev.gatehouse.approval.Approval;
import dev.gatehouse.approval.Approvals;
import dev.gatehouse.approval.Origin;
import dev.gatehouse.audit.AuditLog;
import dev.gatehouse.config.Configuration;
import dev.gatehouse.latency.LatencyRegistry;
import dev.gatehouse.policy.Policies;
import dev.gatehouse.policy.PolicyException;
import dev.gatehouse.store.Database;
import dev.gatehouse.store.EmbeddedDatabase;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.pgclient.PgConnectOptions;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.SqlConnection;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/** Several servers' approvals and audit logs on one real PostgreSQL. */
final class ApprovalServers implements AutoCloseable {
  static final Actor AGENT = new Actor("t", "agent", Role.AGENT);
  static final Actor ADA = new Actor("t", "ada-1", Role.APPROVER, "ada", Set.of("sre"));
  static final Actor BEN = new Actor("t", "ben-1", Role.APPROVER, "ben", Set.of("sre"));
  static final Actor CID = new Actor("t", "cid-1", Role.APPROVER, "cid", Set.of("dba"));
  static final Origin HERE = new Origin("http", "here");
  static final String POLICY = "sha256:" + "0".repeat(64);

  /** One server's share. */
  private record Node(
      Vertx vertx, Database database, AuditLog audit, Approvals approvals, Questions questions) {}

  private final Path data;
  private final PgConnectOptions options;

  /** Null where another process runs it. */
  private final @Nullable EmbeddedDatabase embedded;

  private final List<Node> nodes = new ArrayList<>();

  /** Of none of these rules anything is asked. */
  private final Policies policies;

  private final Ids ids = new Ids();

  ApprovalServers(int count, Map<String, String> settings) throws Exception {
    data = Files.createTempDirectory("gatehouse-approvals");
    DatabaseTemplate.copyTo(data);
    policies = policies();
    embedded = EmbeddedDatabase.start(data);
    options = embedded.connectOptions();
    open(count, settings);
  }

  private ApprovalServers(PgConnectOptions options, Path data, Map<String, String> settings)
      throws PolicyException {
    this.data = data;
    policies = policies();
    this.options = options;
    embedded = null;
    open(1, settings);
  }

  private static Policies policies() throws PolicyException {
    return Policies.load(Path.of("src/test/policies/open"));
  }

  /** One server on the PostgreSQL that another process runs in a data directory. */
  static ApprovalServers in(Path data, Map<String, String> settings)
      throws IOException, PolicyException {
    return new ApprovalServers(EmbeddedDatabase.running(data).orElseThrow(), data, settings);
  }

  private void open(int count, Map<String, String> settings) {
    Configuration configuration = Configuration.load(Path.of("conf/gatehouse.yaml"), settings);
    for (int i = 0; i < count; i++) {
      nodes.add(open("node-" + i, configuration));
    }
  }

  private Node open(String name, Configuration configuration) {
    Vertx vertx = Vertx.vertx();
    Database database = await(Database.open(vertx, options, 4));
    AuditLog audit =
        await(
            AuditLog.start(
                vertx, database, configuration.audit(), name, data, new LatencyRegistry()));
    Approvals approvals =
        await(
            Approvals.start(
                vertx,
                database,
                configuration.approval(),
                configuration.limits().pendingApprovals(),
                new ApprovalRecord(audit)));
    return new Node(vertx, database, audit, approvals, new Questions(approvals, audit));
  }

  Questions questions(int server) {
    return nodes.get(server).questions();
  }

  Approvals approvals(int server) {
    return nodes.get(server).approvals();
  }

  /** Records that an action begins, and uses the right to it up. */
  Future<Void> begin(int server, Action action, @Nullable Consent consent) {
    Node node = nodes.get(server);
    Recorded recorded = new Recorded(action, verdict(within(1)), node.audit().redactor());
    return node.questions().begin(List.of(recorded.decision()), consent);
  }

  /**
   * Wants an action done by an approval, as agents do; what it comes to is the command that ran.
   *
   * @param says what policy says of it by now
   */
  @SuppressWarnings("NullAway") // what would run it is the test
  Future<Passage<String>> pass(int server, Action action, String approval, Verdict says) {
    Node node = nodes.get(server);
    Parts parts =
        new Parts(
            policies,
            node.approvals(),
            null,
            node.audit(),
            null,
            null,
            null,
            null,
            null,
            null,
            new LatencyRegistry(),
            null,
            null);
    Enforcement enforcement =
        new Enforcement(parts, node.questions(), ids, asked -> says, asked -> says);
    return enforcement.pass(
        action,
        new Asking(approval, 0, true, Promise.<Void>promise().future()),
        permit ->
            begin(server, permit.action(), permit.consent())
                .map(begun ->
                    new Passage.Done<>(
                        permit.verdict(),
                        String.valueOf(permit.action().arguments().get("command")),
                        new Passage.Timings(0, 0, 0, 0, 0, 0))));
  }

  /** Asks the first server. */
  Approval ask(String code, ApprovalTerms terms) {
    return ask(code, verdict(terms));
  }

  /** The same by another policy. */
  Approval ask(String code, Verdict asks) {
    return await(questions(0).ask(nextId(), action(code), asks));
  }

  synchronized String nextId() {
    return ids.next();
  }

  static Action action(String code) {
    return new Action(AGENT, "s", "bash", Map.of("command", code), Map.of());
  }

  Verdict verdict(ApprovalTerms terms) {
    return verdict(terms, POLICY);
  }

  Verdict verdict(ApprovalTerms terms, String policy) {
    Reason reason = new Reason("asked", "ASKED", "a person is asked", List.of());
    return new Verdict(
        nextId(),
        new Decision(Outcome.ASK, Risk.MEDIUM, 50, List.of(reason), 0, Set.of(), terms, policy),
        1);
  }

  /** What a policy says that asks nobody. */
  Verdict allows(String policy) {
    Reason reason = new Reason("allowed", "ALLOWED", "it may", List.of());
    return new Verdict(
        nextId(),
        new Decision(Outcome.ALLOW, Risk.LOW, 0, List.of(reason), 0, Set.of(), null, policy),
        1);
  }

  static ApprovalTerms within(long millis) {
    return new ApprovalTerms(List.of(), 1, millis, false);
  }

  List<Row> query(String sql) {
    List<Row> rows = new ArrayList<>();
    await(nodes.get(0).database().pool().query(sql).execute()).forEach(rows::add);
    return rows;
  }

  /** One of its own, for the caller to close. */
  SqlConnection connection() {
    return await(nodes.get(0).database().pool().getConnection());
  }

  long count(String sql) {
    return query(sql).get(0).getLong(0);
  }

  static <T> T await(Future<T> future) {
    try {
      return future.await(60, TimeUnit.SECONDS);
    } catch (TimeoutException e) {
      throw new AssertionError(e);
    }
  }

  @Override
  public void close() throws IOException {
    for (Node node : nodes) {
      await(node.approvals().close());
      await(node.audit().close());
      await(node.database().close());
      await(node.vertx().close());
    }
    if (embedded == null) {
      return;
    }
    embedded.close();
    try (var files = Files.walk(data)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(file);
      }
    }
  }
}
