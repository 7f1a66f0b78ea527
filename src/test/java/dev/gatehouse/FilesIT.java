package dev.gatehouse;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.gatehouse.Api.Answer;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What can be done with a sandbox's files. */
@SuppressWarnings("NullAway.Init")
class FilesIT {
  @RegisterExtension static final RunningServer SERVER = new RunningServer();

  private HeldSandbox sandbox;
  private SandboxFilesApi files;

  @BeforeEach
  void hold() {
    sandbox = HeldSandbox.of(SERVER.api(), "files");
    files = new SandboxFilesApi(SERVER.api(), sandbox);
  }

  @AfterEach
  void release() {
    sandbox.delete();
  }

  private String bash(String code) {
    JsonObject reply = sandbox.run("bash", code);
    assertEquals(0, reply.getInteger("exitCode"), reply.encode());
    return reply.getString("stdout");
  }

  @Test
  void whatIsWrittenIsReadInsideAndOutside() {
    // When
    Answer written = files.put("/workspace/a b.txt", "Grüße\n");

    // Then
    assertEquals(201, written.status(), written.body().encode());
    assertEquals("/workspace/a b.txt", written.body().getString("path"));
    assertEquals(8, written.body().getLong("size"));
    assertEquals("0644", written.body().getString("mode"));
    assertEquals("Grüße\n", bash("cat '/workspace/a b.txt'"));
    assertEquals("Grüße\n", files.text("/workspace/a b.txt"));
  }

  @Test
  void aFileOfManyChunksComesBackByteForByte() {
    // Given
    byte[] content = new byte[5_000_001];
    new Random(7).nextBytes(content);

    // When
    Answer written = files.put("?path=/workspace/big", BodyPublishers.ofByteArray(content));
    HttpResponse<byte[]> read = files.read("/workspace/big");

    // Then
    assertEquals(201, written.status(), written.body().encode());
    assertArrayEquals(content, read.body());
    assertEquals("application/octet-stream", read.headers().firstValue("Content-Type").orElse(""));
    assertEquals("nosniff", read.headers().firstValue("X-Content-Type-Options").orElse(""));
  }

  @Test
  void onlyTheContentOfTheDeclaredDigestIsPutInItsPlace() {
    // Given
    String sha256 = ApprovalKeys.sha256("declared");
    String rest = "?path=/workspace/declared&sha256=" + sha256;

    // When
    Answer other = files.put(rest, BodyPublishers.ofString("declared."));
    Answer malformed =
        files.put("?path=/workspace/declared&sha256=00", BodyPublishers.ofString("declared"));
    assertEquals("", bash("ls -A /workspace"));
    Answer written = files.put(rest, BodyPublishers.ofString("declared"));

    // Then
    assertEquals(422, other.status(), other.body().encode());
    assertEquals("file.other-content", other.code());
    assertEquals("query.malformed", malformed.code());
    assertEquals(201, written.status(), written.body().encode());
    assertEquals("declared", files.text("/workspace/declared"));
  }

  @Test
  void anEmptyFileIsAFile() {
    // When
    Answer written = files.put("/workspace/empty", "");
    HttpResponse<byte[]> read = files.read("/workspace/empty");

    // Then
    assertEquals(201, written.status());
    assertEquals(200, read.statusCode());
    assertEquals(0, read.body().length);
  }

  @ParameterizedTest
  @CsvSource({
    "bytes=2-4, 206, 234, bytes 2-4/10",
    "bytes=7-, 206, 789, bytes 7-9/10",
    "bytes=-3, 206, 789, bytes 7-9/10",
    "bytes=-30, 200, 0123456789, ''",
    "bytes=0-99, 200, 0123456789, ''",
    "'bytes=1-2,4-5', 200, 0123456789, ''",
    "bytes=5-3, 200, 0123456789, ''",
    "lines=1-2, 200, 0123456789, ''",
  })
  void aRangeGivesItsBytes(String range, int status, String content, String contentRange) {
    // Given
    files.put("/workspace/digits", "0123456789");

    // When
    HttpResponse<byte[]> read = files.read("/workspace/digits", "Range", range);

    // Then
    assertEquals(status, read.statusCode());
    assertEquals(content, new String(read.body(), StandardCharsets.UTF_8));
    assertEquals(contentRange, read.headers().firstValue("Content-Range").orElse(""));
  }

