# What is sent to programs while they run: to their standard input, or to the terminal that they have.

import fcntl
import os
import select
import signal
import struct
import termios

from processes import close_all, send_signal
from texts import TEXTS
from wire import CHUNK, INPUT_CLOSED, TAKEN

COUNT = struct.Struct(">I")
SIZE = struct.Struct(">HH")

# Characters by which a terminal sends signals, by their place among its control characters.
KEYS = ((termios.VINTR, signal.SIGINT), (termios.VQUIT, signal.SIGQUIT), (termios.VSUSP, signal.SIGTSTP))


class Input:
    """The writing end of one program's input. What the program does not take waits here: the server sends no more
    than a window's worth before it is told that some was taken."""

    def __init__(self, loop, number, descriptor):
        self.loop = loop
        self.number = number
        self.descriptor = descriptor
        self.waiting = bytearray()
        self.last = False
        os.set_blocking(descriptor, False)

    def give(self, data):
        """More input, or with nothing its end."""
        if self.descriptor is None:
            return
        if data:
            self.waiting += data
        else:
            self.last = True
        self.go_on()

    def go_on(self):
        taken = 0
        try:
            while self.waiting:
                written = self.write(self.waiting[:CHUNK])
                del self.waiting[:written]
                taken += written
        except BlockingIOError:
            pass
        except OSError:
            # Nobody will read it.
            self.close()
            self.loop.wire.send(INPUT_CLOSED, self.number)
            return
        if taken:
            self.loop.wire.send(TAKEN, self.number, COUNT.pack(taken))
        if self.waiting:
            self.loop.listen(self.descriptor, self.go_on, select.EPOLLOUT)
        elif self.last:
            self.close()
        else:
            self.loop.hush(self.descriptor)

    def write(self, data):
        return os.write(self.descriptor, data)

    def close(self):
        if self.descriptor is not None:
            self.loop.hush(self.descriptor)
            os.close(self.descriptor)
            self.descriptor = None
            self.waiting.clear()

    def release(self):
        """At the end of the execution."""
        self.close()


class FifoInput(Input):
    """The input of an interpreter that is there already: it opens a FIFO by its name."""

    def __init__(self, loop, number, path):
        self.path = path
        os.mkfifo(path, 0o600)
        # Open for reading here too: what is written before the interpreter opens it stays.
        self.reader = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
        try:
            super().__init__(loop, number, os.open(path, os.O_WRONLY | os.O_NONBLOCK))
        except OSError:
            os.close(self.reader)
            raise

    def release(self):
        super().release()
        os.close(self.reader)


class Terminal(Input):
    """The keyboard of a terminal. Its screen is what the program says."""

    # Whether the kernel sends a terminal's signals itself; gVisor's does not.
    kernel_signals = None

    def __init__(self, loop, number, command, environment, size):
        self.master, slave = os.openpty()
        opened = [self.master, slave]
        try:
            set_size(self.master, *size)
            if Terminal.kernel_signals is None:
                Terminal.kernel_signals = sends_signals()
            told, self.tell = os.pipe()
            opened += (told, self.tell)
            os.set_blocking(self.master, False)
            os.set_blocking(self.tell, False)
            # The first of a session to open it is controlled by it.
            self.pid = os.posix_spawnp(
                "python3", ["python3", "-I", "-S", "-c", TEXTS["terminal.py"], *command],
                dict({"TERM": "xterm-256color"}, **environment), setsid=True,
                file_actions=[(os.POSIX_SPAWN_DUP2, told, 3), (os.POSIX_SPAWN_OPEN, 0, os.ttyname(slave), os.O_RDWR, 0),
                              (os.POSIX_SPAWN_DUP2, 0, 1), (os.POSIX_SPAWN_DUP2, 0, 2)])
            super().__init__(loop, number, os.dup(self.master))
        except OSError:
            close_all(opened)
            raise
        close_all((slave, told))

    def resize(self, rows, columns):
        if self.descriptor is not None:
            set_size(self.descriptor, rows, columns)
            self.signal(signal.SIGWINCH)

    def signal(self, number):
        """To the foreground."""
        try:
            os.write(self.tell, bytes((number,)))
        except OSError:
            pass
        if number == signal.SIGCONT:
            # Whoever passes signals on may have been stopped with the rest.
            send_signal(-self.pid, number)

    def write(self, data):
        if not Terminal.kernel_signals:
            keys = self.keys()
            for at, byte in enumerate(data):
                if byte in keys:
                    if at == 0:
                        self.signal(keys[byte])
                        return 1
                    data = data[:at]
                    break
        return super().write(data)

    def keys(self):
        """The characters that stand for signals now."""
        *_, flags, _, _, characters = termios.tcgetattr(self.descriptor)
        return {characters[place][0]: number for place, number in KEYS} if flags & termios.ISIG else {}

    def release(self):
        super().release()
        os.close(self.tell)


def set_size(terminal, rows, columns):
    fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))


def sends_signals():
    """Whether Ctrl-C goes no further than the terminal."""
    master, slave = os.openpty()
    try:
        os.set_blocking(slave, False)
        os.write(master, b"\x03\n")
        return b"\x03" not in os.read(slave, CHUNK)
    finally:
        close_all((master, slave))
