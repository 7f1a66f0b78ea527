package dev.gatehouse.gate;

import dev.gatehouse.audit.redact.Redactor;
import dev.gatehouse.sandbox.ExecutionResult;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * What an action did in a throw-away sandbox: what is shown of it, bounded and without secrets, and
 * the digest that an answer can be bound to.
 *
 * @param digest SHA-256 over the action's digest, how it ended, all that it said, what became of
 *     the files and which hosts it wanted; not over how long it took
 * @param shown a JSON object
 */
record Effect(String digest, JsonObject shown) {
  /**
   * Of a run.
   *
   * @param of digest of the action
   * @param outputChars most of each stream that is shown
   */
  static Effect of(String of, ThrowAway.Tried tried, Redactor redactor, int outputChars) {
    ExecutionResult result = tried.result();
    JsonObject files = tried.files();
    // Before it is cut: a secret must not be cut in two.
    String stdout = redactor.text(result.stdout());
    String stderr = redactor.text(result.stderr());
    JsonObject known = files == null ? null : clean(files, redactor);
    WantedHosts hosts = tried.hosts();
    WorkspaceCopy.Copied copied = tried.copied();
    Map<String, Object> all = new HashMap<>();
    all.put("of", of);
    all.put("end", result.end().word());
    all.put("exitCode", result.exitCode() == null ? "" : result.exitCode());
    all.put("stdout", ActionDigest.sha256(stdout));
    all.put("stdoutCut", result.stdoutCut());
    all.put("stderr", ActionDigest.sha256(stderr));
    all.put("stderrCut", result.stderrCut());
    all.put("files", known == null ? "" : ActionDigest.sha256(known.encode()));
    all.put("hosts", hosts == null ? "" : ActionDigest.sha256(hosts.hosts().encode()));
    JsonObject shown =
        new JsonObject()
            .put("fresh", copied != null)
            .put("end", result.end().word())
            .put("exitCode", result.exitCode())
            .put("stdout", cut(stdout, outputChars))
            .put("stdoutTruncated", result.stdoutCut() || stdout.length() > outputChars)
            .put("stderr", cut(stderr, outputChars))
            .put("stderrTruncated", result.stderrCut() || stderr.length() > outputChars)
            .put("displays", result.displays().size())
            .put("files", known);
    if (hosts != null) {
      shown.put("hosts", hosts.hosts()).put("hostsWhole", hosts.whole());
    }
    if (copied != null) {
      shown.put(
          "workspace",
          new JsonObject().put("entries", copied.entries()).put("whole", copied.whole()));
    }
    if (tried.filesUnknown() != null) {
      shown.put("filesUnknown", tried.filesUnknown());
    }
    return new Effect(
        ActionDigest.sha256(CanonicalJson.of(all)),
        shown.put("codeMillis", result.runNanos() / 1_000_000));
  }

  /** Names and targets of links may be secrets, too. */
  private static JsonObject clean(JsonObject files, Redactor redactor) {
    for (String kind : List.of("made", "changed", "removed")) {
      JsonArray entries = files.getJsonArray(kind);
      for (int i = 0; i < entries.size(); i++) {
        JsonObject entry = entries.getJsonObject(i);
        for (String name : List.of("path", "target")) {
          String text = entry.getString(name);
          if (text != null) {
            entry.put(name, redactor.text(text));
          }
        }
      }
    }
    return files;
  }

  private static String cut(String text, int most) {
    if (text.length() <= most) {
      return text;
    }
    return text.substring(0, Character.isHighSurrogate(text.charAt(most - 1)) ? most - 1 : most);
  }
}
