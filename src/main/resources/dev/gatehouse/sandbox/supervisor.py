# The first process inside every sandbox. The server sends this text over the container's standard
# input and then speaks frames with it; see SupervisorFrame.java for the wire format.
#
# It runs as the agent's own user: whatever runs here could stop it or forge what it says. The
# server treats all of it as hostile, bounds it, and replaces the sandbox when it stops making sense.

import ctypes
import json
import os
import selectors
import signal
import struct
import sys
import time

WORKSPACE = "/workspace"
SCRATCH = "/run/gatehouse"
CHUNK = 65536
TICK_SECONDS = 0.05
KILL_SECONDS = 2.0

EXECUTE, KILL, PING = 1, 2, 3
READY, STDOUT, STDERR, ENDED, PONG = 1, 2, 3, 4, 5

PYTHON_CONTEXT = r"""
import io, os, sys, traceback
def _serve(os=os, sys=sys, io=io, traceback=traceback):
    import types
    main = types.ModuleType("__main__")
    main.__builtins__ = __builtins__
    sys.modules["__main__"] = main
    sys.argv = [""]
    sys.path.insert(0, "")
    with os.fdopen(3, "rb", 0) as asked, os.fdopen(4, "wb", 0) as answered:
        os.set_inheritable(3, False)
        os.set_inheritable(4, False)
        for line in iter(asked.readline, b""):
            code, stdin = line.decode().rstrip("\n").split("\t")
            status = 0
            sys.stdin = open(stdin, encoding="utf-8", errors="surrogateescape")
            try:
                with open(code, "rb") as f:
                    text = f.read()
                exec(compile(text, code, "exec"), main.__dict__)
            except SystemExit as e:
                if e.code is None:
                    status = 0
                elif isinstance(e.code, int):
                    status = e.code & 255
                else:
                    print(e.code, file=sys.stderr)
                    status = 1
            except BaseException as e:
                traceback.print_exception(type(e), e, e.__traceback__.tb_next)
                status = 1
            sys.stdin.close()
            for stream in (sys.stdout, sys.stderr):
                try:
                    stream.flush()
                except Exception:
                    pass
            answered.write(b"%d\n" % status)
_serve()
"""

BASH_CONTEXT = r"""
while IFS=$'\t' read -r -u 3 __code __stdin; do
  . "$__code" <"$__stdin" 3<&- 4>&-
  printf '%d\n' "$?" >&4
done
"""

JAVASCRIPT_CONTEXT = r"""
const fs = require('fs'), vm = require('vm'), net = require('net');
Object.assign(globalThis, {require, module, exports});
// A socket, not a file stream: a read that blocks in the thread pool would hold up process.exit().
const lines = require('readline').createInterface({input: new net.Socket({fd: 3})});
async function run(code, stdin) {
  try {
    fs.closeSync(0);
    fs.openSync(stdin, 'r');  // takes the lowest number that is free: 0
    await vm.runInThisContext(fs.readFileSync(code, 'utf8'), {filename: code});
    return 0;
  } catch (e) {
    console.error(e);
    return 1;
  }
}
let last = Promise.resolve();
lines.on('line', (line) => {
  last = last.then(() => run(...line.split('\t'))).then((s) => fs.writeSync(4, s + '\n'));
});
lines.on('close', () => process.exit(0));
process.on('uncaughtException', (e) => console.error(e));
"""

CONTEXTS = {
    "python": ["python3", "-u", "-c", PYTHON_CONTEXT],
    "bash": ["bash", "-c", BASH_CONTEXT],
    "javascript": ["node", "-e", JAVASCRIPT_CONTEXT],
}
PROCESSES = {
    "python": ["python3", "-u"],
    "bash": ["bash"],
    "javascript": ["node"],
}
SUFFIX = {"python": ".py", "bash": ".sh", "javascript": ".js"}