  @Test
  void aRangeBehindTheEndIsRefusedWithTheSize() {
    // Given
    files.put("/workspace/digits", "0123456789");

    // When
    HttpResponse<byte[]> read = files.read("/workspace/digits", "Range", "bytes=10-");

    // Then
    assertEquals(416, read.statusCode());
    assertEquals("bytes */10", read.headers().firstValue("Content-Range").orElse(""));
    assertEquals(
        "file.range",
        new JsonObject(new String(read.body(), StandardCharsets.UTF_8)).getString("code"));
  }

  @Test
  void aRangeOfAFileThatChangedGivesTheWhole() {
    // Given
    String tag = files.put("/workspace/digits", "0123456789").body().getString("etag");

    // When
    HttpResponse<byte[]> same =
        files.read("/workspace/digits", "Range", "bytes=0-1", "If-Range", tag);
    files.put("/workspace/digits", "abcdefghij");
    HttpResponse<byte[]> changed =
        files.read("/workspace/digits", "Range", "bytes=0-1", "If-Range", tag);

    // Then
    assertEquals(206, same.statusCode());
    assertEquals(200, changed.statusCode());
    assertEquals("abcdefghij", new String(changed.body(), StandardCharsets.UTF_8));
    assertNotEquals(tag, changed.headers().firstValue("ETag").orElse(""));
  }

  @Test
  void headTellsTheSizeAndSendsNothing() {
    // Given
    files.put("/workspace/digits", "0123456789");

    // When
    HttpResponse<byte[]> head = files.send(files.request("?path=/workspace/digits").HEAD().build());
    HttpResponse<byte[]> missing = files.send(files.request("?path=/workspace/no").HEAD().build());

    // Then
    assertEquals(200, head.statusCode());
    assertEquals("10", head.headers().firstValue("Content-Length").orElse(""));
    assertEquals(404, missing.statusCode());
  }

  @Test
  void statTellsWhatAFileIs() {
    // Given
    bash("cd /workspace; mkdir d; ln -s /etc/passwd l; mkfifo p; echo x > f; chmod 640 f");

    // When
    JsonObject file = files.get(":stat?path=/workspace/f").body();
    JsonObject directory = files.get(":stat?path=/workspace/d").body();
    JsonObject link = files.get(":stat?path=/workspace/l").body();
    JsonObject fifo = files.get(":stat?path=/workspace/p").body();
    JsonObject root = files.get(":stat?path=/workspace").body();

    // Then
    assertEquals("file", file.getString("type"));
    assertEquals("0640", file.getString("mode"));
    assertEquals(2, file.getLong("size"));
    assertEquals("f", file.getString("name"));
    assertEquals("directory", directory.getString("type"));
    assertNull(directory.getString("etag"));
    assertEquals("symlink", link.getString("type"));
    assertEquals("/etc/passwd", link.getString("target"));
    assertEquals("fifo", fifo.getString("type"));
    assertEquals("directory", root.getString("type"));
  }

  @Test
  void aDirectoryIsListedPageByPageEachNameOnce() {
    // Given
    bash("mkdir /workspace/many; cd /workspace/many; touch $(seq 10000)");

    // When
    List<String> names = new ArrayList<>();
    JsonObject page = files.get(":list?path=/workspace/many&limit=1000").body();
    int pages = 1;
    collect(page, names);
    while (page.getString("next") != null) {
      page =
          files
              .get(":list?path=/workspace/many&limit=1000&cursor=" + page.getString("next"))
              .body();
      collect(page, names);
      pages++;
    }

    // Then
    List<String> expected =
        new ArrayList<>(
            new TreeSet<>(IntStream.rangeClosed(1, 10000).mapToObj(Integer::toString).toList()));
    assertEquals(expected, names);
    assertEquals(10, pages);
  }

