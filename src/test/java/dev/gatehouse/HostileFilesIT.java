package dev.gatehouse;

import static dev.gatehouse.FilesIT.assertProblem;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.gatehouse.Api.Answer;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Paths, names, files, guests and clients that mean no good. */
@SuppressWarnings("NullAway.Init")
class HostileFilesIT {
  private static final int WORKSPACE_MIB = 96;
  private static final Duration SOON = Duration.ofSeconds(60);

  @RegisterExtension
  @Order(1)
  static final RunningServer SERVER =
      new RunningServer()
          .behindOpenPolicy()
          .with("GATEHOUSE_SANDBOX_WORKSPACE_MIB", String.valueOf(WORKSPACE_MIB));

  @RegisterExtension
  @Order(2)
  static final Neighbourhood AROUND = new Neighbourhood(SERVER);

  private HeldSandbox sandbox;
  private SandboxFilesApi files;

  @BeforeEach
  void hold() {
    sandbox = AROUND.hold("hostile");
    files = new SandboxFilesApi(SERVER.api(), sandbox);
  }

  private String bash(String code) {
    JsonObject reply = sandbox.run("bash", code);
    assertEquals(0, reply.getInteger("exitCode"), reply.encode());
    return reply.getString("stdout");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "/etc/passwd",
        "/workspace/../etc/passwd",
        "/workspace/a/../../etc",
        "/workspace/..",
        "..",
        "etc/passwd",
        "workspace/a",
        "/",
        "//",
        "/proc/self/environ",
        "/dev/null",
        "/run/gatehouse/1.sh",
        "/workspacex/a",
        "/WORKSPACE/a",
        "/workspace/a%00/b",
        "%2e%2e/etc/passwd",
        "/workspace/%2e%2e/etc/passwd",
      })
  void aPathThatLeadsElsewhereIsRefused(String path) {
    for (String what : List.of("?", ":stat?", ":list?", ":search?", ":watch?")) {
      assertProblem(422, "path.refused", files.get(what + "path=" + path));
    }
    assertProblem(422, "path.refused", files.delete("?path=" + path));
    assertProblem(422, "path.refused", files.post(":mkdir?path=" + path));
    assertProblem(422, "path.refused", files.post(":move?path=/workspace/a&to=" + path));
    assertProblem(422, "path.refused", files.put("?path=" + path, BodyPublishers.ofString("mine")));
  }

  @ParameterizedTest
  @ValueSource(strings = {"/workspace", "/tmp", "/workspace/", "/workspace/./", "//tmp//"})
  void aPlaceItselfIsNeitherReplacedNorRemoved(String path) {
    assertProblem(422, "path.refused", files.delete("?recursive=true&path=" + path));
    assertProblem(422, "path.refused", files.post(":move?to=/workspace/x&path=" + path));
    assertProblem(422, "path.refused", files.put("?path=" + path, BodyPublishers.noBody()));
    assertProblem(409, "file.is-directory", files.get("?path=" + path));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "path=/workspace/%",
        "path=/workspace/%4",
        "path=/workspace/%zz",
        "path=/workspace/a&path=/workspace/b",
        "",
        "file=/workspace/a",
      })
  void aQueryThatIsNotClearIsRefused(String query) throws IOException {
    try (RawConnection client = RawConnection.to(SERVER.api().port())) {
      // When
      RawConnection.Reply reply = client.send(head("GET", query) + "\r\n").reply();

      // Then
      assertEquals(422, reply.status());
      assertEquals("query.malformed", reply.body().getString("code"));
    }
  }

  @Test
  void aParameterThatNobodyReadsIsRefused() {
    assertProblem(422, "query.unknown", files.get("?path=/workspace/a&follow=true"));
    assertProblem(422, "query.malformed", files.delete("?path=/workspace/a&recursive=yes"));
    assertProblem(422, "query.malformed", files.get(":list?path=/workspace&limit=1001"));
    assertProblem(422, "cursor.malformed", files.get(":list?path=/workspace&cursor=*"));
    assertProblem(
        422, "query.malformed", files.put("?path=/workspace/a&mode=4755", BodyPublishers.noBody()));
  }

  @Test
  void anotherSessionsFilesAreNotThere() {
    // Given
    files.put("/workspace/secret", "mine");

    // When
    Answer other = files.get("?path=/workspace/secret&session=other");
    Answer operator =
        SERVER.api().get("operator", sandbox.path() + "/files?path=/workspace/secret");
    Answer unknown =
        SERVER.api().get("agent", "/v1/sandboxes/none/files:stat?path=/workspace/secret");

    // Then
    assertProblem(404, "sandbox.not-found", other);
    assertProblem(403, "role.wrong", operator);
    assertProblem(404, "sandbox.not-found", unknown);
  }

  @Test
  void noLinkIsFollowedWhereverItStands() {
    // Given
    bash(
        """
        cd /workspace
        ln -s /etc etc; ln -s /etc/passwd passwd; ln -s /proc/1/root root; ln -s loop loop
        mkdir real; echo kept > /tmp/target; ln -s /tmp/target file; ln -s real/ alias
        """);

    // When, Then
    assertProblem(409, "file.symlink", files.get("?path=/workspace/etc/passwd"));
    assertProblem(409, "file.symlink", files.get("?path=/workspace/passwd"));
    assertProblem(409, "file.symlink", files.get("?path=/workspace/root/etc/passwd"));
    assertProblem(409, "file.symlink", files.get(":list?path=/workspace/etc"));
    assertProblem(409, "file.symlink", files.get(":search?path=/workspace/root"));
    assertProblem(409, "file.symlink", files.get(":watch?path=/workspace/etc"));
    assertProblem(409, "file.symlink", files.get(":stat?path=/workspace/loop/x"));
    assertProblem(409, "file.symlink", files.put("/workspace/alias/new", "x"));
    assertProblem(409, "file.symlink", files.post(":mkdir?path=/workspace/alias/x/y&parents=true"));
    assertProblem(
        409, "file.symlink", files.post(":move?path=/workspace/real&to=/workspace/etc/x"));
    assertProblem(409, "file.symlink", files.delete("?path=/workspace/root/tmp/target"));
    assertTrue(
        files.get(":search?path=/workspace&content=root").body().getJsonArray("matches").isEmpty());

    // When
    assertEquals(200, files.put("/workspace/file", "own").status());
    assertEquals(200, files.delete("?path=/workspace/etc&recursive=true").status());

    // Then
    assertEquals("kept\n", bash("cat /tmp/target"), "the link was replaced, not its target");
    assertEquals("own", files.text("/workspace/file"));
    assertEquals("/etc/passwd\n", bash("ls /etc/passwd"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"-rf", "--help", "$(id)", "a\nb", "a\tb", "*", "~", "é", " ", "a;b&c=d"})
  void aNameIsANameWhateverItLooksLike(String name) {
    // Given
    String path = "/workspace/odd/" + name;
    files.post(":mkdir?path=/workspace/odd");

    // When
    Answer written = files.put(path, "content of it");
    JsonArray listed = files.get(":list?path=/workspace/odd").body().getJsonArray("entries");

    // Then
    assertEquals(201, written.status(), written.body().encode());
    assertEquals(path, written.body().getString("path"));
    assertEquals(1, listed.size());
    assertEquals(name, listed.getJsonObject(0).getString("name"));
    assertEquals("content of it", files.text(path));
    assertEquals("content of it", bash("cat /workspace/odd/*"));
    assertEquals(200, files.delete("?path=" + SandboxFilesApi.encoded(path)).status());
  }

  @Test
  void aNameThatIsNoTextIsShownAsWellAsCanBeAndAddressedByItsBytes() {
    // Given
    bash("cd /workspace; echo found > $'bad\\xff\\xfename'; mkdir $'d\\x80'");

    // When
    JsonArray listed = files.get(":list?path=/workspace").body().getJsonArray("entries");

    // Then
    JsonObject entry = listed.getJsonObject(0);
    assertEquals("bad\ufffd\ufffdname", entry.getString("name"));
    assertEquals("/workspace/bad%FF%FEname", entry.getString("encodedPath"));
    HttpResponse<byte[]> read =
        files.send(files.request("?path=" + entry.getString("encodedPath")).GET().build());
    assertEquals("found\n", new String(read.body(), StandardCharsets.UTF_8));
    Answer below = files.put("?path=/workspace/d%80/%C3%28", BodyPublishers.ofString("below it"));
    assertEquals("/workspace/d%80/%C3%28", below.body().getString("encodedPath"));
    JsonObject found =
        files
            .get(":search?path=/workspace&content=below")
            .body()
            .getJsonArray("matches")
            .getJsonObject(0);
    assertEquals("/workspace/d%80/%C3%28", found.getString("encodedPath"));
  }

  @Test
  void whatIsNoPlainFileHoldsNothingUp() {
    // Given
    bash(
        """
        cd /workspace; mkfifo fifo; mkdir in; mkfifo in/fifo
        python3 -c 'import socket; socket.socket(socket.AF_UNIX).bind("/workspace/socket")'
        """);

    // When, Then
    assertProblem(409, "file.not-regular", files.get("?path=/workspace/fifo"));
    assertProblem(409, "file.not-regular", files.get("?path=/workspace/socket"));
    assertProblem(409, "file.not-directory", files.get(":list?path=/workspace/fifo"));
    assertProblem(409, "file.not-directory", files.put("/workspace/fifo/x", "x"));
    assertEquals(
        0, files.get(":search?path=/workspace&content=x").body().getJsonArray("matches").size());
    assertEquals("fifo", files.get(":stat?path=/workspace/fifo").body().getString("type"));
    assertEquals(200, files.put("/workspace/fifo", "replaced").status());
    assertEquals("replaced", bash("cat /workspace/fifo"));
    assertEquals(200, files.delete("?path=/workspace/in&recursive=true").status());
  }

  @Test
  void theSandboxesOwnRightsHold() {
    // Given
    bash("cd /workspace; echo x > f; chmod 000 f; mkdir d; chmod 000 d");

    // When, Then
    assertProblem(403, "file.denied", files.get("?path=/workspace/f"));
    assertProblem(403, "file.denied", files.put("/workspace/d/x", "x"));
    assertEquals("file", files.get(":stat?path=/workspace/f").body().getString("type"));
    bash("chmod 700 /workspace/d");
  }

  @Test
  void directoriesThatNestWithoutEndAreRefused() {
    // Given
    bash("cd /workspace; mkdir -p $(printf 'd/%.0s' $(seq 300))");

    // When, Then
    assertProblem(422, "file.too-deep", files.get(":search?path=/workspace"));
    assertProblem(422, "file.too-deep", files.delete("?path=/workspace/d&recursive=true"));
  }

  @Test
  void aFullDiskIsToldAndLeavesNothingBehind() {
    // Given
    byte[] tooMuch = new byte[(WORKSPACE_MIB + 8) << 20];

    // When
    Answer full = files.put("?path=/workspace/big", BodyPublishers.ofByteArray(tooMuch));
    Answer next = files.put("/workspace/small", "there is room again");

    // Then
    assertProblem(507, "file.no-space", full);
    assertEquals(201, next.status(), next.body().encode());
    assertEquals("small\n", bash("ls -A /workspace"));
  }

  @Test
  void aFileThatGrowsIsGivenAsLongAsItWasAndOneThatShrinksBreaksOff() throws Exception {
    // Given
    bash("head -c 60000000 /dev/zero > /workspace/changing");

    // When
    try (InputStream grows = open("/workspace/changing")) {
      bash("echo more >> /workspace/changing");
      assertEquals(60_000_000, grows.readAllBytes().length);
    }
    try (InputStream shrinks = open("/workspace/changing")) {
      bash("truncate -s 1000 /workspace/changing");
      assertThrows(IOException.class, shrinks::readAllBytes);
    }

    // Then
    awaitLogged("file_read", "shrunk");
  }

  /** Begins to read, and takes no more than the client itself takes ahead. */
  private InputStream open(String path) {
    HttpRequest request = files.request("?path=" + path).GET().build();
    return files.later(request, BodyHandlers.ofInputStream()).join().body();
  }

  private void awaitLogged(String tool, String status) {
    Eventually.eventually(
        tool + " is logged as " + status,
        SOON,
        () ->
            !SERVER
                .api()
                .get(
                    "auditor",
                    "/v1/audit?kind=file.accessed&sandbox=%s&tool=%s&status=%s"
                        .formatted(id(), tool, status))
                .body()
                .getJsonArray("events")
                .isEmpty());
  }

  private String id() {
    return sandbox.path().substring(sandbox.path().lastIndexOf('/') + 1);
  }

  @Test
  void aClientWhoLeavesInTheMiddleLeavesNothing() throws Exception {
    // Given
    bash("head -c 60000000 /dev/zero > /workspace/large");

    // When
    try (RawConnection up = RawConnection.to(SERVER.api().port())) {
      up.send(head("PUT", "path=/workspace/half") + "Content-Length: 5000000\r\n\r\n")
          .send(new byte[1_000_000]);
      Eventually.eventually(
          "the half is on its way", SOON, () -> bash("ls -A /workspace").contains(".gatehouse-"));
    }
    try (RawConnection down = RawConnection.to(SERVER.api().port())) {
      down.send(head("GET", "path=/workspace/large") + "\r\n");
    }

    // Then
    awaitLogged("file_write", "cancelled");
    awaitLogged("file_read", "cancelled");
    assertEquals("large\n", bash("ls -A /workspace"));
  }

  private String head(String method, String query) {
    return "%s %s/files?%s HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer %s\r\n"
        .formatted(method, sandbox.path(), query, SERVER.api().key("agent"));
  }

  @Test
  void anUploadThatIsRefusedHasItsAnswerAndItsConnectionGoesOn() throws Exception {
    try (RawConnection client = RawConnection.to(SERVER.api().port())) {
      // When
      client
          .send(head("PUT", "path=/workspace/missing/file") + "Content-Length: 3000000\r\n\r\n")
          .send(new byte[3_000_000]);

      // Then
      assertEquals("file.not-found", client.reply().body().getString("code"));
      client.send(
          head("PUT", "path=/workspace/there")
              + "Expect: 100-continue\r\nContent-Length: 2\r\n\r\n");
      assertEquals(100, client.reply().status());
      assertEquals(201, client.send("ok").reply().status());
    }
    assertEquals("ok", files.text("/workspace/there"));
  }

  @Test
  void aSandboxThatIsDeletedEndsItsTransfers() {
    // Given
    bash("head -c 60000000 /dev/zero > /workspace/large");
    List<InputStream> downs =
        IntStream.range(0, 4).mapToObj(i -> open("/workspace/large")).toList();
    HttpRequest endless =
        files
            .request("?path=/workspace/up")
            .PUT(BodyPublishers.ofInputStream(Endless::new))
            .build();
    CompletableFuture<HttpResponse<String>> up = files.later(endless, BodyHandlers.ofString());
    CompletableFuture<HttpResponse<InputStream>> watch =
        files.later(
            files.request(":watch?path=/workspace").GET().build(), BodyHandlers.ofInputStream());
    InputStream events = watch.join().body();
    Eventually.eventually(
        "the upload is on its way", SOON, () -> bash("ls -A /workspace").contains(".gatehouse-"));

    // When
    sandbox.delete();

    // Then
    HttpResponse<String> answer = up.join();
    assertTrue(List.of(410, 507).contains(answer.statusCode()), answer.body());
    downs.forEach(down -> assertThrows(IOException.class, down::readAllBytes));
    assertThrows(IOException.class, events::readAllBytes);
    assertProblem(410, "sandbox.ended", files.get("?path=/workspace/large"));
  }

  /** Zeros, slowly enough not to fill a disk. */
  private static final class Endless extends InputStream {
    private long given;

    @Override
    public int read() {
      return 0;
    }

    @Override
    public int read(byte[] into, int offset, int length) {
      int some = Math.min(length, 1024);
      given += some;
      if (given > 1 << 20) {
        java.util.concurrent.locks.LockSupport.parkNanos(1_000_000);
      }
      return some;
    }
  }

  @Test
  void twoHundredAtOnceAllSucceed() {
    // When
    List<CompletableFuture<HttpResponse<String>>> writes = new ArrayList<>();
    for (int i = 0; i < 200; i++) {
      HttpRequest write =
          files
              .request("?path=/workspace/" + i)
              .PUT(BodyPublishers.ofString("content " + i))
              .build();
      writes.add(files.later(write, BodyHandlers.ofString()));
    }
    writes.forEach(
        write -> assertEquals(201, write.join().statusCode(), () -> write.join().body()));
    List<CompletableFuture<HttpResponse<String>>> reads = new ArrayList<>();
    for (int i = 0; i < 200; i++) {
      reads.add(
          files.later(
              files.request("?path=/workspace/" + i).GET().build(), BodyHandlers.ofString()));
    }

    // Then
    for (int i = 0; i < 200; i++) {
      assertEquals("content " + i, reads.get(i).join().body());
    }
  }

  @Test
  void moreThanMayWaitAreSentAway() throws Exception {
    // Given
    bash("head -c 60000000 /dev/zero > /workspace/large");
    List<InputStream> slow = new ArrayList<>();
    for (int i = 0; i < 4; i++) {
      slow.add(
          files
              .later(
                  files.request(":watch?path=/workspace").GET().build(),
                  BodyHandlers.ofInputStream())
              .join()
              .body());
    }

    // When
    Answer fifth = files.get(":watch?path=/workspace");

    // Then
    assertProblem(429, "sandbox.busy", fifth);
    assertEquals("1", fifth.response().headers().firstValue("Retry-After").orElse(""));
    for (InputStream watch : slow) {
      watch.close();
    }
    Eventually.eventually(
        "there is a place again",
        SOON,
        () -> {
          HttpResponse<InputStream> next =
              files
                  .later(
                      files.request(":watch?path=/workspace").GET().build(),
                      BodyHandlers.ofInputStream())
                  .join();
          try (InputStream body = next.body()) {
            return next.statusCode() == 200 && body.read() == ':';
          } catch (IOException e) {
            throw new UncheckedIOException(e);
          }
        });
  }

  @Test
  void changesAreToldAsTheyHappenAndSoIsTheDirectorysEnd() throws Exception {
    // Given
    bash("mkdir /workspace/watched");
    InputStream events =
        files
            .later(
                files.request(":watch?path=/workspace/watched").GET().build(),
                BodyHandlers.ofInputStream())
            .join()
            .body();

    // When
    bash(
        """
        cd /workspace/watched; echo x > a; mv a b; rm b; echo y > $'\\xff'; rm $'\\xff'
        cd ..; rmdir watched
        """);
    String told = new String(events.readAllBytes(), StandardCharsets.UTF_8);

    // Then
    List<String> changes =
        told.lines()
            .filter(line -> line.startsWith("data: {\""))
            .map(line -> new JsonObject(line.substring(6)))
            .map(change ->
                change.getString("change")
                    + " "
                    + Objects.requireNonNullElse(
                        change.getString("encodedPath"), change.getString("path")))
            .toList();
    String in = " /workspace/watched/";
    assertTrue(changes.contains("created" + in + "a"), told);
    assertTrue(changes.contains("written" + in + "a"), told);
    assertTrue(changes.contains("moved-from" + in + "a"), told);
    assertTrue(changes.contains("moved-to" + in + "b"), told);
    assertTrue(changes.contains("deleted" + in + "b"), told);
    assertTrue(changes.contains("created" + in + "%FF"), told);
    assertTrue(told.endsWith("event: gone\ndata: {}\n\n"), told);
  }

  @Test
  void executionsGoOnBesideTransfersAndWatches() throws Exception {
    // Given
    bash("head -c 60000000 /dev/zero > /workspace/large");
    HttpResponse<InputStream> watch =
        files
            .later(
                files.request(":watch?path=/workspace").GET().build(), BodyHandlers.ofInputStream())
            .join();
    InputStream held = open("/workspace/large");

    // When
    JsonObject first = sandbox.run("python", "x = 41");
    JsonObject second = sandbox.run("python", "print(x + 1)");
    JsonObject sleeping = sandbox.request("python", "import time\ntime.sleep(2)", 30_000);
    CompletableFuture<Answer> running = sandbox.askLater(sleeping);
    Answer meanwhile = files.put("/workspace/meanwhile", "x");

    // Then
    assertEquals(0, first.getInteger("exitCode"));
    assertEquals("42\n", second.getString("stdout"), second.encode());
    assertEquals(201, meanwhile.status());
    assertEquals(200, running.join().status());
    assertEquals(60_000_000, held.readAllBytes().length);
    watch.body().close();
  }

  static List<Arguments> forgeries() {
    return List.of(
        Arguments.of("content of nothing", "frame(33, 77, b'x')"),
        Arguments.of("an answer to nothing", "frame(35, 77, b'{}')"),
        Arguments.of("a second opening", "frame(32, 1, b'{}')"),
        Arguments.of("more than was asked for", "for _ in range(9): frame(33, 1, b'{}')"),
        Arguments.of("chunks too long", "frame(33, 1, b' ' * 65537)"),
        Arguments.of("empty chunks", "while True: frame(33, 1, b'')"),
        Arguments.of("changes that are none", "frame(33, 1, b'{\"changes\":[[\"eaten\",\"x\"]]}')"),
        Arguments.of("names that climb", "frame(33, 1, b'{\"changes\":[[\"created\",\"../x\"]]}')"),
        Arguments.of("changes of a wrong type", "frame(33, 1, b'{\"changes\":[7]}')"),
        Arguments.of("no JSON", "frame(33, 1, b'[' * 60000)"),
        Arguments.of("the end of a file before its end", "frame(35, 2, b'{}')"),
        Arguments.of("an error on a file without a name", "frame(35, 2, b'{\"error\":\"x\"}')"),
        Arguments.of("more of a file than was asked for", "for _ in range(9): frame(33, 2, b'x')"),
        Arguments.of("room for what was not given", "frame(34, 1, b'')"),
        Arguments.of("an error without a name", "frame(35, 1, b'{\"error\":\"mine\"}')"),
        Arguments.of("an end that is no JSON", "frame(35, 1, b'no')"));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("forgeries")
  void whatTheSupervisorWouldNotSayOfFilesEndsTheSandbox(String what, String code)
      throws IOException {
    // Given
    HttpResponse<InputStream> watch =
        files
            .later(files.request(":watch?path=/tmp").GET().build(), BodyHandlers.ofInputStream())
            .join();
    assertEquals(':', watch.body().read());
    bash("head -c 60000000 /dev/zero > /workspace/large");
    InputStream large = open("/workspace/large");

    // When
    JsonObject reply =
        sandbox.run("python", HostileSupervisorIT.FORGER + code + "\ntime.sleep(60)");

    // Then
    assertEquals("sandbox-died", reply.getString("status"), what + reply.encode());
    assertThrows(IOException.class, () -> watch.body().readAllBytes());
    assertThrows(IOException.class, large::readAllBytes);
    Answer gone = files.get(":stat?path=/tmp");
    assertProblem(410, "sandbox.ended", gone);
    assertTrue(gone.body().getString("detail").contains("broke the protocol"), gone.body() + "");
  }

  @Test
  void aSupervisorThatDoesNotAnswerEndsItsSandboxAndTheCallerIsTold() {
    // Given
    CompletableFuture<Answer> stopper =
        sandbox.askLater(
            sandbox.request("python", "import os, time\nos.kill(1, 19)\ntime.sleep(100)", 120_000));
    Eventually.eventually(
        "it does not answer",
        SOON,
        () -> {
          try {
            files
                .later(
                    files.request(":stat?path=/tmp").timeout(Duration.ofSeconds(5)).GET().build(),
                    BodyHandlers.ofString())
                .join();
            return false;
          } catch (java.util.concurrent.CompletionException e) {
            return true;
          }
        });

    // When
    Answer answer = files.get(":stat?path=/tmp");

    // Then
    assertTrue(List.of(410, 504).contains(answer.status()), answer.body().encode());
    assertFalse(stopper.join().body().isEmpty());
    assertEquals(410, sandbox.find().status());
  }
}
