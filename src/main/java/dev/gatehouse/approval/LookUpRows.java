package dev.gatehouse.approval;

import dev.gatehouse.store.Gathering;
import io.vertx.core.Future;
import io.vertx.sqlclient.SqlClient;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** The SQL that finds questions by their ids, many in one statement. */
final class LookUpRows implements Gathering.Statement<LookUpRows.Name, Optional<Approval>> {
  /** Of a question whose length nobody knows yet. */
  private static final int USUAL_BYTES = 4096;

  private static final String FIND =
      Columns.wanted("tenant text", "id text")
          // So that no index by tenant is ever taken for one that finds an id.
          + " select w.place, a.* from wanted w join approval a on a.id = w.id where (a.tenant ="
          + " w.tenant) is true";

  private final SqlClient client;

  LookUpRows(SqlClient client) {
    this.client = client;
  }

  /** Whose question, and which. */
  record Name(String tenant, String id) {}

  @Override
  public Future<List<Optional<Approval>>> send(List<Name> names) {
    return client
        .preparedQuery(FIND)
        .execute(new Columns<>(names).text(Name::tenant).text(Name::id).tuple())
        .map(rows -> {
          List<Optional<Approval>> found =
              new ArrayList<>(Collections.nCopies(names.size(), Optional.empty()));
          rows.forEach(row ->
              found.set(row.getLong("place").intValue() - 1, Optional.of(ApprovalRow.read(row))));
          return found;
        });
  }

  @Override
  public int bytes(Name name) {
    return USUAL_BYTES;
  }

  @Override
  public @Nullable Object key(Name name) {
    return null;
  }
}