  private static void collect(JsonObject page, List<String> names) {
    for (Object entry : page.getJsonArray("entries")) {
      names.add(((JsonObject) entry).getString("name"));
    }
  }

  @Test
  void aPageOfTheLongestNamesIsCutAndGoesOn() {
    // Given
    bash(
        """
        mkdir /workspace/long; cd /workspace/long
        x=$(printf '\\xff%.0s' $(seq 250))
        for i in $(seq 1000 1400); do : > "$i$x"; done
        """);

    // When
    List<String> names = new ArrayList<>();
    String cursor = "";
    int pages = 0;
    do {
      JsonObject page = files.get(":list?path=/workspace/long&limit=1000" + cursor).body();
      collect(page, names);
      cursor = "&cursor=" + page.getString("next");
      pages++;
    } while (!cursor.equals("&cursor=null"));

    // Then
    assertEquals(401, names.size());
    assertTrue(pages > 1);
  }

  @Test
  void directoriesAreMadeMovedAndRemoved() {
    // When
    Answer missing = files.post(":mkdir?path=/workspace/x/y/z");
    Answer made = files.post(":mkdir?path=/workspace/x/y/z&parents=true");
    Answer again = files.post(":mkdir?path=/workspace/x/y/z");
    Answer still = files.post(":mkdir?path=/workspace/x/y/z&parents=true");
    files.put("/workspace/x/y/z/f", "1");
    Answer moved = files.post(":move?path=/workspace/x/y&to=/workspace/w");
    Answer full = files.delete("?path=/workspace/w");
    Answer removed = files.delete("?path=/workspace/w&recursive=true");
    Answer gone = files.delete("?path=/workspace/w&recursive=true");

    // Then
    assertProblem(404, "file.not-found", missing);
    assertEquals(201, made.status(), made.body().encode());
    assertProblem(409, "file.exists", again);
    assertEquals(200, still.status());
    assertEquals(201, moved.status(), moved.body().encode());
    assertEquals("/workspace/w", moved.body().getString("path"));
    assertProblem(409, "file.not-empty", full);
    assertEquals(3, removed.body().getInteger("removed"), removed.body().encode());
    assertProblem(404, "file.not-found", gone);
    assertEquals("x\n", bash("ls -A /workspace"));
  }

  @Test
  void whatIsThereIsReplacedOnlyWhereThatIsWanted() {
    // Given
    files.put("/workspace/a", "old");
    files.put("/workspace/b", "new");

    // When
    Answer kept = files.put("?path=/workspace/a&overwrite=false", BodyPublishers.ofString("other"));
    Answer unmoved = files.post(":move?path=/workspace/b&to=/workspace/a");
    String before = files.text("/workspace/a");
    Answer moved = files.post(":move?path=/workspace/b&to=/workspace/a&overwrite=true");
    Answer fresh =
        files.put("?path=/workspace/c&overwrite=false", BodyPublishers.ofString("fresh"));

    // Then
    assertProblem(409, "file.exists", kept);
    assertProblem(409, "file.exists", unmoved);
    assertEquals("old", before);
    assertEquals(200, moved.status(), moved.body().encode());
    assertEquals("new", files.text("/workspace/a"));
    assertEquals(201, fresh.status());
    assertEquals("a\nc\n", bash("ls -A /workspace"), "nothing is left beside");
  }

  @Test
  void aFileIsWrittenWithItsModeAndItsDirectories() {
    // When
    Answer written =
        files.put(
            "?path=/workspace/bin/run&mode=755&parents=true",
            BodyPublishers.ofString("#!/bin/sh\necho ran\n"));

    // Then
    assertEquals(201, written.status(), written.body().encode());
    assertEquals("ran\n", bash("/workspace/bin/run"));
  }

