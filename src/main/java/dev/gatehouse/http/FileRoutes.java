package dev.gatehouse.http;

import dev.gatehouse.action.Actor;
import dev.gatehouse.action.Role;
import dev.gatehouse.config.HttpSettings;
import dev.gatehouse.gate.Asking;
import dev.gatehouse.gate.FileAccess;
import dev.gatehouse.gate.Passage;
import dev.gatehouse.gate.Passage.Done;
import dev.gatehouse.sandbox.FileEntry;
import dev.gatehouse.sandbox.FileException;
import dev.gatehouse.sandbox.FileOrder;
import dev.gatehouse.sandbox.GuestPath;
import io.vertx.core.Future;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** {@code /v1/sandboxes/{id}/files}: the files of a sandbox that an agent holds. */
final class FileRoutes {
  private static final String PATH = "/v1/sandboxes/(?<id>[^/]+)/files";
  private static final Pattern RANGE = Pattern.compile("bytes=(\\d{0,18})-(\\d{0,18})");
  private static final Pattern TAG = Pattern.compile("\"([0-9a-f-]{1,64})\"");
  private static final int DEFAULT_MODE = 0644;
  private static final int DEFAULT_LIMIT = 100;
  private static final int MAX_GLOB_BYTES = 255;
  private static final int MAX_CONTENT_BYTES = 1024;

  private final FileAccess files;
  private final HttpSettings limits;

  FileRoutes(FileAccess files, HttpSettings limits) {
    this.files = files;
    this.limits = limits;
  }

  /** The route that reads its body itself; to be added before bodies are gathered. */
  void addStreamingTo(Router router) {
    router.putWithRegex(PATH).handler(context -> trying(context, this::write));
  }

  void addTo(Router router) {
    router.getWithRegex(PATH).handler(context -> trying(context, this::read));
    router.headWithRegex(PATH).handler(context -> trying(context, this::head));
    router.deleteWithRegex(PATH).handler(context -> trying(context, this::remove));
    router.getWithRegex(PATH + ":stat").handler(context -> trying(context, this::stat));
    router.getWithRegex(PATH + ":list").handler(context -> trying(context, this::list));
    router.getWithRegex(PATH + ":search").handler(context -> trying(context, this::search));
    router.getWithRegex(PATH + ":watch").handler(context -> trying(context, this::watch));
    router.postWithRegex(PATH + ":mkdir").handler(context -> trying(context, this::make));
    router.postWithRegex(PATH + ":move").handler(context -> trying(context, this::move));
  }

  /** A request on one sandbox's files. */
  private record Asked(RoutingContext context, Actor actor, FileQuery query, Asking asking) {
    String id() {
      return context.pathParam("id");
    }
  }

  private static void trying(RoutingContext context, Consumer<Asked> route) {
    try {
      Actor actor = Authentication.require(context, Role.AGENT);
      FileQuery query = FileQuery.parse(context.request().query());
      Asking asking = Preferences.asking(context, query.approval());
      route.accept(new Asked(context, actor, query, asking));
    } catch (ApiException e) {
      context.fail(e);
    }
  }

  private void stat(Asked asked) {
    answer(asked, FileOrder.stat(asked.query().path("path")), ok(FileReplies::entry));
  }

  private void list(Asked asked) {
    FileQuery query = asked.query();
    answer(
        asked,
        FileOrder.list(
            query.path("path"),
            query.cursor(),
            query.number("limit", 1, FileOrder.MAX_LIMIT, DEFAULT_LIMIT)),
        ok(FileReplies::page));
  }

  private void search(Asked asked) {
    FileQuery query = asked.query();
    answer(
        asked,
        FileOrder.search(
            query.path("path"),
            query.bytes("name", MAX_GLOB_BYTES, "*"),
            query.bytes("content", MAX_CONTENT_BYTES, ""),
            query.number("limit", 1, FileOrder.MAX_LIMIT, DEFAULT_LIMIT)),
        ok(FileReplies::matches));
  }

  private void make(Asked asked) {
    FileQuery query = asked.query();
    answer(
        asked,
        FileOrder.make(query.pathInside("path"), query.flag("parents", false)),
        FileRoutes::put);
  }

  private void move(Asked asked) {
    FileQuery query = asked.query();
    answer(
        asked,
        FileOrder.move(
            query.pathInside("path"), query.pathInside("to"), query.flag("overwrite", false)),
        FileRoutes::put);
  }

  private void remove(Asked asked) {
    FileQuery query = asked.query();
    answer(
        asked,
        FileOrder.remove(query.pathInside("path"), query.flag("recursive", false)),
        ok(count -> new JsonObject().put("removed", count)));
  }

  /** HEAD: what a GET would say of the whole file. */
  private void head(Asked asked) {
    RoutingContext context = asked.context();
    run(asked, FileOrder.stat(asked.query().path("path")))
        .onComplete(
            passage -> {
              if (!(passage instanceof Done<FileEntry> done)) {
                refuse(context, passage);
              } else if (done.result().isFile()) {
                FileDownload.putHeaders(context.response(), done.result());
                context.response().end();
              } else {
                context.fail(
                    ApiException.of(409, "file.not-regular", "only a plain file has content"));
              }
            },
            context::fail);
  }

