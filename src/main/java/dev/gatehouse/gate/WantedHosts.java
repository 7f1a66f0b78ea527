package dev.gatehouse.gate;

import dev.gatehouse.action.EventKind;
import dev.gatehouse.audit.AuditQuery;
import dev.gatehouse.audit.AuditReader;
import dev.gatehouse.sandbox.SandboxInfo;
import io.vertx.core.Future;
import io.vertx.core.json.JsonArray;
import java.util.Map;
import java.util.TreeSet;

/**
 * The hosts that code in a sandbox asked its proxy for, which is outside of it and records each
 * attempt before it answers.
 *
 * @param hosts {@code host:port} each, sorted, as the log has them
 * @param whole whether there were no more
 */
record WantedHosts(JsonArray hosts, boolean whole) {
  private static final int MOST = 200;

  /** Those of a sandbox, so far. */
  static Future<WantedHosts> of(AuditReader log, SandboxInfo sandbox) {
    AuditQuery attempts =
        new AuditQuery(
            sandbox.owner().tenant(),
            Map.of("sandbox", sandbox.id(), "kind", EventKind.NETWORK_ACCESSED.word()),
            Map.of(),
            null,
            null,
            null,
            null,
            true,
            null,
            MOST);
    return log.page(attempts)
        .map(page -> {
          TreeSet<String> hosts = new TreeSet<>();
          page.events()
              .forEach(stored -> hosts.add(stored.event().detailJson().getString("target", "")));
          JsonArray sorted = new JsonArray();
          hosts.forEach(sorted::add);
          return new WantedHosts(sorted, !page.more());
        });
  }
}