  @Test
  void aSearchFindsNamesAndTexts() {
    // Given
    bash(
        """
        mkdir -p /workspace/s/inner; cd /workspace/s
        printf 'one\\ntwo needle two\\nthree\\nneedle needle\\n' > a.txt
        head -c 200000 /dev/zero | tr '\\0' x > inner/long.txt; echo 'needle' >> inner/long.txt
        head -c 65533 /dev/zero | tr '\\0' '\\n' > inner/edge.txt; echo 'needle!' >> inner/edge.txt
        echo needle > b.md
        """);

    // When
    JsonObject names = files.get(":search?path=/workspace/s&name=*.txt").body();
    JsonObject texts = files.get(":search?path=/workspace/s&name=*.txt&content=needle").body();
    JsonObject some = files.get(":search?path=/workspace/s&content=needle&limit=2").body();

    // Then
    assertEquals(
        Set.of("/workspace/s/a.txt", "/workspace/s/inner/long.txt", "/workspace/s/inner/edge.txt"),
        Set.copyOf(strings(names, "path")));
    assertEquals(
        Set.of(
            "/workspace/s/a.txt:2:8:two needle two",
            "/workspace/s/a.txt:4:25:needle needle",
            "/workspace/s/inner/long.txt:1:200000:" + "x".repeat(80) + "needle",
            "/workspace/s/inner/edge.txt:65534:65533:needle!"),
        Set.copyOf(
            texts.getJsonArray("matches").stream()
                .map(JsonObject.class::cast)
                .map(match ->
                    match.getString("path")
                        + ":"
                        + match.getLong("line")
                        + ":"
                        + match.getLong("offset")
                        + ":"
                        + match.getString("text"))
                .toList()));
    assertFalse(texts.getBoolean("truncated"));
    assertEquals(2, some.getJsonArray("matches").size());
    assertTrue(some.getBoolean("truncated"));
  }

  private static List<String> strings(JsonObject found, String field) {
    JsonArray matches = found.getJsonArray("matches");
    return matches.stream().map(match -> ((JsonObject) match).getString(field)).toList();
  }

  @ParameterizedTest
  @ValueSource(strings = {"read", "stat", "list", "search", "watch", "mkdir", "move"})
  void everyAccessIsInTheLogBeforeItsReply(String what) {
    // Given
    files.put("/workspace/a", "12345");

    // When
    switch (what) {
      case "read" -> files.read("/workspace/a");
      case "mkdir" -> files.post(":mkdir?path=/workspace/d");
      case "move" -> files.post(":move?path=/workspace/a&to=/workspace/b");
      case "watch" -> files.get(":watch?path=/workspace/missing");
      default -> files.get(":" + what + "?path=/workspace");
    }
    JsonArray events =
        SERVER
            .api()
            .get("auditor", "/v1/audit?session=files&sandbox=" + id() + "&kind=file.accessed")
            .body()
            .getJsonArray("events");

    // Then
    JsonObject write = events.getJsonObject(0);
    assertEquals("file_write", write.getString("tool"));
    assertEquals("done", write.getString("status"));
    assertEquals(5, write.getJsonObject("detail").getInteger("bytes"));
    assertEquals("/workspace/a", write.getJsonObject("detail").getString("path"));
    JsonObject last = events.getJsonObject(events.size() - 1);
    assertEquals("file_" + (what.equals("mkdir") ? "make" : what), last.getString("tool"));
    assertEquals(what.equals("watch") ? "not-found" : "done", last.getString("status"));
    assertEquals(what.equals("read") ? 5 : 0, last.getJsonObject("detail").getInteger("bytes"));
  }

  private String id() {
    return sandbox.path().substring(sandbox.path().lastIndexOf('/') + 1);
  }

  static void assertProblem(int status, String code, Answer answer) {
    assertEquals(status, answer.status(), answer.body().encode());
    assertEquals(code, answer.code(), answer.body().encode());
  }
}
