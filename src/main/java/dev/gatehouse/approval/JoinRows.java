package dev.gatehouse.approval;

import dev.gatehouse.store.Gathering;
import io.vertx.core.Future;
import io.vertx.sqlclient.SqlClient;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The SQL by which requests join an identical open question, many in one statement. Rows are locked
 * in the order of their ids, as moves do it.
 */
final class JoinRows implements Gathering.Statement<JoinRows.Same, Optional<Approval>> {
  private static final int USUAL_BYTES = 4096;

  private static final String JOIN =
      Columns.wanted("tenant text", "digest text", "demand text")
          + ", same as (select tenant, digest, demand, count(*)::int as more from wanted"
          + " group by tenant, digest, demand), locked as (select a.id, s.more from same s join approval a on a.tenant ="
          + " s.tenant and a.digest = s.digest and a.demand = s.demand where "
          + ApprovalRow.IS_OPEN
          + " and expires_at > clock_timestamp() order by a.id for update of a) update approval as"
          + " a set asked = a.asked + l.more from locked l where a.id = l.id returning a.*";

  private final SqlClient client;

  JoinRows(SqlClient client) {
    this.client = client;
  }

  /** What identical actions of a tenant, of which policy demands the same, have in common. */
  record Same(String tenant, String digest, String demand) {
    static Same of(Approval question) {
      return new Same(question.tenant(), question.digest(), question.demand());
    }
  }

  @Override
  public Future<List<Optional<Approval>>> send(List<Same> joining) {
    return client
        .preparedQuery(JOIN)
        .execute(
            new Columns<>(joining).text(Same::tenant).text(Same::digest).text(Same::demand).tuple())
        .map(rows -> {
          Map<Same, Approval> open = new HashMap<>();
          rows.forEach(row -> {
            Approval approval = ApprovalRow.read(row);
            open.put(Same.of(approval), approval);
          });
          List<Optional<Approval>> joined = new ArrayList<>(joining.size());
          joining.forEach(same -> joined.add(Optional.ofNullable(open.get(same))));
          return joined;
        });
  }

  @Override
  public int bytes(Same same) {
    return USUAL_BYTES;
  }

  @Override
  public @Nullable Object key(Same same) {
    return null;
  }
}