class Wire:
    """Frames on file descriptors 0 and 1: length, type, execution number, payload."""

    def __init__(self):
        self.received = bytearray()

    def send(self, kind, number, payload=b""):
        frame = struct.pack(">IBI", 5 + len(payload), kind, number) + payload
        view = memoryview(frame)
        while view:
            view = view[os.write(1, view):]

    def receive(self):
        data = os.read(0, CHUNK)
        if not data:
            sys.exit(0)
        self.received += data
        while len(self.received) >= 4:
            (length,) = struct.unpack_from(">I", self.received)
            if len(self.received) < 4 + length:
                return
            kind, number = struct.unpack_from(">BI", self.received, 4)
            payload = bytes(self.received[9:4 + length])
            del self.received[:4 + length]
            yield kind, number, payload


class Interpreter:
    """A process that keeps its state between executions."""

    def __init__(self, language, environment):
        self.language = language
        ask_read, self.ask = os.pipe()
        self.answer, answer_write = os.pipe()
        self.out, out_write = os.pipe()
        self.err, err_write = os.pipe()
        null = os.open("/dev/null", os.O_RDONLY)
        self.pid = spawn(CONTEXTS[language], environment,
                         {0: null, 1: out_write, 2: err_write, 3: ask_read, 4: answer_write})
        for descriptor in (null, out_write, err_write, ask_read, answer_write):
            os.close(descriptor)

    def close(self):
        for descriptor in (self.ask, self.answer, self.out, self.err):
            os.close(descriptor)


class Execution:
    """One piece of code being run."""

    def __init__(self, number, request, code, stdin):
        self.number = number
        self.language = request["language"]
        self.limit = request["outputBytes"]
        self.processes = request["processes"]
        self.sent = {STDOUT: 0, STDERR: 0}
        self.cut = {STDOUT: False, STDERR: False}
        self.status = "exited"
        self.exit_code = None
        self.interpreter = None
        self.pid = None
        self.answered = False
        self.listening = False
        self.reaped = False
        self.kill_deadline = None
        self.files = []
        self.streams = {}
        self.code_file = self.write(code, SUFFIX[self.language])
        self.stdin_file = self.write(stdin, ".in")

    def write(self, content, suffix):
        path = "%s/%d%s" % (SCRATCH, self.number, suffix)
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        self.files.append(path)
        try:
            view = memoryview(content)
            while view:
                view = view[os.write(descriptor, view):]
        finally:
            os.close(descriptor)
        return path

    def forget(self):
        for path in self.files:
            try:
                os.unlink(path)
            except OSError:
                pass


def spawn(command, environment, descriptors):
    """Starts a process in a session of its own, with exactly these descriptors."""
    # posix_spawn shares memory until exec: a fork of this process would cost 11 to 22 ms in gVisor.
    moves, spare = [], 100
    for target, source in descriptors.items():
        moves.append((os.POSIX_SPAWN_DUP2, source, spare + target))
    for target in descriptors:
        moves.append((os.POSIX_SPAWN_DUP2, spare + target, target))
        moves.append((os.POSIX_SPAWN_CLOSE, spare + target))
    return os.posix_spawnp(command[0], command, environment, file_actions=moves, setsid=True)


def process_table():
    """Every process but this one: pid -> (parent, session)."""
    table = {}
    for name in os.listdir("/proc"):
        if not name.isdigit() or name == "1":
            continue
        try:
            with open("/proc/%s/stat" % name, "rb") as f:
                fields = f.read().rpartition(b")")[2].split()
        except OSError:
            continue
        if fields[0] not in (b"Z", b"X"):
            table[int(name)] = (int(fields[1]), int(fields[3]))
    return table


def descendants(roots, table):
    """The processes below the roots, by parent and by session."""
    found = set()
    grown = {root for root in roots if root in table}
    while grown:
        found |= grown
        grown = {pid for pid, (parent, session) in table.items()
                 if pid not in found and (parent in found or session in roots)}
    return found


