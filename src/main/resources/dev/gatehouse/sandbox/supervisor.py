# The first process inside every sandbox. The server sends this text over the container's standard
# input and then speaks frames with it; see SupervisorChannel.java for the wire format.
#
# It runs as the agent's own user: whatever runs here could stop it or forge what it says. The
# server treats all of it as hostile, bounds it, and replaces the sandbox when it stops making sense.

import ctypes
import json
import os
import selectors
import shlex
import signal
import struct
import sys
import time

WORKSPACE = "/workspace"
SCRATCH = "/run/gatehouse"
CHUNK = 65536
TICK_SECONDS = 0.05
IDLE_TICK_SECONDS = 0.2
KILL_SECONDS = 10.0

EXECUTE, KILL = 1, 2
READY, STDOUT, STDERR, ENDED = 1, 2, 3, 4

# An interpreter reads one line for each execution from descriptor 3: its number, and the files with
# its code, standard input and environment. It answers on 4 with the number and the exit code. What the
# environment changes is put back afterwards; what the code itself changes stays.

PYTHON_CONTEXT = r"""
import io, os, sys, traceback
def _serve(os=os, sys=sys, io=io, traceback=traceback):
    import types
    main = types.ModuleType("__main__")
    main.__builtins__ = __builtins__
    sys.modules["__main__"] = main
    sys.argv = [""]
    sys.path.insert(0, "")
    environ = os.environ
    with os.fdopen(3, "rb", 0) as asked, os.fdopen(4, "wb", 0) as answered:
        os.set_inheritable(3, False)
        os.set_inheritable(4, False)
        for line in iter(asked.readline, b""):
            number, code, stdin, env = line.decode().rstrip("\n").split("\t")
            status = 0
            source = os.open(stdin, os.O_RDONLY)
            os.dup2(source, 0)
            os.close(source)
            sys.stdin = open(0, encoding="utf-8", errors="surrogateescape", closefd=False)
            with open(env, encoding="utf-8") as f:
                given = dict(entry.split("=", 1) for entry in f.read().split("\0")[:-1])
            former = {name: environ.get(name) for name in given}
            environ.update(given)
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
            for name, value in former.items():
                if value is None:
                    environ.pop(name, None)
                else:
                    environ[name] = value
            for stream in (sys.stdout, sys.stderr):
                try:
                    stream.flush()
                except Exception:
                    pass
            answered.write(b"%s\t%d\n" % (number.encode(), status))
_serve()
"""

BASH_CONTEXT = r"""
while IFS=$'\t' read -r -u 3 __number __code __stdin __env; do
  . "$__env" enter
  . "$__code" <"$__stdin" 3<&- 4>&-
  __status=$?
  . "$__env" leave
  printf '%s\t%d\n' "$__number" "$__status" >&4
done
"""

