package dev.gatehouse.sandbox;

import dev.gatehouse.config.SandboxSettings.Profile;
import io.vertx.core.Future;
import io.vertx.core.json.DecodeException;
import io.vertx.core.json.JsonArray;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * Looks at an image from inside a sandbox made of it: what kernel isolates it, and whether it has
 * what its profile needs. {@code docs/images.md} says the same in words.
 */
final class ImageCheck {
  private static final long LIMIT_MILLIS = 20_000;

  /** Prints what is missing, as a JSON list of texts; PROGRAMS stands for a list of names. */
  private static final String LOOK =
      """
      import json, os, re, shutil, subprocess, sys
      least = {"node": (15, ["--version"]), "bash": (5, ["-c", "echo $BASH_VERSION"])}
      missing = []
      for name in PROGRAMS:
          if shutil.which(name) is None:
              missing.append(name)
              continue
          version, ask = least[name]
          said = subprocess.run([name, *ask], stdout=subprocess.PIPE, text=True, timeout=10).stdout
          found = re.match("v?([0-9]+)", said)
          if found is None or int(found[1]) < version:
              missing.append("a %s of version %d or newer" % (name, version))
      missing += ["a python3 of version 3.9 or newer"] if sys.version_info < (3, 9) else []
      missing += ["a writable " + d for d in ("/workspace", "/tmp") if not os.access(d, os.W_OK)]
      missing += ["/proc"] if not os.path.exists("/proc/self/fd") else []
      print(json.dumps(missing))
      """;

  /** The program that runs a language, beside the python3 that every image must have. */
  private static final Map<String, String> PROGRAMS = Map.of("javascript", "node", "bash", "bash");

  /**
   * What was seen.
   *
   * @param gvisor whether the kernel said that it is gVisor's
   */
  record Findings(Blueprint blueprint, boolean gvisor) {}

  private final Starts starts;

  ImageCheck(Starts starts) {
    this.starts = starts;
  }

  /** Fails with everything that the image lacks. */
  Future<Findings> of(Blueprint blueprint) {
    return starts
        .start(blueprint)
        .recover(failure -> refuse(blueprint, explained(failure)))
        .compose(sandbox ->
            look(sandbox, blueprint.profile())
                .onComplete(done -> sandbox.end(Ending.DONE.word()))
                .compose(missing ->
                    missing.isEmpty()
                        ? Future.succeededFuture(
                            new Findings(blueprint, banner(sandbox).contains("gVisor")))
                        : refuse(blueprint, "it lacks " + String.join(", ", missing))));
  }

  private static String banner(LiveSandbox sandbox) {
    return sandbox.ready.future().result();
  }

  private static Future<List<String>> look(LiveSandbox sandbox, Profile profile) {
    JsonArray programs = new JsonArray();
    profile.languages().stream()
        .filter(PROGRAMS::containsKey)
        .map(PROGRAMS::get)
        .forEach(programs::add);
    ExecutionRequest request =
        new ExecutionRequest(
            Language.PYTHON,
            LOOK.replace("PROGRAMS", programs.encode()),
            StandardInput.Given.NOTHING,
            Map.of(),
            LIMIT_MILLIS,
            ExecutionRequest.Mode.ONE_SHOT);
    return sandbox.execute(request, ExecutionFollower.silent()).map(ImageCheck::missing);
  }

  private static List<String> missing(ExecutionResult result) {
    List<String> missing = new ArrayList<>();
    try {
      new JsonArray(result.stdout()).forEach(item -> missing.add(String.valueOf(item)));
    } catch (DecodeException e) {
      missing.add("a python3 that runs: " + result.stderr().strip());
    }
    return missing;
  }

  private static String explained(Throwable failure) {
    String message = String.valueOf(failure.getMessage());
    String lower = message.toLowerCase(Locale.ROOT);
    if (lower.contains("python3") && (lower.contains("not found") || lower.contains("no such"))) {
      return "it lacks python3";
    }
    return message.endsWith(Ending.STOPPED)
        ? "its python3 cannot run the supervisor; the log has what it said"
        : message;
  }

  private static <T> Future<T> refuse(Blueprint blueprint, String why) {
    Profile profile = blueprint.profile();
    return Future.failedFuture(
        new SandboxException(
            SandboxException.Kind.ENGINE,
            "the image %s of profile %s cannot be used: %s (docs/images.md)"
                .formatted(profile.image(), profile.name(), why)));
  }
}
