# The resident interpreters, one a language, as the supervisor sees them.
#
# An interpreter is asked on its descriptor 3 and answers on 4 with a line: the execution's number, its
# exit code and the code's own nanoseconds, between tabs; an empty line before it ends any garbage. Its output, and
# what the Python one displays, goes into pipes that are read here.
#
# A wake-up from one process to another costs about 0.1 ms in gVisor, and a system call 17 us, so the
# Python interpreter can be lent the wire itself: it then reads requests and writes frames with nobody
# between. In memory that it shares with the supervisor it tells what it does; when that takes longer
# than a moment, the supervisor takes the wire back and watches as it does with the others. It does not
# stop the interpreter for that: a write that is stopped half way is cut short, and Python loses the rest.

import mmap
import os
import shlex
import struct
import time

from execution import CONTEXT, GIVEN, Execution
from processes import close_all, send_signal, spawn
from texts import TEXTS
from wire import CHUNK, write_all

COMMANDS = {
    "python": ["python3", "-u", "-c", TEXTS["display.py"] + TEXTS["context.py"]],
    "bash": ["bash", "-c", TEXTS["context.sh"]],
    "javascript": ["node", "-e", TEXTS["context.js"]],
}

# A longer message waits in a file: the supervisor must not wait for the room in a pipe.
MAX_MESSAGE_BYTES = 32768
MESSAGE = struct.Struct(">cII")
MAX_LINE_BYTES = 1024

# The shared memory: what the interpreter does, whether the supervisor watches, the execution's number,
# its output limit, and when it started.
SHARED_BYTES = 32
# It ends by the wire (DIRECT), or by an answer because it found itself watched (HANDED).
IDLE, RUNNING, ENDING, DIRECT, HANDED = range(5)
SHARED = struct.Struct("=BBxxIIxxxxQ")
WATCHED = 1
WATCH_TRIES = 500
WATCH_WAIT_SECONDS = 0.0002


