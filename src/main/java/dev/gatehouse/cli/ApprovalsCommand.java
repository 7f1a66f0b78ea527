package dev.gatehouse.cli;

import dev.gatehouse.config.ConfigException;
import dev.gatehouse.config.Configuration;
import io.vertx.core.json.DecodeException;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Iterator;
import java.util.Map;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** {@code gatehouse approvals}: what waits for a person, on a terminal. */
public final class ApprovalsCommand {
  private static final String USAGE =
      """
      usage: gatehouse approvals COMMAND [--config FILE] [--url URL]
        list [--state STATE] [--limit N] [--cursor ID]   pending ones, oldest first
        show ID                     the whole action, with what cannot be seen made visible
        preview ID                  tries it in a throw-away sandbox, and shows what it did
        approve ID [--reason TEXT] [--code CODE] [--edit FILE] [--yes ID]   shows it, asks, and approves; with the
                                    arguments of a JSON file instead, where one is given
        approve ID --remember session|rule --seconds N [--uses N]   shows and keeps what will hold again
        deny ID [--reason TEXT]     shows it, and denies
        remembered                  what holds again, each with its rule
        revoke ID                   ends it
        watch                       what happens, as it happens; goes on where it broke for a minute, then ends with 1
      The key is in GATEHOUSE_KEY, default keys/approver. approve wants the id once more: typed where
      a terminal is there, else as --yes ID.\
      """;

  /** How often in a row it is tried to watch on, a second apart. */
  private static final int RECONNECTS = 60;

  private static final long PAUSE_MILLIS = 1000;

  private final Map<String, String> environment;
  private final @Nullable BufferedReader terminal;
  private final long pauseMillis;

  /**
   * With an environment and a terminal.
   *
   * @param terminal what a person types; null where nobody does
   */
  ApprovalsCommand(Map<String, String> environment, @Nullable BufferedReader terminal) {
    this(environment, terminal, PAUSE_MILLIS);
  }

  /**
   * The same.
   *
   * @param pauseMillis between two tries to watch on
   */
  ApprovalsCommand(
      Map<String, String> environment, @Nullable BufferedReader terminal, long pauseMillis) {
    this.environment = Map.copyOf(environment);
    this.terminal = terminal;
    this.pauseMillis = pauseMillis;
  }

  /** Runs one command: 0 for success, 1 for failures, 2 for wrong usage. */
  int run(String[] args, PrintStream out, PrintStream err) {
    try {
      CommandLine line = CommandLine.of(args);
      ServerClient client = client(line);
      return switch (line.command()) {
        case "list" -> list(client, line, out);
        case "show" -> show(client, id(line), out);
        case "preview" -> preview(client, id(line), out);
        case "approve" -> approve(client, line, out, err);
        case "deny" -> deny(client, line, out);
        case "remembered" -> remembered(client, out);
        case "revoke" -> revoke(client, id(line), out);
        case "watch" -> watch(client, out, err);
        default -> {
          err.println(USAGE);
          yield 2;
        }
      };
    } catch (IllegalArgumentException | ConfigException e) {
      err.println(e.getMessage());
      return 2;
    } catch (IOException e) {
      err.println("gatehouse approvals: " + VisibleText.of(String.valueOf(e.getMessage())));
      return 1;
    }
  }

  private ServerClient client(CommandLine line) throws IOException {
    String file = line.option("config");
    Configuration configuration =
        Configuration.load(
            Path.of(
                file != null
                    ? file
                    : environment.getOrDefault("GATEHOUSE_CONFIG", "conf/gatehouse.yaml")),
            environment);
    return ServerClient.of(configuration, environment, line.option("url"), "approver");
  }

  private static String id(CommandLine line) {
    if (line.words().size() != 1 || !line.words().get(0).matches("[A-Za-z0-9-]{1,64}")) {
      throw new IllegalArgumentException(USAGE);
    }
    return line.words().get(0);
  }

  private static int list(ServerClient client, CommandLine line, PrintStream out)
      throws IOException {
    StringBuilder query = new StringBuilder("?");
    for (String name : new String[] {"state", "limit", "cursor"}) {
      String value = line.option(name);
      if (value != null) {
        query.append(name).append('=').append(ServerClient.encoded(value)).append('&');
      }
    }
    JsonObject page = client.get("/v1/approvals" + query);
    JsonArray approvals = page.getJsonArray("approvals");
    for (int i = 0; i < approvals.size(); i++) {
      out.println(line(approvals.getJsonObject(i)));
    }
    if (page.getString("next") != null) {
      out.println("more: --cursor " + page.getString("next"));
    }
    return 0;
  }

  private static String line(JsonObject approval) {
    JsonArray reasons = approval.getJsonArray("reasons");
    return VisibleText.of(
        "%s  %-9s %-8s %s asks for %s: %s"
            .formatted(
                approval.getString("id"),
                approval.getString("state"),
                approval.getString("risk"),
                approval.getString("actor"),
                approval.getString("tool"),
                reasons.isEmpty() ? "" : reasons.getJsonObject(0).getString("text")));
  }

  private int show(ServerClient client, String id, PrintStream out) throws IOException {
    show(client.get("/v1/approvals/" + id), out);
    return 0;
  }

  private int preview(ServerClient client, String id, PrintStream out) throws IOException {
    show(client.post("/v1/approvals/" + id + "/preview", new JsonObject()), out);
    return 0;
  }

  private void show(JsonObject approval, PrintStream out) throws IOException {
    new Pager(out, terminal).print(ApprovalText.of(approval));
  }