class Supervisor:
    def __init__(self):
        self.wire = Wire()
        self.selector = selectors.DefaultSelector()
        self.selector.register(0, selectors.EVENT_READ, self.on_request)
        self.executions = {}
        self.interpreters = {}
        self.next_watch = 0.0

    def run(self):
        with open("/proc/version") as f:
            kernel = f.read().strip()
        self.wire.send(READY, 0, json.dumps({"kernel": kernel, "banner": banner()}).encode())
        while True:
            events = self.selector.select(TICK_SECONDS if self.executions else None)
            for key, _ in events:
                key.data()
            if self.executions:
                self.reap()
                self.watch()

    def on_request(self):
        for kind, number, payload in self.wire.receive():
            if kind == EXECUTE:
                self.execute(number, payload)
            elif kind == KILL and number in self.executions:
                self.kill(self.executions[number], payload.decode())
            elif kind == PING:
                self.wire.send(PONG, number)

    def execute(self, number, payload):
        (length,) = struct.unpack_from(">I", payload)
        request = json.loads(payload[4:4 + length])
        code_end = 4 + length + request["codeBytes"]
        started = time.monotonic_ns()
        execution = None
        self.reap()
        try:
            execution = Execution(number, request, payload[4 + length:code_end], payload[code_end:])
            execution.started = started
            if request["keepState"]:
                self.start_in_context(execution, request)
            else:
                self.start_process(execution, request)
            self.executions[number] = execution
        except OSError as e:
            if execution:
                execution.forget()
            self.wire.send(ENDED, number, json.dumps({
                "status": "not-started", "reason": os.strerror(e.errno), "exitCode": None,
                "stdoutCut": False, "stderrCut": False, "nanos": 0, "stateLost": False}).encode())

    def start_process(self, execution, request):
        out, out_write = os.pipe()
        err, err_write = os.pipe()
        stdin = os.open(execution.stdin_file, os.O_RDONLY)
        try:
            execution.pid = spawn(PROCESSES[execution.language] + [execution.code_file],
                                  environment(request), {0: stdin, 1: out_write, 2: err_write})
        except OSError:
            os.close(out)
            os.close(err)
            raise
        finally:
            for descriptor in (stdin, out_write, err_write):
                os.close(descriptor)
        self.follow(execution, out, STDOUT)
        self.follow(execution, err, STDERR)

    def start_in_context(self, execution, request):
        interpreter = self.interpreters.get(execution.language)
        if interpreter is None:
            interpreter = Interpreter(execution.language, environment(request))
            self.interpreters[execution.language] = interpreter
        execution.interpreter = interpreter
        execution.pid = interpreter.pid
        self.follow(execution, interpreter.out, STDOUT)
        self.follow(execution, interpreter.err, STDERR)
        self.selector.register(interpreter.answer, selectors.EVENT_READ,
                               lambda: self.on_answer(execution))
        execution.listening = True
        os.write(interpreter.ask, ("%s\t%s\n" % (execution.code_file, execution.stdin_file)).encode())

    def follow(self, execution, descriptor, kind):
        os.set_blocking(descriptor, False)
        execution.streams[descriptor] = kind
        self.selector.register(descriptor, selectors.EVENT_READ,
                               lambda: self.on_output(execution, descriptor))

    def on_output(self, execution, descriptor):
        """Forwards one chunk, up to the cap; what is beyond it is read and dropped."""
        kind = execution.streams[descriptor]
        try:
            data = os.read(descriptor, CHUNK)
        except BlockingIOError:
            return False
        if not data:
            self.unfollow(execution, descriptor)
            self.finish_if_done(execution)
            return False
        room = execution.limit - execution.sent[kind]
        if len(data) > room:
            execution.cut[kind] = True
            data = data[:room]
        if data:
            execution.sent[kind] += len(data)
            self.wire.send(kind, execution.number, data)
        return True

    def unfollow(self, execution, descriptor):
        self.selector.unregister(descriptor)
        del execution.streams[descriptor]
        if execution.interpreter is None:
            os.close(descriptor)

    def on_answer(self, execution):
        interpreter = execution.interpreter
        line = os.read(interpreter.answer, 64)
        self.stop_listening(execution)
        if line:
            execution.answered = True
            try:
                execution.exit_code = int(line.split(b"\n")[0]) & 255
            except ValueError:
                execution.exit_code = None
            self.finish_if_done(execution)
        else:
            # The interpreter is about to end: its exit code comes from waitpid.
            self.reap()

    def stop_listening(self, execution):
        if execution.listening:
            execution.listening = False
            self.selector.unregister(execution.interpreter.answer)

    def reap(self):
        while True:
            try:
                pid, status = os.waitpid(-1, os.WNOHANG)
            except ChildProcessError:
                return
            if pid == 0:
                return
            for execution in list(self.executions.values()):
                if execution.pid == pid:
                    execution.reaped = True
                    execution.exit_code = exit_code(status)
                    self.finish_if_done(execution)
            for language, interpreter in list(self.interpreters.items()):
                if interpreter.pid == pid:
                    self.drop_interpreter(language)

    def drop_interpreter(self, language):
        interpreter = self.interpreters.pop(language)
        if not any(e.interpreter is interpreter for e in self.executions.values()):
            interpreter.close()

    def finish_if_done(self, execution):
        """Ends an execution whose code has ended; whoever still holds its output is not awaited."""
        if execution.number not in self.executions:
            return
        if not (execution.reaped or execution.answered):
            return
        for descriptor in list(execution.streams):
            while descriptor in execution.streams and self.on_output_quietly(execution, descriptor):
                pass
        if execution.number not in self.executions:
            return
        del self.executions[execution.number]
        for descriptor in list(execution.streams):
            self.unfollow(execution, descriptor)
        interpreter = execution.interpreter
        state_lost = False
        if interpreter is not None:
            self.stop_listening(execution)
            state_lost = execution.reaped or interpreter is not self.interpreters.get(execution.language)
            if state_lost:
                interpreter.close()
                if self.interpreters.get(execution.language) is interpreter:
                    del self.interpreters[execution.language]
        execution.forget()
        self.wire.send(ENDED, execution.number, json.dumps({
            "status": execution.status,
            "exitCode": execution.exit_code,
            "stdoutCut": execution.cut[STDOUT],
            "stderrCut": execution.cut[STDERR],
            "nanos": time.monotonic_ns() - execution.started,
            "stateLost": state_lost,
        }).encode())

    def on_output_quietly(self, execution, descriptor):
        kind = execution.streams[descriptor]
        if execution.cut[kind]:
            return False
        return self.on_output(execution, descriptor)

    def watch(self):
        """Counts the processes of each execution, and makes sure that what was killed is gone."""
        now = time.monotonic()
        if now < self.next_watch:
            return
        self.next_watch = now + TICK_SECONDS
        table = process_table()
        for execution in list(self.executions.values()):
            if execution.kill_deadline is not None:
                self.kill_again(execution, table)
            elif len(table) > execution.processes:
                self.kill(execution, "too-many-processes")

    def kill(self, execution, status):
        if execution.kill_deadline is None:
            execution.status = status
            execution.kill_deadline = time.monotonic() + KILL_SECONDS
        self.kill_again(execution, process_table())

    def kill_again(self, execution, table):
        """Kills the execution's processes, and every process that no other execution can claim."""
        others = [e.pid for e in self.executions.values() if e is not execution]
        others += [i.pid for i in self.interpreters.values() if i is not execution.interpreter]
        spared = descendants(set(others), table)
        doomed = set(table) - spared
        # Stopped first: a process that forks faster than it is killed cannot win.
        for number in (signal.SIGSTOP, signal.SIGKILL):
            for pid in doomed:
                try:
                    os.kill(pid, number)
                except OSError:
                    pass
        self.reap()


def environment(request):
    base = {
        "HOME": WORKSPACE,
        "PATH": "/usr/local/bin:/usr/bin:/bin",
        "LANG": "C.UTF-8",
        "PYTHONPATH": WORKSPACE,
        "PYTHONDONTWRITEBYTECODE": "1",
        "TMPDIR": "/tmp",
    }
    base.update(request["env"])
    return base


def exit_code(status):
    """As a shell reports it: 128 and the signal's number where a signal ended the process."""
    return os.WEXITSTATUS(status) if os.WIFEXITED(status) else 128 + os.WTERMSIG(status)


def banner():
    """The kernel's first words; gVisor names itself there."""
    try:
        with open("/dev/kmsg", "rb", 0) as f:
            return f.read(200).decode("utf-8", "replace")
    except OSError:
        buffer = ctypes.create_string_buffer(4096)
        length = ctypes.CDLL(None, use_errno=True).klogctl(3, buffer, 4096)
        return buffer.raw[:max(length, 0)].decode("utf-8", "replace")[:200]


signal.signal(signal.SIGPIPE, signal.SIG_IGN)
os.chdir(WORKSPACE)
Supervisor().run()