class Interpreter:
    """A process that keeps its state between executions, or serves as the process of a single one."""

    def __init__(self, language, environment):
        self.language = language
        self.execution = None
        self.received = b""
        self.shared = None
        self.closed = False
        pipes = []
        try:
            for _ in range(5):
                pipes.append(os.pipe())
            (ask_read, self.ask), (self.answer, answer_write) = pipes[:2]
            (self.out, out_write), (self.err, err_write), (self.shown, shown_write) = pipes[2:]
            null = os.open("/dev/null", os.O_RDONLY)
            pipes.append((null,))
            descriptors = {0: null, 1: out_write, 2: err_write, 3: ask_read, 4: answer_write}
            # Nobody inside can hold the supervisor up by not reading, or by a flood of answers.
            for descriptor in (self.ask, self.answer, self.out, self.err, self.shown):
                os.set_blocking(descriptor, False)
            if language == "python":
                memory = os.memfd_create("shared")
                pipes.append((memory,))
                os.ftruncate(memory, SHARED_BYTES)
                self.shared = mmap.mmap(memory, SHARED_BYTES)
                descriptors.update({5: 0, 6: 1, 7: self.out, 8: self.err, 9: self.shown,
                                    10: shown_write, 11: memory})
            self.pid = spawn(COMMANDS[language], environment, descriptors)
        except OSError:
            close_all(descriptor for pipe in pipes for descriptor in pipe)
            raise
        close_all((null, out_write, err_write, shown_write, ask_read, answer_write))
        if self.shared is not None:
            os.close(memory)

    def send(self, kind, number=0, payload=b""):
        message = MESSAGE.pack(kind, number, len(payload)) + payload
        if os.write(self.ask, message) != len(message):
            raise BlockingIOError("the interpreter does not listen")

    def start(self, execution, request):
        """Asks for an execution; fails with OSError if the interpreter does not listen."""
        if self.language == "bash":
            write_for_bash(execution, request)
            once = b"" if request.mode == CONTEXT else b"once"
            write_all(self.ask, b"%s%d\n" % (once, execution.number))
        elif len(request.payload) > MAX_MESSAGE_BYTES:
            path = execution.write(request.payload, ".request")
            self.send(b"F", execution.number, path.encode())
        else:
            self.send(b"E", execution.number, request.payload)

    def state(self):
        return self.shared[0]

    def number(self):
        return SHARED.unpack_from(self.shared)[2]

    def lend(self):
        self.shared[0] = IDLE
        self.shared[WATCHED] = 0
        self.send(b"L")

    def running(self):
        """The execution that runs by the lent wire, as the interpreter tells it."""
        _, _, number, limit, started = SHARED.unpack_from(self.shared)
        execution = Execution(number, limit)
        execution.started = min(started, time.monotonic_ns())
        execution.interpreter = self
        execution.keeps_state = True
        execution.pid = self.pid
        return execution

    def watch(self):
        """Says that the interpreter is watched from now on: true if what it runs will end by an answer;
        false if it has just ended by the lent wire, or runs nothing."""
        self.tell_watched(1)
        if self.state() == RUNNING:
            return True
        # Each side speaks first, then a system call, then looks: one of them sees the other.
        for _ in range(WATCH_TRIES):
            if self.state() == HANDED:
                return True
            if self.state() != ENDING:
                self.tell_watched(0)
                if self.state() not in (ENDING, HANDED):
                    return False
            time.sleep(WATCH_WAIT_SECONDS)
        return False

    def tell_watched(self, watched):
        self.shared[WATCHED] = watched
        os.getppid()

    def answers(self, lent):
        """What it says on its answer pipe: ('end', number, status, nanos), or if it was lent the wire
        ('wire', bytes); None if it will say no more. The code can write there too: what makes no sense
        is nothing, and a flood is heard a chunk at a time."""
        try:
            data = os.read(self.answer, CHUNK)
        except BlockingIOError:
            return []
        if not data:
            return None
        received, found, at = self.received + data, [], 0
        while (end := received.find(b"\n", at)) >= 0:
            words = received[at:end].split(b"\t")
            if all(word.isdigit() and len(word) < 19 for word in words[1:]):
                if words[0] == b"wire" and len(words) == 2 and lent:
                    length = int(words[1])
                    if len(received) < end + 1 + length:
                        break
                    found.append(("wire", received[end + 1:end + 1 + length]))
                    end += length
                elif words[0].isdigit() and len(words) == 3:
                    found.append(("end", int(words[0][:10]), int(words[1]) & 255, int(words[2])))
            at = end + 1
        else:
            # No line of an interpreter's own is that long.
            at = max(at, len(received) - MAX_LINE_BYTES)
        self.received = received[at:]
        return found

    def close(self):
        self.closed = True
        close_all((self.ask, self.answer, self.out, self.err, self.shown))
        if self.shared is not None:
            self.shared.close()


def write_for_bash(execution, request):
    """What bash reads: the code, or the code with its environment and its input around it."""
    # Bash reads a pipe byte by byte, a system call for each: all but the number goes by files.
    if not request.stdin and not request.env and request.input == GIVEN:
        execution.write(request.code, ".sh")
        return
    code = execution.write(request.code, ".code")
    opened = request.input != GIVEN
    stdin = execution.input.path if opened else execution.write(request.stdin, ".in")
    if request.mode != CONTEXT:
        given = ["export %s=%s" % (name, shlex.quote(value)) for name, value in request.environment().items()]
        execution.write("\n".join(given + ["exec <" + stdin, ". %s\n" % code]).encode(), ".sh")
        return
    enter, leave = ["__floor=1"], ["unset __floor"]
    if opened:
        # Opened for both first, which waits for nobody, whether there will be more or not.
        enter.append("exec {__both}<>%s {__in}<%s {__both}<&-" % (stdin, stdin))
        leave.append("exec {__in}<&-; unset __both __in")
    for name, value in request.environment().items():
        former = "__former_" + name
        enter.append("[[ -v %s ]] && %s=$%s; export %s=%s"
                     % (name, former, name, name, shlex.quote(value)))
        leave.append("if [[ -v %s ]]; then export %s=$%s; unset %s; else unset %s; fi"
                     % (former, name, former, former, name))
    execution.write("\n".join(
        enter + [". %s <%s" % (code, "&$__in" if opened else stdin), "__status=$?"] + leave
        + ["return $__status\n"]).encode(), ".sh")
