package dev.gatehouse.http;

import dev.gatehouse.audit.AuditQuery;
import dev.gatehouse.audit.EventFormat;
import dev.gatehouse.audit.Page;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.ext.web.RoutingContext;
import java.util.function.Function;

/**
 * Everything that matches, page by page, and the next one only when the client has taken this one:
 * a slow client holds one page's memory and nothing of the database, and one that takes nothing for
 * long is hung up on. Confined to the connection's loop.
 */
final class AuditExport {
  private final RoutingContext context;
  private final HttpServerResponse response;
  private final PacedResponse paced;
  private final Function<AuditQuery, Future<Page>> log;
  private final EventFormat format;

  /**
   * @param millis how long a client may take for a page
   */
  AuditExport(
      RoutingContext context,
      Function<AuditQuery, Future<Page>> log,
      EventFormat format,
      long millis) {
    this.context = context;
    this.response = context.response();
    this.paced = new PacedResponse(context.vertx(), context.request(), millis);
    this.log = log;
    this.format = format;
  }

  void from(AuditQuery query) {
    log.apply(query)
        .compose(page -> write(page).map(page))
        .onComplete(
            page -> {
              if (response.closed()) {
                return;
              }
              if (page.more()) {
                from(query.after(AuditQuery.cursor(page.events().getLast())));
              } else {
                response.end();
              }
            },
            this::fail);
  }

  private Future<Void> write(Page page) {
    StringBuilder lines = new StringBuilder();
    if (!response.headWritten()) {
      response.setChunked(true).putHeader(HttpHeaders.CONTENT_TYPE, format.contentType());
      lines.append(format.header());
    }
    page.events().forEach(event -> lines.append(format.line(event)));
    return lines.isEmpty()
        ? Future.succeededFuture()
        : paced.write(Buffer.buffer(lines.toString()));
  }

  /** What is cut off must not look complete. */
  private void fail(Throwable failure) {
    if (response.headWritten()) {
      response.reset();
    } else {
      context.fail(failure);
    }
  }
}
