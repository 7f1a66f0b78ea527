package dev.gatehouse;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.vertx.core.json.JsonObject;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/**
 * The Python interpreter with the wire in its own hands, which it has after its first execution:
 * for the caller it is the same as with the supervisor between.
 */
class ResidentInterpreterIT {
  @RegisterExtension static final RunningServer SERVER = new RunningServer().behindOpenPolicy();

  private final Api api = SERVER.api();

  @SuppressWarnings("NullAway.Init")
  private HeldSandbox sandbox;

  @BeforeEach
  void holdASandboxWhoseInterpreterHasTheWire() {
    sandbox = HeldSandbox.of(api, "resident");
    assertEquals("1\n", sandbox.run("python", "kept = 1; print(kept)").getString("stdout"));
  }

  @Test
  void keepsStateOutputAndExitCodesApartFromExecutionToExecution() {
    // When
    JsonObject first =
        sandbox.run("python", "import sys; print(kept, file=sys.stderr); sys.exit(5)");
    JsonObject second = sandbox.run("python", "print(kept + 1)");

    // Then
    assertEquals("", first.getString("stdout"));
    assertEquals("1\n", first.getString("stderr"));
    assertEquals(5, first.getInteger("exitCode"));
    assertEquals("2\n", second.getString("stdout"));
    assertEquals("", second.getString("stderr"));
    assertEquals(0, second.getInteger("exitCode"));
  }

  @Test
  void outputLargerThanAPipeArrivesWholeAlsoFromAChild() {
    // When
    JsonObject own = sandbox.run("python", "import os\nprint('x' * 300000)");
    JsonObject child = sandbox.run("python", "os.system('yes 2>/dev/null | head -c 300000 >&2')");

    // Then
    assertEquals(300_001, own.getString("stdout").length());
    assertEquals(300_000, child.getString("stderr").length(), child.getString("stdout"));
    assertFalse(child.getBoolean("truncated"));
  }

  @Test
  void codeThatRunsOnIsKilledAtItsTimeLimitAndTheSandboxServesTheNext() {
    // When
    JsonObject reply = sandbox.run("python", "print('so far')\nwhile True: pass", 5000);
    JsonObject next = sandbox.run("python", "print('fresh', 'kept' in globals())");

    // Then
    assertEquals("timed-out", reply.getString("status"), reply.encode());
    assertEquals("so far\n", reply.getString("stdout"));
    assertTrue(reply.getBoolean("stateLost"));
    assertEquals("fresh False\n", next.getString("stdout"), next.encode());
  }

  @Test
  void aLimitShorterThanTheSupervisorsLookIsKeptToo() {
    // When
    JsonObject reply = sandbox.run("python", "while True: pass", 1);

    // Then
    assertEquals("timed-out", reply.getString("status"), reply.encode());
    assertEquals("on\n", sandbox.run("python", "print('on')").getString("stdout"));
  }

  @Test
  void anInterpreterThatEndsItselfIsReportedByItsExitCode() {
    // When
    JsonObject reply = sandbox.run("python", "import os; print('last'); os._exit(9)");

    // Then
    assertEquals(9, reply.getInteger("exitCode"), reply.encode());
    assertEquals("last\n", reply.getString("stdout"));
    assertTrue(reply.getBoolean("stateLost"));
    assertEquals("on\n", sandbox.run("python", "print('on')").getString("stdout"));
  }

  @Test
  void aChildThatForgetsToEndAnswersNobody() {
    // When
    JsonObject reply =
        sandbox.run("python", "import os\npid = os.fork()\nif pid: os.waitpid(pid, 0)");

    // Then
    assertEquals(0, reply.getInteger("exitCode"), reply.encode());
    assertEquals("1\n", sandbox.run("python", "print(kept)").getString("stdout"));
  }

  @Test
  void otherLanguagesTakeTurnsWithItAndItsStateStays() {
    // When
    JsonObject bash = sandbox.run("bash", "word=b; echo bash");
    JsonObject javascript = sandbox.run("javascript", "console.log('javascript')");
    JsonObject python = sandbox.run("python", "print(kept)");
    JsonObject again = sandbox.run("bash", "echo $word");

    // Then
    assertEquals("bash\n", bash.getString("stdout"), bash.encode());
    assertEquals("javascript\n", javascript.getString("stdout"), javascript.encode());
    assertEquals("1\n", python.getString("stdout"), python.encode());
    assertEquals("b\n", again.getString("stdout"), again.encode());
  }

  @Test
  void codeLargerThanAPipeRunsByEitherWay() {
    // Given
    String longCode = "#" + "x".repeat(300_000) + "\nprint('long')";

    // When
    JsonObject byWire = sandbox.run("python", longCode);
    sandbox.run("bash", ":");
    JsonObject bySupervisor = sandbox.run("python", longCode);
    JsonObject javascript =
        sandbox.run("javascript", "//" + "x".repeat(300_000) + "\nconsole.log(1)");

    // Then
    assertEquals("long\n", byWire.getString("stdout"), byWire.encode());
    assertEquals("long\n", bySupervisor.getString("stdout"), bySupervisor.encode());
    assertEquals("1\n", javascript.getString("stdout"), javascript.encode());
  }

  @Test
  void aOneShotExecutionEndsAsAProcessDoes() {
    // Given
    String code =
        """
        import atexit, threading, time
        atexit.register(print, 'bye')
        print(__name__)
        threading.Thread(target=lambda: (time.sleep(0.1), print('thread'))).start()
        """;

    // When
    JsonObject reply = api.run("python", code);

    // Then
    assertEquals("__main__\nthread\nbye\n", reply.getString("stdout"), reply.encode());
    assertEquals(0, reply.getInteger("exitCode"));
    assertFalse(reply.getBoolean("stateLost"));
  }
}