  private int approve(ServerClient client, CommandLine line, PrintStream out, PrintStream err)
      throws IOException {
    String id = id(line);
    JsonObject approval = client.get("/v1/approvals/" + id);
    JsonObject body = new JsonObject().put("digest", runs(approval));
    String file = line.option("edit");
    if (file != null) {
      body.put("edit", edit(Path.of(file)));
      approval.put("edit", new JsonObject().put("arguments", body.getJsonObject("edit")));
    }
    JsonObject preview = approval.getJsonObject("preview");
    if (preview != null && preview.getString("effect") != null && file == null) {
      body.put("effect", preview.getString("effect"));
    }
    show(approval, out);
    if (line.option("remember") != null) {
      JsonObject wish = wish(line);
      JsonObject offer = client.post("/v1/approvals/" + id + "/remember", wish);
      new Pager(out, terminal).print(RememberedText.ofOffer(offer));
      body.put("remember", wish);
    }
    String yes = line.option("yes");
    if (yes == null && terminal != null) {
      out.print("To approve exactly this, type the last 4 characters of its id: ");
      out.flush();
      String typed = terminal.readLine();
      yes = typed != null && id.endsWith(typed.strip()) && typed.strip().length() >= 4 ? id : "";
    }
    if (!id.equals(yes)) {
      err.println("not approved");
      return 1;
    }
    return decide(client, line, body.put("decision", "approve"), out);
  }

  private static JsonObject wish(CommandLine line) {
    JsonObject wish = new JsonObject().put("scope", line.option("remember"));
    for (String name : new String[] {"seconds", "uses"}) {
      String value = line.option(name);
      if (value != null && !value.matches("\\d{1,9}")) {
        throw new IllegalArgumentException("--" + name + " must be a number");
      }
      if (value != null) {
        wish.put(name, Integer.parseInt(value));
      }
    }
    return wish;
  }

  private int remembered(ServerClient client, PrintStream out) throws IOException {
    String cursor = "";
    while (cursor != null) {
      JsonObject page = client.get("/v1/remembered?cursor=" + ServerClient.encoded(cursor));
      JsonArray remembered = page.getJsonArray("remembered");
      for (int i = 0; i < remembered.size(); i++) {
        new Pager(out, terminal).print(RememberedText.of(remembered.getJsonObject(i)));
      }
      cursor = page.getString("next");
    }
    return 0;
  }

  private static int revoke(ServerClient client, String id, PrintStream out) throws IOException {
    client.delete("/v1/remembered/" + id);
    out.println(id + " is revoked");
    return 0;
  }

  /** The digest of what is shown. */
  private static String runs(JsonObject approval) {
    JsonObject edit = approval.getJsonObject("edit");
    return (edit == null ? approval : edit).getString("digest");
  }

  private static JsonObject edit(Path file) throws IOException {
    try {
      return new JsonObject(Files.readString(file));
    } catch (DecodeException e) {
      throw new IllegalArgumentException(file + " holds no JSON object", e);
    }
  }

  private int deny(ServerClient client, CommandLine line, PrintStream out) throws IOException {
    show(client, id(line), out);
    return decide(client, line, new JsonObject().put("decision", "deny"), out);
  }

  private static int decide(ServerClient client, CommandLine line, JsonObject body, PrintStream out)
      throws IOException {
    for (String name : new String[] {"reason", "code"}) {
      if (line.option(name) != null) {
        body.put(name, line.option(name));
      }
    }
    JsonObject reply = client.post("/v1/approvals/" + id(line) + "/decision", body);
    out.println(reply.getString("id") + " is " + reply.getString("state"));
    if (reply.getJsonObject("remembered") != null) {
      out.println("remembered as " + reply.getJsonObject("remembered").getString("id"));
    }
    if (reply.getString("warning") != null) {
      out.println("warning: " + reply.getString("warning"));
    }
    return 0;
  }

  /** Watches until the server says why it may no longer, or cannot be reached again for long. */
  private int watch(ServerClient client, PrintStream out, PrintStream err) throws IOException {
    String place = null;
    int tries = 0;
    while (true) {
      try (Stream<String> lines =
          client.lines("/v1/approvals/events" + (place == null ? "" : "?after=" + place))) {
        boolean problem = false;
        for (Iterator<String> each = lines.iterator(); each.hasNext(); ) {
          String text = each.next();
          tries = 0;
          if (text.startsWith("id: ")) {
            place = ServerClient.encoded(text.substring("id: ".length()));
          } else if (text.startsWith("event: ")) {
            problem = text.equals("event: problem");
          } else if (text.startsWith("data: ")) {
            JsonObject event = new JsonObject(text.substring("data: ".length()));
            if (problem) {
              err.println("gatehouse approvals: " + VisibleText.of(event.encode()));
              return 1;
            }
            out.println(
                VisibleText.of(event.getString("at") + " " + event.getString("event") + " ")
                    + line(event.getJsonObject("approval")));
            out.flush();
          }
        }
      } catch (IOException e) {
        if (place == null || tries >= RECONNECTS) {
          throw e;
        }
      } catch (UncheckedIOException broken) {
        // As where it ended: it goes on behind the last event.
      }
      if (place == null || tries++ >= RECONNECTS) {
        err.println("gatehouse approvals: the server ends what is watched");
        return 1;
      }
      pause();
    }
  }

  private void pause() throws IOException {
    try {
      Thread.sleep(pauseMillis);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted", e);
    }
  }
}
