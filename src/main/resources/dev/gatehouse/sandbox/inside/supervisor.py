# The first process inside every sandbox: it runs what the server asks for, forwards what that says, and
# kills it when told to.
#
# It runs as the agent's own user: whatever runs here could stop it or forge what it says. The
# server treats all of it as hostile, bounds it, and replaces the sandbox when it stops making sense.

import ctypes
import json
import os
import select
import signal
import sys
import time
import types

from execution import CONTEXT, GIVEN, ONE_SHOT, PROCESS, SUFFIX, TERMINAL, Execution, Request, refusal
from inputs import SIZE, FifoInput, Input, Terminal
from interpreter import ENDING, RUNNING, Interpreter
from processes import close_all, descendants, exit_code, kill_all_but, process_ids, send_signal, spawn
from texts import TEXTS
from wire import (CHUNK, DISPLAY, ENDED, EXECUTE, INPUT, KILL, PING, PONG, READY, RESIZE, SIGNAL, STDERR, STDOUT,
                  Wire)

WORKSPACE = "/workspace"
TICK_SECONDS = 0.05
IDLE_TICK_SECONDS = 0.2

# So long after an execution by the lent wire the next one is expected.
BUSY_SECONDS = 2.0

# Started before anybody asks: a start takes 10 to 25 ms in gVisor, and several times that where it is the
# sandbox's first of its kind.
AHEAD = ("python", "bash")

# Where there is network, the container's own environment tells the way out.
PROXY = ("http_proxy", "https_proxy", "no_proxy")
# What the sandbox's files are reached with, in the order in which one needs the other; read after the first word
# to the server, which waits for that.
FILES = ("paths.py", "search.py", "watch.py", "files.py")

# Frames of such types and above are about files.
FILE_FRAMES = 32

PROCESSES = {
    "python": ["python3", "-u"],
    "bash": ["bash"],
    "javascript": ["node"],
}
# On a terminal Python writes each line as it comes. Unbuffered it would also write nothing, for which gVisor's terminals
# wait for ever.
ON_TERMINAL = dict(PROCESSES, python=["python3"])


