# What the server asks for, and how far it has come.

import json
import os
import struct
import time

from inputs import Terminal
from processes import send_signal
from wire import DISPLAY, STDERR, STDOUT, write_all

SCRATCH = "/run/gatehouse"
LANGUAGES = ("python", "javascript", "bash")
SUFFIX = {"python": ".py", "bash": ".sh", "javascript": ".js"}

# Where code runs: in a process of its own before the sandbox ends, in the interpreter that keeps its
# state, or in a process of its own with more to come.
ONE_SHOT, CONTEXT, PROCESS = range(3)

# Where its input comes from: the request, what is sent while it runs, or a terminal.
GIVEN, OPEN, TERMINAL = range(3)

# Language, one of the first three, output bytes, processes, the bytes of code, input and environment, one of the
# second three, and a terminal's rows and columns.
HEADER = struct.Struct(">BBIIIIIBHH")


class Request:
    def __init__(self, payload):
        (language, self.mode, self.output_bytes, self.processes, code, stdin, env, self.input, *self.size) = \
            HEADER.unpack_from(payload)
        self.payload = payload
        self.language = LANGUAGES[language]
        code_end = HEADER.size + code
        stdin_end = code_end + stdin
        self.code = payload[HEADER.size:code_end]
        self.stdin = payload[code_end:stdin_end]
        self.env = payload[stdin_end:stdin_end + env]

    def environment(self):
        return dict(entry.split("=", 1) for entry in self.env.decode().split("\0")[:-1])


class Execution:
    """One piece of code being run."""

    def __init__(self, number, output_bytes):
        self.number = number
        self.limit = output_bytes
        self.started = time.monotonic_ns()
        self.sent = {STDOUT: 0, STDERR: 0, DISPLAY: 0}
        self.cut = {STDOUT: False, STDERR: False, DISPLAY: False}
        self.status = "exited"
        self.exit_code = None
        self.nanos = None
        self.interpreter = None
        self.keeps_state = False
        self.wants_spare = None
        self.pid = None
        self.answered = False
        self.reaped = False
        self.files = []
        self.streams = {}
        self.input = None

    def write(self, content, suffix):
        path = "%s/%d%s" % (SCRATCH, self.number, suffix)
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL
        try:
            descriptor = os.open(path, flags, 0o600)
        except FileExistsError:
            # The agent can write here too: whatever waits under this name, a FIFO for instance, goes.
            os.unlink(path)
            descriptor = os.open(path, flags, 0o600)
        self.files.append(path)
        try:
            write_all(descriptor, content)
        finally:
            os.close(descriptor)
        return path

    def claim(self, suffix):
        """A path for something that is no plain file: nothing is there."""
        path = "%s/%d%s" % (SCRATCH, self.number, suffix)
        try:
            os.unlink(path)
        except FileNotFoundError:
            pass
        self.files.append(path)
        return path

    def forget(self):
        if self.input is not None:
            self.input.release()
        for path in self.files:
            try:
                os.unlink(path)
            except OSError:
                pass

    def send_signal(self, number):
        """To the process and those of its group, or to the foreground of its terminal."""
        if isinstance(self.input, Terminal):
            self.input.signal(number)
        else:
            send_signal(-self.pid, number)

    def report(self, state_lost):
        return json.dumps({
            "status": self.status,
            "exitCode": self.exit_code,
            "stdoutCut": self.cut[STDOUT],
            "stderrCut": self.cut[STDERR],
            "nanos": time.monotonic_ns() - self.started if self.nanos is None else self.nanos,
            "stateLost": state_lost,
        }).encode()


def refusal(error):
    """The report of an execution that could not be started."""
    return json.dumps({
        "status": "not-started", "reason": getattr(error, "strerror", None) or str(error),
        "exitCode": None, "stdoutCut": False, "stderrCut": False, "nanos": 0,
        "stateLost": False}).encode()
