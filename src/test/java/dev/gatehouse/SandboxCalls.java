package dev.gatehouse;

import io.vertx.core.json.JsonObject;
import java.time.Duration;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/** Calls every operation on executions, sandboxes and files. */
final class SandboxCalls {
  private static final Duration LIMIT = Duration.ofSeconds(30);

  private final Api api;
  private final DescribedCalls calls;

  SandboxCalls(Api api, DescribedCalls calls) {
    this.api = api;
    this.calls = calls;
  }

  void executions() {
    calls.as("agent", "execute").example("python").expect(200);
    calls.as("agent", "execute").example("bash").expect(200);
    calls.as("agent", "execute").query("stream=true").example("python").text(200);
    calls
        .as("agent", "execute")
        .query("stream=true")
        .header("Accept", "text/event-stream")
        .example("python")
        .events("end");
    calls
        .as("agent", "execute")
        .body(Api.execution("bash", "rm -rf /"))
        .expect(403, "policy.denied");
    calls
        .as("agent", "execute")
        .query("background=perhaps")
        .body(Api.execution("bash", "id"))
        .expect(422, "query.invalid");
    String key = UUID.randomUUID().toString();
    calls
        .as("agent", "execute")
        .header("Idempotency-Key", key)
        .body(Api.execution("bash", "id"))
        .expect(200);
    calls
        .as("agent", "execute")
        .header("Idempotency-Key", key)
        .body(Api.execution("bash", "id"))
        .expect(200);
    calls
        .as("agent", "execute")
        .header("Idempotency-Key", key)
        .body(Api.execution("bash", "id -u"))
        .expect(422, "idempotency.taken");
    background();
  }

  /** Those that are followed and spoken to. */
  private void background() {
    String id =
        begin("execute", null, Api.execution("bash", "cat; sleep 60").put("interactive", true));
    calls.as("agent", "getExecution").at("id", id).query("session=s1").expect(200);
    awaitBegun(id);
    calls.as("agent", "stdin").at("execution", id).example("line").expect(200);
    calls
        .as("agent", "getOutput")
        .at("id", id)
        .header("Accept", "text/event-stream")
        .events("stdout");
    calls.as("agent", "getOutput").at("id", id).query("cursor=0-0").expect(200);
    calls
        .as("agent", "resize")
        .at("execution", id)
        .example("larger")
        .expect(409, "execution.no-terminal");
    calls.as("agent", "stdin").at("execution", id).example("end").expect(200);
    calls.as("agent", "signal").at("execution", id).example("interrupt").expect(200);
    Eventually.eventually("it ended", LIMIT, () -> !status(id).equals("running"));
    calls.as("agent", "cancelExecution").at("id", id).expect(200);
    calls.as("agent", "getExecution").at("id", id).expect(200);
    calls.as("agent", "getOutput").at("id", id).header("Accept", "text/event-stream").events("end");
    calls
        .as("agent", "getOutput")
        .at("id", id)
        .header("Accept", "text/event-stream")
        .header("Last-Event-ID", "0-0-end")
        .text(204);
    calls.as("agent", "getExecution").at("id", "none").expect(404, "execution.not-found");
    String terminal =
        begin(
            "execute",
            null,
            Api.execution("bash", "sleep 60")
                .put("pty", new JsonObject().put("rows", 24).put("cols", 80)));
    awaitBegun(terminal);
    calls.as("agent", "resize").at("execution", terminal).example("larger").expect(200);
    calls.as("agent", "cancelExecution").at("id", terminal).expect(200);
  }

  private String status(String id) {
    return calls.as("agent", "getExecution").at("id", id).expect(200).getString("status");
  }

  private String begin(String operation, @Nullable String sandbox, JsonObject body) {
    DescribedCalls.Call call = calls.as("agent", operation).query("background=true").body(body);
    return (sandbox == null ? call : call.at("id", sandbox)).expect(201).getString("id");
  }

  /** It takes input as soon as it runs in its sandbox. */
  private void awaitBegun(String id) {
    Eventually.eventually(
        "it takes signals",
        LIMIT,
        () ->
            api.post(
                        "agent",
                        "/v1/executions/" + id + "/signal",
                        new JsonObject().put("signal", "SIGCONT"))
                    .status()
                == 200);
  }