  private void read(Asked asked) {
    RoutingContext context = asked.context();
    String ifRange = context.request().getHeader("If-Range");
    Matcher tag = TAG.matcher(ifRange == null ? "" : ifRange);
    boolean known = tag.matches();
    FileOrder.Range range =
        ifRange == null || known ? range(context.request().getHeader("Range")) : null;
    FileOrder<Long> order =
        FileOrder.read(asked.query().path("path"), range, known ? tag.group(1) : null);
    String session = session(asked);
    FileDownload download = new FileDownload(context, limits.bodyTimeoutMillis());
    files
        .run(
            asked.actor(),
            asked.id(),
            session,
            asked.asking(),
            order,
            download.transfer(),
            download::bytes)
        .onComplete(
            passage -> {
              if (passage instanceof Done<Long>) {
                download.finish();
              } else {
                refuse(context, passage);
              }
            },
            failure -> {
              if (failure instanceof FileException file
                  && file.kind() == FileException.Kind.RANGE) {
                context.response().putHeader(HttpHeaders.CONTENT_RANGE, "bytes */" + file.size());
              }
              download.fail(failure);
            });
  }

  /** The one range of a request; null where there is none that is understood. */
  private static FileOrder.@Nullable Range range(@Nullable String header) {
    Matcher matcher = RANGE.matcher(header == null ? "" : header);
    if (!matcher.matches()) {
      return null;
    }
    String first = matcher.group(1);
    String last = matcher.group(2);
    if (first.isEmpty()) {
      return last.isEmpty() ? null : new FileOrder.Range(-1, Long.parseLong(last));
    }
    long from = Long.parseLong(first);
    long to = last.isEmpty() ? Long.MAX_VALUE : Long.parseLong(last);
    return to < from ? null : new FileOrder.Range(from, to);
  }

  private void write(Asked asked) {
    RoutingContext context = asked.context();
    FileQuery query = asked.query();
    String sha256 = query.sha256(FileOrder.SHA256);
    FileOrder<FileEntry> order =
        FileOrder.write(
            query.pathInside("path"),
            query.mode("mode", DEFAULT_MODE),
            query.flag("overwrite", true),
            query.flag("parents", false),
            sha256);
    String session = session(asked);
    FileUpload upload = new FileUpload(context, limits.bodyTimeoutMillis(), sha256);
    files
        .run(
            asked.actor(),
            asked.id(),
            session,
            asked.asking(),
            order,
            upload.transfer(),
            upload::bytes)
        .onComplete(ended -> upload.end())
        .map(passage -> ExecutionRoutes.reply(context, passage, FileRoutes::put))
        .onComplete(reply -> Answer.send(context, reply.status(), reply.body()), context::fail);
  }

  private void watch(Asked asked) {
    RoutingContext context = asked.context();
    GuestPath path = asked.query().path("path");
    String session = session(asked);
    FileWatch watch = new FileWatch(context, path, limits.bodyTimeoutMillis());
    files
        .run(
            asked.actor(),
            asked.id(),
            session,
            asked.asking(),
            FileOrder.watch(path),
            watch.transfer(),
            watch::bytes)
        .onComplete(
            passage -> {
              if (passage instanceof Done<Long>) {
                watch.finish();
              } else {
                refuse(context, passage);
              }
            },
            watch::fail);
  }

  private <T> void answer(
      Asked asked, FileOrder<T> order, Function<Done<T>, Answer.Reply> whenDone) {
    RoutingContext context = asked.context();
    run(asked, order)
        .map(passage -> ExecutionRoutes.reply(context, passage, whenDone))
        .onComplete(reply -> Answer.send(context, reply.status(), reply.body()), context::fail);
  }

  private <T> Future<Passage<T>> run(Asked asked, FileOrder<T> order) {
    return files.run(asked.actor(), asked.id(), session(asked), asked.asking(), order);
  }

  /** The last parameter to be read. */
  private static @Nullable String session(Asked asked) {
    String session = asked.query().session();
    asked.query().refuseUnread();
    return session;
  }

  private static <T> Function<Done<T>, Answer.Reply> ok(Function<T, JsonObject> body) {
    return done -> new Answer.Reply(200, body.apply(done.result()));
  }

  private static Answer.Reply put(Done<FileEntry> done) {
    return new Answer.Reply(done.result().created() ? 201 : 200, FileReplies.entry(done.result()));
  }

  /** Answers what policy did not allow. */
  private static <T> void refuse(RoutingContext context, Passage<T> passage) {
    Answer.Reply reply =
        ExecutionRoutes.reply(
            context,
            passage,
            done -> {
              throw new IllegalStateException("it was allowed");
            });
    Answer.send(context, reply.status(), reply.body());
  }
}
