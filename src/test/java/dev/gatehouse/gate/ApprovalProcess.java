package dev.gatehouse.gate;

import static dev.gatehouse.gate.ApprovalServers.ADA;
import static dev.gatehouse.gate.ApprovalServers.action;
import static dev.gatehouse.gate.ApprovalServers.await;
import static dev.gatehouse.gate.ApprovalServers.within;

import dev.gatehouse.approval.Approval;
import dev.gatehouse.approval.Said;
import io.vertx.core.Future;
import io.vertx.core.json.JsonObject;
import io.vertx.sqlclient.Row;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * A server reduced to its questions, to be killed, on the PostgreSQL that its parent runs in a data
 * directory. Either it asks, and prints each question; or it approves all that wait, presents each
 * right twice, and prints each that something ran by, after that was acknowledged.
 */
final class ApprovalProcess {
  static final long DAY_MILLIS = 86_400_000;

  private static final int AT_ONCE = 64;

  private final ApprovalServers servers;

  private ApprovalProcess(ApprovalServers servers) {
    this.servers = servers;
  }

  /** The data directory; and how many to ask, or nothing where they are to run. */
  public static void main(String[] args) throws Exception {
    ApprovalProcess process =
        new ApprovalProcess(ApprovalServers.in(Path.of(args[0]), ApprovalKills.SETTINGS));
    if (args.length > 1) {
      process.ask(Integer.parseInt(args[1]));
    } else {
      process.run();
    }
    System.out.println("done");
    System.in.read();
  }

  private void ask(int count) {
    for (int i = 0; i < count; i += AT_ONCE) {
      List<Future<Approval>> asked = new ArrayList<>();
      for (int j = i; j < Math.min(count, i + AT_ONCE); j++) {
        asked.add(
            servers
                .questions(0)
                .ask(servers.nextId(), action("run " + j), servers.verdict(within(DAY_MILLIS))));
      }
      asked.forEach(one -> System.out.println(await(one).id()));
    }
  }

  private void run() {
    List<Row> rows =
        servers.query(
            "select id, arguments from approval where state in ('pending', 'approved') order by id");
    for (int i = 0; i < rows.size(); i += AT_ONCE) {
      List<Future<Void>> runs = new ArrayList<>();
      for (Row row : rows.subList(i, Math.min(rows.size(), i + AT_ONCE))) {
        String command = new JsonObject(row.getString("arguments")).getString("command");
        runs.add(approved(row.getString("id")).compose(right -> runTwice(right, command)));
      }
      runs.forEach(ApprovalServers::await);
    }
  }

  private Future<Approval> approved(String id) {
    return servers
        .questions(0)
        .answer(ADA, id, Said.byHttp(true, null, "here"))
        .map(moved -> moved.approval())
        // It was approved before the last kill.
        .recover(late -> servers.questions(0).find(ApprovalServers.AGENT, id));
  }

  private Future<Void> runTwice(Approval right, String command) {
    Consent consent = new Consent(right, right.runs());
    return Future.join(run(command, consent), run(command, consent)).mapEmpty();
  }

  private Future<Void> run(String command, Consent consent) {
    return servers
        .begin(0, action(command), consent)
        .onSuccess(begun -> System.out.println(consent.approval().id()))
        .otherwiseEmpty();
  }
}