  /** Holds a sandbox; gives its id. */
  String sandboxes() {
    String held = calls.as("agent", "createSandbox").example("plain").expect(201).getString("id");
    calls.as("agent", "listSandboxes").query("state=running&label=team%3Dblue&limit=1").expect(200);
    calls.as("agent", "listSandboxes").query("limit=0").expect(422, "field.out-of-range");
    calls.as("agent", "getSandbox").at("id", held).query("session=s1").expect(200);
    calls.as("agent", "renewSandbox").at("id", held).example("hour").expect(200);
    calls.as("agent", "pauseSandbox").at("id", held).expect(200);
    calls.as("agent", "executeIn").at("id", held).example("context").expect(409, "sandbox.paused");
    calls.as("agent", "resumeSandbox").at("id", held).expect(200);
    calls.as("agent", "executeIn").at("id", held).example("context").expect(200);
    calls.as("agent", "executeIn").at("id", held).query("stream=true").example("process").text(200);
    calls
        .as("agent", "changeNetwork")
        .at("id", held)
        .example("nowhere")
        .expect(409, "sandbox.sealed");
    String id =
        begin(
            "executeIn",
            held,
            Api.execution("bash", "cat")
                .put("mode", "process")
                .put("pty", new JsonObject().put("rows", 24).put("cols", 80)));
    awaitBegun(id);
    in("stdinIn", held, id, new JsonObject().put("text", "ann\n"));
    in("resizeIn", held, id, new JsonObject().put("rows", 30).put("cols", 90));
    in("signalIn", held, id, new JsonObject().put("signal", "SIGKILL"));
    String open = calls.as("agent", "createSandbox").example("network").expect(201).getString("id");
    calls.as("agent", "changeNetwork").at("id", open).example("nowhere").expect(200);
    calls.as("agent", "deleteSandbox").at("id", open).expect(200);
    return held;
  }

  private void in(String operation, String sandbox, String execution, JsonObject body) {
    calls
        .as("agent", operation)
        .at("sandbox", sandbox)
        .at("execution", execution)
        .body(body)
        .expect(200);
  }

  /** Uses the files of a sandbox. */
  void files(String held) throws InterruptedException {
    String at = "path=/workspace/a.txt";
    calls.as("agent", "writeFile").at("id", held).query(at).example("text").expect(201);
    calls.as("agent", "writeFile").at("id", held).query(at).example("text").expect(200);
    calls.as("agent", "readFile").at("id", held).query(at).text(200);
    calls.as("agent", "readFile").at("id", held).query(at).header("Range", "bytes=1-2").text(206);
    calls
        .as("agent", "readFile")
        .at("id", held)
        .query(at)
        .header("Range", "bytes=9-")
        .expect(416, "file.range");
    calls.as("agent", "headFile").at("id", held).query(at).text(200);
    calls.as("agent", "statFile").at("id", held).query(at).expect(200);
    calls.as("agent", "listFiles").at("id", held).query("path=/workspace&limit=10").expect(200);
    calls
        .as("agent", "searchFiles")
        .at("id", held)
        .query("path=/workspace&content=hello")
        .expect(200);
    calls.as("agent", "makeDirectory").at("id", held).query("path=/workspace/d").expect(201);
    calls.as("agent", "moveFile").at("id", held).query(at + "&to=/workspace/d/b.txt").expect(201);
    calls.as("agent", "statFile").at("id", held).query(at).expect(404, "file.not-found");
    calls
        .as("agent", "statFile")
        .at("id", held)
        .query("path=/etc/passwd")
        .expect(422, "path.refused");
    watch(held);
    calls
        .as("agent", "removeFile")
        .at("id", held)
        .query("path=/workspace/d&recursive=true")
        .expect(200);
  }

  private void watch(String held) throws InterruptedException {
    String file = "/v1/sandboxes/" + held + "/files?path=/workspace/d/w";
    AtomicBoolean seen = new AtomicBoolean();
    Thread changing =
        Thread.startVirtualThread(() ->
            Eventually.eventually(
                "a change was seen",
                LIMIT,
                () -> {
                  api.put("agent", file, new JsonObject());
                  return seen.get();
                }));
    calls.as("agent", "watchFiles").at("id", held).query("path=/workspace/d").events("change");
    seen.set(true);
    changing.join();
  }
}
