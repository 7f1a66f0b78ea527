package dev.gatehouse;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What Python shows beside its output, as notebooks do. */
class DisplayIT {
  @RegisterExtension static final RunningServer SERVER = new RunningServer().behindOpenPolicy();

  /** The ways in which Python code can be run; what it shows is the same. */
  enum Way {
    ONE_SHOT,
    CONTEXT,
    PROCESS;

    JsonObject run(Api api, String code) {
      if (this == ONE_SHOT) {
        return api.run("python", code);
      }
      HeldSandbox sandbox = HeldSandbox.of(api, "shows");
      JsonObject request = sandbox.request("python", code, HeldSandbox.TIMEOUT_MILLIS);
      sandbox.run("python", "warm = 1");
      JsonObject reply =
          sandbox.ask(this == CONTEXT ? request : request.put("mode", "process")).body();
      sandbox.delete();
      return reply;
    }
  }

  private final Api api = SERVER.api();

  @ParameterizedTest
  @EnumSource
  void theLastExpressionsValueIsShownBesideTheOutput(Way way) {
    // When
    JsonObject reply = way.run(api, "print('said')\nx = 6\n{'a': x * 7}");

    // Then
    assertEquals("said\n", reply.getString("stdout"), reply.encode());
    assertEquals(List.of("result: {'a': 42}"), plain(reply), reply.encode());
  }

  @ParameterizedTest
  @EnumSource
  void whatIsHandedToDisplayComesInItsOrderAndInEveryForm(Way way) {
    // When
    JsonObject reply =
        way.run(
            api,
            """
            class Rich:
                def __repr__(self): return 'plain'
                def _repr_html_(self): return '<b>rich</b>'
                def _repr_png_(self): return b'\\x89PNG'
                def _repr_json_(self): return {'n': [1, None]}
                def _repr_latex_(self): return None
            display(1, 'two')
            Rich()
            """);

    // Then
    assertEquals(List.of("display: 1", "display: 'two'", "result: plain"), plain(reply));
    assertEquals(
        new JsonObject()
            .put("text/plain", "plain")
            .put("text/html", "<b>rich</b>")
            .put("image/png", "iVBORw==")
            .put("application/json", "{\"n\": [1, null]}"),
        reply.getJsonArray("displays").getJsonObject(2).getJsonObject("data"));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "print(1)",
        "x = 1",
        "1;",
        "None",
        "",
        "# nothing",
        "if True:\n    7",
        "def f(): 7"
      })
  void whatHasNoValueShowsNone(String code) {
    JsonObject reply = api.run("python", code);

    assertEquals(0, reply.getInteger("exitCode"), reply.encode());
    assertEquals(List.of(), plain(reply));
  }

  @Test
  void anErrorIsToldWithTheCodesOwnLinesAlone() {
    // When
    JsonObject inLast = api.run("python", "def f():\n    return 1 / 0\n\nf()");
    JsonObject unread = api.run("python", "x = (");

    // Then
    assertEquals(
        """
        Traceback (most recent call last):
          File "<execution 1>", line 4, in <module>
            f()
          File "<execution 1>", line 2, in f
            return 1 / 0
                   ~~^~~
        ZeroDivisionError: division by zero
        """,
        inLast.getString("stderr"));
    assertTrue(unread.getString("stderr").startsWith("  File \"<execution 1>\", line 1"));
    assertEquals(1, unread.getInteger("exitCode"));
  }

  @Test
  void aValueThatCannotBeShownEndsNothing() {
    // Given
    HeldSandbox sandbox = HeldSandbox.of(api, "unshown");

    // When
    JsonObject reply =
        sandbox.run("python", "class Bad:\n    def __repr__(self): raise ValueError('no')\nBad()");

    // Then
    assertEquals(0, reply.getInteger("exitCode"), reply.encode());
    assertTrue(reply.getString("stderr").contains("ValueError: no"), reply.encode());
    assertEquals(List.of(), plain(reply));
    assertEquals(List.of("result: 'on'"), plain(sandbox.run("python", "'on'")));
  }

  @ParameterizedTest
  @EnumSource
  void aLargeOneArrivesWhole(Way way) {
    JsonObject reply = way.run(api, "'x' * 300000");

    assertEquals(
        300_002,
        reply
            .getJsonArray("displays")
            .getJsonObject(0)
            .getJsonObject("data")
            .getString("text/plain")
            .length());
    assertFalse(reply.getBoolean("displaysTruncated"));
  }

  @ParameterizedTest
  @EnumSource
  void oneBeyondTheLimitIsLeftOutAndToldOf(Way way) {
    JsonObject reply = way.run(api, "display('small')\n'x' * 2000000");

    assertEquals(List.of("display: 'small'"), plain(reply));
    assertTrue(reply.getBoolean("displaysTruncated"));
    assertEquals("exited", reply.getString("status"));
  }

  @Test
  void figuresThatAreOpenAtTheEndAreShownAndClosed() {
    // Given what stands where matplotlib would: the image has none
    HeldSandbox sandbox = HeldSandbox.of(api, "plots");
    sandbox.run(
        "python",
        """
        import sys, types
        class Figure:
            def savefig(self, target, format, **more): target.write(b'\\x89PNG ' + format.encode())
            def __repr__(self): return '<Figure>'
        plots = types.ModuleType('matplotlib.pyplot')
        plots.open = {1: Figure(), 2: Figure()}
        plots.get_fignums = lambda: list(plots.open)
        plots.figure = plots.open.get
        plots.close = lambda which: plots.open.clear()
        """);

    // When
    JsonObject shown = sandbox.run("python", "sys.modules['matplotlib.pyplot'] = plots");
    JsonObject after = sandbox.run("python", "len(plots.open)");

    // Then
    assertEquals(List.of("figure: <Figure>", "figure: <Figure>"), plain(shown));
    assertEquals(
        "iVBORyBwbmc=",
        shown
            .getJsonArray("displays")
            .getJsonObject(0)
            .getJsonObject("data")
            .getString("image/png"));
    assertEquals(List.of("result: 0"), plain(after));
  }

  private static List<String> plain(JsonObject reply) {
    JsonArray displays = reply.getJsonArray("displays");
    return displays.stream()
        .map(JsonObject.class::cast)
        .map(display ->
            display.getString("kind")
                + ": "
                + display.getJsonObject("data").getString("text/plain"))
        .toList();
  }
}
