package dev.gatehouse.audit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.gatehouse.cli.AuditCommand;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/**
 * {@code audit verify FILE} on exports that somebody worked on, with nothing but public keys and
 * checkpoints that were kept elsewhere: no server, no database.
 */
class ExportVerificationIT {
  private static final Path KEPT =
      Path.of(
          System.getProperty("java.io.tmpdir"),
          "gatehouse-export-kept-" + ProcessHandle.current().pid());

  @RegisterExtension
  static final RunningLog LOG =
      new RunningLog().with("GATEHOUSE_AUDIT_CHECKPOINTS_FILE", KEPT.toString());

  private static final int ROWS = 30;

  private long chain;
  private Path file = Path.of("");
  private List<String> lines = List.of();

  /** Where the first event stands: before it the chain's start and its checkpoints. */
  private int first;

  @BeforeEach
  void anExportOfThirtyRows() throws IOException {
    LOG.tamper("delete from audit_event; delete from audit_chain; delete from audit_checkpoint");
    Files.writeString(KEPT, "");
    AuditLog log = LOG.open("node");
    chain = log.chain();
    for (int i = 1; i <= ROWS; i++) {
      RunningLog.await(log.before(List.of(Events.decision("action-" + i, "{\"n\":" + i + "}"))));
    }
    RunningLog.await(log.close());
    file = LOG.data().resolve("export.ndjson");
    assertEquals(
        "30 rows\n", run(LOG.environment(), "export", file.toString(), "--complete", "yes"));
    lines = Files.readAllLines(file);
    first = lines.size() - ROWS;
    assertTrue(verify(lines).startsWith("intact: 30 rows, 1 chains"), verify(lines));
  }

  private static String run(Map<String, String> environment, String... args) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    PrintStream print = new PrintStream(out, true, StandardCharsets.UTF_8);
    new AuditCommand(environment).run(args, print, print);
    return out.toString(StandardCharsets.UTF_8);
  }

  /** As on another machine: a data directory that has nothing. */
  private String verify(List<String> content) throws IOException {
    Files.write(file, content);
    Path nothing = Files.createDirectories(LOG.data().resolve("nothing"));
    Map<String, String> environment = new HashMap<>();
    environment.put("GATEHOUSE_DATA", nothing.toString());
    return run(
        environment,
        "verify",
        file.toString(),
        "--keys",
        LOG.data().resolve(AuditLog.DIRECTORY).toString(),
        "--checkpoints",
        KEPT.toString());
  }

  /** The line of the row of this number. */
  private int line(int sequence) {
    return first + sequence - 1;
  }

  private void finds(String expected, List<String> content) throws IOException {
    String text = verify(content);
    assertTrue(text.contains(expected), text);
    assertTrue(text.contains("NOT INTACT"), text);
  }

  @Test
  void namesAChangedRow() throws IOException {
    lines.set(line(7), lines.get(line(7)).replace("ALLOW", "DENY"));
    finds("changed chain " + chain + ": row 7 was changed", lines);
  }

  @Test
  void namesMissingRows() throws IOException {
    lines.subList(line(10), line(13)).clear();
    finds("missing chain " + chain + ": rows 10 to 12 are missing", lines);
  }

  @Test
  void namesAnInsertedRow() throws IOException {
    lines.add(line(20), lines.get(line(19)));
    finds("inserted chain " + chain + ": row 19 is there more than once", lines);
  }

  @Test
  void namesRowsThatWereReordered() throws IOException {
    Collections.swap(lines, line(4), line(9));
    finds("reordered chain " + chain + ": row 5 stands after row 9", lines);
  }

  @Test
  void findsATruncatedTailAgainstTheLastCheckpointThatWasKept() throws IOException {
    // The checkpoints in the file itself are cut off, too.
    List<String> cut = new ArrayList<>(lines.subList(0, line(25)));
    cut.removeIf(line -> line.startsWith("{\"checkpoint\""));
    finds("truncated chain " + chain + ": the chain ends at row 24, but the checkpoint of ", cut);
  }

  @Test
  void findsAChainThatIsGoneAsAWhole() throws IOException {
    finds(
        "truncated chain " + chain + ": the chain ends at row 0, but the checkpoint of ",
        List.of());
  }

  @Test
  void findsAHistoryThatWasWrittenAnew() throws IOException {
    // Given: every row and hash is made again, by somebody who cannot sign.
    ChainStart start = RunningLog.await(ChainRows.all(LOG.database().pool())).get(0);
    List<AuditEvent> other = new ArrayList<>();
    for (int i = 1; i <= ROWS; i++) {
      other.add(Events.decision("other-" + i, "{}"));
    }
    List<String> anew = new ArrayList<>(List.of(LogLine.of(start)));
    Events.stored(start, other).forEach(event -> anew.add(EventJson.line(event)));

    // Then
    finds("contradicted chain " + chain + ": row 30 is not the row that the checkpoint of ", anew);
  }

  @Test
  void checkpointsThatAreLaterOrOfOtherChainsSayNothingOfTheFile() throws IOException {
    // Given: the log went on after the export
    AuditLog log = LOG.open("node");
    RunningLog.await(log.before(List.of(Events.decision("later", "{}"))));
    RunningLog.await(log.close());
    Path later = LOG.data().resolve("later.ndjson");
    String from =
        LOG.show("select max(recorded_at)::text from audit_event where action = 'later'")
            .replace(' ', 'T')
            .replace("+00", "Z");

    // When
    String earlier = verify(lines);
    run(LOG.environment(), "export", later.toString(), "--complete", "yes", "--from", from);
    String part = verify(Files.readAllLines(later));

    // Then
    assertTrue(earlier.startsWith("intact: 30 rows"), earlier);
    assertTrue(earlier.contains("(1 kept ones are of other rows)"), earlier);
    assertTrue(part.startsWith("intact: 1 rows"), part);
  }

  @Test
  void damagedLinesOfTheHeadAreNamed() throws IOException {
    for (String damaged :
        List.of(
            "{\"start\":{\"chain\":",
            "{\"start\":{}}",
            "{\"start\":[]}",
            "{\"follows\":{\"chain\":\"x\"}}",
            "{\"checkpoint\":{\"chain\":1}}",
            "{\"archived\":7}")) {
      List<String> content = new ArrayList<>(lines);
      content.add(0, damaged);
      finds("line 1 cannot be read", content);
    }
  }

  @Test
  void aLineThatIsNoneOfOursIsNamedAndShownAsPlainText() throws IOException {
    lines.set(line(3), "{\"action\":\"\u001b[2J\u202e");
    String text = verify(lines);
    assertTrue(text.contains("line " + (line(3) + 1) + " cannot be read"), text);
    assertEquals(0, text.chars().filter(c -> c == 0x1b || c == 0x202e).count());
  }
}