JAVASCRIPT_CONTEXT = r"""
const fs = require('fs'), vm = require('vm'), net = require('net');
Object.assign(globalThis, {require, module, exports});
// A socket, not a file stream: a read that blocks in the thread pool would hold up process.exit().
const lines = require('readline').createInterface({input: new net.Socket({fd: 3})});
async function run(code, stdin, env) {
  const given = fs.readFileSync(env, 'utf8').split('\0').slice(0, -1)
      .map((entry) => [entry.slice(0, entry.indexOf('=')), entry.slice(entry.indexOf('=') + 1)]);
  const former = given.map(([name]) => [name, process.env[name]]);
  for (const [name, value] of given) process.env[name] = value;
  try {
    fs.closeSync(0);
    fs.openSync(stdin, 'r');  // takes the lowest number that is free: 0
    await vm.runInThisContext(fs.readFileSync(code, 'utf8'), {filename: code});
    return 0;
  } catch (e) {
    console.error(e);
    return 1;
  } finally {
    for (const [name, value] of former) {
      if (value === undefined) delete process.env[name]; else process.env[name] = value;
    }
  }
}
let last = Promise.resolve();
lines.on('line', (line) => {
  const [number, ...files] = line.split('\t');
  last = last.then(() => run(...files)).then((s) => fs.writeSync(4, number + '\t' + s + '\n'));
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

    def __init__(self, language):
        pipes = []
        try:
            for _ in range(4):
                pipes.append(os.pipe())
            (ask_read, self.ask), (self.answer, answer_write) = pipes[:2]
            (self.out, out_write), (self.err, err_write) = pipes[2:]
            null = os.open("/dev/null", os.O_RDONLY)
            pipes.append((null,))
            self.pid = spawn(CONTEXTS[language], base_environment(),
                             {0: null, 1: out_write, 2: err_write, 3: ask_read, 4: answer_write})
        except OSError:
            close_all(descriptor for pipe in pipes for descriptor in pipe)
            raise
        close_all((null, out_write, err_write, ask_read, answer_write))
        # Nobody inside can hold the supervisor up by not reading, or by a flood of answers.
        os.set_blocking(self.ask, False)
        os.set_blocking(self.answer, False)

    def close(self):
        close_all((self.ask, self.answer, self.out, self.err))


class Execution:
    """One piece of code being run."""

    def __init__(self, number, request):
        self.number = number
        self.language = request["language"]
        self.limit = request["outputBytes"]
        self.processes = request["processes"]
        self.started = time.monotonic_ns()
        self.sent = {STDOUT: 0, STDERR: 0}
        self.cut = {STDOUT: False, STDERR: False}
        self.status = "exited"
        self.exit_code = None
        self.interpreter = None
        self.pid = None
        self.answered = False
        self.listening = False
        self.reaped = False
        self.files = []
        self.streams = {}

    def write(self, content, suffix):
        path = "%s/%d%s" % (SCRATCH, self.number, suffix)
        # The agent can write here too: whatever waits under this name, a FIFO for instance, goes.
        try:
            os.unlink(path)
        except FileNotFoundError:
            pass
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
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


def close_all(descriptors):
    for descriptor in descriptors:
        os.close(descriptor)


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


def process_ids():
    """Every process but this one, zombies too."""
    return [int(name) for name in os.listdir("/proc") if name.isdigit() and name != "1"]


def process_table():
    """Every living process but this one: pid -> (parent, session)."""
    table = {}
    for pid in process_ids():
        try:
            with open("/proc/%d/stat" % pid, "rb") as f:
                fields = f.read().rpartition(b")")[2].split()
        except OSError:
            continue
        if fields[0] not in (b"Z", b"X"):
            table[pid] = (int(fields[1]), int(fields[3]))
    return table


def send_signal(pid, number):
    try:
        os.kill(pid, number)
    except OSError:
        pass


def freeze():
    """Stops every process: one that forks faster than it can be found cannot win then."""
    before = -1
    count = len(process_ids())
    while count != before:
        send_signal(-1, signal.SIGSTOP)
        before, count = count, len(process_ids())


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
        self.process_limit = 0
        self.next_watch = 0.0

    def run(self):
        with open("/proc/version") as f:
            kernel = f.read().strip()
        self.wire.send(READY, 0, json.dumps({"kernel": kernel, "banner": banner()}).encode())
        while True:
            for key, _ in self.selector.select(self.tick()):
                key.data()
            if self.executions or self.interpreters:
                self.reap()
                self.watch()

    def tick(self):
        if self.executions:
            return TICK_SECONDS
        # What an execution left behind goes on, and may grow.
        return IDLE_TICK_SECONDS if self.interpreters else None

    def on_request(self):
        for kind, number, payload in self.wire.receive():
            if kind == EXECUTE:
                self.execute(number, payload)
            elif kind == KILL and number in self.executions:
                self.kill(self.executions[number], payload.decode())

    def execute(self, number, payload):
        (length,) = struct.unpack_from(">I", payload)
        request = json.loads(payload[4:4 + length])
        code_end = 4 + length + request["codeBytes"]
        execution = Execution(number, request)
        self.process_limit = execution.processes
        self.reap()
        try:
            code = execution.write(payload[4 + length:code_end], SUFFIX[execution.language])
            stdin = execution.write(payload[code_end:], ".in")
            if request["keepState"]:
                env = execution.write(environment_file(execution.language, request["env"]), ".env")
                self.start_in_context(execution, (code, stdin, env))
            else:
                self.start_process(execution, code, stdin, request["env"])
        except (OSError, ValueError) as e:
            execution.forget()
            self.wire.send(ENDED, number, json.dumps({
                "status": "not-started", "reason": getattr(e, "strerror", None) or str(e),
                "exitCode": None, "stdoutCut": False, "stderrCut": False, "nanos": 0,
                "stateLost": False}).encode())

    def start_process(self, execution, code, stdin, env):
        opened = []
        try:
            out, out_write = os.pipe()
            opened += (out, out_write)
            err, err_write = os.pipe()
            opened += (err, err_write)
            source = os.open(stdin, os.O_RDONLY | os.O_NONBLOCK)
            opened.append(source)
            execution.pid = spawn(PROCESSES[execution.language] + [code],
                                  dict(base_environment(), **env),
                                  {0: source, 1: out_write, 2: err_write})
        except (OSError, ValueError):
            close_all(opened)
            raise
        close_all((out_write, err_write, source))
        self.executions[execution.number] = execution
        self.follow(execution, out, STDOUT)
        self.follow(execution, err, STDERR)

    def start_in_context(self, execution, files):
        interpreter = self.interpreters.get(execution.language)
        if interpreter is None:
            interpreter = Interpreter(execution.language)
            self.interpreters[execution.language] = interpreter
        line = "%d\t%s\t%s\t%s\n" % (execution.number, *files)
        try:
            os.write(interpreter.ask, line.encode())
        except OSError:
            # It has closed its ear, or does not listen: what it kept is lost, a new one starts clean.
            send_signal(interpreter.pid, signal.SIGKILL)
            self.drop_interpreter(execution.language)
            raise
        execution.interpreter = interpreter
        execution.pid = interpreter.pid
        self.executions[execution.number] = execution
        self.follow(execution, interpreter.out, STDOUT)
        self.follow(execution, interpreter.err, STDERR)
        self.selector.register(interpreter.answer, selectors.EVENT_READ,
                               lambda: self.on_answer(execution))
        execution.listening = True

    def follow(self, execution, descriptor, kind):
        os.set_blocking(descriptor, False)
        execution.streams[descriptor] = kind
        self.selector.register(descriptor, selectors.EVENT_READ,
                               lambda: self.on_output(execution, descriptor))

    def on_output(self, execution, descriptor):
        """Forwards one chunk, up to the cap; what is beyond it is read and dropped."""
        kind = execution.streams.get(descriptor)
        if kind is None:
            # Told before the execution ended, read after.
            return False
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
        if not execution.listening:
            return
        try:
            data = os.read(execution.interpreter.answer, CHUNK)
        except BlockingIOError:
            return
        if not data:
            # The interpreter is about to end: its exit code comes from waitpid.
            self.stop_listening(execution)
            self.reap()
            return
        # The code itself can write here: what is no answer to this execution is nothing.
        for line in data.split(b"\n"):
            number, _, status = line.partition(b"\t")
            if number == b"%d" % execution.number and status.isdigit():
                execution.answered = True
                execution.exit_code = int(status[:9]) & 255
                self.stop_listening(execution)
                self.finish_if_done(execution)
                return

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
        """Counts processes: whatever runs when there are too many pays for them."""
        now = time.monotonic()
        if now < self.next_watch:
            return
        self.next_watch = now + TICK_SECONDS
        if len(process_ids()) <= self.process_limit:
            return
        # What grows may be what an earlier execution left, so only the idle interpreters are spared.
        spared = {i.pid for i in self.interpreters.values()}
        for execution in self.executions.values():
            execution.status = "too-many-processes"
            spared.discard(execution.pid)
        self.kill_all_but(spared)

    def kill(self, execution, status):
        """Kills the execution's processes, and every process that no other execution can claim."""
        execution.status = status
        freeze()
        others = [e.pid for e in self.executions.values() if e is not execution]
        others += [i.pid for i in self.interpreters.values() if i is not execution.interpreter]
        self.kill_all_but(descendants(set(others), process_table()))

    def kill_all_but(self, spared):
        deadline = time.monotonic() + KILL_SECONDS
        # Again and again: an end can wake others up, as the kernel does with orphaned groups.
        freeze()
        while doomed := process_table().keys() - spared:
            for pid in doomed:
                send_signal(pid, signal.SIGKILL)
            self.reap()
            if time.monotonic() > deadline:
                # What cannot be killed from inside ends with the sandbox.
                sys.exit("processes that do not die: %s" % sorted(doomed)[:10])
            freeze()
        for pid in spared:
            send_signal(pid, signal.SIGCONT)
        self.reap()


def base_environment():
    return {
        "HOME": WORKSPACE,
        "PATH": "/usr/local/bin:/usr/bin:/bin",
        "LANG": "C.UTF-8",
        "PYTHONPATH": WORKSPACE,
        "PYTHONDONTWRITEBYTECODE": "1",
        "TMPDIR": "/tmp",
    }


def environment_file(language, env):
    """What an interpreter reads to set the environment of one execution, and to put it back."""
    if language != "bash":
        return "".join("%s=%s\0" % entry for entry in env.items()).encode()
    enter, leave = [], []
    for name, value in env.items():
        former = "__former_" + name
        enter.append("[[ -v %s ]] && %s=$%s; export %s=%s"
                     % (name, former, name, name, shlex.quote(value)))
        leave.append("if [[ -v %s ]]; then export %s=$%s; unset %s; else unset %s; fi"
                     % (former, name, former, former, name))
    return ("case $1 in\nenter) :\n%s\n;;\nleave) :\n%s\n;;\nesac\n"
            % ("\n".join(enter), "\n".join(leave))).encode()


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
