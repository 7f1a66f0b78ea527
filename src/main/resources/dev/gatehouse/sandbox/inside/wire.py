# The wire to the server, on descriptors 0 and 1: frames of a length, a type, an execution's number and
# a payload. SupervisorChannel.java speaks the other end.

import os
import struct
import sys

CHUNK = 65536

EXECUTE, KILL, INPUT, SIGNAL, RESIZE = 1, 2, 3, 4, 5
PING = PONG = 64
READY, STDOUT, STDERR, ENDED, DISPLAY, TAKEN, INPUT_CLOSED = 1, 2, 3, 4, 5, 6, 7


def write_all(descriptor, data):
    view = memoryview(data)
    while view:
        view = view[os.write(descriptor, view):]


class Wire:
    """Frames that are sent wait for flush(), so that what is said at once is one write."""

    def __init__(self):
        self.received = bytearray()
        self.waiting = bytearray()

    def send(self, kind, number, payload=b""):
        self.waiting += struct.pack(">IBI", 5 + len(payload), kind, number)
        self.waiting += payload
        if len(self.waiting) > CHUNK:
            self.flush()

    def flush(self):
        if self.waiting:
            write_all(1, self.waiting)
            self.waiting.clear()

    def read(self):
        data = os.read(0, CHUNK)
        if not data:
            # The server is gone, and with it the sandbox.
            sys.exit(0)
        self.received += data

    def frames(self):
        """The whole frames among what was received: type, number, payload."""
        while len(self.received) >= 4:
            (length,) = struct.unpack_from(">I", self.received)
            if len(self.received) < 4 + length:
                return
            kind, number = struct.unpack_from(">BI", self.received, 4)
            payload = bytes(self.received[9:4 + length])
            del self.received[:4 + length]
            yield kind, number, payload
