package dev.gatehouse.cli;

import dev.gatehouse.config.Configuration;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Iterator;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;

/** Asks a running server about its audit log. */
final class AuditClient {
  /** Begins a server-sent event's line with the place to go on from. */
  private static final String PLACE = "id: ";

  private static final Set<String> OWN_OPTIONS = Set.of("config", "url");

  private final String base;
  private final String key;
  private final HttpClient client =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
  private String url = "";

  AuditClient(Configuration configuration, Map<String, String> environment) throws IOException {
    this.base = ServerClient.url(configuration);
    String given = environment.get("GATEHOUSE_KEY");
    Path file = configuration.data().resolve("keys/auditor");
    if (given == null && Files.notExists(file)) {
      throw new IOException("there is no key in " + file + ": set GATEHOUSE_KEY");
    }
    this.key = given != null ? given : Files.readString(file).strip();
  }

  int run(CommandLine line, PrintStream out) throws IOException {
    return switch (line.command()) {
      case "query" -> query(line, out);
      case "stats" -> statistics(line, out);
      case "dead-letters" -> deadLetters(line, out);
      default -> tail(line, out);
    };
  }

  private int query(CommandLine line, PrintStream out) throws IOException {
    try (InputStream body = get(line, "").body()) {
      JsonObject page = new JsonObject(new String(body.readAllBytes(), StandardCharsets.UTF_8));
      EventTable table = EventTable.ofEvents(out);
      JsonArray events = page.getJsonArray("events");
      for (int i = 0; i < events.size(); i++) {
        table.row(events.getJsonObject(i));
      }
      if (page.getString("next") != null) {
        out.println("more: --cursor " + page.getString("next"));
      }
    }
    return 0;
  }

  private int statistics(CommandLine line, PrintStream out) throws IOException {
    try (InputStream body = get(line, "/statistics").body()) {
      JsonObject reply = new JsonObject(new String(body.readAllBytes(), StandardCharsets.UTF_8));
      EventTable.statistics(reply, out);
    }
    return 0;
  }

  private int deadLetters(CommandLine line, PrintStream out) throws IOException {
    try (InputStream body = get(line, "/dead-letters").body()) {
      JsonObject reply = new JsonObject(new String(body.readAllBytes(), StandardCharsets.UTF_8));
      EventTable table = EventTable.ofDeadLetters(out);
      JsonArray letters = reply.getJsonArray("deadLetters");
      for (int i = 0; i < letters.size(); i++) {
        table.row(letters.getJsonObject(i));
      }
      if (letters.isEmpty()) {
        out.println("no receiver refused anything");
      }
    }
    return 0;
  }

  private int tail(CommandLine line, PrintStream out) throws IOException {
    EventTable table = EventTable.ofEvents(out);
    String place = "";
    try (Stream<String> lines =
        new java.io.BufferedReader(
                new java.io.InputStreamReader(get(line, "/tail").body(), StandardCharsets.UTF_8))
            .lines()) {
      for (Iterator<String> each = lines.iterator(); each.hasNext(); ) {
        String text = each.next();
        if (text.startsWith(PLACE)) {
          place = text.substring(PLACE.length());
        }
        if (text.startsWith("data: ")) {
          table.row(new JsonObject(text.substring("data: ".length())));
        }
      }
    } catch (UncheckedIOException e) {
      throw new IOException(
          "the connection broke" + (place.isEmpty() ? "" : ", go on with --after " + place), e);
    }
    return 0;
  }

  int export(CommandLine line, Path file, PrintStream out) throws IOException {
    Path draft = file.resolveSibling(file.getFileName() + ".part");
    try (InputStream body = get(line, "/export").body()) {
      Files.copy(body, draft, StandardCopyOption.REPLACE_EXISTING);
    }
    Files.move(draft, file, StandardCopyOption.REPLACE_EXISTING);
    out.println(Files.size(file) + " bytes");
    return 0;
  }

  private HttpResponse<InputStream> get(CommandLine line, String path) throws IOException {
    StringBuilder query = new StringBuilder();
    line.options()
        .forEach((name, value) -> {
          if (!OWN_OPTIONS.contains(name)) {
            query.append(query.isEmpty() ? "?" : "&").append(name).append('=');
            query.append(URLEncoder.encode(value, StandardCharsets.UTF_8));
          }
        });
    String server = line.option("url");
    url = (server == null ? base : server) + "/v1/audit" + path + query;
    HttpRequest request =
        HttpRequest.newBuilder(URI.create(url)).header("Authorization", "Bearer " + key).build();
    try {
      HttpResponse<InputStream> response = client.send(request, BodyHandlers.ofInputStream());
      if (response.statusCode() != 200) {
        String problem = new String(response.body().readAllBytes(), StandardCharsets.UTF_8);
        throw new IOException(response.statusCode() + " " + problem);
      }
      return response;
    } catch (java.net.ConnectException e) {
      throw new IOException("no server answers at " + url, e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted", e);
    }
  }
}