class Supervisor:
    def __init__(self):
        self.wire = Wire()
        self.poller = select.epoll()
        self.handlers = {}
        self.executions = {}
        # Every interpreter by its process, those that keep state and those that nobody used yet by language.
        self.interpreters = {}
        self.contexts = {}
        self.spares = {}
        self.wanted = [*AHEAD, FILES]
        self.files = None
        self.used = False
        self.lent = None
        self.last_seen = None
        self.last_number = None
        self.busy_until = 0.0
        self.process_limit = 0
        self.next_watch = 0.0
        self.hear_of_ends()
        self.listen(0, self.on_wire)

    def listen(self, descriptor, handler, events=select.EPOLLIN):
        if descriptor not in self.handlers:
            self.poller.register(descriptor, events)
        self.handlers[descriptor] = handler

    def hush(self, descriptor):
        if self.handlers.pop(descriptor, None) is not None:
            self.poller.unregister(descriptor)

    def hear_of_ends(self):
        """A byte comes whenever a process ends."""
        ends, told = os.pipe()
        os.set_blocking(ends, False)
        os.set_blocking(told, False)
        signal.signal(signal.SIGCHLD, lambda *ignored: None)
        signal.set_wakeup_fd(told, warn_on_full_buffer=False)

        def on_end():
            os.read(ends, CHUNK)
            self.reap()
        self.listen(ends, on_end)

    def run(self):
        with open("/proc/version") as f:
            kernel = f.read().strip()
        self.wire.send(READY, 0, json.dumps({"kernel": kernel, "banner": banner()}).encode())
        self.wire.flush()
        while True:
            busy = self.wanted or self.files is not None and self.files.turn
            events = self.poller.poll(0 if busy else self.tick())
            if self.wanted and not events:
                self.stand_ready(self.wanted.pop(0))
            for descriptor, _ in events:
                handler = self.handlers.get(descriptor)
                if handler is not None:
                    handler()
            if self.files is not None:
                self.files.step()
            self.look()
            self.watch()
            self.wire.flush()

    def tick(self):
        if self.executions or self.lent is not None and time.monotonic() < self.busy_until:
            return TICK_SECONDS
        # What an execution left behind goes on, and may grow.
        return IDLE_TICK_SECONDS if self.used else None

    def on_wire(self):
        self.wire.read()
        self.take_frames()

    def take_frames(self):
        for kind, number, payload in self.wire.frames():
            if kind == EXECUTE:
                self.execute(number, payload)
            elif kind == KILL and number in self.executions:
                self.kill(self.executions[number], payload.decode())
            elif kind in (INPUT, SIGNAL, RESIZE):
                self.steer(kind, number, payload)
            elif kind == PING:
                self.wire.send(PONG, number)
            elif kind >= FILE_FRAMES:
                self.open_files().frame(kind, number, payload)

    def execute(self, number, payload):
        request = Request(payload)
        execution = Execution(number, request.output_bytes)
        self.process_limit = request.processes
        if request.mode == ONE_SHOT:
            # Nobody will come after it: nothing need stand ready.
            self.wanted.clear()
        try:
            self.used = True
            if request.mode == CONTEXT:
                self.start_in(self.context(request.language), execution, request)
            elif request.input == GIVEN and (request.language in self.spares or request.language == "python"):
                # An interpreter that nobody used yet is as good as a new process; only Python's displays.
                spare = self.spares.pop(request.language, None) or self.interpreter(request.language)
                self.start_in(spare, execution, request)
            else:
                self.start_process(execution, request)
            if request.mode == PROCESS and request.language in AHEAD:
                execution.wants_spare = request.language
        except (OSError, ValueError) as e:
            execution.forget()
            self.wire.send(ENDED, number, refusal(e))

    def start_process(self, execution, request):
        programs = ON_TERMINAL if request.input == TERMINAL else PROCESSES
        command = programs[request.language] + [execution.write(request.code, SUFFIX[request.language])]
        environment = dict(base_environment(), **request.environment())
        if request.input == TERMINAL:
            self.start_on_terminal(execution, command, environment, request.size)
            return
        stdin = execution.write(request.stdin, ".in") if request.stdin else "/dev/null"
        opened = []
        try:
            out, out_write = pipe_of(opened)
            err, err_write = pipe_of(opened)
            if request.input == GIVEN:
                source = os.open(stdin, os.O_RDONLY | os.O_NONBLOCK)
                opened.append(source)
            else:
                source, sink = pipe_of(opened)
            execution.pid = spawn(command, environment, {0: source, 1: out_write, 2: err_write})
        except (OSError, ValueError):
            close_all(opened)
            raise
        close_all((out_write, err_write, source))
        if request.input != GIVEN:
            execution.input = Input(self, execution.number, sink)
        self.executions[execution.number] = execution
        for descriptor, kind in ((out, STDOUT), (err, STDERR)):
            os.set_blocking(descriptor, False)
            self.follow(execution, descriptor, kind)

    def start_on_terminal(self, execution, command, environment, size):
        terminal = execution.input = Terminal(self, execution.number, command, environment, size)
        execution.pid = terminal.pid
        self.executions[execution.number] = execution
        self.follow(execution, terminal.master, STDOUT)

    def steer(self, kind, number, payload):
        """Passes on what is sent to an execution, unless that has ended meanwhile."""
        execution = self.executions.get(number)
        if execution is not None and kind == SIGNAL and execution.interpreter is not None:
            # What has just ended is not ended again, and with it what it keeps.
            self.on_answer(execution.interpreter)
            execution = self.executions.get(number)
        if execution is None:
            return
        if kind == INPUT:
            execution.input.give(payload)
        elif kind == RESIZE:
            execution.input.resize(*SIZE.unpack(payload))
        else:
            execution.send_signal(signal.Signals[payload.decode()])

    def open_files(self):
        if self.files is None:
            for name in FILES:
                module = sys.modules[name[:-3]] = types.ModuleType(name[:-3])
                exec(compile(TEXTS[name], name, "exec"), module.__dict__)
            self.files = module.Files(self.wire, self.listen, self.hush)
        return self.files

    def stand_ready(self, language):
        if language == FILES:
            self.open_files()
        elif language not in self.spares:
            try:
                self.spares[language] = self.interpreter(language)
            except OSError:
                # Whoever asks for one is told why.
                pass

    def context(self, language):
        if language not in self.contexts:
            self.contexts[language] = self.spares.pop(language, None) or self.interpreter(language)
        return self.contexts[language]

    def interpreter(self, language):
        interpreter = Interpreter(language, base_environment())
        self.interpreters[interpreter.pid] = interpreter
        self.listen(interpreter.answer, lambda: self.on_answer(interpreter))
        return interpreter

    def start_in(self, interpreter, execution, request):
        execution.pid = interpreter.pid
        if request.input != GIVEN:
            execution.input = FifoInput(self, execution.number, execution.claim(".in"))
        try:
            interpreter.start(execution, request)
        except (BlockingIOError, BrokenPipeError):
            # It does not listen: what it kept is lost, a new one starts clean.
            self.end_interpreter(interpreter)
            raise
        execution.keeps_state = request.mode == CONTEXT
        self.attend(execution, interpreter)

    def attend(self, execution, interpreter):
        execution.interpreter = interpreter
        interpreter.execution = execution
        self.executions[execution.number] = execution
        self.follow(execution, interpreter.out, STDOUT)
        self.follow(execution, interpreter.err, STDERR)
        if interpreter.language == "python":
            self.follow(execution, interpreter.shown, DISPLAY)

    def follow(self, execution, descriptor, kind):
        execution.streams[descriptor] = kind
        self.listen(descriptor, lambda: self.on_output(execution, descriptor))

    def on_output(self, execution, descriptor):
        """Forwards one chunk, up to the cap; what is beyond it is read and dropped."""
        kind = execution.streams.get(descriptor)
        if kind is None:
            # Nobody waits for what an earlier execution left running here.
            self.hush(descriptor)
            return False
        try:
            data = os.read(descriptor, CHUNK)
        except BlockingIOError:
            return False
        except OSError:
            # So a terminal says that nobody has it open any more.
            data = b""
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
        return len(data) == CHUNK

    def unfollow(self, execution, descriptor):
        del execution.streams[descriptor]
        if execution.interpreter is None:
            self.hush(descriptor)
            os.close(descriptor)

    def on_answer(self, interpreter):
        answers = interpreter.answers(interpreter is self.lent)
        if answers is None:
            # What it comes to, waitpid tells.
            self.hush(interpreter.answer)
            return
        for answer in answers:
            if answer[0] == "wire":
                if interpreter is self.lent:
                    self.take_wire()
                    self.wire.received += answer[1]
                    self.take_frames()
                continue
            _, number, status, nanos = answer
            execution = interpreter.execution
            # The code can write here too: what is no answer to this execution is nothing.
            if execution is not None and execution.number == number and not execution.answered:
                execution.answered = True
                execution.exit_code = status
                execution.nanos = nanos
                self.finish_if_done(execution)

    def reap(self):
        while True:
            try:
                pid, status = os.waitpid(-1, os.WNOHANG)
            except ChildProcessError:
                return
            if pid == 0:
                return
            if self.lent is not None and self.lent.pid == pid:
                self.lender_died()
            for execution in list(self.executions.values()):
                if execution.pid == pid:
                    execution.reaped = True
                    execution.exit_code = exit_code(status)
                    self.finish_if_done(execution)
            if pid in self.interpreters:
                self.drop_interpreter(self.interpreters[pid])

    def lender_died(self):
        interpreter = self.lent
        self.take_wire()
        if interpreter.state() in (RUNNING, ENDING):
            self.attend(interpreter.running(), interpreter)

    def take_wire(self):
        self.lent = None
        self.last_seen = None
        self.listen(0, self.on_wire)

    def look(self):
        """Takes the wire back from an interpreter that has been running the same code for a while."""
        if self.lent is None:
            return
        number = self.lent.number()
        if number != self.last_number:
            self.last_number = number
            self.busy_until = time.monotonic() + BUSY_SECONDS
        seen = number if self.lent.state() == RUNNING else None
        if seen is not None and seen == self.last_seen:
            self.take_over()
        else:
            self.last_seen = seen

    def take_over(self):
        interpreter = self.lent
        if interpreter.watch():
            self.take_wire()
            self.attend(interpreter.running(), interpreter)

    def end_interpreter(self, interpreter):
        send_signal(interpreter.pid, signal.SIGKILL)
        self.drop_interpreter(interpreter)

    def drop_interpreter(self, interpreter):
        self.interpreters.pop(interpreter.pid, None)
        for role in (self.contexts, self.spares):
            if role.get(interpreter.language) is interpreter:
                del role[interpreter.language]
        if interpreter.execution is None and not interpreter.closed:
            for descriptor in (interpreter.answer, interpreter.out, interpreter.err, interpreter.shown):
                self.hush(descriptor)
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
        execution.forget()
        interpreter = execution.interpreter
        state_lost = False
        if interpreter is not None:
            interpreter.execution = None
            state_lost = execution.keeps_state and (execution.reaped or not self.keeps(interpreter))
        self.wire.send(ENDED, execution.number, execution.report(state_lost))
        if interpreter is not None:
            self.after(execution, interpreter)
        if execution.wants_spare is not None and execution.wants_spare not in self.wanted:
            self.wanted.append(execution.wants_spare)

    def keeps(self, interpreter):
        return interpreter is self.contexts.get(interpreter.language)

    def after(self, execution, interpreter):
        """What becomes of an interpreter whose execution has ended."""
        if execution.reaped:
            self.drop_interpreter(interpreter)
        elif not self.keeps(interpreter):
            self.end_interpreter(interpreter)
        elif interpreter.shared is not None and not (self.executions or self.wire.received or self.busy_with_files()):
            self.lend(interpreter)

    def busy_with_files(self):
        return self.files is not None and self.files.works

    def lend(self, interpreter):
        for descriptor in (0, interpreter.out, interpreter.err, interpreter.shown):
            self.hush(descriptor)
        self.wire.flush()
        try:
            interpreter.lend()
        except OSError:
            self.listen(0, self.on_wire)
            self.end_interpreter(interpreter)
        else:
            self.lent = interpreter
            self.busy_until = time.monotonic() + BUSY_SECONDS

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
        if not self.used:
            return
        self.next_watch = now + (TICK_SECONDS if self.executions or self.last_seen is not None else IDLE_TICK_SECONDS)
        self.reap()
        if len(process_ids()) <= self.process_limit:
            return
        if self.lent is not None:
            self.take_over()
        # What grows may be what an earlier execution left, so only the idle interpreters are spared.
        spared = set(self.interpreters)
        for execution in self.executions.values():
            execution.status = "too-many-processes"
            spared.discard(execution.pid)
        kill_all_but(lambda table: spared, self.reap)

    def kill(self, execution, status):
        """Kills the execution's processes, and every process that no other execution can claim."""
        execution.status = status
        others = [e.pid for e in self.executions.values() if e is not execution]
        others += [i.pid for i in self.interpreters.values() if i is not execution.interpreter]
        kill_all_but(lambda table: descendants(set(others), table), self.reap)


def pipe_of(opened):
    """A pipe, whose ends are added to what is open."""
    ends = os.pipe()
    opened += ends
    return ends


def base_environment():
    return {
        **{name: value for name, value in os.environ.items() if name.lower() in PROXY},
        "HOME": WORKSPACE,
        "PATH": "/usr/local/bin:/usr/bin:/bin",
        "LANG": "C.UTF-8",
        "PYTHONPATH": WORKSPACE,
        "PYTHONDONTWRITEBYTECODE": "1",
        "MPLBACKEND": "agg",
        "TMPDIR": "/tmp",
    }


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
